//! The bundle's text: one line of canonical JSON (RFC 8785: members sorted, no white space), ending in one newline.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::dsse::Envelope;
use crate::encoding::Base64;
use crate::in_toto::Subject;
use crate::{Digest, VerifierKey};

/// First member of every bundle.
pub(super) const VERSION: &str = "exeunt-bundle/v1";

/// Members are declared in the order of their names: that order is the canonical one.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) bundle: String,
    pub(super) checkpoint: String,
    pub(super) entries: Vec<Entry>,
    pub(super) exchanges: Vec<Exchange>,
    pub(super) keys: Keys,
    pub(super) seal: Envelope,
    /// Tokens of time authorities over the checkpoint's text. Not there if there are none, so that there is one way to have
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) timestamps: Vec<Base64>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    /// `null` if the body is not carried.
    pub(super) body: Option<Base64>,
    pub(super) index: u64,
    pub(super) proof: Vec<Base64>,
    pub(super) record: String,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    pub(super) body: Base64,
    pub(super) digest: Digest,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    pub(super) log: String,
    pub(super) witnesses: Vec<String>,
}

/// What the seal states about the bundle; it is the predicate of the seal's statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Seal {
    /// The case.
    pub(super) case: String,
    /// Ledger indexes of *all* records of the case in the log at the checkpoint, ascending.
    pub(super) case_entries: Vec<u64>,
    pub(super) checkpoint: Head,
    /// Ledger indexes of the records that belong to no case and are carried because the verdict rests on them.
    pub(super) cited_entries: Vec<u64>,
    /// Ledger index of the record whose body is the verdict's envelope.
    pub(super) verdict: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) origin: String,
    pub(super) root: Digest,
    pub(super) size: u64,
}

impl Document {
    /// Reads a bundle and checks that these are the only bytes it can have.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        if bytes.is_empty() {
            return Err(Refusal::Cut { at: 0 });
        }
        let document: Self = serde_json::from_slice(bytes).map_err(|error| unreadable(bytes, &error))?;
        if document.bundle != VERSION {
            return Err(Refusal::Version { found: document.bundle });
        }
        let canonical = document.write()?;
        if canonical == bytes {
            return Ok(document);
        }
        let same = canonical.iter().zip(bytes).take_while(|(a, b)| a == b);
        Err(match same.count() {
            at if at == bytes.len() => Refusal::Cut { at },
            at if at == canonical.len() => Refusal::Appended { at },
            at => Refusal::NotCanonical { at },
        })
    }

    /// The bundle's bytes.
    pub(super) fn write(&self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = serde_json::to_vec(self)
            .map_err(|error| Refusal::Unreadable { at: 0, why: error.to_string() })?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Every part of the bundle but the seal, with its digest, in order.
    pub(super) fn parts(&self) -> Vec<Subject> {
        let mut keys = self.keys.log.clone();
        for key in &self.keys.witnesses {
            keys.push('\n');
            keys.push_str(key);
        }
        let mut parts = vec![
            Subject::new("keys", Digest::of(keys.as_bytes())),
            Subject::new("checkpoint", Digest::of(self.checkpoint.as_bytes())),
        ];
        for entry in &self.entries {
            let name = |part: &str| format!("entries/{}/{part}", entry.index);
            let record = Digest::of(entry.record.as_bytes());
            parts.push(Subject::new(name("record"), record));
            if let Some(body) = &entry.body {
                parts.push(Subject::new(name("body"), Digest::of(&body.0)));
            }
            let hashes: Vec<&[u8]> = entry.proof.iter().map(|hash| hash.0.as_slice()).collect();
            parts.push(Subject::new(name("proof"), Digest::of_all(&hashes)));
        }
        for (place, exchange) in self.exchanges.iter().enumerate() {
            let name = format!("exchanges/{place}");
            parts.push(Subject::new(name, Digest::of(&exchange.body.0)));
        }
        for (place, token) in self.timestamps.iter().enumerate() {
            parts.push(Subject::new(format!("timestamps/{place}"), Digest::of(&token.0)));
        }
        parts
    }
}

impl Keys {
    pub(super) fn read(&self) -> Result<(VerifierKey, Vec<VerifierKey>), Refusal> {
        let read = |text: &String| {
            text.parse::<VerifierKey>()
                .map_err(|error| Refusal::Key { text: text.clone(), why: error.to_string() })
        };
        let witnesses = self.witnesses.iter().map(read).collect::<Result<_, _>>()?;
        Ok((read(&self.log)?, witnesses))
    }
}

/// What the JSON reader's complaint means: the end is missing, there is too much, or something is wrong in between.
fn unreadable(bytes: &[u8], error: &serde_json::Error) -> Refusal {
    if error.is_eof() {
        return Refusal::Cut { at: bytes.len() };
    }
    let lines_before = error.line().saturating_sub(1);
    let line_start: usize =
        bytes.split_inclusive(|byte| *byte == b'\n').take(lines_before).map(<[u8]>::len).sum();
    let at = (line_start + error.column()).saturating_sub(1).min(bytes.len());
    let why = error.to_string();
    if why.starts_with("trailing characters") {
        return Refusal::Appended { at };
    }
    Refusal::Unreadable { at, why }
}
