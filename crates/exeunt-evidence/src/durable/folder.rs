//! A folder as a disk: the public files as [`DirTiles`] lays them out, the journal beside them in `journal/`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::Disk;
use crate::tile::{CHECKPOINT_PATH, DirTiles, TileStore as _};

/// A log in a folder, written durably. It holds the folder's lock as long as it lives.
#[derive(Debug)]
pub struct FolderDisk {
    tiles: DirTiles,
    /// The segment that is being written.
    segment: Mutex<Option<(u64, File)>>,
}

impl FolderDisk {
    /// Takes over a folder that was opened for writing.
    #[must_use]
    pub const fn new(tiles: DirTiles) -> Self {
        Self { tiles, segment: Mutex::new(None) }
    }

    fn place(&self, segment: u64) -> PathBuf {
        self.tiles.root().join("journal").join(format!("{segment:020}"))
    }

    /// Does something with the open file of a segment.
    fn with<T>(&self, segment: u64, act: impl FnOnce(&mut File) -> io::Result<T>) -> io::Result<T> {
        let mut open = self.segment.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_none_or(|(now, _)| *now != segment) {
            *open = Some((segment, File::options().append(true).open(self.place(segment))?));
        }
        match open.as_mut() {
            Some((_, file)) => act(file),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Disk for FolderDisk {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.tiles.read(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.tiles.write_unsettled(path, bytes)
    }

    fn settle(&self) -> io::Result<()> {
        self.tiles.settle()
    }

    fn publish(&self, checkpoint: &[u8]) -> io::Result<()> {
        self.tiles.replace(CHECKPOINT_PATH, checkpoint)
    }

    fn remove_partials(&self, path: &str) -> io::Result<()> {
        self.tiles.remove_partials_of(path)
    }

    fn segments(&self) -> io::Result<Vec<u64>> {
        self.tiles.segments()
    }

    fn segment(&self, first: u64) -> io::Result<Vec<u8>> {
        fs::read(self.place(first))
    }

    fn begin(&self, first: u64) -> io::Result<()> {
        self.tiles.begin_segment(&self.place(first))
    }

    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()> {
        self.with(first, |file| {
            file.write_all(bytes)?;
            file.sync_data()
        })
    }

    fn cut(&self, first: u64, length: u64) -> io::Result<()> {
        self.with(first, |file| {
            file.set_len(length)?;
            file.sync_all()
        })
    }

    fn drop_segment(&self, first: u64) -> io::Result<()> {
        match fs::remove_file(self.place(first)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
