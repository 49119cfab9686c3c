//! Credentials the leaver holds, made, or could read, and those of the non-human accounts they owned.

use exeunt_model::verdict::Item;
use exeunt_model::{LinkStrength, Record, Ref, State, SurvivorKind, Text, text};

use super::gather::{Gathered, Hanging, Role};
use super::identity::used_after;
use super::words::{next_step, object_id};
use super::{Draft, is_open};
use crate::estate::at;
use crate::liveness::{Fate, Proof, Scene};

/// The obligation on a credential; none for a secret of a handed-over account that the leaver never knew.
pub(crate) fn credential<'a>(
    scene: &Scene<'_, 'a>,
    gathered: &Gathered<'a>,
    object: &'a Ref,
    found: &Hanging<'a>,
) -> Option<Draft<'a>> {
    let start = gathered.starts.iter().find(|start| start.node == found.start)?;
    let nhi = match &start.role {
        Role::NonHuman { fate, secret, ties } => Some((fate, *secret, ties)),
        Role::Person | Role::Own => None,
    };
    let exposed = found.link == LinkStrength::Exposure;
    let handed = found.by.is_some_and(|by| scene.other_owner(by).is_some());
    let fate = match nhi {
        Some((_, _, ties)) if scene.made_after(object) && !scene.may_be_tied(ties) => {
            let known =
                scene.estate.sightings(object).iter().find(|s| s.receipt.ended <= scene.window.departed)?;
            replaced(scene, object, known.receipt.ended)
        }
        Some((nhi_fate, _, _)) if nhi_fate.state == State::Gone && found.by.is_some() => {
            let fate = scene.credential_fate(object, found.by);
            // Retired or handed over with all secrets replaced: then this one was, or the account is dead.
            if fate.state == State::Gone { fate } else { nhi_fate.clone() }
        }
        // Whoever could read a secret can use it until it is replaced, whoever's it is.
        None if exposed && scene.made_after(object) => {
            let known =
                scene.estate.sightings(object).iter().find(|s| s.receipt.ended <= scene.window.departed)?;
            replaced(scene, object, known.receipt.ended)
        }
        _ => scene.credential_fate(object, found.by),
    };
    let latest = match scene.estate.latest(object) {
        Some(Record::Credential(latest)) => Some(latest),
        _ => None,
    };
    let kind = latest.map_or(SurvivorKind::TokenUser, |latest| latest.kind);
    let name = scene.estate.name(object);
    let mut resources = vec![object];
    resources.extend(latest.into_iter().flat_map(|latest| &latest.opens));
    resources.extend(found.by);
    let would_change = fate.would_change.clone();
    Some(Draft {
        id: object_id(kind, object),
        system: object.system.clone(),
        kind,
        item: Item {
            key: object.to_string(),
            native_type: latest.map_or_else(|| kind.to_string(), |latest| latest.native_type.clone()).into(),
            name: name.into(),
        },
        next_step: if protected(scene, found.by) && is_open(fate.state) {
            let to = "give the new one to those who may use the account. The account itself is protected";
            Text::from(format!("Replace {name}, and {to}."))
        } else {
            next_step(scene, &object.system, kind, (name, &object.id), fate.state, &would_change)
        },
        fate,
        path: found.path.clone(),
        link: found.link,
        privileged: found
            .by
            .and_then(|by| scene.estate.account(by))
            .is_some_and(|account| account.privileged),
        point: match nhi {
            None if exposed => 8,
            None => 5,
            Some((_, secret, _)) if secret || handed => 8,
            Some(_) => 7,
        },
        resources,
        sightings: scene.estate.sightings(object).to_vec(),
        object: Some(object),
        outcome: None,
        used: if nhi.is_some() { None } else { used_after(scene, object) },
    })
}

/// Whether the account that holds it is one that policy protects.
fn protected(scene: &Scene<'_, '_>, by: Option<&Ref>) -> bool {
    by.is_some_and(|by| scene.policy.protected.iter().any(|protected| protected.object == *by))
}

fn replaced(scene: &Scene<'_, '_>, object: &Ref, before: exeunt_model::Timestamp) -> Fate {
    let now = scene.first_new(object);
    Fate::gone(Proof {
        since: now.map_or(before, |sighting| sighting.receipt.ended),
        because: text!("Replaced since it was read at {}, after the departure", at(before)),
        cites: now.and_then(|sighting| scene.estate.cite_sighting(sighting)).into_iter().collect(),
    })
}
