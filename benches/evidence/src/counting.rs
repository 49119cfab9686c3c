//! A disk that notes how many bytes each batch put into the journal.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use exeunt_evidence::durable::{Disk, FolderDisk};

/// Lengths of the batches, in order.
pub type Lengths = Arc<Mutex<Vec<usize>>>;

/// The folder, and what was appended to its journal.
pub struct Counting {
    inner: FolderDisk,
    lengths: Lengths,
}

impl Counting {
    /// Counts for this folder.
    pub fn new(inner: FolderDisk) -> (Self, Lengths) {
        let lengths = Lengths::default();
        (Self { inner, lengths: Arc::clone(&lengths) }, lengths)
    }
}

impl Disk for Counting {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.inner.read(path)
    }
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.inner.write(path, bytes)
    }
    fn settle(&self) -> io::Result<()> {
        self.inner.settle()
    }
    fn publish(&self, checkpoint: &[u8]) -> io::Result<()> {
        self.inner.publish(checkpoint)
    }
    fn remove_partials(&self, path: &str) -> io::Result<()> {
        self.inner.remove_partials(path)
    }
    fn segments(&self) -> io::Result<Vec<u64>> {
        self.inner.segments()
    }
    fn segment(&self, first: u64) -> io::Result<Vec<u8>> {
        self.inner.segment(first)
    }
    fn begin(&self, first: u64) -> io::Result<()> {
        self.inner.begin(first)
    }
    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()> {
        self.inner.append(first, bytes)?;
        self.lengths.lock().unwrap_or_else(PoisonError::into_inner).push(bytes.len());
        Ok(())
    }
    fn cut(&self, first: u64, length: u64) -> io::Result<()> {
        self.inner.cut(first, length)
    }
    fn drop_segment(&self, first: u64) -> io::Result<()> {
        self.inner.drop_segment(first)
    }
}
