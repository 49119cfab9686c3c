//! What people read of a manifest: the reference page, the permissions to ask for, the coverage
//! matrix. All of it is made from the manifest that runs, so that it cannot disagree with it.

mod coverage;
mod reference;

use std::collections::BTreeMap;

use crate::manifest::Loaded;

pub use coverage::{Coverage, CoverageRow, Seen, coverage};
pub use reference::reference_page;

/// One permission to ask an administrator for.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Permission {
    /// In the vendor's words.
    pub permission: String,
    /// The reads that need it.
    pub reads: Vec<String>,
}

/// The permissions that the reads of a manifest need, each once.
#[must_use]
pub fn permissions(loaded: &Loaded) -> Vec<Permission> {
    let mut all: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, rule) in &loaded.manifest.reads {
        all.entry(&rule.permission).or_default().push(name.clone());
    }
    for (name, rule) in &loaded.manifest.ticket {
        all.entry(&rule.permission).or_default().push(format!("ticket: {name}"));
    }
    all.into_iter()
        .map(|(permission, reads)| Permission { permission: permission.to_owned(), reads })
        .collect()
}

/// A text in one cell of a Markdown table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[cfg(test)]
mod tests;
