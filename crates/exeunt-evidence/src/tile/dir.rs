//! Tiles in a folder: each file is written beside its place, flushed to the disk and renamed, so that a crash at any
//! point leaves a log that can be read.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::{CHECKPOINT_PATH, TileStore};

/// A log in a folder. The layout is the one tlog-tiles serves, so any web server can publish the folder as it is.
#[derive(Debug)]
pub struct DirTiles {
    root: PathBuf,
    /// Held as long as this value lives; `None` when opened for reading.
    lock: Option<File>,
}

impl DirTiles {
    /// Opens a folder for writing, making it if need be. Only one writer, in any process, can have it open: keep it
    /// no longer than an append takes.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if another writer has it; otherwise what the file system says.
    pub fn writer(root: impl Into<PathBuf>) -> io::Result<Self> {
        let root = root.into();
        make_durable_dir(&root)?;
        let lock = File::options().create(true).truncate(false).write(true).open(root.join(".lock"))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(io::Error::new(
                io::ErrorKind::WouldBlock,
                format!(
                    "the ledger in {} is being written by another process; try again when it is done",
                    root.display()
                ),
            )),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Opens a folder for reading; nothing is made and nothing is locked.
    #[must_use]
    pub fn reader(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), lock: None }
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn place(&self, path: &str) -> io::Result<PathBuf> {
        let plain = |part: &str| {
            !part.is_empty()
                && !part.starts_with('.')
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.')
        };
        if path.split('/').all(plain) {
            Ok(self.root.join(path))
        } else {
            let text = format!("{path:?} is not the path of a file of a log");
            Err(io::Error::new(io::ErrorKind::InvalidInput, text))
        }
    }

    /// Writes a file that may be lost until [`settle`](Self::settle) returns. Nothing that is published names it yet.
    pub(crate) fn write_unsettled(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.writable()?;
        let place = self.place(path)?;
        let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
        let written = fs::write(&place, bytes).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => fs::create_dir_all(folder).and_then(|()| fs::write(&place, bytes)),
            _ => Err(error),
        });
        written.map_err(|error| at(&place, &error))
    }

    /// Brings all files of the folder, and their names, to the disk at once: one flush of the file system instead of one
    /// for each tile.
    pub(crate) fn settle(&self) -> io::Result<()> {
        flush_all(&self.root)
    }

    /// Replaces a file, whole and durably.
    pub(crate) fn replace(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.writable()?;
        let place = self.place(path)?;
        write_durably(&place, bytes).map_err(|error| at(&place, &error))
    }

    pub(crate) fn remove_partials_of(&self, path: &str) -> io::Result<()> {
        self.writable()?;
        let place = self.place(&format!("{path}.p"))?;
        match fs::remove_dir_all(&place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&place, &error)),
            _ => Ok(()),
        }
    }

    /// The segments of the journal, ascending.
    pub(crate) fn segments(&self) -> io::Result<Vec<u64>> {
        let folder = match fs::read_dir(self.root.join("journal")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            folder => folder?,
        };
        let mut segments = Vec::new();
        for file in folder {
            segments.extend(file?.file_name().to_str().and_then(|name| name.parse::<u64>().ok()));
        }
        segments.sort_unstable();
        Ok(segments)
    }

    /// Makes an empty segment.
    pub(crate) fn begin_segment(&self, place: &Path) -> io::Result<()> {
        self.writable()?;
        let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
        make_durable_dir(folder)?;
        File::create(place)?.sync_all()?;
        flush_dir(folder)
    }

    fn writable(&self) -> io::Result<()> {
        if self.lock.is_some() {
            return Ok(());
        }
        let text = format!("the ledger in {} was opened for reading only", self.root.display());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, text))
    }
}

/// The lock is given back in so many words. Closing the file is not enough: a program that is being started at this very
/// moment holds a copy of every open file until it runs, and the lock with it.
impl Drop for DirTiles {
    fn drop(&mut self) {
        if let Some(lock) = &self.lock {
            // Nothing to do about a refusal: the file is closed next, which gives the lock back as well.
            let _ = lock.unlock();
        }
    }
}

impl TileStore for DirTiles {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let place = self.place(path)?;
        match fs::read(&place) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&place, &error)),
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.replace(path, bytes)
    }

    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool> {
        self.writable()?;
        // What the journal holds is signed and acknowledged: a head beside it would be a fork.
        for segment in self.segments()? {
            if fs::metadata(self.root.join(format!("journal/{segment:020}")))?.len() > 0 {
                let text =
                    "the ledger's journal holds entries that are not in tiles: open it as a durable log";
                return Err(io::Error::other(text));
            }
        }
        if self.read(CHECKPOINT_PATH)?.as_deref() != expected {
            return Ok(false);
        }
        self.write(CHECKPOINT_PATH, checkpoint).map(|()| true)
    }

    fn remove_partials(&mut self, path: &str) -> io::Result<()> {
        self.remove_partials_of(path)
    }
}

fn at(place: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", place.display()))
}

/// Write beside, flush, rename, flush the folder: after a crash the file is the old one or the new one.
/// A half-written `.new` file is never read, and the next write of the same file replaces it.
fn write_durably(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    make_durable_dir(folder)?;
    let mut beside = place.as_os_str().to_owned();
    beside.push(".new");
    let mut file = File::create(&beside)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, place)?;
    flush_dir(folder)
}

/// Makes a folder and those above it, each flushed into its parent so that the name survives a crash.
fn make_durable_dir(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    let parent = folder.parent().unwrap_or(Path::new(""));
    make_durable_dir(parent)?;
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }?;
    flush_dir(parent)
}

/// Brings everything below a folder to the disk.
#[cfg(target_os = "linux")]
fn flush_all(root: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(root)?)?)
}

/// Brings everything below a folder to the disk, file by file.
#[cfg(not(target_os = "linux"))]
fn flush_all(root: &Path) -> io::Result<()> {
    for file in fs::read_dir(root)? {
        let place = file?.path();
        if place.is_dir() { flush_all(&place)? } else { File::open(&place)?.sync_all()? }
    }
    flush_dir(root)
}

/// Flushes the names in a folder; systems without folder handles flush them with the rename.
fn flush_dir(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        let here = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        File::open(here)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::DirTiles;

    /// A program being started holds copies of all open files for a moment; the next append must not be refused for it.
    #[test]
    fn a_copy_of_the_file_does_not_keep_the_lock() {
        let home = tempfile::tempdir().unwrap();
        let writer = DirTiles::writer(home.path()).unwrap();
        let copy = writer.lock.as_ref().unwrap().try_clone().unwrap();
        drop(writer);
        DirTiles::writer(home.path()).unwrap();
        drop(copy);
    }
}
