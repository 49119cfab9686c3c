//! The access graph of everybody as columns: what the compact graph is made of, and what is kept at rest for other programs.

use std::collections::BTreeMap;

use exeunt_model::access::{AccessEdge, AccessMap};
use exeunt_model::{IdentityKind, Noun, State};

use crate::reach::{Columns, Level};

/// A map, with a place among its nodes as the number of a holder, and what can be done, which is an edge that is an end,
/// numbered as it first stands there.
#[derive(Debug, Clone)]
pub struct LaidOut<'m> {
    /// The columns of the compact graph.
    pub columns: Columns,
    /// For each step, the edge.
    pub steps: Vec<&'m AccessEdge>,
    /// For each grant, the edge.
    pub grants: Vec<&'m AccessEdge>,
    /// For each entitlement, the first edge that grants it.
    pub entitlements: Vec<&'m AccessEdge>,
    map: &'m AccessMap,
}

/// How dead what is in a state is.
const fn level(state: State) -> Level {
    match state {
        State::Live => Level::Live,
        State::Latent => Level::Latent,
        State::Unknown | State::Unknowable => Level::Unknown,
        State::Waived | State::Gone => Level::Gone,
    }
}

/// What the numbers of a kind of holder mean.
pub const HOLDER_KINDS: [&str; 10] = [
    "identity",
    "human",
    "service",
    "workload",
    "agent",
    "shared",
    "other",
    "group",
    "credential",
    "integration",
];

/// The number of a kind of holder.
const fn kind(noun: Noun, kind: Option<IdentityKind>) -> u32 {
    match (noun, kind) {
        (Noun::Identity, _) => 0,
        (_, Some(IdentityKind::Human)) => 1,
        (_, Some(IdentityKind::Service)) => 2,
        (_, Some(IdentityKind::Workload)) => 3,
        (_, Some(IdentityKind::Agent)) => 4,
        (_, Some(IdentityKind::Shared)) => 5,
        (Noun::Group, _) => 7,
        (Noun::Credential, _) => 8,
        (Noun::Integration, _) => 9,
        _ => 6,
    }
}

