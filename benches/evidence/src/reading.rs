//! Verifying a large log, and proofs from it, beside SHA-256 alone over the same files.

use std::path::Path;

use exeunt_bench_figures::{clock, cpu};
use exeunt_evidence::Ledger;
use exeunt_evidence::ledger::LedgerError;
use exeunt_evidence::merkle::{leaf_hash, verify_inclusion};
use exeunt_evidence::tile::{DirTiles, TileKind, TilePath, split_entries};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::entries::{float, key};

/// Threads of either side.
const THREADS: u64 = 2;
/// Rounds of each side in turn, since a shared machine is not equally fast at all times; the median is printed.
const ROUNDS: usize = 5;
/// Proofs that are made and verified.
const PROOFS: u64 = 100_000;

/// The rows on reading.
pub fn measure(dir: &Path) -> Result<Vec<Value>, String> {
    let key = key()?;
    let ledger = Ledger::resume(DirTiles::reader(dir), key.verifier()).map_err(|e| e.to_string())?;
    let size = ledger.head().checkpoint().size;
    eprintln!("verifying {size} entries");
    // Once for the page cache, so that neither side pays for the disk.
    loop_over(dir, size, THREADS, &hash_files)?;
    let mut told = Vec::new();
    for round in 0..ROUNDS {
        eprintln!("verifying, round {} of {ROUNDS}", round + 1);
        let alone = loop_over(dir, size, 1, &hash_files)?;
        let files = loop_over(dir, size, THREADS, &hash_files)?;
        let entries = loop_over(dir, size, THREADS, &hash_entries)?;
        let messages = loop_over(dir, size, THREADS, &hash_messages)?;
        let begun = clock();
        ledger.audit_on(THREADS).map_err(|e| e.to_string())?;
        told.push([files, entries, messages, begun.elapsed().as_secs_f64(), alone]);
    }
    told.sort_by(|a, b| (a[4] / a[3]).total_cmp(&(b[4] / b[3])));
    let ratio = |round: Option<&[f64; 5]>| round.map_or(0.0, |round| round[4] / round[3]);
    let spread = format!("{:.2} to {:.2} in {ROUNDS} rounds", ratio(told.first()), ratio(told.last()));
    let [files, entries, messages, ours, alone] = told.swap_remove(told.len() / 2);
    let row = |what: &str, seconds: f64, how: &str| {
        json!({
            "what": what, "rate": format!("{:.0} entries/s", float(size) / seconds), "p50": Value::Null, "p99": Value::Null,
            "of the raw side": format!(
                "{:.2} of a plain loop, {:.2} of files, {:.2} of entries, {:.2} of messages",
                alone / seconds, files / seconds, entries / seconds, messages / seconds
            ),
            "how": how, "durable": "reading",
        })
    };
    let mut rows = vec![
        row("raw: SHA-256 of every file of the log, whole", alone, "a plain loop on one thread"),
        row("raw: SHA-256 of every file of the log, whole", files, "two threads, 3 compressions an entry"),
        row(
            "raw: SHA-256 of every entry, one by one",
            entries,
            "two threads, 3 compressions an entry, a digest for each; tiles are read and not hashed",
        ),
        row(
            "raw: SHA-256 of every message a tree has",
            messages,
            "two threads, 5 compressions an entry: 3 leaf, 2 node",
        ),
        row(
            "full verification: every entry, tile and root",
            ours,
            &format!("two threads, the same files and messages; of a plain loop: median, {spread}"),
        ),
    ];
    rows.extend(proofs(&ledger).map_err(|e| e.to_string())?);
    Ok(rows)
}

/// Seconds of a loop over all lowest tiles and entry bundles.
fn loop_over(
    dir: &Path,
    size: u64,
    threads: u64,
    hash: &(impl Fn(&Path, TilePath, TilePath) -> std::io::Result<u8> + Sync),
) -> Result<f64, String> {
    let tiles = size.div_ceil(256);
    let share = tiles.div_ceil(threads);
    let begun = clock();
    let done: Vec<Result<u8, String>> = std::thread::scope(|scope| {
        let part = |who: u64| {
            move || {
                let mut mixed = 0;
                for index in who * share..tiles.min((who + 1) * share) {
                    let path = |kind| TilePath::in_tree(kind, index, size).ok_or("no such tile");
                    mixed ^= hash(dir, path(TileKind::Hashes(0))?, path(TileKind::Entries)?)
                        .map_err(|e| e.to_string())?;
                }
                Ok(mixed)
            }
        };
        let running: Vec<_> = (0..threads).map(|who| scope.spawn(part(who))).collect();
        running.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a thread panicked".into()))).collect()
    });
    for mixed in done {
        std::hint::black_box(mixed?);
    }
    Ok(begun.elapsed().as_secs_f64())
}

