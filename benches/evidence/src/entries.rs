//! Entries as the product logs them, by number, made fast enough not to be what is measured.

use exeunt_evidence::key::Algorithm;
use exeunt_evidence::record::Record;
use exeunt_evidence::{Digest, SigningKey};

/// The log's key.
pub fn key() -> Result<SigningKey, String> {
    SigningKey::from_seed("bench.example/exeunt", Algorithm::Ed25519, &[7; 32]).map_err(|e| e.to_string())
}

/// A real record, and where the digits of its body's digest stand in it.
pub struct Template(Vec<u8>, usize);

impl Template {
    /// A receipt's record.
    pub fn new() -> Result<Self, String> {
        let digest = Digest::of(b"");
        let record = Record::shared("receipt", "2026-03-02T18:00:00Z", digest);
        let bytes = record.to_bytes().map_err(|e| e.to_string())?;
        let hex = digest.to_hex();
        let place = bytes.windows(hex.len()).position(|window| window == hex.as_bytes());
        Ok(Self(bytes, place.ok_or("a record holds its digest")?))
    }

    /// The entry of this number: sixteen of its digits are the number.
    pub fn entry(&self, number: u64) -> Vec<u8> {
        let mut bytes = self.0.clone();
        for (place, byte) in bytes.iter_mut().skip(self.1).take(16).enumerate() {
            let digit = u8::try_from((number >> (4 * place)) & 15).unwrap_or(0);
            *byte = if digit < 10 { b'0' + digit } else { b'a' + digit - 10 };
        }
        bytes
    }
}

/// A count, to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench are far below 2^52")]
pub fn float(count: u64) -> f64 {
    count as f64
}
