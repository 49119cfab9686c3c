//! What durable appends ask of a disk. Nothing here is durable until it is said to be.

use std::io;

/// A place for the files of one log and for its journal. One process writes at a time; the folder's lock sees to it.
///
/// The journal is cut into segments, each known by the size of the log when it was begun.
pub trait Disk: Send + Sync {
    /// A tile or the checkpoint; `None` only if it is certain that there is none.
    ///
    /// # Errors
    /// The disk could not be asked.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Writes a tile. It may be lost, or half there, until [`settle`](Self::settle) returns.
    ///
    /// # Errors
    /// The file may be there in part.
    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()>;

    /// Everything [written](Self::write) before, and its names, survives a power cut when this returns.
    ///
    /// # Errors
    /// It is not known what survives.
    fn settle(&self) -> io::Result<()>;

    /// Replaces the public checkpoint, whole and durably.
    ///
    /// # Errors
    /// It is not known whether it was replaced.
    fn publish(&self, checkpoint: &[u8]) -> io::Result<()>;

    /// Removes the partial tiles `<path>.p/<W>` of a tile that is full now.
    ///
    /// # Errors
    /// Some may be left; they do no harm.
    fn remove_partials(&self, path: &str) -> io::Result<()>;

    /// The segments there are, ascending.
    ///
    /// # Errors
    /// The disk could not be asked.
    fn segments(&self) -> io::Result<Vec<u64>>;

    /// The bytes of a segment.
    ///
    /// # Errors
    /// It could not be read.
    fn segment(&self, first: u64) -> io::Result<Vec<u8>>;

    /// Begins a segment, or empties it; its name survives a power cut when this returns.
    ///
    /// # Errors
    /// It could not be made.
    fn begin(&self, first: u64) -> io::Result<()>;

    /// Appends to a segment and waits until the disk has it: one write, one `fdatasync`.
    ///
    /// # Errors
    /// Any part of the bytes may be there.
    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts a segment down to a length, durably.
    ///
    /// # Errors
    /// It could not be cut.
    fn cut(&self, first: u64, length: u64) -> io::Result<()>;

    /// Removes a segment whose entries are in tiles. That it comes back after a power cut does no harm.
    ///
    /// # Errors
    /// It may still be there.
    fn drop_segment(&self, first: u64) -> io::Result<()>;
}

/// Which disk it is may be known only when the program runs.
impl Disk for Box<dyn Disk> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        (**self).read(path)
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        (**self).write(path, bytes)
    }

    fn settle(&self) -> io::Result<()> {
        (**self).settle()
    }

    fn publish(&self, checkpoint: &[u8]) -> io::Result<()> {
        (**self).publish(checkpoint)
    }

    fn remove_partials(&self, path: &str) -> io::Result<()> {
        (**self).remove_partials(path)
    }

    fn segments(&self) -> io::Result<Vec<u64>> {
        (**self).segments()
    }

    fn segment(&self, first: u64) -> io::Result<Vec<u8>> {
        (**self).segment(first)
    }

    fn begin(&self, first: u64) -> io::Result<()> {
        (**self).begin(first)
    }

    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()> {
        (**self).append(first, bytes)
    }

    fn cut(&self, first: u64, length: u64) -> io::Result<()> {
        (**self).cut(first, length)
    }

    fn drop_segment(&self, first: u64) -> io::Result<()> {
        (**self).drop_segment(first)
    }
}
