//! A log in a folder: one writer, durable files, leftovers of a crash.

use std::io;

use exeunt_evidence::Ledger;
use exeunt_evidence::ledger::LedgerError;
use exeunt_evidence::tile::{DirTiles, TileStore};

use crate::world::{log_key, log_of, numbered};

/// The folder is the layout any tlog-tiles client reads, and opens again after the process is gone.
#[test]
fn a_log_in_a_folder() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("deep/evidence/log");
    let mut ledger = Ledger::create(DirTiles::writer(&root).unwrap(), &log_key()).unwrap();
    ledger.append(&numbered(0..200), &log_key()).unwrap();
    ledger.append(&numbered(200..300), &log_key()).unwrap();
    drop(ledger);
    for (path, bytes) in log_of(300).into_store().files {
        assert_eq!(std::fs::read(root.join(&path)).unwrap(), bytes, "{path}");
    }
    assert!(!root.join("tile/0/000.p").exists(), "superseded partial tiles are gone");
    let again = Ledger::open(DirTiles::reader(&root), log_key().verifier()).unwrap();
    assert_eq!(again.entry(299).unwrap(), b"entry 299");
}

/// Two writers would fork the log: the second is told so, and readers are not held up.
#[test]
fn one_writer_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let first = Ledger::create(DirTiles::writer(home.path()).unwrap(), &log_key()).unwrap();
    let second = DirTiles::writer(home.path()).unwrap_err();
    assert_eq!(second.kind(), io::ErrorKind::WouldBlock);
    let mut reader = Ledger::open(DirTiles::reader(home.path()), log_key().verifier()).unwrap();
    let written = reader.append(&numbered(0..1), &log_key());
    assert!(matches!(written, Err(LedgerError::Store { .. })));
    drop(first);
    DirTiles::writer(home.path()).unwrap();
}

/// A file that a crash left half-written beside its place is never taken for the file.
#[test]
fn half_written_files_are_not_read() {
    let home = tempfile::tempdir().unwrap();
    let mut ledger = Ledger::create(DirTiles::writer(home.path()).unwrap(), &log_key()).unwrap();
    ledger.append(&numbered(0..3), &log_key()).unwrap();
    for path in ["checkpoint.new", "tile/0/000.p/4.new", "tile/entries/000.p/4.new", "tile/0/000.p/4"] {
        std::fs::write(home.path().join(path), b"half").unwrap();
    }
    drop(ledger);
    let mut ledger = Ledger::open(DirTiles::writer(home.path()).unwrap(), log_key().verifier()).unwrap();
    ledger.append(&numbered(3..4), &log_key()).unwrap();
    assert_eq!(ledger.head().checkpoint(), log_of(4).head().checkpoint());
    ledger.audit().unwrap();
}

/// Paths come from outside at times (a mirror's request): none leads out of the folder.
#[test]
fn no_path_leads_out_of_the_folder() {
    let home = tempfile::tempdir().unwrap();
    let mut tiles = DirTiles::writer(home.path()).unwrap();
    for path in ["../x", "/etc/passwd", "tile/../../x", "", ".lock", "tile//0", "TILE", "a\\b", "tile/0\n"] {
        assert_eq!(tiles.read(path).unwrap_err().kind(), io::ErrorKind::InvalidInput, "{path:?}");
        assert!(tiles.write(path, b"x").is_err(), "{path:?}");
    }
}

/// An unreadable file is an error, never "not there".
#[test]
fn a_file_that_cannot_be_read_is_not_missing() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("checkpoint")).unwrap();
    let opened = Ledger::open(DirTiles::reader(home.path()), log_key().verifier());
    assert!(matches!(opened, Err(LedgerError::Store { path, .. }) if path == "checkpoint"));
}
