//! Many values for a key, in two flat arrays.

use super::key::Key;

/// Pairs of keys as they were found.
pub(super) type Pairs = Vec<(Key, Key)>;

/// Pairs put in buckets by the first bits of their key, which are those of a hash.
pub(super) struct Index {
    shift: u32,
    ends: Vec<u32>,
    entries: Pairs,
}

impl Index {
    /// By the first of each pair.
    pub fn new<'p>(pairs: impl Iterator<Item = &'p Pairs> + Clone) -> Self {
        Self::of(pairs.flatten().copied())
    }

    /// By the second of each pair.
    pub fn turned<'p>(pairs: impl Iterator<Item = &'p Pairs> + Clone) -> Self {
        Self::of(pairs.flatten().map(|(one, other)| (*other, *one)))
    }

    fn of(pairs: impl Iterator<Item = (Key, Key)> + Clone) -> Self {
        let count = pairs.clone().count();
        // About four pairs to a bucket.
        let bits = (usize::BITS - (count / 4).leading_zeros()).clamp(1, 26);
        let shift = Key::BITS - bits;
        let mut ends = vec![0_u32; (1 << bits) + 1];
        for (key, _) in pairs.clone() {
            ends[bucket(key, shift) + 1] += 1;
        }
        let mut sum = 0;
        for end in &mut ends {
            sum += *end;
            *end = sum;
        }
        let mut entries = vec![(0, 0); count];
        for (key, value) in pairs {
            let place = &mut ends[bucket(key, shift)];
            entries[*place as usize] = (key, value);
            *place += 1;
        }
        // Each end has moved on to where the next bucket begins.
        ends.pop();
        Self { shift, ends, entries }
    }

    /// The values of a key.
    pub fn get(&self, key: Key) -> impl Iterator<Item = Key> + '_ {
        let place = bucket(key, self.shift);
        let begin = place.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        let pairs = self.entries.get(begin..self.ends[place] as usize).unwrap_or_default();
        pairs.iter().filter(move |(of, _)| *of == key).map(|(_, value)| *value)
    }

    /// All pairs, in no order.
    pub fn pairs(&self) -> &[(Key, Key)] {
        &self.entries
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the first bits only, 26 at the most")]
const fn bucket(key: Key, shift: u32) -> usize {
    (key >> shift) as usize
}

#[cfg(test)]
mod tests {
    use super::{Index, Pairs};

    /// A value lost here is a survivor lost from a verdict.
    #[test]
    fn every_value_is_found_under_its_key() {
        let mut seed = 7_u64;
        let mut next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            seed
        };
        for count in [0, 1, 3, 1000] {
            let keys: Vec<u64> = (0..=count / 3).map(|_| next()).collect();
            let pairs: Pairs = (0..count).map(|at| (keys[at % keys.len()], next())).collect();
            for (index, turned) in
                [(Index::new([&pairs].into_iter()), false), (Index::turned([&pairs].into_iter()), true)]
            {
                assert_eq!(index.pairs().len(), count);
                for (one, other) in &pairs {
                    let (key, value) = if turned { (other, one) } else { (one, other) };
                    assert!(index.get(*key).any(|found| found == *value));
                }
            }
            let index = Index::new([&pairs].into_iter());
            let under_one = pairs.iter().filter(|(key, _)| *key == keys[0]).count();
            assert_eq!(index.get(keys[0]).count(), under_one);
            assert_eq!(index.get(u64::MAX).count(), 0);
            assert_eq!(index.get(0).count(), 0);
        }
    }
}
