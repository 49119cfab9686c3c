//! A recheck after one in a hundred rows of one system changed, beside resolving all anew: for every system of the estate.

use std::collections::BTreeMap;
use std::path::Path;

use exeunt_bench_figures::memory;
use exeunt_engine::reach::{AccessGraph, Change, Changes, Level, Walk, Watch};
use serde_json::{Value, json};

use crate::figures::{Spent, median, timed};
use crate::ours::{graph, sweep};
use crate::rows::{Rows, number};
use crate::tally::Tally;

/// Rounds for each system, a full resolve and a recheck in turns; the middle one counts.
const ROUNDS: usize = 3;

/// Measures it for every system, in the order of size, and one question.
pub fn measure(dir: &Path, snapshot: &Path, limit: Level) -> Result<Value, String> {
    let (graph, left) = graph(snapshot)?;
    let left = left.as_slice();
    let systems = systems(dir, graph.holders())?;
    let mut held: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (holder, system) in (0u32..).zip(&systems) {
        if let Some(system) = system {
            held.entry(*system).or_default().push(holder);
        }
    }
    let before = memory::resident();
    let (watch, watching) = timed(|| Watch::new(graph, left, limit));
    let watch = watch.map_err(|e| e.to_string())?;
    let room = memory::resident().zip(before).map(|(now, before)| now.saturating_sub(before));
    let mut estate = Estate { left, limit, walk: Walk::default(), watch, known: Vec::new() };
    estate.known = estate.each()?;
    let mut all = Vec::new();
    for (system, holders) in held {
        let (changes, edges) = changes(estate.graph()?, &holders);
        if changes.steps.len() + changes.grants.len() > 0 {
            let mut one = estate.measure(&changes).map_err(|e| format!("system {system}: {e}"))?;
            one["system"] = json!(system);
            one["edges"] = json!(edges);
            all.push(one);
        }
    }
    // All was taken back: it must be what it was, too.
    estate.same()?;
    all.sort_by_key(|one| one["edges"].as_u64());
    Ok(json!({ "systems": all, "watch_s": watching.cpu, "watch_mib": room }))
}

/// For each holder, the system it stands in.
fn systems(dir: &Path, holders: usize) -> Result<Vec<Option<u32>>, String> {
    let (mut accounts, mut groups) = (Vec::new(), Vec::new());
    Rows::open(dir, "accounts")?.each(|[_, system]| accounts.push(Some(number(system))));
    Rows::open(dir, "groups")?.each(|[_, system]| groups.push(Some(number(system))));
    let mut all = vec![None; holders - accounts.len() - groups.len()];
    all.extend(accounts);
    all.extend(groups);
    Ok(all)
}

struct Estate<'a> {
    left: &'a [u32],
    limit: Level,
    walk: Walk,
    watch: Watch,
    /// What was found for each leaver, kept up to date by what rechecks tell.
    known: Vec<Tally>,
}

impl Estate<'_> {
    fn graph(&mut self) -> Result<&AccessGraph, String> {
        self.watch.graph().map_err(|e| e.to_string())
    }

    fn each(&mut self) -> Result<Vec<Tally>, String> {
        let graph = self.watch.graph().map_err(|e| e.to_string())?;
        Ok(self.left.iter().map(|leaver| sweep(graph, &mut self.walk, &[*leaver], self.limit)).collect())
    }

    /// Takes up the changes and takes them back, in rounds.
    fn measure(&mut self, changes: &Changes) -> Result<Value, String> {
        let back = changes.reversed();
        let (mut fulls, mut rechecks, mut settles, mut pairs, mut told) =
            (Vec::new(), Vec::new(), Vec::new(), 0, 0);
        for round in 0..ROUNDS {
            let graph = self.watch.graph().map_err(|e| e.to_string())?;
            let (full, spent) = timed(|| sweep(graph, &mut self.walk, self.left, self.limit));
            fulls.push(spent);
            pairs = full.pairs;
            told = 0;
            let spent = self.recheck(changes, &mut told)?;
            rechecks.push(spent);
            // What was put off is paid by whoever asks for the graph next.
            let (settled, spent) = timed(|| self.watch.graph().map(|_| ()));
            settled.map_err(|e| e.to_string())?;
            settles.push(spent);
            if round == 0 {
                self.same()?;
            }
            self.recheck(&back, &mut 0)?;
        }
        let cpu = |all: &[Spent]| median(all.iter().map(|spent| spent.cpu).collect());
        let least = rechecks.iter().map(|spent| spent.cpu).fold(f64::INFINITY, f64::min);
        Ok(json!({
            "changed_edges": changes.steps.iter().chain(&changes.grants).filter(|change| !change.came).count(), "pairs": told, "of_pairs": told as f64 / pairs as f64,
            "full_cpu_s": cpu(&fulls), "recheck_cpu_s": cpu(&rechecks), "least_cpu_s": least, "part": cpu(&rechecks) / cpu(&fulls), "rest_cpu_s": cpu(&settles),
        }))
    }

    fn recheck(&mut self, changes: &Changes, told: &mut u64) -> Result<Spent, String> {
        let changes = changes.clone();
        let (result, spent) = timed(|| {
            self.watch.recheck(changes, &mut |one| {
                *told += 1;
                let place = one.leaver as usize;
                self.known[place].adjust(self.left[place], &one);
            })
        });
        result.map(|()| spent).map_err(|e| e.to_string())
    }

    /// The answer that was kept up to date is the one that is found anew, for every leaver.
    fn same(&mut self) -> Result<(), String> {
        if self.each()?.iter().map(Tally::exact).eq(self.known.iter().map(Tally::exact)) {
            return Ok(());
        }
        Err("a recheck gives another answer than resolving all anew".to_owned())
    }
}

/// One in a hundred steps and grants of a system: every other one is taken away, the rest lead where another edge of the same
/// system and kind leads.
fn changes(graph: &AccessGraph, holders: &[u32]) -> (Changes, usize) {
    let (mut at, mut changes) = (0usize, Changes::default());
    let mut row = |edge: (u32, (u32, u32, Level)), before: Option<u32>, told: &mut Vec<Change>| {
        at += 1;
        if at.is_multiple_of(100) {
            let (from, (_, to, level)) = edge;
            told.push(Change { from, to, level, came: false });
            if !at.is_multiple_of(200) {
                told.push(Change { from, to: before.unwrap_or(to), level, came: true });
            }
        }
    };
    // What edges of each kind of holder led to a while ago.
    let mut steps = vec![Vec::new(); 16];
    let mut grants = Vec::new();
    let ago = |known: &[u32]| known.len().checked_sub(500).map(|place| known[place]);
    for holder in holders {
        let steps = &mut steps[graph.kind(*holder).unwrap_or_default() as usize];
        for edge in graph.steps(*holder) {
            steps.push(edge.1);
            row((*holder, edge), ago(steps), &mut changes.steps);
        }
        for edge in graph.grants(*holder) {
            grants.push(edge.1);
            row((*holder, edge), ago(&grants), &mut changes.grants);
        }
    }
    (changes, at)
}
