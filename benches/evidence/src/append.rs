//! Appending, beside the raw disk: rounds of both in turn, since a disk is not equally fast at all times.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::PoisonError;

use exeunt_bench_figures::clock;
use exeunt_evidence::durable::{Committer, DurableLog, FoldLimit, FolderDisk};
use exeunt_evidence::tile::DirTiles;
use serde_json::{Value, json};

use crate::counting::{Counting, Lengths};
use crate::entries::{Template, float, key};
use crate::raw;

/// Threads that submit.
const SUBMITTERS: u64 = 2;
/// Entries handed over at once, as a collection hands over the receipts of a system.
const GROUP: u64 = 16;
/// Entries a second that are to be reached: the batches are as large as this disk needs for it, and no larger, since
/// a larger batch only makes each entry wait longer.
const AIM: f64 = 150_000.0;

/// Groups of one submitter that are under way at once: three batches, the one on its way, the one that stands ready and
/// the one that gathers. Asked of the disk before every round, since a shared disk changes its pace.
fn under_way(dir: &Path) -> Result<usize, String> {
    let (_, mut each) = raw::write(&dir.join("calibration"), &[65_536; 20]).map_err(|e| e.to_string())?;
    let batch = (AIM * at(&mut each, 50) / 1e3).clamp(32.0, 2048.0);
    // The clamp above keeps this a small positive number.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 3 and 192")]
    let groups = (3.0 * batch / float(SUBMITTERS * GROUP)).ceil() as usize;
    Ok(groups)
}

fn start(dir: &Path) -> Result<(Committer<Counting>, Lengths), String> {
    let tiles = DirTiles::writer(dir).map_err(|e| e.to_string())?;
    let (disk, lengths) = Counting::new(FolderDisk::new(tiles));
    let (log, _) = DurableLog::open(disk, key()?, FoldLimit::default()).map_err(|e| e.to_string())?;
    Ok((Committer::start(log).map_err(|e| e.to_string())?, lengths))
}

/// Appends this many entries and gives how long each group waited for its acknowledgement.
fn append(committer: &Committer<Counting>, window: usize, count: u64) -> Result<Vec<f64>, String> {
    let template = Template::new()?;
    let submit = |who: u64| -> Result<Vec<f64>, String> {
        let mut under_way = VecDeque::new();
        let mut waits = Vec::new();
        let mut settle = |under_way: &mut VecDeque<_>| -> Result<(), String> {
            if let Some((begun, ticket)) = under_way.pop_front() {
                let begun: std::time::Instant = begun;
                committer.wait(ticket).map_err(|e| e.to_string())?;
                waits.push(begun.elapsed().as_secs_f64());
            }
            Ok(())
        };
        let share = count / SUBMITTERS;
        let mut number = who * share;
        let end = number + share;
        while number < end {
            let group: Vec<Vec<u8>> = (number..end.min(number + GROUP)).map(|n| template.entry(n)).collect();
            number += group.len() as u64;
            let begun = clock();
            under_way.push_back((begun, committer.submit(&group).map_err(|e| e.to_string())?));
            if under_way.len() >= window {
                settle(&mut under_way)?;
            }
        }
        while !under_way.is_empty() {
            settle(&mut under_way)?;
        }
        Ok(waits)
    };
    let waits: Vec<Result<Vec<f64>, String>> = std::thread::scope(|scope| {
        let submit = &submit;
        let running: Vec<_> = (0..SUBMITTERS).map(|who| scope.spawn(move || submit(who))).collect();
        running.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a submitter panicked".into()))).collect()
    });
    let mut all = Vec::new();
    for waits in waits {
        all.extend(waits?);
    }
    Ok(all)
}

/// The rows of the two sides.
pub fn measure(home: &Path, rounds: usize, count: u64) -> Result<Vec<Value>, String> {
    let mut told = Vec::new();
    for round in 0..rounds {
        eprintln!("appending, round {} of {rounds}", round + 1);
        let dir = home.join(format!("round-{round}"));
        let (committer, lengths) = start(&dir)?;
        let window = under_way(&dir)?;
        raw::calm(home).map_err(|e| e.to_string())?;
        let begun = clock();
        let mut waits = append(&committer, window, count)?;
        let ours = begun.elapsed().as_secs_f64();
        let batches = committer.batches();
        committer.close();
        let lengths = lengths.lock().unwrap_or_else(PoisonError::into_inner).clone();
        raw::calm(home).map_err(|e| e.to_string())?;
        let (raw, mut each) = raw::write(&dir.join("raw"), &lengths).map_err(|e| e.to_string())?;
        if lengths.len() as u64 != batches {
            return Err(format!("{batches} batches, but {} writes", lengths.len()));
        }
        told.push((
            raw / ours,
            ours,
            raw,
            (at(&mut waits, 50), at(&mut waits, 99)),
            (at(&mut each, 50), at(&mut each, 99)),
            batches,
        ));
    }
    told.sort_by(|a, b| a.0.total_cmp(&b.0));
    let spread = format!(
        "{:.2} to {:.2} in {rounds} rounds",
        told.first().map_or(0.0, |round| round.0),
        told.last().map_or(0.0, |round| round.0)
    );
    let (ratio, ours, raw, ours_ms, raw_ms, batches) = told.swap_remove(told.len() / 2);
    let row = |what: &str, seconds: f64, (p50, p99): (f64, f64), ratio: f64| {
        json!({
            "what": what, "rate": format!("{:.0} entries/s", float(count) / seconds),
            "p50": format!("{p50:.1} ms"), "p99": format!("{p99:.1} ms"), "of the raw side": format!("{ratio:.2}"),
            "how": format!("{batches} batches of {} entries, one fdatasync each", count / batches.max(1)),
            "durable": "yes: a rate of what fdatasync has returned for",
        })
    };
    Ok(vec![row("raw: write and fdatasync of the same bytes", raw, raw_ms, 1.0), {
        let mut appended = row("append, acknowledged", ours, ours_ms, ratio);
        appended["of the raw side"] = format!("{ratio:.2} (median; {spread})").into();
        appended
    }])
}

/// Milliseconds at a percentile.
fn at(seconds: &mut [f64], percent: usize) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds.get((seconds.len() * percent / 100).min(seconds.len().saturating_sub(1))).map_or(0.0, |s| s * 1e3)
}

/// Builds the large log, tiles and all, and says how fast.
pub fn build(dir: &Path, count: u64) -> Result<Value, String> {
    eprintln!("building a log of {count} entries");
    let (committer, _) = start(dir)?;
    let window = under_way(dir)?;
    let begun = clock();
    let mut waits = append(&committer, window, count)?;
    let batches = committer.batches();
    committer.close();
    let seconds = begun.elapsed().as_secs_f64();
    Ok(json!({
        "what": "append, until all is in settled tiles", "rate": format!("{:.0} entries/s", float(count) / seconds),
        "p50": format!("{:.1} ms", at(&mut waits, 50)), "p99": format!("{:.1} ms", at(&mut waits, 99)), "of the raw side": Value::Null,
        "how": format!("{batches} batches; journal, tiles and checkpoint"),
        "durable": "yes: journal by fdatasync, tiles by syncfs, checkpoint by fsync and rename",
    }))
}
