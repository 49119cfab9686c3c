//! What grants that came or went alter for those who meet everybody of its region as before: leaver by leaver, and for each
//! only what is granted otherwise by those they meet.

use super::altered::Granting;
use super::met::Met;
use super::moved::Moved;
use super::regions::Regions;
use super::rows::Rows;
use super::watch::{Difference, NEVER};

/// Room to work in, used again from change to change.
#[derive(Debug, Clone)]
pub(super) struct Concerned {
    /// For each leaver, where what concerns them ends.
    ends: Vec<u32>,
    concerns: Vec<Concern>,
    /// For each entitlement, the fewest steps to it by what went and by what came, for the leaver who is looked at.
    sides: Vec<(u16, u16)>,
    /// Those that have any.
    entitlements: Vec<u32>,
    /// A bit for each holder that the leaver meets: the bits stay in the cache, and the steps do not.
    is_met: Vec<u64>,
}

/// Grantings of one holder, and the steps to it.
#[derive(Debug, Clone, Copy, Default)]
struct Concern {
    from: u32,
    until: u32,
    hops: u16,
}

impl Concerned {
    pub fn new(leavers: usize, entitlements: u32) -> Self {
        Self {
            ends: vec![0; leavers],
            concerns: Vec::new(),
            sides: vec![(NEVER, NEVER); entitlements as usize],
            entitlements: Vec::new(),
            is_met: Vec::new(),
        }
    }

    /// Tells what differs. `granted` is who has what and had it, and `visits` is whom each leaver meets.
    pub fn tell(
        &mut self,
        grantings: &[Granting],
        granted: &Rows<u32>,
        (met, visits): (&Met, &Rows<(u32, u16)>),
        (moved, regions): (&Moved, &Regions),
        each: &mut impl FnMut(Difference),
    ) {
        self.by_leaver(grantings, met, (moved, regions));
        let mut from = 0;
        for (leaver, until) in (0u32..).zip(&self.ends) {
            let concerns = &self.concerns[from as usize..*until as usize];
            from = *until;
            if concerns.is_empty() {
                continue;
            }
            for concern in concerns {
                for granting in &grantings[concern.from as usize..concern.until as usize] {
                    let sides = &mut self.sides[granting.end.number() as usize];
                    if *sides == (NEVER, NEVER) {
                        self.entitlements.push(granting.end.number());
                    }
                    let side = if granting.came { &mut sides.1 } else { &mut sides.0 };
                    *side = concern.hops.min(*side);
                }
            }
            let visits = visits.row(leaver);
            for (number, _) in visits {
                let (word, bit) = place(*number);
                if self.is_met.len() <= word {
                    self.is_met.resize(word + 1, 0);
                }
                self.is_met[word] |= bit;
            }
            for entitlement in self.entitlements.drain(..) {
                let sides = &mut self.sides[entitlement as usize];
                let (before, after) = std::mem::replace(sides, (NEVER, NEVER));
                let mut kept = NEVER;
                for number in granted.row(entitlement) {
                    let (word, bit) = place(*number);
                    if self.is_met.get(word).is_some_and(|word| word & bit != 0) {
                        kept = met.hops(*number, leaver).map_or(kept, |hops| hops.min(kept));
                    }
                }
                if let Some(difference) =
                    Difference::of(leaver, entitlement, before.min(kept), after.min(kept))
                {
                    each(difference);
                }
            }
            for (number, _) in visits {
                self.is_met[place(*number).0] = 0;
            }
        }
    }

    /// Writes down what concerns each leaver.
    fn by_leaver(&mut self, grantings: &[Granting], met: &Met, (moved, regions): (&Moved, &Regions)) {
        let mut at = 0;
        let rows: Vec<_> = grantings
            .chunk_by(|a, b| a.number == b.number)
            .filter_map(|same| {
                let (from, number) = (at, same.first()?.number);
                at += u32::try_from(same.len()).unwrap_or(u32::MAX);
                Some((from, at, regions.of(number), met.by(number)))
            })
            .collect();
        // The beginnings of all rows are read first, so that memory is waited for once and not for each of them.
        let begins = rows.iter().filter_map(|(.., row)| row.first());
        std::hint::black_box(begins.fold(0, |all, (leaver, _)| all ^ leaver));
        let concerned =
            |leaver: u32, region: Option<u32>| !region.is_some_and(|region| moved.touches(leaver, region));
        self.ends.fill(0);
        for (_, _, region, row) in &rows {
            for (leaver, _) in *row {
                self.ends[*leaver as usize] += u32::from(concerned(*leaver, *region));
            }
        }
        let mut total = 0;
        for end in &mut self.ends {
            total += std::mem::replace(end, total);
        }
        self.concerns.clear();
        self.concerns.resize(total as usize, Concern::default());
        for (from, until, region, row) in &rows {
            for (leaver, hops) in *row {
                if concerned(*leaver, *region) {
                    let end = &mut self.ends[*leaver as usize];
                    self.concerns[*end as usize] = Concern { from: *from, until: *until, hops: *hops };
                    *end += 1;
                }
            }
        }
    }
}

/// Where the bit of a holder stands.
fn place(number: u32) -> (usize, u64) {
    (number as usize / 64, 1 << (number % 64))
}
