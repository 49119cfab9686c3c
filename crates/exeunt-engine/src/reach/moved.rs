//! Those whose ways changed: what they met and meet no more, or meet now, and what that alters for them.

use std::ops::Range;

use super::graph::{AccessGraph, Level};
use super::regions::Regions;
use super::rows::Rows;
use super::walk::Visit;
use super::watch::{Difference, Granting, Met, NEVER, NONE, Numbers};

/// What it costs to look who has an entitlement, about, in grants that are written down.
const LOOK: usize = 32;
/// Grants that are written down of each holder that is met, about: most are of another region.
const GRANTS_EACH: usize = 8;

/// Room to work in, used again from change to change.
#[derive(Debug, Clone)]
pub(super) struct Moved {
    /// For each leaver, whether it moved.
    has: Vec<bool>,
    /// Those who did, with where their moves, their visits, and what they had end.
    leavers: Vec<(u32, Ends)>,
    /// In the order of leavers.
    pub moves: Vec<Move>,
    visits: Vec<(u32, u16)>,
    /// What those who moved had by what they met and do not meet as before: entitlement and steps.
    had: Vec<(u32, u16)>,
    /// What they had by a grant that went: leaver, entitlement, steps.
    went: Vec<(u32, u32, u16)>,
    /// Holders that nobody met before: number and holder.
    pub new: Vec<(u32, u32)>,
    /// For each number of a holder, the steps to it.
    hops: Vec<u16>,
    /// For each entitlement, the fewest steps to it by what went and by what came.
    sides: Vec<(u16, u16)>,
    /// Entitlements of which there are such.
    touched: Vec<u32>,
    /// Of them, those by a grant that went or came.
    by_grant: Vec<u32>,
    /// For each entitlement, the fewest steps to it by what did not change, where it was touched.
    kept: Vec<u16>,
    /// The regions touched.
    regions: Vec<u32>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Ends {
    moves: usize,
    visits: usize,
    had: usize,
}

/// A holder that a leaver meets otherwise than before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub leaver: u32,
    holder: u32,
    pub number: u32,
    was: u16,
    pub is: u16,
}

/// Everything as it is now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now<'a> {
    pub graph: &'a AccessGraph,
    pub limit: Level,
    pub met: &'a Met,
    pub visits: &'a Rows<(u32, u16)>,
    pub holders: &'a [u32],
    pub regions: &'a Regions,
}

impl Moved {
    pub fn new(leavers: usize, met: usize, entitlements: u32) -> Self {
        Self {
            has: vec![false; leavers],
            leavers: Vec::new(),
            moves: Vec::new(),
            visits: Vec::new(),
            had: Vec::new(),
            went: Vec::new(),
            new: Vec::new(),
            hops: vec![NEVER; met],
            sides: vec![(NEVER, NEVER); entitlements as usize],
            touched: Vec::new(),
            by_grant: Vec::new(),
            kept: vec![NEVER; entitlements as usize],
            regions: Vec::new(),
        }
    }

    /// Forgets who moved last time.
    pub fn begin(&mut self) {
        for (leaver, _) in self.leavers.drain(..) {
            self.has[leaver as usize] = false;
        }
        self.moves.clear();
        self.visits.clear();
        self.had.clear();
        self.new.clear();
    }

    /// Whether a leaver moved.
    pub fn has(&self, leaver: u32) -> bool {
        self.has[leaver as usize]
    }

    /// What those who moved meet now.
    pub fn visits(&self) -> impl Iterator<Item = (u32, &[(u32, u16)])> {
        let mut from = 0;
        self.leavers.iter().map(move |(leaver, ends)| {
            let visits = &self.visits[from..ends.visits];
            from = ends.visits;
            (*leaver, visits)
        })
    }

    /// Compares what a leaver met with what is met now.
    pub fn compare(&mut self, leaver: u32, known: &[(u32, u16)], now: &[Visit], holders: &mut Numbers) {
        for (number, hops) in known {
            self.hops[*number as usize] = *hops;
        }
        let (moves, visits) = (self.moves.len(), self.visits.len());
        for visit in now {
            let number = &mut holders.of[visit.holder as usize];
            if *number == NONE {
                *number = u32::try_from(self.hops.len()).unwrap_or(NONE);
                self.hops.push(NEVER);
                self.new.push((*number, visit.holder));
                holders.holders.push(visit.holder);
            }
            let is = visit.hops.min(NEVER - 1);
            self.visits.push((*number, is));
            let was = std::mem::replace(&mut self.hops[*number as usize], NEVER);
            if was != is {
                self.moves.push(Move { leaver, holder: visit.holder, number: *number, was, is });
            }
        }
        for (number, _) in known {
            let was = std::mem::replace(&mut self.hops[*number as usize], NEVER);
            if was != NEVER {
                let holder = holders.holders[*number as usize];
                self.moves.push(Move { leaver, holder, number: *number, was, is: NEVER });
            }
        }
        if moves == self.moves.len() {
            self.visits.truncate(visits);
            return;
        }
        self.has[leaver as usize] = true;
        self.leavers.push((leaver, Ends { moves: self.moves.len(), visits: self.visits.len(), had: 0 }));
    }

    /// Notes what those who moved had, while the grants are still what they were.
    pub fn note_before(&mut self, graph: &AccessGraph, limit: Level, grantings: &[Granting], met: &Met) {
        let mut from = 0;
        for (_, ends) in &mut self.leavers {
            for one in self.moves[from..ends.moves].iter().filter(|one| one.was != NEVER) {
                self.had.extend(graph.granted(one.holder, limit).map(|what| (what, one.was)));
            }
            from = ends.moves;
            ends.had = self.had.len();
        }
        let went = grantings.iter().filter(|granting| !granting.came);
        self.went = if self.leavers.is_empty() { Vec::new() } else { self.of_moved(went, met) };
    }

