//! Whom a change can concern, and what it changes for them.
//!
//! Who met which holder, by how many steps, is kept both ways round, and who of those met has which entitlement. Where a step
//! changed so that somebody's ways may have, only the holders they meet are walked over again. From there on a change is a
//! list of *contributions*: this leaver reached that entitlement from here by so many edges, or reaches it now. One that
//! is no nearer than an unchanged way to the same entitlement alters nothing, and most are such: they are dropped as soon as
//! one unchanged way is found.

use super::Changes;
use super::concerned::Concerned;
use super::graph::{AccessGraph, Level, Malformed};
use super::moved::{Moved, Now};
use super::regions::Regions;
use super::rows::Rows;
use super::walk::Walk;

/// Not reached.
pub(super) const NEVER: u16 = u16::MAX;
/// No number was given.
pub(super) const NONE: u32 = u32::MAX;

/// What leavers met, kept up to date from change to change. Leavers are known by their place among those it was made for, and
/// holders that anybody met by numbers given here.
#[derive(Debug, Clone)]
pub struct Watch {
    limit: Level,
    leavers: Vec<u32>,
    numbers: Numbers,
    met: Met,
    visits: Rows<(u32, u16)>,
    /// For each entitlement, who of those that were ever met has it, as alive as is asked.
    granted: Rows<u32>,
    regions: Regions,
    concerned: Concerned,
    moved: Moved,
}

/// The numbers of holders that were ever met.
#[derive(Debug, Clone)]
pub(super) struct Numbers {
    /// For each holder, its number.
    pub of: Vec<u32>,
    /// For each number, the holder.
    pub holders: Vec<u32>,
}

/// For each holder that was ever met, who met it.
#[derive(Debug, Clone)]
pub(super) struct Met {
    /// The leaver and the steps to it, in the order of leavers.
    pub by: Rows<(u32, u16)>,
    /// A bit for each leaver in it, of 64 in turn: most holders are ruled out by looking at nothing else.
    pub signs: Vec<u64>,
}

/// An entitlement that is reached in another way, or newly, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The leaver, as the place among those the watch was made for.
    pub leaver: u32,
    /// The entitlement.
    pub entitlement: u32,
    /// The fewest edges to it before, if it was reached.
    pub before: Option<u32>,
    /// The fewest edges to it now, if it is reached.
    pub after: Option<u32>,
}

/// A grant that came or went of a holder that somebody met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granting {
    pub entitlement: u32,
    /// The holder's number here.
    pub number: u32,
    pub came: bool,
}

impl Met {
    /// The steps from a leaver to a holder.
    pub fn hops(&self, number: u32, leaver: u32) -> Option<u16> {
        let row = self.by.row(number);
        let at = row.binary_search_by_key(&leaver, |(known, _)| *known).ok()?;
        row.get(at).map(|(_, hops)| *hops)
    }

    /// Notes the steps from a leaver to a holder, or that there are none any more.
    fn note(&mut self, number: u32, leaver: u32, hops: u16) {
        let found = self.by.row(number).binary_search_by_key(&leaver, |(known, _)| *known);
        if let Ok(place) = found {
            self.by.remove(number, place);
        }
        if hops == NEVER {
            self.signs[number as usize] = signs(self.by.row(number).iter().map(|(leaver, _)| *leaver));
        } else {
            self.by.insert(number, found.unwrap_or_else(|place| place), (leaver, hops));
            self.signs[number as usize] |= signs([leaver]);
        }
    }
}

/// The bits of leavers.
pub(super) fn signs(leavers: impl IntoIterator<Item = u32>) -> u64 {
    leavers.into_iter().fold(0, |signs, leaver| signs | 1 << (leaver % 64))
}

impl Difference {
    /// What differs, if anything does.
    pub(super) fn of(leaver: u32, entitlement: u32, before: u16, after: u16) -> Option<Self> {
        let edges = |hops: u16| (hops != NEVER).then(|| u32::from(hops) + 1);
        let difference = Self { leaver, entitlement, before: edges(before), after: edges(after) };
        (before != after).then_some(difference)
    }
}

impl Watch {
    /// Walks for each of `leavers`, and notes whom they met.
    #[must_use]
    pub fn new(graph: &AccessGraph, leavers: &[u32], limit: Level) -> Self {
        let mut walk = Walk::default();
        let (mut numbers, mut holders) = (vec![NONE; graph.holders()], Vec::new());
        let mut visits = Vec::new();
        for (leaver, start) in (0u32..).zip(leavers) {
            for visit in walk.holders_from(graph, *start, limit).visits {
                let number = &mut numbers[visit.holder as usize];
                if *number == NONE {
                    *number = u32::try_from(holders.len()).unwrap_or(NONE);
                    holders.push(visit.holder);
                }
                visits.push((leaver, *number, visit.hops.min(NEVER - 1)));
            }
        }
        let by_holder = visits.iter().map(|(leaver, number, hops)| (*number, (*leaver, *hops)));
        let by = Rows::of(holders.len(), by_holder);
        let all = (0u32..).zip(&holders).map(|(at, _)| signs(by.row(at).iter().map(|(leaver, _)| *leaver)));
        let met = Met { signs: all.collect(), by };
        let by_leaver = visits.iter().map(|(leaver, number, hops)| (*leaver, (*number, *hops)));
        let granted = (0u32..)
            .zip(&holders)
            .flat_map(|(number, holder)| graph.granted(*holder, limit).map(move |what| (what, number)));
        let mut regions = Regions::new(graph.entitlements());
        granted.clone().for_each(|(entitlement, number)| regions.join(number, entitlement));
        regions.flatten();
        Self {
            limit,
            leavers: leavers.to_vec(),
            visits: Rows::of(leavers.len(), by_leaver),
            granted: Rows::of(graph.entitlements() as usize, granted),
            regions,
            concerned: Concerned::new(leavers.len()),
            moved: Moved::new(leavers.len(), holders.len(), graph.entitlements()),
            numbers: Numbers { of: numbers, holders },
            met,
        }
    }

