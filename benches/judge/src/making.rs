//! The history of an estate in parts, whose records are made when they are asked for.

use std::collections::BTreeMap;

use exeunt_engine::slice::Parts;
use exeunt_model::receipt::PositiveControl;
use exeunt_model::{Digest, Outcome, Read, ReadReceipt, Record, Snapshot, SystemId, Timestamp};

use crate::company::Company;
use crate::rows::{Shown, Table};
use crate::settings::{BEFORE, NOW};

const READS: [(&str, &[Table]); 5] = [
    ("people", &[Table::People]),
    ("accounts", &[Table::Accounts]),
    ("access", &[Table::Groups, Table::Resources, Table::Nested, Table::Members, Table::Grants]),
    ("credentials", &[Table::Credentials]),
    ("owners", &[Table::Owners, Table::ActsAs]),
];

/// Rows of a part at the most, so that workers end together.
const ROWS: usize = 200_000;

struct Part {
    table: Table,
    now: bool,
    rows: Vec<u32>,
}

/// The history.
pub struct Making<'c> {
    company: &'c Company,
    snapshots: Vec<Snapshot>,
    parts: Vec<Part>,
    shown_by: Vec<Vec<(usize, usize)>>,
}

impl<'c> Making<'c> {
    /// Lays out the parts.
    pub fn new(company: &'c Company) -> Result<Self, String> {
        let mut snapshots = Vec::new();
        for system in &company.systems {
            for at in [BEFORE, NOW] {
                snapshots.push(snapshot(system, at.parse().map_err(|e| format!("{at}: {e}"))?));
            }
        }
        let mut making = Self { company, snapshots, parts: Vec::new(), shown_by: Vec::new() };
        for (read, tables) in READS.iter().map(|(_, tables)| *tables).enumerate() {
            for table in tables {
                making.lay_out(read, *table);
            }
        }
        Ok(making)
    }

    fn lay_out(&mut self, read: usize, table: Table) {
        let mut open: BTreeMap<(u8, Shown), Vec<u32>> = BTreeMap::new();
        for row in 0..self.company.rows(table) {
            // Of four entitlements on one resource, one shows it.
            let (system, moments) = self.company.shown(table, row);
            for shown in moments {
                let rows = open.entry((system, *shown)).or_default();
                rows.push(u32::try_from(row).unwrap_or(u32::MAX));
                if rows.len() >= ROWS {
                    let rows = std::mem::take(rows);
                    self.add(read, table, system, *shown, rows);
                }
            }
        }
        for ((system, shown), rows) in open {
            self.add(read, table, system, shown, rows);
        }
    }

    fn add(&mut self, read: usize, table: Table, system: u8, shown: Shown, rows: Vec<u32>) {
        let first = usize::from(system) * 2;
        self.shown_by.push(match shown {
            Shown::Both => vec![(first, read), (first + 1, read)],
            Shown::Before => vec![(first, read)],
            Shown::Now => vec![(first + 1, read)],
        });
        self.parts.push(Part { table, now: shown == Shown::Now, rows });
    }

    /// How many records there are, each counted once for each snapshot that shows it.
    pub fn records(&self) -> usize {
        self.parts.iter().zip(&self.shown_by).map(|(part, places)| part.rows.len() * places.len()).sum()
    }

    /// The whole history in memory.
    pub fn whole(&self) -> Result<Vec<Snapshot>, String> {
        let mut history = self.snapshots.clone();
        for (part, places) in self.shown_by.iter().enumerate() {
            for (snapshot, read) in places {
                let read = history.get_mut(*snapshot).and_then(|snapshot| snapshot.reads.get_mut(*read));
                if let Some(read) = read {
                    self.each(part, &mut |record| read.records.push(record.clone()))?;
                }
            }
        }
        Ok(history)
    }
}

impl Parts for Making<'_> {
    type Error = String;

    fn snapshots(&self) -> &[Snapshot] {
        &self.snapshots
    }

    fn shown_by(&self) -> &[Vec<(usize, usize)>] {
        &self.shown_by
    }

    fn each(&self, part: usize, take: &mut dyn FnMut(&Record)) -> Result<(), String> {
        let Some(part) = self.parts.get(part) else { return Ok(()) };
        for row in &part.rows {
            take(&self.company.record(part.table, *row as usize, part.now)?);
        }
        Ok(())
    }
}

fn snapshot(system: &SystemId, at: Timestamp) -> Snapshot {
    let read = |(name, _): &(&str, &[Table])| Read {
        receipt: ReadReceipt {
            system: system.clone(),
            read: (*name).to_owned(),
            scope: String::new(),
            endpoint: format!("GET /{name}"),
            permission: "read".to_owned(),
            reader: None,
            pages: 1,
            rows: 1,
            statuses: vec![200],
            terminal: None,
            started: at,
            ended: at,
            server_date: None,
            exchanges: vec![Digest::of(name.as_bytes())],
            control: PositiveControl::Seen("a row".to_owned()),
            outcome: Outcome::Complete,
        },
        records: Vec::new(),
        kept: Vec::new(),
    };
    Snapshot {
        version: Snapshot::VERSION,
        system: system.clone(),
        connector: "estate".to_owned(),
        manifest: Digest::of(b"estate"),
        started: at,
        ended: at,
        reads: READS.iter().map(read).collect(),
    }
}
