//! The files a stranger looks for: how to start, what it is, how to help, whom to tell, under which licence.

use super::{Report, World};

const EXPECTED: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "clippy.toml",
    "deny.toml",
    "rustfmt.toml",
];

/// Each of the expected files exists, and `LICENSE` is the licence that the manifests name.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for path in EXPECTED {
        if world.files.text(path).is_none_or(|text| text.trim().is_empty()) {
            report.add(
                path,
                1,
                "this file is missing or empty",
                "write it; a repository without it is not finished",
            );
        }
    }
    let manifest = world.files.text("Cargo.toml").unwrap_or_default();
    let licence = world.files.text("LICENSE").unwrap_or_default();
    let named = manifest.contains("license = \"Apache-2.0\"");
    let given = licence.contains("Apache License") && licence.contains("Version 2.0, January 2004");
    if named != given {
        report.add(
            "LICENSE",
            1,
            "the licence text and `license` in Cargo.toml are not the same licence",
            "make both Apache-2.0, text in full",
        );
    }
    report
}

#[cfg(test)]
mod tests {
    use super::{EXPECTED, check};
    use crate::check::World;

    fn whole() -> Vec<(&'static str, &'static str)> {
        let mut files: Vec<(&str, &str)> = EXPECTED.iter().map(|path| (*path, "text")).collect();
        files.retain(|(path, _)| *path != "LICENSE");
        files.push(("LICENSE", "Apache License\nVersion 2.0, January 2004"));
        files.push(("Cargo.toml", "license = \"Apache-2.0\""));
        files
    }

    #[test]
    fn a_whole_house_passes() {
        assert!(check(&World::of(&whole())).findings.is_empty());
    }

    #[test]
    fn a_missing_and_an_empty_file_are_found() {
        let mut files = whole();
        files.retain(|(path, _)| *path != "SECURITY.md" && *path != "README.md");
        files.push(("README.md", "\n"));
        assert_eq!(check(&World::of(&files)).places(), ["README.md:1", "SECURITY.md:1"]);
    }

    #[test]
    fn another_licence_text_is_found() {
        let mut files = whole();
        files.retain(|(path, _)| *path != "LICENSE");
        files.push(("LICENSE", "MIT"));
        assert_eq!(check(&World::of(&files)).places(), ["LICENSE:1"]);
    }
}
