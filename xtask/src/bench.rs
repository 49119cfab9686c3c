//! `cargo xtask bench NAME`: builds the benches optimised and runs one.

use std::path::Path;

use crate::run_command::Command;

/// Benches that also time the command itself, which stands beside them.
const STARTS_EXEUNT: [&str; 1] = ["access"];

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
    let Some((name, options)) = args.bench.split_first() else { return Err("name a bench".to_owned()) };
    let package = format!("exeunt-bench-{name}");
    if !root.join("benches").join(name).join("Cargo.toml").is_file()
        || ["figures", "estate"].contains(&name.as_str())
    {
        return Err(format!("there is no bench `{name}`; they are the folders of benches/"));
    }
    let cargo = |arguments: &[&str]| Command::new(env!("CARGO"), root).args(arguments.iter().copied());
    if STARTS_EXEUNT.contains(&name.as_str()) {
        cargo(&["build", "--release", "--locked", "--quiet", "-p", "exeunt"]).run()?;
    }
    let run = ["run", "--release", "--locked", "--quiet", "-p", &package, "--"];
    cargo(&run).args(options.iter().map(String::as_str)).run()
}
