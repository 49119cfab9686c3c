//! The answer is the answer: by definition on hundreds of small estates, by digest on a large one, and whether loaded whole
//! or read in part.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use exeunt_engine::reach::{Level, Walk};
use exeunt_service::columns::{all_at_rest, one_at_rest};

use crate::convert::{convert, reference};
use crate::ours::{MODES, graph, sweep};
use crate::rows::{Rows, number};
use crate::run;
use exeunt_bench_estate::{Size, make};

type Edge = ((u8, u32), (u8, u32));

/// The problem by its definition, from the files and not from our tables: every edge is relaxed until nothing changes.
fn by_definition(dir: &Path, scope: bool) -> (u64, u64, u64) {
    let mut leavers = Vec::new();
    open(dir, "people").each(|[id, _, _, _, _, _, _, status]| {
        leavers.extend((status == b"leaver").then(|| number(id)));
    });
    let (mut survives, mut live) = (BTreeSet::new(), BTreeSet::new());
    let survivors: [&[u8]; 5] = [b"pat", b"ssh_key", b"api_key", b"oauth_token", b"cert"];
    open(dir, "credentials").each(|[_, account, _, kind, state]| {
        if state == b"active" && survivors.contains(&kind) {
            survives.insert(number(account));
        }
    });
    open(dir, "accounts").each(|[id, _, _, status]| {
        let id = number(id);
        if scope || status == b"active" || (status == b"disabled" && survives.contains(&id)) {
            live.insert(id);
        }
    });
    let mut edges: Vec<Edge> = Vec::new();
    open(dir, "owners").each(|[person, account, _, state]| {
        if live.contains(&number(account)) && (scope || state == b"active") {
            edges.push(((b'p', number(person)), (b'a', number(account))));
        }
    });
    open(dir, "acts_as").each(|[from, to]| {
        if live.contains(&number(from)) && live.contains(&number(to)) {
            edges.push(((b'a', number(from)), (b'a', number(to))));
        }
    });
    open(dir, "members")
        .each(|[account, group]| edges.push(((b'a', number(account)), (b'g', number(group)))));
    open(dir, "nested").each(|[child, parent]| edges.push(((b'g', number(child)), (b'g', number(parent)))));
    let mut grants: BTreeMap<(u8, u32), Vec<u32>> = BTreeMap::new();
    open(dir, "grants").each(|[kind, subject, entitlement, state]| {
        if state == b"active" {
            grants.entry((kind[0], number(subject))).or_default().push(number(entitlement));
        }
    });
    let mut sums = (0, 0, 0);
    for leaver in leavers {
        let mut hops = BTreeMap::from([((b'p', leaver), 0u64)]);
        loop {
            let before = hops.clone();
            for (from, to) in &edges {
                let Some(next) = hops.get(from).map(|hops| hops + 1) else { continue };
                let known = hops.entry(*to).or_insert(next);
                *known = next.min(*known);
            }
            if hops == before {
                break;
            }
        }
        let mut best: BTreeMap<u32, u64> = BTreeMap::new();
        for (node, hops) in &hops {
            for entitlement in grants.get(node).into_iter().flatten() {
                let known = best.entry(*entitlement).or_insert(hops + 1);
                *known = (hops + 1).min(*known);
            }
        }
        for (entitlement, hops) in best {
            let product = (u64::from(leaver) + 1) * (u64::from(entitlement) + 1) % 1_000_003;
            sums = (sums.0 + 1, sums.1 + hops, sums.2 + product);
        }
    }
    sums
}

fn open(dir: &Path, name: &str) -> Rows {
    Rows::open(dir, name).expect("a file of the estate")
}

/// An estate, at rest and loaded.
fn made(size: Size) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    make(dir.path(), size).expect("made");
    convert(dir.path(), &run::snapshot_of(dir.path())).expect("converted");
    dir
}

/// A leaver's access is missed or made up, in any of these companies.
#[test]
fn two_hundred_small_estates_are_answered_as_by_definition() {
    for seed in 1..=200 {
        // Many leavers, so that a small company has every kind of case.
        let dir = made(Size { leavers: 0.1, ..Size::of(200, seed) });
        let (graph, left) = graph(&run::snapshot_of(dir.path())).expect("a graph");
        for (mode, limit) in MODES {
            let tally = sweep(&graph, &mut Walk::default(), &left, limit);
            assert_eq!(tally.exact(), by_definition(dir.path(), mode == "scope"), "seed {seed}, {mode}");
        }
    }
}

/// The generator makes the estates whose answers are known, and the answers are those.
#[test]
fn an_estate_of_ten_thousand_has_its_known_answer() {
    let dir = made(Size::of(10_000, 1));
    let manifest = std::fs::read_to_string(dir.path().join("manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"rows\":36446"), "{manifest}");
    let told = crate::ours::measure(&run::snapshot_of(dir.path())).expect("measured");
    run::known(1, 10_000, &told).expect("the known answer");
    // What was planted is reached.
    let (graph, _) = graph(&run::snapshot_of(dir.path())).expect("a graph");
    let mut walk = Walk::default();
    open(dir.path(), "planted").each(|[person, _, account]| {
        let answer = walk.holders_from(&graph, number(person), MODES[0].1);
        let account = number(account) + 10_000;
        assert!(
            answer.visits.iter().any(|visit| visit.holder == account),
            "what was left to {}",
            number(person)
        );
    });
}

/// The command for one leaver reads a few rows; it must say what loading everything says.
#[test]
fn one_leaver_from_a_part_is_one_leaver_from_the_whole() {
    let dir = made(Size::of(2_000, 3));
    let snapshot = run::snapshot_of(dir.path());
    let (graph, left) = graph(&snapshot).expect("a graph");
    assert!(left.len() > 10);
    let all = all_at_rest(&snapshot).expect("answered");
    let mut walk = Walk::default();
    for leaver in left {
        let mut pairs = |limit: Level| sweep(&graph, &mut walk, &[leaver], limit).pairs;
        let (live, any) = (pairs(Level::Live), pairs(Level::Unknown));
        let who = reference("identity", leaver).parse().expect("a reference");
        let one = one_at_rest(&snapshot, &who).expect("answered");
        assert_eq!((one.live as u64, one.in_doubt as u64), (live, any - live), "leaver {leaver}");
        assert!(any == 0 || all.contains(&one), "the way to the worst of it: {one:?}");
    }
}
