//! The numbers by which answers are compared, and what is read of an answer to get them.

use exeunt_engine::reach::{Answer, Difference, Level};

/// The sum of an answer over many leavers.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Leavers who reach anything.
    pub having: u64,
    /// Pairs of leaver and entitlement.
    pub pairs: u64,
    /// The fewest edges to each, summed.
    pub hops: u64,
    /// Over all pairs, `(person + 1) * (entitlement + 1)` modulo 1000003.
    pub checksum: u64,
    /// Pairs whose way is live, by a group, or through an account that is not a person's.
    pub live: u64,
    pub inherited: u64,
    pub by_others: u64,
}

const MODULUS: u64 = 1_000_003;
/// Kinds of account that are not a person's: all but people, their accounts and groups.
const OTHERS: u16 = 0b0111_1100;
const GROUP: u32 = 7;

impl Tally {
    /// Adds what one leaver reaches, reading of every pair the hops, the liveness and the kinds on its way.
    pub fn add(&mut self, person: u32, answer: &Answer<'_>, kind: impl Fn(u32) -> Option<u32>) {
        self.having += u64::from(!answer.reached.is_empty());
        self.pairs += answer.reached.len() as u64;
        for same in answer.reached.chunk_by(|a, b| a.via == b.via) {
            let Some(visit) = same.first().and_then(|first| answer.via(first)) else { continue };
            let count = same.len() as u64;
            self.hops += count * (u64::from(visit.hops) + 1);
            self.inherited += if kind(visit.holder) == Some(GROUP) { count } else { 0 };
            self.by_others += if visit.kinds & OTHERS == 0 { 0 } else { count };
            self.live += if visit.level == Level::Live { count } else { 0 };
            self.checksum += same.iter().map(|one| product(person, one.entitlement())).sum::<u64>();
        }
    }
}

impl Tally {
    /// Takes up what differs for one leaver.
    pub fn adjust(&mut self, person: u32, difference: &Difference) {
        let one = product(person, difference.entitlement);
        if let Some(hops) = difference.before {
            (self.pairs, self.hops, self.checksum) =
                (self.pairs - 1, self.hops - u64::from(hops), self.checksum - one);
        }
        if let Some(hops) = difference.after {
            (self.pairs, self.hops, self.checksum) =
                (self.pairs + 1, self.hops + u64::from(hops), self.checksum + one);
        }
    }

    /// The numbers by which answers are compared.
    pub const fn exact(&self) -> (u64, u64, u64) {
        (self.pairs, self.hops, self.checksum)
    }
}

/// A pair's part of the checksum.
pub fn product(person: u32, entitlement: u32) -> u64 {
    (u64::from(person) + 1) * (u64::from(entitlement) + 1) % MODULUS
}
