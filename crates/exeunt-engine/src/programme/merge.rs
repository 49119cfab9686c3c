//! Two tallies as one: what was counted apart is added, and what is a greatest or a list is joined.

use std::collections::BTreeMap;

use super::Tally;

impl Tally {
    /// Takes up what another counted, over other cases of the same estate.
    pub fn add(&mut self, other: Self) {
        let Self {
            cases,
            tokens,
            proven,
            claims,
            owners,
            ages,
            regressions,
            coverage,
            blind,
            governance,
            points,
        } = other;
        self.cases.all += cases.all;
        self.cases.clear += cases.clear;
        self.cases.residual += cases.residual;
        self.cases.unproven += cases.unproven;
        self.cases.not_judged += cases.not_judged;
        self.cases.used_after_departure += cases.used_after_departure;
        self.tokens.leavers += tokens.leavers;
        self.tokens.with_live += tokens.with_live;
        self.tokens.with_latent_or_unknown += tokens.with_latent_or_unknown;
        self.tokens.tokens += tokens.tokens;
        self.tokens.live += tokens.live;
        join(&mut self.proven, proven, |known, (took, open)| {
            known.0.extend(took);
            known.1 += open;
        });
        join(&mut self.owners, owners, |known, more| {
            known.live += more.live;
            known.latent += more.latent;
            known.unknown += more.unknown;
            known.cases += more.cases;
            known.oldest = known.oldest.max(more.oldest);
        });
        for (known, more) in self.ages.iter_mut().zip(ages) {
            known.live += more.live;
            known.latent += more.latent;
        }
        join(&mut self.coverage, coverage, |known, more| {
            known.with_gaps += more.with_gaps;
            known.whole += more.whole;
            known.lines += more.lines;
            known.unknown += more.unknown;
        });
        join(&mut self.points, points, |known, (figures, failed)| {
            known.0.held += figures.held;
            known.0.nothing_to_hold += figures.nothing_to_hold;
            known.0.unknown += figures.unknown;
            known.1 += failed;
        });
        let count = |known: &mut u64, more| *known += more;
        join(&mut self.claims, claims, count);
        join(&mut self.regressions, regressions, count);
        join(&mut self.blind, blind, count);
        join(&mut self.governance, governance, count);
    }
}

/// Takes up what is new, and adds what is known.
fn join<K: Ord, V>(known: &mut BTreeMap<K, V>, more: BTreeMap<K, V>, add: impl Fn(&mut V, V)) {
    for (key, value) in more {
        match known.get_mut(&key) {
            Some(known) => add(known, value),
            None => {
                known.insert(key, value);
            }
        }
    }
}
