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
    let Some((name, options)) = args.bench.split_first() else { return Err("name a bench".to_owned()) };
    let package = format!("exeunt-bench-{name}");
    if !root.join("benches").join(name).join("Cargo.toml").is_file()
        || ["figures", "estate"].contains(&name.as_str())
    {
        return Err(format!("there is no bench `{name}`; they are the folders of benches/"));
    }
    let build = ["run", "--release", "--locked", "--quiet", "-p", &package, "--"];
    Command::new(env!("CARGO"), root).args(build).args(options.iter().map(String::as_str)).run()
}
