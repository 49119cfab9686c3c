//! Timestamps of a time authority (RFC 3161): that a head of the log existed not later than a time which its holder did not
//! choose. A request and its answer are bytes here; who carries them to the authority is not of this crate.

mod authorities;
mod request;
mod token;

pub use authorities::Authorities;
pub use request::{read_answer, request};
pub use token::verify_token;

use jiff::Timestamp;

use crate::Digest;

/// What a token that holds says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamped {
    /// The digest existed at this time.
    pub time: Timestamp,
    /// Subject of the authority's certificate.
    pub authority: String,
    /// The token's serial number, hexadecimal.
    pub serial: String,
}

/// Why a token or an answer is refused. Nothing in it may be believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampError {
    /// Not of the form of RFC 3161.
    #[error("the {what} cannot be read: {why}")]
    Form {
        /// `answer`, `token`, `certificate` and the like.
        what: &'static str,
        /// What the reader met.
        why: String,
    },
    /// The authority did not give a token.
    #[error("the time authority gave no token: {status}")]
    Rejected {
        /// Its status, and its words if it has any.
        status: String,
    },
    /// The token is of something else.
    #[error("the token is over the digest {found}, not over {expected}")]
    OtherDigest {
        /// What it should be over.
        expected: Digest,
        /// What it is over.
        found: String,
    },
    /// The answer is one to another request.
    #[error(
        "the token does not carry the nonce of the request: it answers another one, or was kept from before"
    )]
    Nonce,
    /// The signature, or what it is bound to.
    #[error("the token's signature does not hold: {why}")]
    Signature {
        /// What is wrong.
        why: String,
    },
    /// The certificate was not valid at the token's time.
    #[error("the authority's certificate was not valid at {at}: {why}")]
    NotValidThen {
        /// The token's time.
        at: Timestamp,
        /// Expired, or not valid yet.
        why: &'static str,
    },
    /// The certificate leads to none of the given ones.
    #[error("the authority's certificate does not lead to one that is trusted: {why}")]
    Foreign {
        /// What the path search met.
        why: String,
    },
    /// The certificate is not one for timestamps.
    #[error("the certificate is not one for timestamps: {why}")]
    Purpose {
        /// What is wrong.
        why: &'static str,
    },
}

fn form<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> TimestampError {
    move |why| TimestampError::Form { what, why: why.to_string() }
}
