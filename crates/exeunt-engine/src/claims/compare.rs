//! Claims against facts, and the findings that come of it.

use std::collections::BTreeSet;

use exeunt_model::case::{Claim, ClaimSource};
use exeunt_model::verdict::{ClaimCheck, Comparison, Finding};
use exeunt_model::{State, SystemId, Timestamp};

use super::Said;
use crate::liveness::Scene;
use crate::obligations::{Draft, is_open};

/// The claims that speak of one obligation, compared. `deadline` is when its owner had to be done.
pub(crate) fn compare(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    draft: &Draft<'_>,
    deadline: Option<Timestamp>,
) -> Vec<ClaimCheck> {
    let about = said.claims.iter().filter(|claim| {
        claim.system.as_ref().is_none_or(|system| *system == draft.system)
            && (claim.kinds.is_empty() || claim.kinds.contains(&draft.kind))
    });
    about
        .map(|claim| ClaimCheck { claim: claim.clone(), comparison: one(scene, claim, draft, deadline) })
        .collect()
}

fn one(scene: &Scene<'_, '_>, claim: &Claim, draft: &Draft<'_>, deadline: Option<Timestamp>) -> Comparison {
    if !claim.done {
        return Comparison::Open;
    }
    let seen_later = claim.at.is_some_and(|at| draft.sightings.iter().any(|s| s.receipt.started > at));
    match draft.fate.state {
        State::Live | State::Latent if scene.came_back(&draft.sightings).is_some() => {
            Comparison::DoneThenUndone
        }
        State::Live | State::Latent => Comparison::Contradicted,
        State::Unknown | State::Unknowable => Comparison::Unobservable,
        State::Gone | State::Waived if seen_later && draft.object.is_none_or(|_| dropped_out(draft)) => {
            Comparison::DoneThenUndone
        }
        State::Gone | State::Waived if claim.at.zip(deadline).is_some_and(|(at, deadline)| at > deadline) => {
            Comparison::Late
        }
        State::Gone | State::Waived => Comparison::Confirmed,
    }
}

/// Whether it is gone by having dropped out of a listing, so that its last sighting shows it still there.
/// Something that is listed as dead is still sighted, and that contradicts no claim.
fn dropped_out(draft: &Draft<'_>) -> bool {
    let last = draft.sightings.last().map(|sighting| sighting.receipt.ended);
    last.is_some_and(|last| draft.fate.cites.iter().all(|cite| cite.at != last))
}

/// What is wrong with the claims as such.
pub(crate) fn findings(said: &Said<'_>, drafts: &[Draft<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if said.ticket.is_none() {
        return findings;
    }
    let spoken: BTreeSet<&SystemId> = said.claims.iter().filter_map(|claim| claim.system.as_ref()).collect();
    let known: BTreeSet<&SystemId> = drafts.iter().map(|draft| &draft.system).collect();
    let open: BTreeSet<&SystemId> =
        drafts.iter().filter(|draft| is_open(draft.fate.state)).map(|draft| &draft.system).collect();
    for system in open.difference(&spoken) {
        findings.push(Finding {
            code: "never_claimed".to_owned(),
            says: format!("No line of the ticket speaks of {system}, where something is left."),
        });
    }
    for system in spoken.difference(&known) {
        let line = said
            .claims
            .iter()
            .find(|c| c.system.as_ref() == Some(*system) && c.source != ClaimSource::TicketStatus);
        let says = line.map(|claim| claim.says.clone()).unwrap_or_default();
        findings.push(Finding {
            code: "claim_without_object".to_owned(),
            says: format!("The ticket speaks of {system} (\u{201c}{says}\u{201d}), where nothing of the leaver's is known."),
        });
    }
    findings
}
