//! Memberships, grants, trusts and owned artefacts: direct ones, and what is reached through them.

use std::rc::Rc;

use exeunt_model::record::ActAsHow;
use exeunt_model::verdict::Item;
use exeunt_model::{LinkStrength, Noun, Record, State, SurvivorKind, Text, Timestamp, text};

use super::Draft;
use super::gather::{Role, Start, along};
use super::words::{next_step, tie_id};
use crate::estate::Sighting;
use crate::liveness::{Fate, Scene, deader, level};
use crate::resolve::{Edge, Found, Target, Tie};

/// The entitlements of one start.
pub(crate) fn of<'a>(scene: &Scene<'_, 'a>, start: &Start<'a>) -> Vec<Draft<'a>> {
    let own = matches!(start.role, Role::Own | Role::Person);
    let mut drafts = Vec::new();
    if own {
        for (place, edge) in scene.graph.from(start.node) {
            if let (true, Some(kind)) = (scene.in_window(edge), direct_kind(edge)) {
                drafts.push(draft(scene, start, kind, &[place], &[]));
            }
        }
    }
    for (target, found) in &start.reach.found {
        let trust = matches!(target, Target::Role(_));
        let through = found.path.len() > 1;
        if matches!(target, Target::Secret(_)) || (own && !through) || (through && !lived(scene, found)) {
            continue;
        }
        let kind = if trust { SurvivorKind::Trust } else { SurvivorKind::GrantInherited };
        drafts.push(draft(scene, start, kind, &found.path, &found.first_hops));
    }
    drafts
}

/// The kind of a direct tie that is an obligation by itself.
fn direct_kind(edge: &Edge<'_>) -> Option<SurvivorKind> {
    match (edge.tie, edge.to.noun) {
        (Tie::Member | Tie::Grant(_), _) | (Tie::Owns(LinkStrength::Owner), Noun::Group) => {
            Some(SurvivorKind::GrantDirect)
        }
        (Tie::Acts(how), _) if !matches!(how, ActAsHow::Sso | ActAsHow::KnowsSecret) => {
            Some(SurvivorKind::Trust)
        }
        (Tie::Owns(LinkStrength::Owner), Noun::Resource) => Some(SurvivorKind::OwnedData),
        _ => None,
    }
}

fn draft<'a>(
    scene: &Scene<'_, 'a>,
    start: &Start<'a>,
    kind: SurvivorKind,
    path: &[usize],
    hops: &[usize],
) -> Draft<'a> {
    let edges: Vec<&Edge<'a>> = path.iter().filter_map(|place| scene.graph.edges.get(*place)).collect();
    let last = edges.last();
    let to = last.map_or(start.node, |edge| edge.to);
    let role = last.map_or("", |edge| match edge.tie {
        Tie::Grant(permission) => permission,
        _ => "",
    });
    let system = last.and_then(|edge| edge.sightings.first()).map_or(&to.system, |sighting| sighting.system);
    let name = named(last.map_or_else(|| scene.estate.name(to), |edge| edge.end_name()), role);
    let fate = fate(scene, start, kind, path);
    let sightings = shown(scene, &edges, path, &fate);
    let privileged = edges.iter().any(|edge| edge.privileged() || is_privileged(edge));
    let mut suffix = role.to_owned();
    match last.map(|edge| edge.tie) {
        Some(Tie::Acts(how)) => suffix = format!("{how:?}").to_lowercase(),
        Some(Tie::Owns(_)) => "owner".clone_into(&mut suffix),
        _ => {}
    }
    let step = match (hops.is_empty(), fate.state) {
        // What a non-human account may do is its work, and goes to whoever has the account.
        (_, State::Live | State::Latent) if matches!(start.role, Role::NonHuman { .. }) => {
            text!(
                "See to {} in {}: what it may do goes with it.",
                scene.estate.name(start.node),
                start.node.system
            )
        }
        (false, State::Live | State::Latent) => cut(scene, start, hops, &name),
        _ => next_step(scene, system, kind, (&name, &to.id), fate.state, &fate.would_change),
    };
    Draft {
        id: tie_id(system, kind, start.node, to, &suffix),
        system: system.clone(),
        kind,
        item: Item {
            key: last
                .and_then(|edge| edge.latest())
                .map_or_else(|| to.to_string(), |record| record.key().into()),
            native_type: native(last.copied()),
            name,
        },
        fate,
        path: along(scene, &start.path, path),
        link: start.link,
        privileged,
        point: match start.role {
            Role::NonHuman { secret, .. } if secret || scene.other_owner(start.node).is_some() => 8,
            Role::NonHuman { .. } => 7,
            Role::Own | Role::Person => 4,
        },
        resources: vec![to, start.node],
        sightings,
        object: None,
        used: None,
        outcome: None,
        next_step: step,
    }
}

/// What is shown of a way: of the edge that ended it while it is gone, else of its last one. What still stands beyond the
/// end is not the leaver's any more.
fn shown<'a>(scene: &Scene<'_, 'a>, edges: &[&Edge<'a>], path: &[usize], fate: &Fate) -> Vec<Sighting<'a>> {
    let ended = path.iter().position(|place| scene.edge(*place).state == State::Gone);
    let edge = ended.and_then(|place| edges.get(place)).or_else(|| edges.last());
    let mut shown: Vec<Sighting<'a>> = edge.map(|edge| edge.sightings.to_vec()).unwrap_or_default();
    if ended.is_none() {
        shown.retain(|sighting| fate.since.is_none_or(|since| sighting.receipt.ended < since));
    }
    shown
}

