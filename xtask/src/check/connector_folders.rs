//! One connector is one folder with the same file names, so that the difference between systems is the diff of two folders.

use super::{Report, World};

/// What every folder in `connectors/` has, and why it is missed.
const EXPECTED: &[(&str, &str)] = &[
    ("manifest.yaml", "the manifest says what the system holds and how it is read"),
    ("notes.md", "the notes say where the facts come from and what is odd about the system"),
    ("fixtures", "the fixtures are recorded replies that the reader is tested on"),
    ("traps", "the traps are what a hasty reader of the system would get wrong"),
];

/// Every connector folder has a manifest, notes and at least one fixture.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for system in world.files.folders_in("connectors") {
        for (name, why) in EXPECTED {
            let path = format!("connectors/{system}/{name}");
            if !world.files.has(&path) {
                report.add(
                    &path,
                    1,
                    format!("missing: {why}"),
                    "add it; connectors/*/ all have the same file names",
                );
            }
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    #[test]
    fn a_whole_folder_passes_and_each_missing_part_is_found() {
        let world = World::of(&[
            ("connectors/jira/manifest.yaml", ""),
            ("connectors/jira/notes.md", ""),
            ("connectors/jira/fixtures/users.json", ""),
            ("connectors/jira/traps/asleep.yaml", ""),
            ("connectors/half/manifest.yml", ""),
        ]);
        let places = check(&world).places();
        assert_eq!(
            places,
            [
                "connectors/half/manifest.yaml:1",
                "connectors/half/notes.md:1",
                "connectors/half/fixtures:1",
                "connectors/half/traps:1"
            ]
        );
    }
}
