//! The list: everything the leaver had, was given since, or has now, that could act for them.
//!
//! From the last whole snapshot before departure, everything since, and what is seen now. One obligation for
//! each own account, each direct membership and grant, each group, grant or role reached through others, each
//! credential, integration, non-human account and trust.

mod credentials;
mod entitlements;
mod gather;
mod identity;
mod integrations;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use exeunt_model::verdict::{Item, NhiOutcome, Step};
use exeunt_model::{LinkStrength, Ref, State, SurvivorKind, SystemId, Text, Timestamp};

use crate::estate::Sighting;
use crate::liveness::{Fate, Scene};
use crate::order::in_order;

pub(crate) use gather::Gathered;

/// An obligation before owners, claims and timeline are added.
pub(crate) struct Draft<'a> {
    pub id: String,
    pub system: SystemId,
    pub kind: SurvivorKind,
    pub item: Item,
    pub fate: Fate,
    pub path: Vec<Arc<Step>>,
    pub link: LinkStrength,
    pub privileged: bool,
    /// The control point whose step removes it.
    pub point: u8,
    /// The references an ownership cell may name, closest first.
    pub resources: Vec<&'a Ref>,
    pub sightings: Vec<Sighting<'a>>,
    /// The object it is, if it is one.
    pub object: Option<&'a Ref>,
    pub used: Option<Timestamp>,
    /// What became of it, where it is not human.
    pub outcome: Option<NhiOutcome>,
    pub next_step: Text,
}

/// Everything that could act for the leaver, in order of ids.
pub(crate) fn obligations<'a>(scene: &Scene<'_, 'a>) -> Vec<Draft<'a>> {
    let gathered = Gathered::new(scene);
    let mut drafts = Vec::new();
    for start in &gathered.starts {
        drafts.extend(identity::account(scene, start));
        drafts.extend(entitlements::of(scene, start));
    }
    for (object, found) in &gathered.credentials {
        drafts.extend(credentials::credential(scene, &gathered, object, found));
    }
    for (object, found) in &gathered.integrations {
        drafts.push(integrations::integration(scene, object, found));
    }
    let mut drafts =
        in_order(drafts, |a, b| (&a.id, a.fate.state, &a.path).cmp(&(&b.id, b.fate.state, &b.path)));
    // The same thing reached twice stands once, with its most alive way.
    drafts.dedup_by(|later, kept| later.id == kept.id);
    drafts
}

/// Whether it is not gone yet. What is waived is seen in another state and accepted.
pub(crate) fn is_open(state: State) -> bool {
    state != State::Gone
}
