//! Why a bundle is refused: which part, what is wrong with it, and what to do next.

use crate::checkpoint::CheckpointError;
use crate::dsse::DsseError;
use crate::in_toto::StatementError;
use crate::merkle::ProofError;
use crate::policy::Quorum;
use crate::record::RecordError;
use crate::timestamp::TimestampError;
use crate::{Digest, VerifierKey};

/// Why a bundle is refused. Nothing in a refused bundle may be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The end is missing.
    #[error("the bundle was cut at its end: it stops at byte {at}")]
    Cut {
        /// Bytes there are.
        at: usize,
    },
    /// There is something after the end.
    #[error("something was appended to the bundle, from byte {at} on")]
    Appended {
        /// Where the bundle should have ended.
        at: usize,
    },
    /// Not JSON of the form of a bundle.
    #[error("the bundle cannot be read at byte {at}: {why}")]
    Unreadable {
        /// Zero-based byte.
        at: usize,
        /// What the reader met.
        why: String,
    },
    /// A bundle of another version, or something else.
    #[error("this is not a bundle this version can verify: it says {found:?}, not \"exeunt-bundle/v1\"")]
    Version {
        /// What it says it is.
        found: String,
    },
    /// The same content, written in another way.
    #[error("the bundle is not canonical at byte {at}: its text was changed, even if its meaning was not")]
    NotCanonical {
        /// Zero-based byte.
        at: usize,
    },
    /// A key in the bundle.
    #[error("the key {text:?} in the bundle cannot be read: {why}")]
    Key {
        /// Its text.
        text: String,
        /// What is wrong.
        why: String,
    },
    /// Signed with another key than the one expected.
    #[error("the bundle is sealed with the key {found}, not with the expected key {expected}")]
    WrongKey {
        /// The key that was given.
        expected: Box<VerifierKey>,
        /// The key in the bundle.
        found: Box<VerifierKey>,
    },
    /// Of a log that the reader's policy does not list.
    #[error("the bundle is sealed with the key {found}, which is not that of a log in the policy")]
    UnlistedLog {
        /// The key in the bundle.
        found: Box<VerifierKey>,
    },
    /// Too few of the reader's witnesses cosigned the head.
    #[error("the checkpoint: {0}")]
    Quorum(Quorum),
    /// The seal's signature.
    #[error("the seal: {0}")]
    SealSignature(DsseError),
    /// The seal is signed with a note that it is of another key.
    #[error("the seal names another key, or carries more than one signature")]
    SealKeyId,
    /// The seal's content.
    #[error("the seal is signed but not understood: {0}")]
    Seal(StatementError),
    /// A part the seal lists is not there.
    #[error("the part {part} was removed from the bundle: its seal lists it")]
    PartRemoved {
        /// The part.
        part: String,
    },
    /// A part is there that the seal does not list.
    #[error("the part {part} was added to the bundle: its seal does not list it at this place")]
    PartAdded {
        /// The part.
        part: String,
    },
    /// A part is not what the seal says.
    #[error("the part {part} was changed: its digest is not the one that was sealed")]
    PartChanged {
        /// The part.
        part: String,
    },
    /// A body is not the one its ledger entry is about.
    #[error("the {kind} at ledger index {index} does not match its entry")]
    BodyChanged {
        /// What the body is.
        kind: String,
        /// Index of its entry.
        index: u64,
    },
    /// A raw exchange is not the one it is called.
    #[error("the exchange {digest} does not have this digest, or is not in its place")]
    Exchange {
        /// The digest it is filed under.
        digest: Digest,
    },
    /// The checkpoint.
    #[error("the checkpoint: {0}")]
    Checkpoint(CheckpointError),
    /// A token of a time authority.
    #[error("the timestamp {place}: {why}")]
    Timestamp {
        /// Its place among the timestamps.
        place: usize,
        /// What is wrong.
        why: TimestampError,
    },
    /// The checkpoint is not the one the seal speaks of.
    #[error("the checkpoint is not the one the seal speaks of")]
    OtherCheckpoint,
    /// An entry that is not a record.
    #[error("the entry at ledger index {index}: {why}")]
    Record {
        /// Its index.
        index: u64,
        /// What is wrong.
        why: RecordError,
    },
    /// An entry that is not in the log.
    #[error("the entry at ledger index {index} is not proven to be in the log: {why}")]
    NotInLog {
        /// Its index.
        index: u64,
        /// What is wrong with its proof.
        why: ProofError,
    },
    /// An entry that belongs to another case.
    #[error("the entry at ledger index {index} is of the case {found:?}, not of {expected:?}")]
    OtherCase {
        /// Its index.
        index: u64,
        /// The bundle's case.
        expected: String,
        /// The entry's case.
        found: String,
    },
    /// The case's entries do not count 0, 1, 2, ...
    #[error(
        "an entry of the case is missing: number {expected} should come next, at ledger index {index} stands number {found}"
    )]
    Gap {
        /// Index of the entry after the gap.
        index: u64,
        /// The number that should have come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// The entries are not those the seal declares.
    #[error("the entries in the bundle are not those the seal declares for the case: {what}")]
    NotDeclared {
        /// What differs.
        what: &'static str,
    },
    /// No verdict where the seal says it is.
    #[error("the verdict is not at ledger index {index}, where the seal says it is: {why}")]
    NoVerdict {
        /// The index.
        index: u64,
        /// What is there instead.
        why: &'static str,
    },
    /// The verdict's envelope.
    #[error("the verdict: {0}")]
    VerdictSignature(DsseError),
    /// The verdict's statement.
    #[error("the verdict is signed but not understood: {0}")]
    Verdict(StatementError),
}

