//! One set of lints for all crates: what is refused in one place is refused everywhere.

use super::{Report, World};

/// Every member's `Cargo.toml` has `[lints] workspace = true`.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for package in world.metadata.members() {
        let path = world.metadata.manifest_of(package);
        let manifest = world.files.text(path).unwrap_or_default();
        let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
        if lines.find(|line| !line.is_empty()) != Some("workspace = true") {
            report.add(
                path,
                1,
                "does not take the workspace's lints",
                "add `[lints]` with `workspace = true`",
            );
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;
    use crate::files::Files;
    use crate::metadata::worlds;

    #[test]
    fn a_crate_without_the_shared_lints_is_found() {
        let files = Files::of(&[
            ("crates/exeunt-a/Cargo.toml", "[package]\n[lints]\nworkspace = true\n"),
            ("crates/exeunt-b/Cargo.toml", "[package]\nworkspace = true\n"),
            ("crates/exeunt-c/Cargo.toml", "[lints]\nclippy.all = \"allow\"\n"),
        ]);
        let metadata = worlds::of(&[("exeunt-a", &[]), ("exeunt-b", &[]), ("exeunt-c", &[])]);
        let report = check(&World { files, metadata, ..World::default() });
        assert_eq!(report.places(), ["crates/exeunt-b/Cargo.toml:1", "crates/exeunt-c/Cargo.toml:1"]);
    }
}
