//! In how many ways each leaver has an entitlement: none, one, or more.
//!
//! A way is a grant of a holder that the leaver meets. What is had in one way differs as soon as that way goes, and of what was
//! had in none every way that comes is news: nothing else has to be looked at for it. That is most of what a change alters.
//!
//! Each entitlement has two counters of two bits in one word, which others use, too. Its count is the lower of both: it may be too
//! high, and never too low, so that whoever finds more than one has to look closer.

use super::graph::End;

/// Ways to a word of 32 counters when they are laid out.
const TO_A_WORD: usize = 4;
/// The lower bit of each counter.
const LOW: u64 = u64::MAX / 3;

/// The counters of one leaver. One that is full, at three, is no longer counted down.
#[derive(Debug, Clone, Default)]
pub(super) struct Ways {
    words: Box<[u64]>,
    /// Ways that are counted.
    ways: usize,
    /// How often a counter got full since they were laid out.
    worn: usize,
}

impl Ways {
    /// Counts what is granted.
    pub fn of<'a>(rows: impl Iterator<Item = &'a [End]> + Clone) -> Self {
        let ways: usize = rows.clone().map(<[End]>::len).sum();
        let words = vec![0; ways.div_ceil(TO_A_WORD).max(1)];
        let mut counted = Self { words: words.into(), ways: 0, worn: 0 };
        for end in rows.flatten() {
            counted.came(end.number());
        }
        counted.worn = 0;
        counted
    }

    /// A way to an entitlement came.
    pub fn came(&mut self, entitlement: u32) {
        let (at, counters) = self.place(entitlement);
        let word = &mut self.words[at];
        let full = *word & *word >> 1 & counters;
        *word += counters & !full;
        self.ways += 1;
        self.worn += usize::from(*word & *word >> 1 & counters != full);
    }

    /// A way to an entitlement went.
    pub fn went(&mut self, entitlement: u32) {
        let (at, counters) = self.place(entitlement);
        let word = &mut self.words[at];
        let full = *word & *word >> 1 & counters;
        *word -= counters & !full;
        self.ways -= 1;
    }

    /// Whether there is exactly one way to an entitlement that has at least one.
    pub fn is_only(&self, entitlement: u32) -> bool {
        let (at, counters) = self.place(entitlement);
        self.words[at] & !(self.words[at] >> 1) & counters != 0
    }

    /// Whether so much came that many counts are too high, and it is time to count anew.
    pub const fn is_worn(&self) -> bool {
        self.ways > self.words.len() * TO_A_WORD * 2 || self.worn > self.ways / 16 + 16
    }

    /// The word an entitlement is counted in, to be read ahead.
    pub fn word(&self, entitlement: u32) -> u64 {
        self.words[self.place(entitlement).0]
    }

    /// Where an entitlement is counted: the place of a word, and the lower bits of two counters in it, or of one. Numbers that
    /// follow one another are spread evenly.
    const fn place(&self, entitlement: u32) -> (usize, u64) {
        let spread = entitlement.wrapping_mul(0x9E37_79B1);
        let at = (spread as usize * self.words.len()) >> 32;
        let others = entitlement.wrapping_mul(0x85EB_CA6B);
        (at, (1 << (others >> 27 << 1) | 1 << (others >> 22 << 1 & 0x3E)) & LOW)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::Ways;
    use crate::reach::Level;
    use crate::reach::graph::End;

    proptest! {
        /// What counts as the only way and is not would be told as gone, while another way still leads there.
        #[test]
        fn what_is_said_to_be_the_only_way_is(
            begin in prop::collection::vec(0u32..60, 0..60),
            edits in prop::collection::vec((0u32..60, any::<bool>()), 0..300),
        ) {
            let row: Vec<End> = begin.iter().map(|one| End::new(*one, Level::Live)).collect();
            let mut ways = Ways::of([&row[..]].into_iter());
            let mut exact: BTreeMap<u32, usize> = BTreeMap::new();
            for one in &begin {
                *exact.entry(*one).or_default() += 1;
            }
            for (one, comes) in edits {
                let count = exact.entry(one).or_default();
                if comes {
                    ways.came(one);
                    *count += 1;
                } else if *count > 0 {
                    ways.went(one);
                    *count -= 1;
                }
                for (one, count) in exact.iter().filter(|(_, count)| **count > 0) {
                    prop_assert!(*count == 1 || !ways.is_only(*one), "{} ways to {}", count, one);
                }
            }
        }
    }

    /// If most looked as if there were another way, a recheck would look closer at everything, and cost what all anew does.
    #[test]
    fn most_only_ways_are_known_as_such() {
        for (from, step) in [(0, 1), (5, 7), (1_000_000, 1), (3, 4096)] {
            let row: Vec<End> = (0..4_000).map(|at| End::new(from + at * step, Level::Live)).collect();
            let ways = Ways::of([&row[..]].into_iter());
            let known = row.iter().filter(|end| ways.is_only(end.number())).count();
            assert!(known > 3_400, "{known} of 4000 from {from} by {step}");
            assert!(!ways.is_worn());
        }
    }

    /// Counts that are too high never come down by themselves: they have to be counted anew, and not before it is worth it.
    #[test]
    fn counts_wear_out() {
        let row: Vec<End> = (0..400).map(|at| End::new(at, Level::Live)).collect();
        let laid_out = Ways::of([&row[..]].into_iter());
        let mut more = laid_out.clone();
        (400..800).for_each(|one| more.came(one));
        assert!(!more.is_worn(), "twice as many have room");
        (800..802).for_each(|one| more.came(one));
        assert!(more.is_worn(), "more have not");
        let mut up_and_down = laid_out.clone();
        for one in 0..20 {
            (0..2).for_each(|_| up_and_down.came(one));
            (0..2).for_each(|_| up_and_down.went(one));
        }
        assert!(!up_and_down.is_worn(), "some counters are full");
        for one in 20..400 {
            (0..2).for_each(|_| up_and_down.came(one));
            (0..2).for_each(|_| up_and_down.went(one));
        }
        assert!(up_and_down.is_worn(), "most counters are full");
        assert!(!up_and_down.is_only(399), "and stay so");
    }
}
