//! Claims against facts.

use exeunt_model::verdict::{ClaimCheck, Comparison};
use exeunt_model::{Duration, Noun, State, SurvivorKind, Timestamp};

use super::Said;
use super::around::{is_undone, is_unchanged, stopped_later};
use super::names::{Aim, is};
use super::read::Spoken;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// The claims that speak of one obligation, compared. `deadline` is when its owner had to be done.
pub(crate) fn compare(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    draft: &Draft<'_>,
    deadline: Option<Timestamp>,
) -> Vec<ClaimCheck> {
    let slack = said.clock.unwrap_or(Duration::ZERO);
    let about = said.spoken.iter().filter(|spoken| speaks_of(spoken, draft));
    about
        .map(|spoken| ClaimCheck {
            claim: spoken.claim.clone(),
            comparison: one(scene, spoken, draft, deadline, slack),
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

fn one(
    scene: &Scene<'_, '_>,
    spoken: &Spoken<'_>,
    draft: &Draft<'_>,
    deadline: Option<Timestamp>,
    slack: Duration,
) -> Comparison {
    let claim = &spoken.claim;
    if !claim.done {
        return Comparison::Open;
    }
    if matches!(spoken.aim, Aim::Another(_)) {
        return Comparison::WrongObject;
    }
    let late = || claim.at.zip(deadline).is_some_and(|(at, deadline)| at > deadline);
    match draft.fate.state {
        State::Unknown | State::Unknowable => Comparison::Unobservable,
        State::Live | State::Latent if is_undone(scene, draft) => Comparison::DoneThenUndone,
        State::Live | State::Latent if claim.at.is_some_and(|at| is_unchanged(scene, draft, at, slack)) => {
            Comparison::NeverAttempted
        }
        State::Live | State::Latent => Comparison::Contradicted,
        State::Gone | State::Waived if claim.at.is_some_and(|at| stopped_later(scene, draft, at, slack)) => {
            if is_undone(scene, draft) { Comparison::DoneThenUndone } else { Comparison::Premature }
        }
        State::Gone | State::Waived if late() => Comparison::Late,
        State::Gone | State::Waived => Comparison::Confirmed,
    }
}
