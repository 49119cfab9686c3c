//! In which state a thing is, and how well that is known. The heart.
//!
//! `live` and `latent` are seen; `gone` needs a proof; everything else is `unknown` with its reason. Taking
//! away any observation can only move a thing towards `unknown`.

mod absence;
mod account;
mod credential;
mod edge;
mod integration;
mod non_human;
mod owner;
mod presence;
mod regression;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use exeunt_model::manifest::{Kills, Manifest};
use exeunt_model::policy::Policy;
use exeunt_model::verdict::{Cite, Step};
use exeunt_model::{Duration, Grade, Ref, State, SurvivorKind, SystemId, Text, Timestamp};
use foldhash::fast::FixedState;

pub(crate) use account::Holder;
pub(crate) use non_human::NhiTie;
pub(crate) use owner::Behind;
pub(crate) use presence::{Doubt, Presence, Proof, aliveness};

use crate::clocks::Offset;
use crate::correlate::People;
use crate::estate::{Estate, Sighting};
use crate::resolve::{Edge, Graph};

/// From alive to dead: a way is as dead as its deadest edge.
pub(crate) const LEVELS: [State; 4] = [State::Live, State::Latent, State::Unknown, State::Gone];

/// The place of a state in [`LEVELS`].
pub(crate) const fn level(state: State) -> u8 {
    match state {
        State::Live => 0,
        State::Latent => 1,
        State::Unknown | State::Unknowable => 2,
        State::Waived | State::Gone => 3,
    }
}

/// The deader of two states.
pub(crate) const fn deader(one: State, other: State) -> State {
    if level(one) >= level(other) { one } else { other }
}

/// The state of one thing, with its reasons.
#[derive(Clone)]
pub(crate) struct Fate {
    pub state: State,
    pub grade: Grade,
    pub because: Text,
    pub would_change: Text,
    pub cites: Vec<Arc<Cite>>,
    /// Since when it is gone, at the latest.
    pub since: Option<Timestamp>,
}

impl Fate {
    pub fn unknown(doubt: Doubt) -> Self {
        let Doubt { because, would_change, grade, cites } = doubt;
        Self { state: State::Unknown, grade, because, would_change, cites, since: None }
    }

    pub fn gone(proof: Proof) -> Self {
        Self {
            state: State::Gone,
            grade: Grade::E3,
            because: proof.because,
            would_change: Text::new_static("A later read that shows it again."),
            cites: proof.cites,
            since: Some(proof.since),
        }
    }
}

/// Which part of the history a case looks at: from the last whole snapshot before departure on.
pub(crate) struct Window<'a> {
    pub departed: Timestamp,
    pub from: HashMap<&'a SystemId, usize, FixedState>,
}

impl<'a> Window<'a> {
    /// The window of one departure.
    pub fn new(estate: &Estate<'a>, departed: Timestamp) -> Self {
        let mut from = HashMap::default();
        for (system, history) in estate.systems() {
            let before = history.iter().rposition(|held| held.snapshot.started < departed);
            // A baseline that was cut short is completed by the ones before it.
            let whole = before
                .and_then(|last| history.get(..=last)?.iter().rposition(|held| held.snapshot.is_complete()));
            let begins = if before.is_some() { whole.unwrap_or(0) } else { 0 };
            from.insert(system, begins);
        }
        Self { departed, from }
    }

    /// Whether a sighting lies in it.
    pub fn has(&self, sighting: &Sighting<'a>) -> bool {
        self.from.get(sighting.system).is_some_and(|from| sighting.at >= *from)
    }
}

/// Everything one case is judged from, with the states found so far.
pub(crate) struct Scene<'s, 'a> {
    pub estate: &'s Estate<'a>,
    pub people: &'s People<'a>,
    pub graph: &'s Graph<'a>,
    pub policy: &'a Policy,
    pub leaver: &'a Ref,
    pub window: Window<'a>,
    pub as_of: Timestamp,
    pub edges: RefCell<HashMap<usize, Rc<Fate>, FixedState>>,
    /// What keeps reads from counting, by where their receipts lie.
    pub untimely: RefCell<HashMap<usize, Option<Rc<str>>, FixedState>>,
    /// The step of a path that an edge is, as said so far.
    pub steps: RefCell<HashMap<usize, Arc<Step>, FixedState>>,
}

impl<'s, 'a> Scene<'s, 'a> {
    /// A scene in which nothing has been judged yet.
    pub fn new(
        estate: &'s Estate<'a>,
        people: &'s People<'a>,
        graph: &'s Graph<'a>,
        policy: &'a Policy,
        leaver: &'a Ref,
        departed: Timestamp,
        as_of: Timestamp,
    ) -> Self {
        let window = Window::new(estate, departed);
        Self {
            estate,
            people,
            graph,
            policy,
            leaver,
            window,
            as_of,
            edges: RefCell::default(),
            untimely: RefCell::default(),
            steps: RefCell::default(),
        }
    }

    /// Whether an object is the leaver, or one of the leaver's accounts.
    pub fn is_leavers_own(&self, object: &Ref) -> bool {
        self.people.person(object) == Some(self.leaver)
    }

    /// Whether an edge was seen in the part of the history that counts.
    pub fn in_window(&self, edge: &Edge<'a>) -> bool {
        edge.manual.is_some() || edge.sightings.iter().any(|sighting| self.window.has(sighting))
    }

    /// Whether an object was seen in the part of the history that counts.
    pub fn object_in_window(&self, object: &Ref) -> bool {
        self.estate.sightings(object).iter().any(|sighting| self.window.has(sighting))
    }

    /// How long after a removal a read counts: the manifest's time or policy's longer one; nothing when the
    /// manifest does not say what proves this kind gone.
    pub fn settle(&self, system: &SystemId, kind: SurvivorKind) -> Option<Duration> {
        let proof = &self.estate.manifest(system)?.proof;
        let stated = proof.get(&kind).or_else(|| {
            // An inherited entitlement is held by direct ones: their rule serves.
            (kind == SurvivorKind::GrantInherited).then(|| proof.get(&SurvivorKind::GrantDirect)).flatten()
        })?;
        let longer = self.policy.settle.get(&kind).copied().unwrap_or(Duration::ZERO);
        Some(stated.settle.max(longer))
    }

    /// What kills things of one kind in one system.
    pub fn kills(&self, system: &SystemId, kind: SurvivorKind) -> Option<&'a Kills> {
        let kills = &self.estate.manifest(system)?.kills;
        kills.get(&kind).or_else(|| {
            (kind == SurvivorKind::GrantInherited).then(|| kills.get(&SurvivorKind::GrantDirect)).flatten()
        })
    }

    /// How far a system's clock may be from ours, over the snapshots there are; none when it was never compared.
    pub fn clock(&self, system: &SystemId) -> Option<Duration> {
        self.estate.history(system).iter().filter_map(|held| held.offset).map(Offset::bound).max()
    }

    /// A system's manifest.
    pub fn manifest(&self, system: &SystemId) -> Option<&'a Manifest> {
        self.estate.manifest(system)
    }
}
