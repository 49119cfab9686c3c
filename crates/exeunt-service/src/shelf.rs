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
        // How the next page is asked for may name somebody: the note is sealed with the pages, and only its digest is here.
        let cannot = |cause: String| ShelfError { attempted: "note a page".to_owned(), cause };
        let bytes = serde_json::to_vec(page).map_err(|e| cannot(e.to_string()))?;
        let note = self.blobs.keep_packed(&bytes).map_err(|e| failed("note a page", &e))?;
        self.journal.add(read, scope, &note).map_err(|e| failed("note a page", &e))
    }

    fn noted(&self, read: &str, scope: &str) -> Result<Vec<PageNote>, ShelfError> {
        let notes: Vec<Digest> =
            self.journal.notes(read, scope).map_err(|e| failed("read notes of pages", &e))?;
        let mut pages = Vec::with_capacity(notes.len());
        for digest in notes {
            let bytes = match self.blobs.get(&digest) {
                // Retention took the pages of a run that was killed: it goes on from before them.
                Err(StoreError::Erased { .. } | StoreError::NoBlob { .. }) => break,
                bytes => bytes.map_err(|e| failed("read a note of a page", &e))?,
            };
            let page = serde_json::from_slice(&bytes);
            pages.push(page.map_err(|e| ShelfError {
                attempted: "read a note of a page".to_owned(),
                cause: e.to_string(),
            })?);
        }
        Ok(pages)
    }
}

fn failed(attempted: &str, cause: &StoreError) -> ShelfError {
    ShelfError { attempted: attempted.to_owned(), cause: cause.to_string() }
}
