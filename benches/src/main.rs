//! What speed is measured with. Each bench prints a table of ratios: our work beside a rival's, or beside the least that
//! could be done, on the same input in the same run. `cargo xtask bench NAME` builds it optimised and runs it.

mod collect;
mod memory;
mod table;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    bench: Bench,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Reading a large system over loopback, beside a bare fetch-and-parse loop of the same pages
    Collect(collect::Args),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().bench {
        Bench::Collect(args) => collect::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}