    /// Takes up changes, and tells `each` what they alter, each leaver and entitlement once. Everything else of the answer is
    /// what it was.
    ///
    /// # Errors
    /// When a change leads nowhere, or an edge went that was not there. The graph and the watch are then to be made anew.
    pub fn recheck(
        &mut self,
        graph: &mut AccessGraph,
        changes: &Changes,
        walk: &mut Walk,
        each: &mut dyn FnMut(Difference),
    ) -> Result<(), Malformed> {
        self.numbers.of.resize(graph.holders(), NONE);
        // Steps first, so that what moved people had is read from the grants as they were.
        graph.apply_steps(&changes.steps)?;
        let grantings = self.grantings(changes);
        self.find_moved(graph, changes, walk);
        self.moved.note_before(graph, self.limit, &grantings, &self.met);
        for granting in grantings.iter().filter(|granting| !granting.came) {
            let row = self.granted.row(granting.entitlement);
            if let Some(place) = row.iter().position(|number| *number == granting.number) {
                self.granted.remove(granting.entitlement, place);
            }
        }
        // What everybody still has who had it and kept it is now what `granted` says.
        self.concerned.tell(&grantings, &self.granted, &self.met, &self.moved, each);
        self.note_moved();
        graph.apply_grants(&changes.grants)?;
        for (number, holder) in &self.moved.new {
            graph
                .granted(*holder, self.limit)
                .for_each(|entitlement| self.regions.join(*number, entitlement));
        }
        let (limit, holders) = (self.limit, self.numbers.holders.as_slice());
        let (met, visits, regions) = (&self.met, &self.visits, &self.regions);
        let now = Now { graph, limit, met, visits, holders, regions };
        self.moved.tell(&now, &grantings, &self.granted, each);
        for granting in grantings.iter().filter(|granting| granting.came) {
            self.granted.push(granting.entitlement, granting.number);
            self.regions.join(granting.number, granting.entitlement);
        }
        for (number, holder) in &self.moved.new {
            for entitlement in graph.granted(*holder, self.limit) {
                self.granted.push(entitlement, *number);
            }
        }
        Ok(())
    }

    /// The grants that came or went, alive enough, of holders that somebody met.
    fn grantings(&self, changes: &Changes) -> Vec<Granting> {
        let alive = changes.grants.iter().filter(|change| change.level <= self.limit);
        let met = alive.filter_map(|change| {
            let number = self.number(change.from)?;
            Some(Granting { entitlement: change.to, number, came: change.came })
        });
        met.collect()
    }

    fn number(&self, holder: u32) -> Option<u32> {
        self.numbers.of.get(holder as usize).copied().filter(|number| *number != NONE)
    }

    /// Walks again over the holders of those whose ways may have changed.
    fn find_moved(&mut self, graph: &AccessGraph, changes: &Changes, walk: &mut Walk) {
        self.moved.begin();
        let mut may_have: Vec<u32> = Vec::new();
        for change in changes.steps.iter().filter(|change| change.level <= self.limit) {
            let Some(number) = self.number(change.from) else { continue };
            let to = self.number(change.to);
            for (leaver, hops) in self.met.by.row(number) {
                // A step to what is as near without it neither shortens a way nor was part of a shortest one.
                let known = to.and_then(|to| self.met.hops(to, *leaver));
                let nearest = hops.saturating_add(u16::from(change.came));
                if known.is_none_or(|known| known > nearest) {
                    may_have.push(*leaver);
                }
            }
        }
        may_have.sort_unstable();
        may_have.dedup();
        for leaver in may_have {
            let start = self.leavers[leaver as usize];
            let visits = walk.holders_from(graph, start, self.limit).visits;
            let known = self.visits.row(leaver);
            self.moved.compare(leaver, known, visits, &mut self.numbers);
        }
    }

    /// Takes up what those who moved meet now.
    fn note_moved(&mut self) {
        for _ in &self.moved.new {
            self.met.by.push_row();
            self.met.signs.push(0);
        }
        for one in &self.moved.moves {
            self.met.note(one.number, one.leaver, one.is);
        }
        for (leaver, visits) in self.moved.visits() {
            self.visits.set(leaver, visits);
        }
    }
}
