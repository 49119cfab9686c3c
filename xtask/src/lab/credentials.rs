//! The lab's passwords, tokens and keys: one secret to a file, mode 0600, and nowhere else.

use std::path::PathBuf;

use super::edges;
use super::error::LabError;
use super::files;
use super::layout::Layout;

/// The folder that holds the secrets.
#[derive(Debug, Clone)]
pub struct Credentials {
    dir: PathBuf,
}

impl Credentials {
    /// The secrets of a lab.
    pub fn of(layout: &Layout) -> Self {
        Self { dir: layout.credentials() }
    }

    /// Where the secret `name` is kept. No newline follows it in the file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// The same as text, for `lab.json`.
    pub fn place(&self, name: &str) -> String {
        self.path(name).display().to_string()
    }

    /// Makes a new password and keeps it.
    pub fn make(&self, name: &str) -> Result<String, LabError> {
        let secret = edges::password()?;
        self.put(name, &secret)?;
        Ok(secret)
    }

    /// Keeps a secret that a server gave out.
    pub fn put(&self, name: &str, secret: &str) -> Result<(), LabError> {
        files::write_private(&self.path(name), secret)
    }

    /// The secret `name`.
    pub fn get(&self, name: &str) -> Result<String, LabError> {
        files::read(&self.path(name))
    }

    /// Forgets a secret.
    pub fn forget(&self, name: &str) -> Result<(), LabError> {
        files::remove(&self.path(name))
    }
}
