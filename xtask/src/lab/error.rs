//! What can go wrong in the lab, each with what was attempted, on what, and what to try next.

use std::path::{Path, PathBuf};

/// A failure of the lab itself.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// The machine is not one the lab can run on, or the lab is not in a state for the command.
    #[error("{0}")]
    Unfit(String),
    /// A file or folder could not be read or written.
    #[error("could not {doing} {path}")]
    File {
        /// What was attempted.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program could not be started.
    #[error("could not start {program}; `cargo xtask lab up` installs it")]
    Start {
        /// The program.
        program: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A program ran and said no.
    #[error("{program} failed while {doing} ({status}): {said}")]
    Tool {
        /// What was attempted.
        doing: String,
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// The end of what it printed.
        said: String,
    },
    /// A server could not be reached over HTTP.
    #[error("no answer from {url} while {doing}; `cargo xtask lab status` shows what runs")]
    Unreachable {
        /// What was attempted.
        doing: String,
        /// The address asked.
        url: String,
        /// Why it failed.
        source: std::io::Error,
    },
    /// A server answered something other than success.
    #[error("{url} answered {status} while {doing}: {body}")]
    Refused {
        /// What was attempted.
        doing: String,
        /// The address asked.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The start of the answer.
        body: String,
    },
    /// A server did not become ready.
    #[error("{server} {why}; the end of its log {log}:\n{tail}")]
    NotReady {
        /// The server's name.
        server: String,
        /// Ended early, or did not answer in time.
        why: String,
        /// Where its log is.
        log: PathBuf,
        /// The last lines of it.
        tail: String,
    },
    /// A data file of the lab is not what its type says.
    #[error("{what} cannot be understood: {why}")]
    Data {
        /// Which file.
        what: String,
        /// Where and why.
        why: String,
    },
}

impl LabError {
    /// An error about `path`, made from the error of the system.
    pub fn file(doing: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }

    /// The error with its causes, on one line.
    #[must_use]
    pub fn full(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        text
    }
}
