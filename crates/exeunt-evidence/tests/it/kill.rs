//! `kill -9`, a thousand times: a process that appends is killed at whatever instruction it is at.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use exeunt_evidence::Ledger;
use exeunt_evidence::checkpoint::Checkpoint;
use exeunt_evidence::durable::{Committer, DurableLog, FoldLimit, FolderDisk};
use exeunt_evidence::tile::DirTiles;

use crate::world::{Numbers, log_key};

const FOLDER: &str = "EXEUNT_TEST_LOG_TO_BE_KILLED";
const ROUND: &str = "EXEUNT_TEST_ROUND";

fn open(folder: &Path, limit: FoldLimit) -> DurableLog<FolderDisk> {
    let disk = FolderDisk::new(DirTiles::writer(folder).unwrap());
    DurableLog::open(disk, log_key(), limit).unwrap().0
}

/// The process that is killed: it appends from several threads for ever and says what was acknowledged. Alone, without
/// somebody to kill it, it has nothing to do.
#[test]
fn appends_until_it_is_killed() {
    let (Ok(folder), Ok(round)) = (std::env::var(FOLDER), std::env::var(ROUND)) else { return };
    let often = FoldLimit { bytes: 30_000, batches: 5 };
    let committer = Arc::new(Committer::start(open(Path::new(&folder), often)).unwrap());
    let threads: Vec<_> = (0..3)
        .map(|who| {
            let (committer, round) = (Arc::clone(&committer), round.clone());
            std::thread::spawn(move || {
                for n in 0.. {
                    let entry = format!("round {round} thread {who} entry {n}");
                    let many = vec![entry; 1 + (n * who) % 90];
                    let first = committer.append(&many).unwrap();
                    let said = format!("acknowledged {first} {} {}\n", many.len(), many[0]);
                    // Nobody reads any more: the end is near.
                    if std::io::stdout().write_all(said.as_bytes()).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Starts the process, kills it after this many acknowledgements, and gives all that it said.
fn killed(folder: &Path, round: u64, after: usize) -> Vec<(u64, u64, String)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["kill::appends_until_it_is_killed", "--exact", "--nocapture", "--test-threads=1"])
        .envs([(FOLDER, folder.as_os_str()), (ROUND, round.to_string().as_ref())])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    let mut line = String::new();
    loop {
        if acknowledged.len() == after {
            child.kill().unwrap();
        }
        line.clear();
        // What it still said before it died counts as well; a line that was cut short does not.
        if said.read_line(&mut line).unwrap() == 0 {
            break;
        }
        let Some((_, told)) = line.strip_suffix('\n').and_then(|line| line.split_once("acknowledged "))
        else {
            continue;
        };
        let mut words = told.splitn(3, ' ');
        let mut word = || words.next().unwrap().to_owned();
        acknowledged.push((word().parse().unwrap(), word().parse().unwrap(), word()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(acknowledged.len() >= after, "round {round} ended by itself: {line}");
    acknowledged
}

fn kill_often(rounds: u64, seed: u64) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("log");
    let mut numbers = Numbers(seed);
    let mut head: Option<Checkpoint> = None;
    let mut all = Vec::new();
    for round in 0..rounds {
        let after = numbers.below(6);
        let acknowledged = killed(&folder, round, after);
        if acknowledged.is_empty() && !folder.join("checkpoint").exists() {
            continue;
        }
        // Every few rounds the log is looked at; in between, only the process itself recovers it.
        if round % 5 == 0 {
            let log = open(&folder, FoldLimit::default());
            let ledger = log.ledger().unwrap();
            let now = ledger.head().checkpoint().clone();
            if let Some(before) = &head {
                ledger.consistency(before, &now).unwrap();
            }
            for (first, count, entry) in &acknowledged {
                for index in [*first, first + count - 1] {
                    assert_eq!(ledger.entry(index).unwrap(), entry.as_bytes(), "round {round}");
                }
            }
            head = Some(now);
        }
        all.extend(acknowledged);
    }
    let mut log = open(&folder, FoldLimit::default());
    log.fold().unwrap();
    drop(log);
    let public = Ledger::open(DirTiles::reader(&folder), log_key().verifier()).unwrap();
    for (first, count, entry) in &all {
        for index in [*first, first + count - 1] {
            assert_eq!(
                public.entry(index).unwrap(),
                entry.as_bytes(),
                "an acknowledged entry is not in the log"
            );
        }
    }
    assert!(all.len() as u64 >= rounds, "{} acknowledged in {rounds} rounds", all.len());
}

/// An entry that was acknowledged is what a verdict cites: it must outlive the process.
#[test]
fn killed_250_times_nothing_acknowledged_is_lost() {
    kill_often(250, 1);
}

/// The same with another seed: the thousand is cut in four, so that none of them is long on a busy machine.
#[test]
fn killed_a_second_250_times_nothing_acknowledged_is_lost() {
    kill_often(250, 2);
}

/// A third quarter.
#[test]
fn killed_a_third_250_times_nothing_acknowledged_is_lost() {
    kill_often(250, 3);
}

/// The last quarter.
#[test]
fn killed_a_fourth_250_times_nothing_acknowledged_is_lost() {
    kill_often(250, 4);
}
