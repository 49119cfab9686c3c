//! One walk: first over the steps, breadth first, then over the grants of every holder met, in the order they were met.
//!
//! Breadth first is what makes the first way found a shortest one, and the fixed order of rows what makes it the same one
//! every time. Cycles end where a holder was met before.

use super::bits::Bits;
use super::graph::{AccessGraph, End, Holder, Level};

/// A holder that was reached, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// The holder.
    pub holder: u32,
    /// The place among the visits of the one it was reached from; its own for the start.
    pub from: u32,
    /// The place of the step it was reached by; nothing meant for the start.
    pub step: u32,
    /// Steps from the start.
    pub hops: u16,
    /// How dead the way is.
    pub level: Level,
    /// A bit for each kind of holder on the way, the start's own not counted.
    pub kinds: u16,
}

/// An entitlement that was reached, and from where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    pub(super) grant: End,
    /// The place among the visits of the holder that has it.
    pub via: u32,
}

/// What was found for one start; it stands until the next walk.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'w> {
    /// Holders, in the order they were met: the start first, then ever further away.
    pub visits: &'w [Visit],
    /// Entitlements, each once, nearest first.
    pub reached: &'w [Reached],
}

/// What a walk needs to note, used again from walk to walk.
#[derive(Debug, Default)]
pub struct Walk {
    /// Holders that were met: few in one walk, so that they are taken out one by one.
    met: Bits,
    seen: Marks,
    visits: Vec<Visit>,
    /// As long as there are entitlements, or grants if these are fewer, and one more: every grant is written down, and counted
    /// only if it is new.
    reached: Vec<Reached>,
    count: usize,
}

/// What was seen in this round. A byte each, because they are looked up at random and should stay in the cache; all are
/// cleared each time the rounds run out.
#[derive(Debug, Default)]
struct Marks {
    marks: Vec<u8>,
    round: u8,
}

impl Reached {
    /// The entitlement.
    #[must_use]
    pub const fn entitlement(&self) -> u32 {
        self.grant.number()
    }
}

impl Answer<'_> {
    /// The visit an entitlement was reached from.
    #[must_use]
    pub fn via(&self, reached: &Reached) -> Option<&Visit> {
        self.visits.get(reached.via as usize)
    }

    /// How many edges it takes to an entitlement, the grant included.
    #[must_use]
    pub fn hops(&self, reached: &Reached) -> u32 {
        self.via(reached).map_or(0, |visit| u32::from(visit.hops) + 1)
    }

    /// How dead the way to an entitlement is.
    #[must_use]
    pub fn level(&self, reached: &Reached) -> Level {
        self.via(reached).map_or(Level::Gone, |visit| visit.level.max(reached.grant.level()))
    }

    /// The entitlements in the order a person wants to read them: what is administrative first, then the most alive, then
    /// the nearest.
    #[must_use]
    pub fn ranked(&self, privileged: &dyn Fn(u32) -> bool) -> Vec<Reached> {
        let mut all = self.reached.to_vec();
        all.sort_by_cached_key(|one| {
            (!privileged(one.entitlement()), self.level(one), self.hops(one), one.entitlement())
        });
        all
    }
}

impl Walk {
    /// Everything that `start` reaches over what is at most as dead as `limit`.
    pub fn from(&mut self, graph: &AccessGraph, start: u32, limit: Level) -> Answer<'_> {
        self.steps(graph, start, limit);
        self.grants(graph, limit);
        self.answer()
    }

    /// Only the holders that `start` reaches.
    pub fn holders_from(&mut self, graph: &AccessGraph, start: u32, limit: Level) -> Answer<'_> {
        self.steps(graph, start, limit);
        self.count = 0;
        self.answer()
    }

    fn answer(&self) -> Answer<'_> {
        let reached = self.reached.get(..self.count).unwrap_or_default();
        Answer { visits: &self.visits, reached }
    }

    fn steps(&mut self, graph: &AccessGraph, start: u32, limit: Level) {
        let Self { met, visits, .. } = self;
        for visit in visits.drain(..) {
            met.take_out_around(visit.holder);
        }
        met.make_room(graph.holders.len());
        if start as usize >= graph.holders.len() {
            return;
        }
        met.put(start);
        visits.push(Visit { holder: start, from: 0, step: 0, hops: 0, level: Level::Live, kinds: 0 });
        let mut at = 0;
        while let Some(visit) = visits.get(at).copied() {
            let row = graph.holders.get(visit.holder as usize).map_or(0..0, Holder::steps);
            let place = row.start;
            for (offset, end) in graph.steps.row(row).iter().enumerate() {
                if end.beyond(limit) {
                    break;
                }
                if !met.put(end.number()) {
                    continue;
                }
                visits.push(Visit {
                    holder: end.number(),
                    from: short(at),
                    step: short(place + offset),
                    hops: visit.hops.saturating_add(1),
                    level: visit.level.max(end.level()),
                    kinds: visit.kinds | 1 << graph.kinds[end.number() as usize],
                });
            }
            at += 1;
        }
    }

    fn grants(&mut self, graph: &AccessGraph, limit: Level) {
        let Self { seen, visits, reached, .. } = self;
        let entitlements = graph.entitlements as usize;
        let round = seen.begin(entitlements);
        // Of a part of a graph there may be few grants and the numbers of all entitlements.
        reached.resize(
            entitlements.min(graph.grants.len()) + 1,
            Reached { grant: End::new(0, Level::Gone), via: 0 },
        );
        let mut count = 0;
        for (via, visit) in (0u32..).zip(visits.iter()) {
            let row = graph.holders[visit.holder as usize].grants();
            for grant in graph.grants.row(row) {
                if grant.beyond(limit) {
                    break;
                }
                // Half of the grants lead to something seen before, in no order a processor could guess: so there is no
                // branch here, but a place that is written again if it was not new.
                let mark = &mut seen.marks[grant.number() as usize];
                reached[count] = Reached { grant: *grant, via };
                count += usize::from(*mark != round);
                *mark = round;
            }
        }
        self.count = count;
    }
}

impl Marks {
    /// Begins a round; its number is what a mark of it is.
    fn begin(&mut self, len: usize) -> u8 {
        if self.round == u8::MAX {
            self.marks.fill(0);
            self.round = 0;
        }
        self.marks.resize(len, 0);
        self.round += 1;
        self.round
    }
}

/// Places are below 2^32, because the columns they come from are.
fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
