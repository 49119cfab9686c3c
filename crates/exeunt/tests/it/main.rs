//! Tests of the program from the outside, in one binary: in process where streams and exit code are enough, as the
//! built program where signals and processes matter.

#![expect(clippy::expect_used, reason = "what a test stands on has to be there")]

mod auditor;
mod bundle;
mod connector_folders;
mod contract;
mod demo;
mod descriptions;
mod erased;
mod files_gone_wrong;
mod finished;
mod goes_on;
mod guide;
mod help;
mod interrupted;
mod lab;
mod own_servers;
mod owners;
mod page;
mod replay;
mod rights;
mod said;
mod stage;
mod systems_gone_wrong;
mod tickets_gone_wrong;
mod witness;
mod witnessed;
