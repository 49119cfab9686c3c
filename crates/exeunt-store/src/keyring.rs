//! The data keys: one for each case, each wrapped by a key that is kept elsewhere. Without its data key a body is noise, so
//! destroying one file erases all bodies of a case, in every copy of them.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use exeunt_model::Digest;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::sealing::{Chance, SealingKey};

/// A folder of wrapped keys, and the key that wraps them.
#[derive(Clone, Debug)]
pub struct Keyring {
    dir: PathBuf,
    wrapping: SealingKey,
    chance: Chance,
}

/// The name of a data key: what it is for, as a digest, so that a file name tells no case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName([u8; 32]);

impl KeyName {
    /// The key of a case.
    #[must_use]
    pub fn of_case(case: &str) -> Self {
        let mut bytes = [0; 32];
        let hex = Digest::of(format!("case\n{case}").as_bytes());
        // A digest is 64 hexadecimal digits, so this cannot fail.
        let _ = hex::decode_to_slice(hex.hex(), &mut bytes);
        Self(bytes)
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A wrapped key on disk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    v: u8,
    /// Fingerprint of the wrapping key.
    by: String,
    /// The sealed data key, hexadecimal.
    key: String,
}

impl Keyring {
    /// Opens the folder, making it if need be.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn open(dir: &Path, wrapping: SealingKey, chance: Chance) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|e| StoreError::io("make the folder of keys", dir, e))?;
        Ok(Self { dir: dir.to_owned(), wrapping, chance })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) const fn chance(&self) -> Chance {
        self.chance
    }

    fn path(&self, name: &KeyName) -> PathBuf {
        self.dir.join(format!("{}.key", hex::encode(name.as_bytes())))
    }

    /// A data key; `None` if it was destroyed or never made.
    ///
    /// # Errors
    /// When the file cannot be read, or the wrapping key is not the one it was wrapped by.
    pub fn get(&self, name: &KeyName) -> Result<Option<SealingKey>, StoreError> {
        self.unwrap_with(name, &self.wrapping)
    }

    /// A data key, made when there is none.
    ///
    /// # Errors
    /// As [`get`](Self::get); when it cannot be written durably.
    pub fn get_or_make(&self, name: &KeyName) -> Result<SealingKey, StoreError> {
        if let Some(key) = self.get(name)? {
            return Ok(key);
        }
        let key = SealingKey::make(self.chance);
        self.write(name, &key, &self.wrapping)?;
        Ok(key)
    }

    /// Destroys a data key: what it sealed cannot be opened any more. False if there was none.
    ///
    /// # Errors
    /// When the file cannot be overwritten or removed.
    pub fn destroy(&self, name: &KeyName) -> Result<bool, StoreError> {
        let path = self.path(name);
        let failed = |e| StoreError::io("destroy a key", &path, e);
        let file = match File::options().write(true).open(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file.map_err(failed)?,
        };
        // Overwritten first, for file systems that write in place; where they do not, a copy of the wrapped key may
        // linger in free blocks, and rotating the wrapping key makes it worthless.
        let length = usize::try_from(file.metadata().map_err(failed)?.len()).unwrap_or(0);
        (&file).write_all(&vec![0; length]).and_then(|()| file.sync_all()).map_err(failed)?;
        fs::remove_file(&path).and_then(|()| File::open(&self.dir)?.sync_all()).map_err(failed)?;
        Ok(true)
    }

    /// Wraps every key by a new key, and gives how many. What is wrapped by it already is left alone, so a rotation
    /// that was interrupted is run again.
    ///
    /// # Errors
    /// When a key is wrapped by neither, or cannot be written; those before it are rotated.
    pub fn rotate(&self, new: &SealingKey) -> Result<usize, StoreError> {
        let files = fs::read_dir(&self.dir).map_err(|e| StoreError::io("list the keys", &self.dir, e))?;
        let mut rotated = 0;
        for file in files {
            let path = file.map_err(|e| StoreError::io("list the keys", &self.dir, e))?.path();
            let Some(name) = name_of(&path) else { continue };
            if Self::read(&path)?.is_some_and(|wrapped| wrapped.by == new.fingerprint()) {
                continue;
            }
            if let Some(key) = self.get(&name)? {
                self.write(&name, &key, new)?;
                rotated += 1;
            }
        }
        Ok(rotated)
    }

    fn read(path: &Path) -> Result<Option<Wrapped>, StoreError> {
        let text = match fs::read_to_string(path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text.map_err(|e| StoreError::io("read a key", path, e))?,
        };
        let wrapped: Wrapped = serde_json::from_str(&text).map_err(|e| damaged(path, e.to_string()))?;
        Ok(Some(wrapped))
    }

