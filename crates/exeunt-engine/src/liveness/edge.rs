//! Memberships, grants, ownerships and act-as edges.

use std::rc::Rc;

use exeunt_model::{Grade, Ref, State, SurvivorKind, Text, text};

use super::presence::seen_grade;
use super::{Fate, Presence, Scene};
use crate::resolve::{Edge, Tie};

/// The kind whose rules an edge is judged by.
pub(crate) const fn edge_kind(tie: Tie<'_>) -> SurvivorKind {
    match tie {
        Tie::Acts(_) => SurvivorKind::Trust,
        Tie::Owns(_) | Tie::Runs => SurvivorKind::OwnedNhi,
        Tie::Member | Tie::Grant(_) | Tie::Holds | Tie::Opens => SurvivorKind::GrantDirect,
    }
}

impl<'a> Scene<'_, 'a> {
    /// The fate of an edge by itself, whoever stands at its ends. Found once for each edge.
    pub fn edge(&self, place: usize) -> Rc<Fate> {
        if let Some(known) = self.edges.borrow().get(&place) {
            return Rc::clone(known);
        }
        let fate = Rc::new(match self.graph.edges.get(place) {
            Some(edge) => self.edge_fate(edge),
            None => Fate::unknown(super::presence::Doubt {
                because: Text::new_static("No such edge"),
                would_change: Text::default(),
                grade: Grade::E0,
                cites: Vec::new(),
            }),
        });
        self.edges.borrow_mut().insert(place, Rc::clone(&fate));
        fate
    }

    /// The state of an edge by itself.
    pub fn edge_state(&self, place: usize) -> State {
        if let Some(known) = self.edges.borrow().get(&place) {
            return known.state;
        }
        self.edge(place).state
    }

    fn edge_fate(&self, edge: &Edge<'a>) -> Fate {
        if let Some(link) = edge.manual {
            return Fate {
                state: State::Live,
                grade: Grade::E0,
                because: text!("Tied to the leaver by hand, by {}: {}", link.by, link.reason),
                would_change: Text::new_static("Taking the link out of the configuration."),
                cites: Vec::new(),
                since: None,
            };
        }
        let parents: [&'a Ref; 2] = [edge.from, edge.to];
        match self.presence(&edge.sightings, self.rule_kind(edge), &parents) {
            Presence::Absent(proof) => Fate::gone(proof),
            Presence::Unproven(doubt) => Fate::unknown(doubt),
            Presence::Seen(sighting) => Fate {
                state: State::Live,
                grade: seen_grade(&sighting),
                because: text!(
                    "{} {} {} at {}",
                    edge.begin_name(),
                    edge.how(),
                    edge.end_name(),
                    self.estate.ended(&sighting)
                ),
                would_change: Text::new_static("Its removal, and a complete read after it."),
                cites: self.estate.cite_sighting(&sighting).into_iter().collect(),
                since: None,
            },
        }
    }

    /// The kind of an edge where a manifest of those that show it has a rule for it, else that of entitlements: an
    /// ownership or a trust is listed like any other entitlement, and what proves those gone proves it gone.
    fn rule_kind(&self, edge: &Edge<'a>) -> SurvivorKind {
        let kind = edge_kind(edge.tie);
        let stated = edge.sightings.iter().any(|sighting| self.settle(sighting.system, kind).is_some());
        if stated { kind } else { SurvivorKind::GrantDirect }
    }
}
