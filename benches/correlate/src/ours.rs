//! The engine's rules over the estate's tables, counted against what the generator knows.

use std::path::Path;

use exeunt_bench_figures::{clock, cpu, memory};
use exeunt_engine::matcher::{AccountRow, How, Matcher, PersonRow, Whose};
use serde_json::{Value, json};

use crate::tables::Table;

/// From this score on an account is linked in this count.
const LINKED: u8 = 90;

#[derive(Default)]
struct Count {
    right: u64,
    wrong: u64,
}

impl Count {
    fn precision(&self) -> f64 {
        self.right as f64 / (self.right + self.wrong).max(1) as f64
    }
}

/// Correlates and counts.
pub fn read(dir: &Path) -> Result<Value, String> {
    let (people, accounts) = (Table::read(&dir.join("people.csv"))?, Table::read(&dir.join("accounts.csv"))?);
    let owners = truth(dir, accounts.rows().count())?;
    let (begun, before) = (clock(), cpu().unwrap_or_default());
    let person_rows = person_rows(&people)?;
    let matcher = Matcher::new(&person_rows, &["corp.example".to_owned()]);
    let (mut exact, mut probable) = (Count::default(), Count::default());
    let (mut disputed, mut nobody) = (0_u64, 0_u64);
    let rows = account_rows(&accounts)?;
    for (row, owner) in rows.zip(&owners) {
        match matcher.whose(&row?) {
            Whose::Person { person, how } if how.score() >= LINKED => {
                let count = if how >= How::NameAndNumber { &mut probable } else { &mut exact };
                if owner == &Some(person) { count.right += 1 } else { count.wrong += 1 }
            }
            Whose::Person { .. } | Whose::Disputed { .. } => disputed += 1,
            Whose::Nobody => nobody += 1,
        }
    }
    let (seconds, spent) = (begun.elapsed().as_secs_f64(), cpu().unwrap_or_default() - before);
    let humans = owners.iter().flatten().count() as f64;
    let all = Count { right: exact.right + probable.right, wrong: exact.wrong + probable.wrong };
    let figure = |value: f64| format!("{value:.4}");
    Ok(json!({
        "engine": "exeunt", "accounts": owners.len(), "seconds": (seconds * 100.0).round() / 100.0,
        "cpu seconds": (spent * 100.0).round() / 100.0, "peak MiB": memory::peak(),
        "precision": figure(all.precision()), "recall": figure(all.right as f64 / humans),
        "exact tier": format!("{} right, {} wrong, recall {}", exact.right, exact.wrong, figure(exact.right as f64 / humans)),
        "to confirm": format!("{disputed} shown with candidates, {nobody} nobody's"), "to ours": "1",
    }))
}

fn person_rows(people: &Table) -> Result<Vec<PersonRow<'_>>, String> {
    let (key, address) = (people.column("employee_no")?, people.column("email")?);
    let (given, family) = (people.column("given")?, people.column("family")?);
    people
        .rows()
        .map(|row| {
            Ok(PersonRow {
                key: row.text(key)?,
                address: row.text(address)?,
                given: row.text(given)?,
                family: row.text(family)?,
            })
        })
        .collect()
}

fn account_rows(accounts: &Table) -> Result<impl Iterator<Item = Result<AccountRow<'_>, String>>, String> {
    let (key, address) = (accounts.column("employee_no")?, accounts.column("email")?);
    let (login, name, kind) =
        (accounts.column("login")?, accounts.column("display_name")?, accounts.column("kind")?);
    Ok(accounts.rows().map(move |row| {
        Ok(AccountRow {
            human: row.text(kind)? == "human",
            key: row.text(key)?,
            address: row.text(address)?,
            login: row.text(login)?,
            name: row.text(name)?,
        })
    }))
}

/// Whose each account is, as the generator made it; nothing for service and shared accounts.
fn truth(dir: &Path, accounts: usize) -> Result<Vec<Option<u32>>, String> {
    let owners = Table::read(&dir.join("owners.csv"))?;
    let (person, account) = (owners.column("person_id")?, owners.column("account_id")?);
    let relation = owners.column("relation")?;
    let mut truth = vec![None; accounts];
    for row in owners.rows() {
        if row.text(relation)? == "own"
            && let Some(place) = truth.get_mut(row.number(account)? as usize)
        {
            *place = Some(row.number(person)?);
        }
    }
    Ok(truth)
}
