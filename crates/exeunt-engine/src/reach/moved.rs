//! Those whose ways changed: what they met and meet no more, or meet now, and what that alters for them.
//!
//! Only the regions are looked at in which they meet somebody otherwise than before. There, what they reach by what did not
//! change is written down, the nearest last, and what changed is held against it.

use super::altered::{Altered, Granting, Row};
use super::graph::AccessGraph;
use super::met::Move;
use super::near::Near;
use super::regions::Regions;
use super::watch::{Difference, NEVER};

/// Room to work in, used again from change to change.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    /// For each leaver, the place among those who moved and one more, or 0.
    places: Vec<u32>,
    /// Those who did, and where the regions end that it touches.
    leavers: Vec<(u32, u32)>,
    /// In the order of leavers.
    regions: Vec<u32>,
    /// In the order of leavers.
    pub moves: Vec<Move>,
    one: One,
    /// A bit for each entitlement that is granted otherwise to the leaver who is looked at: the bits stay in the cache.
    changed: Vec<u64>,
    /// And for each that is so in more than one way, or also granted as before.
    twice: Vec<u64>,
    /// The latter.
    twofold: Vec<u32>,
    /// For each of the latter, the fewest steps to it before and now.
    sides: Vec<(u16, u16)>,
    /// For each region, the round in which it was touched last.
    marks: Vec<u32>,
    round: u32,
}

/// What is known of the leaver who is looked at.
#[derive(Debug, Clone, Default)]
struct One {
    /// Holders that are met as before: number and steps, nearest first.
    same: Vec<(u32, u16)>,
    /// Holders that are not: number, steps before, steps now.
    other: Vec<(u32, u16, u16)>,
    /// Grants that did not change of holders that are met as before, nearest first.
    kept: Vec<(Row, u16)>,
    /// All others: steps before, steps now.
    changed: Vec<(Row, u16, u16)>,
}

/// Everything as it is now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now<'a> {
    pub graph: &'a AccessGraph,
    pub grantings: &'a [Granting],
    pub regions: &'a Regions,
}

impl Moved {
    pub fn new(leavers: usize, entitlements: u32) -> Self {
        Self {
            places: vec![0; leavers],
            leavers: Vec::new(),
            regions: Vec::new(),
            moves: Vec::new(),
            one: One::default(),
            changed: vec![0; (entitlements as usize).div_ceil(64)],
            twice: vec![0; (entitlements as usize).div_ceil(64)],
            twofold: Vec::new(),
            sides: vec![(NEVER, NEVER); entitlements as usize],
            marks: vec![0; entitlements as usize],
            round: 0,
        }
    }

    /// Forgets who moved last time.
    pub fn begin(&mut self) {
        for (leaver, _) in self.leavers.drain(..) {
            self.places[leaver as usize] = 0;
        }
        self.regions.clear();
        self.moves.clear();
    }

    /// Whether a leaver meets somebody of a region otherwise than before.
    pub fn touches(&self, leaver: u32, region: u32) -> bool {
        let Some(place) = self.places[leaver as usize].checked_sub(1).map(|place| place as usize) else {
            return false;
        };
        let from = place.checked_sub(1).map_or(0, |before| self.leavers[before].1);
        self.regions[from as usize..self.leavers[place].1 as usize].contains(&region)
    }

    /// Compares what a leaver met with what the last walk met, and tells what differs in the regions that this touches. Says
    /// whether anything is met otherwise.
    pub fn compare(
        &mut self,
        leaver: u32,
        known: &[(u32, u16)],
        near: &mut Near,
        altered: &mut Altered,
        now: Now<'_>,
        each: &mut impl FnMut(Difference),
    ) -> bool {
        self.one.compare(known, near);
        if self.one.other.is_empty() {
            return false;
        }
        self.next_round();
        for (number, _, is) in &self.one.other {
            self.moves.push(Move { number: *number, leaver, is: *is });
            if let Some(region) = now.regions.of(*number)
                && self.marks[region as usize] != self.round
            {
                self.marks[region as usize] = self.round;
                self.regions.push(region);
            }
        }
        self.leavers.push((leaver, u32::try_from(self.regions.len()).unwrap_or(u32::MAX)));
        self.places[leaver as usize] = u32::try_from(self.leavers.len()).unwrap_or(0);
        let Self { one, marks, round, .. } = self;
        let touched =
            |number: u32| now.regions.of(number).is_some_and(|region| marks[region as usize] == *round);
        one.same.retain(|(number, _)| touched(*number));
        one.part(near, altered, now);
        self.tell(leaver, altered, now.graph, each);
        true
    }