impl Refusal {
    /// The part of the bundle that is wrong, as the format names it.
    #[must_use]
    pub fn part(&self) -> String {
        match self {
            Self::Cut { .. } | Self::Appended { .. } => "end".into(),
            Self::Unreadable { .. } | Self::Version { .. } | Self::NotCanonical { .. } => "text".into(),
            Self::Key { .. } | Self::WrongKey { .. } | Self::UnlistedLog { .. } => "keys".into(),
            Self::SealSignature(_) | Self::SealKeyId | Self::Seal(_) | Self::NotDeclared { .. } => {
                "seal".into()
            }
            Self::PartRemoved { part } | Self::PartAdded { part } | Self::PartChanged { part } => {
                part.clone()
            }
            Self::BodyChanged { index, .. } => format!("entries/{index}/body"),
            Self::Exchange { digest } => format!("exchanges ({digest})"),
            Self::Checkpoint(_) | Self::OtherCheckpoint | Self::Quorum(_) => "checkpoint".into(),
            Self::Timestamp { place, .. } => format!("timestamps/{place}"),
            Self::Record { index, .. } | Self::OtherCase { index, .. } | Self::Gap { index, .. } => {
                format!("entries/{index}/record")
            }
            Self::NotInLog { index, .. } => format!("entries/{index}/proof"),
            Self::NoVerdict { index, .. } => format!("entries/{index}"),
            Self::VerdictSignature(_) | Self::Verdict(_) => "verdict".into(),
        }
    }

    /// What to do next.
    #[must_use]
    pub const fn next_step(&self) -> &'static str {
        match self {
            Self::Cut { .. } => {
                "fetch the file again, whole; if its source is as short, ask for a new export"
            }
            Self::Version { .. } => {
                "check that this is the right file, and verify it with the version of exeunt that wrote it"
            }
            Self::Quorum(_) => {
                "ask the log's holder for an export whose head is cosigned by more of your witnesses; the log could be showing \
                 others another history"
            }
            Self::Timestamp { why: TimestampError::Foreign { .. }, .. } => {
                "give the certificates of the authority that you trust for it; if it is none of yours, the time it says is nobody's word"
            }
            Self::WrongKey { .. } | Self::UnlistedLog { .. } => {
                "find out which key is the log's, by another way than this bundle; believe nothing in it until then"
            }
            Self::Seal(_) | Self::Verdict(_) => "verify it with the version of exeunt that wrote it",
            Self::Record { .. }
            | Self::OtherCase { .. }
            | Self::Gap { .. }
            | Self::NotDeclared { .. }
            | Self::NoVerdict { .. }
            | Self::OtherCheckpoint
            | Self::NotInLog { .. } => {
                "the holder of the log key sealed a bundle that contradicts itself: keep it, and ask them for the log"
            }
            _ => "believe nothing in this file; keep it, and ask its source for a new export to compare",
        }
    }
}
