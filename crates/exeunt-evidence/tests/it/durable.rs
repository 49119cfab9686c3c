//! Durable appends: power cuts at every call to the disk, a full disk, a damaged journal, many submitters.

use std::sync::Arc;

use exeunt_evidence::checkpoint::Checkpoint;
use exeunt_evidence::durable::{Committer, DurableLog, FoldLimit};
use exeunt_evidence::ledger::LedgerError;
use exeunt_evidence::record::Record;
use exeunt_evidence::tile::{MAX_ENTRY, MemoryTiles};
use exeunt_evidence::{Digest, Ledger};

use crate::sim_disk::{Fault, SimDisk};
use crate::world::{Numbers, log_key, log_of, numbered};

/// So small that nearly every run folds several times.
const OFTEN: FoldLimit = FoldLimit { bytes: 6000, batches: 4 };

fn open(disk: SimDisk) -> DurableLog<SimDisk> {
    DurableLog::open(disk, log_key(), OFTEN).unwrap().0
}

/// Batches of the numbered entries, until the disk fails; gives what was acknowledged and the heads seen.
fn write(disk: SimDisk, from: u64, seed: u64) -> (u64, Vec<Checkpoint>) {
    let mut numbers = Numbers(seed);
    let (mut size, mut heads) = (from, Vec::new());
    let Ok((mut log, _)) = DurableLog::open(disk, log_key(), OFTEN) else { return (size, heads) };
    for _ in 0..12 {
        let step = [1, 3, 40, 130, 256][numbers.below(5)];
        let Ok(first) = log.commit(&numbered(size..size + step)) else { break };
        assert_eq!(first, size);
        size += step;
        heads.push(log.ledger().unwrap().head().checkpoint().clone());
        if log.due() && log.fold().is_err() {
            break;
        }
    }
    (size, heads)
}

/// The log as it is after the failure: everything acknowledged is there, every head that was given out is continued,
/// and it goes on without a hand.
fn check(disk: &SimDisk, acknowledged: u64, heads: &[Checkpoint], what: &str) {
    let (mut log, _) =
        DurableLog::open(disk.clone(), log_key(), OFTEN).unwrap_or_else(|e| panic!("{what}: {e}"));
    let ledger = log.ledger().unwrap();
    let size = ledger.head().checkpoint().size;
    assert!(size >= acknowledged, "{what}: {acknowledged} acknowledged, {size} there");
    assert_eq!(ledger.head().checkpoint(), log_of(size).head().checkpoint(), "{what}");
    for head in heads {
        ledger
            .consistency(head, ledger.head().checkpoint())
            .unwrap_or_else(|e| panic!("{what}: a fork: {e}"));
    }
    log.commit(&numbered(size..size + 5)).unwrap_or_else(|e| panic!("{what}: {e}"));
    log.fold().unwrap();
    let public = MemoryTiles { files: disk.files() };
    let public = Ledger::open(public, log_key().verifier()).unwrap_or_else(|e| panic!("{what}: {e}"));
    assert_eq!(public.head().checkpoint(), log_of(size + 5).head().checkpoint(), "{what}");
}

/// The power is cut at every single call to the disk, and what was not settled survives in part. An entry that was
/// acknowledged and is gone would be evidence that somebody already relies on.
#[test]
fn a_power_cut_at_any_call_loses_nothing_acknowledged() {
    let mut cuts = 0;
    for seed in 0..4 {
        for at in 0.. {
            let disk = SimDisk::default().failing(at, Fault::Power, seed);
            let (acknowledged, heads) = write(disk.clone(), 0, seed);
            let met = disk.met();
            for reality in 0..2 {
                let after = disk.after_power_cut(seed * 1000 + at as u64 * 10 + reality);
                check(&after, acknowledged, &heads, &format!("seed {seed}, call {at}, reality {reality}"));
                cuts += 1;
            }
            if !met {
                break;
            }
        }
    }
    assert!(cuts > 150, "{cuts} cuts");
}

