//! Reading a large system over loopback, beside a bare fetch-and-parse loop of the same pages: `cargo xtask bench collect`.

mod bare;
mod both;
mod ours;

use std::process::ExitCode;

use clap::Parser as _;

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match both::run(&both::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
