//! What a bundle that holds says, as three separate statements: integrity, completeness, authenticity.

use std::fmt;

use crate::checkpoint::{Checkpoint, Witnessed};
use crate::in_toto::Subject;
use crate::policy::Quorum;
use crate::record::Record;
use crate::timestamp::Stamped;
use crate::{Digest, VerifierKey};

/// A bundle that holds. Which verdict it carries is another question: a bundle of a residual case verifies too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The case.
    pub case: String,
    /// Ledger index of the verdict.
    pub verdict_index: u64,
    /// The verdict's in-toto statement, byte for byte as it was signed.
    pub verdict: Vec<u8>,
    /// The entries, by ledger index.
    pub entries: Vec<VerifiedEntry>,
    /// Raw exchanges carried, by digest.
    pub exchanges: Vec<(Digest, Vec<u8>)>,
    /// The head of the log that the entries are proven against.
    pub checkpoint: Checkpoint,
    /// The key the bundle is sealed with.
    pub key: VerifierKey,
    /// What is known about change.
    pub integrity: Integrity,
    /// What is known about omission.
    pub completeness: Completeness,
    /// What is known about the sealer.
    pub authenticity: Authenticity,
    /// Tokens of time authorities that are carried.
    pub tokens: usize,
    /// Those of the reader's authorities; each was checked to be over this head.
    pub stamped: Vec<Stamped>,
}

/// An entry that is in the log, with its body if it is carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedEntry {
    /// Ledger index.
    pub index: u64,
    /// What the log says.
    pub record: Record,
    /// The body; its digest is the record's.
    pub body: Option<Vec<u8>>,
    /// The root of the log when this was its last entry.
    pub root_then: Digest,
}

/// Nothing was changed since the bundle was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integrity {
    /// Parts whose digests were sealed.
    pub parts: usize,
    /// Entries proven to be in the log.
    pub entries: usize,
    /// Size of the log they are proven against.
    pub log_size: u64,
}

impl fmt::Display for Integrity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { parts, entries, log_size } = self;
        write!(
            f,
            "Integrity: holds. All {parts} parts are as they were sealed, and {entries} entries are proven to be in the log of {log_size} entries."
        )
    }
}

/// Whether anything is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completeness {
    /// Records of the case, numbered from 0 without a gap; all the sealer declares.
    pub case_entries: usize,
    /// Records of no case that are carried because the verdict rests on them.
    pub cited_entries: usize,
    /// Ledger indexes of entries whose body is not carried (withheld, or erased).
    pub bodies_absent: Vec<u64>,
    /// What the verdict rests on that is not in the bundle.
    pub subjects_absent: Vec<Subject>,
}

impl fmt::Display for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Completeness: all {} entries that the log's key declares for this case are here, without a gap; {} cited entries are here. \
             That the log holds no further entry of this case is the word of the key's holder; a copy of the log settles it.",
            self.case_entries, self.cited_entries
        )?;
        if !self.bodies_absent.is_empty() {
            let indexes: Vec<String> = self.bodies_absent.iter().map(u64::to_string).collect();
            write!(f, " Not carried: the bodies of the entries {}.", indexes.join(", "))?;
        }
        if !self.subjects_absent.is_empty() {
            let names: Vec<&str> = self.subjects_absent.iter().map(Subject::name).collect();
            write!(f, " Not carried, though the verdict rests on it: {}.", names.join(", "))?;
        }
        Ok(())
    }
}

/// Who sealed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticity {
    /// True if the sealing key is the one the caller expected; false if it was taken from the bundle itself.
    pub expected_key: bool,
    /// Fingerprint of the sealing key.
    pub fingerprint: Digest,
    /// Name of the sealing key.
    pub name: String,
    /// Cosignatures by witnesses whose keys are in the bundle.
    pub witnessed: Vec<Witnessed>,
    /// What the reader's own policy says of the witnesses, if one was given.
    pub quorum: Option<Quorum>,
}

impl fmt::Display for Authenticity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fingerprint, name, .. } = self;
        if self.expected_key {
            write!(
                f,
                "Authenticity: holds. The bundle is sealed with the expected key {name} ({fingerprint})."
            )?;
        } else {
            write!(
                f,
                "Authenticity: not established. The key {name} ({fingerprint}) was taken from the bundle itself and trusted on first sight; \
                 compare this fingerprint with one you got in another way, or verify again with --key."
            )?;
        }
        if let Some(quorum) = &self.quorum {
            return write!(f, " By the policy given, {quorum}.");
        }
        for Witnessed { name, seconds } in &self.witnessed {
            write!(
                f,
                " The witness {name} saw this head of the log at {seconds} s after 1970 (its key is the bundle's word too)."
            )?;
        }
        Ok(())
    }
}
