//! The access graph of the newest snapshots as a document.

use std::collections::BTreeMap;

use exeunt_model::access::{AccessEdge, AccessMap, AccessNode, AccessTie};
use exeunt_model::record::{AccountState, ActAsHow, CredentialState};
use exeunt_model::{IdentityKind, Noun, Record, Ref, State};

use super::graph::{Edge, Graph, Tie};
use crate::correlate::People;
use crate::estate::{Estate, Sighting};

/// Everything that any snapshot showed, in the state of the newest one. `left` says who has left.
pub(crate) fn access_map(
    estate: &Estate<'_>,
    people: &People<'_>,
    graph: &Graph<'_>,
    left: &dyn Fn(&Ref) -> bool,
) -> AccessMap {
    let mut places: BTreeMap<&Ref, usize> = people.persons.keys().map(|person| (*person, 0)).collect();
    places.extend(people.owner_of.keys().map(|account| (*account, 0)));
    places.extend(graph.edges.iter().flat_map(|edge| [(edge.from, 0), (edge.to, 0)]));
    places.values_mut().zip(0..).for_each(|(place, at)| *place = at);
    let nodes = places.keys().map(|object| node(estate, object, left)).collect();
    let mut map = AccessMap { nodes, edges: Vec::new() };
    let own =
        people.accounts_of.iter().flat_map(|(person, accounts)| accounts.iter().map(move |a| (*person, *a)));
    let own = own.map(|(person, account)| {
        (person, account, AccessTie::HasAccount, people.has(account), State::Live, false)
    });
    let seen = graph.edges.iter().map(|edge| {
        (
            edge.from,
            edge.to,
            tie(estate, people, edge),
            edge.how(),
            edge_state(estate, edge),
            edge.privileged(),
        )
    });
    map.edges = own
        .chain(seen)
        .filter_map(|(from, to, tie, how, state, privileged)| {
            let (from, to) = (*places.get(from)?, *places.get(to)?);
            Some(AccessEdge { from, to, tie, how, state, privileged })
        })
        .collect();
    map.edges.sort_by(|a, b| (a.from, a.to, a.tie, &a.how).cmp(&(b.from, b.to, b.tie, &b.how)));
    map
}

fn node(estate: &Estate<'_>, object: &Ref, left: &dyn Fn(&Ref) -> bool) -> AccessNode {
    let latest = estate.latest(object);
    let (kind, state, privileged) = match latest {
        Some(Record::Account(account)) => {
            let state = match account.state {
                AccountState::Active | AccountState::Invited => State::Live,
                AccountState::Unknown => State::Unknown,
                // Deleted but listed is not proven gone; it can do nothing as it is.
                _ => State::Latent,
            };
            (Some(account.kind.kind), state, account.privileged)
        }
        Some(Record::Credential(credential)) => {
            let state = match credential.state {
                CredentialState::Active => State::Live,
                CredentialState::Unknown => State::Unknown,
                _ => State::Latent,
            };
            (None, state, false)
        }
        Some(Record::Group(group)) => (None, State::Live, group.privileged),
        // What has no state of its own is as alive as the way to it.
        _ => (None, State::Live, false),
    };
    let stated = matches!(object.noun, Noun::Account | Noun::Credential);
    let seen = estate.sightings(object).iter().any(|sighting| is_newest(estate, sighting));
    let state = if stated && !seen { State::Unknown } else { state };
    let left = object.noun == Noun::Identity && left(object);
    AccessNode { id: object.clone(), name: estate.name(object).to_owned(), kind, state, privileged, left }
}

fn is_newest(estate: &Estate<'_>, sighting: &Sighting<'_>) -> bool {
    estate.newest(sighting.system).is_some_and(|(newest, _)| newest == sighting.at)
}

fn edge_state(estate: &Estate<'_>, edge: &Edge<'_>) -> State {
    let seen = edge.manual.is_some() || edge.sightings.iter().any(|sighting| is_newest(estate, sighting));
    if seen { State::Live } else { State::Unknown }
}

fn tie(estate: &Estate<'_>, people: &People<'_>, edge: &Edge<'_>) -> AccessTie {
    match edge.tie {
        Tie::Member => AccessTie::MemberOf,
        Tie::Grant(_) => AccessTie::HasPermission,
        Tie::Acts(how) => {
            let human = estate.account(edge.to).map(|account| account.kind.kind) == Some(IdentityKind::Human);
            // Signing in somewhere by single sign-on is the person's own way.
            let colleague = how != ActAsHow::Sso && (human || people.person(edge.to).is_some());
            if colleague { AccessTie::CanActAsColleague } else { AccessTie::CanActAs }
        }
        Tie::Holds => AccessTie::Holds,
        Tie::Runs => AccessTie::ActedForBy,
        Tie::Owns(_) => AccessTie::Owns,
        Tie::Opens => AccessTie::Opens,
    }
}
