//! Two nodes and one ledger, on a PostgreSQL of the tests' own and a store of objects in memory.

#![expect(clippy::expect_used, reason = "what a test cannot set up fails the test")]

mod breaking;
mod nodes;
mod servers;
