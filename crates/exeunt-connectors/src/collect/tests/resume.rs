//! A killed run goes on where it was: nothing is asked twice, nothing is lost.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use exeunt_model::PartialReason;
use futures_util::future::BoxFuture;

use super::script::{Reply, Run, Script, USERS_2, forge, reason, status};
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

/// The small manifest without concurrency, so that "after the n-th page" is one certain moment.
fn one_at_a_time() -> crate::manifest::Loaded {
    let text =
        crate::manifest::tests::GOOD.replace("auth: [bearer]", "auth: [bearer]\nclient: { concurrency: 1 }");
    crate::manifest::load(&text, "forge.yaml").expect("loads")
}

/// Killed after each possible page: the second run asks only for the rest, and the snapshot is the
/// one that an undisturbed run would have made.
#[tokio::test]
async fn no_page_is_asked_twice_and_the_snapshot_is_the_same() {
    let (script, shelf) = (forge(), Arc::new(MemoryShelf::default()));
    let mut undisturbed = Run::on(&shelf);
    undisturbed.loaded = one_at_a_time();
    let whole = undisturbed.of(&script).await;
    let mut all = script.log();
    all.sort();
    for pages in 1..=5 {
        let (script, shelf) = (forge(), Arc::new(MemoryShelf::default()));
        let mut first = Run::on(&shelf);
        first.loaded = one_at_a_time();
        let stop_after = StopAfter(AtomicUsize::new(pages), first.stop.clone());
        first.progress = &stop_after;
        let cut = first.of(&script).await;
        // The fifth page is the last one: stopping after it changes nothing.
        assert_eq!(cut.is_complete(), pages == 5, "{pages}");
        let mut second = Run::on(&shelf);
        second.loaded = one_at_a_time();
        let again = second.of(&script).await;
        assert_eq!(again.id().expect("json"), whole.id().expect("json"), "after {pages} pages");
        let mut asked = script.log();
        asked.sort();
        assert_eq!(asked, all, "after {pages} pages");
    }
}

/// A read that failed is asked again from the page that failed, not from the start.
#[tokio::test]
async fn a_failed_page_is_asked_again() {
    let (script, shelf) = (forge(), Arc::new(MemoryShelf::default()));
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
    let shelf = Arc::new(MemoryShelf::default());
    let run = Run::on(&shelf);
    let snapshot = run.of(&Hangs(forge(), run.stop.clone())).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::Interrupted));
    assert!(Run::on(&shelf).of(&forge()).await.is_complete());
}

/// A directory of two pages; a cookie is only known to the connection that gave it.
struct Directory(Mutex<Vec<Vec<u8>>>, Stop, bool);

impl Protocol for Directory {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Reply> {
        let Ask::Ldap { cookie, page_size, .. } = ask else { panic!("a directory is searched") };
        assert_eq!(*page_size, Some(2));
        self.0.lock().expect("free").push(cookie.clone());
        let first = cookie.is_empty();
        if !first && self.2 {
            self.1.now();
            return Box::pin(std::future::pending());
        }
        let page = serde_json::json!({"rows": [{"dn": if first { "uid=a" } else { "uid=b" }}]});
        let body = page.to_string().into_bytes();
        let cookie = if first { vec![0, 255] } else { Vec::new() };
        let headers = std::collections::BTreeMap::new();
        let answer = crate::protocol::Answer {
            statuses: vec![0],
            headers,
            body,
            page: page.into(),
            cookie,
            server_date: None,
        };
        Box::pin(std::future::ready(Ok(answer)))
    }
    fn origin(&self) -> Option<&str> {
        None
    }
}

/// Half of a paged search cannot be gone on with on another connection: it is begun anew, and
/// nothing of the first half is counted twice.
#[tokio::test]
async fn a_paged_search_is_begun_anew() {
    let text = crate::manifest::tests::GOOD;
    let (head, rest) = text.split_once("reader:").expect("stands there");
    let (_, survivors) = rest.split_once("survivors:").expect("stands there");
    let reads = r#"
reads:
  people:
    about: Everybody.
    request: { ldap: { base: "ou=people,{org}", scope: sub, filter: "(uid=*)", attributes: [uid] } }
    permission: read
    paging: { ldap_paged: { size: 2 } }
    rows: .rows
    require: [dn]
    map: '{record: "account", id: "account/\(.dn)", login: .dn, state: "active", native_state: ""}'
    control: any_row
survivors:"#;
    let survivors = survivors.replace("seen_by: [users]", "seen_by: [people]");
    let survivors = survivors.replace("seen_by: [tokens]", "blind: not listed");
    let text = format!("{head}{reads}{survivors}").replace("protocol: http", "protocol: ldap");
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.loaded = crate::manifest::load(&text, "dir.yaml").expect("loads");
    let cut = run.of(&Directory(Mutex::default(), run.stop.clone(), true)).await;
    assert_eq!(reason(&cut, "people"), Some(PartialReason::Interrupted));
    run.stop = Stop::new();
    let directory = Directory(Mutex::default(), run.stop.clone(), false);
    let whole = run.of(&directory).await;
    assert_eq!(reason(&whole, "people"), None);
    assert_eq!(whole.records().count(), 2);
    assert_eq!(*directory.0.lock().expect("free"), [vec![], vec![0, 255]]);
    let again = Directory(Mutex::default(), run.stop.clone(), false);
    assert_eq!(run.of(&again).await.id().expect("json"), whole.id().expect("json"));
    assert!(again.0.lock().expect("free").is_empty(), "a whole listing is not asked for again");
}