fn hash_files(dir: &Path, tile: TilePath, bundle: TilePath) -> std::io::Result<u8> {
    let tile = Sha256::digest(std::fs::read(dir.join(tile.to_string()))?);
    let bundle = Sha256::digest(std::fs::read(dir.join(bundle.to_string()))?);
    Ok(tile[0] ^ bundle[0])
}

fn hash_entries(dir: &Path, tile: TilePath, bundle: TilePath) -> std::io::Result<u8> {
    let hashes = std::fs::read(dir.join(tile.to_string()))?;
    let bytes = std::fs::read(dir.join(bundle.to_string()))?;
    let entries = split_entries(&bytes).map_err(std::io::Error::other)?;
    let first = hashes.first().copied().unwrap_or_default();
    Ok(entries.into_iter().fold(first, |mixed, entry| mixed ^ Sha256::digest(entry)[0]))
}

/// A tree of n entries hashes n leaves and n - 1 nodes of 65 bytes (RFC 6962 §2.1): as many messages, as long.
fn hash_messages(dir: &Path, tile: TilePath, bundle: TilePath) -> std::io::Result<u8> {
    let hashes = std::fs::read(dir.join(tile.to_string()))?;
    let bytes = std::fs::read(dir.join(bundle.to_string()))?;
    let entries = split_entries(&bytes).map_err(std::io::Error::other)?;
    let leaf = |entry: &[u8]| Sha256::new().chain_update([0]).chain_update(entry).finalize()[0];
    let node =
        |pair: &[u8]| Sha256::new().chain_update([1]).chain_update(pair).chain_update(pair).finalize()[0];
    let leaves = entries.into_iter().fold(0, |mixed, entry| mixed ^ leaf(entry));
    Ok(hashes.chunks_exact(32).fold(leaves, |mixed, pair| mixed ^ node(pair)))
}

/// Processor time of this process, since on a shared machine the time that passes is mostly others'.
struct Spent(Option<f64>, std::time::Instant);

impl Spent {
    fn begin() -> Self {
        Self(cpu(), clock())
    }

    fn seconds(&self) -> f64 {
        let spent = self.0.and_then(|begun| Some(cpu()? - begun));
        spent.unwrap_or_else(|| self.1.elapsed().as_secs_f64())
    }
}

fn proofs(ledger: &Ledger<DirTiles>) -> Result<Vec<Value>, LedgerError> {
    let head = ledger.head().checkpoint();
    let prover = ledger.prover();
    // A case's entries and those of a period stand close together: the tiles of 200,000 entries.
    let near = |n: u64| head.size.saturating_sub(200_000) + n * 7919 % head.size.min(200_000);
    let anywhere = |n: u64| n * 2_654_435_761 % head.size;
    for n in 0..PROOFS {
        prover.proof(near(n))?;
    }
    let spent = Spent::begin();
    let made = (0..PROOFS).map(|n| prover.proof(near(n))).collect::<Result<Vec<_>, _>>()?;
    let warm = spent.seconds();
    let leaves = (0..PROOFS)
        .map(|n| ledger.entry(near(n)).map(|e| leaf_hash(&e)))
        .take(2000)
        .collect::<Result<Vec<_>, _>>()?;
    let spent = Spent::begin();
    let mut verified = 0;
    for _ in 0..PROOFS / 2000 {
        for (n, (proof, leaf)) in (0..).zip(made.iter().zip(&leaves)) {
            verify_inclusion(*leaf, near(n), head.size, proof, head.root)?;
            verified += 1;
        }
    }
    let verifying = spent.seconds();
    let cold_prover = ledger.prover();
    let cold_count = PROOFS / 50;
    let begun = clock();
    for n in 0..cold_count {
        std::hint::black_box(cold_prover.proof(anywhere(n))?);
    }
    let cold = begun.elapsed().as_secs_f64();
    let row = |what: &str, seconds: f64, count: u64, how: &str| {
        json!({
            "what": what, "rate": format!("{:.2} us each", seconds / float(count) * 1e6), "p50": Value::Null, "p99": Value::Null,
            "of the raw side": Value::Null, "how": how, "durable": "reading",
        })
    };
    Ok(vec![
        row(
            "inclusion proof made",
            warm,
            PROOFS,
            "one thread, processor time, tiles kept in memory, over 200,000 entries",
        ),
        row(
            "inclusion proof made, tile not in memory",
            cold,
            cold_count,
            "one thread, anywhere in the log, one tile file read for each",
        ),
        row("inclusion proof verified", verifying, verified, "one thread, processor time, leaf to root"),
    ])
}
