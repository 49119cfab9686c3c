//! What can go wrong between nodes: what was attempted, and what to do next.

use std::io;

/// The shared ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SharedError {
    /// Another node has the lease.
    #[error(
        "the node {holder} writes the ledger now; try again when it has ended, or in {seconds} s if it is dead"
    )]
    Busy {
        /// Which.
        holder: String,
        /// When the lease runs out unless it is renewed.
        seconds: i64,
    },
    /// Another node took the lease meanwhile: nothing was written.
    #[error("another node has taken the ledger over, so nothing was written; open it again")]
    Overtaken,
    /// PostgreSQL refused or could not be reached.
    #[error("could not {attempted} in PostgreSQL: {cause}")]
    Database {
        /// What was attempted.
        attempted: &'static str,
        /// The database's words.
        cause: sqlx::Error,
    },
    /// The object store refused or could not be reached.
    #[error("could not {attempted} the object {object}: {cause}")]
    Objects {
        /// What was attempted.
        attempted: &'static str,
        /// Its key.
        object: String,
        /// Why.
        cause: String,
    },
    /// The address of a database or of an object store is none.
    #[error("{what} is no address: {cause}")]
    Address {
        /// Which.
        what: &'static str,
        /// Why.
        cause: String,
    },
    /// The journal has a gap.
    #[error("the journal from entry {segment} has a gap after byte {at}; restore the database from a copy")]
    Gap {
        /// The segment.
        segment: i64,
        /// Where.
        at: usize,
    },
    /// The list of segments is damaged.
    #[error(
        "the journal says that a segment begins with entry {first}, and there is none; restore the database from a copy"
    )]
    Place {
        /// What it says.
        first: i64,
    },
}

impl From<SharedError> for io::Error {
    fn from(error: SharedError) -> Self {
        Self::other(error)
    }
}