    fn unwrap_with(&self, name: &KeyName, wrapping: &SealingKey) -> Result<Option<SealingKey>, StoreError> {
        let path = self.path(name);
        let Some(Wrapped { by, key, .. }) = Self::read(&path)? else { return Ok(None) };
        if by != wrapping.fingerprint() {
            let cause =
                format!("it is wrapped by the key {by}, and the one given is {}", wrapping.fingerprint());
            return Err(damaged(&path, cause));
        }
        let opened = hex::decode(key).ok().and_then(|key| wrapping.open(name.as_bytes(), &key).ok());
        let text = opened.and_then(|bytes| String::from_utf8(bytes).ok());
        let key = text.as_deref().and_then(SealingKey::from_text);
        key.map(Some).ok_or_else(|| damaged(&path, "its wrapping was changed".to_owned()))
    }

    fn write(&self, name: &KeyName, key: &SealingKey, wrapping: &SealingKey) -> Result<(), StoreError> {
        let path = self.path(name);
        let failed = |e| StoreError::io("write a key", &path, e);
        let sealed =
            wrapping.seal(name.as_bytes(), key.expose_text().as_bytes(), self.chance).map_err(failed)?;
        let wrapped = Wrapped { v: 1, by: wrapping.fingerprint(), key: hex::encode(sealed) };
        let text = serde_json::to_string(&wrapped)
            .map_err(|e| StoreError::Unserialisable { what: "a wrapped key", cause: e.to_string() })?;
        let part = path.with_extension("part");
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(&part)
            .and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()))
            .and_then(|()| fs::rename(&part, &path))
            .and_then(|()| File::open(&self.dir)?.sync_all())
            .map_err(failed)
    }
}

fn damaged(path: &Path, cause: String) -> StoreError {
    StoreError::Damaged {
        path: path.to_owned(),
        cause,
        next: "give the wrapping key it was wrapped by, or restore the file from a copy",
    }
}

fn name_of(path: &Path) -> Option<KeyName> {
    let mut bytes = [0; 32];
    let stem = path.file_name()?.to_str()?.strip_suffix(".key")?;
    hex::decode_to_slice(stem, &mut bytes).ok()?;
    Some(KeyName::from_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use super::{KeyName, Keyring};
    use crate::StoreError;
    use crate::sealing::SealingKey;

    static NEXT: AtomicU8 = AtomicU8::new(1);

    fn counted(bytes: &mut [u8]) {
        bytes.fill(NEXT.fetch_add(1, Ordering::Relaxed));
    }

    fn wrapping(byte: u8) -> SealingKey {
        SealingKey::from_text(&hex::encode([byte; 32])).expect("a key")
    }

    /// What a leaver's case held is gone for good when its key is, and no other case with it.
    #[test]
    fn a_destroyed_key_is_gone_and_no_other() {
        let dir = tempfile::tempdir().expect("a folder");
        let keys = Keyring::open(dir.path(), wrapping(1), counted).expect("opens");
        let (mara, other) = (KeyName::of_case("OFF-142"), KeyName::of_case("OFF-143"));
        let key = keys.get_or_make(&mara).expect("made");
        let kept = keys.get_or_make(&other).expect("made");
        assert_eq!(keys.get_or_make(&mara).expect("read"), key);
        assert_ne!(key, kept);
        assert!(keys.destroy(&mara).expect("destroyed"));
        assert!(!keys.destroy(&mara).expect("nothing left to destroy"));
        assert_eq!(keys.get(&mara).expect("none"), None);
        assert_eq!(keys.get(&other).expect("there"), Some(kept));
        assert_ne!(keys.get_or_make(&mara).expect("another one"), key);
    }

    /// After a rotation the old wrapping key opens nothing, and the new one everything; a rotation may be run twice.
    #[test]
    fn the_wrapping_key_can_be_rotated() {
        let dir = tempfile::tempdir().expect("a folder");
        let old = Keyring::open(dir.path(), wrapping(2), counted).expect("opens");
        let names: Vec<KeyName> = (0..5).map(|n| KeyName::of_case(&format!("OFF-{n}"))).collect();
        let keys: Vec<_> = names.iter().map(|name| old.get_or_make(name).expect("made")).collect();
        assert_eq!(old.rotate(&wrapping(3)).expect("rotated"), 5);
        assert_eq!(old.rotate(&wrapping(3)).expect("again"), 0);
        let refused = old.get(&names[0]).expect_err("the old key");
        assert!(
            matches!(&refused, StoreError::Damaged { cause, .. } if cause.contains("wrapped by")),
            "{refused}"
        );
        let new = Keyring::open(dir.path(), wrapping(3), counted).expect("opens");
        for (name, key) in names.iter().zip(keys) {
            assert_eq!(new.get(name).expect("there"), Some(key));
        }
    }
}
