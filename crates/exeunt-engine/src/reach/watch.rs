//! Whom a change can concern, and what it changes for them.
//!
//! Who met which holder, by how many steps, is kept both ways round, and who of those met has which entitlement. Where a step
//! changed so that somebody's ways may have, only the holders they meet are walked over again. From there on a change is a
//! list of *contributions*: this leaver reached that entitlement from here by so many edges, or reaches it now. One that
//! is no nearer than an unchanged way to the same entitlement alters nothing, and most are such: they are dropped as soon as
//! one unchanged way is found.

use super::Changes;
use super::altered::{Altered, Granting};
use super::concerned::Concerned;
use super::graph::{AccessGraph, End, Level, Malformed};
use super::met::Met;
use super::moved::{Moved, Now};
use super::near::Near;
use super::regions::Regions;
use super::rows::Rows;

/// Not reached.
pub(super) const NEVER: u16 = u16::MAX;
/// No number was given.
pub(super) const NONE: u32 = u32::MAX;

/// What leavers met, kept up to date from change to change. Leavers are known by their place among those it was made for, and
/// holders that anybody met by numbers given here.
#[derive(Debug, Clone)]
pub struct Watch {
    limit: Level,
    /// For each leaver, the number of its holder.
    starts: Vec<Option<u32>>,
    near: Near,
    met: Met,
    visits: Rows<(u32, u16)>,
    /// For each entitlement, who of those that were ever met has it, as alive as is asked.
    granted: Rows<u32>,
    regions: Regions,
    altered: Altered,
    concerned: Concerned,
    moved: Moved,
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
        let mut near = Near::new(limit);
        near.take_up_all(graph, leavers);
        let starts: Vec<_> = leavers.iter().map(|leaver| near.number(*leaver)).collect();
        let (mut visits, mut pairs) = (Rows::default(), Vec::new());
        for (leaver, start) in (0u32..).zip(&starts) {
            near.met.clear();
            if let Some(start) = start {
                near.walk(*start);
            }
            for (number, hops) in &near.met {
                near.hops[*number as usize] = NEVER;
                pairs.push((*number, (leaver, *hops)));
            }
            visits.append(&near.met);
        }
        let met = Met::new(near.len(), pairs.iter().copied());
        let numbers = 0..u32::try_from(near.len()).unwrap_or(NONE);
        let granted = numbers.flat_map(|number| {
            let ends = graph.grant_ends(near.granted(number)).iter();
            ends.map(move |end| (end.number(), number))
        });
        let mut regions = Regions::new(graph.entitlements());
        granted.clone().for_each(|(entitlement, number)| regions.join(number, entitlement));
        regions.settle();
        Self {
            limit,
            starts,
            granted: Rows::of(graph.entitlements() as usize, granted),
            near,
            met,
            visits,
            regions,
            altered: Altered::default(),
            concerned: Concerned::new(leavers.len(), graph.entitlements()),
            moved: Moved::new(leavers.len(), graph.entitlements()),
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
        each: &mut impl FnMut(Difference),
    ) -> Result<(), Malformed> {
        graph.apply_steps(&changes.steps)?;
        graph.apply_grants(&changes.grants)?;
        let grantings = self.grantings(graph, changes);
        self.altered.begin(&grantings, self.near.len());
        let may_have = self.may_have_moved(changes);
        let known = self.near.len();
        self.take_up_steps(graph, changes);
        self.join(graph, &grantings, known);
        self.find_moved(graph, &grantings, &may_have, each);
        // Who has what and had it is now what `granted` says.
        let those = (&self.moved, &self.regions);
        self.concerned.tell(&grantings, &self.granted, (&self.met, &self.visits), those, each);
        self.met.take_up(&mut self.moved.moves, self.near.len());
        for granting in grantings.iter().filter(|granting| granting.came) {
            self.granted.push(granting.end.number(), granting.number);
        }
        for number in known..self.near.len() {
            let number = u32::try_from(number).unwrap_or(NONE);
            for end in graph.grant_ends(self.near.granted(number)) {
                self.granted.push(end.number(), number);
            }
        }
        Ok(())
    }

