//! The bundle: one file with a verdict, the log entries of its case, their proofs and bodies, the signed head of the
//! log and its key, which anyone can verify offline. The format is described in this crate's README.

mod findings;
mod format;
mod refusal;
mod seal;
mod verified;
mod verify;

pub use findings::{Answer, BackDated, Finding, Reading};
pub use refusal::Refusal;
pub use seal::{Contents, SealError, seal};
pub use verified::{Authenticity, Completeness, Integrity, Verified, VerifiedEntry};
pub use verify::{Trust, verify, verify_under};

use crate::Digest;

/// Predicate type of the in-toto statement a verdict is signed as.
pub const VERDICT_PREDICATE: &str = "urn:exeunt:leaver-verdict:v1";

/// Predicate type of the in-toto statement that seals a bundle.
pub const SEAL_PREDICATE: &str = "urn:exeunt:bundle-seal:v1";

/// The kind of record whose body is the DSSE envelope of a verdict.
pub const VERDICT_KIND: &str = "verdict";

/// An entry of the log as a bundle carries it; [`crate::Ledger::bundle_entry`] makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleEntry {
    /// Ledger index.
    pub index: u64,
    /// The entry: the bytes of a [`crate::record::Record`].
    pub record: Vec<u8>,
    /// Its inclusion proof against the bundle's checkpoint.
    pub proof: Vec<Digest>,
    /// The body whose digest the record holds; `None` if it is withheld or erased.
    pub body: Option<Vec<u8>>,
}
