//! Bytes by their SHA-256, compressed: what is kept one by one in a file each, what comes by the thousand in packs.

mod packed;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use exeunt_model::{Digest, Record, RecordChunk};

use crate::StoreError;
use crate::keyring::{KeyName, Keyring};
use crate::packs::Packs;
use crate::sealing::SealingKey;

/// Zstandard level 3: the library's own default, the knee of its speed and size curve.
const LEVEL: i32 = 3;
/// The name of the key of a pack that is not sealed.
const UNSEALED: [u8; 32] = [0; 32];
/// Largest blob read back. A snapshot of a million people is about 2 GB of JSON.
const LARGEST: u64 = 8 << 30;

/// The key of a pack, and its name.
type PackKey = ([u8; 32], SealingKey);

/// A folder of blobs.
#[derive(Debug, Clone)]
pub struct Blobs {
    dir: PathBuf,
    // The keys that sealed bodies need.
    keys: Option<Arc<Keyring>>,
    // Written, but perhaps not on the disk yet.
    unsettled: Arc<Mutex<Vec<PathBuf>>>,
    packs: Arc<Mutex<Packs>>,
    // The key of the pack that is written.
    current: Arc<Mutex<Option<PackKey>>>,
}

impl Blobs {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|e| StoreError::io("make the blob folder", dir, e))?;
        let packs = Arc::new(Mutex::new(Packs::new(dir.join("packs"))));
        let current = Arc::default();
        Ok(Self { dir: dir.to_owned(), keys: None, unsettled: Arc::default(), packs, current })
    }

    /// Where a blob is.
    #[must_use]
    pub fn path(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.dir.join(&hex[..2]).join(format!("{hex}.zst"))
    }

    pub(crate) fn unlock(&mut self, keys: Keyring) {
        self.keys = Some(Arc::new(keys));
    }

    pub(crate) fn packs(&self) -> MutexGuard<'_, Packs> {
        self.packs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The keys, if there are any.
    #[must_use]
    pub fn keys(&self) -> Option<&Keyring> {
        self.keys.as_deref()
    }

    /// Keeps bytes that belong to one case, sealed with its key if there are keys.
    ///
    /// # Errors
    /// When they cannot be written, or the key cannot be read or made.
    pub fn keep_for(&self, case: &str, bytes: &[u8]) -> Result<Digest, StoreError> {
        let Some(keys) = &self.keys else { return self.keep(bytes) };
        let digest = Digest::of(bytes);
        let path = self.path(&digest).with_extension("sealed");
        if path.exists() && self.get(&digest).is_ok() {
            return Ok(digest);
        }
        let name = KeyName::of_case(case);
        let key = keys.get_or_make(&name)?;
        let failed = |e| StoreError::io("keep a sealed body", &path, e);
        let sealed = key.seal(digest.hex().as_bytes(), bytes, keys.chance()).map_err(failed)?;
        let folder = path.parent().unwrap_or(&self.dir);
        fs::create_dir_all(folder).map_err(failed)?;
        let unfinished = path.with_extension(format!("{}.part", std::process::id()));
        // The name of its key goes first, so that whoever reads it need not know the case.
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(name.as_bytes())?;
            file.write_all(&sealed)
        });
        if let Err(cause) = written.and_then(|()| fs::rename(&unfinished, &path)) {
            // Ours, unfinished, and worth nothing.
            let _ = fs::remove_file(&unfinished);
            return Err(failed(cause));
        }
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        Ok(digest)
    }

    /// The bytes of a sealed body; `None` if there is no such body.
    fn get_sealed(&self, digest: &Digest) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path(digest).with_extension("sealed");
        let bytes = match fs::read(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes.map_err(|e| StoreError::io("open a sealed body", &path, e))?,
        };
        let Some(keys) = &self.keys else { return Err(StoreError::Locked { digest: *digest }) };
        let damaged = |cause: String| StoreError::Damaged {
            path: path.clone(),
            cause,
            next: "restore the file from a copy; what rests on it cannot be shown until then",
        };
        let (name, sealed) =
            bytes.split_first_chunk::<32>().ok_or_else(|| damaged("it was cut".to_owned()))?;
        let Some(key) = keys.get(&KeyName::from_bytes(*name))? else {
            return Err(StoreError::Erased { digest: *digest });
        };
        let opened = key.open(digest.hex().as_bytes(), sealed).map_err(|e| damaged(e.to_string()))?;
        Ok(Some(opened))
    }

    /// Keeps bytes and returns their digest. The file appears under its name only when it is
    /// whole; it survives a killed process at once, and a power failure after [`Self::settle`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, bytes: &[u8]) -> Result<Digest, StoreError> {
        let digest = Digest::of(bytes);
        let path = self.path(&digest);
        // What a power failure left half written under the right name is written again.
        if path.exists() && self.get(&digest).is_ok() {
            return Ok(digest);
        }
        let folder = path.parent().unwrap_or(&self.dir);
        fs::create_dir_all(folder).map_err(|e| StoreError::io("make a blob folder", folder, e))?;
        // Two writers of the same bytes write the same file; the process id keeps the unfinished
        // ones apart.
        let unfinished = path.with_extension(format!("{}.part", std::process::id()));
        let written = write(&unfinished, bytes).and_then(|()| fs::rename(&unfinished, &path));
        match written {
            Ok(()) => {
                self.unsettled.lock().unwrap_or_else(PoisonError::into_inner).push(path);
                Ok(digest)
            }
            Err(cause) => {
                // The unfinished file is ours and worth nothing; that it cannot be removed either
                // changes nothing about the error that is reported.
                let _ = fs::remove_file(&unfinished);
                Err(StoreError::io("keep a blob", &path, cause))
            }
        }
    }

    /// Sees to it that everything kept so far is on the disk. Done once for many blobs: syncing
    /// each as it is written costs a commit of the file system each.
    ///
    /// # Errors
    /// When the disk refuses; what was not settled stays to be settled.
    pub fn settle(&self) -> Result<(), StoreError> {
        let mut unsettled = self.unsettled.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(path) = unsettled.last() {
            File::open(path)
                .and_then(|file| file.sync_all())
                .map_err(|e| StoreError::io("settle a blob", path, e))?;
            unsettled.pop();
        }
        let mut packs = self.packs.lock().unwrap_or_else(PoisonError::into_inner);
        packs.settle().map_err(|e| StoreError::io("settle the blobs", &self.dir.join("packs"), e))
    }

    /// Keeps records as JSON lines.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn keep_records(&self, records: &[Record]) -> Result<RecordChunk, StoreError> {
        let unserialisable = |cause: String| StoreError::Unserialisable { what: "records", cause };
        let mut bytes = Vec::new();
        for record in records {
            serde_json::to_writer(&mut bytes, record).map_err(|e| unserialisable(e.to_string()))?;
            bytes.push(b'\n');
        }
        let count = u32::try_from(records.len()).map_err(|e| unserialisable(e.to_string()))?;
        Ok(RecordChunk { digest: self.keep_packed(&bytes)?, records: count })
    }

    /// The bytes of a digest, checked against it.
    ///
    /// # Errors
    /// When there is no such blob, it cannot be read, or it is not what its name says.
    #[expect(clippy::disallowed_methods, reason = "a blob is our own and capped by LARGEST just here")]
    pub fn get(&self, digest: &Digest) -> Result<Vec<u8>, StoreError> {
        let mut path = self.path(digest);
        let file: Box<dyn Read> = match File::open(&path) {
            Ok(file) => Box::new(file),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                if let Some(bytes) = self.get_sealed(digest)? {
                    return Ok(bytes);
                }
                let found = self.packs().get(digest);
                let found = found.map_err(|e| StoreError::io("read a blob", &self.dir.join("packs"), e))?;
                let Some((bytes, pack, name)) = found else {
                    return Err(StoreError::NoBlob { digest: *digest, dir: self.dir.clone() });
                };
                path = pack;
                if name != UNSEALED {
                    return self.open_packed(digest, &bytes, name, &path);
                }
                Box::new(io::Cursor::new(bytes))
            }
            Err(e) => return Err(StoreError::io("open a blob", &path, e)),
        };
        let damaged = |cause: String| StoreError::Damaged {
            path: path.clone(),
            cause,
            next: "restore the file from a copy; what rests on it cannot be shown until then",
        };
        let mut bytes = Vec::new();
        zstd::Decoder::new(file)
            .and_then(|decoder| decoder.take(LARGEST).read_to_end(&mut bytes))
            .map_err(|e| damaged(e.to_string()))?;
        if Digest::of(&bytes) == *digest {
            Ok(bytes)
        } else {
            Err(damaged("its bytes do not have the digest of its name".to_owned()))
        }
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut encoder = zstd::Encoder::new(File::create(path)?, LEVEL)?;
    encoder.write_all(bytes)?;
    encoder.finish().map(drop)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use exeunt_model::Digest;

    use super::Blobs;
    use crate::StoreError;
    use crate::keyring::{KeyName, Keyring};
    use crate::sealing::SealingKey;

    fn blobs() -> (tempfile::TempDir, Blobs) {
        let dir = tempfile::tempdir().expect("a folder");
        let blobs = Blobs::open(dir.path()).expect("opens");
        (dir, blobs)
    }

    /// Evidence that was altered on disk must not be shown as evidence.
    #[test]
    fn a_changed_blob_is_refused() {
        let (_dir, blobs) = blobs();
        let digest = blobs.keep(b"a page").expect("kept");
        assert_eq!(blobs.get(&digest).expect("whole"), b"a page");
        let other = blobs.keep(b"another page").expect("kept");
        fs::copy(blobs.path(&other), blobs.path(&digest)).expect("copied over");
        assert!(matches!(blobs.get(&digest), Err(StoreError::Damaged { .. })));
        fs::write(blobs.path(&other), b"not compressed").expect("written");
        assert!(matches!(blobs.get(&other), Err(StoreError::Damaged { .. })));
    }

    fn sevens(bytes: &mut [u8]) {
        bytes.fill(7);
    }

    /// A leaver's bodies are erased by destroying one key; those of others stay, and what is erased is called that.
    #[test]
    fn bodies_of_a_case_are_sealed_and_erased_together() {
        let (dir, mut blobs) = blobs();
        let wrapping = SealingKey::from_text(&"01".repeat(32)).expect("a key");
        blobs.unlock(Keyring::open(&dir.path().join("keys"), wrapping, sevens).expect("opens"));
        let body = b"Mara Voss still has a token".repeat(9);
        let digest = blobs.keep_for("OFF-142", &body).expect("kept");
        let other = blobs.keep_for("OFF-143", b"another case").expect("kept");
        let on_disk = fs::read(blobs.path(&digest).with_extension("sealed")).expect("there");
        assert!(!blobs.path(&digest).exists() && !on_disk.windows(4).any(|w| w == b"Mara" || w == b"OFF-"));
        assert_eq!(blobs.get(&digest).expect("opened"), body);
        let locked = Blobs::open(dir.path()).expect("opens");
        assert!(matches!(locked.get(&digest), Err(StoreError::Locked { .. })));
        let keys = blobs.keys().expect("unlocked");
        assert!(keys.destroy(&KeyName::of_case("OFF-142")).expect("destroyed"));
        assert!(matches!(blobs.get(&digest), Err(StoreError::Erased { .. })));
        assert_eq!(blobs.get(&other).expect("opened"), b"another case");
        fs::copy(blobs.path(&digest).with_extension("sealed"), blobs.path(&other).with_extension("sealed"))
            .expect("copied");
        assert!(blobs.get(&other).is_err(), "a body under another's name");
    }

    /// A lost blob is said to be lost, and is not an empty page.
    #[test]
    fn a_missing_blob_is_an_error() {
        let (_dir, blobs) = blobs();
        assert!(matches!(blobs.get(&Digest::of(b"never kept")), Err(StoreError::NoBlob { .. })));
    }

    /// A blob cut short by a power failure is written again, not taken for the whole.
    #[test]
    fn a_half_written_blob_is_written_again() {
        let (_dir, blobs) = blobs();
        let digest = blobs.keep(b"a page").expect("kept");
        blobs.settle().expect("settled");
        fs::write(blobs.path(&digest), b"").expect("cut");
        assert_eq!(blobs.keep(b"a page").expect("kept again"), digest);
        assert_eq!(blobs.get(&digest).expect("whole"), b"a page");
    }

    /// A page that changed on the disk is no evidence, also in a pack.
    #[test]
    fn a_changed_page_is_refused() {
        let (dir, blobs) = blobs();
        let digest = blobs.keep_packed(b"a page").expect("kept");
        assert_eq!(blobs.keep_packed(b"a page").expect("kept twice is once"), digest);
        assert_eq!(blobs.get(&digest).expect("whole"), b"a page");
        let pack = dir.path().join("packs/00000000.pack");
        let mut bytes = fs::read(&pack).expect("there");
        *bytes.last_mut().expect("some") ^= 1;
        fs::write(&pack, bytes).expect("changed");
        assert!(matches!(blobs.get(&digest), Err(StoreError::Damaged { .. })));
    }

    /// `/dev/full` refuses every write as a full disk does: no file may appear under the blob's name.
    #[test]
    fn a_failed_write_leaves_no_blob() {
        let (dir, blobs) = blobs();
        let digest = Digest::of(b"a page");
        let folder = dir.path().join(&digest.hex()[..2]);
        fs::create_dir_all(&folder).expect("made");
        let part = blobs.path(&digest).with_extension(format!("{}.part", std::process::id()));
        std::os::unix::fs::symlink("/dev/full", part).expect("linked");
        let refused = blobs.keep(b"a page").expect_err("the disk is full");
        assert!(refused.to_string().contains("disk is full"), "{refused}");
        assert!(!blobs.path(&digest).exists());
        assert!(blobs.keep(b"a page").is_ok(), "the next run works");
    }
}
