//! Whom a change can concern, and what it changes for them.
//!
//! Who met which holder, by how many steps, is kept, and in how many ways each leaver has what they have. Only leavers who
//! met a holder of which something came or went are looked at. Those whose ways may lead elsewhere now are walked for again, over the
//! holders that anybody met alone. From there on a change is a list of *ways*: this leaver reached that entitlement from here by
//! so many edges, or reaches it now. Most are the only one, and tell all by that.

use super::Changes;
use super::altered::Altered;
use super::bits::Bits;
use super::deferred::Deferred;
use super::differ::{Differ, Now, count};
use super::granted::Granted;
use super::graph::{AccessGraph, Level, Malformed};
use super::near::Near;
use super::rows::Rows;
use super::visits::Visits;
use super::ways::Ways;

/// Not reached.
pub(super) const NEVER: u16 = u16::MAX;
/// No number was given.
pub(super) const NONE: u32 = u32::MAX;

/// A graph and what leavers met in it, kept up to date from change to change. Leavers are known by their place among those it
/// was made for, and holders that anybody met by numbers given here.
#[derive(Debug, Clone)]
pub struct Watch {
    limit: Level,
    held: Deferred,
    /// For each leaver, the number of its holder.
    starts: Vec<Option<u32>>,
    near: Near,
    visits: Visits,
    /// For each leaver, in how many ways they have what they have.
    ways: Vec<Ways>,
    granted: Granted,
    altered: Altered,
    differ: Differ,
    /// Why nothing more can be asked.
    broken: Option<Malformed>,
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
    /// Out of the steps to whom has it.
    pub(super) fn new(leaver: u32, entitlement: u32, before: u16, after: u16) -> Self {
        let edges = |hops: u16| (hops != NEVER).then(|| u32::from(hops) + 1);
        Self { leaver, entitlement, before: edges(before), after: edges(after) }
    }
}

impl Watch {
    /// Walks for each of `leavers`, and notes whom they met.
    ///
    /// # Errors
    /// When a number that is given out leads nowhere, which a graph rules out.
    pub fn new(graph: AccessGraph, leavers: &[u32], limit: Level) -> Result<Self, Malformed> {
        let mut held = Deferred::new(graph);
        let mut near = Near::new(limit);
        near.take_up_all(&mut held, leavers)?;
        let starts: Vec<_> = leavers.iter().map(|leaver| near.number(*leaver)).collect();
        let (mut visits, mut ways) = (Rows::default(), Vec::with_capacity(starts.len()));
        for start in &starts {
            near.met.clear();
            if let Some(start) = start {
                near.walk(*start);
            }
            near.met.iter().for_each(|(number, _)| near.hops[*number as usize] = NEVER);
            visits.append(&near.met);
            ways.push(count(&near.met, &near, held.graph()));
        }
        let visits = Visits::new(visits, near.len());
        Ok(Self {
            limit,
            granted: Granted::new(&near, held.graph(), &visits),
            visits,
            held,
            starts,
            near,
            ways,
            altered: Altered::default(),
            differ: Differ::default(),
            broken: None,
        })
    }

    /// The graph as it is now. What changed of holders that no leaver met is taken up here, and not in a recheck.
    ///
    /// # Errors
    /// When an edge went that was not there. The watch is then to be made anew, and says so whatever it is asked.
    pub fn graph(&mut self) -> Result<&AccessGraph, Malformed> {
        let settled = self.sound().and_then(|()| self.held.settle().map(|_| ()));
        self.noting(settled)?;
        Ok(self.held.graph())
    }

    /// Adds a holder without edges, and gives its number.
    ///
    /// # Errors
    /// When there is no such kind, or there are too many holders.
    pub fn add(&mut self, kind: u32) -> Result<u32, Malformed> {
        self.sound()?;
        self.held.add(kind)
    }

    fn sound(&self) -> Result<(), Malformed> {
        self.broken.clone().map_or(Ok(()), Err)
    }

    /// After an error, what was taken up in part is no answer to anything.
    fn noting(&mut self, result: Result<(), Malformed>) -> Result<(), Malformed> {
        self.broken = result.as_ref().err().cloned();
        result
    }

    /// Takes up changes, and tells `each` what they alter, each leaver and entitlement once. Everything else of the answer is
    /// what it was.
    ///
    /// # Errors
    /// When a change leads nowhere, or an edge went that was not there: at once if a leaver ever met where it began, else when
    /// the graph is asked for. The watch is then to be made anew, and says so whatever it is asked.
    pub fn recheck(&mut self, changes: Changes, each: &mut impl FnMut(Difference)) -> Result<(), Malformed> {
        let taken_up = self.sound().and_then(|()| self.take_up(changes, each));
        self.noting(taken_up)
    }

    fn take_up(&mut self, changes: Changes, each: &mut impl FnMut(Difference)) -> Result<(), Malformed> {
        let now = self.held.take_up(changes)?;
        let known = self.near.len();
        let mut may_lead_elsewhere = Bits::new(known);
        for change in now.steps.iter().filter(|change| change.level <= self.limit) {
            if let Some(from) = self.near.number(change.from) {
                may_lead_elsewhere.put(from);
                self.near.step(&mut self.held, from, change.to, change.came)?;
            }
        }
        for same in now.grants.chunk_by(|a, b| a.from == b.from) {
            if let Some(first) = same.first() {
                self.near.look_again(self.held.graph(), first.from);
            }
        }
        self.altered.begin(&now.grants, self.limit, &self.near);
        self.granted.take_away(&self.altered, self.held.graph());
        let mut touched = may_lead_elsewhere.clone();
        for number in self.altered.numbers() {
            touched.put(*number);
        }
        for leaver in self.visits.concerned(&touched) {
            self.look_at(leaver, (&touched, &may_lead_elsewhere), each);
        }
        self.granted.add(&self.altered, &self.near, self.held.graph(), known);
        self.visits.settle(self.near.len());
        Ok(())
    }

    /// Tells what differs for one leaver.
    fn look_at(
        &mut self,
        leaver: u32,
        (touched, may_lead_elsewhere): (&Bits, &Bits),
        each: &mut impl FnMut(Difference),
    ) {
        let (Some(start), Some(ways)) = (self.starts[leaver as usize], self.ways.get_mut(leaver as usize))
        else {
            return;
        };
        let known = self.visits.of(leaver);
        self.differ.begin();
        let mut leads_elsewhere = false;
        for (number, hops) in known {
            if touched.has(*number) {
                leads_elsewhere |= may_lead_elsewhere.has(*number);
                if self.altered.is_here(*number) {
                    self.differ.altered.push((*number, *hops));
                }
            }
        }
        if leads_elsewhere {
            self.near.read_ahead(known);
            self.near.walk(start);
            self.differ.compare(known, &mut self.near);
        }
        let now = Now { graph: self.held.graph(), near: &self.near, granted: &self.granted };
        self.differ.tell((leaver, known), ways, &mut self.altered, now, each);
        if !self.differ.other.is_empty() {
            let newly = self.differ.other.iter().filter(|(_, was, _)| *was == NEVER);
            self.visits.set(leaver, &self.near.met, newly.map(|(number, ..)| *number));
        }
        if ways.is_worn() {
            *ways = count(self.visits.of(leaver), &self.near, self.held.graph());
        }
    }
}
