//! Figures over all cases, from their verdicts alone.

mod merge;

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::programme::{
    AgeFigures, BlindSpotFigures, CaseCounts, CoverageFigures, NeverFailed, OwnerFigures, ProgrammeFigures,
    ProvenFigures, TokenFigures,
};
use exeunt_model::verdict::{Conclusion, Obligation, Standing, VerdictDocument};
use exeunt_model::{Duration, LinkStrength, State, SurvivorKind, SystemId, Text, Timestamp};

/// The figures over these verdicts, one for each case, and so many cases that could not be judged.
#[must_use]
pub fn figures<V: Borrow<VerdictDocument>>(
    verdicts: impl IntoIterator<Item = V>,
    not_judged: u64,
    systems: &[SystemId],
    as_of: Timestamp,
) -> ProgrammeFigures {
    let mut tally = Tally::new(not_judged);
    for verdict in verdicts {
        tally.take(verdict.borrow(), systems);
    }
    tally.figures(as_of)
}

/// Days after which a row of ages ends.
const AGES: [i64; 4] = [1, 7, 30, 90];

/// What is counted while verdicts go by: wherever they are judged, and added together at the end.
#[derive(Debug, Clone)]
pub struct Tally {
    cases: CaseCounts,
    tokens: TokenFigures,
    /// By control point: how long each proven case took, and how many are open.
    proven: BTreeMap<u8, (Vec<Duration>, u64)>,
    claims: BTreeMap<exeunt_model::verdict::Comparison, u64>,
    owners: BTreeMap<(exeunt_model::owners::Domain, Option<Text>), OwnerFigures>,
    ages: Vec<AgeFigures>,
    regressions: BTreeMap<exeunt_model::verdict::Cause, u64>,
    coverage: BTreeMap<SystemId, CoverageFigures>,
    blind: BTreeMap<(SystemId, SurvivorKind, String), u64>,
    governance: BTreeMap<String, u64>,
    points: BTreeMap<u8, (NeverFailed, u64)>,
}

impl Tally {
    /// Nothing counted yet, but so many cases that could not be judged.
    #[must_use]
    pub fn new(not_judged: u64) -> Self {
        let bounds: Vec<Duration> = AGES.iter().map(|days| Duration::from_hours(24 * days)).collect();
        let from = std::iter::once(Duration::ZERO).chain(bounds.iter().copied());
        let until = bounds.iter().copied().map(Some).chain([None]);
        let ages = from.zip(until).map(|(from, until)| AgeFigures { from, until, live: 0, latent: 0 });
        Self {
            cases: CaseCounts { all: not_judged, not_judged, ..CaseCounts::default() },
            tokens: TokenFigures::default(),
            proven: BTreeMap::new(),
            claims: BTreeMap::new(),
            owners: BTreeMap::new(),
            ages: ages.collect(),
            regressions: BTreeMap::new(),
            coverage: BTreeMap::new(),
            blind: BTreeMap::new(),
            governance: BTreeMap::new(),
            points: BTreeMap::new(),
        }
    }

    /// Counts one verdict, over these systems.
    pub fn take(&mut self, verdict: &VerdictDocument, systems: &[SystemId]) {
        self.cases.all += 1;
        match verdict.verdict {
            Conclusion::Clear => self.cases.clear += 1,
            Conclusion::Residual => self.cases.residual += 1,
            Conclusion::Unproven => self.cases.unproven += 1,
        }
        let used = verdict.obligations.iter().any(|line| line.used_after_departure.is_some());
        self.cases.used_after_departure += u64::from(used);
        let age = verdict.as_of.duration_since(verdict.departed);
        self.tokens(verdict);
        self.times(verdict);
        let mut owners = BTreeSet::new();
        for line in &verdict.obligations {
            for check in &line.claims {
                *self.claims.entry(check.comparison).or_default() += 1;
            }
            if let Some(back) = line.regression.as_ref().filter(|_| is_left(line)) {
                *self.regressions.entry(back.cause).or_default() += 1;
            }
            self.owed(line, age, &mut owners);
        }
        self.seen(verdict, systems);
        let codes: BTreeSet<&str> = verdict.governance.iter().map(|finding| finding.code.as_str()).collect();
        for code in codes {
            *self.governance.entry(code.to_owned()).or_default() += 1;
        }
        for point in &verdict.control_points {
            let (figures, failed) = self.points.entry(point.number).or_insert_with(|| {
                let name = point.name.clone();
                (NeverFailed { point: point.number, name, held: 0, nothing_to_hold: 0, unknown: 0 }, 0)
            });
            match point.standing {
                Standing::Holds => figures.held += 1,
                Standing::NothingToHold | Standing::NotJudged => figures.nothing_to_hold += 1,
                Standing::Unknown => figures.unknown += 1,
                Standing::Failed => *failed += 1,
            }
        }
    }

