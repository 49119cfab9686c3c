//! Where a witness keeps the head it cosigned last for each log.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use crate::Digest;
use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::note::Note;
use crate::tile::{DirTiles, TileStore as _};

/// A head with its log's signatures: should the log fork, this is the proof of one of the two histories.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenHead {
    checkpoint: Checkpoint,
    note: Note,
}

impl SeenHead {
    /// Reads a signed head; its signatures were verified when it was kept.
    ///
    /// # Errors
    /// It is not a checkpoint.
    pub fn parse(text: &str) -> Result<Self, CheckpointError> {
        let note = Note::parse(text)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// The head.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note, as it is kept.
    #[must_use]
    pub const fn note(&self) -> &Note {
        &self.note
    }
}

/// The last head of each log.
pub trait Heads {
    /// The head kept last for a log; `None` only if it is certain that there is none.
    ///
    /// # Errors
    /// It could not be read, or is damaged.
    fn last(&self, origin: &str) -> io::Result<Option<SeenHead>>;

    /// Keeps a head in place of the one before, whole and durably when this returns.
    ///
    /// # Errors
    /// It is not known whether it was kept.
    fn keep(&mut self, head: &SeenHead) -> io::Result<()>;
}

/// Heads in memory, for tests: a witness that forgets can be led astray.
#[derive(Clone, Debug, Default)]
pub struct MemoryHeads(BTreeMap<String, SeenHead>);

impl Heads for MemoryHeads {
    fn last(&self, origin: &str) -> io::Result<Option<SeenHead>> {
        Ok(self.0.get(origin).cloned())
    }

    fn keep(&mut self, head: &SeenHead) -> io::Result<()> {
        self.0.insert(head.checkpoint.origin.clone(), head.clone());
        Ok(())
    }
}

/// Heads in a folder, one file for each log, named by the digest of its origin. One process has the folder at a time.
#[derive(Debug)]
pub struct FolderHeads(DirTiles);

impl FolderHeads {
    /// Opens a folder, making it if need be.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`] if another process has it; otherwise what the file system says.
    pub fn open(folder: impl Into<PathBuf>) -> io::Result<Self> {
        DirTiles::writer(folder).map(Self)
    }
}

impl Heads for FolderHeads {
    fn last(&self, origin: &str) -> io::Result<Option<SeenHead>> {
        let damaged = |why: String| {
            let text =
                format!("the head kept for {origin} is damaged ({why}); nothing of this log is cosigned");
            io::Error::new(io::ErrorKind::InvalidData, text)
        };
        let Some(bytes) = self.0.read(&file_of(origin))? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes).map_err(|why| damaged(why.to_string()))?;
        let head = SeenHead::parse(&text).map_err(|why| damaged(why.to_string()))?;
        if head.checkpoint.origin != origin {
            return Err(damaged("it is another log's".into()));
        }
        Ok(Some(head))
    }

    fn keep(&mut self, head: &SeenHead) -> io::Result<()> {
        self.0.replace(&file_of(&head.checkpoint.origin), head.note.to_string().as_bytes())
    }
}

fn file_of(origin: &str) -> String {
    Digest::of(origin.as_bytes()).to_hex()
}
