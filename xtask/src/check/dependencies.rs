//! What we build on: licences, duplicates and sources of every dependency, by cargo-deny and deny.toml.
//!
//! Advisories need the network and change without a commit, so they are not a gate here; CONTRIBUTING.md says how to ask.

use super::{Report, World};
use crate::run_command::Command;
use crate::tools;

/// Runs cargo-deny, and turns a refusal into a finding that carries what it said.
pub fn check(world: &World) -> Result<Report, String> {
    let deny = tools::cargo_deny(&world.root, &world.metadata.target_directory)?;
    let checked = Command::new(deny, &world.root)
        .args([
            "--color",
            "never",
            "--log-level",
            "warn",
            "check",
            "--hide-inclusion-graph",
            "bans",
            "licenses",
            "sources",
        ])
        .output();
    let mut report = Report::default();
    if let Err(said) = checked {
        report.add("deny.toml", 1, said, "drop the dependency, or allow it in deny.toml with a reason");
    }
    Ok(report)
}
