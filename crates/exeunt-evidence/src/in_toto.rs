//! in-toto Statement v1: a predicate about subjects that are named by their digests.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::Digest;

/// The DSSE payload type of in-toto statements.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// The `_type` of a Statement v1.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What is wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Not JSON of the form of a statement with this predicate.
    #[error("this is not an in-toto statement of the expected form: {0}")]
    Form(String),
    /// `_type` or `predicateType` is not the expected one.
    #[error("the statement is of type {found:?}, not {expected:?}")]
    Type {
        /// The type that was expected.
        expected: String,
        /// The type it states.
        found: String,
    },
    /// Every subject needs a SHA-256 digest.
    #[error("the statement's subject {name:?} has no well-formed sha256 digest")]
    Subject {
        /// Name of the subject.
        name: String,
    },
}

/// Something a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Digests by algorithm, in hexadecimal; `sha256` is always there.
    digest: BTreeMap<String, String>,
    /// Name, unique within the statement.
    name: String,
}

impl Subject {
    /// A subject with a SHA-256 digest.
    #[must_use]
    pub fn new(name: impl Into<String>, digest: Digest) -> Self {
        Self { digest: BTreeMap::from([("sha256".to_owned(), digest.to_hex())]), name: name.into() }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its SHA-256 digest; always there in a statement that [`Statement::from_json`] has read.
    #[must_use]
    pub fn sha256(&self) -> Option<Digest> {
        Digest::from_hex(self.digest.get("sha256")?)
    }
}

/// A statement with a predicate of type `P`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement<P> {
    #[serde(rename = "_type")]
    kind: String,
    /// What is stated.
    pub predicate: P,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    /// What it is stated about.
    pub subject: Vec<Subject>,
}

impl<P> Statement<P> {
    /// A statement about these subjects.
    #[must_use]
    pub fn new(predicate_type: &str, predicate: P, subject: Vec<Subject>) -> Self {
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            predicate,
            predicate_type: predicate_type.to_owned(),
            subject,
        }
    }
}

impl<P: Serialize> Statement<P> {
    /// The statement as JSON without white space; members are in the order of their names if the predicate's are.
    ///
    /// # Errors
    /// The predicate cannot be JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, StatementError> {
        serde_json::to_vec(self).map_err(|error| StatementError::Form(error.to_string()))
    }
}

impl<P: DeserializeOwned> Statement<P> {
    /// Reads a statement; do so only after its signature was verified.
    ///
    /// # Errors
    /// It is not a Statement v1 with this predicate type, or a subject has no digest.
    pub fn from_json(json: &[u8], predicate_type: &str) -> Result<Self, StatementError> {
        let statement: Self =
            serde_json::from_slice(json).map_err(|error| StatementError::Form(error.to_string()))?;
        let types = [(STATEMENT_TYPE, &statement.kind), (predicate_type, &statement.predicate_type)];
        for (expected, found) in types {
            if found != expected {
                return Err(StatementError::Type { expected: expected.to_owned(), found: found.clone() });
            }
        }
        match statement.subject.iter().find(|s| s.sha256().is_none()) {
            Some(subject) => Err(StatementError::Subject { name: subject.name.clone() }),
            None => Ok(statement),
        }
    }
}