impl<'m> LaidOut<'m> {
    /// Lays a map out.
    #[must_use]
    pub fn new(map: &'m AccessMap) -> Self {
        let (mut steps, mut grants) = (Vec::new(), Vec::new());
        let (mut numbers, mut entitlements) = (BTreeMap::new(), Vec::new());
        for edge in &map.edges {
            let reached = map.nodes.get(edge.to).map_or(State::Unknown, |node| node.state);
            let way = level(edge.state).max(level(reached));
            if edge.tie.is_end() {
                let number = *numbers.entry((edge.to, &edge.how, edge.privileged)).or_insert_with(|| {
                    entitlements.push(edge);
                    short(entitlements.len() - 1)
                });
                grants.push((edge.from, way, number, edge));
            } else {
                steps.push((edge.from, way, short(edge.to), edge));
            }
        }
        let order = |edges: &mut Vec<(usize, Level, u32, &'m AccessEdge)>| {
            edges.sort_by_key(|(from, way, to, _)| (*from, *way, *to));
        };
        order(&mut steps);
        order(&mut grants);
        let ends = |edges: &[(usize, Level, u32, &'m AccessEdge)]| {
            let end = |holder: usize| short(edges.partition_point(|(from, ..)| *from <= holder));
            (0..map.nodes.len()).map(end).collect()
        };
        let columns = Columns {
            kind: map.nodes.iter().map(|node| kind(node.id.noun, node.kind)).collect(),
            steps_end: ends(&steps),
            grants_end: ends(&grants),
            step_to: steps.iter().map(|edge| edge.2).collect(),
            step_level: steps.iter().map(|edge| edge.1 as u32).collect(),
            grant_to: grants.iter().map(|edge| edge.2).collect(),
            grant_level: grants.iter().map(|edge| edge.1 as u32).collect(),
            entitlements: short(entitlements.len()),
        };
        let edges =
            |all: Vec<(usize, Level, u32, &'m AccessEdge)>| all.into_iter().map(|edge| edge.3).collect();
        Self { columns, steps: edges(steps), grants: edges(grants), entitlements, map }
    }

    /// For each holder, how dead it is by itself.
    pub fn levels(&self) -> impl Iterator<Item = Level> {
        self.map.nodes.iter().map(|node| level(node.state))
    }

    /// Whether an entitlement is administrative.
    #[must_use]
    pub fn is_privileged(&self, entitlement: u32) -> bool {
        let edge = self.entitlements.get(entitlement as usize);
        edge.is_some_and(|edge| {
            edge.privileged || self.map.nodes.get(edge.to).is_some_and(|node| node.privileged)
        })
    }
}

/// Places are below 2^32: a snapshot with more does not fit into memory.
fn short(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use exeunt_model::access::{AccessEdge, AccessMap, AccessNode, AccessTie};
    use exeunt_model::{IdentityKind, State};

    use super::{HOLDER_KINDS, LaidOut};

    fn node(id: &str, kind: Option<IdentityKind>) -> AccessNode {
        let id = id.parse().expect("a reference");
        AccessNode { id, name: String::new(), kind, state: State::Live, privileged: false, left: false }
    }

    fn edge(from: usize, to: usize, tie: AccessTie, state: State) -> AccessEdge {
        AccessEdge { from, to, tie, how: "to".to_owned(), state, privileged: false }
    }

    /// Whoever asks the columns for service accounts must not get people.
    #[test]
    fn each_kind_of_holder_has_its_number() {
        let holders = [
            ("dir/identity/1", Some(IdentityKind::Service), "identity"),
            ("app/account/1", Some(IdentityKind::Human), "human"),
            ("app/account/2", Some(IdentityKind::Service), "service"),
            ("app/account/3", Some(IdentityKind::Workload), "workload"),
            ("app/account/4", Some(IdentityKind::Agent), "agent"),
            ("app/account/5", Some(IdentityKind::Shared), "shared"),
            ("app/account/6", Some(IdentityKind::Unknown), "other"),
            ("app/account/7", None, "other"),
            ("app/group/1", None, "group"),
            ("app/credential/1", None, "credential"),
            ("app/integration/1", None, "integration"),
            ("app/resource/1", None, "other"),
        ];
        let nodes = holders.iter().map(|(id, kind, _)| node(id, *kind)).collect();
        let map = AccessMap { nodes, edges: Vec::new() };
        let columns = LaidOut::new(&map).columns;
        for ((id, _, word), number) in holders.into_iter().zip(columns.kind) {
            assert_eq!(HOLDER_KINDS[number as usize], word, "{id}");
        }
    }

    /// Ways of one holder stand with the most alive first: who reads on only as far as they are alive stops there.
    #[test]
    fn rows_are_in_order_and_what_is_administrative_is_known() {
        let mut vault = node("app/resource/vault", None);
        vault.privileged = true;
        let map = AccessMap {
            nodes: vec![
                node("app/account/1", None),
                node("app/group/a", None),
                node("app/group/b", None),
                vault,
            ],
            edges: vec![
                edge(0, 1, AccessTie::MemberOf, State::Unknown),
                edge(0, 2, AccessTie::MemberOf, State::Live),
                edge(1, 3, AccessTie::HasPermission, State::Unknown),
                edge(2, 3, AccessTie::HasPermission, State::Live),
                edge(2, 9, AccessTie::HasPermission, State::Live),
            ],
        };
        let laid_out = LaidOut::new(&map);
        assert_eq!(laid_out.columns.step_to, [2, 1]);
        assert_eq!(laid_out.steps, [&map.edges[1], &map.edges[0]]);
        assert_eq!(
            (laid_out.columns.grant_to.as_slice(), laid_out.columns.entitlements),
            (&[0, 0, 1][..], 2)
        );
        let privileged = [0, 1, 2].map(|entitlement| laid_out.is_privileged(entitlement));
        assert_eq!(privileged, [true, false, false], "the vault, what nobody shows, and what there is not");
    }
}