    /// Tokens and keys of the leaver's own accounts.
    fn tokens(&mut self, verdict: &VerdictDocument) {
        let kinds = [SurvivorKind::TokenUser, SurvivorKind::TokenResource, SurvivorKind::KeyAsym];
        let own = verdict.obligations.iter().filter(|line| {
            kinds.contains(&line.kind) && line.link <= LinkStrength::Installer && line.falls_to != 8
        });
        let states: Vec<State> = own.map(|line| line.state).collect();
        if states.is_empty() {
            return;
        }
        let live = states.iter().filter(|state| **state == State::Live).count() as u64;
        self.tokens.leavers += 1;
        self.tokens.tokens += states.len() as u64;
        self.tokens.live += live;
        self.tokens.with_live += u64::from(live > 0);
        let open = states.iter().any(|state| *state != State::Gone);
        self.tokens.with_latent_or_unknown += u64::from(live == 0 && open);
    }

    /// From the departure until all that falls to a control point was first read as gone.
    fn times(&mut self, verdict: &VerdictDocument) {
        let mut last: BTreeMap<u8, Option<Timestamp>> = BTreeMap::new();
        for line in &verdict.obligations {
            let gone = if line.state == State::Gone { line.gone_since } else { None };
            let entry = last.entry(line.falls_to).or_insert(gone);
            *entry = entry.zip(gone).map(|(one, other)| one.max(other));
        }
        for (point, gone) in last {
            let (took, open) = self.proven.entry(point).or_default();
            match gone {
                Some(gone) => took.push(gone.duration_since(verdict.departed).max(Duration::ZERO)),
                None => *open += 1,
            }
        }
    }

    fn owed<'v>(
        &mut self,
        line: &'v Obligation,
        age: Duration,
        owners: &mut BTreeSet<(exeunt_model::owners::Domain, Option<&'v str>)>,
    ) {
        let (live, latent) = (u64::from(line.state == State::Live), u64::from(line.state == State::Latent));
        let unknown = u64::from(matches!(line.state, State::Unknown | State::Unknowable));
        if live + latent + unknown == 0 {
            return;
        }
        let row = self.ages.iter_mut().rev().find(|row| age >= row.from);
        if let Some(row) = row {
            row.live += live;
            row.latent += latent;
        }
        for answers in &line.accountable {
            let figures =
                self.owners.entry((answers.domain, answers.owner.clone())).or_insert_with(|| OwnerFigures {
                    owner: answers.owner.clone(),
                    domain: answers.domain,
                    live: 0,
                    latent: 0,
                    unknown: 0,
                    cases: 0,
                    oldest: Duration::ZERO,
                });
            figures.live += live;
            figures.latent += latent;
            figures.unknown += unknown;
            figures.oldest = figures.oldest.max(age);
            figures.cases += u64::from(owners.insert((answers.domain, answers.owner.as_deref())));
        }
    }

    fn seen(&mut self, verdict: &VerdictDocument, systems: &[SystemId]) {
        for system in systems {
            let row = self.coverage.entry(system.clone()).or_default();
            let gaps = verdict.gaps.iter().any(|gap| gap.system == *system && gap.blocks);
            row.with_gaps += u64::from(gaps);
            row.whole += u64::from(!gaps);
        }
        for line in &verdict.obligations {
            let row = self.coverage.entry(line.system.clone()).or_default();
            row.lines += 1;
            row.unknown += u64::from(matches!(line.state, State::Unknown | State::Unknowable));
        }
        for spot in &verdict.blind_spots {
            *self.blind.entry((spot.system.clone(), spot.kind, spot.what.clone())).or_default() += 1;
        }
    }

