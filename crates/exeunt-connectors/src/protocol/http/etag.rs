//! Conditional requests: the answer of last time, if the system says it is still so.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// A whole answer and the validator it came with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The `ETag`, as it was sent.
    pub etag: String,
    /// The headers. A 304 need not repeat `Link` (RFC 9110 §15.4.5), and without them a listing
    /// of many pages would seem to end on its first.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Remembers answers by request. The key is an opaque text; it differs for every target, method
/// and header of the read, and never holds a credential. One store belongs to one system read
/// with one credential: another reader may be shown less under the same validator.
pub trait EtagStore: Send + Sync {
    /// The answer remembered for a request.
    fn recall(&self, key: &str) -> Option<Remembered>;
    /// Remembers a whole, successful answer.
    fn remember(&self, key: &str, answer: Remembered);
}

/// Remembers for as long as the program runs, up to a number of bytes; what does not fit is
/// simply asked for in full again.
#[derive(Debug)]
pub struct MemoryEtags {
    limit: usize,
    kept: Mutex<(usize, HashMap<String, Remembered>)>,
}

impl MemoryEtags {
    /// A store of at most `limit` bytes of bodies.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, kept: Mutex::new((0, HashMap::new())) }
    }
}

impl EtagStore for MemoryEtags {
    fn recall(&self, key: &str) -> Option<Remembered> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).1.get(key).cloned()
    }

    fn remember(&self, key: &str, answer: Remembered) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = kept.1.remove(key) {
            kept.0 -= old.body.len();
        }
        if kept.0 + answer.body.len() <= self.limit {
            kept.0 += answer.body.len();
            kept.1.insert(key.to_owned(), answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{EtagStore, MemoryEtags, Remembered};
    use std::collections::BTreeMap;

    /// The store does not grow without bound, and never answers with an older body.
    #[test]
    fn the_store_keeps_to_its_limit_and_forgets_the_replaced() {
        let store = MemoryEtags::new(10);
        let answer =
            |n: usize| Remembered { etag: n.to_string(), headers: BTreeMap::new(), body: vec![0; n] };
        store.remember("a", answer(6));
        store.remember("b", answer(6));
        assert_eq!(store.recall("a"), Some(answer(6)));
        assert_eq!(store.recall("b"), None);
        store.remember("a", answer(11));
        assert_eq!(store.recall("a"), None, "the older body must not stand in for the newer");
        store.remember("b", answer(10));
        assert_eq!(store.recall("b"), Some(answer(10)));
    }
}
