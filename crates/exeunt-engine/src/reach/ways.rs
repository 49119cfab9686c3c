//! In how many ways each leaver has an entitlement: none, one, or more.
//!
//! A way is a grant of a holder that the leaver meets. What is had in one way differs as soon as that way goes, and of what was
//! had in none every way that comes is news: nothing else has to be looked at for it. That is most of what a change alters.
//!
//! Ways are counted for what falls on the same counter together, some sixteen counters to a way. A count may so be too high, and
//! never too low: whoever finds more than one has to look closer.

use super::graph::End;

/// Counters to a way when they are laid out.
const COUNTERS: usize = 16;
/// Counters of two bits to a word.
const TO_A_WORD: usize = 32;
/// A counter that is full is no longer counted down.
const FULL: u64 = 3;

/// The counters of one leaver.
#[derive(Debug, Clone, Default)]
pub(super) struct Ways {
    words: Box<[u64]>,
    /// Ways that are counted.
    ways: usize,
    /// Counters that got full since they were laid out.
    worn: usize,
}

impl Ways {
    /// Counts what is granted.
    pub fn of<'a>(rows: impl Iterator<Item = &'a [End]> + Clone) -> Self {
        let ways: usize = rows.clone().map(<[End]>::len).sum();
        let words = (ways * COUNTERS).div_ceil(TO_A_WORD).max(1);
        let mut counted = Self { words: vec![0; words].into(), ways: 0, worn: 0 };
        for end in rows.flatten() {
            counted.came(end.number());
        }
        counted.worn = 0;
        counted
    }

    /// A way to an entitlement came.
    pub fn came(&mut self, entitlement: u32) {
        let (word, shift) = self.place(entitlement);
        let word = &mut self.words[word];
        let count = *word >> shift & FULL;
        self.ways += 1;
        self.worn += usize::from(count == FULL - 1);
        *word += u64::from(count != FULL) << shift;
    }

    /// A way to an entitlement went.
    pub fn went(&mut self, entitlement: u32) {
        let (word, shift) = self.place(entitlement);
        let word = &mut self.words[word];
        let count = *word >> shift & FULL;
        self.ways -= 1;
        *word -= u64::from(count != FULL) << shift;
    }

    /// Whether there is exactly one way to an entitlement that has at least one.
    pub fn is_only(&self, entitlement: u32) -> bool {
        let (word, shift) = self.place(entitlement);
        self.words[word] >> shift & FULL == 1
    }

    /// Whether so much came that most counts are too high, and it is time to count anew.
    pub const fn is_worn(&self) -> bool {
        let counters = self.words.len() * TO_A_WORD;
        self.ways * COUNTERS > counters * 2 || self.worn > self.ways / COUNTERS + COUNTERS
    }

    /// Where the counter of an entitlement stands: numbers that follow one another are spread evenly.
    const fn place(&self, entitlement: u32) -> (usize, usize) {
        let spread = entitlement.wrapping_mul(0x9E37_79B1) as usize;
        let counter = (spread * self.words.len() * TO_A_WORD) >> 32;
        (counter / TO_A_WORD, 2 * (counter % TO_A_WORD))
    }
}
