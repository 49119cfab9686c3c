//! Cells as a table. The first line names the columns; their order is free, lists are parted by `;`.

use exeunt_model::owners::{Domain, Escalation, Login, Owner, OwnerCell, Person, Team};
use exeunt_model::{Duration, Timestamp};

use super::Fault;

/// The columns there are. The first three are needed.
const COLUMNS: [&str; 20] = [
    "domain",
    "system",
    "owner",
    "kind",
    "email",
    "identity",
    "login",
    "lead",
    "members",
    "resource",
    "integration",
    "nhi",
    "deputies",
    "contact",
    "deadline",
    "escalation",
    "escalation_contact",
    "escalate_after",
    "from",
    "until",
];
const NEEDED: usize = 3;

/// One row, by the names of its columns.
struct Row<'r> {
    header: &'r [String],
    record: &'r csv::StringRecord,
    line: u64,
}

impl<'r> Row<'r> {
    fn get(&self, column: &str) -> Option<&'r str> {
        let place = self.header.iter().position(|name| name == column)?;
        self.record.get(place).map(str::trim).filter(|text| !text.is_empty())
    }

    fn fault(&self, column: &str, what: impl std::fmt::Display) -> Fault {
        let place = self.header.iter().position(|name| name == column).map_or(0, |place| place + 1);
        let column_at = u64::try_from(place).unwrap_or_default();
        Fault { line: self.line, column: column_at, what: format!("column `{column}`: {what}") }
    }

    fn needed(&self, column: &str) -> Result<&'r str, Fault> {
        self.get(column).ok_or_else(|| self.fault(column, "it is empty; fill it in"))
    }

    fn parsed<T: std::str::FromStr>(&self, column: &str, form: &str) -> Result<Option<T>, Fault> {
        let Some(text) = self.get(column) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| self.fault(column, format!("`{text}` is not {form}")))
    }

    fn list(&self, column: &str) -> impl Iterator<Item = &'r str> {
        self.get(column)
            .into_iter()
            .flat_map(|text| text.split(';'))
            .map(str::trim)
            .filter(|one| !one.is_empty())
    }

    fn owned(&self, column: &str) -> Option<String> {
        self.get(column).map(str::to_owned)
    }

    /// A time, or a date: the beginning of that day, UTC.
    fn time(&self, column: &str) -> Result<Option<Timestamp>, Fault> {
        let Some(text) = self.get(column) else { return Ok(None) };
        let midnight = || {
            let date = text.parse::<jiff::civil::Date>().ok()?;
            Some(date.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        };
        let time = text.parse().ok().or_else(midnight);
        let form = "a date (2026-11-20) or an RFC 3339 time (2026-11-20T17:00:00Z)";
        time.map(Some).ok_or_else(|| self.fault(column, format!("`{text}` is not {form}")))
    }
}

/// Reads a table.
pub(super) fn read(text: &str) -> Result<Vec<(u64, OwnerCell)>, Fault> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut records = reader.records();
    let first = records.next().transpose().map_err(|e| broken(&e))?;
    let first = first.ok_or_else(|| {
        Fault::new(
            1,
            format!(
                "the file is empty; its first line names the columns, such as {}",
                COLUMNS[..NEEDED].join(",")
            ),
        )
    })?;
    let header: Vec<String> = first.iter().map(|name| name.trim().to_lowercase()).collect();
    check(&header)?;
    let mut cells = Vec::new();
    for record in records {
        let record = record.map_err(|e| broken(&e))?;
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        cells.push((line, cell(&Row { header: &header, record: &record, line })?));
    }
    Ok(cells)
}

fn check(header: &[String]) -> Result<(), Fault> {
    for (column, name) in (1..).zip(header) {
        let what = if !COLUMNS.contains(&name.as_str()) {
            format!("there is no column `{name}`; there are {}", COLUMNS.join(", "))
        } else if header.iter().filter(|other| *other == name).count() > 1 {
            format!("the column `{name}` stands there twice; take one out")
        } else {
            continue;
        };
        return Err(Fault { line: 1, column, what });
    }
    match COLUMNS[..NEEDED].iter().find(|needed| !header.iter().any(|name| name == *needed)) {
        Some(missing) => {
            Err(Fault::new(1, format!("there is no column `{missing}`, which every cell needs")))
        }
        None => Ok(()),
    }
}

fn broken(error: &csv::Error) -> Fault {
    let line = error.position().map_or(0, csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!(
                "the line has {len} fields, the first line has {expected_len}; put a field with a comma in quotes"
            )
        }
        _ => "it is not text in UTF-8; save the table as CSV in UTF-8".to_owned(),
    };
    Fault::new(line, what)
}

fn cell(row: &Row<'_>) -> Result<OwnerCell, Fault> {
    let domain: Domain = row.needed("domain")?.parse().map_err(|what| row.fault("domain", what))?;
    let escalation = row.get("escalation").map(Owner::from);
    let after: Option<Duration> = row.parsed("escalate_after", "a time such as 4h")?;
    let contact = row.owned("escalation_contact");
    if escalation.is_none() && (after.is_some() || contact.is_some()) {
        return Err(
            row.fault("escalation", "it is empty, though a time or contact for it is given; say to whom")
        );
    }
    Ok(OwnerCell {
        domain,
        system: row.needed("system")?.to_owned(),
        resource: row.owned("resource"),
        integration: row.owned("integration"),
        nhi: row.owned("nhi"),
        owner: owner(row)?,
        deputies: row.list("deputies").map(Owner::from).collect(),
        contact: row.owned("contact"),
        deadline: row.parsed("deadline", "a time such as 4h")?,
        escalation: escalation.map(|to| Escalation { to, contact, after: after.unwrap_or_default() }),
        from: row.time("from")?,
        until: row.time("until")?,
    })
}

fn owner(row: &Row<'_>) -> Result<Owner, Fault> {
    let name = row.needed("owner")?;
    let login = row.get("login").map(|text| {
        let parts = text.split_once(':').filter(|(_, login)| !login.is_empty());
        let (system, login) = parts
            .ok_or_else(|| row.fault("login", "write the system and the login, as in github:octocat"))?;
        let system = system.parse().map_err(|e| row.fault("login", e))?;
        Ok(Login { system, login: login.to_owned() })
    });
    let (email, identity, login) = (
        row.owned("email"),
        row.parsed("identity", "an identity such as okta/identity/00u7")?,
        login.transpose()?,
    );
    let found = email.is_some() || identity.is_some() || login.is_some();
    let (lead, members) =
        (row.get("lead").map(Person::from), row.list("members").map(Person::from).collect::<Vec<_>>());
    let led = lead.is_some() || !members.is_empty();
    let person = || {
        Owner::Person(Person {
            name: Some(name.to_owned()),
            email: email.clone(),
            identity: identity.clone(),
            login: login.clone(),
        })
    };
    match row.get("kind") {
        Some("team") | None if led && !found => Ok(Owner::Team(Team { name: name.to_owned(), lead, members })),
        Some("person") | None if found && !led => Ok(person()),
        Some("team") if !found => Ok(Owner::Team(Team { name: name.to_owned(), ..Team::default() })),
        Some("person") if !led => match Owner::from(name) {
            known @ Owner::Person(_) => Ok(known),
            Owner::Team(_) => Ok(person()),
        },
        Some("team" | "person") | None if found || led => Err(row.fault(
            "kind",
            "an owner is a team or a person: `lead` and `members` are of a team, `email`, `identity` and `login` of a person",
        )),
        None => Ok(Owner::from(name)),
        Some(other) => Err(row.fault("kind", format!("`{other}` is neither `team` nor `person`"))),
    }
}
