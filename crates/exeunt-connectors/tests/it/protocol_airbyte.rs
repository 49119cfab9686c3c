//! What Airbyte sources print: which streams are whole, and what only looks like it.

use std::sync::Arc;

use std::fmt::Write as _;

use serde_json::{Value, json};

use exeunt_connectors::conformance::MemoryShelf;
use exeunt_model::PartialReason;

use crate::door::{Door, partial, read, whole};

/// 2026-11-21T07:00:00Z, in milliseconds since 1970.
const AT: i64 = 1_795_244_400_000;

fn status(stream: &str, status: &str, at: i64) -> Value {
    json!({"type": "TRACE", "trace": {"type": "STREAM_STATUS", "emitted_at": at,
        "stream_status": {"stream_descriptor": {"name": stream, "namespace": null}, "status": status}}})
}

fn user(id: u32) -> Value {
    json!({"type": "RECORD", "record": {"stream": "users", "emitted_at": AT + 1000,
        "data": {"id": id, "login": format!("u{id}"), "state": "active", "roles": []}}})
}

fn state(records: f64) -> Value {
    json!({"type": "STATE", "state": {"type": "STREAM", "stream": {"stream_descriptor": {"name": "users"}, "stream_state": {}},
        "sourceStats": {"recordCount": records}}})
}

fn good() -> Vec<Value> {
    let group = json!({"type": "RECORD", "record": {"stream": "groups", "emitted_at": AT + 2500,
        "data": {"id": 3, "name": "North", "members": [7]}}});
    vec![
        json!({"type": "LOG", "log": {"level": "INFO", "message": "hello"}}),
        status("users", "STARTED", AT),
        status("users", "RUNNING", AT + 500),
        user(7),
        user(8),
        state(2.0),
        status("users", "COMPLETE", AT + 2000),
        status("groups", "STARTED", AT + 2000),
        group,
        status("groups", "COMPLETE", AT + 3000),
    ]
}

fn lines(messages: &[Value]) -> String {
    messages.iter().fold(String::new(), |mut text, message| {
        let _ = writeln!(text, "{message}");
        text
    })
}

fn catalog(mode: &str) -> Value {
    let stream = |name: &str, mode: &str| json!({"stream": {"name": name}, "sync_mode": mode, "destination_sync_mode": "overwrite"});
    json!({"streams": [stream("users", mode), stream("groups", "full_refresh")]})
}

fn door(text: &str, mode: &str) -> Door {
    let door =
        Door::built_in("airbyte", json!({"file": "crm.jsonl", "catalog": "catalog.json"}), json!("none"));
    door.file("crm.jsonl", text.as_bytes());
    door.file("catalog.json", catalog(mode).to_string().as_bytes());
    door
}

/// A stream that was asked for whole and says it is complete is a whole read of the time it ran.
#[tokio::test]
async fn a_complete_stream_is_complete() {
    let door = door(&lines(&good()), "full_refresh");
    let shelf = Arc::new(MemoryShelf::default());
    let snapshot = door.collect_on(&shelf).await;
    let users = read(snapshot.clone(), "users");
    whole(&users);
    assert_eq!(users.records.len(), 2);
    assert_eq!(users.receipt.started.to_string(), "2026-11-21T07:00:00Z");
    assert_eq!(users.receipt.ended.to_string(), "2026-11-21T07:00:02Z");
    whole(&read(snapshot.clone(), "groups"));
    // A run that was killed goes on from the bytes it kept.
    door.file("crm.jsonl", b"");
    assert_eq!(door.collect_on(&shelf).await, snapshot);
}

/// Each way in which a stream can be less than it seems ends partial, and says nothing about the other one.
#[tokio::test]
async fn a_flawed_stream_is_partial() {
    use PartialReason as P;
    let replaced = |at: usize, message: Value| {
        let mut all = good();
        all[at] = message;
        lines(&all)
    };
    let without = |at: usize| {
        let mut all = good();
        all.remove(at);
        lines(&all)
    };
    let with = |at: usize, message: Value| {
        let mut all = good();
        all.insert(at, message);
        lines(&all)
    };
    let error = |of: Value| json!({"type": "TRACE", "trace": {"type": "ERROR", "emitted_at": AT, "error": {"message": "500", "stream_descriptor": of}}});
    let table: Vec<(&str, String, P)> = vec![
        ("incomplete", replaced(6, status("users", "INCOMPLETE", AT + 2000)), P::Truncated),
        ("a status to come", replaced(6, status("users", "PAUSED", AT + 2000)), P::Truncated),
        ("no status", without(6), P::Truncated),
        ("no beginning", without(1), P::SchemaChanged),
        ("still running", lines(&good()[..5]), P::Truncated),
        ("a record lost", without(3), P::ShortCount),
        ("a record after the end", with(7, user(9)), P::SchemaChanged),
        ("two runs", with(7, status("users", "STARTED", AT + 2500)), P::SchemaChanged),
        ("ends twice", with(7, status("users", "COMPLETE", AT + 2500)), P::SchemaChanged),
        ("an error of this stream", with(5, error(json!({"name": "users"}))), P::ServerError),
        ("an error of no stream", with(9, error(Value::Null)), P::ServerError),
        (
            "a record of another shape",
            replaced(
                3,
                json!({"type": "RECORD", "record": {"stream": "users", "emitted_at": AT, "data": {"name": "x"}}}),
            ),
            P::SchemaChanged,
        ),
        ("a message without its part", with(5, json!({"type": "RECORD"})), P::SchemaChanged),
    ];
    for (what, text, reason) in table {
        let users = door(&text, "full_refresh").read("users").await;
        let (found, detail) = partial(&users);
        assert_eq!(found, reason, "{what}: {detail}");
    }
    let other = door(&with(7, error(json!({"name": "groups"}))), "full_refresh");
    whole(&other.read("users").await);
    assert_eq!(partial(&other.read("groups").await).0, P::ServerError);
    // What came is a fact, though it is not all.
    let cut = door(&lines(&good()[..5]), "full_refresh").read("users").await;
    assert_eq!(cut.records.len(), 2);
    // A line that is cut off, and one that is no message.
    let whole_text = lines(&good());
    let cut = door(&whole_text[..whole_text.len() - 30], "full_refresh").read("groups").await;
    assert_eq!(partial(&cut).0, P::Truncated);
    let noise = door(&whole_text.replacen('\n', "\nTraceback\n", 1), "full_refresh").read("users").await;
    assert_eq!(partial(&noise).0, P::SchemaChanged);
}

/// An incremental stream ends COMPLETE too, with nothing but what changed since the last time.
#[tokio::test]
async fn an_incremental_stream_is_not_a_listing() {
    let users = door(&lines(&good()), "incremental").read("users").await;
    let (reason, detail) = partial(&users);
    assert_eq!(reason, PartialReason::SchemaChanged);
    assert!(detail.contains("changes only"), "{detail}");
    let absent = door(&lines(&good()), "full_refresh");
    absent.file("catalog.json", br#"{"streams": []}"#);
    assert_eq!(partial(&absent.read("users").await).0, PartialReason::NotFound);
    absent.file("catalog.json", b"{");
    assert_eq!(partial(&absent.read("users").await).0, PartialReason::SchemaChanged);
    std::fs::remove_file(absent.folder.path().join("catalog.json")).expect("it was there");
    assert_eq!(partial(&absent.read("users").await).0, PartialReason::NotFound);
}
