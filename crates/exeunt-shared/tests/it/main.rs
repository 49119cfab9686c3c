//! Two nodes and one ledger, on a PostgreSQL of the tests' own and a store of objects in memory.

mod breaking;
mod nodes;
mod servers;
