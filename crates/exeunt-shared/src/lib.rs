//! One ledger, many nodes: who may write, what is not in tiles yet and the head are in PostgreSQL; the tiles are in an
//! object store that speaks S3.
//!
//! A [`SharedDisk`] is what durable appends ask of a disk. A node takes a *lease* before it writes, and with it an
//! *epoch*, a number that grows with each taking. Every change is one transaction that first holds the lease's row to the
//! node's own epoch: once another node has taken the lease, nothing of the old one is committed any more, however long it
//! was paused and whatever it had under way. So no clock and no time-out decides who may write; they decide only when
//! another node may try.
//!
//! Tiles need no fence. A tile of a log is the same whoever writes it: it is made of entries that were committed before.
//! So an object store needs nothing beyond reading and writing whole objects.

mod database;
mod disk;
mod error;
mod lease;
mod objects;
mod worker;

pub use disk::SharedDisk;
pub use error::SharedError;
pub use lease::Lease;
pub use objects::{Keys, Objects, Place};
