//! Who met a holder.

use super::rows::Rows;
use super::watch::NEVER;

/// For each holder that was ever met, who met it.
#[derive(Debug, Clone)]
pub(super) struct Met {
    /// The leavers and the steps from them, in the order of leavers.
    by: Rows<(u32, u16)>,
    /// Room to work in.
    row: Vec<(u32, u16)>,
}

/// A holder that is met otherwise than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    pub number: u32,
    pub leaver: u32,
    /// The steps to it now.
    pub is: u16,
}

impl Met {
    /// Out of who met what by how many steps, in the order of leavers.
    pub fn new(holders: usize, met: impl Iterator<Item = (u32, (u32, u16))> + Clone) -> Self {
        Self { by: Rows::of(holders, met), row: Vec::new() }
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

    /// Takes up what is met otherwise than before, and that there are so many holders now.
    pub fn take_up(&mut self, moves: &mut [Move], holders: usize) {
        for _ in self.by.len()..holders {
            self.by.append(&[]);
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
