//! What each leaver still reaches, over the compact graph: all of them in one pass, worst first.

use exeunt_model::Ref;
use exeunt_model::access::AccessMap;

use super::laid_out::LaidOut;
use crate::reach::{AccessGraph, Answer, Bounds, Level, Malformed, Reached, Taken, Walk, cuts};

/// Things that are shown of each leaver, and cuts of each thing.
const SHOWN: usize = 3;
/// How far cuts are looked for: more than three edges at once is no advice.
const BOUNDS: Bounds = Bounds { size: 3, searches: 500 };

/// What one leaver still reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StillReaches {
    /// The identity.
    pub identity: Ref,
    /// The name.
    pub name: String,
    /// What can be done by a way of which every step is live.
    pub live: usize,
    /// Of it, what is administrative.
    pub privileged: usize,
    /// What could be done besides, by ways that are latent or could not be seen.
    pub in_doubt: usize,
    /// The worst of it.
    pub worst: Vec<Worst>,
}

/// Something that is still reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worst {
    /// The way to it: names and verbs in turn.
    pub way: String,
    /// What would end every way to it, the least first: each is one edge, or several that have to go together.
    pub cuts: Vec<String>,
}

/// The map as a graph of numbers.
struct Compact<'m> {
    map: &'m AccessMap,
    graph: AccessGraph,
    laid_out: LaidOut<'m>,
}

/// What everybody who left still reaches, those with something administrative first, then those with most.
pub(crate) fn still_reached(map: &AccessMap) -> Result<Vec<StillReaches>, Malformed> {
    let compact = Compact::new(map)?;
    let mut walk = Walk::default();
    let mut all = Vec::new();
    for (start, node) in (0u32..).zip(&map.nodes).filter(|(_, node)| node.left) {
        let any = walk.from(&compact.graph, start, Level::Unknown).reached.len();
        let answer = walk.from(&compact.graph, start, Level::Live);
        let ranked = answer.ranked(&|what| compact.laid_out.is_privileged(what));
        let live = ranked.len();
        let privileged =
            ranked.iter().filter(|one| compact.laid_out.is_privileged(one.entitlement())).count();
        let worst = ranked.iter().take(SHOWN).filter_map(|one| compact.worst(start, &answer, *one)).collect();
        if any > 0 {
            let (identity, name) = (node.id.clone(), node.name.clone());
            all.push(StillReaches { identity, name, live, privileged, in_doubt: any - live, worst });
        }
    }
    all.sort_by(|a, b| {
        (b.privileged, b.live, b.in_doubt, &a.identity).cmp(&(a.privileged, a.live, a.in_doubt, &b.identity))
    });
    Ok(all)
}

impl<'m> Compact<'m> {
    fn new(map: &'m AccessMap) -> Result<Self, Malformed> {
        let mut laid_out = LaidOut::new(map);
        let graph = AccessGraph::new(std::mem::take(&mut laid_out.columns))?;
        Ok(Self { map, graph, laid_out })
    }

    fn name(&self, place: usize) -> &str {
        self.map.nodes.get(place).map_or("", |node| node.name.as_str())
    }

    fn worst(&self, start: u32, answer: &Answer<'_>, reached: Reached) -> Option<Worst> {
        let way = self.way(answer, reached)?;
        let found = cuts(&self.graph, start, reached.entitlement(), Level::Live, BOUNDS);
        let edge = |taken: &Taken| {
            let edge = match taken {
                Taken::Step(place) => self.laid_out.steps.get(*place as usize),
                Taken::Grant(place) => self.laid_out.grants.get(*place as usize),
            };
            edge.map(|edge| [self.name(edge.from), edge.how.as_str(), self.name(edge.to)].join(" "))
        };
        let cut = |cut: &Vec<Taken>| cut.iter().filter_map(edge).collect::<Vec<_>>().join(" and ");
        Some(Worst { way, cuts: found.cuts.iter().take(SHOWN).map(cut).collect() })
    }

    /// The way to something: names and verbs in turn.
    fn way(&self, answer: &Answer<'_>, reached: Reached) -> Option<String> {
        let path = answer.path(&reached)?;
        let mut way = self.name(path.start as usize).to_owned();
        let last = self.laid_out.entitlements.get(path.entitlement as usize).copied();
        let steps = path.legs.iter().filter_map(|leg| self.laid_out.steps.get(leg.step as usize).copied());
        for edge in steps.chain(last) {
            way = [way.as_str(), edge.how.as_str(), self.name(edge.to)].join(" ");
            way.push(',');
        }
        Some(way.trim_end_matches(',').to_owned())
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::access::{AccessEdge, AccessMap, AccessNode, AccessTie};
    use exeunt_model::{Ref, State};

    use super::still_reached;

    fn node(id: &str, state: State) -> AccessNode {
        let id: Ref = id.parse().expect("a reference");
        let (name, left) = (id.id.clone(), ["ann", "bob", "cleo"].contains(&id.id.as_str()));
        AccessNode { id, name, kind: None, state, privileged: false, left }
    }

    fn edge(from: usize, to: usize, tie: AccessTie, privileged: bool) -> AccessEdge {
        AccessEdge { from, to, tie, how: "to".to_owned(), state: State::Live, privileged }
    }

    /// Who can still administer something has to be read before who can read a lot.
    #[test]
    fn the_worst_stand_first_and_what_is_blocked_is_not_called_live() {
        let map = AccessMap {
            nodes: vec![
                node("dir/identity/ann", State::Live),
                node("dir/identity/bob", State::Live),
                node("app/account/a", State::Live),
                node("app/account/b", State::Live),
                node("app/account/c", State::Latent),
                node("app/resource/x", State::Live),
                node("app/resource/y", State::Live),
                node("dir/identity/cleo", State::Live),
            ],
            edges: vec![
                edge(0, 2, AccessTie::HasAccount, false),
                edge(1, 3, AccessTie::HasAccount, false),
                edge(1, 4, AccessTie::HasAccount, false),
                edge(2, 5, AccessTie::HasPermission, false),
                edge(2, 6, AccessTie::HasPermission, false),
                edge(3, 6, AccessTie::HasPermission, true),
                edge(4, 5, AccessTie::HasPermission, false),
            ],
        };
        let said = still_reached(&map).expect("a graph");
        let told: Vec<_> =
            said.iter().map(|one| (one.name.as_str(), one.live, one.privileged, one.in_doubt)).collect();
        assert_eq!(told, [("bob", 1, 1, 1), ("ann", 2, 0, 0)], "whoever reaches nothing is not told");
        assert_eq!(said[0].worst[0].way, "bob to b, to y");
        assert_eq!(said[0].worst[0].cuts, ["bob to b", "b to y"]);
    }
}
