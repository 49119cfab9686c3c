//! All manifests: those built in, and those of a folder that the operator names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::manifest::{Loaded, ManifestErrors, load};

/// Largest manifest read, in bytes. The longest built-in one is about 40 kB.
const LARGEST: u64 = 4 << 20;

include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The manifests, by connector name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    loaded: BTreeMap<String, Loaded>,
    /// Of all there are, those that were not asked for included.
    names: BTreeSet<String>,
}

/// Why there is no catalogue.
#[derive(Debug, thiserror::Error)]
pub enum BadCatalogue {
    /// Manifests with mistakes.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Manifests(Vec<ManifestErrors>),
    /// A file or folder that cannot be read.
    #[error("{path}: the connectors' folder cannot be read: {cause}", path = path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A manifest in a folder of another name.
    #[error(
        "{}: the manifest says `connector: {says}`, and stands in a folder `{folder}`; make them the same",
        path.display()
    )]
    OtherName {
        /// The file.
        path: PathBuf,
        /// The folder's name.
        folder: String,
        /// The manifest's.
        says: String,
    },
    /// A manifest that has the name of one that exists.
    #[error("{}: there already is a connector `{name}`; give yours another name", path.display())]
    Taken {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
    },
}

impl Catalogue {
    /// Loads all built-in manifests and, if a folder is given, each `<system>/manifest.yaml` in it.
    ///
    /// A manifest of the folder cannot take the name of another: whose reads a verdict rests on
    /// must not depend on a folder that happens to be there.
    ///
    /// # Errors
    /// When the folder cannot be read, or a manifest has mistakes; all of them are told.
    pub fn load(extra: Option<&Path>) -> Result<Self, BadCatalogue> {
        Self::of(extra, |_| true)
    }

    /// As [`Self::load`], but of the built-in manifests only those that are wanted: compiling the programs of all of
    /// them takes longer than many a command.
    ///
    /// # Errors
    /// As for [`Self::load`].
    pub fn of(extra: Option<&Path>, wanted: impl Fn(&str) -> bool) -> Result<Self, BadCatalogue> {
        let names = BUILT_IN.iter().map(|(folder, _)| (*folder).to_owned()).collect();
        let mut catalogue = Self { loaded: BTreeMap::new(), names };
        let mut wrong = Vec::new();
        for (folder, text) in BUILT_IN.iter().filter(|(folder, _)| wanted(folder)) {
            let path = PathBuf::from(format!("connectors/{folder}/manifest.yaml"));
            wrong.extend(catalogue.add(folder, text, path, true)?);
        }
        for path in extra.map(manifests_in).transpose()?.into_iter().flatten() {
            let text =
                capped(&path).map_err(|cause| BadCatalogue::Unreadable { path: path.clone(), cause })?;
            let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
            let folder = folder.to_string_lossy().into_owned();
            wrong.extend(catalogue.add(&folder, &text, path, false)?);
        }
        if wrong.is_empty() { Ok(catalogue) } else { Err(BadCatalogue::Manifests(wrong)) }
    }

    fn add(
        &mut self,
        folder: &str,
        text: &str,
        path: PathBuf,
        built_in: bool,
    ) -> Result<Option<ManifestErrors>, BadCatalogue> {
        let loaded = match load(text, &path.display().to_string()) {
            Ok(loaded) => loaded,
            Err(errors) => return Ok(Some(errors)),
        };
        let name = loaded.manifest.connector.clone();
        if name != folder {
            return Err(BadCatalogue::OtherName { path, folder: folder.to_owned(), says: name });
        }
        if !built_in && !self.names.insert(name.clone()) {
            return Err(BadCatalogue::Taken { path, name });
        }
        self.loaded.insert(name, loaded);
        Ok(None)
    }

    /// The manifest of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Loaded> {
        self.loaded.get(name)
    }

    /// All that were loaded, in order of names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Loaded)> {
        self.loaded.iter().map(|(name, loaded)| (name.as_str(), loaded))
    }

    /// The names of all there are.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }
}

fn capped(path: &Path) -> std::io::Result<String> {
    if std::fs::metadata(path)?.len() > LARGEST {
        let says = "it is larger than a manifest can be (4 MiB)";
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, says));
    }
    std::fs::read_to_string(path)
}

fn manifests_in(folder: &Path) -> Result<Vec<PathBuf>, BadCatalogue> {
    let unreadable = |cause| BadCatalogue::Unreadable { path: folder.to_owned(), cause };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let file = entry.map_err(unreadable)?.path().join("manifest.yaml");
        if file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::{BadCatalogue, Catalogue};
    use crate::manifest::tests::GOOD;

    fn folder(name: &str, text: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join(name)).expect("made");
        std::fs::write(folder.path().join(name).join("manifest.yaml"), text).expect("written");
        folder
    }

    /// A system is added by a folder alone, at build time or at run time.
    #[test]
    fn folders_are_connectors() {
        let extra = folder("forge", GOOD);
        let catalogue = Catalogue::load(Some(extra.path())).expect("loads");
        assert!(catalogue.get("forge").is_some());
        assert!(catalogue.get("github").is_some(), "{:?}", catalogue.names().collect::<Vec<_>>());
        assert_eq!(catalogue.iter().count(), super::BUILT_IN.len() + 1);
    }

    /// A manifest in a folder must not replace a built-in one unnoticed, nor hide under another name.
    #[test]
    fn names_are_taken_once() {
        let taken = folder("github", &GOOD.replace("connector: forge", "connector: github"));
        assert!(matches!(Catalogue::load(Some(taken.path())), Err(BadCatalogue::Taken { .. })));
        let other = folder("smithy", GOOD);
        assert!(matches!(Catalogue::load(Some(other.path())), Err(BadCatalogue::OtherName { .. })));
        let absent = other.path().join("absent");
        assert!(matches!(Catalogue::load(Some(&absent)), Err(BadCatalogue::Unreadable { .. })));
    }

    /// A typo in an added manifest is told with file and line.
    #[test]
    fn mistakes_name_the_file() {
        let extra = folder("forge", &GOOD.replace("require: [id]", "requir: [id]"));
        let told = Catalogue::load(Some(extra.path())).expect_err("a typo").to_string();
        assert!(told.contains("manifest.yaml:") && told.contains("did you mean `require`?"), "{told}");
    }
}
