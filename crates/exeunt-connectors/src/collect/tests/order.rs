//! What must not matter, over many worlds: the order of rows, pages and answers; and what must: a
//! page that is missing.

use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::Arc;

use exeunt_model::{Outcome, Snapshot};

use super::script::{Run, Script, USERS, ok, user};
use crate::conformance::MemoryShelf;

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// A listing of pages, each user with one token.
fn world(pages: &[Vec<u64>]) -> Script {
    let mut script = Script::default().with("GET /me", ok(json!({"login": "auditor"})));
    for (index, ids) in pages.iter().enumerate() {
        let endpoint = if index == 0 { USERS.to_owned() } else { format!("{USERS}&cursor=c{index}") };
        let items: Vec<Value> = ids.iter().map(|id| user(*id, &format!("u{id}"))).collect();
        let next = (index + 1 < pages.len()).then(|| format!("c{}", index + 1));
        script = script.with(&endpoint, ok(json!({"items": items, "next": next})));
        for id in ids {
            let tokens = json!({"tokens": [{"id": 1000 + id, "name": "t"}]});
            script = script.with(&format!("GET /users/{id}/tokens"), ok(tokens));
        }
    }
    script
}

/// The snapshot but for the digests of raw bodies, which are about bytes and not about facts.
fn facts(pages: &[Vec<u64>]) -> Snapshot {
    let mut snapshot = block_on(async { Run::on(&Arc::new(MemoryShelf::default())).of(&world(pages)).await });
    for read in &mut snapshot.reads {
        read.receipt.exchanges.clear();
    }
    snapshot
}

const OFFSET: &str = "offset: { start: s, size: [n, 2], total: .total }";

fn numbered(total: usize, served: &[Vec<u64>]) -> Snapshot {
    let text = crate::manifest::tests::GOOD.replace("cursor: { from: .next, into: cursor }", OFFSET);
    let mut script = world(&[served.concat()]);
    let mut start = 0;
    for index in 0..=served.len() {
        let items: Vec<Value> =
            served.get(index).into_iter().flatten().map(|id| user(*id, &format!("u{id}"))).collect();
        let endpoint = format!("{USERS}&n=2&s={start}");
        start += items.len();
        script = script.with(&endpoint, ok(json!({"items": items, "total": total})));
    }
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.loaded = crate::manifest::load(&text, "forge.yaml").expect("loads");
    block_on(async { run.of(&script).await })
}

fn ids() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::btree_set(1_u64..60, 1..14).prop_map(|set| set.into_iter().collect()).prop_shuffle()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two runs on the same world give the same snapshot, however the system orders its answers.
    #[test]
    fn order_of_rows_and_pages_does_not_matter(ids in ids(), size in 1_usize..5, seed in any::<u64>()) {
        let pages: Vec<Vec<u64>> = ids.chunks(size).map(<[u64]>::to_vec).collect();
        let mut other = pages.clone();
        let turn = usize::try_from(seed % 7).unwrap_or(0) % other.len();
        other.rotate_left(turn);
        for page in &mut other {
            page.reverse();
        }
        prop_assert_eq!(facts(&pages).id().expect("json"), facts(&other).id().expect("json"));
    }

    /// A listing that announces its length is never complete without one of its pages.
    #[test]
    fn a_missing_page_is_never_complete(ids in ids(), gap in any::<prop::sample::Index>()) {
        let pages: Vec<Vec<u64>> = ids.chunks(2).map(<[u64]>::to_vec).collect();
        let whole = numbered(ids.len(), &pages);
        let users = &whole.reads.iter().find(|read| read.receipt.read == "users").expect("read").receipt;
        prop_assert!(users.outcome.is_complete(), "{:?}", users.outcome);
        prop_assert_eq!(users.rows, ids.len() as u64);
        let mut short = pages.clone();
        short.remove(gap.index(pages.len()));
        let cut = numbered(ids.len(), &short);
        let users = &cut.reads.iter().find(|read| read.receipt.read == "users").expect("read").receipt;
        prop_assert!(matches!(users.outcome, Outcome::Partial { .. }), "{:?}", users);
    }
}
