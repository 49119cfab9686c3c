//! A system that behaves: everything is seen, everything has a receipt.

use serde_json::json;
use std::sync::Arc;

use exeunt_model::receipt::PositiveControl;
use exeunt_model::{IdentityKind, PartialReason, Record};

use super::script::{Run, Script, USERS, forge, ok, reason, receipt, snapshot_of, status, user};
use crate::collect::{CheckResult, check};
use crate::conformance::MemoryShelf;

/// The whole of it: rows of all pages, tokens of every user, and who read it.
#[tokio::test]
async fn everything_is_collected_with_its_receipts() {
    let snapshot = snapshot_of(&forge()).await;
    assert!(snapshot.is_complete());
    let titles: Vec<String> = snapshot.reads.iter().map(|read| read.receipt.title()).collect();
    assert_eq!(titles, ["tokens[user=1]", "tokens[user=2]", "tokens[user=4]", "users"]);
    let users = receipt(&snapshot, "users");
    assert_eq!((users.pages, users.rows, users.reader.as_deref()), (2, 4, Some("auditor")));
    assert_eq!(users.terminal.as_deref(), Some("no next cursor"));
    assert_eq!((users.exchanges.len(), users.statuses.as_slice()), (2, [200, 200].as_slice()));
    assert_eq!(users.control, PositiveControl::Seen("forge/account/1".to_owned()));
    assert_eq!(snapshot.records().count(), 7);
    assert_eq!(users.endpoint, USERS);
}

/// A bot is no person: the rule that says so must reach the account.
#[tokio::test]
async fn the_manifest_tells_what_sort_of_actor_it_is() {
    let snapshot = snapshot_of(&forge()).await;
    let kinds: Vec<(String, IdentityKind)> = snapshot
        .records()
        .filter_map(|(_, record)| match record {
            Record::Account(account) => Some((account.login.clone(), account.kind.kind)),
            _ => None,
        })
        .collect();
    assert!(kinds.contains(&("ci-bot".to_owned(), IdentityKind::Service)));
    assert!(kinds.contains(&("ada".to_owned(), IdentityKind::Unknown)));
}

/// Nobody to ask for is an answer too, and says so; it must not look like a forgotten read.
#[tokio::test]
async fn no_row_to_run_for_is_one_complete_receipt() {
    let script = Script::default()
        .with("GET /me", ok(json!({"login": "auditor"})))
        .with(USERS, ok(json!({"items": [user(3, "ghost")], "next": null})));
    let snapshot = snapshot_of(&script).await;
    let tokens = receipt(&snapshot, "tokens");
    assert_eq!((tokens.pages, reason(&snapshot, "tokens")), (0, None));
    assert_eq!(tokens.terminal.as_deref(), Some("no row of `users` to run for"));
    assert_eq!(tokens.control, PositiveControl::Seen("`users` was seen: forge/account/3".to_owned()));
}

/// An empty list from a reader that would be shown an empty list anyway proves nothing.
#[tokio::test]
async fn an_empty_listing_is_complete_and_its_control_is_not_seen() {
    let script = Script::default()
        .with("GET /me", status(500, json!({})))
        .with(USERS, ok(json!({"items": [], "next": null})));
    let snapshot = snapshot_of(&script).await;
    assert_eq!(reason(&snapshot, "users"), None);
    assert!(matches!(receipt(&snapshot, "users").control, PositiveControl::NotSeen(_)));
    assert_eq!(receipt(&snapshot, "users").reader, None, "who we are is not known, and that is said");
    assert!(matches!(receipt(&snapshot, "tokens").control, PositiveControl::NotSeen(_)));
}

/// The operator knows an object that has to be there: its absence outweighs any other row.
#[tokio::test]
async fn the_operators_control_decides() {
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.controls.insert("users".to_owned(), "4".to_owned());
    let seen = run.of(&forge()).await;
    assert_eq!(receipt(&seen, "users").control, PositiveControl::Seen("forge/account/4".to_owned()));
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.controls.insert("users".to_owned(), "99".to_owned());
    let unseen = run.of(&forge()).await;
    assert!(
        matches!(&receipt(&unseen, "users").control, PositiveControl::NotSeen(what) if what.contains("99"))
    );
}

