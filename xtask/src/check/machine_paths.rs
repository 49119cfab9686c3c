//! The repository speaks of the product alone: no path of somebody's machine, no registry host.

use super::{Report, World};

/// Folders of one machine. A path starts where no other path goes on, and a name follows.
const FOLDERS: &[&str] = &["/farm/", "/root/", "/tmp/", "/work/"];

/// Hosts that package clients know by themselves; a mirror is a matter of each machine's own settings.
const HOSTS: &[&str] = &[
    concat!("index.", "crates.io"),
    concat!("static.", "crates.io"),
    concat!("pypi", ".org"),
    concat!("pythonhosted", ".org"),
    concat!("registry.", "npmjs.org"),
    concat!("deb.", "debian.org"),
];

/// Cargo writes the index into its lock file by itself.
const EXEMPT: &[&str] = &["Cargo.lock"];

/// Where a registry is the system that is read, and not where this repository's own packages come from.
const SYSTEMS: &[&str] = &["connectors/npm/", "docs/connectors/npm.md"];

/// No text file names a machine's folder or a registry's host.
pub fn check(world: &World) -> Report {
    let mut report = Report::default();
    for (path, text) in world.files.texts().filter(|(path, _)| !EXEMPT.contains(path)) {
        for (at, line) in text.lines().enumerate() {
            if let Some(found) = machine_path(line) {
                report.add(
                    path,
                    at + 1,
                    format!("`{found}` is a path of one machine"),
                    "use a path from the root, or a temporary folder",
                );
            }
            let is_the_system = SYSTEMS.iter().any(|place| path.starts_with(place));
            if let Some(host) = HOSTS.iter().find(|host| line.contains(**host) && !is_the_system) {
                report.add(
                    path,
                    at + 1,
                    format!("names the registry host {host}"),
                    "name the package, and let the client find it",
                );
            }
        }
    }
    report
}

fn machine_path(line: &str) -> Option<&str> {
    FOLDERS.iter().find_map(|folder| {
        line.match_indices(folder).find_map(|(at, _)| {
            let goes_on = line[..at]
                .chars()
                .next_back()
                .is_some_and(|c| c.is_ascii_alphanumeric() || "._-~}>)]*$".contains(c));
            let name = &line[at + folder.len()..];
            let length =
                name.find(|c: char| !c.is_ascii_alphanumeric() && !"_-./".contains(c)).unwrap_or(name.len());
            let named = name.starts_with(|c: char| c.is_ascii_lowercase());
            (!goes_on && named).then(|| &line[at..at + folder.len() + length])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::check::World;

    #[test]
    fn a_machines_folder_is_found_and_a_longer_path_is_not_mistaken_for_one() {
        let (work, tmp) = (concat!("/", "work/main"), concat!("\"/", "tmp/x\""));
        let bad = format!("see {work}\nfine\nopen({tmp})");
        let world = World::of(&[
            ("docs/bad.md", &bad),
            (
                "docs/good.md",
                concat!(
                    "/api/",
                    "work/items $root/",
                    "tmp/x target/",
                    "tmp/x https://example.org/",
                    "work/items /",
                    "tmp/ /",
                    "work/<name>"
                ),
            ),
        ]);
        assert_eq!(check(&world).places(), ["docs/bad.md:1", "docs/bad.md:3"]);
    }

    #[test]
    fn a_registry_host_is_found_except_in_the_lock_file() {
        let named = format!("index = {}", concat!("https://index.", "crates.io/"));
        let world = World::of(&[("deny.toml", &named), ("Cargo.lock", &named)]);
        assert_eq!(check(&world).places(), ["deny.toml:1"]);
    }
}
