//! Our side: load the snapshot, one leaver, all leavers.

use std::path::Path;

use exeunt_bench_figures::memory;
use exeunt_columns::access::load;
use exeunt_engine::reach::{AccessGraph, Level, Walk};
use serde_json::{Value, json};

use crate::figures::{median, middle, timed};
use crate::tally::Tally;

/// What is asked, and how far alive a way to it must be.
pub const MODES: [(&str, Level); 2] = [("residual", Level::Live), ("scope", Level::Latent)];

/// Rounds of each sweep; the middle one counts.
const ROUNDS: usize = 5;

/// The graph of a snapshot, and those who left.
pub fn graph(snapshot: &Path) -> Result<(AccessGraph, Vec<u32>), String> {
    let columns = load(snapshot).map_err(|e| e.to_string())?;
    exeunt_service::columns::graph(columns).map_err(|e| e.to_string())
}

/// What all leavers reach.
pub fn sweep(graph: &AccessGraph, walk: &mut Walk, left: &[u32], limit: Level) -> Tally {
    let mut tally = Tally::default();
    for leaver in left {
        tally.add(*leaver, &walk.from(graph, *leaver, limit), |holder| graph.kind(holder));
    }
    tally
}

/// The tally and what it took, for the table and for comparison.
pub fn told(tally: &Tally, spent: crate::figures::Spent) -> Value {
    json!({
        "q_s": spent.wall, "cpu_s": spent.cpu, "pairs": tally.pairs, "checksum": tally.checksum, "hops": tally.hops,
        "having": tally.having, "live": tally.live, "inherited": tally.inherited, "by_others": tally.by_others,
    })
}

/// Up to fifteen leavers, evenly spread.
pub fn some(left: &[u32]) -> Vec<u32> {
    left.iter().step_by((left.len() / 15).max(1)).take(15).copied().collect()
}

/// Measures loading the snapshot.
pub fn measure_load(snapshot: &Path) -> Result<Value, String> {
    let (loaded, spent) = timed(|| graph(snapshot));
    loaded.map(|_| json!({ "load_s": spent.wall, "load_cpu_s": spent.cpu }))
}

/// Measures the answers.
pub fn measure(snapshot: &Path) -> Result<Value, String> {
    let (graph, left) = graph(snapshot)?;
    let mut walk = Walk::default();
    let one = |walk: &mut Walk, leaver: u32| {
        let (_, spent) = timed(|| sweep(&graph, walk, &[leaver], Level::Latent));
        spent.wall * 1e6
    };
    // One that was not asked for before, in a process that answers: a hundred others came first.
    for leaver in left.iter().rev().take(100) {
        one(&mut walk, *leaver);
    }
    let one = median(some(&left).into_iter().map(|leaver| one(&mut walk, leaver)).collect());
    let mut told_all = json!({ "q1_us": one });
    for (mode, limit) in MODES {
        let rounds: Vec<_> = (0..ROUNDS).map(|_| timed(|| sweep(&graph, &mut walk, &left, limit))).collect();
        let spent: Vec<_> = rounds.iter().map(|(_, spent)| *spent).collect();
        let tally = rounds.first().map(|(tally, _)| *tally).unwrap_or_default();
        told_all[mode] = told(&tally, middle(&spent));
    }
    told_all["peak_mib"] = json!(memory::peak());
    Ok(told_all)
}
