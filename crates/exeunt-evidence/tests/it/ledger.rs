//! The log: growing, reopening, crash points, tampering, roll-back and forks.

use std::io;

use exeunt_evidence::checkpoint::Checkpoint;
use exeunt_evidence::ledger::{LedgerError, Standing};
use exeunt_evidence::merkle::{leaf_hash, root_of, verify_consistency};
use exeunt_evidence::tile::{MAX_ENTRY, MemoryTiles, TileStore};
use exeunt_evidence::{Digest, Ledger};

use crate::world::{Numbers, log_key, log_of, numbered, other_key};

fn oracle(size: u64) -> Digest {
    let hashes: Vec<Digest> = numbered(0..size).iter().map(|entry| leaf_hash(entry)).collect();
    root_of(&hashes)
}

/// However a log grew, its root is that of RFC 6962, and it can be opened and read again.
#[test]
fn grows_to_the_right_root_in_any_steps() {
    let mut numbers = Numbers(1);
    let mut ledger = log_of(0);
    let mut size = 0;
    while size < 1100 {
        let step = [1, 2, 7, 60, 255, 256, 257][numbers.below(7)];
        let done = ledger.append(&numbered(size..size + step), &log_key()).unwrap();
        assert_eq!((done.first, done.count), (size, step));
        assert!(done.not_removed.is_empty());
        size += step;
        assert_eq!(ledger.head().checkpoint().root, oracle(size), "size {size}");
        ledger = Ledger::open(ledger.into_store(), log_key().verifier()).unwrap();
    }
    for index in [0, 1, 255, 256, 511, 512, size - 1] {
        assert_eq!(ledger.entry(index).unwrap(), format!("entry {index}").as_bytes());
        let proof = ledger.prove(index).unwrap();
        let entry = format!("entry {index}");
        assert!(proof.verify(entry.as_bytes(), log_key().verifier(), &[]).is_ok());
    }
    assert!(matches!(ledger.entry(size), Err(LedgerError::Proof(_))));
}

/// Superseded partial tiles do not fill the disk: once a tile is full its partial ones go.
#[test]
fn partial_tiles_go_when_the_tile_is_full() {
    let mut ledger = log_of(0);
    for size in 0..256 {
        ledger.append(&numbered(size..size + 1), &log_key()).unwrap();
    }
    let files: Vec<_> = ledger.store().files.keys().map(String::as_str).collect();
    assert_eq!(files, ["checkpoint", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
}

/// A log that is not there, or there already, is neither invented nor overwritten.
#[test]
fn creating_and_opening() {
    let open = Ledger::open(MemoryTiles::default(), log_key().verifier());
    assert!(matches!(open, Err(LedgerError::NoCheckpoint)));
    let store = log_of(5).into_store();
    assert!(matches!(Ledger::create(store.clone(), &log_key()), Err(LedgerError::Exists)));
    let mut headless = store.clone();
    headless.files.remove("checkpoint");
    let created = Ledger::create(headless, &log_key());
    assert!(matches!(created, Err(LedgerError::HeadLost { tile }) if tile == "tile/0/000.p/5"));
    let opened = Ledger::open(store, other_key().verifier());
    assert!(matches!(opened, Err(LedgerError::Checkpoint(_))));
}

/// A refused batch leaves no trace; an empty one changes nothing.
#[test]
fn a_refused_batch_adds_nothing() {
    let mut ledger = log_of(5);
    let before = ledger.store().clone();
    let batch = vec![b"fine".to_vec(), vec![0; MAX_ENTRY + 1]];
    assert!(matches!(ledger.append(&batch, &log_key()), Err(LedgerError::Entry(_))));
    ledger.append(&numbered(0..0), &log_key()).unwrap();
    assert_eq!(*ledger.store(), before);
    ledger.append(&[vec![0; MAX_ENTRY]], &log_key()).unwrap();
    assert_eq!(ledger.entry(5).unwrap().len(), MAX_ENTRY);
}

/// A store that stops working after a number of changes; what was changed before stays.
struct Crashing {
    tiles: MemoryTiles,
    changes_left: usize,
}

impl Crashing {
    fn change(&mut self) -> io::Result<&mut MemoryTiles> {
        if self.changes_left == 0 {
            return Err(io::Error::other("power cut"));
        }
        self.changes_left -= 1;
        Ok(&mut self.tiles)
    }
}

impl TileStore for Crashing {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        self.tiles.read(path)
    }
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.change()?.write(path, bytes)
    }
    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool> {
        self.change()?.publish(expected, checkpoint)
    }
    fn remove_partials(&mut self, path: &str) -> io::Result<()> {
        self.change()?.remove_partials(path)
    }
}

