//! One file for each command.

pub mod check;
pub mod collect;
pub mod columns;
pub mod connector_new;
pub mod connector_test;
pub mod connectors;
pub mod demo;
pub mod evidence;
pub mod explain;
pub mod export;
pub mod init;
pub mod owners;
pub mod records;
pub mod report;
pub mod schema;
pub mod sweep;
pub mod verify;
pub mod witness;
