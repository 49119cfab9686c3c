//! Parquet, the small part of it that lies in a file as in memory: required columns, plain and uncompressed, one page to
//! a chunk. Source: the Parquet project's `parquet.thrift` and `Encodings.md`.

mod footer;
mod ranges;
mod table;
mod thrift;
mod write;

pub use ranges::{Ranges, Texts};
pub use table::Table;
pub use write::{Column, write};

/// Rows in each row group but the last: a group is what a query engine gives to one thread, and its page fits into
/// memory many times over.
pub const ROWS_IN_A_GROUP: usize = 1 << 20;

/// Bytes under one checksum: little enough that a single row costs little, enough that the sums are a small part.
const BLOCK: usize = 16 << 10;

/// Both ends of a Parquet file.
const MAGIC: &[u8; 4] = b"PAR1";
