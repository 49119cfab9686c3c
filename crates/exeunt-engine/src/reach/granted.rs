//! Grants turned round: for each entitlement, who has it.

use super::graph::AccessGraph;

/// Who has what, at any level. It may name some who had it once.
#[derive(Debug, Clone, Default)]
pub(super) struct Granted {
    /// For each entitlement, where those who have it end.
    ends: Vec<u32>,
    holders: Vec<u32>,
    /// What came after: entitlement and holder.
    later: Vec<(u32, u32)>,
}

impl Granted {
    /// Of a graph as it is now.
    pub fn new(graph: &AccessGraph) -> Self {
        let count = u32::try_from(graph.holders()).unwrap_or(u32::MAX);
        let mut ends = vec![0u32; graph.entitlements() as usize + 1];
        for (_, what, _) in (0..count).flat_map(|holder| graph.grants(holder)) {
            ends[what as usize + 1] += 1;
        }
        for at in 1..ends.len() {
            ends[at] += ends[at - 1];
        }
        let mut holders = vec![0; ends.last().map_or(0, |end| *end as usize)];
        // Each place moves from where its row begins to where it ends, which is where the next begins.
        for holder in 0..count {
            for (_, what, _) in graph.grants(holder) {
                let place = &mut ends[what as usize];
                holders[*place as usize] = holder;
                *place += 1;
            }
        }
        Self { ends, holders, later: Vec::new() }
    }

    /// Who has, or had, an entitlement.
    pub fn of(&self, entitlement: u32) -> impl Iterator<Item = u32> + Clone {
        let at = entitlement as usize;
        let from = at.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let row = from as usize..self.ends.get(at).map_or(0, |end| *end as usize);
        let later = self.later.partition_point(|(known, _)| *known < entitlement);
        let later = self.later.get(later..).unwrap_or_default().iter();
        let later = later.take_while(move |(known, _)| *known == entitlement).map(|(_, holder)| *holder);
        self.holders.get(row).unwrap_or_default().iter().copied().chain(later)
    }

    /// Takes up what a holder was given.
    pub fn add(&mut self, given: Vec<(u32, u32)>) {
        self.later.extend(given);
        self.later.sort_unstable();
        self.later.dedup();
    }
}
