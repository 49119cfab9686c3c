//! Whose each of millions of accounts is, beside a record-linkage library and plain joins on the same tables:
//! `cargo xtask bench correlate`.

#![allow(clippy::cast_precision_loss, reason = "figures for a table; the numbers are below 2^31")]

mod ours;
mod rivals;
mod tables;

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use exeunt_bench_figures::{apart, table};
use serde_json::json;

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is correlated, and beside whom.
#[derive(Debug, Parser)]
struct Args {
    /// People of the estate; it has 3.7 accounts for each
    #[arg(long, default_value_t = 1_000_000)]
    people: usize,
    /// Seed of the estate
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder of the estate; one that holds it already is used as it is
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Rivals, each run by Python
    #[arg(long, value_delimiter = ',')]
    rivals: Vec<String>,
    /// A Python that has the rivals' packages: splink, duckdb, psutil
    #[arg(long, default_value = "python3")]
    python: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Our side only; how the bench calls itself
    #[arg(long, hide = true, requires = "dir")]
    ours: bool,
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
    if let (true, Some(dir)) = (args.ours, &args.dir) {
        return ours::read(dir).map(|told| println!("{told}"));
    }
    let made = tempfile::tempdir().map_err(|e| format!("making a folder: {e}"))?;
    let dir = args.dir.clone().unwrap_or_else(|| made.path().to_owned());
    if !dir.join("accounts.csv").is_file() {
        eprintln!("making the estate");
        let size = exeunt_bench_estate::Size::of(args.people, args.seed);
        exeunt_bench_estate::make(&dir, size).map_err(|e| format!("making the estate: {e}"))?;
    }
    eprintln!("exeunt");
    // In a process of its own, so that its memory is its own.
    let ours = apart(&[OsStr::new("--ours"), OsStr::new("--dir"), dir.as_os_str()])?;
    let mut rows = vec![ours.clone()];
    for rival in &args.rivals {
        eprintln!("{rival}");
        let theirs = rivals::run(rival, &dir, &args.python)?;
        let times =
            theirs["cpu seconds"].as_f64().unwrap_or(0.0) / ours["cpu seconds"].as_f64().unwrap_or(1.0);
        let mut row = theirs;
        row["to ours"] = json!(format!("{times:.0} times the cpu"));
        rows.push(row);
    }
    table::print(&format!("correlate, {} people", args.people), &rows, args.json);
    Ok(())
}
