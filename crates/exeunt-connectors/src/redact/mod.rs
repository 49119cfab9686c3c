//! Redaction on the way in: a credential in an answer never reaches what is kept.
//!
//! Before a body is kept, and before it becomes records, each secret in it is replaced by a mark: a keyed fingerprint of
//! the secret. The key stays in the state folder, so that one secret has one mark there, and nobody without the key can
//! try guesses on it. What is kept maps to the same records, since records are made of what is kept. Where the next
//! question needs a secret (a place in a listing, an id that is one), it is remembered until the collection ends.

mod json;
mod names;
mod shapes;
mod text;
mod vault;

use std::ops::Range;

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

pub use names::Named;
pub(crate) use vault::{Vault, is_marked};

/// What a mark begins and ends with.
const BEGIN: &str = "[secret sha256-hmac:";
const END: &str = "]";
/// Digits of a fingerprint: 128 bits, so that two secrets never share one.
const DIGITS: usize = 32;

/// The key of fingerprints. It cannot print.
#[derive(Clone)]
pub struct FingerprintKey([u8; 32]);

impl FingerprintKey {
    /// A key of these bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The mark that stands for a secret.
    fn mark(&self, secret: &[u8]) -> String {
        use std::fmt::Write as _;
        let mut hex = String::with_capacity(DIGITS);
        // HMAC takes keys of any length.
        if let Ok(mac) = Hmac::<Sha256>::new_from_slice(&self.0) {
            for byte in mac.chain_update(secret).finalize().into_bytes().iter().take(DIGITS / 2) {
                // Writing to a text cannot fail.
                let _ = write!(hex, "{byte:02x}");
            }
        }
        format!("{BEGIN}{hex}{END}")
    }
}

impl std::fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FingerprintKey(not shown)")
    }
}

/// Secrets that were replaced, with their marks. It cannot print, and is never written anywhere.
#[derive(Default)]
pub struct Replaced(Vec<(String, String)>);

impl Replaced {
    /// Whether there were none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// A text with each of the secrets replaced by its mark.
    #[cfg(test)]
    pub(crate) fn marked(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (mark, secret)| text.replace(secret.as_str(), mark))
    }

    /// The secret behind a mark.
    fn behind(&self, mark: &str) -> Option<&str> {
        self.0.iter().find(|(marked, _)| marked == mark).map(|(_, secret)| secret.as_str())
    }
}

impl std::fmt::Debug for Replaced {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replaced({}, not shown)", self.0.len())
    }
}

/// A body without its secrets: the only thing a shelf takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted(Vec<u8>);

impl Redacted {
    /// The bytes to keep.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Finds and replaces secrets.
#[derive(Debug, Clone)]
pub struct Redactor {
    key: FingerprintKey,
}

impl Redactor {
    /// With the key of its fingerprints.
    #[must_use]
    pub const fn new(key: FingerprintKey) -> Self {
        Self { key }
    }

    /// A body without its secrets, and what was replaced. A body of JSON is looked into text by text; any other is looked
    /// through as it stands.
    #[must_use]
    pub fn body(&self, body: Vec<u8>, named: &Named) -> (Redacted, Replaced) {
        let mut replaced = Replaced::default();
        let is_json =
            matches!(body.iter().find(|byte| !byte.is_ascii_whitespace()), Some(b'{' | b'[' | b'"'));
        if is_json {
            if named.is_empty() && !perhaps(&body) {
                return (Redacted(body), replaced);
            }
            let walk = json::Walk { redactor: self, named, depth: 0 };
            if let Ok(fresh) = walk.document(&body, &mut replaced) {
                return (Redacted(fresh), replaced);
            }
            replaced = Replaced::default();
        }
        let fresh = text::redacted(self, &body, named, &mut replaced);
        (Redacted(fresh.unwrap_or(body)), replaced)
    }

    /// A text without its secrets.
    #[must_use]
    pub fn text(&self, text: &str) -> (String, Replaced) {
        let mut replaced = Replaced::default();
        let mut found = Vec::new();
        shapes::find(text.as_bytes(), &mut found);
        let fresh = self
            .without(text.as_bytes(), found, &mut replaced)
            .and_then(|fresh| String::from_utf8(fresh).ok());
        (fresh.unwrap_or_else(|| text.to_owned()), replaced)
    }

    fn replace(&self, secret: &str, replaced: &mut Replaced) -> String {
        let mark = self.key.mark(secret.as_bytes());
        replaced.0.push((mark.clone(), secret.to_owned()));
        mark
    }

    /// The text with these parts replaced; nothing if there are none.
    fn without(&self, text: &[u8], mut found: Vec<Range<usize>>, replaced: &mut Replaced) -> Option<Vec<u8>> {
        found.sort_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
        let mut merged: Vec<Range<usize>> = Vec::with_capacity(found.len());
        for range in found {
            match merged.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged.retain(|range| !text[range.clone()].starts_with(BEGIN.as_bytes()));
        let first = merged.first()?.start;
        let mut fresh = text[..first].to_vec();
        let mut at = first;
        for range in merged {
            fresh.extend_from_slice(&text[at..range.start]);
            let secret = String::from_utf8_lossy(&text[range.clone()]);
            fresh.extend_from_slice(self.replace(&secret, replaced).as_bytes());
            at = range.end;
        }
        fresh.extend_from_slice(&text[at..]);
        Some(fresh)
    }
}

/// Whether a JSON text may hold a secret, or texts that are written with escapes and have to be looked into.
fn perhaps(body: &[u8]) -> bool {
    if memchr::memchr(b'\\', body).is_some() || names::perhaps(body) {
        return true;
    }
    let mut found = Vec::new();
    shapes::find(body, &mut found);
    !found.is_empty()
}

/// Whether a text is a mark and nothing else.
fn is_marker(text: &str) -> bool {
    let digits = text.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    digits.is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests;
