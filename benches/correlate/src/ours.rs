//! The engine's rules over the estate's tables, counted against what the generator knows.

use std::path::Path;

use exeunt_bench_figures::{clock, cpu, memory};
use exeunt_engine::matcher::{AccountRow, How, Matcher, PersonRow, Whose};
use serde_json::{Value, json};

use crate::tables::{Row, Table};

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
    let people = Table::read(&dir.join("people.csv"), &["employee_no", "email", "given", "family"])?;
    let accounts = ["kind", "employee_no", "email", "login", "display_name"];
    let accounts = Table::read(&dir.join("accounts.csv"), &accounts)?;
    let owners = truth(dir, accounts.rows().len())?;
    let (begun, before) = (clock(), cpu().unwrap_or_default());
    let person_rows = people.rows().map(person_row).collect::<Result<Vec<_>, _>>()?;
    let mut matcher = Matcher::new(&person_rows, &["corp.example".to_owned()]);
    let (mut exact, mut probable) = (Count::default(), Count::default());
    let (mut disputed, mut nobody) = (0_u64, 0_u64);
    for (row, owner) in accounts.rows().zip(&owners) {
        match matcher.whose(&account_row(row)?) {
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

fn person_row(row: Row<'_>) -> Result<PersonRow<'_>, String> {
    Ok(PersonRow { key: row.text(0)?, address: row.text(1)?, given: row.text(2)?, family: row.text(3)? })
}

fn account_row(row: Row<'_>) -> Result<AccountRow<'_>, String> {
    let human = row.text(0)? == "human";
    let (key, address, login, name) = (row.text(1)?, row.text(2)?, row.text(3)?, row.text(4)?);
    Ok(AccountRow { human, key, address, login, name })
}

/// Whose each account is, as the generator made it; nothing for service and shared accounts.
fn truth(dir: &Path, accounts: usize) -> Result<Vec<Option<u32>>, String> {
    let owners = Table::read(&dir.join("owners.csv"), &["person_id", "account_id", "relation"])?;
    let mut truth = vec![None; accounts];
    for row in owners.rows() {
        if row.text(2)? == "own"
            && let Some(place) = truth.get_mut(row.number(1)? as usize)
        {
            *place = Some(row.number(0)?);
        }
    }
    Ok(truth)
}
