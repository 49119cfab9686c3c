//! Nodes that append by turns, end at every step, are paused while others go on: nothing acknowledged is lost, and there is
//! one history.

use exeunt_evidence::checkpoint::Checkpoint;
use exeunt_evidence::durable::{Committer, Disk, DurableLog, FoldLimit};
use exeunt_evidence::key::Algorithm;
use exeunt_evidence::tile::MemoryTiles;
use exeunt_evidence::{Ledger, SigningKey};
use exeunt_shared::SharedError;

use crate::breaking::{Breaking, Step};
use crate::servers::Servers;

/// So small that nearly every run folds.
const OFTEN: FoldLimit = FoldLimit { bytes: 6000, batches: 2 };

fn key() -> SigningKey {
    SigningKey::from_seed("evidence.example.com/exeunt", Algorithm::Ed25519, &[42; 32]).expect("a key")
}

fn numbered(range: std::ops::Range<u64>) -> Vec<Vec<u8>> {
    range.map(|n| format!("entry {n}").into_bytes()).collect()
}

/// The head of a log of the first so many entries, whoever wrote them.
fn head_of(count: u64) -> Checkpoint {
    let mut ledger = Ledger::create(MemoryTiles::default(), &key()).expect("begun");
    ledger.append(&numbered(0..count), &key()).expect("appended");
    ledger.head().checkpoint().clone()
}

fn opened<D: Disk>(disk: D) -> DurableLog<D> {
    DurableLog::open(disk, key(), OFTEN).expect("opens").0
}

fn size<D: Disk>(log: &DurableLog<D>) -> u64 {
    log.ledger().expect("open").head().checkpoint().size
}

/// Opens the log as another node: all that was acknowledged is there, every head that was given out is continued, and it
/// goes on without a hand.
fn taken_over(servers: &Servers, log: &str, acknowledged: u64, heads: &[Checkpoint], what: &str) -> u64 {
    let mut other = opened(servers.node(log, "other"));
    let there = size(&other);
    assert!(there >= acknowledged, "{what}: {acknowledged} acknowledged, {there} there");
    assert_eq!(*other.ledger().expect("open").head().checkpoint(), head_of(there), "{what}");
    for head in heads {
        let now = other.ledger().expect("open").head().checkpoint().clone();
        other
            .ledger()
            .expect("open")
            .consistency(head, &now)
            .unwrap_or_else(|e| panic!("{what}: a fork: {e}"));
    }
    let first = other.commit(&numbered(there..there + 7)).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(first, there, "{what}");
    other.fold().unwrap_or_else(|e| panic!("{what}: {e}"));
    other.ledger().expect("open").audit().unwrap_or_else(|e| panic!("{what}: {e}"));
    there + 7
}

/// Two nodes that write by turns keep one history, and a reader of the objects finds all of it.
#[test]
fn nodes_append_by_turns() {
    let servers = Servers::start();
    let mut count = 0;
    for turn in 0..10 {
        let node = if turn % 2 == 0 { "north" } else { "south" };
        let mut log = opened(servers.try_node("turns", node, 60_000).expect("the other gave the lease back"));
        assert_eq!(size(&log), count);
        for _ in 0..3 {
            assert_eq!(log.commit(&numbered(count..count + 37)).expect("committed"), count);
            count += 37;
        }
        if turn % 3 == 0 {
            log.fold().expect("folded");
        }
    }
    let mut log = opened(servers.node("turns", "north"));
    assert_eq!(*log.ledger().expect("open").head().checkpoint(), head_of(count));
    log.fold().expect("folded");
    log.ledger().expect("open").audit().expect("every tile holds");
    assert!(servers.kept.lock().expect("whole").contains_key("/bucket/ledgers/turns/tile/entries/003"));
}

