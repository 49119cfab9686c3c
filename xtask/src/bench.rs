//! `cargo xtask bench NAME`: builds the benches optimised and runs one.

use std::path::Path;

use crate::run_command::Command;

/// Which bench, and how.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The bench, and its options: `collect --people 100000 --json`
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    bench: Vec<String>,
}

/// Runs it.
///
/// # Errors
/// When it cannot be built, or fails.
pub fn run(root: &Path, args: &Args) -> Result<(), String> {
    let build = ["run", "--release", "--locked", "--quiet", "-p", "exeunt-benches", "--"];
    Command::new(env!("CARGO"), root).args(build).args(args.bench.iter().map(String::as_str)).run()
}
