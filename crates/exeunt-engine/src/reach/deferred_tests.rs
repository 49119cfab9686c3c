//! A graph that puts off what nobody asked for is, wherever somebody looks, the graph that takes up everything at once.

use proptest::prelude::*;

use super::deferred::Deferred;
use super::reference::Small;
use super::{AccessGraph, Change, Changes, Level};

const HOLDERS: u32 = 70;
const ENTITLEMENTS: u32 = 6;

/// Many holders, so that their bits fill more than a word, and so many grants of the last of them that nothing is taken up for
/// being too much.
fn graph(steps: &[(u32, u32)], grants: &[(u32, u32)]) -> AccessGraph {
    let live =
        |edges: &[(u32, u32)]| edges.iter().map(|(from, to)| (*from, *to, Level::Live)).collect::<Vec<_>>();
    let mut grants = live(grants);
    grants.extend((0..4_000).map(|at| (HOLDERS - 1, at % ENTITLEMENTS, Level::Gone)));
    Small { kinds: vec![0; HOLDERS as usize], entitlements: ENTITLEMENTS, steps: live(steps), grants }.graph()
}

/// What a row holds, in an order that does not matter.
fn row(graph: &AccessGraph, holder: u32) -> (Vec<u32>, Vec<u32>) {
    let mut steps: Vec<_> = graph.steps(holder).map(|step| step.1).collect();
    steps.sort_unstable();
    (steps, graph.grants(holder).filter(|grant| grant.2 == Level::Live).map(|grant| grant.1).collect())
}

fn edges(to: u32) -> impl Strategy<Value = Vec<(u32, u32)>> {
    prop::collection::vec((0..HOLDERS - 1, 0..to), 0..120)
}

/// Some edges go and others come: every third of a round, and what it names.
fn changes(now: &mut Vec<(u32, u32)>, round: usize, came: &[(u32, u32)]) -> Vec<Change> {
    let mut at = 0usize;
    let mut all = Vec::new();
    let change = |(from, to): (u32, u32), came| Change { from, to, level: Level::Live, came };
    now.retain(|edge| {
        at += 1;
        let stays = !(at + round).is_multiple_of(3);
        if !stays {
            all.push(change(*edge, false));
        }
        stays
    });
    all.extend(came.iter().map(|edge| change(*edge, true)));
    now.extend(came);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A change that is put off and forgotten, or taken up twice, is access that nobody is told of.
    #[test]
    fn what_is_put_off_is_taken_up_once(
        mut steps in edges(HOLDERS),
        mut grants in edges(ENTITLEMENTS),
        rounds in prop::collection::vec((edges(HOLDERS), edges(ENTITLEMENTS), prop::collection::vec(0..HOLDERS, 0..4), prop::bool::weighted(0.2)), 1..6),
    ) {
        let mut plain = graph(&steps, &grants);
        let mut held = Deferred::new(plain.clone());
        let mut asked = std::collections::BTreeSet::new();
        for (round, (more_steps, more_grants, asks, settles)) in rounds.into_iter().enumerate() {
            let all = Changes {
                steps: changes(&mut steps, round, &more_steps),
                grants: changes(&mut grants, round, &more_grants),
            };
            // One after the other and in the order of holders, as a graph takes them up.
            for change in &all.steps {
                plain.apply_steps(&[*change]).expect("it fits");
            }
            for change in &all.grants {
                plain.apply_grants(&[*change]).expect("it fits");
            }
            let now = held.take_up(all.clone()).expect("it fits");
            let of_asked = |all: &[Change]| all.iter().filter(|change| asked.contains(&change.from)).count();
            prop_assert_eq!((now.steps.len(), now.grants.len()), (of_asked(&all.steps), of_asked(&all.grants)));
            for holder in asks {
                held.ask(holder).expect("what is noted of it fits");
                asked.insert(holder);
            }
            for holder in &asked {
                prop_assert_eq!(row(held.graph(), *holder), row(&plain, *holder), "of {}, who was asked for", holder);
            }
            if settles {
                held.settle().expect("all that is noted fits");
                for holder in 0..HOLDERS {
                    prop_assert_eq!(row(held.graph(), holder), row(&plain, holder), "of {}, of all", holder);
                }
            }
        }
        let settled = held.settle().expect("all that is noted fits").clone();
        for holder in 0..HOLDERS {
            prop_assert_eq!(row(&settled, holder), row(&plain, holder), "of {}, in the end", holder);
        }
    }
}

const fn came(from: u32, to: u32) -> Change {
    Change { from, to, level: Level::Live, came: true }
}

/// A watch that lives for ninety days must not collect notes without end, nor have ever more places to look for them.
#[test]
fn notes_are_taken_up_when_there_are_many() {
    let mut held = Deferred::new(graph(&[], &[]));
    let seen = |held: &Deferred, holder| row(held.graph(), holder).1.len();
    let some = |count: u32| Changes {
        grants: (0..count).map(|at| came(3, at % ENTITLEMENTS)).collect(),
        ..Changes::default()
    };
    held.take_up(some(400)).expect("it fits");
    assert_eq!(seen(&held, 3), 0, "nobody asked for it");
    held.take_up(some(200)).expect("it fits");
    assert_eq!(seen(&held, 3), 600, "one to eight edges");
    let mut held = Deferred::new(graph(&[], &[]));
    for round in 0..64 {
        held.take_up(some(1)).expect("it fits");
        assert_eq!(seen(&held, 3), 0, "round {round}");
    }
    held.take_up(some(1)).expect("it fits");
    assert_eq!(seen(&held, 3), 65);
}

/// What nobody asked for may be wrong without being noticed at once. That it leads somewhere is looked at at once.
#[test]
fn a_change_that_leads_nowhere_is_refused_though_nobody_asked() {
    let refused = [
        Changes { steps: vec![came(HOLDERS, 0)], ..Changes::default() },
        Changes { steps: vec![came(0, HOLDERS)], ..Changes::default() },
        Changes { grants: vec![came(HOLDERS, 0)], ..Changes::default() },
        Changes { grants: vec![came(0, ENTITLEMENTS)], ..Changes::default() },
    ];
    for changes in refused {
        assert!(Deferred::new(graph(&[], &[])).take_up(changes.clone()).is_err(), "{changes:?}");
    }
    let went = Change { came: false, ..came(0, 1) };
    for changes in [
        Changes { steps: vec![went], ..Changes::default() },
        Changes { grants: vec![went], ..Changes::default() },
    ] {
        let mut held = Deferred::new(graph(&[], &[]));
        held.take_up(changes.clone()).expect("it is put off");
        assert!(held.clone().ask(0).is_err() && held.settle().is_err(), "it was not there");
        let mut held = Deferred::new(graph(&[], &[]));
        held.ask(0).expect("nothing is noted");
        assert!(held.take_up(changes).is_err(), "it was asked for, and is taken up at once");
    }
}

/// An account that is made while a graph is watched begins without edges and gets some like any other.
#[test]
fn a_holder_that_is_added_has_what_comes() {
    let mut held = Deferred::new(graph(&[], &[]));
    for number in HOLDERS..140 {
        assert_eq!(held.add(1), Ok(number));
    }
    assert!(held.add(16).is_err(), "there is no such kind");
    held.take_up(Changes { steps: vec![came(139, 0)], grants: vec![came(138, 1)] }).expect("they are there");
    assert_eq!(held.ask(139).map(|graph| row(graph, 139).0), Ok(vec![0]));
    assert_eq!(held.settle().map(|graph| row(graph, 138).1), Ok(vec![1]));
}
