//! DSSE v1.0.2 envelopes: bytes, their type, and signatures over both.

use serde::{Deserialize, Serialize};

use crate::encoding::Base64;
use crate::key::{Algorithm, SigningKey, VerifierKey};

/// What is wrong with an envelope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DsseError {
    /// Not JSON of the form of an envelope.
    #[error("this is not a DSSE envelope: {0}")]
    Form(String),
    /// The payload is of another type than was asked for.
    #[error("the envelope holds {found:?}, not {expected:?}")]
    Type {
        /// The type that was expected.
        expected: String,
        /// The type it states.
        found: String,
    },
    /// None of the keys made any of the signatures.
    #[error("no signature on the envelope matches a key we know: it was changed, or somebody else signed it")]
    Signature,
}

/// A signed payload. The payload is worth nothing before [`verify`](Self::verify).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    payload: Base64,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct EnvelopeSignature {
    #[serde(default)]
    keyid: String,
    sig: Base64,
}

/// What is signed: `"DSSEv1" SP len(type) SP type SP len(body) SP body` (DSSE, "Signature Definition").
#[must_use]
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}

impl Envelope {
    /// Signs a payload. The `keyid` is the key's fingerprint; readers take it as a hint only.
    #[must_use]
    pub fn sign(payload_type: &str, payload: Vec<u8>, key: &SigningKey) -> Self {
        let signature = key.sign(&pre_authentication_encoding(payload_type, &payload));
        Self {
            payload: Base64(payload),
            payload_type: payload_type.to_owned(),
            signatures: vec![EnvelopeSignature {
                keyid: key.verifier().fingerprint().to_string(),
                sig: Base64(signature.to_vec()),
            }],
        }
    }

    /// Reads an envelope without verifying anything. Both base64 alphabets are accepted, as DSSE asks.
    ///
    /// # Errors
    /// [`DsseError::Form`].
    pub fn from_json(json: &[u8]) -> Result<Self, DsseError> {
        serde_json::from_slice(json).map_err(|error| DsseError::Form(error.to_string()))
    }

    /// The envelope as JSON without white space, members in the order of their names.
    ///
    /// # Errors
    /// [`DsseError::Form`] if it cannot be JSON.
    pub fn to_json(&self) -> Result<Vec<u8>, DsseError> {
        serde_json::to_vec(self).map_err(|error| DsseError::Form(error.to_string()))
    }

    /// The payload, if it is of this type and at least one of these keys signed it.
    ///
    /// # Errors
    /// The type differs, or no signature matches.
    pub fn verify(&self, payload_type: &str, keys: &[&VerifierKey]) -> Result<&[u8], DsseError> {
        if self.payload_type != payload_type {
            return Err(DsseError::Type {
                expected: payload_type.to_owned(),
                found: self.payload_type.clone(),
            });
        }
        let message = pre_authentication_encoding(payload_type, &self.payload.0);
        let matches = |key: &&VerifierKey| {
            key.algorithm() == Algorithm::Ed25519
                && self.signatures.iter().any(|signature| key.accepts(&message, &signature.sig.0))
        };
        if keys.iter().any(matches) { Ok(&self.payload.0) } else { Err(DsseError::Signature) }
    }

    /// The key ids on the signatures: hints, nothing authenticates them.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| signature.keyid.as_str())
    }
}