/// The power is cut again while the log recovers from the cut before.
#[test]
fn a_power_cut_during_recovery_loses_nothing_either() {
    for seed in 0..40 {
        let mut disk = SimDisk::default();
        let (mut acknowledged, mut heads) = (0, Vec::new());
        let mut numbers = Numbers(seed);
        for _ in 0..6 {
            let broken = disk.failing(numbers.below(12), Fault::Power, numbers.next());
            let size = open_size(&broken).unwrap_or(acknowledged);
            let (now, more) = write(broken.clone(), size, numbers.next());
            acknowledged = acknowledged.max(if more.is_empty() { 0 } else { now });
            heads.extend(more);
            disk = broken.after_power_cut(numbers.next());
        }
        check(&disk, acknowledged, &heads, &format!("seed {seed}"));
    }
}

fn open_size(disk: &SimDisk) -> Option<u64> {
    let (log, _) = DurableLog::open(disk.clone(), log_key(), OFTEN).ok()?;
    Some(log.ledger().ok()?.head().checkpoint().size)
}

/// A full disk refuses a batch and nothing else: the log goes on when there is room, in the same process, and the entries
/// that were refused are not in it.
#[test]
fn a_full_disk_refuses_and_then_goes_on() {
    let mut refused = 0;
    for at in 0..60 {
        let disk = SimDisk::default();
        let mut log = open(disk.clone());
        let _ = disk.clone().failing(at, Fault::Full, at as u64);
        let mut size = 0;
        for _ in 0..20 {
            let batch = numbered(size..size + 37);
            match log.commit(&batch) {
                Ok(first) => assert_eq!(first, size),
                Err(error) => {
                    assert!(matches!(&error, LedgerError::Store { .. }), "{error}");
                    refused += 1;
                    let again = log.commit(&batch).unwrap_or_else(|e| panic!("call {at}: {e}"));
                    assert_eq!(again, size, "call {at}: the refused batch is not in the log");
                }
            }
            size += 37;
            if log.due() {
                let _ = log.fold();
            }
        }
        check(&disk, size, &[], &format!("full at {at}"));
    }
    assert!(refused > 10, "{refused} refused");
}

/// A disk that says it failed though it had written: the batch is reported as not logged, so it must not be there.
#[test]
fn a_batch_that_was_refused_is_taken_out_again() {
    let disk = SimDisk::default();
    let mut log = open(disk.clone());
    log.commit(&numbered(0..3)).unwrap();
    let _ = disk.clone().failing(0, Fault::Lying, 0);
    assert!(log.commit(&[b"refused"]).is_err());
    assert!(matches!(log.ledger(), Err(LedgerError::Closed { .. })));
    assert_eq!(log.commit(&numbered(3..4)).unwrap(), 3);
    check(&disk, 4, &[], "after a lie");
}

/// A journal that was changed after the fact is not taken for one that was cut short: acknowledged entries stand behind
/// the damage.
#[test]
fn a_damaged_journal_is_named_and_not_cut() {
    let disk = SimDisk::default();
    let mut log = DurableLog::open(disk.clone(), log_key(), FoldLimit::default()).unwrap().0;
    for n in 0..5 {
        log.commit(&numbered(n..n + 1)).unwrap();
    }
    drop(log);
    let files = disk.files();
    let (path, journal) = files.iter().find(|(path, _)| path.starts_with("journal/")).unwrap();
    let whole = journal.len();
    for at in 0..whole * 3 / 5 {
        let damaged = disk.after_power_cut(0);
        let mut changed = journal.clone();
        changed[at] ^= 1;
        overwrite(&damaged, path, &changed);
        let error = DurableLog::open(damaged, log_key(), OFTEN).err();
        let error = error.unwrap_or_else(|| panic!("byte {at} of {whole} was changed unnoticed"));
        assert!(matches!(&error, LedgerError::Journal { segment: 0, .. }), "byte {at}: {error}");
    }
    // Cut in the last batch, it is the batch that was never acknowledged.
    let torn = disk.after_power_cut(0);
    overwrite(&torn, path, &journal[..whole - 1]);
    let (log, recovered) = DurableLog::open(torn, log_key(), OFTEN).unwrap();
    assert_eq!(log.ledger().unwrap().head().checkpoint().size, 4);
    assert!(recovered.unfinished > 0 && recovered.batches == 4, "{recovered:?}");
}

fn overwrite(disk: &SimDisk, path: &str, bytes: &[u8]) {
    use exeunt_evidence::durable::Disk as _;
    disk.write(path, bytes).unwrap();
}

