//! The entry this product's log holds for each body: which kind of thing, of which case, with which digest.
//!
//! Bodies (receipts, claims, verdicts) hold personal data and are kept, sealed, elsewhere; the log holds their digests
//! only, so that a body can be erased without breaking the log.

use serde::{Deserialize, Serialize};

use crate::Digest;

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not JSON of the form of a record, or of another version.
    #[error("this is not a log record: {0}")]
    Form(String),
    /// The same record has one text only.
    #[error("the record is not in its canonical form: members sorted by name, no white space")]
    NotCanonical,
    /// A case and a place in it go together.
    #[error("a record has a case and a sequence number, or neither")]
    HalfCase,
    /// Names are one short word each.
    #[error("the kind of a record is 1 to 64 of a-z, 0-9, '.', '_' and '-', and case and time are not empty")]
    Word,
}

/// One entry of the log. Its bytes are JSON with the members in this order, which is that of their names, and without
/// white space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// When it was logged, as RFC 3339 text; the caller's clock.
    pub at: String,
    /// Digest of the body.
    pub body: Digest,
    /// The case it belongs to; `None` for what no single case owns, such as the receipts of a collection.
    pub case: Option<String>,
    /// What the body is: `receipt`, `claim`, `verdict`, `approval`, ...
    pub kind: String,
    /// Zero-based place among the case's records, without gaps; `None` exactly if `case` is.
    pub sequence: Option<u64>,
    /// Version of this form.
    v: u8,
}

impl Record {
    /// A record of a case.
    #[must_use]
    pub fn of_case(case: &str, sequence: u64, kind: &str, at: &str, body: Digest) -> Self {
        Self { case: Some(case.to_owned()), sequence: Some(sequence), ..Self::shared(kind, at, body) }
    }

    /// A record that no single case owns.
    #[must_use]
    pub fn shared(kind: &str, at: &str, body: Digest) -> Self {
        Self { at: at.to_owned(), body, case: None, kind: kind.to_owned(), sequence: None, v: 1 }
    }

    /// The bytes to append to the log.
    ///
    /// # Errors
    /// The record contradicts itself.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        self.check()?;
        serde_json::to_vec(self).map_err(|error| RecordError::Form(error.to_string()))
    }

    /// Reads an entry of the log.
    ///
    /// # Errors
    /// It is not a record, or not its canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Self =
            serde_json::from_slice(bytes).map_err(|error| RecordError::Form(error.to_string()))?;
        if record.to_bytes()? == bytes { Ok(record) } else { Err(RecordError::NotCanonical) }
    }

    fn check(&self) -> Result<(), RecordError> {
        if self.v != 1 {
            let text = format!("version {} is not known here, only 1 is", self.v);
            return Err(RecordError::Form(text));
        }
        if self.case.is_some() != self.sequence.is_some() {
            return Err(RecordError::HalfCase);
        }
        let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
        let kind = (1..=64).contains(&self.kind.len()) && self.kind.bytes().all(word);
        let named = !self.at.is_empty() && self.case.as_deref() != Some("");
        if kind && named { Ok(()) } else { Err(RecordError::Word) }
    }
}
