//! What can go wrong with a table: what was attempted, on which file, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

/// A table could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    /// The operating system refused.
    #[error("could not {attempted} {}: {cause}. Put that right and run the same command again", path.display())]
    Io {
        /// What was attempted.
        attempted: &'static str,
        /// On which file.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// The file is not what it should be.
    #[error(
        "{} is damaged or was not written by Exeunt: {cause}. Restore it from a copy, or export the snapshot again",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How that shows.
        cause: String,
    },
    /// The values cannot be written as a table.
    #[error("{} was not written: {cause}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

impl ColumnsError {
    pub(crate) fn io(attempted: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |cause| match cause.kind() {
            // The footer promised more than the file has.
            io::ErrorKind::UnexpectedEof => Self::Damaged { path, cause: "it ends too early".to_owned() },
            _ => Self::Io { attempted, path, cause },
        }
    }

    pub(crate) fn damaged(path: &Path, cause: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), cause: cause.into() }
    }
}