/// A setting that was forgotten is told in the receipt, and nothing is asked with a hole in it.
#[tokio::test]
async fn a_missing_setting_asks_nothing() {
    let text = crate::manifest::tests::GOOD.replace(", default: acme", "");
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.loaded = crate::manifest::load(&text, "forge.yaml").expect("loads");
    let script = Script::default().with("GET /me", ok(json!({"login": "auditor"})));
    let snapshot = run.of(&script).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::Dependency));
    assert_eq!(script.log(), ["GET /me"]);
}

/// Before the first run, the operator learns which permission is missing for which read.
#[tokio::test]
async fn check_tells_what_the_credential_sees() {
    let shelf = Arc::new(MemoryShelf::default());
    let script = forge();
    script.set("GET /users/1/tokens", status(403, json!({"message": "needs scope"})));
    let lines = Run::on(&shelf).with(&script, |job| async move { check(&job).await }).await;
    let of = |read: &str| &lines.iter().find(|line| line.read == read).expect("checked").result;
    assert!(matches!(of("reader"), CheckResult::Sees { control: Some(name), .. } if name == "auditor"));
    assert!(matches!(of("users"), CheckResult::Sees { rows: 2, .. }));
    let CheckResult::Refused { reason: PartialReason::Forbidden, detail } = of("tokens") else {
        panic!("{lines:?}")
    };
    assert!(detail.contains("tokens:read") && detail.contains("needs scope"), "{detail}");
    assert_eq!(script.log(), ["GET /me", USERS, "GET /users/1/tokens"], "one page of each, no more");
    assert_eq!(shelf.bodies(), 0);
}

/// The service spawns collections: they have to be able to move between threads.
#[tokio::test]
async fn a_collection_can_be_spawned() {
    fn sends<T: Send>(value: T) -> T {
        value
    }
    let (script, shelf) = (forge(), Arc::new(MemoryShelf::default()));
    let run = Run::on(&shelf);
    run.with(&script, |job| async move { sends(crate::collect::collect(&job)).await.map(|_| ()) })
        .await
        .expect("collected");
}

/// The ticket's own reads see its key, and one for each row of another read of the ticket.
#[tokio::test]
async fn a_ticket_is_collected_by_its_key() {
    let ticket = r#"
ticket:
  issue:
    about: The ticket.
    request: { http: { path: "/issues/{issue}" } }
    permission: issues:read
    paging: { none: { because: one object } }
    rows: "[.]"
    require: [id]
    map: '{record: "document", id: "document/\(.id)", doc_type: "ticket", key: $issue}'
    control: { refuses_otherwise: { because: 404 } }
  comments:
    about: Its comments.
    request: { http: { path: "/issues/{issue}/comments" } }
    permission: issues:read
    paging: { none: { because: the list is whole } }
    rows: .comments
    require: [id]
    map: '{record: "document", id: "document/\(.id)", doc_type: "comment", parent: "document/\($parent)"}'
    each: { read: issue, bind: { parent: .id } }
    control: any_row
"#;
    let text = format!("{}{ticket}", crate::manifest::tests::GOOD);
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.loaded = crate::manifest::load(&text, "forge.yaml").expect("loads");
    let script = Script::default()
        .with("GET /me", ok(json!({"login": "auditor"})))
        .with("GET /issues/OFF-1%2F..", ok(json!({"id": 7})))
        .with("GET /issues/OFF-1%2F../comments", ok(json!({"comments": [{"id": 8}]})));
    let snapshot = run
        .with(&script, |job| async move { crate::collect::collect_ticket(&job, "OFF-1/..").await })
        .await
        .expect("collected");
    assert!(snapshot.is_complete(), "{snapshot:?}");
    let titles: Vec<String> = snapshot.reads.iter().map(|read| read.receipt.title()).collect();
    assert_eq!(titles, ["comments[parent=7]", "issue"]);
    assert_eq!(snapshot.records().count(), 2);
}
