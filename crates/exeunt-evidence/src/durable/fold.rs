//! Folding: what the journal holds is written as tiles, settled, and published; then the journal may go.

use std::io;
use std::sync::Arc;

use super::Disk;
use super::overlay::Bytes;
use crate::tile::TilePath;

/// When to fold: a longer journal takes longer to replay, a shorter one costs more settling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoldLimit {
    /// Bytes of tiles that wait.
    pub bytes: usize,
    /// Batches; each is one signature to check when the log is opened (some 50 us).
    pub batches: u32,
}

impl Default for FoldLimit {
    /// 64 MiB are replayed in about half a second, 4,096 signatures are checked in a fifth of one.
    fn default() -> Self {
        Self { bytes: 64 << 20, batches: 4096 }
    }
}

/// One folding. It runs beside further commits: what it writes does not change any more.
#[derive(Debug)]
pub struct Fold<D> {
    pub(super) disk: Arc<D>,
    pub(super) tiles: Vec<(String, Bytes)>,
    pub(super) note: String,
    /// Segments that hold nothing but what is folded.
    pub(super) segments: Vec<u64>,
}

impl<D: Disk> Fold<D> {
    /// Writes the tiles, settles them, publishes the head, and clears away. When it fails, nothing is lost: all of it
    /// is still in the journal, and the next folding writes it again.
    ///
    /// # Errors
    /// What the disk said.
    pub fn run(&self) -> io::Result<()> {
        for (path, bytes) in &self.tiles {
            self.disk.write(path, bytes)?;
        }
        self.disk.settle()?;
        self.disk.publish(self.note.as_bytes())?;
        for segment in &self.segments {
            self.disk.drop_segment(*segment)?;
        }
        for (path, _) in &self.tiles {
            if path.parse::<TilePath>().is_ok_and(|tile| tile.is_full()) {
                self.disk.remove_partials(path)?;
            }
        }
        Ok(())
    }
}
