//! Snapshots as a stream of JSON lines, and back, without loss.
//!
//! A stream is one or more snapshots: a header, then for each read its records and the receipt
//! that ends it, then an end with the snapshot's id. What has no end was cut off and is refused.

use std::io::{self, BufRead, Write};

use exeunt_model::schema::StreamLine;
use exeunt_model::{Digest, Read, Record, Snapshot};

/// Longest line taken: one record is a few kilobytes.
const LONGEST: u64 = 4 << 20;

/// A stream could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The stream itself failed.
    #[error("the record stream broke: {0}")]
    Io(#[from] io::Error),
    /// A line is not of the form.
    #[error("line {line}: {cause}. The form is described by `exeunt schema records`")]
    Form {
        /// Which, counted from 1.
        line: usize,
        /// What is wrong.
        cause: String,
    },
    /// The stream was cut off.
    #[error(
        "the stream ends after line {line} in the middle of a snapshot; nothing of that snapshot was taken. Export it again"
    )]
    Cut {
        /// The last line there was.
        line: usize,
    },
    /// The content is not what its end says.
    #[error(
        "line {line}: the snapshot is {found}, but its end says {said}; the stream was changed. Nothing of that snapshot was taken"
    )]
    Changed {
        /// The line of the end.
        line: usize,
        /// The digest of what came.
        found: Digest,
        /// The digest stated.
        said: Digest,
    },
    /// A snapshot cannot be written as JSON.
    #[error("a snapshot could not be written as JSON: {0}")]
    Unserialisable(#[from] serde_json::Error),
}

/// Writes one snapshot.
///
/// # Errors
/// When the stream fails.
pub fn export(snapshot: &Snapshot, out: &mut dyn Write) -> Result<(), StreamError> {
    let mut line = |line: &StreamLine| -> Result<(), StreamError> {
        serde_json::to_writer(&mut *out, line)?;
        out.write_all(b"\n")?;
        Ok(())
    };
    line(&StreamLine::Snapshot(Box::new(Snapshot { reads: Vec::new(), ..snapshot.clone() })))?;
    for read in &snapshot.reads {
        for record in &read.records {
            line(&StreamLine::Record(Box::new(record.clone())))?;
        }
        line(&StreamLine::Receipt(Box::new(read.receipt.clone())))?;
    }
    // A stream holds its records itself, whatever the snapshot at rest keeps beside.
    let mut whole = snapshot.clone();
    whole.reads.iter_mut().for_each(|read| read.kept.clear());
    line(&StreamLine::End { snapshot: whole.id()? })
}

/// Reads snapshots and hands each to `take` once it came whole.
///
/// # Errors
/// When the stream fails, a line has another form, a snapshot is cut off or changed, or `take`
/// fails. Snapshots before that were taken.
pub fn import<E: From<StreamError>>(
    input: &mut dyn BufRead,
    mut take: impl FnMut(Snapshot) -> Result<(), E>,
) -> Result<usize, E> {
    let mut open: Option<(Snapshot, Vec<Record>)> = None;
    let mut taken = 0;
    let mut number = 0;
    while let Some(text) = next_line(input, number + 1)? {
        number += 1;
        let form = |cause: String| StreamError::Form { line: number, cause };
        let line = serde_json::from_str(&text).map_err(|e| form(e.to_string()))?;
        open = match (line, open) {
            (StreamLine::Snapshot(header), None) if header.reads.is_empty() => Some((*header, Vec::new())),
            (StreamLine::Record(record), Some((snapshot, mut records))) => {
                records.push(*record);
                Some((snapshot, records))
            }
            (StreamLine::Receipt(receipt), Some((mut snapshot, records))) => {
                snapshot.reads.push(Read { receipt: *receipt, records, kept: Vec::new() });
                Some((snapshot, Vec::new()))
            }
            (StreamLine::End { snapshot: said }, Some((snapshot, records))) if records.is_empty() => {
                let found = snapshot.id().map_err(StreamError::from)?;
                if found != said {
                    return Err(StreamError::Changed { line: number, found, said }.into());
                }
                take(snapshot)?;
                taken += 1;
                None
            }
            (_, None) => {
                return Err(form("a stream begins with a snapshot line that has no reads".to_owned()).into());
            }
            (StreamLine::Snapshot(_), Some(_)) => {
                return Err(form("a snapshot begins before the one before it ended".to_owned()).into());
            }
            (StreamLine::End { .. }, Some(_)) => {
                return Err(form("records stand before the end without a receipt".to_owned()).into());
            }
        };
    }
    if open.is_some() {
        return Err(StreamError::Cut { line: number }.into());
    }
    Ok(taken)
}