/// While a node writes, no other does; it is told who, and for how long at most.
#[test]
fn a_second_node_is_told_to_wait() {
    let servers = Servers::start();
    let first = servers.try_node("busy", "north", 60_000).expect("free");
    match servers.try_node("busy", "south", 60_000) {
        Err(SharedError::Busy { holder, seconds }) => {
            assert!(holder == "north" && seconds <= 60, "{seconds}");
        }
        other => panic!("{other:?}"),
    }
    assert!(servers.try_node("another log", "south", 60_000).is_ok());
    drop(first);
    assert!(servers.try_node("busy", "south", 60_000).is_ok());
}

/// A node that was paused while another took the lease must not write one byte more, whatever it had under way: two nodes
/// that write are two histories.
#[test]
fn a_paused_node_cannot_write_any_more() {
    let servers = Servers::start();
    let mut paused = opened(servers.node("paused", "north"));
    paused.commit(&numbered(0..20)).expect("committed");
    let fold = paused.begin_fold().expect("begun").expect("something to fold");
    let count = taken_over(&servers, "paused", 20, &[], "taken over");
    // It wakes up in the middle of a folding, and then appends.
    let refused = fold.run().expect_err("it has no lease");
    assert!(refused.to_string().contains("taken the ledger over"), "{refused}");
    for _ in 0..2 {
        let refused = paused.commit(&numbered(20..30)).expect_err("it has no lease");
        assert!(refused.to_string().contains("taken the ledger over"), "{refused}");
    }
    drop(paused);
    taken_over(&servers, "paused", count, &[head_of(20), head_of(count)], "after it woke up");
}

/// A node ends at every single step of appending and folding, before it or after it; or a step's answer is lost and it
/// lives on. The other node takes over: nothing acknowledged is missing, and nothing that was refused comes back later.
#[test]
fn a_node_that_ends_at_any_step_loses_nothing() {
    let servers = Servers::start();
    let mut ended = 0;
    for step in [Step::Before, Step::After, Step::Unheard] {
        for at in 0.. {
            let (what, log) = (format!("{step:?} {at}"), format!("{step:?}-{at}"));
            let disk = Breaking::new(servers.node(&log, "north"), at, step);
            let (acknowledged, heads) = write(disk.clone());
            let met = disk.met();
            let count = taken_over(&servers, &log, acknowledged, &heads, &what);
            // The node that ended comes back with what it had under way.
            let woken = disk.inner.append(0, b"EXJ1 of a node that should be dead");
            assert!(woken.is_err(), "{what}");
            assert_eq!(size(&opened(servers.node(&log, "other"))), count, "{what}");
            ended += 1;
            if !met {
                break;
            }
        }
    }
    assert!(ended > 45, "{ended} steps");
}

/// Batches until the node fails twice; gives what was acknowledged, and the heads seen.
fn write(disk: Breaking) -> (u64, Vec<Checkpoint>) {
    let (mut count, mut heads, mut failed) = (0, Vec::new(), 0);
    let Ok((mut log, _)) = DurableLog::open(disk, key(), OFTEN) else { return (0, heads) };
    for step in [3, 260, 1, 40] {
        while log.commit(&numbered(count..count + step)).is_err() {
            failed += 1;
            if failed > 1 {
                return (count, heads);
            }
        }
        count += step;
        assert_eq!(size(&log), count, "a batch that was refused is not in the log");
        heads.push(log.ledger().expect("open").head().checkpoint().clone());
        if log.due() {
            // What cannot be folded now is folded later.
            let _ = log.fold();
        }
    }
    (count, heads)
}

/// Many submitters at once on one node, batch by batch, as on a disk.
#[test]
fn batches_form_on_a_shared_ledger_too() {
    let servers = Servers::start();
    let log = opened(servers.node("batches", "north"));
    let committer = Committer::start(log).expect("started");
    std::thread::scope(|scope| {
        for who in 0..4_u64 {
            let committer = &committer;
            scope.spawn(move || {
                for n in 0..50_u64 {
                    committer.append(&[format!("{who} {n}")]).expect("acknowledged");
                }
            });
        }
    });
    let batches = committer.batches();
    committer.close();
    let log = opened(servers.node("batches", "south"));
    assert_eq!(size(&log), 200);
    assert!(batches < 200, "{batches} batches");
    log.ledger().expect("open").audit().expect("every tile holds");
}
