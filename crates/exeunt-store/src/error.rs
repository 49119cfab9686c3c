//! What can go wrong with state: what was attempted, where, and what to do next.

use std::io;
use std::path::{Path, PathBuf};

use exeunt_model::Digest;

/// State could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The operating system refused.
    #[error("could not {attempted} at {}: {cause}. {}", path.display(), next(cause))]
    Io {
        /// What was attempted.
        attempted: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's words.
        cause: io::Error,
    },
    /// Another process has the state open.
    #[error(
        "another exeunt has this state open ({}). Wait for it to end, or use another folder with \
         --state DIR",
        path.display()
    )]
    InUse {
        /// The lock.
        path: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{} is damaged: {cause}. Next: {next}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// How that shows.
        cause: String,
        /// What to do.
        next: &'static str,
    },
    /// A body's key was destroyed.
    #[error(
        "the body {digest} was erased: the key of its case was destroyed, and nobody can read it any more"
    )]
    Erased {
        /// Its digest.
        digest: Digest,
    },
    /// A sealed body, and no key to open it.
    #[error(
        "the body {digest} is sealed, and there is no sealing key to open it: name one in `evidence.sealing_key`"
    )]
    Locked {
        /// Its digest.
        digest: Digest,
    },
    /// The database was written by a newer program.
    #[error(
        "{} was written by a newer exeunt (form {found}, this one knows {known}). Use the newer \
         program, or another folder with --state DIR",
        path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its form.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The database was written by an older program.
    #[error(
        "{} was written by an older exeunt (form {found}, this one writes {known}), which kept cases in the clear. Use \
         another folder with --state DIR; evidence already exported stays valid",
        path.display()
    )]
    Older {
        /// The database.
        path: PathBuf,
        /// Its form.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The database refused a statement.
    #[error("could not {attempted} in {}: {cause}. {}", path.display(), database_next(cause))]
    Database {
        /// What was attempted.
        attempted: &'static str,
        /// The database.
        path: PathBuf,
        /// The database's words.
        cause: sqlx::Error,
    },
    /// A blob that something names is not there.
    #[error("no blob {digest} in {}; the state folder was changed by hand or copied in part", dir.display())]
    NoBlob {
        /// Its digest.
        digest: Digest,
        /// Where it should be.
        dir: PathBuf,
    },
    /// A value cannot be written as JSON.
    #[error("{what} could not be written as JSON: {cause}")]
    Unserialisable {
        /// What.
        what: &'static str,
        /// Why.
        cause: String,
    },
}

impl StoreError {
    pub(crate) fn io(attempted: &'static str, path: &Path, cause: io::Error) -> Self {
        let path = path.to_owned();
        if cause.kind() == io::ErrorKind::InvalidData {
            let next = "restore the state folder from a copy";
            return Self::Damaged { path, cause: cause.to_string(), next };
        }
        Self::Io { attempted, path, cause }
    }
}

fn next(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "The disk is full: free some room and run the same command again; it goes on from the \
             last complete page"
        }
        io::ErrorKind::PermissionDenied => {
            "Give this user the right to write there, or use another folder with --state DIR"
        }
        io::ErrorKind::ReadOnlyFilesystem => "Use a folder that can be written, with --state DIR",
        _ => "Nothing was lost; put that right and run the same command again",
    }
}

fn database_next(cause: &sqlx::Error) -> &'static str {
    let full =
        cause.as_database_error().and_then(sqlx::error::DatabaseError::code).is_some_and(|code| code == "13");
    if full {
        "The disk is full: free some room and run the same command again"
    } else {
        "Nothing was lost; put that right and run the same command again"
    }
}