fn next_line(input: &mut dyn BufRead, number: usize) -> Result<Option<String>, StreamError> {
    let mut bytes = Vec::new();
    io::Read::take(&mut *input, LONGEST).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    let form = |cause: &str| StreamError::Form { line: number, cause: cause.to_owned() };
    if bytes.last() != Some(&b'\n') && bytes.len() as u64 >= LONGEST {
        return Err(form("longer than a record can be"));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| form("not UTF-8 text"))
}

#[cfg(test)]
mod tests {
    use exeunt_model::receipt::PositiveControl;
    use exeunt_model::record::{CredentialState, Membership};
    use exeunt_model::{Outcome, PartialReason, ReadReceipt, SurvivorKind, Who};
    use proptest::prelude::*;

    use super::*;

    fn snapshot(names: &[String]) -> Snapshot {
        let system = exeunt_model::SystemId::new("github").expect("a name");
        let at = "2026-11-20T09:00:00.123456Z".parse().expect("a time");
        let records = names.iter().enumerate().map(|(n, name)| {
            let id = exeunt_model::Ref::localise(&format!("credential/{n}"), &system).expect("valid");
            if n % 2 == 0 {
                Record::Credential(Box::new(exeunt_model::record::Credential {
                    id,
                    kind: SurvivorKind::TokenUser,
                    native_type: "PAT".to_owned(),
                    name: name.clone(),
                    holder: Some(Who::Login(name.clone())),
                    opens: Vec::new(),
                    state: CredentialState::Active,
                    created: Some(at),
                    expires: None,
                    last_used: None,
                    scopes: vec![name.clone()],
                    fingerprint: None,
                }))
            } else {
                Record::Membership(Membership { group: id, member: Who::Email(name.clone()), role: None })
            }
        });
        let receipt = ReadReceipt {
            system: system.clone(),
            read: "pats".to_owned(),
            scope: names.concat(),
            endpoint: "GET /x".to_owned(),
            permission: "read".to_owned(),
            reader: None,
            pages: 1,
            rows: names.len() as u64,
            statuses: vec![200],
            terminal: None,
            started: at,
            ended: at,
            server_date: None,
            exchanges: vec![Digest::of(b"x")],
            control: PositiveControl::NotStated,
            outcome: Outcome::Partial { reason: PartialReason::Forbidden, detail: "x".to_owned() },
        };
        let records = records.collect();
        Snapshot {
            version: 1,
            system,
            connector: "github".to_owned(),
            manifest: Digest::of(b"m"),
            started: at,
            ended: at,
            reads: vec![Read { receipt, records, kept: Vec::new() }],
        }
    }

    fn exported(snapshot: &Snapshot) -> Vec<u8> {
        let mut out = Vec::new();
        export(snapshot, &mut out).expect("written");
        out
    }

    fn imported(bytes: &[u8]) -> Result<Vec<Snapshot>, StreamError> {
        let mut all = Vec::new();
        import(&mut &bytes[..], |snapshot| {
            all.push(snapshot);
            Ok::<(), StreamError>(())
        })?;
        Ok(all)
    }

    proptest! {
        /// Somebody who moves snapshots between machines must not lose or change a fact.
        #[test]
        fn export_and_import_lose_nothing(names in prop::collection::vec(".*", 0..6)) {
            let snapshot = snapshot(&names);
            let bytes = exported(&snapshot);
            let back = imported(&bytes).expect("whole");
            prop_assert_eq!(&back, &vec![snapshot]);
            prop_assert_eq!(exported(&back[0]), bytes);
        }
    }

    /// A stream cut anywhere must never become a shorter snapshot.
    #[test]
    fn a_cut_stream_is_refused() {
        let bytes = exported(&snapshot(&["a".to_owned(), "b".to_owned(), "c".to_owned()]));
        for end in 1..bytes.len() - 1 {
            let result = imported(&bytes[..end]);
            assert!(result.is_err(), "cut at {end}");
        }
    }

    /// A record taken out of the middle shows in the digest.
    #[test]
    fn a_missing_record_is_refused() {
        let bytes = exported(&snapshot(&["a".to_owned(), "b".to_owned()]));
        let text = String::from_utf8(bytes).expect("text");
        let without: String = text
            .lines()
            .enumerate()
            .filter(|(n, _)| *n != 1)
            .map(|(_, line)| line.to_owned() + "\n")
            .collect();
        assert!(matches!(imported(without.as_bytes()), Err(StreamError::Changed { .. })));
    }
}
