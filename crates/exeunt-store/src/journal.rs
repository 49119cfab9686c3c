//! Notes of a collection under way: one line of JSON for each page, in a file for each read.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use exeunt_model::Digest;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// The notes of one collection.
#[derive(Debug)]
pub struct Journal {
    dir: PathBuf,
    open: Mutex<BTreeMap<PathBuf, File>>,
}

impl Journal {
    pub(crate) fn open(dir: &Path) -> Result<Self, StoreError> {
        fs::create_dir_all(dir).map_err(|e| StoreError::io("make the notes folder", dir, e))?;
        Ok(Self { dir: dir.to_owned(), open: Mutex::default() })
    }

    /// The file of a read and scope. Its name is a digest, since a scope holds what a system
    /// answered and a system must not choose file names.
    fn path(&self, read: &str, scope: &str) -> PathBuf {
        self.dir.join(Digest::of(format!("{read}\n{scope}").as_bytes()).hex())
    }

    /// Adds a note. It survives a killed process, which is what it is for; after a power failure a
    /// collection may have to begin anew.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add<T: Serialize>(&self, read: &str, scope: &str, note: &T) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(note)
            .map_err(|e| StoreError::Unserialisable { what: "a note", cause: e.to_string() })?;
        line.push(b'\n');
        let path = self.path(read, scope);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |e| StoreError::io("note a page", &path, e);
        if !open.contains_key(&path) {
            let file = File::options().create(true).append(true).open(&path).map_err(failed)?;
            open.insert(path.clone(), file);
        }
        match open.get_mut(&path) {
            Some(file) => file.write_all(&line).map_err(failed),
            None => Ok(()),
        }
    }

    /// The notes of a read and scope, in order. A last line that was cut off by a crash is no
    /// note.
    ///
    /// # Errors
    /// When they cannot be read, or a whole line is not a note.
    pub fn notes<T: DeserializeOwned>(&self, read: &str, scope: &str) -> Result<Vec<T>, StoreError> {
        let path = self.path(read, scope);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(StoreError::io("read notes", &path, e)),
        };
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        text[..whole]
            .split(|b| *b == b'\n')
            .filter(|line| !line.is_empty())
            .map(serde_json::from_slice)
            .collect::<Result<_, _>>()
            .map_err(|e| StoreError::Damaged {
                path: path.clone(),
                cause: e.to_string(),
                next: "remove the folder `collecting` in the state folder; the collection then \
                       begins anew",
            })
    }

    /// Ends the collection: its notes are no longer needed.
    ///
    /// # Errors
    /// When they cannot be removed.
    pub fn end(self) -> Result<(), StoreError> {
        fs::remove_dir_all(&self.dir).map_err(|e| StoreError::io("remove notes", &self.dir, e))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::Journal;

    /// A run killed in the middle of a write must go on from the last whole page.
    #[test]
    fn a_cut_last_line_is_no_note() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path()).expect("opens");
        journal.add("users", "", &1).expect("noted");
        journal.add("users", "", &2).expect("noted");
        let path = journal.path("users", "");
        let mut file = std::fs::File::options().append(true).open(path).expect("opens");
        file.write_all(b"{\"half").expect("written");
        assert_eq!(journal.notes::<u32>("users", "").expect("read"), [1, 2]);
        assert_eq!(journal.notes::<u32>("users", "org=a").expect("read"), [0_u32; 0]);
    }

    /// Damage in the middle is not skipped: pages would be missing without anybody knowing.
    #[test]
    fn a_damaged_line_is_an_error() {
        let dir = tempfile::tempdir().expect("a folder");
        let journal = Journal::open(dir.path()).expect("opens");
        journal.add("users", "", &1).expect("noted");
        std::fs::write(journal.path("users", ""), "1\nx\n3\n").expect("written");
        assert!(journal.notes::<u32>("users", "").is_err());
    }
}
