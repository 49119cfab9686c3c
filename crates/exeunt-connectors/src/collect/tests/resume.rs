//! A killed run goes on where it was: nothing is asked twice, nothing is lost.

use std::sync::atomic::{AtomicUsize, Ordering};

use exeunt_model::PartialReason;
use futures_util::future::BoxFuture;

use super::script::{Reply, Run, Script, USERS_2, forge, reason, snapshot_of, status};
use crate::collect::{Progress, Stop};
use crate::conformance::MemoryShelf;
use crate::protocol::{Ask, Protocol};

/// Stops the run after some pages, as Ctrl-C would.
struct StopAfter(AtomicUsize, Stop);

impl Progress for StopAfter {
    fn begins(&self, _: &str, _: usize) {}
    fn page(&self, _: &str, _: &str, _: u64) {
        if self.0.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.1.now();
        }
    }
    fn ended(&self, _: &exeunt_model::ReadReceipt) {}
}

/// Killed after each possible page: the second run asks only for the rest, and the snapshot is the
/// one that an undisturbed run would have made.
#[tokio::test]
async fn no_page_is_asked_twice_and_the_snapshot_is_the_same() {
    let whole = snapshot_of(&forge()).await;
    let script = forge();
    snapshot_of(&script).await;
    let mut all = script.log();
    all.sort();
    for pages in 1..=5 {
        let (script, shelf) = (forge(), MemoryShelf::default());
        let mut first = Run::on(&shelf);
        let stop_after = StopAfter(AtomicUsize::new(pages), first.stop.clone());
        first.progress = &stop_after;
        let cut = first.of(&script).await;
        // The fifth page is the last one: stopping after it changes nothing.
        assert_eq!(cut.is_complete(), pages == 5, "{pages}");
        let again = Run::on(&shelf).of(&script).await;
        assert_eq!(again.id().expect("json"), whole.id().expect("json"), "after {pages} pages");
        let mut asked = script.log();
        asked.sort();
        assert_eq!(asked, all, "after {pages} pages");
    }
}

/// A read that failed is asked again from the page that failed, not from the start.
#[tokio::test]
async fn a_failed_page_is_asked_again() {
    let (script, shelf) = (forge(), MemoryShelf::default());
    script.set(USERS_2, status(500, serde_json::json!({})));
    assert_eq!(reason(&Run::on(&shelf).of(&script).await, "users"), Some(PartialReason::ServerError));
    script.log();
    let page = serde_json::json!({"items": [super::script::user(4, "bob")], "next": null});
    script.set(USERS_2, super::script::ok(page));
    let again = Run::on(&shelf).of(&script).await;
    assert!(again.is_complete());
    assert_eq!(script.log(), [USERS_2, "GET /users/4/tokens"]);
}

/// A request that never ends.
struct Hangs(Script, Stop);

impl Protocol for Hangs {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Reply> {
        if crate::collect::render::endpoint(ask) == USERS_2 {
            self.1.now();
            return Box::pin(std::future::pending());
        }
        self.0.fetch(ask)
    }
    fn origin(&self) -> Option<&str> {
        self.0.origin()
    }
}

/// Ctrl-C does not wait for an answer that may never come.
#[tokio::test]
async fn a_request_under_way_is_given_up() {
    let shelf = MemoryShelf::default();
    let run = Run::on(&shelf);
    let snapshot = run.of(&Hangs(forge(), run.stop.clone())).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::Interrupted));
    assert!(Run::on(&shelf).of(&forge()).await.is_complete());
}
