//! The state folder as the shelf on which a collection puts its pages.

use exeunt_connectors::redact::{FingerprintKey, Redacted};
use exeunt_connectors::shelf::{Made, PageNote, Shelf, ShelfError};
use exeunt_model::{Digest, Record};
use exeunt_store::{Blobs, Journal, StoreError};

/// Blobs for the bodies, notes for the way back after a kill.
#[derive(Debug)]
pub(crate) struct StateShelf {
    pub(crate) blobs: Blobs,
    pub(crate) journal: Journal,
    pub(crate) fingerprints: FingerprintKey,
}

impl Shelf for StateShelf {
    fn fingerprints(&self) -> FingerprintKey {
        self.fingerprints.clone()
    }

    fn keep(&self, body: &Redacted) -> Result<Digest, ShelfError> {
        self.blobs.keep_packed(body.bytes()).map_err(|e| failed("keep what a system answered", &e))
    }

    fn body(&self, digest: &Digest) -> Result<Vec<u8>, ShelfError> {
        self.blobs.get(digest).map_err(|e| failed("read back what a system answered", &e))
    }

    fn records(&self, records: Vec<Record>) -> Result<Made, ShelfError> {
        self.blobs.keep_records(&records).map(Made::Kept).map_err(|e| failed("keep what a system showed", &e))
    }

    fn note(&self, read: &str, scope: &str, page: &PageNote) -> Result<(), ShelfError> {
        self.journal.add(read, scope, page).map_err(|e| failed("note a page", &e))
    }

    fn noted(&self, read: &str, scope: &str) -> Result<Vec<PageNote>, ShelfError> {
        self.journal.notes(read, scope).map_err(|e| failed("read notes of pages", &e))
    }
}

fn failed(attempted: &str, cause: &StoreError) -> ShelfError {
    ShelfError { attempted: attempted.to_owned(), cause: cause.to_string() }
}
