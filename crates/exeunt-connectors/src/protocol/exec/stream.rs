//! From what a program printed to the page of one read: what is wrong with any line makes what it
//! concerns partial, and never shorter.

use std::collections::BTreeMap;

use exeunt_model::manifest::ExecRequest;
use exeunt_model::program::{ProgramLine, VERSION};
use exeunt_model::{Outcome, PartialReason, Timestamp};
use serde_json::{Value, json};

use super::run::{Failed, Ran};
use crate::protocol::Fault;

/// Longest line taken, in bytes: one record is a few kilobytes.
const LONGEST: usize = 1 << 20;

/// What the stream says of one read of one scope.
#[derive(Default)]
struct Told {
    rows: Vec<Value>,
    receipt: Option<(Outcome, u64, Option<Timestamp>)>,
    /// What is wrong with this read alone.
    wrong: Option<Failed>,
}

#[derive(Default)]
struct Stream {
    system: Option<String>,
    reads: BTreeMap<(String, String), Told>,
    records: u64,
    ended: bool,
    /// What is wrong with all of it; the first such thing.
    wrong: Option<Failed>,
}

fn changed(detail: impl Into<String>) -> Failed {
    Failed { reason: PartialReason::SchemaChanged, detail: detail.into() }
}

/// The page of one read.
pub(super) fn page(kept: &[u8], ask: &ExecRequest) -> Result<Value, Fault> {
    let broken =
        |detail: String| Fault { reason: PartialReason::SchemaChanged, detail, statuses: Vec::new() };
    let (first, printed) = split(kept);
    let ran: Ran = serde_json::from_slice(first).map_err(|error| {
        broken(format!("kept output begins with no line about its run: {error}. Collect this system anew"))
    })?;
    let mut stream = Stream::default();
    stream.read(printed);
    let key = (ask.read.clone(), ask.scope.clone());
    let told = stream.reads.remove(&key);
    // What happened to the run explains what is missing in its output.
    let wrong = ran.failed.or(stream.wrong);
    if let Some(other) = other_system(stream.system.as_deref(), ask) {
        return Err(Fault { reason: other.reason, detail: other.detail, statuses: Vec::new() });
    }
    let (rows, wrong, as_of) = match told {
        None => {
            let detail = format!("the program gave no receipt for the read `{}`{}", ask.read, of(&ask.scope));
            (Vec::new(), wrong.or(Some(Failed { reason: PartialReason::NotFound, detail })), None)
        }
        Some(told) => {
            let as_of = told.receipt.as_ref().and_then(|(_, _, as_of)| *as_of);
            let rows = told.rows.len();
            let wrong = wrong.or(told.wrong).or_else(|| receipt(told.receipt.as_ref(), rows as u64, ask));
            (told.rows, wrong, as_of)
        }
    };
    let (from, to) = as_of.map_or((ran.from, ran.to), |at| (at, at));
    Ok(json!({ "taken": { "from": from, "to": to }, "partial": wrong, "rows": rows }))
}

fn of(scope: &str) -> String {
    if scope.is_empty() { String::new() } else { format!(" of the scope `{scope}`") }
}

/// A stream of another system proves nothing of this one, and its records are not of it.
fn other_system(named: Option<&str>, ask: &ExecRequest) -> Option<Failed> {
    let named = named.filter(|named| *named != ask.system)?;
    Some(changed(format!(
        "the program read `{}`, and this system is `{}`; correct the program or the setting",
        printable(named),
        ask.system
    )))
}

fn receipt(
    receipt: Option<&(Outcome, u64, Option<Timestamp>)>,
    rows: u64,
    ask: &ExecRequest,
) -> Option<Failed> {
    match receipt {
        None => {
            let detail =
                format!("the records of the read `{}`{} end without receipt", ask.read, of(&ask.scope));
            Some(Failed { reason: PartialReason::Truncated, detail })
        }
        Some((Outcome::Partial { reason, detail }, ..)) => {
            let detail = format!("the program says that this is not all: {}", printable(detail));
            Some(Failed { reason: *reason, detail })
        }
        Some((Outcome::Complete, said, _)) if *said != rows => {
            let detail = format!("{rows} records came where the receipt counts {said}");
            Some(Failed { reason: PartialReason::ShortCount, detail })
        }
        Some((Outcome::Complete, ..)) => None,
    }
}

/// What a program wrote, in a receipt that somebody reads in a terminal.
fn printable(text: &str) -> String {
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(300).collect()
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == b'\n');
    end.map_or((bytes, &[]), |end| (&bytes[..end], &bytes[end + 1..]))
}

impl Stream {
    fn read(&mut self, mut rest: &[u8]) {
        let mut number = 0;
        while !rest.is_empty() {
            number += 1;
            let whole = rest.contains(&b'\n');
            let (line, after) = split(rest);
            rest = after;
            if !whole {
                return self.broken(PartialReason::Truncated, format!("line {number} is cut off"));
            }
            if line.len() > LONGEST {
                let detail = format!("line {number} is longer than {LONGEST} bytes");
                return self.broken(PartialReason::Oversized, detail);
            }
            match serde_json::from_slice::<ProgramLine>(line) {
                Ok(line) => {
                    if let Err(why) = self.take(line) {
                        return self.broken(PartialReason::SchemaChanged, format!("line {number}: {why}"));
                    }
                }
                Err(error) => {
                    let why = format!("line {number} is not of the form (`exeunt schema program`): {error}");
                    return self.broken(PartialReason::SchemaChanged, printable(&why));
                }
            }
        }
        if !self.ended {
            self.broken(PartialReason::Truncated, "the output has no end line".to_owned());
        }
    }

    fn broken(&mut self, reason: PartialReason, detail: String) {
        self.wrong.get_or_insert(Failed { reason, detail });
    }

    /// # Errors
    /// What is wrong with the stream as a whole.
    fn take(&mut self, line: ProgramLine) -> Result<(), String> {
        if self.ended {
            return Err("something stands after the end".to_owned());
        }
        match (line, &self.system) {
            (ProgramLine::Header { protocol: VERSION, system }, None) => self.system = Some(system),
            (ProgramLine::Header { protocol, .. }, None) => {
                return Err(format!(
                    "version {protocol} of the form is not known; this program reads {VERSION}"
                ));
            }
            (ProgramLine::Header { .. }, Some(_)) => return Err("a second header".to_owned()),
            (_, None) => return Err("the first line is no header".to_owned()),
            (ProgramLine::Record { read, scope, record }, Some(_)) => {
                self.records += 1;
                let told = self.reads.entry((read, scope)).or_default();
                if told.receipt.is_some() {
                    told.wrong.get_or_insert(changed("a record came after its receipt"));
                }
                told.rows.push(record);
            }
            (ProgramLine::Receipt { read, scope, outcome, records, as_of }, Some(_)) => {
                let told = self.reads.entry((read, scope)).or_default();
                if told.receipt.is_some() {
                    told.wrong.get_or_insert(changed("it has two receipts"));
                }
                told.receipt = Some((outcome, records, as_of));
            }
            (ProgramLine::End { records }, Some(_)) => {
                self.ended = true;
                if records != self.records {
                    let detail = format!("{} records came where the end counts {records}", self.records);
                    self.broken(PartialReason::ShortCount, detail);
                }
            }
        }
        Ok(())
    }
}
