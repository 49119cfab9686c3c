//! Where pages go while they are read, so that evidence is kept and a killed run can go on.

use serde::{Deserialize, Serialize};

use exeunt_model::{Digest, Record, RecordChunk, Timestamp};

use crate::redact::{FingerprintKey, Redacted};

/// One page that was read whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageNote {
    /// The digest of its raw body.
    pub body: Digest,
    /// The status of each exchange it took, retries included.
    pub statuses: Vec<u16>,
    /// How the following page is asked for; `None` when this was the last one.
    pub next: Option<String>,
    /// When its request left.
    pub started: Timestamp,
    /// When its answer ended.
    pub ended: Timestamp,
    /// The server's `Date`.
    pub server_date: Option<Timestamp>,
}

/// Where records are that were made from pages.
#[derive(Debug)]
pub enum Made {
    /// On the shelf.
    Kept(RecordChunk),
    /// With the collection still.
    Held(Vec<Record>),
}

/// What could not be kept or found again.
#[derive(Debug, thiserror::Error)]
#[error("{attempted}: {cause}")]
pub struct ShelfError {
    /// What was attempted, on what.
    pub attempted: String,
    /// What went wrong, and what to do next.
    pub cause: String,
}

/// Keeps raw bodies by digest, and the pages of a collection under way.
///
/// A body is kept before its page is noted, so that a note never points at nothing. An error
/// here ends the collection: facts whose evidence was not kept are not facts.
pub trait Shelf: Send + Sync {
    /// The key of the fingerprints that stand for secrets in what is kept here.
    fn fingerprints(&self) -> FingerprintKey;
    /// Keeps a body that was redacted; keeping the same bytes twice is once.
    ///
    /// # Errors
    /// When it could not be written (a full disk).
    fn keep(&self, body: &Redacted) -> Result<Digest, ShelfError>;
    /// A kept body.
    ///
    /// # Errors
    /// When it is not there or not what its digest says.
    fn body(&self, digest: &Digest) -> Result<Vec<u8>, ShelfError>;
    /// Puts records on the shelf, so that a collection need not hold them; a shelf that keeps none gives them back.
    ///
    /// # Errors
    /// When they could not be written.
    fn records(&self, records: Vec<Record>) -> Result<Made, ShelfError> {
        Ok(Made::Held(records))
    }
    /// Adds a page to the notes of one read and scope of the collection under way.
    ///
    /// # Errors
    /// When it could not be written.
    fn note(&self, read: &str, scope: &str, page: &PageNote) -> Result<(), ShelfError>;
    /// The pages noted so far for one read and scope, in order.
    ///
    /// # Errors
    /// When they could not be read.
    fn noted(&self, read: &str, scope: &str) -> Result<Vec<PageNote>, ShelfError>;
}
