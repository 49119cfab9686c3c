//! What the walk is compared with: small graphs as lists of edges, and their answer by relaxing every edge until nothing
//! changes. It has no queue, no marks and no rows, and so shares no idea with the walk.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{AccessGraph, Columns, Level};

/// A graph as a list.
#[derive(Debug, Clone)]
pub(super) struct Small {
    pub kinds: Vec<u32>,
    pub entitlements: u32,
    /// From, to, level.
    pub steps: Vec<(u32, u32, Level)>,
    pub grants: Vec<(u32, u32, Level)>,
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![4 => Just(Level::Live), 2 => Just(Level::Latent), 1 => Just(Level::Unknown), 1 => Just(Level::Gone)]
}

/// Graphs of up to twelve holders, dense enough to have cycles and several ways.
pub(super) fn small() -> impl Strategy<Value = Small> {
    (2u32..12, 1u32..6).prop_flat_map(|(holders, entitlements)| {
        let kinds = prop::collection::vec(0u32..8, holders as usize);
        let steps = prop::collection::vec((0..holders, 0..holders, level()), 0..30);
        let grants = prop::collection::vec((0..holders, 0..entitlements, level()), 0..20);
        (kinds, steps, grants).prop_map(move |(kinds, steps, grants)| Small {
            kinds,
            entitlements,
            steps,
            grants,
        })
    })
}

impl Small {
    /// The columns, with edges in the order in which they are kept.
    pub fn graph(&self) -> AccessGraph {
        let sorted = |edges: &[(u32, u32, Level)]| {
            let mut edges: Vec<_> = edges.iter().map(|(from, to, level)| (*from, *level, *to)).collect();
            edges.sort_unstable();
            edges
        };
        let (steps, grants) = (sorted(&self.steps), sorted(&self.grants));
        let ends = |edges: &[(u32, Level, u32)]| {
            let upto = |holder: usize| edges.iter().filter(|edge| edge.0 as usize <= holder).count();
            (0..self.kinds.len()).map(|holder| u32::try_from(upto(holder)).expect("few")).collect()
        };
        AccessGraph::new(Columns {
            kind: self.kinds.clone(),
            steps_end: ends(&steps),
            grants_end: ends(&grants),
            step_to: steps.iter().map(|edge| edge.2).collect(),
            step_level: steps.iter().map(|edge| edge.1 as u32).collect(),
            grant_to: grants.iter().map(|edge| edge.2).collect(),
            grant_level: grants.iter().map(|edge| edge.1 as u32).collect(),
            entitlements: self.entitlements,
        })
        .expect("a graph")
    }

    /// The fewest edges to each entitlement.
    pub fn reach(&self, start: u32, limit: Level) -> BTreeMap<u32, u32> {
        let mut hops = BTreeMap::from([(start, 0)]);
        loop {
            let mut changed = false;
            for (from, to, level) in &self.steps {
                let Some(next) = hops.get(from).map(|hops| hops + 1).filter(|_| *level <= limit) else {
                    continue;
                };
                if hops.get(to).is_none_or(|known| next < *known) {
                    hops.insert(*to, next);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let mut found = BTreeMap::new();
        for (holder, what, level) in &self.grants {
            let Some(next) = hops.get(holder).map(|hops| hops + 1).filter(|_| *level <= limit) else {
                continue;
            };
            let best = found.entry(*what).or_insert(next);
            *best = next.min(*best);
        }
        found
    }
}
