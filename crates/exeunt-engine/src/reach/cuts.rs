//! What has to be taken away so that an entitlement is out of reach.
//!
//! A cut is a set of edges: a membership ended, a key rotated, a grant revoked. It is minimal if no smaller part of it
//! would do. All of them up to a size are found by branching: some edge of a shortest way must be in every cut, so each
//! is tried in turn, and what was tried is kept for the branches after it. Only what lies between the two ends is looked
//! at, which is little also in a large estate.

use super::graph::{AccessGraph, Level};
use super::walk::Walk;

/// How far to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most edges in one cut.
    pub size: usize,
    /// The most ways to look for before giving up.
    pub searches: usize,
}

/// An edge that is taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Taken {
    /// The step at this place.
    Step(u32),
    /// The grant at this place.
    Grant(u32),
}

/// Edges that together, and not without one of them, cut every way. In order.
pub type Cut = Vec<Taken>;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cuts {
    /// Minimal cuts, those of fewest edges first.
    pub cuts: Vec<Cut>,
    /// Whether they are all there are up to the size. If not, the search was given up.
    pub all: bool,
}

/// The minimal cuts between a start and an entitlement over what is at most as dead as `limit`.
#[must_use]
pub fn cuts(graph: &AccessGraph, start: u32, entitlement: u32, limit: Level, bounds: Bounds) -> Cuts {
    let between = Between::new(graph, start, entitlement, limit);
    let mut search = Search {
        dead: vec![false; between.edges.len()],
        kept: vec![false; between.edges.len()],
        between,
        bounds,
        left: bounds.searches,
        found: Vec::new(),
    };
    let mut taken = Vec::new();
    let reached = search.way().is_some();
    if reached {
        search.branch(&mut taken);
    }
    let all = search.left > 0;
    let mut candidates = std::mem::take(&mut search.found);
    candidates.retain(|cut| search.is_minimal(cut));
    let mut cuts: Vec<Cut> = candidates
        .iter()
        .map(|cut| cut.iter().map(|edge| search.between.edges[*edge].taken).collect())
        .collect();
    for cut in &mut cuts {
        cut.sort_unstable();
    }
    cuts.sort_unstable_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    Cuts { cuts, all }
}

#[derive(Clone, Copy)]
struct Edge {
    from: usize,
    to: usize,
    taken: Taken,
}

/// What lies on some way between the two ends, numbered anew: the start is 0, the entitlement the last.
struct Between {
    edges: Vec<Edge>,
    out: Vec<Vec<usize>>,
}

impl Between {
    fn new(graph: &AccessGraph, start: u32, entitlement: u32, limit: Level) -> Self {
        let mut walk = Walk::default();
        let answer = walk.holders_from(graph, start, limit);
        let mut number: Vec<(u32, usize)> = answer.visits.iter().map(|visit| visit.holder).zip(0..).collect();
        number.sort_unstable();
        let of = |holder: u32| {
            let at = number.binary_search_by_key(&holder, |(known, _)| *known).ok()?;
            number.get(at).map(|(_, number)| *number)
        };
        let end = answer.visits.len();
        let mut edges = Vec::new();
        for (from, visit) in answer.visits.iter().enumerate() {
            for (place, to, _) in graph.steps(visit.holder).take_while(|(_, _, level)| *level <= limit) {
                if let Some(to) = of(to) {
                    edges.push(Edge { from, to, taken: Taken::Step(place) });
                }
            }
            for (place, what, _) in graph.grants(visit.holder).take_while(|(_, _, level)| *level <= limit) {
                if what == entitlement {
                    edges.push(Edge { from, to: end, taken: Taken::Grant(place) });
                }
            }
        }
        // What the end cannot be reached from is on no way.
        let mut into = vec![Vec::new(); end + 1];
        for edge in &edges {
            into[edge.to].push(edge.from);
        }
        let mut useful = vec![false; end + 1];
        let mut todo = vec![end];
        while let Some(node) = todo.pop() {
            if !std::mem::replace(&mut useful[node], true) {
                todo.extend(&into[node]);
            }
        }
        edges.retain(|edge| useful[edge.to]);
        let mut out = vec![Vec::new(); end + 1];
        for (at, edge) in edges.iter().enumerate() {
            out[edge.from].push(at);
        }
        Self { edges, out }
    }
}

struct Search {
    between: Between,
    bounds: Bounds,
    /// Taken away in this branch.
    dead: Vec<bool>,
    /// Not to be taken away in this branch.
    kept: Vec<bool>,
    /// Searches left before giving up.
    left: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn branch(&mut self, taken: &mut Vec<usize>) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let Some(way) = self.way() else {
            self.found.push(taken.clone());
            return;
        };
        if taken.len() == self.bounds.size {
            return;
        }
        let mut tried = Vec::new();
        for edge in way {
            if self.kept[edge] {
                continue;
            }
            self.dead[edge] = true;
            taken.push(edge);
            self.branch(taken);
            taken.pop();
            self.dead[edge] = false;
            self.kept[edge] = true;
            tried.push(edge);
        }
        for edge in tried {
            self.kept[edge] = false;
        }
    }

    /// A shortest way over what was not taken away, from its end.
    fn way(&self) -> Option<Vec<usize>> {
        let end = self.between.out.len() - 1;
        let mut by = vec![None; end + 1];
        let mut queue = std::collections::VecDeque::from([0]);
        while let Some(node) = queue.pop_front() {
            if node == end {
                break;
            }
            for edge in self.between.out[node].iter().filter(|edge| !self.dead[**edge]) {
                let to = self.between.edges[*edge].to;
                if to != 0 && by[to].is_none() {
                    by[to] = Some(*edge);
                    queue.push_back(to);
                }
            }
        }
        let (mut way, mut node) = (Vec::new(), end);
        while node != 0 {
            let edge = by[node]?;
            way.push(edge);
            node = self.between.edges[edge].from;
        }
        Some(way)
    }

    /// Whether each edge of a cut is needed.
    fn is_minimal(&mut self, cut: &[usize]) -> bool {
        for edge in cut {
            self.dead[*edge] = true;
        }
        let minimal = cut.iter().all(|edge| {
            self.dead[*edge] = false;
            let open = self.way().is_some();
            self.dead[*edge] = true;
            open
        });
        for edge in cut {
            self.dead[*edge] = false;
        }
        minimal
    }
}
