//! What a case rests on outlives the collections it is from, and goes with the case.
//!
//! What systems answered is sealed with a key for each pack, which is one collection. A case that rests on a collection
//! *holds* it: a copy of the pack's key, sealed with the key of the case. Retention destroys the pack's own key; then only
//! cases open it. Erasing a case destroys the key of the case, and the own key of each pack that no other case holds.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;

use crate::StoreError;
use crate::keyring::{KeyName, Keyring};
use crate::sealing::SealingKey;

impl Keyring {
    fn held_dir(&self) -> PathBuf {
        self.dir().join("held")
    }

    fn held_by(&self, case: &KeyName) -> PathBuf {
        self.held_dir().join(hex::encode(case.as_bytes()))
    }

    /// A name for the key of a new pack.
    pub(crate) fn new_name(&self) -> [u8; 32] {
        let mut name = [0; 32];
        (self.chance())(&mut name);
        name
    }

    /// The key of a pack: its own, or a copy that a case holds. `None` if nobody can open it any more.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn of_pack(&self, pack: &KeyName) -> Result<Option<SealingKey>, StoreError> {
        if let Some(key) = self.get(pack)? {
            return Ok(Some(key));
        }
        for case in self.holders(pack)? {
            let Some(key) = self.get(&case)? else { continue };
            let path = self.held_by(&case).join(hex::encode(pack.as_bytes()));
            let sealed = fs::read(&path).map_err(|e| StoreError::io("read a held key", &path, e))?;
            let opened = key.open(pack.as_bytes(), &sealed).ok();
            let text = opened.and_then(|text| String::from_utf8(text).ok());
            if let Some(key) = text.and_then(|text| SealingKey::from_text(&text)) {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// From now on the case rests on these packs. Those that cannot be opened any more are passed over.
    ///
    /// # Errors
    /// When a key cannot be read or a copy not be written.
    pub(crate) fn hold(&self, case: &str, packs: &BTreeSet<[u8; 32]>) -> Result<(), StoreError> {
        let case = KeyName::of_case(case);
        let dir = self.held_by(&case);
        for pack in packs {
            let path = dir.join(hex::encode(pack));
            if path.exists() {
                continue;
            }
            let Some(key) = self.of_pack(&KeyName::from_bytes(*pack))? else { continue };
            let failed = |e| StoreError::io("hold the key of a collection", &path, e);
            fs::create_dir_all(&dir).map_err(failed)?;
            let sealed = self.get_or_make(&case)?.seal(pack, key.expose_text().as_bytes(), self.chance());
            let part = path.with_extension("part");
            let written = sealed.and_then(|sealed| {
                let mut file = File::create(&part)?;
                file.write_all(&sealed)?;
                file.sync_all()?;
                fs::rename(&part, &path)?;
                File::open(&dir)?.sync_all()
            });
            written.map_err(failed)?;
        }
        Ok(())
    }

    /// The packs a case holds.
    fn held(&self, case: &KeyName) -> Result<Vec<KeyName>, StoreError> {
        names_in(&self.held_by(case))
    }

    /// The cases that hold a pack.
    fn holders(&self, pack: &KeyName) -> Result<Vec<KeyName>, StoreError> {
        let file = hex::encode(pack.as_bytes());
        let cases = names_in(&self.held_dir())?;
        Ok(cases.into_iter().filter(|case| self.held_by(case).join(&file).exists()).collect())
    }

    /// Whether a case holds a pack.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub(crate) fn is_held(&self, pack: &KeyName) -> Result<bool, StoreError> {
        Ok(!self.holders(pack)?.is_empty())
    }

    /// Destroys the key of a case, and the own keys of the packs that no other case holds, whose names are given back. It
    /// is run again after an end in between.
    ///
    /// # Errors
    /// When a key cannot be destroyed.
    pub(crate) fn erase(&self, case: &str) -> Result<Vec<KeyName>, StoreError> {
        let case = KeyName::of_case(case);
        self.destroy(&case)?;
        let mut gone = Vec::new();
        for pack in self.held(&case)? {
            let others = self.holders(&pack)?.iter().any(|holder| *holder != case);
            if !others {
                self.destroy(&pack)?;
                gone.push(pack);
            }
        }
        let dir = self.held_by(&case);
        match fs::remove_dir_all(&dir) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("remove what an erased case held", &dir, e))
            }
            _ => Ok(gone),
        }
    }
}

fn names_in(dir: &std::path::Path) -> Result<Vec<KeyName>, StoreError> {
    let failed = |e| StoreError::io("list held keys", dir, e);
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let mut bytes = [0; 32];
        if hex::decode_to_slice(name.to_string_lossy().as_bytes(), &mut bytes).is_ok() {
            names.push(KeyName::from_bytes(bytes));
        }
    }
    Ok(names)
}
