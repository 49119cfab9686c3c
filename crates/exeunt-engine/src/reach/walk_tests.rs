//! A walk is exact: what it finds, how far it is, and a way that is really there.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::reference::{Small, small};
use super::{Answer, Change, Columns, Level, Walk};

fn hops(answer: &Answer<'_>) -> BTreeMap<u32, u32> {
    answer.reached.iter().map(|one| (one.entitlement(), answer.hops(one))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Something a leaver still reaches is not said, something they do not reach is, or a way is longer than need be.
    #[test]
    fn a_walk_finds_what_relaxing_every_edge_finds(small in small()) {
        let (graph, mut walk) = (small.graph(), Walk::default());
        for limit in Level::ALL {
            for start in 0..graph.holders() {
                let start = u32::try_from(start).expect("few");
                let answer = walk.from(&graph, start, limit);
                prop_assert_eq!(hops(&answer), small.reach(start, limit));
                prop_assert_eq!(answer.reached.len(), hops(&answer).len(), "each once");
            }
        }
    }

    /// A path that is shown but cannot be gone, or whose liveness or kinds are another's, sends people to the wrong door.
    #[test]
    fn every_reach_has_a_way_whose_every_step_is_in_the_data(small in small()) {
        let (graph, mut walk) = (small.graph(), Walk::default());
        for limit in Level::ALL {
            let answer = walk.from(&graph, 0, limit);
            for reached in answer.reached {
                let path = answer.path(reached).expect("a path");
                prop_assert_eq!(path.hops(), answer.hops(reached) as usize);
                let (mut at, mut worst, mut kinds) = (path.start, Level::Live, 0u16);
                prop_assert_eq!(at, 0);
                for leg in &path.legs {
                    let (_, to, level) = graph.steps(at).find(|step| step.0 == leg.step).expect("a step of the data");
                    prop_assert_eq!(to, leg.holder);
                    prop_assert!(small.steps.contains(&(at, to, level)));
                    worst = worst.max(level);
                    kinds |= 1 << small.kinds[to as usize];
                    at = to;
                }
                let has = small.grants.iter().filter(|grant| grant.0 == at && grant.1 == path.entitlement);
                let grant = has.map(|grant| grant.2).min().expect("a grant of the data");
                prop_assert_eq!(answer.level(reached), worst.max(grant));
                prop_assert!(answer.level(reached) <= limit);
                prop_assert_eq!(answer.via(reached).map(|visit| visit.kinds), Some(kinds));
            }
        }
    }
}

/// What is administrative has to be read first, whatever is nearer.
#[test]
fn what_is_administrative_stands_first() {
    let live = Level::Live;
    let small = Small {
        kinds: vec![0, 1, 7],
        entitlements: 3,
        steps: vec![(0, 1, live), (1, 2, live)],
        grants: vec![(1, 0, live), (1, 1, Level::Latent), (2, 2, live)],
    };
    let (graph, mut walk) = (small.graph(), Walk::default());
    let answer = walk.from(&graph, 0, Level::Latent);
    let ranked: Vec<u32> = answer.ranked(&|what| what == 2).iter().map(super::Reached::entitlement).collect();
    assert_eq!(ranked, [2, 0, 1], "administrative, then live, then latent");
}

/// Columns of a file that does not fit together must be refused, and not walked over.
#[test]
fn columns_that_are_no_graph_are_refused() {
    let sound = Columns {
        kind: vec![0, 1],
        steps_end: vec![2, 2],
        grants_end: vec![0, 1],
        step_to: vec![1, 1],
        step_level: vec![0, 1],
        grant_to: vec![0],
        grant_level: vec![0],
        entitlements: 1,
    };
    assert!(super::AccessGraph::new(sound.clone()).is_ok());
    let most = Columns { entitlements: (1 << 30) - 1, ..sound.clone() };
    assert!(super::AccessGraph::new(most).is_ok());
    let broken: [fn(&mut Columns); 14] = [
        |c| c.entitlements = 1 << 30,
        |c| (c.grants_end, c.grant_to, c.grant_level) = (vec![0, 2], vec![0, 0], vec![1, 0]),
        |c| c.step_level.truncate(1),
        |c| (c.grant_to, c.grant_level) = (vec![0, 0], vec![0, 0]),
        |c| c.steps_end = vec![1, 1],
        |c| c.kind[1] = 16,
        |c| c.steps_end = vec![2],
        |c| c.steps_end = vec![3, 2],
        |c| c.grants_end = vec![0, 2],
        |c| c.grants_end = vec![2, 1],
        |c| c.step_to[0] = 2,
        |c| c.grant_to[0] = 1,
        |c| c.step_level.swap(0, 1),
        |c| c.grant_level[0] = 4,
    ];
    for (at, harm) in broken.into_iter().enumerate() {
        let mut columns = sound.clone();
        harm(&mut columns);
        assert!(super::AccessGraph::new(columns).is_err(), "harm {at}");
    }
}

/// One walk after another for thousands of leavers: what an earlier one saw must not hide what a later one sees.
#[test]
fn a_walk_is_the_same_after_hundreds_of_others() {
    let live = Level::Live;
    let small = Small {
        kinds: vec![0, 0],
        entitlements: 2,
        steps: Vec::new(),
        grants: vec![(0, 0, live), (1, 0, live), (1, 1, live)],
    };
    let (graph, mut walk) = (small.graph(), Walk::default());
    assert_eq!(hops(&walk.from(&graph, 1, live)), small.reach(1, live));
    for others in 250..260 {
        let mut walk = Walk::default();
        assert_eq!(hops(&walk.from(&graph, 1, live)), small.reach(1, live));
        // As many as there are marks, so that one of them has the mark of the first.
        for round in 0..others {
            assert_eq!(hops(&walk.from(&graph, 0, live)), small.reach(0, live), "round {round}");
        }
        assert_eq!(hops(&walk.from(&graph, 1, live)), small.reach(1, live), "after {others}");
    }
    assert!(walk.holders_from(&graph, 1, live).reached.is_empty(), "only holders were asked for");
    let nobody = walk.from(&graph, 2, live);
    assert!(nobody.visits.is_empty() && nobody.reached.is_empty(), "there is no such holder");
}

/// An account that is made after the graph was has to be reached like any other.
#[test]
fn a_holder_that_is_added_is_reached() {
    let live = Level::Live;
    let small = Small { kinds: vec![3], entitlements: 1, steps: Vec::new(), grants: Vec::new() };
    let mut graph = small.graph();
    assert_eq!((graph.kind(0), graph.kind(1)), (Some(3), None));
    assert_eq!((graph.add(5), graph.add(7)), (Ok(1), Ok(2)));
    assert_eq!((graph.holders(), graph.kind(1), graph.kind(2)), (3, Some(5), Some(7)));
    assert!(graph.add(16).is_err(), "there is no such kind");
    assert_eq!(graph.holders(), 3, "what is refused is not added");
    let change = |from, to| Change { from, to, level: live, came: true };
    graph.apply_steps(&[change(0, 2)]).expect("it fits");
    graph.apply_grants(&[change(2, 0)]).expect("it fits");
    let mut walk = Walk::default();
    let answer = walk.from(&graph, 0, live);
    assert_eq!(hops(&answer), BTreeMap::from([(0, 2)]));
    assert_eq!(answer.visits.last().map(|visit| visit.kinds), Some(1 << 7));
}
