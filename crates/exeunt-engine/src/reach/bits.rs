//! A bit for each number: what is looked up at random stays in the cache.

/// Numbers that are in or not.
#[derive(Debug, Clone, Default)]
pub(super) struct Bits {
    words: Vec<u64>,
}

const fn word_and_bit(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}

impl Bits {
    /// None is in yet, and so many may be.
    pub fn new(count: usize) -> Self {
        Self { words: vec![0; count.div_ceil(64)] }
    }

    /// Makes room for so many.
    pub fn make_room(&mut self, count: usize) {
        self.words.resize(count.div_ceil(64), 0);
    }

    /// Whether a number is in. One there is no room for is not.
    pub fn has(&self, number: u32) -> bool {
        let (word, bit) = word_and_bit(number);
        self.words.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Puts a number in, for which there is room; whether it was not.
    pub fn put(&mut self, number: u32) -> bool {
        let (word, bit) = word_and_bit(number);
        let word = &mut self.words[word];
        let new = *word & bit == 0;
        *word |= bit;
        new
    }

    /// Takes a number out, and perhaps some of those next to it.
    pub fn take_out_around(&mut self, number: u32) {
        self.words[word_and_bit(number).0] = 0;
    }

    /// Takes a number out.
    pub fn take_out(&mut self, number: u32) {
        let (word, bit) = word_and_bit(number);
        self.words[word] &= !bit;
    }

    /// Takes all out.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }

    /// Those that are in, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        let words = (0u32..).zip(&self.words).filter(|(_, word)| **word != 0);
        words.flat_map(|(at, word)| {
            (0..64).filter(move |bit| word >> bit & 1 == 1).map(move |bit| at * 64 + bit)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Bits;

    proptest! {
        /// A holder that counts as met and was not, or the other way round, is access that nobody is told of.
        #[test]
        fn bits_are_a_set(edits in prop::collection::vec((0u32..200, 0u8..8), 0..200)) {
            let (mut bits, mut plain) = (Bits::new(200), BTreeSet::new());
            for (number, what) in edits {
                match what {
                    0 => {
                        bits.clear();
                        plain.clear();
                    }
                    1 => {
                        bits.take_out_around(number);
                        plain.retain(|known| known / 64 != number / 64);
                    }
                    2 | 3 => {
                        bits.take_out(number);
                        plain.remove(&number);
                    }
                    _ => prop_assert_eq!(bits.put(number), plain.insert(number)),
                }
                prop_assert_eq!(bits.numbers().collect::<Vec<_>>(), plain.iter().copied().collect::<Vec<_>>());
                prop_assert!((0..300).all(|number| bits.has(number) == plain.contains(&number)));
            }
            bits.make_room(300);
            prop_assert!(bits.put(299) && bits.has(299));
        }
    }
}
