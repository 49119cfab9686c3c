//! What differs for one leaver: the ways that went, came, or are longer or shorter now, held against how many ways there are.
//!
//! The only way to something that goes takes it with it, and the first that comes brings it. Only where there is more than one, all
//! others who have the thing are looked for among those the leaver meets as before.

use super::altered::{Altered, Row};
use super::granted::Granted;
use super::graph::{AccessGraph, End};
use super::near::Near;
use super::watch::{Difference, NEVER};
use super::ways::Ways;

/// Room to work in, used again from leaver to leaver.
#[derive(Debug, Clone, Default)]
pub(super) struct Differ {
    /// Holders that are met otherwise: number, steps before, steps now.
    pub other: Vec<(u32, u16, u16)>,
    /// Holders that are met as before and whose grants came or went.
    pub altered: Vec<(u32, u16)>,
    /// What is granted otherwise: steps before, steps now.
    rows: Vec<(Row, u16, u16)>,
    /// Ways to what there is another way to.
    doubts: Vec<Doubt>,
    /// For each number that is met as before, the steps to it; else never.
    same: Vec<u16>,
}

/// A way to an entitlement: steps before, steps now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Doubt {
    entitlement: u32,
    was: u16,
    is: u16,
}

/// Everything as it is now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now<'a> {
    pub graph: &'a AccessGraph,
    pub near: &'a Near,
    /// Without what came: who has something as before.
    pub granted: &'a Granted,
}

impl Differ {
    /// Holders that are met as before, and those that are not. The walk is forgotten.
    pub fn compare(&mut self, known: &[(u32, u16)], near: &mut Near) {
        for (number, was) in known {
            let is = std::mem::replace(&mut near.hops[*number as usize], NEVER);
            if is != *was {
                self.other.push((*number, *was, is));
            }
        }
        for (number, _) in &near.met {
            let is = std::mem::replace(&mut near.hops[*number as usize], NEVER);
            if is != NEVER {
                self.other.push((*number, NEVER, is));
            }
        }
    }

    /// Nothing is known of the next leaver.
    pub fn begin(&mut self) {
        self.other.clear();
        self.altered.clear();
    }

    /// Tells what differs, each entitlement once. `known` is who was met before.
    pub fn tell(
        &mut self,
        (leaver, known): (u32, &[(u32, u16)]),
        ways: &mut Ways,
        altered: &mut Altered,
        now: Now<'_>,
        each: &mut impl FnMut(Difference),
    ) {
        self.gather(altered, now);
        self.doubts.clear();
        let rows: Vec<_> =
            self.rows.iter().map(|(row, was, is)| (altered.ends(now.graph, *row), *was, *is)).collect();
        // The beginnings of all rows are read first, so that memory is waited for once and not for each of them.
        let begins = rows.iter().map(|(row, ..)| row.first().map_or(0, |end| end.number()));
        std::hint::black_box(begins.fold(0, |all, one| all ^ one));
        let counts = rows.iter().flat_map(|(row, ..)| *row).map(|end| ways.word(end.number()));
        std::hint::black_box(counts.fold(0, |all, one| all ^ one));
        for (row, was, _) in &rows {
            if *was == NEVER {
                row.iter().for_each(|end| ways.came(end.number()));
            }
        }
        for (row, was, is) in &rows {
            for end in *row {
                let entitlement = end.number();
                if ways.is_only(entitlement) {
                    if *is == NEVER {
                        ways.went(entitlement);
                    }
                    each(Difference::new(leaver, entitlement, *was, *is));
                } else {
                    self.doubts.push(Doubt { entitlement, was: *was, is: *is });
                }
            }
        }
        if !self.doubts.is_empty() {
            self.settle((leaver, known), ways, now, each);
        }
    }

    /// What of the leaver's grants is otherwise.
    fn gather(&mut self, altered: &mut Altered, now: Now<'_>) {
        let Self { other, rows, .. } = self;
        rows.clear();
        for (number, was, is) in other.iter() {
            if *was == NEVER {
                // Nobody met it before, so that what it has now came.
                rows.push((Row::Graph(now.near.granted(*number)), *was, *is));
                continue;
            }
            rows.push((altered.kept(*number, now.near, now.graph), *was, *is));
            if let Some((went, came)) = altered.went_and_came(*number) {
                rows.push((went, *was, NEVER));
                if *is != NEVER {
                    rows.push((came, NEVER, *is));
                }
                self.altered.retain(|(known, _)| known != number);
            }
        }
        for (number, hops) in &self.altered {
            if let Some((went, came)) = altered.went_and_came(*number) {
                rows.extend([(went, *hops, NEVER), (came, NEVER, *hops)]);
            }
        }
    }

    /// Looks closer at what there is, or seems to be, more than one way to.
    fn settle(
        &mut self,
        (leaver, known): (u32, &[(u32, u16)]),
        ways: &mut Ways,
        now: Now<'_>,
        each: &mut impl FnMut(Difference),
    ) {
        let Self { other, doubts, same, .. } = self;
        same.resize(now.near.len(), NEVER);
        for (number, hops) in known {
            same[*number as usize] = *hops;
        }
        for (number, ..) in other.iter() {
            same[*number as usize] = NEVER;
        }
        doubts.sort_unstable();
        let begins = doubts.iter().map(|doubt| now.granted.by(doubt.entitlement).first());
        std::hint::black_box(begins.fold(0, |all, one| all ^ one.copied().unwrap_or_default()));
        for alike in doubts.chunk_by(|a, b| a.entitlement == b.entitlement) {
            let Some(entitlement) = alike.first().map(|first| first.entitlement) else { continue };
            let nearest = |side: fn(&Doubt) -> u16| alike.iter().map(side).min().unwrap_or(NEVER);
            let (was, is) = (nearest(|doubt| doubt.was), nearest(|doubt| doubt.is));
            let mut kept = NEVER;
            for number in now.granted.by(entitlement) {
                kept = same[*number as usize].min(kept);
                // It is no further than any way that is otherwise: nothing differs, whoever else has it.
                if kept <= was.min(is) {
                    break;
                }
            }
            let (before, after) = (was.min(kept), is.min(kept));
            alike.iter().filter(|doubt| doubt.is == NEVER).for_each(|_| ways.went(entitlement));
            if before != after {
                each(Difference::new(leaver, entitlement, before, after));
            }
        }
        for (number, _) in known {
            same[*number as usize] = NEVER;
        }
    }
}

/// Counts the ways of a leaver.
pub(super) fn count(visits: &[(u32, u16)], near: &Near, graph: &AccessGraph) -> Ways {
    let rows = visits.iter().map(|(number, _)| graph.grant_ends(near.granted(*number)));
    Ways::of(rows.map(|row: &[End]| row))
}
