//! All manifests: those built in, and those of a folder the operator names.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::manifest::{self, Loaded, ManifestErrors};

/// Name, file and text of each built-in manifest.
const BUILT_IN: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));
/// Largest manifest read. The longest built-in one is about 40 kB.
const LARGEST: u64 = 4 << 20;

/// A connector folder could not be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// A manifest has mistakes.
    #[error(transparent)]
    Manifest(#[from] ManifestErrors),
    /// A folder or file could not be read.
    #[error("could not read connectors at {}: {cause}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// A manifest is not what its folder is called.
    #[error("{} says `connector: {found}`, but its folder is called {wanted}; make them equal", path.display())]
    Misplaced {
        /// The manifest.
        path: PathBuf,
        /// What it says.
        found: String,
        /// The folder.
        wanted: String,
    },
    /// A connector of that name is built in.
    #[error(
        "{} would replace the built-in connector `{name}`; give it another name, so that \
         evidence says which one was used",
        path.display()
    )]
    Taken {
        /// The manifest.
        path: PathBuf,
        /// The name.
        name: String,
    },
}

/// All manifests, by name.
#[derive(Debug, Clone)]
pub struct Catalogue {
    all: BTreeMap<String, Loaded>,
}

impl Catalogue {
    /// The built-in manifests.
    ///
    /// # Errors
    /// When one has mistakes, which the tests of this crate rule out.
    pub fn built_in() -> Result<Self, CatalogueError> {
        let mut all = BTreeMap::new();
        for (name, file, text) in BUILT_IN {
            let loaded = checked(text, Path::new(file), name)?;
            all.insert((*name).to_owned(), loaded);
        }
        Ok(Self { all })
    }

    /// The built-in manifests and those of `folder`, which holds one folder for each.
    ///
    /// # Errors
    /// When the folder cannot be read, or a manifest has mistakes or a name that is taken.
    pub fn with(folder: &Path) -> Result<Self, CatalogueError> {
        let mut this = Self::built_in()?;
        let io = |path: &Path| {
            let path = path.to_owned();
            move |cause| CatalogueError::Io { path, cause }
        };
        let mut folders: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(io(folder))? {
            folders.push(entry.map_err(io(folder))?.path());
        }
        folders.sort();
        for path in folders.iter().map(|f| f.join("manifest.yaml")).filter(|f| f.is_file()) {
            let size = std::fs::metadata(&path).map_err(io(&path))?.len();
            if size > LARGEST {
                return Err(io(&path)(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    "it is larger than a manifest can be (4 MiB)",
                )));
            }
            let text = std::fs::read_to_string(&path).map_err(io(&path))?;
            let name = path.parent().and_then(Path::file_name).unwrap_or_default();
            let name = name.to_string_lossy().into_owned();
            let loaded = checked(&text, &path, &name)?;
            if this.all.contains_key(&name) {
                return Err(CatalogueError::Taken { path, name });
            }
            this.all.insert(name, loaded);
        }
        Ok(this)
    }

    /// One manifest.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Loaded> {
        self.all.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Loaded)> {
        self.all.iter().map(|(name, loaded)| (name.as_str(), loaded))
    }
}

fn checked(text: &str, path: &Path, folder: &str) -> Result<Loaded, CatalogueError> {
    let loaded = manifest::load(text, &path.display().to_string())?;
    if loaded.manifest.connector == folder {
        Ok(loaded)
    } else {
        Err(CatalogueError::Misplaced {
            path: path.to_owned(),
            found: loaded.manifest.connector.clone(),
            wanted: folder.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, CatalogueError};

    /// A manifest with a mistake would make every command fail on the user's machine.
    #[test]
    fn every_built_in_manifest_loads() {
        let catalogue = Catalogue::built_in().unwrap_or_else(|errors| panic!("{errors}"));
        assert!(catalogue.get("github").is_some());
    }

    /// A folder that quietly replaced `github` would change what evidence means.
    #[test]
    fn a_built_in_connector_cannot_be_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        let (_, _, text) =
            super::BUILT_IN.iter().find(|(name, ..)| *name == "github").expect("built in");
        std::fs::create_dir(dir.path().join("github")).expect("made");
        std::fs::write(dir.path().join("github/manifest.yaml"), text).expect("written");
        assert!(matches!(Catalogue::with(dir.path()), Err(CatalogueError::Taken { .. })));
        std::fs::rename(dir.path().join("github"), dir.path().join("hub")).expect("renamed");
        assert!(matches!(Catalogue::with(dir.path()), Err(CatalogueError::Misplaced { .. })));
    }
}
