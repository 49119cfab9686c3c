//! What one account reaches through groups and roles, how far alive each way is, and by which path.
//!
//! A way is as alive as its deadest edge, a target as its most alive way. The search is run once for each
//! level, over the edges that are at least as alive, so that the first way found is the shortest of the most
//! alive ones; edges are tried in one fixed order, so that ties are broken the same way every time. Cycles
//! end where a node was visited before.

use std::collections::{BTreeSet, HashMap};

use exeunt_model::record::ActAsHow;
use exeunt_model::{IdentityKind, Noun, Ref, State};

use foldhash::fast::FixedState;

use super::{Edge, Tie};
use crate::liveness::{LEVELS, Scene, level};

/// What can be reached.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Target<'a> {
    Group(&'a Ref),
    Grant(&'a Ref, &'a str),
    Role(&'a Ref),
    /// An account whose secret is known through a group.
    Secret(&'a Ref),
}

/// Takes a target that is come to, and how to find the path to it.
type ComeTo<'x> = dyn FnMut(usize, &dyn Fn() -> Vec<usize>) + 'x;

/// How a target is reached.
#[derive(Clone)]
pub(crate) struct Found {
    pub state: State,
    /// Edges, first to last.
    pub path: Vec<usize>,
    /// The first edges by which it is reached at its state, in order; none while it is gone.
    pub first_hops: Vec<usize>,
}

/// Everything one account reaches.
pub(crate) struct Reach<'a> {
    pub found: Vec<(Target<'a>, Found)>,
}

impl<'a> Reach<'a> {
    /// Searches from `start`.
    pub fn from(scene: &Scene<'_, 'a>, start: &'a Ref) -> Self {
        let around = Around::new(scene, start);
        let mut found: Vec<Option<Found>> = vec![None; around.targets.len()];
        let mut search = Search::new(&around);
        for state in LEVELS {
            search.run(level(state), None, &mut |target, path| {
                if let Some(place @ None) = found.get_mut(target) {
                    *place = Some(Found { state, path: path(), first_hops: Vec::new() });
                }
            });
        }
        let hops: BTreeSet<usize> = found.iter().flatten().filter_map(|f| f.path.first().copied()).collect();
        for state in LEVELS.into_iter().filter(|state| *state != State::Gone) {
            if !found.iter().flatten().any(|found| found.state == state) {
                continue;
            }
            for hop in &hops {
                search.run(level(state), Some(*hop), &mut |target, _| {
                    if let Some(Some(found)) = found.get_mut(target)
                        && found.state == state
                    {
                        found.first_hops.push(*hop);
                    }
                });
            }
        }
        let mut found: Vec<_> = around
            .targets
            .iter()
            .copied()
            .zip(found)
            .filter_map(|(target, found)| Some((target, found?)))
            .collect();
        found.sort_unstable_by_key(|(target, _)| *target);
        Self { found }
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

/// An edge as numbers: which one, what it leads to, on to which node, and its level.
struct Way {
    place: usize,
    target: usize,
    on: Option<usize>,
    level: u8,
}

/// Everything that could be reached from a start by edges in any state, the start first.
struct Around<'a> {
    ways: Vec<Vec<Way>>,
    targets: Vec<Target<'a>>,
}

impl<'a> Around<'a> {
    fn new(scene: &Scene<'_, 'a>, start: &'a Ref) -> Self {
        let mut around = Self { ways: Vec::new(), targets: Vec::new() };
        let mut nodes: HashMap<&'a Ref, usize, FixedState> = HashMap::from_iter([(start, 0)]);
        let mut numbers: HashMap<Target<'a>, usize, FixedState> = HashMap::default();
        let mut open = vec![start];
        while let Some(node) = open.get(around.ways.len()).copied() {
            let mut ways = Vec::new();
            for (place, edge) in scene.graph.from(node).filter(|(_, edge)| scene.in_window(edge)) {
                let Some((target, goes_on)) = target(scene, edge) else { continue };
                let target = *numbers.entry(target).or_insert_with(|| {
                    around.targets.push(target);
                    around.targets.len() - 1
                });
                let on = goes_on.then(|| {
                    *nodes.entry(edge.to).or_insert_with(|| {
                        open.push(edge.to);
                        open.len() - 1
                    })
                });
                ways.push(Way { place, target, on, level: level(scene.edge_state(place)) });
            }
            around.ways.push(ways);
        }
        around
    }
}

/// The nearest way to everything, over edges that are alive enough.
struct Search<'r, 'a> {
    around: &'r Around<'a>,
    /// In which run a node or target was come to last.
    visited: Vec<u32>,
    known: Vec<u32>,
    run: u32,
    /// How a node was come to in this run: from which node, by which edge.
    by: Vec<(usize, usize)>,
    queue: Vec<usize>,
}

impl<'r, 'a> Search<'r, 'a> {
    fn new(around: &'r Around<'a>) -> Self {
        let (nodes, targets) = (around.ways.len(), around.targets.len());
        Self {
            around,
            visited: vec![0; nodes],
            known: vec![0; targets],
            run: 0,
            by: vec![(0, 0); nodes],
            queue: Vec::with_capacity(nodes),
        }
    }

    /// Gives each target that is come to, and its path, once; by one first edge only, where that is asked.
    fn run(&mut self, limit: u8, only_first: Option<usize>, come_to: &mut ComeTo<'_>) {
        self.run += 1;
        self.queue.clear();
        self.queue.push(0);
        let mut at = 0;
        mark(&mut self.visited, 0, self.run);
        while let Some(node) = self.queue.get(at).copied() {
            let barred = |way: &Way| at == 0 && only_first.is_some_and(|first| first != way.place);
            for way in self.around.ways.get(node).into_iter().flatten() {
                if barred(way) || way.level > limit {
                    continue;
                }
                if mark(&mut self.known, way.target, self.run) {
                    come_to(way.target, &|| self.path(node, way.place));
                }
                if let Some(on) = way.on.filter(|on| mark(&mut self.visited, *on, self.run)) {
                    if let Some(by) = self.by.get_mut(on) {
                        *by = (node, way.place);
                    }
                    self.queue.push(on);
                }
            }
            at += 1;
        }
    }

    fn path(&self, mut node: usize, last: usize) -> Vec<usize> {
        let mut path = vec![last];
        while let Some((from, place)) = self.by.get(node).filter(|_| node != 0) {
            path.push(*place);
            node = *from;
        }
        path.reverse();
        path
    }
}

/// Marks a place for this run; false when it was.
fn mark(places: &mut [u32], place: usize, run: u32) -> bool {
    match places.get_mut(place) {
        Some(mark) if *mark != run => {
            *mark = run;
            true
        }
        _ => false,
    }
}
