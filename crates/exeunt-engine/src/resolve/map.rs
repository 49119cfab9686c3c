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
    sighting.at + 1 == estate.history(sighting.system).len()
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

#[cfg(test)]
mod tests {
    use exeunt_model::access::{AccessEdge, AccessMap, AccessNode};
    use serde_json::{Value, json};

    use crate::access_of_everybody;
    use crate::small_world::{World, account, member, non_human, owns, rule, token};

    fn with(mut record: Value, more: &Value) -> Value {
        record.as_object_mut().expect("a record").extend(more.as_object().expect("fields").clone());
        record
    }

    fn acts(target: &str, how: &str) -> Value {
        json!({
            "record": "act_as", "actor": {"object": "app/account/1"}, "target": format!("app/account/{target}"), "how": how,
            "reason": "small",
        })
    }

    fn linked(world: &mut World, object: &str, person: &str) {
        let link = json!({"object": object, "person": person, "by": "Cleo", "reason": "small"});
        world.links.push(serde_json::from_value(link).expect("a link"));
    }

    /// Ada has left; an account and an edge of every sort, shown before, since, or both.
    fn world() -> World {
        let keyless = |id: &str, more: Value| {
            with(with(account("app", id, id, "0", "active"), &json!({"keys": []})), &more)
        };
        let mut world = World::new()
            .ada("active")
            .ada_in_directory("disabled")
            .keeps("accounts", keyless("ina", json!({"state": "invited"})))
            .keeps("accounts", non_human("bot", "service"))
            .keeps("accounts", with(non_human("hers", "service"), &json!({"privileged": true})))
            .has("accounts", with(non_human("odd", "workload"), &json!({"state": "unknown"})))
            .has("accounts", with(non_human("off", "agent"), &json!({"state": "deleted"})))
            .had("accounts", non_human("old", "shared"))
            .keeps("groups", json!({"record": "group", "id": "app/group/dev", "name": "Developers", "privileged": true}))
            .had("groups", json!({"record": "group", "id": "app/group/past", "name": "Past"}))
            .keeps("groups", member("dev", "account/1"))
            .had("groups", member("past", "account/1"))
            .keeps("groups", json!({
                "record": "grant", "subject": {"object": "app/group/dev"}, "resource": "app/resource/vault",
                "permission": "admin", "privileged": true,
            }))
            .keeps("groups", owns("account/bot", "1", "creator"));
        for (target, how) in [
            ("2", "sudo"),
            ("2", "sso"),
            ("bot", "assume"),
            ("hers", "assume"),
            ("ina", "assume"),
            ("off", "delegate"),
            ("old", "sso"),
        ] {
            world = world.keeps("groups", acts(target, how));
        }
        world = world
            .keeps("credentials", with(token("pat", "1", "active"), &json!({"opens": ["app/resource/repo"]})))
            .keeps("credentials", token("odd", "1", "unknown"))
            .keeps("credentials", token("off", "1", "revoked"))
            .had("credentials", token("lost", "1", "active"))
            .keeps("integrations", rule("sync", "odd", "enabled"));
        linked(&mut world, "app/account/hers", "dir/identity/1");
        linked(&mut world, "app/integration/sync", "dir/identity/2");
        world
    }

    fn node(node: &AccessNode) -> String {
        let kind = node.kind.map_or("-".to_owned(), |kind| format!("{kind:?}"));
        let marks = [(node.privileged, " privileged"), (node.left, " left")];
        let marks: String = marks.into_iter().filter(|(is, _)| *is).map(|(_, word)| word).collect();
        format!("{} {} {kind} {:?}{marks}", node.id, node.name, node.state)
    }

    fn edge(map: &AccessMap, edge: &AccessEdge) -> String {
        let (from, to) = (&map.nodes[edge.from].id, &map.nodes[edge.to].id);
        let mark = if edge.privileged { " privileged" } else { "" };
        format!("{from} {} {to}: {}, {:?}{mark}", edge.tie.word(), edge.how, edge.state)
    }

    /// The exported graph is what others ask their questions of: who is missing in it, is dead in it or ends elsewhere is not
    /// found by anybody.
    #[test]
    fn the_whole_map_of_a_small_estate() {
        let world = world();
        let map = world.ask(&world.history(), &[], access_of_everybody).expect("a graph");
        let nodes: Vec<String> = map.nodes.iter().map(node).collect();
        let edges: Vec<String> = map.edges.iter().map(|one| edge(&map, one)).collect();
        let told = [nodes.join("\n"), edges.join("\n")].join("\n\n");
        insta::assert_snapshot!(told, @r"
        app/account/1 ada Human Live
        app/account/2 ben Human Live
        app/account/bot bot Service Live
        app/account/hers hers Service Live privileged
        app/account/ina ina Human Live
        app/account/odd odd Workload Unknown
        app/account/off off Agent Latent
        app/account/old old Shared Unknown
        app/group/dev Developers - Live privileged
        app/group/past Past - Live
        app/resource/repo repo - Live
        app/resource/vault vault - Live
        app/credential/lost lost - Unknown
        app/credential/odd odd - Unknown
        app/credential/off off - Latent
        app/credential/pat pat - Live
        app/integration/sync sync - Live
        dir/identity/1 Ada - Live left
        dir/identity/2 Ben - Live
        dir/account/1 ada Human Latent
        dir/account/2 ben Human Live

        app/account/1 CanActAs app/account/2: signs in to, Live
        app/account/1 CanActAsColleague app/account/2: can run as, Live
        app/account/1 CanActAs app/account/bot: can assume, Live
        app/account/1 Owns app/account/bot: made, Live
        app/account/1 CanActAsColleague app/account/hers: can assume, Live
        app/account/1 CanActAsColleague app/account/ina: can assume, Live
        app/account/1 CanActAs app/account/off: is a delegate of, Live
        app/account/1 CanActAs app/account/old: signs in to, Live
        app/account/1 MemberOf app/group/dev: is a member of, Live
        app/account/1 MemberOf app/group/past: is a member of, Unknown
        app/account/1 Holds app/credential/lost: holds, Unknown
        app/account/1 Holds app/credential/odd: holds, Live
        app/account/1 Holds app/credential/off: holds, Live
        app/account/1 Holds app/credential/pat: holds, Live
        app/account/odd ActedForBy app/integration/sync: is acted for by, Live
        app/group/dev HasPermission app/resource/vault: has admin on, Live privileged
        app/credential/pat Opens app/resource/repo: opens, Live
        dir/identity/1 HasAccount app/account/1: has (by employee number 1042) the account, Live
        dir/identity/1 HasAccount app/account/hers: has (by the hand of Cleo) the account, Live
        dir/identity/1 HasAccount dir/account/1: has (by employee number 1042) the account, Live
        dir/identity/2 HasAccount app/account/2: has (by employee number 1043) the account, Live
        dir/identity/2 Owns app/integration/sync: owns, Live
        dir/identity/2 HasAccount dir/account/2: has (by employee number 1043) the account, Live
        ");
    }
}
