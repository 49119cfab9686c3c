//! The permissions to ask an administrator for.

use std::collections::BTreeMap;

use exeunt_model::manifest::Manifest;
use serde::Serialize;

/// One permission and what it is needed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PermissionLine {
    /// The permission, in the vendor's words.
    pub permission: String,
    /// The reads that need it.
    pub reads: Vec<String>,
}

/// The permissions of one system, each once, for reading only.
#[must_use]
pub fn permissions(manifest: &Manifest) -> Vec<PermissionLine> {
    let mut needed: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, read) in manifest.reads.iter().chain(&manifest.ticket) {
        needed.entry(read.permission.trim()).or_default().push(name.clone());
    }
    needed
        .into_iter()
        .map(|(permission, reads)| PermissionLine { permission: permission.to_owned(), reads })
        .collect()
}
