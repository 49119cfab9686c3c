//! A recheck after one in a hundred rows of one system changed, beside resolving all anew.

use std::collections::BTreeMap;
use std::path::Path;

use exeunt_columns::access::load;
use exeunt_engine::reach::{AccessGraph, Change, Level, News, Walk, Watch};
use serde_json::{Value, json};

use crate::figures::{middle, timed};
use crate::ours::{graph, sweep};
use crate::rows::{Rows, number};
use crate::tally::Tally;

const ROUNDS: usize = 5;

/// Measures it for the system of middle size and for the largest application.
pub fn measure(dir: &Path, snapshot: &Path) -> Result<Value, String> {
    let systems = systems(dir, load(snapshot).map_err(|e| e.to_string())?.kind.len())?;
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    systems.iter().flatten().for_each(|system| *sizes.entry(*system).or_default() += 1);
    let mut by_size: Vec<(usize, u32)> =
        sizes.into_iter().filter(|(system, _)| *system > 0).map(|(s, n)| (n, s)).collect();
    by_size.sort_unstable();
    let (Some(middle), Some(largest)) = (by_size.get(by_size.len() / 2), by_size.last()) else {
        return Err("the estate has no application".to_owned());
    };
    let mut told = json!({});
    for (name, system) in [("middle", middle.1), ("largest", largest.1)] {
        let (graph, left) = graph(load(snapshot).map_err(|e| e.to_string())?)?;
        told[name] = one(&graph, &left, &systems, system)?;
    }
    Ok(told)
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

fn one(graph: &AccessGraph, left: &[u32], systems: &[Option<u32>], system: u32) -> Result<Value, String> {
    let limit = Level::Latent;
    let mut walk = Walk::default();
    let each = |graph: &AccessGraph, walk: &mut Walk| -> BTreeMap<u32, Tally> {
        left.iter().map(|leaver| (*leaver, sweep(graph, walk, &[*leaver], limit))).collect()
    };
    let before = each(graph, &mut walk);
    let (watch, watching) = timed(|| Watch::new(graph, left, limit));
    let full: Vec<_> = (0..ROUNDS).map(|_| timed(|| sweep(graph, &mut walk, left, limit)).1).collect();
    let (changes, edges) = changes(graph, systems, system);
    let (mut rechecks, mut told) = (Vec::new(), (0, 0));
    for round in 0..ROUNDS {
        // Each round begins with the state before the changes.
        let (mut graph, mut watch, mut now) = (graph.clone(), watch.clone(), before.clone());
        told = (0, 0);
        let (result, spent) = timed(|| {
            watch.recheck(&mut graph, &changes, &mut walk, &mut |leaver, news| {
                told.0 += 1;
                told.1 += usize::from(matches!(news, News::Anew(_)));
                let known = now.entry(leaver).or_default();
                match news {
                    News::Anew(answer) => {
                        *known = Tally::default();
                        known.add(leaver, &answer, |_| None);
                    }
                    News::Differs(differences) => {
                        for one in differences {
                            known.adjust(leaver, one);
                        }
                    }
                }
            })
        });
        result.map_err(|e| e.to_string())?;
        rechecks.push(spent);
        if round == 0
            && !each(&graph, &mut walk).values().map(Tally::exact).eq(now.values().map(Tally::exact))
        {
            return Err(format!("a recheck of system {system} gives another answer than resolving all anew"));
        }
    }
    let (full, spent) = (middle(&full), middle(&rechecks));
    Ok(json!({
        "system": system, "changed_edges": edges, "leavers": told.0, "walked": told.1, "watch_s": watching.wall,
        "full_cpu_s": full.cpu, "recheck_cpu_s": spent.cpu, "part": spent.cpu / full.cpu,
    }))
}

/// One in a hundred steps and grants of a system: every other one is taken away, the rest lead elsewhere.
fn changes(graph: &AccessGraph, systems: &[Option<u32>], system: u32) -> (Vec<Change>, usize) {
    let (mut at, mut changed, mut changes) = (0usize, 0usize, Vec::new());
    let mut row = |ends: Vec<(u32, u32, Level)>, below: u32| {
        let (before, mut row) = (changed, Vec::with_capacity(ends.len()));
        for (_, to, level) in ends {
            at += 1;
            match at % 200 {
                0 => changed += 1,
                100 => {
                    changed += 1;
                    // The next of its kind: a group or an account of the same row of numbers.
                    row.push(((to + 1).min(below - 1), level));
                }
                _ => row.push((to, level)),
            }
        }
        (changed > before).then_some(row)
    };
    for (holder, _) in (0u32..).zip(systems).filter(|(_, own)| **own == Some(system)) {
        let steps = row(graph.steps(holder).collect(), graph.holders() as u32);
        let grants = row(graph.grants(holder).collect(), graph.entitlements());
        if steps.is_some() || grants.is_some() {
            changes.push(Change { holder, kind: None, steps, grants });
        }
    }
    (changes, changed)
}
