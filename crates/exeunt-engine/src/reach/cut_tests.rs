//! A cut cuts: taken out of the data, the reach is gone, and not before its last edge is taken.

use proptest::prelude::*;

use super::reference::{Small, small};
use super::{AccessGraph, Bounds, Level, Taken, cuts};

const BOUNDS: Bounds = Bounds { size: 3, searches: 5_000 };

/// The list without some edges.
fn without(small: &Small, graph: &AccessGraph, taken: &[Taken]) -> Small {
    let mut left = small.clone();
    for holder in 0..u32::try_from(graph.holders()).expect("few") {
        for (place, to, level) in graph.steps(holder).filter(|step| taken.contains(&Taken::Step(step.0))) {
            let at = left.steps.iter().position(|step| *step == (holder, to, level));
            left.steps.swap_remove(at.unwrap_or_else(|| panic!("step {place} is in the data")));
        }
        for (place, to, level) in graph.grants(holder).filter(|grant| taken.contains(&Taken::Grant(grant.0)))
        {
            let at = left.grants.iter().position(|grant| *grant == (holder, to, level));
            left.grants.swap_remove(at.unwrap_or_else(|| panic!("grant {place} is in the data")));
        }
    }
    left
}

/// All edges as places.
fn edges(small: &Small) -> Vec<Taken> {
    let of = |count: usize| 0..u32::try_from(count).expect("few");
    of(small.steps.len()).map(Taken::Step).chain(of(small.grants.len()).map(Taken::Grant)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Somebody follows the advice and the leaver still gets in; or is told to take away more than is needed.
    #[test]
    fn a_named_cut_removes_the_reach_and_no_part_of_it_does(small in small()) {
        let graph = small.graph();
        for (entitlement, _) in small.reach(0, Level::Latent) {
            let found = cuts(&graph, 0, entitlement, Level::Latent, BOUNDS);
            prop_assert!(found.all);
            let in_order = found.cuts.windows(2).all(|pair| (pair[0].len(), &pair[0]) < (pair[1].len(), &pair[1]));
            prop_assert!(in_order, "the least first, and none twice: {:?}", found.cuts);
            for cut in &found.cuts {
                prop_assert!(cut.len() <= BOUNDS.size);
                let reached = |taken: &[Taken]| without(&small, &graph, taken).reach(0, Level::Latent).contains_key(&entitlement);
                prop_assert!(!reached(cut), "{cut:?} leaves a way");
                for spared in 0..cut.len() {
                    let mut part = cut.clone();
                    part.remove(spared);
                    prop_assert!(reached(&part), "{cut:?} is more than is needed");
                }
            }
        }
    }

    /// Where one edge or two would do, they are all named, so that the least harmful one can be chosen.
    #[test]
    fn no_cut_of_two_is_left_out(small in small()) {
        let graph = small.graph();
        let Some((entitlement, _)) = small.reach(0, Level::Live).into_iter().next() else { return Ok(()) };
        let found = cuts(&graph, 0, entitlement, Level::Live, BOUNDS);
        let cut = |taken: &[Taken]| !without(&small, &graph, taken).reach(0, Level::Live).contains_key(&entitlement);
        let all = edges(&small);
        let single: Vec<Taken> = all.iter().copied().filter(|one| cut(&[*one])).collect();
        for one in &single {
            prop_assert!(found.cuts.contains(&vec![*one]));
        }
        let rest: Vec<Taken> = all.into_iter().filter(|one| !single.contains(one)).collect();
        for (at, one) in rest.iter().enumerate() {
            for other in &rest[at + 1..] {
                if cut(&[*one, *other]) {
                    prop_assert!(found.cuts.contains(&vec![*one, *other]), "{one:?} and {other:?}");
                }
            }
        }
    }
}

/// Two ways part behind what they share, and a third joins them: each cut is named once, whichever edge is tried first.
#[test]
fn no_cut_is_named_twice() {
    let live = Level::Live;
    let small = Small {
        kinds: vec![0; 5],
        entitlements: 1,
        steps: vec![(0, 1, live), (0, 4, live), (1, 2, live), (1, 3, live), (4, 2, live)],
        grants: vec![(2, 0, live), (3, 0, live)],
    };
    let found = cuts(&small.graph(), 0, 0, live, BOUNDS);
    assert!(found.cuts.contains(&vec![Taken::Step(0), Taken::Grant(0)]), "{found:?}");
    assert!(found.cuts.windows(2).all(|pair| pair[0] != pair[1]), "{found:?}");
}

/// A cut of nothing would read as advice that is followed already.
#[test]
fn what_is_not_reached_needs_no_cut() {
    let small =
        Small { kinds: vec![0; 2], entitlements: 1, steps: vec![], grants: vec![(1, 0, Level::Live)] };
    let found = cuts(&small.graph(), 0, 0, Level::Live, BOUNDS);
    assert!(found.all && found.cuts.is_empty(), "{found:?}");
}

/// A search that was given up must say so, or its list would be taken for the whole.
#[test]
fn a_search_that_is_given_up_says_so() {
    let live = Level::Live;
    let middle = 1..9u32;
    let steps = middle.clone().map(|to| (0, to, live)).collect();
    let grants = middle.map(|holder| (holder, 0, live)).collect();
    let small = Small { kinds: vec![0; 9], entitlements: 1, steps, grants };
    let few = cuts(&small.graph(), 0, 0, live, Bounds { size: 8, searches: 100 });
    assert!(!few.all);
    let none = cuts(&small.graph(), 0, 0, live, BOUNDS);
    assert!(none.all && none.cuts.is_empty(), "eight ways apart need eight cuts");
}
