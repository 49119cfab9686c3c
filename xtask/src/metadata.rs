//! What `cargo metadata` says of the workspace, cut down to what the rules ask.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::run_command::Command;

/// The workspace and everything it depends on.
#[derive(Debug, Default, Deserialize)]
pub struct Metadata {
    /// Every package, ours and others'.
    pub packages: Vec<Package>,
    /// The ids of our own packages.
    pub workspace_members: Vec<String>,
    /// Which package was resolved to which others.
    pub resolve: Resolve,
    /// Where Cargo builds.
    pub target_directory: String,
    /// The root folder.
    pub workspace_root: String,
}

/// One package.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Cargo's opaque id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The full path of its `Cargo.toml`.
    pub manifest_path: String,
    /// What it asks for.
    pub dependencies: Vec<Dependency>,
}

/// One dependency as the manifest writes it.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// The package it names.
    pub name: String,
    /// Normal, dev or build.
    #[serde(default)]
    pub kind: Kind,
}

/// What a dependency is used for.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(from = "Option<String>")]
pub enum Kind {
    /// Used by the crate itself.
    #[default]
    Normal,
    /// Used by its tests.
    Dev,
    /// Used by its build script.
    Build,
}

impl From<Option<String>> for Kind {
    fn from(text: Option<String>) -> Self {
        match text.as_deref() {
            Some("dev") => Self::Dev,
            Some("build") => Self::Build,
            _ => Self::Normal,
        }
    }
}

/// The resolved graph.
#[derive(Debug, Default, Deserialize)]
pub struct Resolve {
    /// One node a package.
    pub nodes: Vec<Node>,
}

/// One package in the resolved graph.
#[derive(Debug, Deserialize)]
pub struct Node {
    /// The package.
    pub id: String,
    /// What it was resolved to.
    pub deps: Vec<NodeDep>,
}

/// One resolved dependency.
#[derive(Debug, Deserialize)]
pub struct NodeDep {
    /// The package it was resolved to.
    pub pkg: String,
    /// For which uses.
    pub dep_kinds: Vec<NodeDepKind>,
}

/// One use of a resolved dependency.
#[derive(Debug, Deserialize)]
pub struct NodeDepKind {
    /// Normal, dev or build.
    #[serde(default)]
    pub kind: Kind,
}

impl Metadata {
    /// Asks Cargo, for the platform at hand only: others' packages need not be downloaded for the rules.
    ///
    /// # Errors
    /// When Cargo or rustc cannot answer.
    pub fn read(root: &Path) -> Result<Self, String> {
        let version = Command::new("rustc", root).args(["-vV"]).output()?;
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .ok_or("`rustc -vV` names no host; is the toolchain whole?")?;
        let json = Command::new(env!("CARGO"), root)
            .args(["metadata", "--format-version", "1", "--filter-platform", host])
            .output()?;
        serde_json::from_str(&json).map_err(|e| format!("reading what `cargo metadata` wrote: {e}"))
    }

    /// Our own packages.
    pub fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| self.workspace_members.contains(&package.id))
    }

    /// Package names by id.
    pub fn names(&self) -> BTreeMap<&str, &str> {
        self.packages.iter().map(|package| (package.id.as_str(), package.name.as_str())).collect()
    }

    /// Where a package's `Cargo.toml` is, from the root.
    pub fn manifest_of<'a>(&self, package: &'a Package) -> &'a str {
        let path = package.manifest_path.strip_prefix(self.workspace_root.as_str());
        path.unwrap_or(&package.manifest_path).trim_start_matches('/')
    }
}

/// Small worlds for the rules' tests.
#[cfg(test)]
pub mod worlds {
    use super::{Dependency, Kind, Metadata, Node, NodeDep, NodeDepKind, Package};

    /// A workspace from (package, its dependencies). A name that starts with `exeunt`, and `xtask`, is ours.
    pub fn of(packages: &[(&str, &[(&str, Kind)])]) -> Metadata {
        let mut world = Metadata { workspace_root: "/repo".to_owned(), ..Metadata::default() };
        for (name, dependencies) in packages {
            let folder = if *name == "xtask" { String::new() } else { "crates/".to_owned() };
            world.packages.push(Package {
                id: (*name).to_owned(),
                name: (*name).to_owned(),
                manifest_path: format!("/repo/{folder}{name}/Cargo.toml"),
                dependencies: dependencies
                    .iter()
                    .map(|(name, kind)| Dependency { name: (*name).to_owned(), kind: *kind })
                    .collect(),
            });
            if name.starts_with("exeunt") || *name == "xtask" {
                world.workspace_members.push((*name).to_owned());
            }
            world.resolve.nodes.push(Node {
                id: (*name).to_owned(),
                deps: dependencies
                    .iter()
                    .map(|(name, kind)| NodeDep {
                        pkg: (*name).to_owned(),
                        dep_kinds: vec![NodeDepKind { kind: *kind }],
                    })
                    .collect(),
            });
        }
        world
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Metadata};

    #[test]
    fn cargos_own_shape_is_understood() {
        let json = r#"{"packages":[{"id":"a 1","name":"a","manifest_path":"/r/crates/a/Cargo.toml",
            "dependencies":[{"name":"b","kind":null},{"name":"c","kind":"dev"},{"name":"d","kind":"build"}]}],
            "workspace_members":["a 1"],"target_directory":"/r/target","workspace_root":"/r",
            "resolve":{"nodes":[{"id":"a 1","deps":[{"pkg":"b 1","dep_kinds":[{"kind":null,"target":null}]}]}]}}"#;
        let metadata: Metadata = serde_json::from_str(json).unwrap();
        let package = metadata.members().next().unwrap();
        let kinds: Vec<Kind> = package.dependencies.iter().map(|dependency| dependency.kind).collect();
        assert_eq!(kinds, [Kind::Normal, Kind::Dev, Kind::Build]);
        assert_eq!(metadata.manifest_of(package), "crates/a/Cargo.toml");
        assert_eq!(metadata.resolve.nodes[0].deps[0].dep_kinds[0].kind, Kind::Normal);
    }
}
