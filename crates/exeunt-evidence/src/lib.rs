//! Evidence as bytes: hashing, the Merkle log, checkpoints, proofs, envelopes, and the bundle an auditor takes away.
//!
//! This crate knows nothing of leavers, systems or verdict documents, and it has no clock, no network and no
//! randomness of its own: bodies come in as bytes, times as text, seeds as arguments. One module is one public
//! specification:
//!
//! | module | specification |
//! | --- | --- |
//! | [`digest`] | SHA-256 as `sha256:<hex>` |
//! | [`merkle`] | RFC 6962 §2.1 (tree), RFC 9162 §2.1.3 and §2.1.4 (verification) |
//! | [`tile`] | C2SP tlog-tiles: paths, partial tiles, entry bundles; and where tiles are kept |
//! | [`note`], [`key`] | C2SP signed-note: notes, verifier and signer key texts |
//! | [`checkpoint`] | C2SP tlog-checkpoint |
//! | [`cosignature`] | C2SP tlog-cosignature, `cosignature/v1` |
//! | [`witness`] | C2SP tlog-witness v1.0.0: what a witness is asked, decides and keeps |
//! | [`policy`] | C2SP tlog-policy: known logs and witnesses, and their quorum |
//! | [`tlog_proof`] | C2SP tlog-proof, `c2sp.org/tlog-proof@v1` |
//! | [`dsse`] | DSSE v1.0.2 envelopes and their pre-authentication encoding |
//! | [`in_toto`] | in-toto Statement v1 |
//! | [`record`] | the small entry this product's log holds for each body |
//! | [`ledger`] | the append-only log itself |
//! | [`durable`] | group commit: a journal before the tiles, one `fdatasync` a batch |
//! | [`timestamp`] | RFC 3161, RFC 5816: requests to a time authority, and its tokens |
//! | [`bundle`] | the one file of evidence, and its offline verifier; the format is in this crate's README |

pub mod bundle;
pub mod checkpoint;
pub mod cosignature;
pub mod digest;
pub mod dsse;
pub mod durable;
mod encoding;
pub mod in_toto;
pub mod key;
pub mod ledger;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod record;
pub mod tile;
pub mod timestamp;
pub mod tlog_proof;
pub mod witness;

pub use bundle::{Refusal, Trust, Verified, verify, verify_under};
pub use digest::Digest;
pub use key::{SigningKey, VerifierKey};
pub use ledger::Ledger;
pub use policy::Policy;
