//! Where tiles are kept: the four operations a log needs, and a store in memory.

use std::collections::BTreeMap;
use std::io;

use super::CHECKPOINT_PATH;

/// A place for the files of one log.
///
/// Reading may happen at any time and from anywhere. Writing needs one writer at a time: whoever appends must hold
/// the store exclusively from opening the ledger until the append has returned (a file lock, a database lease).
/// [`publish`](Self::publish) is the last line of defence, not the only one.
pub trait TileStore {
    /// The file at this path; `None` only if it is certain that there is none.
    ///
    /// # Errors
    /// The store could not be asked.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a file whole or not at all; when this returns, it must survive a crash.
    ///
    /// # Errors
    /// The file may not have been written.
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Replaces the checkpoint if the present one is `expected`; `false` if it is another. As durable as
    /// [`write`](Self::write), and after every earlier write.
    ///
    /// # Errors
    /// It is not known whether the checkpoint was replaced.
    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool>;

    /// Removes the partial tiles `<path>.p/<W>` of a tile that is full now (tlog-tiles, "Partial Tiles", allows it).
    ///
    /// # Errors
    /// Some may be left; they do no harm.
    fn remove_partials(&mut self, path: &str) -> io::Result<()>;
}

impl<S: TileStore + ?Sized> TileStore for &mut S {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        (**self).read(path)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        (**self).write(path, bytes)
    }

    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool> {
        (**self).publish(expected, checkpoint)
    }

    fn remove_partials(&mut self, path: &str) -> io::Result<()> {
        (**self).remove_partials(path)
    }
}

/// Tiles in memory, by path. The map is public: a database transaction or a test can look at it and alter it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryTiles {
    /// Contents by path.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl TileStore for MemoryTiles {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.files.get(path).cloned())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.files.insert(path.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool> {
        if self.files.get(CHECKPOINT_PATH).map(Vec::as_slice) != expected {
            return Ok(false);
        }
        self.write(CHECKPOINT_PATH, checkpoint).map(|()| true)
    }

    fn remove_partials(&mut self, path: &str) -> io::Result<()> {
        let prefix = format!("{path}.p/");
        self.files.retain(|name, _| !name.starts_with(&prefix));
        Ok(())
    }
}
