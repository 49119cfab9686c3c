//! Who met a holder.

use super::rows::Rows;
use super::watch::NEVER;

/// So many leavers fill one word well enough.
const FEW: usize = 8;

/// For each holder that was ever met, who met it.
#[derive(Debug, Clone)]
pub(super) struct Met {
    /// The leavers and the steps from them, in the order of leavers.
    by: Rows<(u32, u16)>,
    /// A bit for each leaver in it, of 64 in turn: most holders are ruled out by looking at nothing else.
    signs: Vec<u64>,
    /// The same for holders that more than a few met, of eight times as many bits as there are leavers in it, or more.
    filters: Rows<u64>,
    /// Room to work in.
    row: Vec<(u32, u16)>,
    filter: Vec<u64>,
}

/// A holder that is met otherwise than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    pub number: u32,
    pub leaver: u32,
    /// The steps to it now.
    pub is: u16,
}

/// The bits of leavers.
pub(super) fn signs(leavers: impl IntoIterator<Item = u32>) -> u64 {
    leavers.into_iter().fold(0, |signs, leaver| signs | 1 << (leaver % 64))
}

impl Met {
    /// Out of who met what by how many steps, in the order of leavers.
    pub fn new(holders: usize, met: impl Iterator<Item = (u32, (u32, u16))> + Clone) -> Self {
        let by = Rows::of(holders, met);
        let none = (Vec::new(), Rows::default(), Vec::new(), Vec::new());
        let (signs, filters, row, filter) = none;
        let mut all = Self { by, signs, filters, row, filter };
        for number in 0..u32::try_from(holders).unwrap_or(u32::MAX) {
            all.sum_up(number);
            all.filters.append(&all.filter);
        }
        all
    }

    /// Who met a holder.
    pub fn by(&self, number: u32) -> &[(u32, u16)] {
        self.by.row(number)
    }

    /// The steps from a leaver to a holder.
    pub fn hops(&self, number: u32, leaver: u32) -> Option<u16> {
        let row = self.by.row(number);
        let at = row.binary_search_by_key(&leaver, |(known, _)| *known).ok()?;
        row.get(at).map(|(_, hops)| *hops)
    }

    /// Whether nobody with one of these signs met a holder.
    pub fn rules_out(&self, number: u32, signs: u64) -> bool {
        self.signs.get(number as usize).is_none_or(|known| known & signs == 0)
    }

    /// Whether one of some leavers may have met a holder whose signs do not rule it out. It is seldom wrong.
    pub fn may_be(&self, number: u32, leavers: impl Iterator<Item = u32>) -> bool {
        let filter = self.filters.row(number);
        let Some(last) = filter.len().checked_sub(1) else { return true };
        leavers.fold(0, |any, leaver| any | filter[(leaver as usize / 64) & last] >> (leaver % 64)) & 1 == 1
    }

    /// Takes up what is met otherwise than before, and that there are so many holders now.
    pub fn take_up(&mut self, moves: &mut [Move], holders: usize) {
        for _ in self.signs.len()..holders {
            self.by.append(&[]);
            self.filters.append(&[]);
            self.signs.push(0);
        }
        moves.sort_unstable();
        for same in moves.chunk_by(|a, b| a.number == b.number) {
            let Some(number) = same.first().map(|first| first.number) else { continue };
            let mut known = self.by.row(number);
            self.row.clear();
            for one in same {
                let (before, from) =
                    known.split_at(known.partition_point(|(leaver, _)| *leaver < one.leaver));
                self.row.extend_from_slice(before);
                known = from.strip_prefix_of(one.leaver);
                if one.is != NEVER {
                    self.row.push((one.leaver, one.is));
                }
            }
            self.row.extend_from_slice(known);
            self.by.set(number, &self.row);
            self.sum_up(number);
            self.filters.set(number, &self.filter);
        }
    }

    /// Makes the signs and the filter of a row.
    fn sum_up(&mut self, number: u32) {
        let row = self.by.row(number);
        let sum = signs(row.iter().map(|(leaver, _)| *leaver));
        match self.signs.get_mut(number as usize) {
            Some(known) => *known = sum,
            None => self.signs.push(sum),
        }
        self.filter.clear();
        if row.len() > FEW {
            self.filter.resize((row.len() / FEW).next_power_of_two(), 0);
            let last = self.filter.len() - 1;
            for (leaver, _) in row {
                self.filter[(*leaver as usize / 64) & last] |= 1 << (leaver % 64);
            }
        }
    }
}

/// What follows a leaver.
trait Follow {
    fn strip_prefix_of(&self, leaver: u32) -> &Self;
}

impl Follow for [(u32, u16)] {
    fn strip_prefix_of(&self, leaver: u32) -> &Self {
        match self {
            [(first, _), rest @ ..] if *first == leaver => rest,
            all => all,
        }
    }
}
