//! Which entitlements are granted together: a region is what can be reached by going from a holder to what it is granted, and
//! from there to others who are granted it. As a rule it is a system. Nobody has a thing twice by holders of two regions.

use super::watch::NONE;

/// The regions. They grow together when a grant comes, and do not fall apart when one goes: they may be larger than need
/// be, and never smaller.
#[derive(Debug, Clone)]
pub(super) struct Regions {
    /// For each entitlement, another of its region, and for one of each region, itself.
    above: Vec<u32>,
    /// For each number of a holder, an entitlement of its region.
    of: Vec<u32>,
    /// Whether two grew together and not everybody was told.
    grown: bool,
}

impl Regions {
    /// Nobody is granted anything yet.
    pub fn new(entitlements: u32) -> Self {
        Self { above: (0..entitlements).collect(), of: Vec::new(), grown: false }
    }

    /// Takes up that a holder is granted something. [`Self::settle`] has to follow.
    pub fn join(&mut self, number: u32, entitlement: u32) {
        if self.of.len() <= number as usize {
            self.of.resize(number as usize + 1, NONE);
        }
        let top = self.top(entitlement);
        match self.of[number as usize] {
            NONE => self.of[number as usize] = top,
            known => {
                let known = self.top(known);
                if known != top {
                    self.above[top as usize] = known;
                    self.grown = true;
                }
            }
        }
    }

    /// The region of what a holder is granted, if it was ever granted anything.
    pub fn of(&self, number: u32) -> Option<u32> {
        self.of.get(number as usize).copied().filter(|known| *known != NONE)
    }

    fn top(&mut self, mut entitlement: u32) -> u32 {
        while self.above[entitlement as usize] != entitlement {
            let above = self.above[entitlement as usize];
            self.above[entitlement as usize] = self.above[above as usize];
            entitlement = above;
        }
        entitlement
    }

    /// Tells everybody which region is theirs.
    pub fn settle(&mut self) {
        if !std::mem::take(&mut self.grown) {
            return;
        }
        for at in 0..u32::try_from(self.above.len()).unwrap_or(NONE) {
            self.above[at as usize] = self.top(at);
        }
        for at in 0..self.of.len() {
            if self.of[at] != NONE {
                self.of[at] = self.above[self.of[at] as usize];
            }
        }
    }
}
