//! The ledger's signing key: given by reference, or made once and kept beside the ledger.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use exeunt_connectors::redact::FingerprintKey;
use exeunt_evidence::SigningKey;
use exeunt_evidence::key::{Algorithm, KeyError};
use exeunt_store::SealingKey;

/// The signing key could not be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerKeyError {
    /// It is no sealing key.
    #[error("the sealing key ({from}) is not 64 hexadecimal digits, as `openssl rand -hex 32` prints them")]
    UnfitSealing {
        /// Where it came from.
        from: String,
    },
    /// The keys are there, the one that wraps them is not.
    #[error(
        "there are keys in {} but not the one that wraps them, {}. Restore it from a copy; without it nothing that was \
         sealed can be read",
        keys.display(), path.display()
    )]
    SealingLost {
        /// The folder of wrapped keys.
        keys: PathBuf,
        /// The missing file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error("could not {attempted} the ledger's key at {}: {cause}", path.display())]
    Io {
        /// What was attempted.
        attempted: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// It is no key, or another log's.
    #[error("the ledger's key ({from}) cannot be used: {cause}")]
    Unfit {
        /// Where it came from.
        from: String,
        /// Why; never the key.
        cause: KeyError,
    },
    /// It is the key of another log.
    #[error(
        "the ledger's key ({from}) is that of `{found}`, but `evidence.origin` says `{wanted}`. \
         One log has one origin: put the old one back, or begin a new state folder"
    )]
    Origin {
        /// Where it came from.
        from: String,
        /// Its name.
        found: String,
        /// The configured origin.
        wanted: String,
    },
    /// Its text was lost while a ledger exists.
    #[error(
        "there is a ledger in {} but not its key, {}. Restore the key from a copy; without it \
         nothing can be added to that ledger",
        ledger.display(), path.display()
    )]
    Lost {
        /// The ledger.
        ledger: PathBuf,
        /// Where the key should be.
        path: PathBuf,
    },
}

/// Reads a key's text.
///
/// # Errors
/// When it is no key, or that of another origin.
pub fn parse(text: &str, from: &str, origin: &str) -> Result<SigningKey, LedgerKeyError> {
    let key = SigningKey::from_text(text)
        .map_err(|cause| LedgerKeyError::Unfit { from: from.to_owned(), cause })?;
    let found = key.verifier().name();
    if found == origin {
        Ok(key)
    } else {
        Err(LedgerKeyError::Origin {
            from: from.to_owned(),
            found: found.to_owned(),
            wanted: origin.to_owned(),
        })
    }
}

/// The key kept in the state folder, made on first use from the operating system's randomness.
///
/// # Errors
/// When it cannot be read or written, is unfit, or was lost while its ledger exists.
pub fn kept(state: &Path, origin: &str) -> Result<SigningKey, LedgerKeyError> {
    let path = state.join("ledger.key");
    let from = format!("file:{}", path.display());
    match fs::read_to_string(&path) {
        Ok(text) => return parse(&text, &from, origin),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(LedgerKeyError::Io { attempted: "read", path, cause }),
    }
    let ledger = state.join("ledger");
    if ledger.join("checkpoint").exists() {
        return Err(LedgerKeyError::Lost { ledger, path });
    }
    let key = SigningKey::from_seed(origin, Algorithm::Ed25519, &seed())
        .map_err(|cause| LedgerKeyError::Unfit { from, cause })?;
    write(&path, &key.expose_text()).map_err(|cause| LedgerKeyError::Io {
        attempted: "write",
        path,
        cause,
    })?;
    Ok(key)
}

fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    chance(&mut seed);
    seed
}

/// The operating system's randomness.
#[expect(clippy::disallowed_methods, reason = "the named edge where keys are made")]
pub fn chance(bytes: &mut [u8]) {
    rand_core::RngCore::fill_bytes(&mut rand_core::OsRng, bytes);
}

/// The sealing key kept in the state folder, made on first use.
///
/// # Errors
/// When it cannot be read or written, is no key, or was lost while keys exist that it wraps.
pub fn kept_sealing(state: &Path) -> Result<SealingKey, LedgerKeyError> {
    let path = state.join("sealing.key");
    match fs::read_to_string(&path) {
        Ok(text) => return parse_sealing(&text, &format!("file:{}", path.display())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(LedgerKeyError::Io { attempted: "read", path, cause }),
    }
    let keys = state.join("keys");
    if fs::read_dir(&keys).is_ok_and(|mut files| files.next().is_some()) {
        return Err(LedgerKeyError::SealingLost { keys, path });
    }
    let key = SealingKey::make(chance);
    let attempted = "write";
    write(&path, &key.expose_text()).map_err(|cause| LedgerKeyError::Io { attempted, path, cause })?;
    Ok(key)
}

/// The key of the fingerprints that stand for secrets, kept in the state folder and made on first use. Without the one
/// that was there, the same secret gets another fingerprint; nothing else is lost with it.
///
/// # Errors
/// When it cannot be read or written, or is no key.
pub fn kept_fingerprint(state: &Path) -> Result<FingerprintKey, LedgerKeyError> {
    let path = state.join("fingerprint.key");
    let from = format!("file:{}", path.display());
    let mut bytes = [0; 32];
    match fs::read_to_string(&path) {
        Ok(text) => {
            hex::decode_to_slice(text.trim(), &mut bytes)
                .map_err(|_| LedgerKeyError::UnfitSealing { from })?;
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            chance(&mut bytes);
            let attempted = "write";
            write(&path, &hex::encode(bytes)).map_err(|cause| LedgerKeyError::Io {
                attempted,
                path,
                cause,
            })?;
        }
        Err(cause) => return Err(LedgerKeyError::Io { attempted: "read", path, cause }),
    }
    Ok(FingerprintKey::new(bytes))
}

/// Reads a sealing key; `from` says where the text came from.
///
/// # Errors
/// When it is not 64 hexadecimal digits; the error does not repeat them.
pub fn parse_sealing(text: &str, from: &str) -> Result<SealingKey, LedgerKeyError> {
    SealingKey::from_text(text).ok_or_else(|| LedgerKeyError::UnfitSealing { from: from.to_owned() })
}

/// Writes a key's file, whole, readable by its owner only.
///
/// # Errors
/// What the file system says.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let part = path.with_extension("key.part");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&part)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    fs::rename(part, path)
}

#[cfg(test)]
mod tests {
    use super::{LedgerKeyError, kept};

    /// A second run must sign with the same key, or its checkpoints would look like another log's.
    #[test]
    fn the_key_is_made_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = kept(dir.path(), "halden.example/exeunt").expect("made");
        let second = kept(dir.path(), "halden.example/exeunt").expect("read");
        assert_eq!(first.verifier().to_string(), second.verifier().to_string());
        let other = kept(dir.path(), "other.example/exeunt").expect_err("another origin");
        assert!(matches!(other, LedgerKeyError::Origin { .. }));
    }

    /// A new key beside an old ledger would split the evidence in two.
    #[test]
    fn a_lost_key_is_not_replaced() {
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(dir.path().join("ledger")).expect("made");
        std::fs::write(dir.path().join("ledger/checkpoint"), "x").expect("written");
        let lost = kept(dir.path(), "halden.example/exeunt").expect_err("lost");
        assert!(matches!(lost, LedgerKeyError::Lost { .. }));
    }

    /// The key file is the whole secret of the log.
    #[cfg(unix)]
    #[test]
    fn only_its_owner_can_read_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        kept(dir.path(), "halden.example/exeunt").expect("made");
        let mode = std::fs::metadata(dir.path().join("ledger.key")).expect("there").permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
    }
}
