//! A recheck tells exactly what differs, for as long as a watch lives.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::reference::{Small, small};
use super::{Answer, Change, Changes, Level, Walk, Watch};

fn hops(answer: &Answer<'_>) -> BTreeMap<u32, u32> {
    answer.reached.iter().map(|one| (one.entitlement(), answer.hops(one))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A recheck that tells less than everything anew would leave somebody's access unseen.
    #[test]
    fn a_recheck_gives_the_answer_of_a_full_resolve(
        before in small(),
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), any::<u8>()), 1..10),
        limit in prop_oneof![Just(Level::Live), Just(Level::Latent)],
        watched in 1usize..12,
        settles in any::<u8>(),
    ) {
        // Not all holders are watched, so that changes also touch, and lead to, those whom nobody met.
        let left: Vec<u32> = (0..u32::try_from(before.kinds.len().min(watched)).expect("few")).collect();
        let mut watch = Watch::new(before.graph(), &left, limit).expect("a watch");
        let mut known: Vec<BTreeMap<u32, u32>> = left.iter().map(|leaver| before.reach(*leaver, limit)).collect();
        let mut now = before.clone();
        // In rounds, because each rests on what the one before noted.
        for (at, round) in picks.chunks(3).enumerate() {
            let changes = changes(&mut now, round);
            let mut taken_up = |changes: &Changes, now: &Small| {
                let mut told = BTreeSet::new();
                watch.recheck(changes.clone(), &mut |one| {
                    assert!(told.insert((one.leaver, one.entitlement)), "each leaver and entitlement once");
                    let mine = &mut known[one.leaver as usize];
                    assert_ne!(one.before, one.after, "it differs");
                    assert_eq!(mine.remove(&one.entitlement), one.before, "what it says was before");
                    mine.extend(one.after.map(|hops| (one.entitlement, hops)));
                }).expect("taken up");
                for (leaver, known) in left.iter().zip(&known) {
                    assert_eq!(known, &now.reach(*leaver, limit), "of {leaver}");
                }
                // What is put off for several rounds must be taken up as well as what is for one.
                if settles >> (at % 8) & 1 == 1 {
                    let graph = watch.graph().expect("what was put off fits");
                    for start in 0..u32::try_from(now.kinds.len()).expect("few") {
                        assert_eq!(hops(&Walk::default().from(graph, start, limit)), now.reach(start, limit), "the graph of {start}");
                    }
                }
            };
            let earlier = before_round(&now, &changes);
            taken_up(&changes, &now);
            taken_up(&changes.reversed(), &earlier);
            taken_up(&changes, &now);
        }
    }
}

/// The list before changes.
fn before_round(now: &Small, changes: &Changes) -> Small {
    let mut earlier = now.clone();
    let edges = |edges: &mut Vec<(u32, u32, Level)>, changes: &[Change]| {
        for one in changes {
            let edge = (one.from, one.to, one.level);
            if one.came {
                edges.remove(edges.iter().position(|known| *known == edge).expect("it came"));
            } else {
                edges.push(edge);
            }
        }
    };
    edges(&mut earlier.steps, &changes.steps);
    edges(&mut earlier.grants, &changes.grants);
    earlier
}

/// Takes some of some holders' edges away and adds others, in the list and as changes.
fn changes(now: &mut Small, picks: &[(prop::sample::Index, bool, u8)]) -> Changes {
    let mut all = Changes::default();
    let (mut fresh_steps, mut fresh_grants) = (Vec::new(), Vec::new());
    for (index, steps, chance) in picks {
        let holder = u32::try_from(index.index(now.kinds.len())).expect("few");
        let below = if *steps { u32::try_from(now.kinds.len()).expect("few") } else { now.entitlements };
        let (edges, fresh, told) = if *steps {
            (&mut now.steps, &mut fresh_steps, &mut all.steps)
        } else {
            (&mut now.grants, &mut fresh_grants, &mut all.grants)
        };
        let mut kept = 0;
        edges.retain(|edge| {
            edge.0 != holder || {
                kept += 1;
                let stays = chance >> (kept % 8) & 1 == 1;
                if !stays {
                    told.push(Change { from: edge.0, to: edge.1, level: edge.2, came: false });
                }
                stays
            }
        });
        for more in 0..chance % 3 {
            fresh.push((
                holder,
                u32::from(chance / 3 + more) % below,
                Level::ALL[usize::from((chance + more) % 4)],
            ));
        }
    }
    for (edges, fresh, told) in
        [(&mut now.steps, fresh_steps, &mut all.steps), (&mut now.grants, fresh_grants, &mut all.grants)]
    {
        told.extend(fresh.iter().map(|edge| Change { from: edge.0, to: edge.1, level: edge.2, came: true }));
        told.sort_by_key(|change| change.from);
        edges.extend(fresh);
    }
    all
}

/// Draws that are the same each time.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).expect("below a number of 32 bits")
    }
}

