//! What one account reaches through groups and roles, how far alive each way is, and by which path.
//!
//! A way is as alive as its deadest edge, a target as its most alive way. The search is run once for each
//! level, over the edges that are at least as alive, so that the first way found is the shortest of the most
//! alive ones; edges are tried in one fixed order, so that ties are broken the same way every time. Cycles
//! end where a node was visited before.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use exeunt_model::record::ActAsHow;
use exeunt_model::{IdentityKind, Noun, Ref, State};

use super::{Edge, Tie};
use crate::liveness::{LEVELS, Scene, level};

/// What can be reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target<'a> {
    Group(&'a Ref),
    Grant(&'a Ref, &'a str),
    Role(&'a Ref),
    /// An account whose secret is known through a group.
    Secret(&'a Ref),
}

/// How a target is reached.
#[derive(Clone)]
pub(crate) struct Found {
    pub state: State,
    /// Edges, first to last.
    pub path: Vec<usize>,
}

/// Everything one account reaches.
pub(crate) struct Reach<'a> {
    pub found: BTreeMap<Target<'a>, Found>,
    /// The first edges by which each target is reached at its state.
    pub first_hops: BTreeMap<Target<'a>, BTreeSet<usize>>,
}

impl<'a> Reach<'a> {
    /// Searches from `start`.
    pub fn from(scene: &Scene<'_, 'a>, start: &'a Ref) -> Self {
        let mut reach = Self { found: BTreeMap::new(), first_hops: BTreeMap::new() };
        for limit in LEVELS {
            for (target, path) in search(scene, start, limit, None) {
                reach.found.entry(target).or_insert(Found { state: limit, path });
            }
        }
        let hops: BTreeSet<usize> = reach.found.values().filter_map(|f| f.path.first().copied()).collect();
        let alive: Vec<State> = LEVELS.into_iter().filter(|limit| *limit != State::Gone).collect();
        for limit in alive {
            for hop in &hops {
                for (target, _) in search(scene, start, limit, Some(*hop)) {
                    if reach.found.get(&target).is_some_and(|found| found.state == limit) {
                        reach.first_hops.entry(target).or_default().insert(*hop);
                    }
                }
            }
        }
        reach
    }
}

/// What an edge leads to, if it is a way on.
fn target<'a>(scene: &Scene<'_, 'a>, edge: &Edge<'a>) -> Option<(Target<'a>, bool)> {
    match edge.tie {
        Tie::Member => Some((Target::Group(edge.to), true)),
        Tie::Grant(permission) => Some((Target::Grant(edge.to, permission), false)),
        Tie::Acts(ActAsHow::Sso) => None,
        Tie::Acts(ActAsHow::KnowsSecret) => Some((Target::Secret(edge.to), false)),
        Tie::Acts(_) => {
            // Being able to act as a colleague is itself the finding; what the colleague may do is theirs.
            let colleague = edge.to.noun == Noun::Account && is_human(scene, edge.to);
            Some((Target::Role(edge.to), !colleague))
        }
        Tie::Holds | Tie::Runs | Tie::Owns(_) | Tie::Opens => None,
    }
}

/// Whether an account is a person's, as far as is known.
fn is_human(scene: &Scene<'_, '_>, account: &Ref) -> bool {
    let kind = scene.estate.account(account).map(|account| account.kind.kind);
    kind == Some(IdentityKind::Human) || scene.people.person(account).is_some()
}

fn search<'a>(
    scene: &Scene<'_, 'a>,
    start: &'a Ref,
    limit: State,
    only_first: Option<usize>,
) -> Vec<(Target<'a>, Vec<usize>)> {
    let mut found = Vec::new();
    let mut known = BTreeSet::new();
    let mut visited = BTreeSet::from([start]);
    let mut queue: VecDeque<(&'a Ref, Vec<usize>)> = VecDeque::from([(start, Vec::new())]);
    while let Some((node, path)) = queue.pop_front() {
        for (place, edge) in scene.graph.from(node) {
            let barred = path.is_empty() && only_first.is_some_and(|first| first != place);
            if barred || !scene.in_window(edge) {
                continue;
            }
            let Some((target, goes_on)) = target(scene, edge) else { continue };
            if level(scene.edge(place).state) > level(limit) {
                continue;
            }
            let mut path = path.clone();
            path.push(place);
            if known.insert(target) {
                found.push((target, path.clone()));
            }
            if goes_on && visited.insert(edge.to) {
                queue.push_back((edge.to, path));
            }
        }
    }
    found
}
