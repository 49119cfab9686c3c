//! Everything that looks random comes from here: a digest of the seed, a kind and a key.

use sha2::{Digest, Sha256};

const BASE36: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const BASE62: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// The number from which the whole company grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seed(pub u64);

impl Seed {
    fn digest(self, kind: &str, key: &str) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0.to_be_bytes());
        hash.update(kind.as_bytes());
        hash.update([0]);
        hash.update(key.as_bytes());
        hash.finalize().into()
    }

    fn letters(self, kind: &str, key: &str, alphabet: &[u8], count: usize) -> String {
        let digest = self.digest(kind, key);
        digest
            .iter()
            .cycle()
            .take(count)
            .map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()]))
            .collect()
    }

    /// `count` (at most 32) upper-case letters and digits.
    #[must_use]
    pub fn upper(self, kind: &str, key: &str, count: usize) -> String {
        self.letters(kind, key, BASE36, count)
    }

    /// `count` (at most 32) letters and digits of either case.
    #[must_use]
    pub fn mixed(self, kind: &str, key: &str, count: usize) -> String {
        self.letters(kind, key, BASE62, count)
    }

    /// `count` (at most 64) hexadecimal digits.
    #[must_use]
    pub fn hex(self, kind: &str, key: &str, count: usize) -> String {
        let mut text = hex::encode(self.digest(kind, key));
        text.truncate(count);
        text
    }

    /// A whole number in `from .. from + span`.
    #[must_use]
    pub fn number(self, kind: &str, key: &str, from: u64, span: u64) -> u64 {
        let digest = self.digest(kind, key);
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        from + u64::from_be_bytes(bytes) % span.max(1)
    }

    /// A number of days (or anything small) in `from .. from + span`.
    #[must_use]
    pub fn days(self, kind: &str, key: &str, from: i64, span: i64) -> i64 {
        let span = u64::try_from(span).unwrap_or(1);
        from + i64::try_from(self.number(kind, key, 0, span)).unwrap_or(0)
    }

    /// A UUID in its usual spelling.
    #[must_use]
    pub fn uuid(self, kind: &str, key: &str) -> String {
        let hex = self.hex(kind, key, 32);
        format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
    }

    /// Puts `items` into the order this seed gives them.
    pub fn shuffle<T>(self, kind: &str, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let bound = u64::try_from(last + 1).unwrap_or(1);
            let pick = self.number(kind, &last.to_string(), 0, bound);
            items.swap(last, usize::try_from(pick).unwrap_or(last));
        }
    }
}
