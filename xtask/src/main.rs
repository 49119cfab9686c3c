//! The repository's own chores: its rules as code, its generated pages, its one test command, and the lab.
//!
//! `cargo xtask check` says whether the tree keeps its rules, `cargo xtask generate` rewrites what is generated,
//! `cargo xtask test` runs everything, `cargo xtask lab` starts real servers to test against.

mod bench;
mod check;
mod files;
mod generated;
mod lab;
mod metadata;
mod mutants;
mod run_command;
mod source;
mod test_run;
mod tools;
mod verifier;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The repository's own chores.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Check the repository's rules; every rule when none is named
    Check(check::Args),
    /// Write the checked-in generated files anew
    Generate,
    /// Install what the tests need, then run every gate and every test
    Test(test_run::Args),
    /// Measure speed, as ratios in one run; builds optimised
    Bench(bench::Args),
    /// Build the auditor's program and check its size and that it reaches no network
    Verifier,
    /// Change the engine in thousands of small ways and say which changes no test notices
    Mutants(mutants::Args),
    /// Real servers on loopback to test against
    Lab(lab::Args),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().chore {
        Chore::Check(args) => repository_root().and_then(|root| check::run(&root, &args)),
        Chore::Generate => repository_root().and_then(|root| generated::write_all(&root)),
        // It names what failed itself, before the test runner's closing lines, which come last.
        Chore::Test(args) => match repository_root() {
            Ok(root) if !test_run::run(&root, &args) => return ExitCode::FAILURE,
            root => root.map(drop),
        },
        Chore::Bench(args) => repository_root().and_then(|root| bench::run(&root, &args)),
        Chore::Verifier => repository_root().and_then(|root| verifier::run(&root)),
        Chore::Mutants(args) => repository_root().and_then(|root| mutants::run(&root, &args)),
        Chore::Lab(args) => lab::run(args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("error: {why}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace root: the parent of this crate's folder as `cargo run` gives it, else the nearest folder around the
/// current one that holds this crate. It is asked for at run time: two clones may share one build folder, and then
/// the program that the one built works on the other.
fn repository_root() -> Result<PathBuf, String> {
    let here =
        std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).map_or_else(std::env::current_dir, Ok);
    let here =
        here.map_err(|e| format!("asking for the current folder: {e}; go to the repository and try again"))?;
    here.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file()).map(PathBuf::from).ok_or_else(
        || format!("no folder around {} holds this repository; go there and try again", here.display()),
    )
}
