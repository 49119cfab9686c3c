//! A shelf and a clock that need nothing: for tests of collections, here and in other crates.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use futures_util::future::{self, BoxFuture};

use exeunt_model::{Digest, Duration, Timestamp};

use crate::clock::Clock;
use crate::redact::{FingerprintKey, Redacted};
use crate::shelf::{PageNote, Shelf, ShelfError};

/// Keeps everything in memory.
#[derive(Debug, Default)]
pub struct MemoryShelf(Mutex<Kept>);

#[derive(Debug, Default, Clone)]
struct Kept {
    bodies: BTreeMap<Digest, Vec<u8>>,
    notes: BTreeMap<(String, String), Vec<PageNote>>,
}

impl MemoryShelf {
    fn with<T>(&self, use_it: impl FnOnce(&mut Kept) -> T) -> T {
        use_it(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Everything it holds, as bytes: bodies, then notes.
    ///
    /// # Errors
    /// When the notes cannot be written down.
    pub fn everything(&self) -> Result<Vec<Vec<u8>>, serde_json::Error> {
        self.with(|kept| {
            let notes = serde_json::to_vec(&kept.notes.iter().collect::<Vec<_>>())?;
            Ok(kept.bodies.values().cloned().chain([notes]).collect())
        })
    }

    /// The number of bodies kept.
    #[must_use]
    pub fn bodies(&self) -> usize {
        self.with(|kept| kept.bodies.len())
    }
}

impl Shelf for MemoryShelf {
    fn fingerprints(&self) -> FingerprintKey {
        FingerprintKey::new([7; 32])
    }

    fn keep(&self, body: &Redacted) -> Result<Digest, ShelfError> {
        let body = body.bytes();
        let digest = Digest::of(body);
        self.with(|kept| kept.bodies.insert(digest, body.to_vec()));
        Ok(digest)
    }

    fn body(&self, digest: &Digest) -> Result<Vec<u8>, ShelfError> {
        self.with(|kept| kept.bodies.get(digest).cloned()).ok_or_else(|| ShelfError {
            attempted: format!("reading the body {digest}"),
            cause: "it was not kept".to_owned(),
        })
    }

    fn note(&self, read: &str, scope: &str, page: &PageNote) -> Result<(), ShelfError> {
        let key = (read.to_owned(), scope.to_owned());
        self.with(|kept| kept.notes.entry(key).or_default().push(page.clone()));
        Ok(())
    }

    fn noted(&self, read: &str, scope: &str) -> Result<Vec<PageNote>, ShelfError> {
        let key = (read.to_owned(), scope.to_owned());
        Ok(self.with(|kept| kept.notes.get(&key).cloned().unwrap_or_default()))
    }
}

/// Always the same moment; waiting takes no time.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Timestamp);

impl Default for FixedClock {
    /// 2026-11-03T09:00:00Z.
    fn default() -> Self {
        Self(Timestamp::constant(1_793_696_400, 0))
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(future::ready(()))
    }
}
