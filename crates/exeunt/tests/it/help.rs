//! Help and wrong usage.

use clap::CommandFactory;
use exeunt::args::Cli;

use crate::said::{program, run};

fn paths(command: &clap::Command, so_far: &[String], all: &mut Vec<Vec<String>>) {
    all.push(so_far.to_vec());
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        let mut path = so_far.to_vec();
        path.push(sub.get_name().to_owned());
        paths(sub, &path, all);
    }
}

/// Somebody at the end of their day asks the program itself first.
#[test]
fn every_command_explains_itself() {
    let mut all = Vec::new();
    paths(&Cli::command(), &[], &mut all);
    assert!(all.len() > 20, "{all:?}");
    for path in all {
        let said = run(program().args(&path).arg("--help"));
        assert_eq!(said.code, 0, "{path:?}: {}", said.err);
        assert!(said.out.contains("Usage: exeunt") && said.err.is_empty(), "{path:?}: {}", said.out);
        if path.iter().all(|name| !name.starts_with("__")) {
            assert!(said.out.contains("--state"), "{path:?} does not say where state is");
        }
    }
    let version = run(program().arg("--version"));
    assert_eq!(version.out.trim(), format!("exeunt {}", env!("CARGO_PKG_VERSION")));
}

/// A script has to be able to tell a slip of the pen from a system that is down.
#[test]
fn wrong_usage_ends_with_two() {
    for wrong in [
        &[][..],
        &["verfiy", "OFF-142"],
        &["verify"],
        &["verify", "OFF-142", "--departed", "yesterday"],
        &["--format", "xml", "owners"],
        &["evidence"],
        &["evidence", "prove", "first"],
        &["schema", "verdicts"],
        &["connectors", "show", "gihtub"],
        &["demo", "--seed", "one"],
    ] {
        let said = run(program().args(wrong));
        said.refuses(2, &[]);
        assert!(!said.err.trim().is_empty(), "{wrong:?}");
    }
}

/// The reference page names every command there is.
#[test]
fn the_reference_is_whole() {
    let page = run(program().arg("__cli-reference"));
    let mut all = Vec::new();
    paths(&Cli::command(), &[], &mut all);
    for path in all.iter().filter(|path| path.iter().all(|name| !name.starts_with("__"))) {
        let title = format!("## `{}`", [&["exeunt".to_owned()], path.as_slice()].concat().join(" "));
        assert!(page.out.contains(&title), "{title}");
    }
}
