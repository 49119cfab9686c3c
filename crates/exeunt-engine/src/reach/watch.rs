//! Whom a change can concern, and what it changes for them.
//!
//! Who met which holder, by how many steps, is kept, and in how many ways each leaver has what they have. Only leavers who
//! met a holder of which something came or went are looked at. Those whose ways may lead elsewhere now are walked for again, over the
//! holders that anybody met alone. From there on a change is a list of *ways*: this leaver reached that entitlement from here by
//! so many edges, or reaches it now. Most are the only one, and tell all by that.

use super::altered::Altered;
use super::deferred::Deferred;
use super::differ::{Differ, Now, count};
use super::graph::{AccessGraph, Level, Malformed};
use super::near::Near;
use super::rows::Rows;
use super::ways::Ways;
use super::{Change, Changes};

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
    /// For each leaver, whom they meet, by how many steps.
    visits: Rows<(u32, u16)>,
    /// For each number, who met it: nobody is missing, and some may meet it no longer.
    met_by: Rows<u32>,
    /// Entries added to these rows since they were made.
    added: usize,
    /// For each leaver, in how many ways they have what they have.
    ways: Vec<Ways>,
    /// For each entitlement, who of those that were ever met has it, as alive as is asked.
    granted: Rows<u32>,
    altered: Altered,
    differ: Differ,
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
        let granted = Rows::of(held.graph().entitlements() as usize, grants(&near, held.graph(), 0));
        let met_by = met_by(&visits, near.len());
        Ok(Self {
            limit,
            held,
            starts,
            near,
            visits,
            met_by,
            added: 0,
            ways,
            granted,
            altered: Altered::default(),
            differ: Differ::default(),
        })
    }

    /// The graph as it is now. What changed of holders that no leaver met is taken up here, and not in a recheck.
    ///
    /// # Errors
    /// When an edge went that was not there. The watch is then to be made anew.
    pub fn graph(&mut self) -> Result<&AccessGraph, Malformed> {
        self.held.settle()
    }

    /// Takes up changes, and tells `each` what they alter, each leaver and entitlement once. Everything else of the answer is
    /// what it was.
    ///
    /// # Errors
    /// When a change leads nowhere, or an edge went that was not there: at once if a leaver ever met where it began, else when
    /// the graph is asked for. The watch is then to be made anew.
    pub fn recheck(&mut self, changes: &Changes, each: &mut impl FnMut(Difference)) -> Result<(), Malformed> {
        let now = self.held.take_up(changes)?;
        let known = self.near.len();
        let mut may_lead_elsewhere = vec![0u64; known.div_ceil(64)];
        for change in now.steps.iter().filter(|change| change.level <= self.limit) {
            // Who is given a number here has the steps of now already.
            if let Some(from) = self.near.number(change.from).filter(|from| (*from as usize) < known) {
                may_lead_elsewhere[from as usize / 64] |= 1 << (from % 64);
                self.near.step(&mut self.held, from, change.to, change.came)?;
            }
        }
        self.take_away(&now.grants);
        let mut touched = may_lead_elsewhere.clone();
        self.altered.numbers().iter().for_each(|number| touched[*number as usize / 64] |= 1 << (number % 64));
        let concerned = self.concerned(&touched);
        let mut met = Vec::new();
        for leaver in concerned {
            self.look_at(leaver, (&touched, &may_lead_elsewhere), &mut met, each);
        }
        self.add(known, &met);
        Ok(())
    }

    /// Takes what went out of who has what.
    fn take_away(&mut self, grants: &[Change]) {
        for same in grants.chunk_by(|a, b| a.from == b.from) {
            if let Some(first) = same.first() {
                self.near.look_again(self.held.graph(), first.from);
            }
        }
        self.altered.begin(grants, self.limit, &self.near);
        for at in 0..self.altered.numbers().len() {
            let number = self.altered.numbers()[at];
            let Some((went, _)) = self.altered.went_and_came(number) else { continue };
            for end in self.altered.ends(self.held.graph(), went) {
                let row = self.granted.row(end.number());
                if let Some(place) = row.iter().position(|known| *known == number) {
                    self.granted.remove(end.number(), place);
                }
            }
        }
    }

    /// Leavers who met a holder of which something changed, in order.
    fn concerned(&self, touched: &[u64]) -> Vec<u32> {
        let mut is_concerned = vec![false; self.starts.len()];
        let words = (0u32..).zip(touched).filter(|(_, word)| **word != 0);
        let numbers = words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        });
        for leaver in numbers.flat_map(|number| self.met_by.row(number)) {
            is_concerned[*leaver as usize] = true;
        }
        (0u32..).zip(is_concerned).filter(|(_, is)| *is).map(|(leaver, _)| leaver).collect()
    }

    /// Tells what differs for one leaver, and notes who is met newly.
    fn look_at(
        &mut self,
        leaver: u32,
        (touched, may_lead_elsewhere): (&[u64], &[u64]),
        met: &mut Vec<(u32, u32)>,
        each: &mut impl FnMut(Difference),
    ) {
        let (Some(start), Some(ways)) = (self.starts[leaver as usize], self.ways.get_mut(leaver as usize))
        else {
            return;
        };
        let known = self.visits.row(leaver);
        self.differ.begin();
        let mut leads_elsewhere = false;
        for (number, hops) in known {
            let (word, bit) = (*number as usize / 64, number % 64);
            if touched[word] >> bit & 1 == 1 {
                leads_elsewhere |= may_lead_elsewhere[word] >> bit & 1 == 1;
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
            met.extend(newly.map(|(number, ..)| (*number, leaver)));
            self.visits.set(leaver, &self.near.met);
        }
        if ways.is_worn() {
            *ways = count(self.visits.row(leaver), &self.near, self.held.graph());
        }
    }

    /// Adds what came to who has what, and who is met newly.
    fn add(&mut self, known: usize, met: &[(u32, u32)]) {
        for at in 0..self.altered.numbers().len() {
            let number = self.altered.numbers()[at];
            let Some((_, came)) = self.altered.went_and_came(number) else { continue };
            for end in self.altered.ends(self.held.graph(), came) {
                self.granted.push(end.number(), number);
            }
        }
        for (entitlement, number) in grants(&self.near, self.held.graph(), known) {
            self.granted.push(entitlement, number);
        }
        for _ in self.met_by.len()..self.near.len() {
            self.met_by.append(&[]);
        }
        self.added += met.len();
        if self.added > self.visits.total() / 2 {
            self.met_by = met_by(&self.visits, self.near.len());
            self.added = 0;
        } else {
            met.iter().for_each(|(number, leaver)| self.met_by.push(*number, *leaver));
        }
    }
}

/// What holders have that were given numbers, from one on: entitlement and number.
fn grants<'a>(
    near: &'a Near,
    graph: &'a AccessGraph,
    from: usize,
) -> impl Iterator<Item = (u32, u32)> + Clone + 'a {
    let short = |number: usize| u32::try_from(number).unwrap_or(NONE);
    (short(from)..short(near.len())).flat_map(move |number| {
        graph.grant_ends(near.granted(number)).iter().map(move |end| (end.number(), number))
    })
}

/// Who met whom.
fn met_by(visits: &Rows<(u32, u16)>, numbers: usize) -> Rows<u32> {
    let leavers = 0..u32::try_from(visits.len()).unwrap_or(NONE);
    let pairs =
        leavers.flat_map(|leaver| visits.row(leaver).iter().map(move |(number, _)| (*number, leaver)));
    Rows::of(numbers, pairs)
}
