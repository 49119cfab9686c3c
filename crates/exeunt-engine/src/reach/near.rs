//! The part of the graph that anybody met, under numbers of its own. It is small enough to stay in the caches of a processor,
//! where the whole graph does not, and holds only what is alive enough.

use super::deferred::Deferred;
use super::graph::{AccessGraph, Level, Malformed, Places};
use super::rows::Rows;
use super::watch::{NEVER, NONE};

/// Holders that were ever met, and where their steps lead.
#[derive(Debug, Clone)]
pub(super) struct Near {
    limit: Level,
    /// For each holder of the graph, its number here.
    of: Vec<u32>,
    /// For each number, the holder.
    holders: Vec<u32>,
    /// For each number, the numbers its steps lead to.
    steps: Rows<u32>,
    /// For each number, where its grants stand in the graph.
    granted: Vec<Places>,
    /// For each number, the steps to it in the last walk.
    pub hops: Vec<u16>,
    /// What was met in it, nearest first.
    pub met: Vec<(u32, u16)>,
}

impl Near {
    /// Nobody met anybody yet.
    pub fn new(limit: Level) -> Self {
        Self {
            limit,
            of: Vec::new(),
            holders: Vec::new(),
            steps: Rows::default(),
            granted: Vec::new(),
            hops: Vec::new(),
            met: Vec::new(),
        }
    }

    /// Numbers given so far.
    pub const fn len(&self) -> usize {
        self.holders.len()
    }

    /// The number of a holder, if anybody ever met it.
    pub fn number(&self, holder: u32) -> Option<u32> {
        self.of.get(holder as usize).copied().filter(|number| *number != NONE)
    }

    /// Where the grants of a number stand in the graph.
    pub fn granted(&self, number: u32) -> Places {
        self.granted.get(number as usize).copied().unwrap_or_default()
    }

    /// Looks again where the grants of a holder stand.
    pub fn look_again(&mut self, graph: &AccessGraph, holder: u32) {
        if let Some(number) = self.number(holder) {
            self.granted[number as usize] = graph.granted_places(holder, self.limit);
        }
    }

    /// Gives numbers to some holders and to everything they lead to: in the order of holders, so that those of one system
    /// stand together here as they do there.
    pub fn take_up_all(&mut self, held: &mut Deferred, holders: &[u32]) -> Result<(), Malformed> {
        self.of.resize(held.graph().holders(), NONE);
        for holder in holders {
            self.give(*holder);
        }
        let mut at = 0;
        while let Some(next) = self.holders.get(at).copied() {
            at += 1;
            for to in held.graph().stepped(next, self.limit) {
                self.give(to);
            }
        }
        self.holders.sort_unstable();
        for (number, holder) in (0u32..).zip(&self.holders) {
            self.of[*holder as usize] = number;
        }
        self.add_rows(held)
    }

    /// Gives numbers to a holder and to everything it leads to.
    fn take_up(&mut self, held: &mut Deferred, holder: u32) -> Result<Option<u32>, Malformed> {
        self.of.resize(held.graph().holders(), NONE);
        let number = self.give(holder);
        self.add_rows(held)?;
        Ok(number)
    }

    /// Rows stand in the order of numbers: whoever has a number and no row yet is next.
    fn add_rows(&mut self, held: &mut Deferred) -> Result<(), Malformed> {
        let mut row = Vec::new();
        while let Some(next) = self.holders.get(self.granted.len()).copied() {
            let graph = held.ask(next)?;
            row.clear();
            row.extend(graph.stepped(next, self.limit).filter_map(|to| self.give(to)));
            self.steps.append(&row);
            self.granted.push(graph.granted_places(next, self.limit));
        }
        self.hops.resize(self.holders.len(), NEVER);
        Ok(())
    }

    fn give(&mut self, holder: u32) -> Option<u32> {
        let number = self.of.get_mut(holder as usize)?;
        if *number == NONE {
            *number = u32::try_from(self.holders.len()).ok()?;
            self.holders.push(holder);
        }
        Some(*number)
    }

    /// Takes up that a step came or went whose beginning has a number.
    pub fn step(&mut self, held: &mut Deferred, from: u32, to: u32, came: bool) -> Result<(), Malformed> {
        if came {
            if let Some(to) = self.take_up(held, to)? {
                self.steps.push(from, to);
            }
        } else if let Some(to) = self.number(to)
            && let Some(place) = self.steps.row(from).iter().position(|known| *known == to)
        {
            self.steps.remove(from, place);
        }
        Ok(())
    }

    /// Reads the beginnings of what is known of some holders, all of them at once, so that memory is waited for once and not for
    /// each of them.
    pub fn read_ahead(&self, known: &[(u32, u16)]) {
        let begins =
            known.iter().map(|(number, _)| self.steps.row(*number).first().copied().unwrap_or_default());
        std::hint::black_box(begins.fold(0, |all, one| all ^ one));
    }

    /// Walks from a holder, breadth first. `hops` have to be forgotten one by one before the next walk.
    pub fn walk(&mut self, start: u32) {
        let Self { steps, hops, met, .. } = self;
        met.clear();
        hops[start as usize] = 0;
        met.push((start, 0));
        let mut at = 0;
        while let Some((number, far)) = met.get(at).copied() {
            at += 1;
            let next = far.saturating_add(1).min(NEVER - 1);
            for to in steps.row(number) {
                let known = &mut hops[*to as usize];
                if *known == NEVER {
                    *known = next;
                    met.push((*to, next));
                }
            }
        }
    }
}