/// A way is as dead as its deadest edge, or as what the state of the account it begins at makes of it.
fn fate<'a>(scene: &Scene<'_, 'a>, start: &Start<'a>, kind: SurvivorKind, path: &[usize]) -> Fate {
    let fates: Vec<Rc<Fate>> = path.iter().map(|place| scene.edge(*place)).collect();
    let by_level = |one: &&Rc<Fate>, other: &&Rc<Fate>| level(one.state).cmp(&level(other.state));
    // The first of the deadest.
    let Some(worst) = fates.iter().rev().max_by(by_level) else {
        return scene.account_fate(start.node);
    };
    if worst.state == State::Gone {
        return (**worst).clone();
    }
    let mut cites: Vec<_> = fates.iter().flat_map(|fate| fate.cites.iter().cloned()).collect();
    let grade = fates.iter().map(|fate| fate.grade).min().unwrap_or(worst.grade);
    let system = path
        .last()
        .and_then(|place| scene.graph.edges.get(*place))
        .and_then(|edge| edge.sightings.first())
        .map_or(&start.node.system, |sighting| sighting.system);
    let (entry, why, more) = match &start.role {
        Role::Person => (State::Live, String::new(), Vec::new()),
        Role::Own => scene.under(system, kind_for_kills(scene, system, kind), start.node, None),
        Role::NonHuman { fate, .. } if fate.state == State::Gone => return fate.clone(),
        Role::NonHuman { fate, .. } => (fate.state, format!("; {}", fate.because), fate.cites.clone()),
    };
    cites.extend(more);
    let state = deader(entry, worst.state);
    let because = if worst.state == State::Unknown || why.is_empty() {
        worst.because.clone()
    } else {
        text!("{}{why}", worst.because)
    };
    Fate { state, grade, because, would_change: worst.would_change.clone(), cites, since: None }
}

/// A trust is an entitlement like others where the manifest says nothing of trusts.
fn kind_for_kills(
    scene: &Scene<'_, '_>,
    system: &exeunt_model::SystemId,
    kind: SurvivorKind,
) -> SurvivorKind {
    if scene.kills(system, kind).is_some() { kind } else { SurvivorKind::GrantDirect }
}

/// Whether all edges of a way that is gone ever stood together: what never was a way is not worth a line.
fn lived(scene: &Scene<'_, '_>, found: &Found) -> bool {
    if found.state != State::Gone {
        return true;
    }
    let (mut begin, mut end) = (Timestamp::MIN, Timestamp::MAX);
    for edge in found.path.iter().filter_map(|place| scene.graph.edges.get(*place)) {
        let seen = || edge.sightings.iter().filter(|sighting| scene.window.has(sighting));
        let (Some(first), Some(last)) = (seen().next(), seen().next_back()) else { continue };
        let history = scene.estate.history(first.system);
        let baseline = scene.window.from.get(first.system) == Some(&first.at);
        if !baseline {
            begin = begin.max(first.receipt.started);
        }
        if let Some(next) = history.get(last.at + 1) {
            end = end.min(next.snapshot.started);
        }
    }
    begin <= end
}

fn cut(scene: &Scene<'_, '_>, start: &Start<'_>, hops: &[usize], name: &str) -> Text {
    let who = scene.estate.name(start.node);
    let mut from: Vec<String> = hops
        .iter()
        .filter_map(|place| scene.graph.edges.get(*place))
        .map(|edge| match edge.tie {
            Tie::Member => format!("out of {}", scene.estate.name(edge.to)),
            _ => format!("no longer: {who} {} {}", edge.how(), scene.estate.name(edge.to)),
        })
        .collect();
    from.sort();
    from.dedup();
    let (out, undo): (Vec<String>, Vec<String>) =
        from.into_iter().partition(|text| text.starts_with("out of "));
    let mut steps = Vec::new();
    if !out.is_empty() {
        steps.push(format!("Take {who} {}", out.join(" and ")));
    }
    steps.extend(undo.iter().map(|text| format!("Undo that {}", text.trim_start_matches("no longer: "))));
    text!("{}; that cuts every way to {name}.", steps.join(". "))
}

fn named(name: &str, role: &str) -> Text {
    if role.is_empty() { name.into() } else { text!("{role} on {name}") }
}

fn native(edge: Option<&Edge<'_>>) -> Text {
    let Some(edge) = edge else { return Text::new_static("entitlement") };
    match (edge.tie, edge.latest()) {
        (Tie::Member, Some(Record::Membership(m))) => {
            m.role.as_ref().map_or(Text::new_static("membership"), |role| text!("membership as {role}"))
        }
        (Tie::Grant(_), _) => match edge.ends[1] {
            Some(Record::Resource(resource)) => text!("grant on {}", resource.resource_type),
            _ => Text::new_static("grant"),
        },
        (Tie::Owns(_), _) => Text::new_static("ownership"),
        (Tie::Acts(_), _) => Text::new_static("act-as"),
        _ => Text::new_static("membership"),
    }
}

fn is_privileged(edge: &Edge<'_>) -> bool {
    match edge.ends[1] {
        Some(Record::Group(group)) => group.privileged,
        Some(Record::Account(account)) => account.privileged,
        _ => false,
    }
}
