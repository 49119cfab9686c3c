//! Every leaver of a large estate judged: `cargo xtask bench judge`.
//!
//! The estate of the other benches is told as two snapshots of each of its systems, one from before the departures and one
//! of now. Its records are made as they are asked for, as a service reads parts from its disk; what making them alone
//! takes is printed beside what the slice takes, which makes them twice.

mod company;
mod judged;
mod making;
mod rows;
mod settings;
mod tables;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use exeunt_bench_figures::{apart, table};
use serde_json::Value;

/// The allocator of the program that is measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is judged.
#[derive(Debug, Parser)]
struct Args {
    /// People of the estate; several for several rows
    #[arg(long, default_values_t = [10_000, 100_000, 1_000_000])]
    people: Vec<usize>,
    /// Cases at the most; one person in fifty has left
    #[arg(long, default_value_t = 10_000)]
    cases: usize,
    /// Seed of the estate
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Up to so many people, every verdict is compared with the one over everything
    #[arg(long, default_value_t = 10_000)]
    compare: usize,
    /// Folder of an estate that was made before, for a single row
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// One estate only; how the bench calls itself
    #[arg(long, hide = true, requires = "dir")]
    one: bool,
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
    if let (true, Some(dir), Some(people)) = (args.one, &args.dir, args.people.first()) {
        let told = judged::judge(dir, args.cases, *people <= args.compare)?;
        println!("{told}");
        return Ok(());
    }
    let mut rows = Vec::new();
    for people in &args.people {
        let made = tempfile::tempdir().map_err(|e| format!("making a folder: {e}"))?;
        let dir = args.dir.clone().unwrap_or_else(|| made.path().to_owned());
        if !dir.join("accounts.csv").is_file() {
            eprintln!("making the estate of {people} people");
            let size = exeunt_bench_estate::Size::of(*people, args.seed);
            exeunt_bench_estate::make(&dir, size).map_err(|e| format!("making the estate: {e}"))?;
        }
        eprintln!("judging");
        rows.push(one_apart(args, *people, &dir)?);
    }
    table::print("judge; the limit at 1,000,000 people and 10,000 cases is 60 s", &rows, args.json);
    Ok(())
}

/// In a process of its own, so that its memory is its own.
fn one_apart(args: &Args, people: usize, dir: &Path) -> Result<Value, String> {
    let [people, cases, compare] = [people, args.cases, args.compare].map(|number| number.to_string());
    let arguments = ["--one", "--people", &people, "--cases", &cases, "--compare", &compare, "--dir"];
    let arguments: Vec<&OsStr> = arguments.into_iter().map(OsStr::new).chain([dir.as_os_str()]).collect();
    apart(&arguments)
}