    /// What those who moved have or had by single grants: leaver, entitlement, steps. In the order of leavers.
    fn of_moved<'g>(&self, grantings: impl Iterator<Item = &'g Granting>, met: &Met) -> Vec<(u32, u32, u16)> {
        let mut all = Vec::new();
        for granting in grantings {
            let those = met.by.row(granting.number).iter().filter(|(leaver, _)| self.has(*leaver));
            all.extend(those.map(|(leaver, hops)| (*leaver, granting.entitlement, *hops)));
        }
        all.sort_unstable();
        all
    }

    /// Tells what differs for those who moved, now that the grants are what they are. `granted` is who has what and had it.
    pub fn tell(
        &mut self,
        now: &Now<'_>,
        grantings: &[Granting],
        granted: &Rows<u32>,
        each: &mut dyn FnMut(Difference),
    ) {
        if self.leavers.is_empty() {
            return;
        }
        let came = self.of_moved(grantings.iter().filter(|granting| granting.came), now.met);
        let went = std::mem::take(&mut self.went);
        let (mut came, mut went) = (came.as_slice(), went.as_slice());
        let leavers = std::mem::take(&mut self.leavers);
        let (mut moves, mut had) = (0, 0);
        for (leaver, ends) in &leavers {
            let mine = moves..ends.moves;
            for at in had..ends.had {
                let (entitlement, hops) = self.had[at];
                self.touch(entitlement).0.lower(hops);
            }
            for at in mine.clone() {
                let one = self.moves[at];
                for entitlement in now.graph.granted(one.holder, now.limit).take_while(|_| one.is != NEVER) {
                    self.touch(entitlement).1.lower(one.is);
                }
            }
            self.by_grant.clear();
            for (_, entitlement, hops) in first_of(&mut went, *leaver) {
                self.touch(*entitlement).0.lower(*hops);
                self.by_grant.push(*entitlement);
            }
            for (_, entitlement, hops) in first_of(&mut came, *leaver) {
                self.touch(*entitlement).1.lower(*hops);
                self.by_grant.push(*entitlement);
            }
            self.tell_one(*leaver, now, mine, granted, each);
            (moves, had) = (ends.moves, ends.had);
        }
        self.leavers = leavers;
    }

    fn tell_one(
        &mut self,
        leaver: u32,
        now: &Now<'_>,
        mine: Range<usize>,
        granted: &Rows<u32>,
        each: &mut dyn FnMut(Difference),
    ) {
        self.find_kept(leaver, now, mine, granted);
        for entitlement in self.touched.drain(..) {
            let place = entitlement as usize;
            let (went, came) = std::mem::replace(&mut self.sides[place], (NEVER, NEVER));
            let kept = self.kept[place];
            if let Some(difference) = Difference::of(leaver, entitlement, went.min(kept), came.min(kept)) {
                each(difference);
            }
        }
    }

    /// Looks for the unchanged ways of a leaver to what was touched.
    fn find_kept(&mut self, leaver: u32, now: &Now<'_>, mine: Range<usize>, granted: &Rows<u32>) {
        let visits = now.visits.row(leaver);
        // By what is met: every grant in the regions touched is written down, the nearest last. That is one place in memory for
        // each, in no order, but nothing is asked. By what was touched: who has it is looked through, of whom there may be many.
        let scans = self.touched.len() * LOOK > visits.len() * GRANTS_EACH;
        for (number, hops) in visits {
            self.hops[*number as usize] = *hops;
        }
        for one in &self.moves[mine.clone()] {
            self.hops[one.number as usize] = NEVER;
        }
        if scans {
            // All that was touched stands in the regions of those who are met otherwise, but for what single grants touched,
            // which is looked for one by one.
            self.regions.clear();
            for region in self.moves[mine].iter().filter_map(|one| now.regions.of(one.number)) {
                if !self.regions.contains(&region) {
                    self.regions.push(region);
                }
            }
            for (number, hops) in
                visits.iter().rev().filter(|(number, _)| self.hops[*number as usize] != NEVER)
            {
                if now.regions.of(*number).is_some_and(|region| self.regions.contains(&region)) {
                    for entitlement in now.graph.granted(now.holders[*number as usize], now.limit) {
                        self.kept[entitlement as usize] = *hops;
                    }
                }
            }
        }
        // A grant that came is not one that was kept: these are looked at one by one in any case.
        let one_by_one = if scans { &self.by_grant } else { &self.touched };
        for entitlement in one_by_one {
            let holders = granted.row(*entitlement).iter();
            let nearest = holders.map(|holder| self.hops[*holder as usize]).min();
            self.kept[*entitlement as usize] = nearest.unwrap_or(NEVER);
        }
        for (number, _) in visits {
            self.hops[*number as usize] = NEVER;
        }
    }

    /// The two sides of an entitlement, which is noted as touched.
    fn touch(&mut self, entitlement: u32) -> &mut (u16, u16) {
        let side = &mut self.sides[entitlement as usize];
        if *side == (NEVER, NEVER) {
            self.touched.push(entitlement);
            self.kept[entitlement as usize] = NEVER;
        }
        side
    }
}

/// Those that stand first and are a leaver's; what is left begins behind them.
fn first_of<'a>(all: &mut &'a [(u32, u32, u16)], leaver: u32) -> &'a [(u32, u32, u16)] {
    let (mine, others) = all.split_at(all.partition_point(|(of, _, _)| *of <= leaver));
    *all = others;
    mine
}

/// Lowering a number of steps.
trait Lower {
    fn lower(&mut self, to: Self);
}

impl Lower for u16 {
    fn lower(&mut self, to: Self) {
        *self = to.min(*self);
    }
}