    /// The figures of what was counted.
    #[must_use]
    pub fn figures(self, as_of: Timestamp) -> ProgrammeFigures {
        let proven = self.proven.into_iter().map(|(point, (mut took, open))| {
            took.sort_unstable();
            let share = |percent| percentile(&took, percent);
            ProvenFigures {
                point,
                cases: took.len() as u64,
                open,
                p50: share(50),
                p90: share(90),
                p99: share(99),
            }
        });
        let mut owners: Vec<OwnerFigures> = self.owners.into_values().collect();
        owners.sort_by(|a, b| {
            let weight = |f: &OwnerFigures| (f.live, f.latent, f.unknown);
            weight(b).cmp(&weight(a)).then_with(|| (&a.owner, a.domain).cmp(&(&b.owner, b.domain)))
        });
        let blind = self.blind.into_iter().map(|((system, kind, what), cases)| BlindSpotFigures {
            system,
            kind,
            what,
            cases,
        });
        let mut blind: Vec<BlindSpotFigures> = blind.collect();
        blind.sort_by(|a, b| {
            b.cases
                .cmp(&a.cases)
                .then_with(|| (&a.system, a.kind, &a.what).cmp(&(&b.system, b.kind, &b.what)))
        });
        ProgrammeFigures {
            version: ProgrammeFigures::VERSION,
            as_of,
            cases: self.cases,
            tokens: self.tokens,
            proven: proven.collect(),
            claims: self.claims,
            residual_by_owner: owners,
            residual_by_age: self.ages,
            regressions: self.regressions,
            coverage: self.coverage,
            blind_spots: blind,
            governance: self.governance,
            uncovered: BTreeMap::new(),
            never_failed: self
                .points
                .into_values()
                .filter(|(_, failed)| *failed == 0)
                .map(|(f, _)| f)
                .collect(),
        }
    }
}

const fn is_left(line: &Obligation) -> bool {
    matches!(line.state, State::Live | State::Latent)
}

/// The nearest-rank percentile of sorted values: the least of them that so many in a hundred do not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Option<Duration> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

#[cfg(test)]
mod tests {
    use exeunt_model::{Duration, SystemId};

    use super::{Tally, figures, percentile};
    use crate::small_world::{World, time, token};

    /// The figure everybody quotes has to be counted of leavers, not of tokens, and only of those whose tokens are known.
    #[test]
    fn tokens_that_still_work() {
        let keeps = |state| World::new().ada("active").keeps("credentials", token("pat", "1", state)).judge();
        let two = World::new()
            .ada("active")
            .keeps("credentials", token("one", "1", "active"))
            .keeps("credentials", token("two", "1", "active"))
            .judge();
        let verdicts = [keeps("active"), keeps("inactive"), keeps("revoked"), two, World::new().judge()];
        let systems = [SystemId::new("app").expect("a system")];
        let found = figures(&verdicts, 1, &systems, time("2026-11-21T00:00:00Z"));
        let tokens = (found.tokens.leavers, found.tokens.with_live, found.tokens.with_latent_or_unknown);
        assert_eq!(tokens, (4, 2, 1));
        assert_eq!((found.tokens.tokens, found.tokens.live), (5, 3));
        assert_eq!((found.cases.all, found.cases.not_judged), (6, 1));
        let credentials = found.proven.iter().find(|proven| proven.point == 5).expect("credentials");
        assert_eq!((credentials.cases, credentials.open), (1, 3));
        let owner = found.residual_by_owner.first().expect("an owner");
        assert_eq!(owner.owner.as_deref(), Some("App team"));
        assert_eq!(found.residual_by_age[0].live, 3 + 4, "three tokens and four accounts");
    }

    /// What is counted on two processors has to be what one would have counted.
    #[test]
    fn counted_apart_is_counted_together() {
        let systems = [SystemId::new("app").expect("a system")];
        let verdicts = [
            World::new().ada("active").keeps("credentials", token("one", "1", "active")).judge(),
            World::new().ada("disabled").keeps("credentials", token("two", "1", "inactive")).judge(),
            World::new().judge(),
        ];
        let as_of = time("2026-11-21T00:00:00Z");
        let mut apart = Tally::new(1);
        for verdict in &verdicts {
            let mut one = Tally::new(0);
            one.take(verdict, &systems);
            apart.add(one);
        }
        assert_eq!(apart.figures(as_of), figures(&verdicts, 1, &systems, as_of));
    }

    /// A percentile of few cases is one of them, never something between.
    #[test]
    fn percentiles_are_cases() {
        let hours: Vec<Duration> = (1..=10).map(Duration::from_hours).collect();
        assert_eq!(percentile(&hours, 50), Some(Duration::from_hours(5)));
        assert_eq!(percentile(&hours, 90), Some(Duration::from_hours(9)));
        assert_eq!(percentile(&hours, 99), Some(Duration::from_hours(10)));
        assert_eq!(percentile(&hours[..1], 50), Some(Duration::from_hours(1)));
        assert_eq!(percentile(&[], 50), None);
    }
}
