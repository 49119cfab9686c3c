//! Changes that are taken up leave the graph as one made of what is there now, also where rows are long.

use proptest::prelude::*;

use super::reference::Small;
use super::{AccessGraph, Change, Level};

const HOLDERS: u32 = 4;
const ENTITLEMENTS: u32 = 50;

type Edges = Vec<(u32, Level, u32)>;

fn edges(to: u32) -> impl Strategy<Value = Edges> {
    let level = prop_oneof![8 => Just(Level::Live), 1 => Just(Level::Latent), 1 => Just(Level::Gone)];
    prop::collection::vec((0..HOLDERS, level, 0..to), 0..400)
}

fn graph(steps: Edges, grants: Edges) -> AccessGraph {
    let listed =
        |edges: Edges| edges.into_iter().map(|(from, level, to)| (from, to, level)).collect::<Vec<_>>();
    let (steps, grants) = (listed(steps), listed(grants));
    Small { kinds: vec![0; HOLDERS as usize], entitlements: ENTITLEMENTS, steps, grants }.graph()
}

/// What a row holds, and that it is in order.
fn row(all: impl Iterator<Item = (u32, u32, Level)>) -> Vec<(Level, u32)> {
    let row: Vec<_> = all.map(|(_, to, level)| (level, to)).collect();
    assert!(row.is_sorted_by_key(|(level, _)| *level), "what is most alive stands first: {row:?}");
    row
}

/// Some of the edges go, and others come.
fn changes(now: &mut Edges, goes: &[bool], came: &Edges) -> Vec<Change> {
    let mut all = Vec::new();
    let mut told =
        |(from, level, to): (u32, Level, u32), came: bool| all.push(Change { from, to, level, came });
    let mut goes = goes.iter().cycle();
    now.retain(|edge| {
        let stays = !goes.next().is_some_and(|goes| *goes);
        if !stays {
            told(*edge, false);
        }
        stays
    });
    for edge in came {
        told(*edge, true);
    }
    now.extend(came);
    all.sort_by_key(|change| change.from);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Somebody's access would be missed, or made up, after the first busy day of a large group.
    #[test]
    fn long_rows_hold_what_a_graph_made_anew_holds(
        mut steps in edges(HOLDERS),
        mut grants in edges(ENTITLEMENTS),
        rounds in prop::collection::vec((edges(HOLDERS), edges(ENTITLEMENTS), prop::collection::vec(any::<bool>(), 1..40)), 1..5),
    ) {
        let mut known = graph(steps.clone(), grants.clone());
        for (more_steps, more_grants, goes) in rounds {
            known.apply_steps(&changes(&mut steps, &goes, &more_steps)).expect("they fit");
            known.apply_grants(&changes(&mut grants, &goes, &more_grants)).expect("they fit");
            let anew = graph(steps.clone(), grants.clone());
            for holder in 0..HOLDERS {
                let (mut known_steps, anew_steps) = (row(known.steps(holder)), row(anew.steps(holder)));
                known_steps.sort_unstable();
                prop_assert_eq!(known_steps, anew_steps);
                prop_assert_eq!(row(known.grants(holder)), row(anew.grants(holder)));
            }
        }
    }
}

/// A change that does not fit means that something was missed: going on would hide it.
#[test]
fn a_change_that_does_not_fit_is_refused() {
    let live = Level::Live;
    let change = |from, to, came| Change { from, to, level: live, came };
    let fits = |steps: &[Change], grants: &[Change]| {
        let mut graph = graph(vec![(0, live, 1)], vec![(0, live, 1), (0, live, 1)]);
        graph.apply_steps(steps).and_then(|()| graph.apply_grants(grants)).is_ok()
    };
    assert!(fits(&[change(0, 1, false), change(3, 3, true)], &[change(0, 1, false), change(0, 1, false)]));
    assert!(fits(&[], &[change(3, ENTITLEMENTS - 1, true)]));
    let refused = [
        (vec![change(0, 2, false)], Vec::new()),
        (vec![change(0, 1, false), change(0, 1, false)], Vec::new()),
        (vec![change(0, HOLDERS, true)], Vec::new()),
        (vec![change(HOLDERS, 0, true)], Vec::new()),
        (Vec::new(), vec![change(0, 2, false)]),
        (Vec::new(), vec![change(0, 1, false), change(0, 1, false), change(0, 1, false)]),
        (Vec::new(), vec![change(0, ENTITLEMENTS, true)]),
        (Vec::new(), vec![change(HOLDERS, 0, true)]),
    ];
    for (steps, grants) in refused {
        assert!(!fits(&steps, &grants), "{steps:?} {grants:?}");
    }
}

/// A graph that grows with every change fills the memory of a watch that runs for months.
#[test]
fn changes_that_are_taken_back_leave_the_graph_no_larger() {
    let live = Level::Live;
    let change = |from, to, came| Change { from, to, level: live, came };
    let mut graph =
        graph(Vec::new(), vec![(0, live, 1), (1, live, 1), (1, live, 2), (1, live, 3), (2, live, 4)]);
    let grown = |graph: &AccessGraph| graph.grants.later.len();
    let more = |from: u32, came| [change(from, 7, came)];
    graph.apply_grants(&more(1, true)).expect("it fits");
    let once = grown(&graph);
    assert!(once > 0, "there was no room behind it");
    graph.apply_grants(&more(0, true)).expect("it fits");
    assert_eq!(grown(&graph), once, "there is where it stood before");
    for _ in 0..50 {
        for from in [0, 1] {
            graph.apply_grants(&more(from, false)).expect("it fits");
            graph.apply_grants(&more(from, true)).expect("it fits");
        }
    }
    assert_eq!(grown(&graph), once);
}