    /// The grants that came or went, alive enough, of holders that somebody met. Those that went are taken out of `granted`.
    fn grantings(&mut self, graph: &AccessGraph, changes: &Changes) -> Vec<Granting> {
        let mut all = Vec::new();
        let mut passed = Vec::new();
        for same in changes.grants.chunk_by(|a, b| a.from == b.from) {
            let Some(from) = same.first().map(|first| first.from) else { continue };
            let Some(number) = self.near.number(from) else { continue };
            self.near.look_again(graph, from);
            for change in same.iter().filter(|change| change.level <= self.limit) {
                let end = End::new(change.to, change.level);
                all.push(Granting { end, number, came: change.came });
                if !change.came {
                    let row = self.granted.row(change.to);
                    match row.iter().position(|known| *known == number) {
                        Some(place) => self.granted.remove(change.to, place),
                        None => passed.push((number, end)),
                    }
                }
            }
        }
        // What came and went within one change was never there.
        for (number, end) in passed {
            for came in [true, false] {
                let one = |known: &Granting| (known.number, known.end, known.came) == (number, end, came);
                if let Some(place) = all.iter().position(one) {
                    all.remove(place);
                }
            }
        }
        all
    }

    /// Those whose ways may have changed, in order.
    fn may_have_moved(&self, changes: &Changes) -> Vec<u32> {
        let mut may_have = vec![false; self.starts.len()];
        let numbers = self.near.numbers(&changes.steps);
        for (change, number) in changes.steps.iter().zip(numbers) {
            let Some(number) = number.filter(|_| change.level <= self.limit) else { continue };
            let mut known = self.near.number(change.to).map_or(&[][..], |to| self.met.by(to));
            for (leaver, hops) in self.met.by(number) {
                // A step to what is as near without it neither shortens a way nor was part of a shortest one.
                known = known.get(skip(known, *leaver)..).unwrap_or_default();
                let there = known.first().filter(|(first, _)| first == leaver).map(|(_, hops)| *hops);
                let nearest = hops.saturating_add(u16::from(change.came));
                if there.is_none_or(|there| there > nearest) {
                    may_have[*leaver as usize] = true;
                }
            }
        }
        (0u32..).zip(may_have).filter(|(_, may)| *may).map(|(leaver, _)| leaver).collect()
    }

    fn take_up_steps(&mut self, graph: &AccessGraph, changes: &Changes) {
        let given = self.near.len();
        for change in changes.steps.iter().filter(|change| change.level <= self.limit) {
            // Who is given a number here has the steps of now already.
            if let Some(from) = self.near.number(change.from).filter(|from| (*from as usize) < given) {
                self.near.step(graph, from, change.to, change.came);
            }
        }
    }

    /// Takes up which entitlements are granted together now.
    fn join(&mut self, graph: &AccessGraph, grantings: &[Granting], known: usize) {
        for granting in grantings.iter().filter(|granting| granting.came) {
            self.regions.join(granting.number, granting.end.number());
        }
        for number in known..self.near.len() {
            let number = u32::try_from(number).unwrap_or(NONE);
            for end in graph.grant_ends(self.near.granted(number)) {
                self.regions.join(number, end.number());
            }
        }
        self.regions.settle();
    }

    /// Walks again over the holders of those whose ways may have changed, and tells what differs where they did.
    fn find_moved(
        &mut self,
        graph: &AccessGraph,
        grantings: &[Granting],
        may_have: &[u32],
        each: &mut impl FnMut(Difference),
    ) {
        self.moved.begin();
        let now = Now { graph, grantings, regions: &self.regions };
        for leaver in may_have {
            let Some(start) = self.starts[*leaver as usize] else { continue };
            let known = self.visits.row(*leaver);
            self.near.read_ahead(known);
            self.near.walk(start);
            if self.moved.compare(*leaver, known, &mut self.near, &mut self.altered, now, each) {
                self.visits.set(*leaver, &self.near.met);
            }
        }
    }
}

/// How many stand before a leaver. They are looked through from the front, in ever longer steps.
fn skip(row: &[(u32, u16)], leaver: u32) -> usize {
    let mut step = 1;
    while row.get(step).is_some_and(|(known, _)| *known < leaver) {
        step *= 2;
    }
    let from = step / 2;
    let some = row.get(from..row.len().min(step + 1)).unwrap_or_default();
    from + some.partition_point(|(known, _)| *known < leaver)
}