/// What a watch notes must neither run out nor go stale in ninety days, each with its changes, most of which concern few.
#[test]
fn a_watch_that_lives_long_still_tells_what_differs() {
    const LEAVERS: u32 = 12;
    let (holders, entitlements) = (90, 150);
    for seed in 0..6 {
        let mut draws = Draws(seed);
        let level = |draws: &mut Draws| {
            [Level::Live, Level::Live, Level::Live, Level::Latent][draws.below(4) as usize]
        };
        let mut edges = |count: u32, to: u32| -> Vec<_> {
            (0..count).map(|_| (draws.below(holders), draws.below(to), level(&mut draws))).collect()
        };
        let (steps, grants) = (edges(130, holders), edges(900, entitlements));
        let mut now = Small { kinds: vec![0; holders as usize], entitlements, steps, grants };
        let left: Vec<u32> = (0..LEAVERS).collect();
        let mut watch = Watch::new(now.graph(), &left, Level::Live).expect("a watch");
        let mut known: Vec<_> = left.iter().map(|leaver| now.reach(*leaver, Level::Live)).collect();
        for day in 0..90 {
            let (mut changes, some) = (Changes::default(), draws.below(6) + 1);
            for (edges, told, to, most) in [
                (&mut now.steps, &mut changes.steps, holders, 4 * some),
                (&mut now.grants, &mut changes.grants, entitlements, 8 * some),
            ] {
                for _ in 0..most {
                    let place = draws.below(u32::try_from(edges.len()).expect("few")) as usize;
                    let (from, what, level) = edges.swap_remove(place);
                    told.push(Change { from, to: what, level, came: false });
                }
                for _ in 0..most {
                    let (from, what, level) = (draws.below(holders), draws.below(to), level(&mut draws));
                    edges.push((from, what, level));
                    told.push(Change { from, to: what, level, came: true });
                }
                told.sort_by_key(|change| change.from);
            }
            watch
                .recheck(changes, &mut |one| {
                    let mine = &mut known[one.leaver as usize];
                    assert_eq!(mine.remove(&one.entitlement), one.before, "day {day} of {seed}");
                    mine.extend(one.after.map(|hops| (one.entitlement, hops)));
                })
                .expect("taken up");
            for (leaver, known) in left.iter().zip(&known) {
                assert_eq!(known, &now.reach(*leaver, Level::Live), "of {leaver} on day {day} of {seed}");
            }
        }
        let graph = watch.graph().expect("what was put off fits");
        for start in 0..holders {
            let answer = hops(&Walk::default().from(graph, start, Level::Live));
            assert_eq!(answer, now.reach(start, Level::Live), "of {start} in the end");
        }
    }
}

/// Somebody who is given an account today reaches by it what it is granted, from the next recheck on.
#[test]
fn an_account_that_is_made_is_met() {
    let small =
        Small { kinds: vec![0, 1], entitlements: 2, steps: vec![(0, 1, Level::Live)], grants: Vec::new() };
    let mut watch = Watch::new(small.graph(), &[0], Level::Live).expect("a watch");
    let account = watch.add(1).expect("there is room");
    assert_eq!(account, 2, "the next number");
    let came = |from, to| Change { from, to, level: Level::Live, came: true };
    let mut told = Vec::new();
    watch
        .recheck(Changes { steps: vec![came(0, account)], grants: vec![came(account, 1)] }, &mut |one| {
            told.push(one);
        })
        .expect("it fits");
    let one = told.pop().expect("it differs");
    assert_eq!((one.leaver, one.entitlement, one.before, one.after), (0, 1, None, Some(2)));
    assert!(told.is_empty(), "nothing else does");
}

/// Somebody of whom the graph knows nothing reaches nothing, and not what the one before them does.
#[test]
fn a_leaver_who_is_nowhere_reaches_nothing() {
    let live = Level::Live;
    let small = Small { kinds: vec![0], entitlements: 1, steps: Vec::new(), grants: vec![(0, 0, live)] };
    let mut watch = Watch::new(small.graph(), &[0, 99], live).expect("a watch");
    let went =
        Changes { grants: vec![Change { from: 0, to: 0, level: live, came: false }], ..Changes::default() };
    let mut told = Vec::new();
    watch.recheck(went, &mut |one| told.push((one.leaver, one.before, one.after))).expect("it fits");
    assert_eq!(told, [(0, Some(1), None)]);
}

/// What was taken up in part is no answer: after a change that does not fit nothing is told any more, and no graph is handed out.
#[test]
fn after_a_change_that_does_not_fit_nothing_is_told() {
    let live = Level::Live;
    // So many edges that one change is put off.
    let all = [vec![(0, 0, live)], vec![(1, 0, live); 16]].concat();
    let small = Small { kinds: vec![0; 3], entitlements: 2, steps: Vec::new(), grants: all };
    let change = |from, to, came| Change { from, to, level: live, came };
    let grants = |grants: &[Change]| Changes { grants: grants.to_vec(), ..Changes::default() };
    for (wrong, noticed) in [
        (grants(&[change(0, 1, true), change(0, 7, true)]), "at once"),
        (grants(&[change(0, 1, true), change(0, 1, false), change(0, 1, false)]), "at once"),
        (grants(&[change(2, 1, false)]), "when the graph is asked for"),
    ] {
        let mut watch = Watch::new(small.graph(), &[0], live).expect("a watch");
        let mut none = |one| panic!("told {one:?}");
        let at_once = watch.recheck(wrong, &mut none);
        assert_eq!(at_once.is_err(), noticed == "at once");
        let why = watch.graph().map(|_| ()).expect_err("it does not fit");
        assert_eq!(watch.recheck(grants(&[change(0, 1, true)]), &mut none), Err(why.clone()), "{noticed}");
        assert_eq!(watch.add(0), Err(why.clone()), "{noticed}");
        assert_eq!(watch.graph().map(|_| ()), Err(why), "{noticed}");
    }
}
