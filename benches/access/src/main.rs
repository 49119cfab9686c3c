//! What every leaver still reaches, exactly, beside a bare sweep of the same graph and what a user would pick instead:
//! `cargo xtask bench access`.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "figures for a table, and draws of a generator whose bytes are fixed; the numbers are below 2^31"
)]

mod bare;
mod command;
mod convert;
mod figures;
mod limit;
mod ours;
mod recheck;
mod rivals;
mod rows;
mod run;
mod tally;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser as _;

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run::run(&run::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
