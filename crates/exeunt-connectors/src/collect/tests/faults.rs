//! Systems that do not behave: what is missing is said, and what depends on it too.

use serde_json::{Value, json};
use std::sync::Arc;

use exeunt_model::{Outcome, PartialReason};

use super::script::{
    Run, Script, USERS, USERS_2, fault, forge, ok, reason, receipt, snapshot_of, status, user,
};
use crate::conformance::MemoryShelf;
use crate::shelf::{PageNote, Shelf, ShelfError};

/// What was read before the fault is kept, the read is partial, and whatever runs for its rows
/// has one more receipt that says so: a token of an unseen user is never "gone".
#[tokio::test]
async fn a_partial_parent_makes_its_dependents_partial() {
    let script = forge();
    script.set(USERS_2, status(503, json!({})));
    let snapshot = snapshot_of(&script).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::ServerError));
    assert_eq!(receipt(&snapshot, "users").rows, 2);
    assert_eq!(reason(&snapshot, "tokens[user=1]"), None);
    assert_eq!(reason(&snapshot, "tokens"), Some(PartialReason::Dependency));
}

/// One scope that fails is one partial scope; the others stand.
#[tokio::test]
async fn one_failing_scope_does_not_touch_the_others() {
    let script = forge();
    script.set("GET /users/2/tokens", fault(PartialReason::TimedOut));
    let snapshot = snapshot_of(&script).await;
    assert_eq!(reason(&snapshot, "tokens[user=2]"), Some(PartialReason::TimedOut));
    assert_eq!(reason(&snapshot, "tokens[user=1]"), None);
    assert_eq!(reason(&snapshot, "users"), None);
}

/// Every status has one reason, whoever asked.
#[tokio::test]
async fn statuses_become_reasons() {
    use PartialReason as P;
    for (code, expected) in [
        (401, P::Unauthorized),
        (403, P::Forbidden),
        (404, P::NotFound),
        (410, P::NotFound),
        (429, P::RateLimited),
        (302, P::Redirected),
        (500, P::ServerError),
        (418, P::UnexpectedStatus),
    ] {
        let script = forge();
        script.set(USERS, status(code, json!({"items": [], "next": null})));
        let snapshot = snapshot_of(&script).await;
        assert_eq!(reason(&snapshot, "users"), Some(expected), "{code}");
        assert_eq!(receipt(&snapshot, "users").exchanges.len(), 1, "the refusal itself is evidence");
    }
}

/// Each of these pages looks like a shorter list to a lenient reader.
#[tokio::test]
async fn another_shape_is_never_a_shorter_list() {
    let page = |items: Value| json!({"items": items, "next": null});
    for broken in [
        json!({"values": [user(1, "a")], "next": null}),
        page(json!(null)),
        page(json!({"1": user(1, "a")})),
        page(json!([user(1, "a"), null])),
        page(json!([user(1, "a"), {"id": 2}])),
        page(json!([user(1, "a"), {"id": null, "login": "b"}])),
        page(json!([user(1, "a"), "b"])),
        page(json!([user(1, "a"), {"id": 2, "login": {"name": "b"}}])),
        json!([]),
        json!(null),
    ] {
        let script = forge();
        script.set(USERS, ok(broken.clone()));
        let snapshot = snapshot_of(&script).await;
        assert_eq!(reason(&snapshot, "users"), Some(PartialReason::SchemaChanged), "{broken}");
    }
}

/// A receipt names the field that is missing and not the person it is missing from.
#[tokio::test]
async fn details_name_fields_and_not_contents() {
    let script = forge();
    script.set(USERS, ok(json!({"items": [{"id": 1, "user": "ada.lovelace"}], "next": null})));
    let snapshot = snapshot_of(&script).await;
    let Outcome::Partial { detail, .. } = &receipt(&snapshot, "users").outcome else { panic!() };
    assert!(detail.contains("row 1 has no `login`; its fields: id, user"), "{detail}");
    assert!(!detail.contains("lovelace"), "{detail}");
}

fn with_refusal() -> crate::manifest::Loaded {
    let text = crate::manifest::tests::GOOD.replacen(
        "    control: any_row\n",
        "    control: any_row\n    refused_when: [ { when: .ok == false, reason: missing_permission, says: .error } ]\n    none_when: { status: 404, when: '.code == \"no_users\"', because: the vendor says so }\n",
        1,
    );
    crate::manifest::load(&text, "forge.yaml").expect("loads")
}

