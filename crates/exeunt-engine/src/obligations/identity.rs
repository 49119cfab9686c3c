//! Own accounts, and non-human accounts that are the leaver's to use.

use exeunt_model::record::EventAction;
use exeunt_model::verdict::{Item, NhiOutcome};
use exeunt_model::{LinkStrength, Record, Ref, State, SurvivorKind, Text, Timestamp};

use super::Draft;
use super::gather::{Role, Start};
use super::words::{next_step, object_id};
use crate::liveness::{Fate, Holder, Scene};

/// The obligation on an account; none for the person, who is no account.
pub(crate) fn account<'a>(scene: &Scene<'_, 'a>, start: &Start<'a>) -> Option<Draft<'a>> {
    match &start.role {
        Role::Person => None,
        Role::Own => Some(own(scene, start)),
        Role::NonHuman { fate, secret, .. } => Some(non_human(scene, start, fate, *secret)),
    }
}

fn own<'a>(scene: &Scene<'_, 'a>, start: &Start<'a>) -> Draft<'a> {
    let kind = SurvivorKind::Principal;
    let fate = scene.account_fate(start.node);
    let name = scene.estate.name(start.node);
    let would_change = fate.would_change.clone();
    Draft {
        id: object_id(kind, start.node),
        system: start.node.system.clone(),
        kind,
        item: Item {
            key: start.node.to_string(),
            native_type: Text::new_static("account"),
            name: name.into(),
        },
        next_step: if fate.state == State::Latent {
            let system = &start.node.system;
            let what = "for good, or have policy accept it while it is blocked";
            Text::from(format!("It is blocked already. Delete {name} in {system} {what}."))
        } else {
            let named = (name, start.node.id.as_str());
            next_step(scene, &start.node.system, kind, named, fate.state, &would_change)
        },
        fate,
        path: start.path.clone(),
        link: LinkStrength::SamePerson,
        privileged: privileged(scene, start.node),
        point: if start.node.system == *scene.people.directory { 2 } else { 3 },
        resources: vec![start.node],
        sightings: scene.estate.sightings(start.node).to_vec(),
        object: Some(start.node),
        used: used_after(scene, start.node),
        outcome: None,
    }
}

fn non_human<'a>(scene: &Scene<'_, 'a>, start: &Start<'a>, fate: &Fate, secret: bool) -> Draft<'a> {
    let kind = SurvivorKind::OwnedNhi;
    let name = scene.estate.name(start.node);
    let word = scene.estate.account(start.node).map_or("account", |account| match account.kind.kind {
        exeunt_model::IdentityKind::Service => "service account",
        exeunt_model::IdentityKind::Workload => "workload",
        exeunt_model::IdentityKind::Agent => "agent",
        exeunt_model::IdentityKind::Shared => "shared account",
        exeunt_model::IdentityKind::Human | exeunt_model::IdentityKind::Unknown => "account",
    });
    let handed = scene.other_owner(start.node).is_some();
    let protected = scene.policy.protected.iter().find(|protected| protected.object == *start.node);
    let step = match fate.state {
        State::Live | State::Latent if protected.is_some() => {
            let why = protected.map(|protected| protected.reason.as_str()).unwrap_or_default();
            format!(
                "Rotate the secrets of {name} in {}, then read it again. Do not remove or disable it: it is protected ({why}).",
                start.node.system
            )
        }
        State::Gone | State::Waived => "Nothing.".to_owned(),
        State::Unknown | State::Unknowable => fate.would_change.to_string(),
        State::Live | State::Latent if secret || handed => {
            format!("Rotate the secrets of {name} in {}, then read it again.", start.node.system)
        }
        State::Live | State::Latent => {
            let says = scene.manifest(&start.node.system).and_then(|manifest| manifest.revoke.get(&kind));
            says.map_or_else(
                || {
                    format!(
                        "Give {name} in {} a new owner and rotate its secrets, or retire it.",
                        start.node.system
                    )
                },
                |rule| rule.says.replace("{name}", name).replace("{id}", &start.node.id),
            )
        }
    };
    Draft {
        id: object_id(kind, start.node),
        system: start.node.system.clone(),
        kind,
        item: Item { key: start.node.to_string(), native_type: word.into(), name: name.into() },
        fate: fate.clone(),
        path: start.path.clone(),
        link: start.link,
        privileged: privileged(scene, start.node),
        point: if secret || handed { 8 } else { 7 },
        resources: vec![start.node],
        sightings: scene.estate.sightings(start.node).to_vec(),
        object: Some(start.node),
        // Its work goes on whoever owns it: that it acted does not say that the leaver did.
        used: None,
        outcome: (!secret).then(|| outcome(scene, start.node, fate.state, handed)),
        next_step: step.into(),
    }
}

/// What became of a non-human account.
fn outcome(scene: &Scene<'_, '_>, account: &Ref, state: State, handed: bool) -> NhiOutcome {
    match state {
        State::Gone if matches!(scene.holder(account), Holder::Gone(_)) => NhiOutcome::Retired,
        State::Gone => NhiOutcome::Reassigned,
        State::Live | State::Latent | State::Waived if handed => NhiOutcome::HandedOverOnly,
        State::Live | State::Latent | State::Waived => NhiOutcome::StillTheLeavers,
        State::Unknown | State::Unknowable => NhiOutcome::Unknown,
    }
}

fn privileged(scene: &Scene<'_, '_>, account: &Ref) -> bool {
    scene.estate.account(account).is_some_and(|account| account.privileged)
}

/// When a thing was last used after departure, by its own record or a log.
pub(crate) fn used_after(scene: &Scene<'_, '_>, object: &Ref) -> Option<Timestamp> {
    let shown = scene.estate.sightings(object).iter().filter_map(|sighting| match sighting.record {
        Record::Account(r) => r.last_used,
        Record::Credential(r) => r.last_used,
        Record::Integration(r) => r.last_used,
        _ => None,
    });
    let logged = scene.estate.events(object).iter().filter(|event| event.action == EventAction::Used);
    let used = shown.chain(logged.map(|event| event.at));
    used.filter(|used| *used > scene.window.departed && *used <= scene.as_of).max()
}
