//! Columns at rest: tables of whole numbers and names as Parquet files, which DuckDB, Spark and Trino read as they are and
//! which load here at the speed of the disk.
//!
//! A column chunk is one plain, uncompressed page, so that its values lie in the file exactly as in memory: loading is a
//! read into a vector, and one row is a positioned read. Every 16 KiB has a checksum in the file's own metadata; a
//! damaged or shortened file is an error, also when only a few rows of it are wanted.
//!
//! [`access`] is the one set of tables kept so: the access graph of an estate.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        reason = "files come from a disk; a damaged one must be an error and not a panic"
    )
)]

pub mod access;
mod error;
mod parquet;
#[cfg(test)]
mod tests;

pub use error::ColumnsError;
pub use parquet::{Column, ROWS_IN_A_GROUP, Ranges, Table, Texts, write};