/// Tiles without a head, or a journal without one, are a lost head and no reason to begin a new log.
#[test]
fn a_lost_head_is_not_a_new_log() {
    use exeunt_evidence::durable::Disk as _;
    let disk = SimDisk::default();
    open(disk.clone()).commit(&numbered(0..3)).unwrap();
    let journal = disk.segment(0).unwrap();
    let headless = SimDisk::default();
    headless.begin(0).unwrap();
    headless.append(0, &journal).unwrap();
    let error = DurableLog::open(headless, log_key(), OFTEN).err().unwrap();
    assert!(matches!(error, LedgerError::HeadLost { .. }), "{error}");
}

/// The clock may jump: entries keep the order they were logged in, whatever times they state, and a head states none.
#[test]
fn the_clock_may_jump() {
    let disk = SimDisk::default();
    let mut log = open(disk.clone());
    let times =
        ["2026-03-02T18:00:00Z", "2038-01-19T03:14:08Z", "1970-01-01T00:00:00Z", "2026-03-02T18:00:01Z"];
    for (n, at) in (0..).zip(times) {
        let record = Record::shared("receipt", at, Digest::of(b"body")).to_bytes().unwrap();
        assert_eq!(log.commit(&[record]).unwrap(), n);
        assert!(!log.ledger().unwrap().head().note().text().contains("20"), "no time in the head");
    }
    drop(log);
    let log = open(disk);
    for (n, at) in (0..).zip(times) {
        let record = Record::from_bytes(&log.ledger().unwrap().entry(n).unwrap()).unwrap();
        assert_eq!(record.at, at);
    }
}

/// Many submit at once: each gets the index its entries really have, and the disk syncs once a batch, not once an entry.
#[test]
fn many_submitters_share_batches() {
    let disk = SimDisk::default();
    let log = DurableLog::open(disk.clone(), log_key(), FoldLimit::default()).unwrap().0;
    let committer = Arc::new(Committer::start(log).unwrap());
    let submitters: Vec<_> = (0..4)
        .map(|who| {
            let committer = Arc::clone(&committer);
            std::thread::spawn(move || {
                let entry = |n: u64| format!("entry {n} of {who}").into_bytes();
                let tickets: Vec<_> = (0..500).map(|n| committer.submit(&[entry(n)]).unwrap()).collect();
                let acked = (0..).zip(tickets).map(|(n, ticket)| (committer.wait(ticket).unwrap(), entry(n)));
                acked.collect::<Vec<_>>()
            })
        })
        .collect();
    let acked: Vec<(u64, Vec<u8>)> =
        submitters.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    let batches = committer.batches();
    let syncs = disk.syncs();
    assert!(batches < 2000 && syncs as u64 == batches, "{batches} batches, {syncs} syncs");
    Arc::into_inner(committer).unwrap().close();
    let public = Ledger::open(MemoryTiles { files: disk.files() }, log_key().verifier()).unwrap();
    assert_eq!(public.head().checkpoint().size, 2000);
    for (index, entry) in acked {
        assert_eq!(public.entry(index).unwrap(), entry);
    }
}

/// A failure is told to everyone whose entries are not in the log, and to nobody else; the next submission works.
#[test]
fn a_failed_batch_is_told_to_those_it_concerns() {
    for at in 0..6 {
        let disk = SimDisk::default();
        let committer = Committer::start(open(disk.clone())).unwrap();
        assert_eq!(committer.append(&numbered(0..2)).unwrap(), 0);
        let _ = disk.clone().failing(at, Fault::Full, at as u64);
        let mut size = 2;
        for _ in 0..8 {
            match committer.append(&numbered(size..size + 1)) {
                Ok(index) => {
                    assert_eq!(index, size);
                    size += 1;
                }
                Err(refused) => assert!(refused.why.contains("full"), "{refused}"),
            }
        }
        assert!(disk.met() && size >= 9, "only the one call failed: {size}");
        let long = committer.submit(&[vec![0; MAX_ENTRY + 1]]);
        assert!(long.is_err(), "refused before it could fail others");
        committer.close();
        check(&disk, size, &[], &format!("call {at}"));
    }
}
