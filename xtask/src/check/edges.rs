//! Crates depend on one another one way only; the map in ARCHITECTURE.md is this table.

use super::{Report, World};
use crate::metadata::{Kind, Package};

/// One crate and what of ours it may depend on.
struct Room {
    name: &'static str,
    /// In its own code.
    uses: &'static [&'static str],
    /// In its tests, besides the above.
    tests_use: &'static [&'static str],
}

const ROOMS: &[Room] = &[
    Room { name: "exeunt-model", uses: &[], tests_use: &[] },
    // Bytes only: the offline verifier must not need to know what a verdict is.
    Room { name: "exeunt-evidence", uses: &[], tests_use: &[] },
    // The readers are tested against the simulated company.
    Room { name: "exeunt-connectors", uses: &["exeunt-model"], tests_use: &["exeunt-sandbox"] },
    Room { name: "exeunt-engine", uses: &["exeunt-model"], tests_use: &[] },
    // Stories as data, judged by the engine and explained by the report.
    Room { name: "exeunt-scenario", uses: &["exeunt-model", "exeunt-engine"], tests_use: &["exeunt-report"] },
    Room { name: "exeunt-store", uses: &["exeunt-model"], tests_use: &[] },
    // Numbers and names in files: what they mean is for those to know who walk over them.
    Room { name: "exeunt-columns", uses: &[], tests_use: &[] },
    // Reports are tested on cases that the engine really judged, the page on bundles that were really sealed.
    Room { name: "exeunt-report", uses: &["exeunt-model"], tests_use: &["exeunt-engine", "exeunt-evidence"] },
    // It speaks the vendors' shapes and must not know ours, or it would agree with our mistakes.
    // Its own tests turn on its feature `contract`, and so name it.
    Room { name: "exeunt-sandbox", uses: &[], tests_use: &["exeunt-sandbox"] },
    Room {
        name: "exeunt-service",
        uses: &[
            "exeunt-model",
            "exeunt-evidence",
            "exeunt-connectors",
            "exeunt-engine",
            "exeunt-store",
            "exeunt-columns",
            "exeunt-report",
        ],
        tests_use: &["exeunt-sandbox"],
    },
    Room {
        name: "exeunt",
        uses: &["exeunt-service", "exeunt-model", "exeunt-report", "exeunt-evidence", "exeunt-sandbox"],
        tests_use: &["exeunt-connectors", "exeunt-engine", "exeunt-store"],
    },
    // What an auditor runs: nothing of ours but the evidence crate.
    Room { name: "exeunt-verify", uses: &["exeunt-evidence"], tests_use: &[] },
    // What the benches share knows nothing of what is measured.
    Room { name: "exeunt-bench-figures", uses: &[], tests_use: &[] },
    Room { name: "exeunt-bench-estate", uses: &[], tests_use: &[] },
    Room {
        name: "exeunt-bench-correlate",
        uses: &["exeunt-bench-estate", "exeunt-bench-figures", "exeunt-engine"],
        tests_use: &[],
    },
    Room {
        name: "exeunt-bench-judge",
        uses: &["exeunt-bench-estate", "exeunt-bench-figures", "exeunt-engine", "exeunt-model"],
        tests_use: &[],
    },
    // Measures what users run, against the simulated company.
    Room {
        name: "exeunt-bench-collect",
        uses: &["exeunt-bench-figures", "exeunt-model", "exeunt-service", "exeunt-sandbox"],
        tests_use: &[],
    },
    // Measures the engine on columns at rest, as the service walks over them.
    Room {
        name: "exeunt-bench-access",
        uses: &[
            "exeunt-bench-estate",
            "exeunt-bench-figures",
            "exeunt-columns",
            "exeunt-engine",
            "exeunt-model",
            "exeunt-service",
        ],
        tests_use: &[],
    },
    Room {
        name: "exeunt-bench-evidence",
        uses: &["exeunt-bench-figures", "exeunt-evidence"],
        tests_use: &[],
    },
    Room {
        name: "xtask",
        uses: &["exeunt-model", "exeunt-connectors", "exeunt"],
        tests_use: &["exeunt-sandbox"],
    },
];

