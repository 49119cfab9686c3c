//! The limit: a sweep over the bare arrays of the same graph, for the set alone.
//!
//! What can be left out is left out: dead edges are dropped beforehand, people, accounts, groups and entitlements are one
//! range of numbers, and there is neither a way nor a number of hops, only a stamp for whom a node was seen. It is what one
//! writes by hand in an hour.

use exeunt_columns::access::Columns;

use crate::tally::product;

/// The arrays.
pub struct Bare {
    ends: Vec<u32>,
    to: Vec<u32>,
    holders: u32,
    stamps: Vec<u32>,
    todo: Vec<u32>,
}

impl Bare {
    /// Of what is at most as dead as `limit`.
    pub fn new(columns: &Columns, limit: u32) -> Self {
        let holders = u32::try_from(columns.kind.len()).unwrap_or(u32::MAX);
        let mut bare = Self {
            ends: Vec::with_capacity(columns.kind.len()),
            to: Vec::new(),
            holders,
            stamps: vec![u32::MAX; columns.kind.len() + columns.entitlements as usize],
            todo: Vec::new(),
        };
        let (mut step, mut grant) = (0, 0);
        for holder in 0..columns.kind.len() {
            let (steps, grants) =
                (step..columns.steps_end[holder] as usize, grant..columns.grants_end[holder] as usize);
            (step, grant) = (steps.end, grants.end);
            let alive = steps.filter(|at| columns.step_level[*at] <= limit);
            bare.to.extend(alive.map(|at| columns.step_to[at]));
            let live = grants.filter(|at| columns.grant_level[*at] <= limit);
            bare.to.extend(live.map(|at| holders + columns.grant_to[at]));
            bare.ends.push(u32::try_from(bare.to.len()).unwrap_or(u32::MAX));
        }
        bare
    }

    /// Pairs and checksum over all leavers.
    pub fn sweep(&mut self, left: &[u32]) -> (u64, u64) {
        let (mut pairs, mut checksum) = (0, 0);
        self.stamps.fill(u32::MAX);
        for leaver in left {
            self.stamps[*leaver as usize] = *leaver;
            self.todo.push(*leaver);
            while let Some(node) = self.todo.pop() {
                let at = node as usize;
                let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
                for to in &self.to[from..self.ends[at] as usize] {
                    let stamp = &mut self.stamps[*to as usize];
                    if *stamp == *leaver {
                        continue;
                    }
                    *stamp = *leaver;
                    if *to < self.holders {
                        self.todo.push(*to);
                    } else {
                        pairs += 1;
                        checksum += product(*leaver, *to - self.holders);
                    }
                }
            }
        }
        (pairs, checksum)
    }
}
