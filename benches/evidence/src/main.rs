//! What the evidence log costs, beside what the disk and SHA-256 alone can do: `cargo xtask bench evidence`.

mod append;
mod bundles;
mod counting;
mod entries;
mod raw;
mod reading;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser as _;
use exeunt_bench_figures::table;

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
#[derive(Debug, clap::Parser)]
struct Args {
    /// Entries of the log that is built and verified
    #[arg(long, default_value_t = 10_000_000)]
    entries: u64,
    /// Rounds of appending beside the raw disk, short ones, since a shared disk changes its pace; the median is printed
    #[arg(long, default_value_t = 41)]
    rounds: usize,
    /// Entries appended in each round
    #[arg(long, default_value_t = 40_000)]
    round: u64,
    /// Where to write: the disk that is measured
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), String> {
    let home = match &args.dir {
        Some(dir) => tempfile::tempdir_in(dir),
        None => tempfile::tempdir_in("."),
    };
    let home = home.map_err(|e| format!("making a folder to measure in: {e}"))?;
    let mut rows = append::measure(home.path(), args.rounds.max(1), args.round)?;
    let log = home.path().join("large");
    rows.push(append::build(&log, args.entries)?);
    rows.extend(reading::measure(&log)?);
    rows.push(bundles::measure()?);
    table::print(&format!("evidence, {} entries", args.entries), &rows, args.json);
    Ok(())
}