/// Every dependency of one of our crates on another is in the table; every crate has a row, and every row a crate.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for package in world.metadata.members() {
        let path = world.metadata.manifest_of(package);
        match ROOMS.iter().find(|room| room.name == package.name) {
            Some(room) => check_package(world, room, package, path, &mut report),
            None => report.add(
                path,
                1,
                format!("`{}` has no row in the table of edges", package.name),
                "give it one in xtask/src/check/edges.rs, and a place in ARCHITECTURE.md",
            ),
        }
    }
    for room in ROOMS {
        if !world.metadata.members().any(|package| package.name == room.name) {
            let what = format!("the table of edges names `{}`, which does not exist", room.name);
            report.add("xtask/src/check/edges.rs", 1, what, "take the row out");
        }
    }
    report
}

fn check_package(world: &World, room: &Room, package: &Package, path: &str, report: &mut Report) {
    for dependency in &package.dependencies {
        let ours = world.metadata.members().any(|member| member.name == dependency.name);
        let name = dependency.name.as_str();
        let allowed = match dependency.kind {
            Kind::Normal => room.uses.contains(&name),
            // A crate's tests may name the crate itself, to switch on a feature that only they need.
            Kind::Dev => room.uses.contains(&name) || room.tests_use.contains(&name) || name == room.name,
            Kind::Build => false,
        };
        if ours && !allowed {
            let manifest = world.files.text(path).unwrap_or_default();
            let line =
                manifest.lines().position(|line| line.trim_start().starts_with(name)).map_or(1, |at| at + 1);
            let what =
                format!("`{}` must not depend on `{name}` ({:?} dependency)", room.name, dependency.kind);
            report.add(
                path,
                line,
                what,
                "move the code to where the edge points, or pass what is needed as a value",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;
    use crate::files::Files;
    use crate::metadata::{Kind, worlds};

    type Edges<'a> = &'a [(&'a str, Kind)];

    const ALL: &[&str] = &[
        "exeunt-model",
        "exeunt-evidence",
        "exeunt-connectors",
        "exeunt-engine",
        "exeunt-scenario",
        "exeunt-store",
        "exeunt-columns",
        "exeunt-report",
        "exeunt-sandbox",
        "exeunt-service",
        "exeunt",
        "exeunt-verify",
        "exeunt-bench-figures",
        "exeunt-bench-estate",
        "exeunt-bench-correlate",
        "exeunt-bench-judge",
        "exeunt-bench-collect",
        "exeunt-bench-access",
        "exeunt-bench-evidence",
        "xtask",
    ];

    /// All our crates, one of them with the given edges.
    fn with(name: &str, edges: Edges<'_>, manifest: &str) -> Vec<String> {
        let packages: Vec<(&str, Edges<'_>)> =
            ALL.iter().map(|each| (*each, if *each == name { edges } else { &[] })).collect();
        let path = format!("crates/{name}/Cargo.toml");
        let world = World {
            files: Files::of(&[(&path, manifest)]),
            metadata: worlds::of(&packages),
            ..World::default()
        };
        check(&world).places()
    }

    #[test]
    fn the_allowed_edges_pass() {
        let edges = [("exeunt-engine", Kind::Normal), ("exeunt-sandbox", Kind::Dev), ("serde", Kind::Normal)];
        assert!(with("exeunt-service", &edges, "").is_empty());
    }

    #[test]
    fn an_edge_that_points_the_wrong_way_is_found_at_its_line() {
        let places = with(
            "exeunt-model",
            &[("exeunt-engine", Kind::Normal)],
            "[dependencies]\nexeunt-engine.workspace = true",
        );
        assert_eq!(places, ["crates/exeunt-model/Cargo.toml:2"]);
    }

    #[test]
    fn what_only_tests_may_use_is_refused_in_the_crate_itself_and_in_build_scripts() {
        assert!(with("exeunt-connectors", &[("exeunt-sandbox", Kind::Dev)], "").is_empty());
        assert_eq!(with("exeunt-connectors", &[("exeunt-sandbox", Kind::Normal)], "").len(), 1);
        assert_eq!(with("exeunt-connectors", &[("exeunt-model", Kind::Build)], "").len(), 1);
    }

    #[test]
    fn tests_are_held_to_their_own_table_too() {
        assert_eq!(with("exeunt-sandbox", &[("exeunt-model", Kind::Dev)], "").len(), 1);
        assert!(with("exeunt-sandbox", &[("exeunt-sandbox", Kind::Dev)], "").is_empty());
    }

    #[test]
    fn a_crate_without_a_row_and_a_row_without_a_crate_are_found() {
        let world = World { metadata: worlds::of(&[("exeunt-attic", &[])]), ..World::default() };
        let places = check(&world).places();
        assert_eq!(places[0], "crates/exeunt-attic/Cargo.toml:1");
        assert_eq!(places.len(), 1 + ALL.len());
    }
}
