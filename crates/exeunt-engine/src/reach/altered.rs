//! Holders that somebody met and whose grants came or went: what they had before and have now, in parts.

use super::bits::Bits;
use super::graph::{AccessGraph, End, Places};
use super::near::Near;
use super::{Change, Level};

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
struct Parts {
    went: Places,
    came: Places,
    /// What is granted as before, once somebody asked.
    kept: Option<Places>,
}

/// What came and went, and room to work in that is used again from change to change.
#[derive(Debug, Clone, Default)]
pub(super) struct Altered {
    /// Numbers that are here: these stay in the cache, the places do not.
    here: Bits,
    /// For each number that is here, the place of its parts.
    places: Vec<u32>,
    numbers: Vec<u32>,
    parts: Vec<Parts>,
    listed: Vec<End>,
}

impl Altered {
    /// Takes up the grants that came or went, alive enough, of holders that somebody met.
    pub fn begin(&mut self, changes: &[Change], limit: Level, near: &Near) {
        for number in self.numbers.drain(..) {
            self.here.take_out(number);
        }
        self.places.resize(near.len(), 0);
        self.here.make_room(near.len());
        self.parts.clear();
        self.listed.clear();
        let alive = changes.iter().filter(|change| change.level <= limit);
        let mut grants: Vec<_> = alive
            .filter_map(|change| {
                Some((near.number(change.from)?, End::new(change.to, change.level), change.came))
            })
            .collect();
        grants.sort_unstable();
        for same in grants.chunk_by(|a, b| a.0 == b.0) {
            if let Some((number, ..)) = same.first() {
                self.take_up(*number, same);
            }
        }
    }

    fn take_up(&mut self, number: u32, grants: &[(u32, End, bool)]) {
        let came = |edge: &[(u32, End, bool)]| edge.iter().filter(|(.., came)| *came).count();
        let mut listed = |way: bool| {
            let begins = self.listed.len();
            for same in grants.chunk_by(|a, b| a.1 == b.1) {
                // What came and went within one change is what it was.
                let (came, end) = (came(same), same.first().map(|(_, end, _)| *end));
                let went = same.len() - came;
                let more = if way { came.saturating_sub(went) } else { went.saturating_sub(came) };
                self.listed.extend(end.into_iter().cycle().take(more));
            }
            places(begins, self.listed.len())
        };
        let (went, came) = (listed(false), listed(true));
        self.here.put(number);
        self.places[number as usize] = u32::try_from(self.parts.len()).unwrap_or(u32::MAX);
        self.numbers.push(number);
        self.parts.push(Parts { went, came, kept: None });
    }

    /// Holders of which something came or went.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// Whether something of a holder came or went.
    pub fn is_here(&self, number: u32) -> bool {
        self.here.has(number)
    }

    fn place(&self, number: u32) -> Option<usize> {
        self.is_here(number).then(|| self.places[number as usize] as usize)
    }

    /// What went of a holder and what came.
    pub fn went_and_came(&self, number: u32) -> Option<(Row, Row)> {
        let parts = self.parts.get(self.place(number)?)?;
        Some((Row::Listed(parts.went), Row::Listed(parts.came)))
    }

    /// What a holder is granted as before: the graph is as it is now.
    pub fn kept(&mut self, number: u32, near: &Near, graph: &AccessGraph) -> Row {
        let Some(place) = self.place(number) else { return Row::Graph(near.granted(number)) };
        let Parts { came, kept, .. } = self.parts[place];
        Row::Listed(kept.unwrap_or_else(|| {
            // What is granted now and did not come was granted before. One of several alike stands for any of them.
            let begins = self.listed.len();
            let mut rest = came.from as usize;
            for end in graph.grant_ends(near.granted(number)) {
                if rest < came.until as usize && self.listed[rest] == *end {
                    rest += 1;
                } else {
                    self.listed.push(*end);
                }
            }
            let kept = places(begins, self.listed.len());
            self.parts[place].kept = Some(kept);
            kept
        }))
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
}

fn places(from: usize, until: usize) -> Places {
    let short = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    Places { from: short(from), until: short(until) }
}
