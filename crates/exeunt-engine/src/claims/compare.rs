//! Claims against facts.

use std::sync::Arc;

use exeunt_model::case::Claim;
use exeunt_model::verdict::{ClaimCheck, Comparison};
use exeunt_model::{Duration, Noun, State, SurvivorKind, Timestamp};

use super::Said;
use super::around::{Seen, is_unchanged, is_undone, seen, stopped_later};
use super::names::{Aim, is};
use super::said::Spoken;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// The claims that speak of one obligation, compared. `deadline` is when its owner had to be done.
pub(crate) fn compare(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    draft: &Draft<'_>,
    deadline: Option<Timestamp>,
) -> Vec<ClaimCheck> {
    let about: Vec<&Spoken<'_>> = said.spoken.iter().filter(|spoken| speaks_of(spoken, draft)).collect();
    let seen = if about.is_empty() { Vec::new() } else { seen(scene, draft) };
    let facts = Facts { scene, draft, seen: &seen, deadline, slack: said.clock.unwrap_or(Duration::ZERO) };
    about
        .into_iter()
        .map(|spoken| ClaimCheck {
            claim: Arc::clone(&spoken.claim),
            comparison: facts.compare(spoken),
            remarks: spoken.remarks.clone(),
        })
        .collect()
}

/// Whether a claim is about an obligation. One that names things of the leaver's is about those; one that names only
/// other people's things of a sort was to be about the leaver's of that sort.
fn speaks_of(spoken: &Spoken<'_>, draft: &Draft<'_>) -> bool {
    let claim = &spoken.claim;
    let in_scope = claim.system.as_ref().is_none_or(|system| *system == draft.system)
        && (claim.kinds.is_empty() || claim.kinds.contains(&draft.kind));
    in_scope
        && match &spoken.aim {
            Aim::All => true,
            Aim::These(things) => things.iter().any(|thing| is(draft, thing)),
            Aim::Another(things) => things.iter().any(|thing| of_the_sort(draft, thing.noun)),
        }
}

fn of_the_sort(draft: &Draft<'_>, noun: Noun) -> bool {
    match noun {
        Noun::Group => matches!(draft.kind, SurvivorKind::GrantDirect | SurvivorKind::GrantInherited),
        Noun::Credential | Noun::Integration => draft.object.is_some_and(|object| object.noun == noun),
        // With somebody else's account, everything that hangs on it was somebody else's.
        _ => true,
    }
}

/// What is known of one obligation.
struct Facts<'f, 's, 'x, 'd> {
    scene: &'f Scene<'s, 'x>,
    draft: &'f Draft<'d>,
    seen: &'f [Seen<'d>],
    deadline: Option<Timestamp>,
    /// How far the ticket's clock may be from ours.
    slack: Duration,
}

impl Facts<'_, '_, '_, '_> {
    fn compare(&self, spoken: &Spoken<'_>) -> Comparison {
        let Claim { done, at, .. } = &*spoken.claim;
        if !done {
            return Comparison::Open;
        }
        if matches!(spoken.aim, Aim::Another(_)) {
            return Comparison::WrongObject;
        }
        match self.draft.fate.state {
            State::Unknown | State::Unknowable => Comparison::Unobservable,
            State::Live | State::Latent if self.is_undone() => Comparison::DoneThenUndone,
            State::Live | State::Latent if at.is_some_and(|at| self.is_unchanged(at)) => {
                Comparison::NeverAttempted
            }
            State::Live | State::Latent => Comparison::Contradicted,
            State::Gone | State::Waived if at.is_some_and(|at| self.stopped_later(at)) => {
                if self.is_undone() { Comparison::DoneThenUndone } else { Comparison::Premature }
            }
            State::Gone | State::Waived if at.zip(self.deadline).is_some_and(|(at, limit)| at > limit) => {
                Comparison::Late
            }
            State::Gone | State::Waived => Comparison::Confirmed,
        }
    }

    fn is_undone(&self) -> bool {
        is_undone(self.scene, self.draft, self.seen)
    }

    fn is_unchanged(&self, at: Timestamp) -> bool {
        is_unchanged(self.scene, self.draft, self.seen, at, self.slack)
    }

    fn stopped_later(&self, at: Timestamp) -> bool {
        stopped_later(self.draft, self.seen, at, self.slack)
    }
}
