//! Judging is a pure function: the same input gives the same verdict, byte for byte, on any day and any machine.
//!
//! So the two crates that decide must not be able to ask for the time, a random number, a file or a network.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{Report, World};
use crate::metadata::{Kind, Node};
use crate::source::{code_only, line_of, std_paths};

const PURE: &[&str] = &["exeunt-engine", "exeunt-model"];

/// Crates that bring a runtime, a network, a database or chance.
const REFUSED_CRATES: &[&str] = &["tokio", "reqwest", "sqlx", "rand"];

/// Parts of the standard library that do; a prefix refuses all below it.
const REFUSED_PATHS: &[&str] =
    &["std::env", "std::fs", "std::net", "std::process", "std::time::Instant", "std::time::SystemTime"];

/// No pure crate reaches a refused crate through normal dependencies, nor names a refused part of `std`.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for name in PURE {
        for chain in chains_to_refused(world, name) {
            let path = format!("crates/{name}/Cargo.toml");
            report.add(
                &path,
                1,
                format!("reaches {}", chain.join(" -> ")),
                "drop the dependency or the feature that brings it",
            );
        }
        let inside = format!("crates/{name}/src/");
        for (path, text) in world.files.rust().filter(|(path, _)| path.starts_with(&inside)) {
            let code = code_only(text);
            for (at, used) in std_paths(&code).into_iter().filter(|(_, used)| refused(used)) {
                report.add(
                    path,
                    line_of(&code, at),
                    format!("`{used}` in a pure crate"),
                    "take the value as an argument",
                );
            }
        }
    }
    report
}

fn refused(used: &str) -> bool {
    REFUSED_PATHS.iter().any(|path| {
        let below = used.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        let whole = used.strip_suffix("::*").is_some_and(|open| path.starts_with(&format!("{open}::")));
        below || whole
    })
}

/// The shortest chain of packages from `name` to each refused crate that it reaches.
fn chains_to_refused<'a>(world: &'a World, name: &'a str) -> Vec<Vec<&'a str>> {
    let names = world.metadata.names();
    let nodes: BTreeMap<&str, &Node> =
        world.metadata.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let Some(start) = world.metadata.members().find(|package| package.name == name) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([start.id.as_str()]);
    let mut queue = VecDeque::from([(start.id.as_str(), vec![name])]);
    while let Some((id, chain)) = queue.pop_front() {
        let dependencies = nodes.get(id).map_or(&[][..], |node| &node.deps);
        for dependency in
            dependencies.iter().filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == Kind::Normal))
        {
            let Some(next) = names.get(dependency.pkg.as_str()).copied() else { continue };
            if !seen.insert(dependency.pkg.as_str()) {
                continue;
            }
            let mut longer = chain.clone();
            longer.push(next);
            if REFUSED_CRATES.contains(&next) {
                found.push(longer);
            } else {
                queue.push_back((dependency.pkg.as_str(), longer));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{check, refused};
    use crate::check::World;
    use crate::metadata::{Kind, worlds};

    #[test]
    fn a_runtime_reached_through_another_crate_is_found_with_its_chain() {
        let metadata = worlds::of(&[
            ("exeunt-engine", &[("exeunt-model", Kind::Normal), ("proptest", Kind::Dev)]),
            ("exeunt-model", &[("some-parser", Kind::Normal)]),
            ("some-parser", &[("tokio", Kind::Normal)]),
            ("proptest", &[("rand", Kind::Normal)]),
            ("tokio", &[]),
            ("rand", &[]),
        ]);
        let report = check(&World { metadata, ..World::default() });
        let said: Vec<&str> = report.findings.iter().map(|finding| finding.what.as_str()).collect();
        assert_eq!(
            said,
            [
                "reaches exeunt-engine -> exeunt-model -> some-parser -> tokio",
                "reaches exeunt-model -> some-parser -> tokio"
            ]
        );
    }

    #[test]
    fn the_clock_the_disk_and_the_network_are_found_however_they_are_written() {
        let world = World::of(&[
            (
                "crates/exeunt-engine/src/a.rs",
                "//! x\nuse std::{collections::BTreeMap, fs};\nlet t = std::time::SystemTime::now();",
            ),
            ("crates/exeunt-model/src/b.rs", "use std::time::*;\n// std::net\nuse std::time::Duration;"),
            ("crates/exeunt-store/src/c.rs", "use std::fs;"),
        ]);
        let places = check(&world).places();
        let engine = ["crates/exeunt-engine/src/a.rs:2", "crates/exeunt-engine/src/a.rs:3"];
        assert_eq!(places, [&engine[..], &["crates/exeunt-model/src/b.rs:1"]].concat());
    }

    #[test]
    fn only_whole_segments_count() {
        assert!(refused("std::fs") && refused("std::fs::read") && refused("std::*"));
        assert!(!refused("std::fsx") && !refused("std::time::Duration"));
    }
}
