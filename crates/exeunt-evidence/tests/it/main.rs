//! Integration tests of the evidence crate: published vectors, oracles, crash points and tampering.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop there")]

mod arbitrary;
mod bundle;
mod durable;
mod envelope;
mod folder;
mod kill;
mod ledger;
mod merkle;
mod note;
mod others;
mod policy;
mod sim_disk;
mod tamper;
mod tamper_table;
mod tile;
mod timestamp;
mod witness;
mod world;