/// Power may fail after any single write of an append. The log then has all of the new entries or none of them, opens,
/// and grows on to the right root, also with other entries than those that were lost.
#[test]
fn every_crash_point_leaves_a_good_log() {
    for (before, added) in [(0, 1), (10, 3), (250, 6), (250, 10), (255, 1), (256, 1), (300, 500), (511, 2)] {
        let start = log_of(before).into_store();
        let (mut lost, mut kept) = (0, 0);
        for changes_left in 0.. {
            let mut store = Crashing { tiles: start.clone(), changes_left };
            let mut ledger = Ledger::open(&mut store, log_key().verifier()).unwrap();
            let result = ledger.append(&numbered(before..before + added), &log_key());
            let failed = result.is_err();
            let unfinished = failed || result.is_ok_and(|done| !done.not_removed.is_empty());
            let mut again = Ledger::open(store.tiles.clone(), log_key().verifier()).unwrap();
            let size = again.head().checkpoint().size;
            assert_eq!(size, if failed { before } else { before + added });
            assert_eq!(again.head().checkpoint().root, oracle(size));
            if failed {
                lost += 1;
                // Another entry takes the lost one's place: leftovers must not shine through.
                let mut other = Ledger::open(store.tiles.clone(), log_key().verifier()).unwrap();
                let others: Vec<Vec<u8>> = (0..added).map(|n| format!("other {n}").into_bytes()).collect();
                other.append(&others, &log_key()).unwrap();
                let other = Ledger::open(other.into_store(), log_key().verifier()).unwrap();
                assert_eq!(other.entry(before).unwrap(), b"other 0");
            } else {
                kept += 1;
            }
            again.append(&numbered(size..before + added + 20), &log_key()).unwrap();
            let again = Ledger::open(again.into_store(), log_key().verifier()).unwrap();
            assert_eq!(again.head().checkpoint().root, oracle(before + added + 20));
            if !unfinished {
                break;
            }
        }
        assert!(lost >= 3 && kept >= 1, "{before}+{added}: {lost} lost, {kept} kept");
    }
}

/// After a failed append the ledger must be opened again if the head moved after all; appending on blindly would
/// overwrite tiles the signed head covers.
#[test]
fn a_head_moved_by_another_writer_is_noticed_before_anything_is_written() {
    let now = log_of(10).into_store();
    let moved = log_of(11).into_store();
    let mut shared = Shared { now, later: moved.clone(), reads: std::cell::Cell::new(0) };
    let mut slow = Ledger::resume(&mut shared, log_key().verifier()).unwrap();
    let appended = slow.append(&numbered(90..91), &log_key());
    assert!(matches!(appended, Err(LedgerError::Moved)));
    assert_eq!(shared.later, moved, "nothing was written");
}

/// A store in which another writer publishes after the first checkpoint was read.
struct Shared {
    now: MemoryTiles,
    later: MemoryTiles,
    reads: std::cell::Cell<usize>,
}

impl TileStore for Shared {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if path == "checkpoint" {
            self.reads.set(self.reads.get() + 1);
        }
        if self.reads.get() > 1 { self.later.read(path) } else { self.now.read(path) }
    }
    fn write(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.later.write(path, bytes)
    }
    fn publish(&mut self, expected: Option<&[u8]>, checkpoint: &[u8]) -> io::Result<bool> {
        self.later.publish(expected, checkpoint)
    }
    fn remove_partials(&mut self, path: &str) -> io::Result<()> {
        self.later.remove_partials(path)
    }
}

/// Whoever changes, cuts or removes any one file of a log is found out, and the file is named.
#[test]
fn every_changed_file_is_named() {
    let store = log_of(600).into_store();
    let covered = |name: &str| name != "checkpoint";
    for name in store.files.keys().filter(|name| covered(name)) {
        let length = store.files[name].len();
        for at in [0, 1, 31, length / 2, length - 1] {
            let mut changed = store.clone();
            changed.files.get_mut(name).unwrap()[at] ^= 1;
            let error = Ledger::open(changed, log_key().verifier()).unwrap_err();
            assert!(
                matches!(&error, LedgerError::WrongTile { tile, .. } if tile == name),
                "{name} at {at}: {error}"
            );
        }
        let mut cut = store.clone();
        cut.files.get_mut(name).unwrap().pop();
        let error = Ledger::open(cut, log_key().verifier()).unwrap_err();
        assert!(matches!(&error, LedgerError::WrongTile { tile, .. } if tile == name), "{name} cut: {error}");
        let mut removed = store.clone();
        removed.files.remove(name);
        let error = Ledger::open(removed, log_key().verifier()).unwrap_err();
        assert!(matches!(&error, LedgerError::MissingTile { tile } if tile == name), "{name} gone: {error}");
    }
    let note = &store.files["checkpoint"];
    for at in 0..note.len() {
        let mut changed = store.clone();
        changed.files.get_mut("checkpoint").unwrap()[at] ^= 1;
        assert!(Ledger::open(changed, log_key().verifier()).is_err(), "checkpoint at {at}");
    }
}

