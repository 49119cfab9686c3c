//! `cargo xtask test`: installs what the tests need, then every gate and every test, each with its name and time.
//!
//! All gates run, also after one has failed: one run shows everything that is to be mended.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::check;
use crate::metadata::Metadata;
use crate::run_command::{Command, Stream};
use crate::tools;

/// How to run the tests.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leave the lab's servers running afterwards
    #[arg(long)]
    keep_lab: bool,
}

/// One step: its name, how long it took, and why it failed if it did.
struct Step {
    name: &'static str,
    took: Duration,
    failure: Option<String>,
}

/// The run so far.
struct Run<'a> {
    root: &'a Path,
    steps: Vec<Step>,
}

/// Runs everything and returns whether all steps passed. The last lines are those in which the test runner says how many
/// tests passed; those that failed are named before them.
pub fn run(root: &Path, args: &Args) -> bool {
    let mut run = Run { root, steps: Vec::new() };
    let mut closing = Vec::new();
    run.step("lab up", |root| lab(root, &["up"]).run());
    run.step("fmt", |root| cargo(root, &["fmt", "--all", "--check"]).run());
    run.step("clippy", |root| {
        cargo(
            root,
            &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"],
        )
        .run()
    });
    run.step("rustdoc", |root| {
        cargo(root, &["doc", "--workspace", "--no-deps", "--locked", "--quiet"])
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()
    });
    run.step("rules", |root| check::run(root, &check::Args::default()));
    run.step("doc tests", |root| cargo(root, &["test", "--workspace", "--doc", "--locked", "--quiet"]).run());
    run.step("tests", |root| {
        let inventory = lab(root, &["env"]).output();
        let (passed, last) = tests(root, inventory.as_deref().unwrap_or_default())?;
        closing = last;
        if passed { Ok(()) } else { Err("some tests failed, or could not be built".to_owned()) }
    });
    if !args.keep_lab {
        run.step("lab down", |root| lab(root, &["down"]).run());
    }
    run.close(&closing)
}

impl Run<'_> {
    fn step(&mut self, name: &'static str, work: impl FnOnce(&Path) -> Result<(), String>) {
        println!("==> {name}");
        let start = clock();
        let failure = work(self.root).err();
        let took = clock().duration_since(start);
        if let Some(why) = &failure {
            println!("{why}");
        }
        self.steps.push(Step { name, took, failure });
    }

    /// Prints the times, what failed, and the closing lines last. Returns whether all steps passed.
    fn close(self, closing: &[String]) -> bool {
        println!("==> times");
        for step in &self.steps {
            let outcome = if step.failure.is_some() { "FAILED" } else { "ok" };
            println!("{:<10} {:>7.1} s  {outcome}", step.name, step.took.as_secs_f64());
        }
        let failed: Vec<&str> =
            self.steps.iter().filter(|step| step.failure.is_some()).map(|step| step.name).collect();
        if !failed.is_empty() {
            println!("failed: {}", failed.join(", "));
        }
        for line in closing {
            println!("{line}");
        }
        failed.is_empty()
    }
}

/// The one place of this crate that measures time, to say what each step costs.
#[expect(clippy::disallowed_methods, reason = "the durations are printed and decide nothing")]
fn clock() -> Instant {
    Instant::now()
}

fn cargo(root: &Path, args: &[&str]) -> Command {
    Command::new(env!("CARGO"), root).args(args)
}

/// This program again, as the lab: its servers must outlive the call.
fn lab(root: &Path, args: &[&str]) -> Command {
    let myself = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("xtask"));
    Command::new(myself, root).args(["lab"]).args(args)
}

/// Runs all tests but the doc tests. Returns whether they passed, and the runner's closing lines.
fn tests(root: &Path, lab_environment: &str) -> Result<(bool, Vec<String>), String> {
    let target = Metadata::read(root)?.target_directory;
    let named = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
    let lab_variables: Vec<_> = lab_environment.lines().filter_map(named).collect();
    let with_lab = |command: Command| {
        lab_variables.iter().fold(command, |command, (name, value)| command.env(name, value))
    };
    match tools::cargo_nextest(root, &target) {
        Ok(nextest) => {
            let command = Command::new(nextest, root).args(["nextest", "run", "--workspace", "--locked"]);
            let mut closing = Vec::new();
            let passed = with_lab(command).watch(Stream::Error, |line| {
                eprintln!("{line}");
                if line.trim_start().starts_with("Summary [") || !closing.is_empty() {
                    closing.push(line.to_owned());
                }
            })?;
            Ok((passed, closing))
        }
        Err(why) => {
            println!("{why}\nrunning the tests with `cargo test` instead");
            let command =
                cargo(root, &["test", "--workspace", "--all-targets", "--locked", "--no-fail-fast"]);
            let mut counts = Counts::default();
            let passed = with_lab(command).watch(Stream::Output, |line| {
                println!("{line}");
                counts.add(line);
            })?;
            Ok((passed, vec![counts.closing_line()]))
        }
    }
}

/// What `cargo test` says at the end of each test binary, added up.
#[derive(Debug, Default)]
struct Counts {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Counts {
    fn add(&mut self, line: &str) {
        let Some(rest) = line.strip_prefix("test result: ") else { return };
        let rest = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
        for part in rest.split("; ") {
            let Some((number, word)) = part.split_once(' ') else { continue };
            let Ok(number) = number.parse::<usize>() else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    fn closing_line(&self) -> String {
        format!("{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Counts, Run};

    #[test]
    fn the_counts_of_all_test_binaries_are_added_up() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in 0.01s",
            "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        ] {
            counts.add(line);
        }
        assert_eq!(counts.closing_line(), "5 passed, 1 failed, 1 skipped");
    }

    #[test]
    fn a_failed_step_does_not_stop_the_others_and_fails_the_run() {
        let mut run = Run { root: Path::new("/"), steps: Vec::new() };
        let mut after = false;
        run.step("first", |_| Err("broken".to_owned()));
        run.step("second", |_| {
            after = true;
            Ok(())
        });
        assert!(after);
        assert!(!run.close(&[]));
    }

    #[test]
    fn a_run_whose_steps_all_passed_passes() {
        let mut run = Run { root: Path::new("/"), steps: Vec::new() };
        run.step("only", |_| Ok(()));
        assert!(run.close(&[]));
    }
}
