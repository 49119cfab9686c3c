//! What grants that came or went alter for those who meet everybody of its region as before: entitlement by entitlement, for
//! everybody it concerns at once.

use super::altered::Granting;
use super::met::{Met, signs};
use super::moved::Moved;
use super::regions::Regions;
use super::rows::Rows;
use super::watch::{Difference, NEVER};

/// Of so many it is looked up, one by one, whether they may have met a holder.
const FEW: usize = 64;

/// Room to work in, used again from change to change.
#[derive(Debug, Clone)]
pub(super) struct Concerned {
    targets: Vec<Target>,
    /// For each leaver, the place among the targets and one more, or 0.
    places: Vec<u32>,
    /// A bit for each leaver among the targets: most are not, and the bits stay in the cache.
    is_target: Vec<u64>,
    /// Holders by which an unchanged way may go.
    holders: Vec<u32>,
}

/// A leaver who may reach the entitlement in another way now.
#[derive(Debug, Clone, Copy)]
struct Target {
    leaver: u32,
    /// The fewest steps to it by what went.
    before: u16,
    /// The fewest steps to it by what came.
    after: u16,
    /// The fewest steps to it by what did not change.
    kept: u16,
}

impl Concerned {
    pub fn new(leavers: usize) -> Self {
        Self {
            targets: Vec::new(),
            places: vec![0; leavers],
            is_target: vec![0; leavers.div_ceil(64)],
            holders: Vec::new(),
        }
    }

    /// Tells what differs. `granted` is who has what and had it.
    pub fn tell(
        &mut self,
        grantings: &[Granting],
        granted: &Rows<u32>,
        met: &Met,
        (moved, regions): (&Moved, &Regions),
        each: &mut dyn FnMut(Difference),
    ) {
        let mut grantings = grantings.to_vec();
        grantings.sort_unstable_by_key(|granting| granting.end.number());
        for same in grantings.chunk_by(|a, b| a.end.number() == b.end.number()) {
            let Some(entitlement) = same.first().map(|first| first.end.number()) else { continue };
            let region = regions.holding(entitlement);
            for granting in same {
                for (leaver, hops) in met.by(granting.number) {
                    if !moved.touches(*leaver, region) {
                        self.add(*leaver, *hops, granting.came);
                    }
                }
            }
            self.drop_those(|target| target.before == target.after);
            if self.targets.is_empty() {
                continue;
            }
            self.find_kept(granted.row(entitlement), met);
            for target in self.targets.drain(..) {
                self.places[target.leaver as usize] = 0;
                self.is_target[target.leaver as usize / 64] = 0;
                let (before, after) = (target.before.min(target.kept), target.after.min(target.kept));
                if let Some(difference) = Difference::of(target.leaver, entitlement, before, after) {
                    each(difference);
                }
            }
        }
    }

    fn add(&mut self, leaver: u32, hops: u16, came: bool) {
        let place = &mut self.places[leaver as usize];
        if *place == 0 {
            self.targets.push(Target { leaver, before: NEVER, after: NEVER, kept: NEVER });
            *place = u32::try_from(self.targets.len()).unwrap_or(0);
        }
        let target = &mut self.targets[*place as usize - 1];
        let side = if came { &mut target.after } else { &mut target.before };
        *side = hops.min(*side);
    }

    /// Looks for unchanged ways, and drops whom they serve as well.
    fn find_kept(&mut self, holders: &[u32], met: &Met) {
        self.rule_out(holders, met);
        for target in &self.targets {
            self.is_target[target.leaver as usize / 64] |= 1 << (target.leaver % 64);
        }
        let those = std::mem::take(&mut self.holders);
        // The beginnings of all rows are read first, so that memory is waited for once and not for each of them.
        let begins = those.iter().filter_map(|holder| met.by(*holder).first());
        std::hint::black_box(begins.fold(0, |all, (leaver, _)| all ^ leaver));
        for holder in &those {
            let row = met.by(*holder);
            let mut served = false;
            if row.len() < self.targets.len() * 8 {
                for (leaver, hops) in row {
                    let is_target = self.is_target[*leaver as usize / 64] >> (leaver % 64) & 1 == 1;
                    if is_target && let Some(place) = self.places[*leaver as usize].checked_sub(1) {
                        served |= self.targets[place as usize].keep(*hops);
                    }
                }
            } else {
                for target in &mut self.targets {
                    if let Some(hops) = met.hops(*holder, target.leaver) {
                        served |= target.keep(hops);
                    }
                }
            }
            if served {
                self.drop_those(Target::is_served);
                if self.targets.is_empty() {
                    break;
                }
            }
        }
        self.holders = those;
    }

    /// Leaves only those holders that a target may have met. Each is written down and counted only if it stays, so that the
    /// processor need not guess and looks at many at once.
    fn rule_out(&mut self, holders: &[u32], met: &Met) {
        let Self { targets, holders: those, .. } = self;
        let signs = signs(targets.iter().map(|target| target.leaver));
        those.clear();
        those.resize(holders.len() + 1, 0);
        let mut count = 0;
        for holder in holders {
            those[count] = *holder;
            count += usize::from(!met.rules_out(*holder, signs));
        }
        those.truncate(count);
        if targets.len() <= FEW {
            count = 0;
            for at in 0..those.len() {
                let holder = those[at];
                those[count] = holder;
                let may_be = met.may_be(holder, targets.iter().map(|target| target.leaver));
                count += usize::from(may_be);
            }
            those.truncate(count);
        }
    }

    fn drop_those(&mut self, out: impl Fn(&Target) -> bool) {
        let mut at = 0;
        while let Some(target) = self.targets.get(at) {
            if out(target) {
                self.places[target.leaver as usize] = 0;
                self.is_target[target.leaver as usize / 64] &= !(1 << (target.leaver % 64));
                self.targets.swap_remove(at);
                if let Some(moved) = self.targets.get(at) {
                    self.places[moved.leaver as usize] = u32::try_from(at + 1).unwrap_or(0);
                }
            } else {
                at += 1;
            }
        }
    }
}

impl Target {
    /// Takes up an unchanged way, and says whether no changed one is nearer.
    fn keep(&mut self, hops: u16) -> bool {
        self.kept = self.kept.min(hops);
        self.is_served()
    }

    fn is_served(&self) -> bool {
        self.kept <= self.before.min(self.after)
    }
}