/// The quick opening does not look at every tile, but what it then reads is checked all the same.
#[test]
fn a_changed_tile_is_noticed_when_it_is_read() {
    let mut store = log_of(600).into_store();
    store.files.get_mut("tile/entries/000").unwrap()[5] ^= 1;
    let ledger = Ledger::resume(store, log_key().verifier()).unwrap();
    assert!(ledger.entry(300).is_ok());
    let error = ledger.entry(0).unwrap_err();
    assert!(matches!(error, LedgerError::WrongTile { tile, .. } if tile == "tile/entries/000"));
    assert!(ledger.audit().is_err());
}

/// Tiles of one log under the head of another are refused even though each is whole.
#[test]
fn a_fork_behind_the_same_key_is_refused() {
    let ours = log_of(20).into_store();
    let mut fork = Ledger::create(MemoryTiles::default(), &log_key()).unwrap();
    fork.append(&numbered(100..120), &log_key()).unwrap();
    let mut mixed = fork.store().clone();
    mixed.files.insert("checkpoint".into(), ours.files["checkpoint"].clone());
    assert!(matches!(Ledger::open(mixed, log_key().verifier()), Err(LedgerError::WrongRoot { .. })));
    // Against a head posted elsewhere, a rewritten log and a rolled back one are both found out.
    let posted = log_of(20).head().checkpoint().clone();
    fork.append(&numbered(120..125), &log_key()).unwrap();
    let forked = fork.consistency(&posted, fork.head().checkpoint());
    assert!(matches!(forked, Err(LedgerError::NotContinued { size: 20, .. })));
    let rolled_back = log_of(19);
    let known = rolled_back.consistency(&posted, rolled_back.head().checkpoint());
    assert!(matches!(known, Err(LedgerError::NotContinued { size: 20, .. })));
}

/// Between any two heads of a log there is a proof that a stranger can verify.
#[test]
fn consistency_between_heads() {
    let mut ledger = log_of(0);
    let mut heads = vec![ledger.head().checkpoint().clone()];
    for step in [1, 5, 250, 1, 300] {
        let size = ledger.head().checkpoint().size;
        ledger.append(&numbered(size..size + step), &log_key()).unwrap();
        heads.push(ledger.head().checkpoint().clone());
    }
    for (n, new) in heads.iter().enumerate() {
        for old in &heads[..=n] {
            let proof = ledger.consistency(old, new).unwrap();
            assert_eq!(verify_consistency((old.size, old.root), (new.size, new.root), &proof), Ok(()));
            if old.size < new.size {
                assert!(ledger.consistency(new, old).is_err());
            }
        }
    }
}

/// Appending with a key that is not the log's would leave a head nobody accepts.
#[test]
fn another_key_cannot_extend_the_log() {
    let mut ledger = log_of(3);
    let appended = ledger.append(&numbered(3..4), &other_key());
    assert!(matches!(appended, Err(LedgerError::WrongKey { .. })));
    assert_eq!(ledger.head().checkpoint().size, 3);
}

/// A proof from the tiles that are kept is the proof that is made without them, at every index and a ragged right edge.
#[test]
fn a_prover_gives_the_same_proofs() {
    for size in [1, 2, 255, 256, 257, 700] {
        let ledger = log_of(size);
        let prover = ledger.prover();
        for index in 0..size {
            assert_eq!(
                prover.proof(index).unwrap(),
                ledger.prove(index).unwrap().hashes,
                "{index} of {size}"
            );
            let entry = prover.bundle_entry(index, None).unwrap();
            assert_eq!(entry, ledger.bundle_entry(index, None).unwrap());
        }
        assert!(prover.proof(size).is_err());
    }
}

/// Whoever kept a head can tell whether the log was rolled back or rewritten since.
#[test]
fn a_head_that_was_kept_tells_rollback_and_fork() {
    let ledger = log_of(300);
    let kept = |size| log_of(size).head().checkpoint().clone();
    assert_eq!(ledger.standing(&kept(300)).unwrap(), Standing::Same);
    assert_eq!(ledger.standing(&kept(7)).unwrap(), Standing::Continued { from: 7, to: 300 });
    assert_eq!(ledger.standing(&kept(0)).unwrap(), Standing::Continued { from: 0, to: 300 });
    assert_eq!(ledger.standing(&kept(301)).unwrap(), Standing::RolledBack { from: 301, to: 300 });
    let mut other = Ledger::create(MemoryTiles::default(), &log_key()).unwrap();
    other.append(&numbered(900..950), &log_key()).unwrap();
    let forked = other.head().checkpoint().clone();
    assert_eq!(ledger.standing(&forked).unwrap(), Standing::Forked { size: 50 });
    let rewritten = Checkpoint { root: forked.root, ..kept(300) };
    assert_eq!(ledger.standing(&rewritten).unwrap(), Standing::Forked { size: 300 });
    assert!(!Standing::Forked { size: 50 }.is_good() && Standing::Same.is_good());
}
