//! Integrations that run as the leaver, or are theirs.

use exeunt_model::verdict::{Item, NhiOutcome};
use exeunt_model::{Record, Ref, State, SurvivorKind};

use super::Draft;
use super::gather::Hanging;
use super::identity::used_after;
use super::words::{next_step, object_id};
use crate::liveness::Scene;

/// The obligation on an integration.
pub(crate) fn integration<'a>(scene: &Scene<'_, 'a>, object: &'a Ref, found: &Hanging<'a>) -> Draft<'a> {
    let own = found.by.filter(|account| scene.is_leavers_own(account));
    let fate = scene.integration_fate(object, &found.ties, own);
    let latest = match scene.estate.latest(object) {
        Some(Record::Integration(latest)) => Some(latest),
        _ => None,
    };
    let kind = latest.map_or(SurvivorKind::OwnedAutomation, |latest| latest.kind);
    let outcome = matches!(kind, SurvivorKind::OwnedNhi | SurvivorKind::OwnedAutomation)
        .then(|| outcome(scene, object, fate.state));
    let name = scene.estate.name(object);
    let mut resources = vec![object];
    resources.extend(latest.into_iter().flat_map(|latest| &latest.opens));
    let would_change = fate.would_change.clone();
    Draft {
        id: object_id(kind, object),
        system: object.system.clone(),
        kind,
        item: Item {
            key: object.to_string(),
            native_type: latest.map_or_else(|| kind.to_string(), |latest| latest.native_type.clone()).into(),
            name: name.into(),
        },
        next_step: next_step(scene, &object.system, kind, (name, &object.id), fate.state, &would_change),
        fate,
        path: found.path.clone(),
        link: found.link,
        privileged: own
            .and_then(|account| scene.estate.account(account))
            .is_some_and(|account| account.privileged),
        point: 6,
        resources,
        sightings: scene.estate.sightings(object).to_vec(),
        object: Some(object),
        used: used_after(scene, object),
        outcome,
    }
}

/// What became of an integration: one that is still listed was given to somebody else.
fn outcome(scene: &Scene<'_, '_>, object: &Ref, state: State) -> NhiOutcome {
    let listed = || {
        let newest = scene.estate.newest(&object.system).map(|(newest, _)| newest);
        scene.estate.sightings(object).last().map(|sighting| sighting.at) == newest
    };
    match state {
        State::Gone if listed() => NhiOutcome::Reassigned,
        State::Gone => NhiOutcome::Retired,
        State::Live | State::Latent | State::Waived => NhiOutcome::StillTheLeavers,
        State::Unknown | State::Unknowable => NhiOutcome::Unknown,
    }
}
