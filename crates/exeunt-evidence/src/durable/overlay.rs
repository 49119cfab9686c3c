//! Tiles that are not on the disk yet, over those that are.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::Disk;
use crate::tile::{CHECKPOINT_PATH, TileStore};

/// A tile's bytes, shared with the fold that writes them down.
pub(super) type Bytes = Arc<[u8]>;

/// A tile store in which writing costs nothing: what is written stays in memory until it is folded into the disk.
#[derive(Debug)]
pub struct Overlay<D> {
    disk: Arc<D>,
    files: BTreeMap<String, Bytes>,
    bytes: usize,
}

impl<D: Disk> Overlay<D> {
    pub(super) fn new(disk: Arc<D>) -> Self {
        Self { disk, files: BTreeMap::new(), bytes: 0 }
    }

    /// The disk below.
    #[must_use]
    pub const fn disk(&self) -> &Arc<D> {
        &self.disk
    }

    /// Bytes that wait to be written.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// What waits to be written, tiles only.
    pub(super) fn tiles(&self) -> Vec<(String, Bytes)> {
        let tiles = self.files.iter().filter(|(path, _)| *path != CHECKPOINT_PATH);
        tiles.map(|(path, bytes)| (path.clone(), Arc::clone(bytes))).collect()
    }

    /// Lets go of what is on the disk now, unless it was written again since.
    pub(super) fn let_go(&mut self, written: &[(String, Bytes)]) {
        for (path, bytes) in written {
            if self.files.get(path).is_some_and(|now| Arc::ptr_eq(now, bytes)) {
                self.take(path);
            }
        }
    }

    fn take(&mut self, path: &str) {
        if let Some(gone) = self.files.remove(path) {
            self.bytes -= gone.len();
        }
    }
}

impl<D: Disk> TileStore for Overlay<D> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match self.files.get(path) {
            Some(bytes) => Ok(Some(bytes.to_vec())),
            None => self.disk.read(path),
        }
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        // No head that can be seen needs a narrower one of the same tile: the disk's own are untouched.
        match path.split_once(".p/") {
            Some((tile, _)) => self.remove_partials(tile)?,
            None => self.take(path),
        }
        self.bytes += bytes.len();
        self.files.insert(path.to_owned(), bytes.into());
        Ok(())
    }

    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool> {
        if self.read(CHECKPOINT_PATH)?.as_deref() != expected {
            return Ok(false);
        }
        self.write(CHECKPOINT_PATH, checkpoint).map(|()| true)
    }

    /// Only those in memory: the disk's go when the full tile is on it.
    fn remove_partials(&mut self, path: &str) -> io::Result<()> {
        let prefix = format!("{path}.p/");
        let partial = self.files.range(prefix.clone()..).take_while(|(name, _)| name.starts_with(&prefix));
        let partial: Vec<String> = partial.map(|(name, _)| name.clone()).collect();
        for name in &partial {
            self.take(name);
        }
        Ok(())
    }
}
