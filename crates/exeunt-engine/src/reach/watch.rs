//! Whom a change can concern, and what it changes for them.
//!
//! A walk that met none of the holders whose edges changed would go the same way again. So the holders each leaver met are
//! kept, in the order they were met, and turned round. Where a step changed on a leaver's way, the walk is made again.
//! Where only grants did, the holders met are the same, and only those entitlements are looked for that were granted or
//! taken away: an answer of thousands is not made again for one of them.

use std::collections::BTreeMap;

use super::Change;
use super::granted::Granted;
use super::graph::{AccessGraph, End, Level, Malformed};
use super::walk::{Answer, Walk};

/// Entitlements that are looked for one by one; if more changed for somebody, a walk is quicker.
const FEW: usize = 24;

/// Which leaver met which holder. It may name some who no longer do; they are looked at once too often.
#[derive(Debug, Clone)]
pub struct Watch {
    limit: Level,
    /// Holder and leaver, in order.
    met: Vec<(u32, u32)>,
    /// What came after, in order.
    later: Vec<(u32, u32)>,
    granted: Granted,
    /// For each leaver, where what they met begins and ends in `order`.
    of: BTreeMap<u32, (usize, usize)>,
    /// Holders as they were met, with the steps to each.
    order: Vec<(u32, u16)>,
}

/// What a recheck tells of one leaver.
#[derive(Debug, Clone, Copy)]
pub enum News<'a> {
    /// Everything, because their ways changed.
    Anew(Answer<'a>),
    /// What differs, in the order of entitlements.
    Differs(&'a [Difference]),
}

/// An entitlement that is reached in another way, or newly, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// The entitlement.
    pub entitlement: u32,
    /// The fewest edges to it before, if it was reached.
    pub before: Option<u32>,
    /// The fewest edges to it now and the holder that has it there, if it is reached.
    pub after: Option<(u32, u32)>,
}

impl Watch {
    /// Walks for each of `left`, and notes whom they met.
    #[must_use]
    pub fn new(graph: &AccessGraph, left: &[u32], limit: Level) -> Self {
        let mut walk = Walk::default();
        let granted = Granted::new(graph);
        let (met, later) = (Vec::new(), Vec::new());
        let mut watch = Self { limit, met, later, granted, of: BTreeMap::new(), order: Vec::new() };
        for leaver in left {
            watch.note(*leaver, &walk.holders_from(graph, *leaver, limit));
        }
        watch.met = std::mem::take(&mut watch.later);
        watch.met.sort_unstable();
        watch
    }

    fn note(&mut self, leaver: u32, answer: &Answer<'_>) {
        let from = self.order.len();
        self.order.extend(answer.visits.iter().map(|visit| (visit.holder, visit.hops)));
        self.later.extend(answer.visits.iter().map(|visit| (visit.holder, leaver)));
        self.of.insert(leaver, (from, self.order.len()));
    }

    /// The leavers who met a holder.
    fn concerned(&self, holder: u32) -> impl Iterator<Item = u32> {
        [&self.met, &self.later].into_iter().flat_map(move |met| {
            let from = met.partition_point(|(known, _)| *known < holder);
            let those = met.get(from..).unwrap_or_default().iter();
            those.take_while(move |(known, _)| *known == holder).map(|(_, leaver)| *leaver)
        })
    }

    fn visits(&self, leaver: u32) -> &[(u32, u16)] {
        let place = self.of.get(&leaver).copied().unwrap_or_default();
        self.order.get(place.0..place.1).unwrap_or_default()
    }