/// Chat systems answer 200 with `ok: false` when a scope is missing.
#[tokio::test]
async fn a_success_can_be_a_refusal() {
    let script = forge();
    script.set(USERS, ok(json!({"ok": false, "error": "missing_scope", "items": []})));
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.loaded = with_refusal();
    let snapshot = run.of(&script).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::MissingPermission));
    let Outcome::Partial { detail, .. } = &receipt(&snapshot, "users").outcome else { panic!() };
    assert!(detail.contains("missing_scope"), "{detail}");
}

/// Only the very answer that the manifest explains means "none"; another 404 does not.
#[tokio::test]
async fn a_failure_that_means_none_is_recognised_by_its_body() {
    for (body, expected) in [(json!({"code": "no_users"}), None), (json!({}), Some(PartialReason::NotFound))]
    {
        let script = forge();
        script.set(USERS, status(404, body));
        let shelf = Arc::new(MemoryShelf::default());
        let mut run = Run::on(&shelf);
        run.loaded = with_refusal();
        assert_eq!(reason(&run.of(&script).await, "users"), expected);
    }
}

/// A row that does not say what to read for it hides a scope.
#[tokio::test]
async fn an_unbound_row_makes_the_dependent_read_partial() {
    let text = crate::manifest::tests::GOOD.replace("bind: { user: .id }", "bind: { user: .uid }");
    let shelf = Arc::new(MemoryShelf::default());
    let mut run = Run::on(&shelf);
    run.loaded = crate::manifest::load(&text, "forge.yaml").expect("loads");
    let snapshot = run.of(&forge()).await;
    assert_eq!(reason(&snapshot, "users"), None);
    assert_eq!(reason(&snapshot, "tokens"), Some(PartialReason::SchemaChanged));
}

/// Stopping loses nothing and claims nothing.
#[tokio::test]
async fn a_stopped_run_is_partial() {
    let shelf = Arc::new(MemoryShelf::default());
    let run = Run::on(&shelf);
    run.stop.now();
    let script = Script::default();
    let snapshot = run.of(&script).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::Interrupted));
    assert_eq!(reason(&snapshot, "tokens"), Some(PartialReason::Dependency));
    assert!(script.log().is_empty());
}

/// A text with half a character in it is skipped over easily and cannot be read: the list is partial, and never an empty one.
#[tokio::test]
async fn a_page_that_only_looks_like_json_is_no_empty_list() {
    let mut reply = ok(json!(null)).expect("an answer");
    reply.page = crate::protocol::Page::OfBody;
    reply.body = br#"{"items": [{"id": 1, "login": "\ud800"}], "next": null}"#.to_vec();
    let script = forge();
    script.set(USERS, Ok(reply));
    let snapshot = snapshot_of(&script).await;
    assert_eq!(reason(&snapshot, "users"), Some(PartialReason::SchemaChanged));
    let users = receipt(&snapshot, "users");
    assert!(
        matches!(&users.outcome, Outcome::Partial { detail, .. } if detail.contains("is not JSON")),
        "{users:?}"
    );
    assert_eq!(users.exchanges.len(), 1, "what came is kept");
}

/// A full disk.
struct Full;

impl Shelf for Full {
    fn fingerprints(&self) -> crate::redact::FingerprintKey {
        crate::redact::FingerprintKey::new([7; 32])
    }

    fn keep(&self, _: &crate::redact::Redacted) -> Result<exeunt_model::Digest, ShelfError> {
        Err(ShelfError { attempted: "keeping a page".to_owned(), cause: "no space left".to_owned() })
    }
    fn body(&self, _: &exeunt_model::Digest) -> Result<Vec<u8>, ShelfError> {
        Err(ShelfError { attempted: "reading a page".to_owned(), cause: "nothing kept".to_owned() })
    }
    fn note(&self, _: &str, _: &str, _: &PageNote) -> Result<(), ShelfError> {
        Ok(())
    }
    fn noted(&self, _: &str, _: &str) -> Result<Vec<PageNote>, ShelfError> {
        Ok(Vec::new())
    }
}

/// Facts whose evidence could not be kept are not facts: the collection ends with an error.
#[tokio::test]
async fn a_full_disk_ends_the_collection() {
    let script = forge();
    let failed = Run::on(&Arc::new(Full))
        .with(&script, |job| async move { crate::collect::collect(&job).await })
        .await;
    assert!(failed.expect_err("nothing can be kept").to_string().contains("no space left"));
}