    fn next_round(&mut self) {
        self.round = self.round.checked_add(1).unwrap_or_else(|| {
            self.marks.fill(0);
            1
        });
    }

    fn tell(
        &mut self,
        leaver: u32,
        altered: &Altered,
        graph: &AccessGraph,
        each: &mut impl FnMut(Difference),
    ) {
        let Self { one, sides, changed, twice, twofold, .. } = self;
        let changes: Vec<_> =
            one.changed.iter().map(|(row, was, is)| (altered.ends(graph, *row), *was, *is)).collect();
        let kept: Vec<_> = one.kept.iter().map(|(row, hops)| (altered.ends(graph, *row), *hops)).collect();
        // The beginnings of all rows are read first, so that memory is waited for once and not for each of them.
        let rows = changes.iter().map(|(row, ..)| row).chain(kept.iter().map(|(row, _)| row));
        let begins = rows.map(|row| row.first().map_or(0, |end| end.number()));
        std::hint::black_box(begins.fold(0, |all, one| all ^ one));
        for (row, ..) in &changes {
            for end in *row {
                let (word, bit) = place(end.number());
                twice[word] |= changed[word] & bit;
                changed[word] |= bit;
            }
        }
        for (row, hops) in &kept {
            for end in *row {
                let (word, bit) = place(end.number());
                if changed[word] & bit != 0 {
                    twice[word] |= bit;
                    let (before, after) = &mut sides[end.number() as usize];
                    (*before, *after) = ((*hops).min(*before), (*hops).min(*after));
                }
            }
        }
        for (row, was, is) in &changes {
            for end in *row {
                let (word, bit) = place(end.number());
                changed[word] = 0;
                if twice[word] & bit == 0 {
                    if let Some(difference) = Difference::of(leaver, end.number(), *was, *is) {
                        each(difference);
                    }
                } else {
                    let (before, after) = &mut sides[end.number() as usize];
                    (*before, *after) = ((*was).min(*before), (*is).min(*after));
                    twofold.push(end.number());
                }
            }
        }
        for entitlement in twofold.drain(..) {
            let (before, after) = std::mem::replace(&mut sides[entitlement as usize], (NEVER, NEVER));
            twice[entitlement as usize / 64] = 0;
            if let Some(difference) = Difference::of(leaver, entitlement, before, after) {
                each(difference);
            }
        }
    }
}

/// Where the bit of an entitlement stands.
fn place(entitlement: u32) -> (usize, u64) {
    (entitlement as usize / 64, 1 << (entitlement % 64))
}

impl One {
    /// Holders that are met as before, and those that are not. The walk is forgotten.
    fn compare(&mut self, known: &[(u32, u16)], near: &mut Near) {
        self.same.clear();
        self.other.clear();
        for (number, was) in known {
            let is = std::mem::replace(&mut near.hops[*number as usize], NEVER);
            if is == *was {
                self.same.push((*number, is));
            } else {
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

    /// What of their grants changed, and what did not.
    fn part(&mut self, near: &Near, altered: &mut Altered, now: Now<'_>) {
        self.kept.clear();
        self.changed.clear();
        let mut parts = |number: u32| altered.parts(number, now.grantings, near, now.graph);
        for (number, hops) in &self.same {
            match parts(*number) {
                None => self.kept.push((Row::Graph(near.granted(*number)), *hops)),
                Some(parts) => {
                    self.kept.push((parts.kept, *hops));
                    self.changed.extend([(parts.went, *hops, NEVER), (parts.came, NEVER, *hops)]);
                }
            }
        }
        for (number, was, is) in &self.other {
            match parts(*number) {
                None => self.changed.push((Row::Graph(near.granted(*number)), *was, *is)),
                Some(parts) => {
                    let all = [(parts.kept, *was, *is), (parts.went, *was, NEVER), (parts.came, NEVER, *is)];
                    self.changed.extend(all);
                }
            }
        }
    }
}