    /// Takes up changes, and tells `each` what is new for those whom they concern, in order. Everybody else's answer is what
    /// it was.
    ///
    /// # Errors
    /// When a change names what there is not.
    pub fn recheck(
        &mut self,
        graph: &mut AccessGraph,
        changes: &[Change],
        walk: &mut Walk,
        each: &mut dyn FnMut(u32, News<'_>),
    ) -> Result<(), Malformed> {
        let before: BTreeMap<u32, (u32, u32)> =
            changes.iter().map(|change| (change.holder, graph.grants_of(change.holder))).collect();
        graph.apply(changes)?;
        // For each leaver who is concerned: walk again, or look for these.
        let mut concerned: BTreeMap<u32, Option<Vec<u32>>> = BTreeMap::new();
        let mut given = Vec::new();
        for change in changes {
            let (won, lost) = self.changed_grants(graph, change.holder, &before);
            given.extend(won.iter().map(|what| (*what, change.holder)));
            let ways = change.steps.is_some() || change.kind.is_some();
            let touched = (!ways).then(|| [won, lost].concat());
            for leaver in self.concerned(change.holder) {
                let known = concerned.entry(leaver).or_insert_with(|| Some(Vec::new()));
                match (known.as_mut(), &touched) {
                    (Some(all), Some(touched)) if all.len() + touched.len() <= FEW => all.extend(touched),
                    _ => *known = None,
                }
            }
        }
        self.granted.add(given);
        let (mut differences, mut walked) = (Vec::new(), false);
        for (leaver, look_for) in concerned {
            if let Some(mut look_for) = look_for {
                look_for.sort_unstable();
                look_for.dedup();
                self.differences(graph, leaver, &look_for, &before, &mut differences);
                each(leaver, News::Differs(&differences));
            } else {
                let answer = walk.from(graph, leaver, self.limit);
                self.note(leaver, &answer);
                walked = true;
                each(leaver, News::Anew(answer));
            }
        }
        if walked {
            self.later.sort_unstable();
            self.later.dedup();
        }
        Ok(())
    }

    /// The entitlements that a holder has now and had not, and those it had and has no more, as far as alive enough.
    fn changed_grants(
        &self,
        graph: &AccessGraph,
        holder: u32,
        before: &BTreeMap<u32, (u32, u32)>,
    ) -> (Vec<u32>, Vec<u32>) {
        let (then, now) = (before.get(&holder).copied().unwrap_or_default(), graph.grants_of(holder));
        if then == now {
            return (Vec::new(), Vec::new());
        }
        let new_in = |row: (u32, u32), other: (u32, u32)| {
            let alive = graph.grants_at(row).iter().take_while(|end| !end.beyond(self.limit));
            alive.map(|end| end.number()).filter(|what| !self.has(graph, other, *what)).collect()
        };
        (new_in(now, then), new_in(then, now))
    }

    fn differences(
        &self,
        graph: &AccessGraph,
        leaver: u32,
        look_for: &[u32],
        before: &BTreeMap<u32, (u32, u32)>,
        into: &mut Vec<Difference>,
    ) {
        into.clear();
        let mut visits: Vec<(u32, usize, u16)> =
            self.visits(leaver).iter().enumerate().map(|(at, (holder, hops))| (*holder, at, *hops)).collect();
        visits.sort_unstable();
        for entitlement in look_for {
            // Of those who have it, the one that was met first, as of then and as of now.
            let (mut then, mut now) = (None, None);
            for holder in self.granted.of(*entitlement) {
                let Ok(place) = visits.binary_search_by_key(&holder, |(known, _, _)| *known) else {
                    continue;
                };
                let (_, at, hops) = visits[place];
                let found = Some((at, u32::from(hops) + 1, holder));
                let grants = graph.grants_of(holder);
                let had = before.get(&holder).copied().unwrap_or(grants);
                for (best, row) in [(&mut then, had), (&mut now, grants)] {
                    if best.is_none_or(|(first, _, _)| at < first) && self.has(graph, row, *entitlement) {
                        *best = found;
                    }
                }
            }
            let hops = |found: Option<(usize, u32, u32)>| found.map(|(_, hops, _)| hops);
            if hops(then) != hops(now) {
                let after = now.map(|(_, hops, holder)| (hops, holder));
                into.push(Difference { entitlement: *entitlement, before: hops(then), after });
            }
        }
    }

    /// Whether a row of grants has an entitlement, alive enough.
    fn has(&self, graph: &AccessGraph, places: (u32, u32), entitlement: u32) -> bool {
        let row = graph.grants_at(places);
        let levels = Level::ALL.into_iter().take_while(|level| *level <= self.limit);
        levels.into_iter().any(|level| row.binary_search(&End::new(entitlement, level)).is_ok())
    }
}

impl AccessGraph {
    /// Where the grants of a holder stand.
    fn grants_of(&self, holder: u32) -> (u32, u32) {
        self.holders.get(holder as usize).map_or((0, 0), |holder| holder.grants)
    }

    fn grants_at(&self, places: (u32, u32)) -> &[End] {
        self.grants.row(places.0 as usize..places.1 as usize)
    }
}
