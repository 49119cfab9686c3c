//! Holders that somebody met and whose grants came or went: what they had before and have now, in parts.

use super::graph::{AccessGraph, End, Places};
use super::near::Near;

/// A grant that came or went, alive enough, of a holder that somebody met.
#[derive(Debug, Clone, Copy)]
pub(super) struct Granting {
    /// What is granted.
    pub end: End,
    /// The holder's number.
    pub number: u32,
    pub came: bool,
}

/// What a holder is granted, or what it is granted now and was not, or was and is not.
#[derive(Debug, Clone, Copy)]
pub(super) enum Row {
    /// As it stands in the graph.
    Graph(Places),
    /// As it is listed here.
    Listed(Places),
}

/// The parts of a row of which something came or went.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    pub kept: Row,
    pub went: Row,
    pub came: Row,
}

/// Room to work in, used again from change to change.
#[derive(Debug, Clone, Default)]
pub(super) struct Altered {
    /// A bit for each number that is here: the bits stay in the cache, the places do not.
    is_here: Vec<u64>,
    /// For each number that is here, the place among the holders.
    places: Vec<u32>,
    holders: Vec<Holder>,
    /// For each granting, the place of the one before of the same holder and one more, or 0.
    before: Vec<u32>,
    listed: Vec<End>,
}

#[derive(Debug, Clone, Copy)]
struct Holder {
    number: u32,
    /// The place of its last granting, and one more.
    last: u32,
    /// Once somebody asked.
    parts: Option<Parts>,
}

impl Altered {
    /// Takes up the grantings of a change.
    pub fn begin(&mut self, grantings: &[Granting], numbers: usize) {
        for holder in self.holders.drain(..) {
            self.is_here[holder.number as usize / 64] = 0;
        }
        self.places.resize(numbers, 0);
        self.is_here.resize(numbers.div_ceil(64), 0);
        self.before.clear();
        self.listed.clear();
        for (at, granting) in (1u32..).zip(grantings) {
            let place = &mut self.places[granting.number as usize];
            let (word, bit) = (&mut self.is_here[granting.number as usize / 64], 1 << (granting.number % 64));
            if *word & bit == 0 {
                *word |= bit;
                *place = u32::try_from(self.holders.len()).unwrap_or(u32::MAX);
                self.holders.push(Holder { number: granting.number, last: at, parts: None });
                self.before.push(0);
            } else {
                let holder = &mut self.holders[*place as usize];
                self.before.push(std::mem::replace(&mut holder.last, at));
            }
        }
    }

    /// The parts of a holder, if something of it came or went. The graph is as it is now.
    pub fn parts(
        &mut self,
        number: u32,
        grantings: &[Granting],
        near: &Near,
        graph: &AccessGraph,
    ) -> Option<Parts> {
        let word = self.is_here.get(number as usize / 64)?;
        if word >> (number % 64) & 1 == 0 {
            return None;
        }
        let place = *self.places.get(number as usize)? as usize;
        let holder = self.holders[place];
        if holder.parts.is_some() {
            return holder.parts;
        }
        let (mut went, mut came) = (Vec::new(), Vec::new());
        let mut at = holder.last;
        while let Some(place) = at.checked_sub(1) {
            let granting = &grantings[place as usize];
            if granting.came {
                came.push(granting.end);
            } else {
                went.push(granting.end);
            }
            at = self.before[place as usize];
        }
        // What is granted now and did not come was granted before. One of several alike stands for any of them.
        came.sort_unstable();
        let mut rest = came.as_slice();
        let begins = self.listed.len();
        for end in graph.grant_ends(near.granted(number)) {
            while rest.first().is_some_and(|first| first < end) {
                rest = &rest[1..];
            }
            match rest {
                [first, others @ ..] if first == end => rest = others,
                _ => self.listed.push(*end),
            }
        }
        let kept = self.row_from(begins);
        let went = self.list(&went);
        let came = self.list(&came);
        let parts = Parts { kept, went, came };
        self.holders[place].parts = Some(parts);
        Some(parts)
    }

    /// The ends of a row.
    pub fn ends<'a>(&'a self, graph: &'a AccessGraph, row: Row) -> &'a [End] {
        match row {
            Row::Graph(places) => graph.grant_ends(places),
            Row::Listed(Places { from, until }) => {
                self.listed.get(from as usize..until as usize).unwrap_or_default()
            }
        }
    }

    fn list(&mut self, ends: &[End]) -> Row {
        let begins = self.listed.len();
        self.listed.extend_from_slice(ends);
        self.row_from(begins)
    }

    fn row_from(&self, begins: usize) -> Row {
        let short = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        Row::Listed(Places { from: short(begins), until: short(self.listed.len()) })
    }
}
