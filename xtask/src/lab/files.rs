//! Reading and writing the lab's files; what holds a secret is readable by its owner alone.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::error::LabError;

/// Creates a folder and its parents, with `mode` on the last.
pub fn folder(path: &Path, mode: u32) -> Result<(), LabError> {
    fs::create_dir_all(path).map_err(LabError::file("create the folder", path))?;
    mode_of(path, mode)
}

/// Sets who may read and write a file or folder.
pub fn mode_of(path: &Path, mode: u32) -> Result<(), LabError> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(LabError::file("set the mode of", path))
}

/// Writes a file that only its owner may read, in one step: a reader sees the old or the new.
pub fn write_private(path: &Path, text: &str) -> Result<(), LabError> {
    let next = path.with_extension("next");
    // A leftover of an interrupted run may have another mode, which opening would keep.
    remove(&next)?;
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&next)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(LabError::file("write", &next))?;
    fs::rename(&next, path).map_err(LabError::file("write", path))
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String, LabError> {
    fs::read_to_string(path).map_err(LabError::file("read", path))
}

/// Removes a file or a whole folder; absent is fine.
pub fn remove(path: &Path) -> Result<(), LabError> {
    let outcome = match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(LabError::file("remove", path)(error))
        }
        _ => Ok(()),
    }
}

/// The last lines of a log, for an error message.
pub fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
