//! The repository's files as plain data, so that a rule is a function on a small world that a test can write down.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::run_command::Command;

/// All files that git tracks or would track, by their path from the root, with `/` between segments.
#[derive(Debug, Default)]
pub struct Files {
    texts: BTreeMap<String, String>,
    folders: BTreeSet<String>,
    binaries: BTreeSet<String>,
}

impl Files {
    /// Reads the tree at `root`: tracked files, and new ones that no ignore rule hides.
    ///
    /// # Errors
    /// When git cannot list the files, or one of them cannot be read.
    pub fn read(root: &Path) -> Result<Self, String> {
        let listing = Command::new("git", root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()?;
        let mut files = Self::default();
        for path in listing.split('\0').filter(|path| !path.is_empty()) {
            let full = root.join(path);
            // Deleted but not yet committed, or a link to a folder: nothing to read.
            if !full.is_file() {
                continue;
            }
            let bytes =
                std::fs::read(&full).map_err(|e| format!("reading {path}: {e}; check its permissions"))?;
            match String::from_utf8(bytes) {
                Ok(text) => files.insert(path, text),
                Err(_) => files.insert_binary(path),
            }
        }
        Ok(files)
    }

    /// A small world for a test.
    #[cfg(test)]
    pub fn of(entries: &[(&str, &str)]) -> Self {
        let mut files = Self::default();
        for (path, text) in entries {
            files.insert(path, (*text).to_owned());
        }
        files
    }

    fn insert(&mut self, path: &str, text: String) {
        self.insert_folders_of(path);
        self.texts.insert(path.to_owned(), text);
    }

    fn insert_binary(&mut self, path: &str) {
        self.insert_folders_of(path);
        self.binaries.insert(path.to_owned());
    }

    fn insert_folders_of(&mut self, path: &str) {
        for (at, _) in path.match_indices('/') {
            self.folders.insert(path[..at].to_owned());
        }
    }

    /// The text of one file, if it exists and is text.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Every text file with its path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every Rust source with its path.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(|(path, _)| has_extension(path, "rs"))
    }

    /// Every path, folders included.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().chain(&self.binaries).chain(&self.folders).map(String::as_str)
    }

    /// Whether a file or folder of that path exists.
    pub fn has(&self, path: &str) -> bool {
        self.texts.contains_key(path) || self.binaries.contains(path) || self.folders.contains(path)
    }

    /// The names of the folders directly inside `folder`.
    pub fn folders_in(&self, folder: &str) -> Vec<&str> {
        let inside = format!("{folder}/");
        self.folders
            .iter()
            .filter_map(|path| path.strip_prefix(&inside))
            .filter(|name| !name.contains('/'))
            .collect()
    }
}

/// Whether `path` ends in `.extension`.
pub fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

#[cfg(test)]
mod tests {
    use super::Files;

    #[test]
    fn folders_are_known_from_the_files_in_them() {
        let files =
            Files::of(&[("connectors/jira/manifest.yaml", ""), ("connectors/jira/fixtures/a.json", "")]);
        assert!(files.has("connectors/jira/fixtures"));
        assert!(!files.has("connectors/github"));
        assert_eq!(files.folders_in("connectors"), ["jira"]);
    }
}
