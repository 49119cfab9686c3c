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
        (at, (1 << (others >> 27 << 1) | 1 << (others >> 22 << 1 & 62)) & LOW)
    }
}
