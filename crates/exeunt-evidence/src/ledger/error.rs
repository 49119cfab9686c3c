//! Why a ledger cannot be opened, extended or read.

use std::io;

use crate::checkpoint::CheckpointError;
use crate::merkle::ProofError;
use crate::tile::{EntryError, TilePath};
use crate::{Digest, VerifierKey};

/// What went wrong with a ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store could not be read or written.
    #[error(
        "the ledger's store failed at {path}: {source}; nothing was added, open the ledger again before appending"
    )]
    Store {
        /// The file.
        path: String,
        /// What the store said.
        source: io::Error,
    },
    /// There is no log here.
    #[error(
        "there is no ledger here: its checkpoint is missing; create one, or restore the folder from a backup"
    )]
    NoCheckpoint,
    /// There is a log already.
    #[error("there is a ledger here already; open it instead of creating one")]
    Exists,
    /// The head was lost while the rest is there.
    #[error(
        "there are tiles ({tile}) but no checkpoint: the ledger's head was lost; restore it, a new log cannot be begun over an old one"
    )]
    HeadLost {
        /// A tile that is there.
        tile: String,
    },
    /// The stored head does not verify.
    #[error("the ledger's checkpoint does not hold: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A file of the log is missing.
    #[error("the ledger's {tile} is missing: it was removed; restore it from a backup or a mirror")]
    MissingTile {
        /// Its path.
        tile: String,
    },
    /// A file of the log is not what the signed checkpoint says.
    #[error(
        "the ledger's {tile} does not match the signed checkpoint ({why}): it was changed; restore it from a backup or a mirror"
    )]
    WrongTile {
        /// Its path.
        tile: String,
        /// What differs.
        why: String,
    },
    /// The tiles agree among themselves but not with the head.
    #[error(
        "the ledger's tiles hash to {found}, its signed checkpoint says {signed}: the tiles are of another log or another time; restore both together"
    )]
    WrongRoot {
        /// The root in the checkpoint.
        signed: Digest,
        /// The root of the tiles.
        found: Digest,
    },
    /// Signing with a key that is not the log's.
    #[error(
        "the ledger is signed with the key {log}, not with {given}; nothing was added, use the log's own key"
    )]
    WrongKey {
        /// The log's key.
        log: Box<VerifierKey>,
        /// The key that was given.
        given: Box<VerifierKey>,
    },
    /// Somebody else moved the head.
    #[error("another writer has extended the ledger since it was opened; open it again and append again")]
    Moved,
    /// An entry that cannot be.
    #[error("{0}; nothing was added")]
    Entry(#[from] EntryError),
    /// A proof that cannot be.
    #[error("{0}")]
    Proof(#[from] ProofError),
    /// A batch in the journal that was durable is not what it was.
    #[error(
        "the ledger's journal (segment {segment}, byte {at}) is damaged: {why}; restore it from a backup, entries that were acknowledged stand there"
    )]
    Journal {
        /// The segment.
        segment: u64,
        /// Where in it.
        at: usize,
        /// What is wrong.
        why: String,
    },
    /// The last durable append failed and the ledger could not be opened again since.
    #[error("the ledger is closed after a failure: {why}; it is opened again by the next append")]
    Closed {
        /// The failure.
        why: String,
    },
    /// A head signed earlier is not a beginning of this log.
    #[error(
        "the ledger does not continue the checkpoint of size {size} (root {root}): {why}; the log was rolled back or rewritten since that checkpoint was signed"
    )]
    NotContinued {
        /// Size in the known checkpoint.
        size: u64,
        /// Root in the known checkpoint.
        root: Digest,
        /// What is wrong.
        why: ProofError,
    },
}

pub(crate) fn store_error(path: &str, source: io::Error) -> LedgerError {
    LedgerError::Store { path: path.to_owned(), source }
}

pub(super) fn missing_is(path: TilePath) -> LedgerError {
    LedgerError::MissingTile { tile: path.to_string() }
}
