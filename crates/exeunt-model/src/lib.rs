//! The nouns of Exeunt, and nothing else.
//!
//! Records and receipts that connectors produce, the manifest that says how one system is
//! read, the configuration, and the verdict that judging ends in. This crate does no I/O, has
//! no clock and decides nothing: it says what the words mean and refuses values that have none.
//!
//! Every type that leaves the program as JSON has a published schema (see [`schema`]).

pub mod access;
mod accountable;
pub mod canonical;
pub mod case;
pub mod config;
pub mod digest;
pub mod kind;
pub mod manifest;
pub mod owners;
pub mod policy;
pub mod program;
pub mod programme;
pub mod receipt;
pub mod record;
pub mod reference;
pub mod schema;
pub mod snapshot;
pub mod verdict;

pub use digest::Digest;
pub use kind::{Effect, Grade, IdentityKind, LinkStrength, State, SurvivorKind};
pub use receipt::{Outcome, PartialReason, ReadReceipt};
pub use record::Record;
pub use reference::{Noun, Ref, SystemId, Who};
pub use snapshot::{Read, RecordChunk, Snapshot};

/// A point in time, UTC, as RFC 3339 text in every document.
pub type Timestamp = jiff::Timestamp;
/// Text that is copied at no cost: short ones lie where they stand, longer ones are shared.
pub type Text = smol_str::SmolStr;
/// As `format!`, for a [`Text`].
pub use smol_str::format_smolstr as text;
/// A length of time; written `5m`, `24h`, `90d` is not accepted (days vary), use `2160h`.
pub type Duration = jiff::SignedDuration;
