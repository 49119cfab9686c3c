//! State through its public interface: what survives a restart, damage and a second process, and what goes.

#![expect(clippy::expect_used, reason = "what a test cannot set up fails the test")]

mod collections;

use exeunt_model::receipt::{Outcome, PositiveControl};
use exeunt_model::{Read, ReadReceipt, Record, RecordChunk, Snapshot, SystemId};
use exeunt_store::{CaseRow, LedgerRow, Store, StoreError};

fn snapshot(system: &str, ended: &str) -> Snapshot {
    Snapshot {
        version: Snapshot::VERSION,
        system: SystemId::new(system).expect("a name"),
        connector: "github".to_owned(),
        manifest: exeunt_model::Digest::of(b"manifest"),
        started: ended.parse().expect("a time"),
        ended: ended.parse().expect("a time"),
        reads: Vec::new(),
    }
}

fn receipt() -> ReadReceipt {
    let at = "2026-11-20T09:00:00Z".parse().expect("a time");
    ReadReceipt {
        system: SystemId::new("github").expect("a name"),
        read: "teams".to_owned(),
        scope: String::new(),
        endpoint: "GET /teams".to_owned(),
        permission: "Members: read".to_owned(),
        reader: None,
        pages: 1,
        rows: 3_000,
        statuses: vec![200],
        terminal: Some("the end".to_owned()),
        started: at,
        ended: at,
        server_date: None,
        exchanges: Vec::new(),
        control: PositiveControl::NotStated,
        outcome: Outcome::Complete,
    }
}

/// What was kept before departure is what a verdict rests on a month later.
#[tokio::test]
async fn state_survives_a_restart() {
    let dir = tempfile::tempdir().expect("a folder");
    let early = snapshot("github", "2026-11-12T09:00:00Z");
    let late = snapshot("github", "2026-11-20T09:00:00Z");
    {
        let store = Store::open(dir.path()).await.expect("opens");
        store.put_snapshot(&late).await.expect("kept");
        store.put_snapshot(&early).await.expect("kept");
        store.put_snapshot(&early).await.expect("kept twice is once");
        store.put_snapshot(&snapshot("slack", "2026-11-20T09:00:00Z")).await.expect("kept");
        let case = CaseRow { id: "OFF-142".to_owned(), body: r#"{"of":"Mara Voss"}"#.to_owned() };
        store.put_case(&case).await.expect("kept");
    }
    let store = Store::open(dir.path()).await.expect("opens again");
    let rows = store.snapshots(Some(&early.system)).await.expect("listed");
    assert_eq!(rows.len(), 2);
    assert_eq!(store.snapshot(&rows[0].id).expect("there"), early, "oldest first");
    assert_eq!(store.snapshots(None).await.expect("listed").len(), 3);
    let case = store.case("OFF-142").await.expect("read").expect("there");
    assert!(case.body.contains("Mara"));
    assert_eq!(store.cases().await.expect("listed"), [case]);
    assert_eq!(store.case("OFF-1").await.expect("read"), None);
}

fn group(number: u32) -> Record {
    serde_json::from_value(serde_json::json!({
        "record": "group", "id": format!("github/group/{number}"), "name": format!("team {number}"),
    }))
    .expect("a record")
}

/// A snapshot too large to hold keeps its records beside itself; a verdict must be made from all of them or none.
#[tokio::test]
async fn records_beside_a_snapshot_come_back_with_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).await.expect("opens");
    let (late, early): (Vec<_>, Vec<_>) = (0..3_000).map(group).partition(|record| record > &group(1_500));
    let parts = |records: &[Record]| store.blobs().keep_records(records).expect("kept");
    let with = |kept: Vec<RecordChunk>| Snapshot {
        reads: vec![Read { receipt: receipt(), records: Vec::new(), kept }],
        ..snapshot("github", "2026-11-20T09:00:00Z")
    };
    let id = store.put_snapshot(&with(vec![parts(&late), parts(&early)])).await.expect("kept");
    let loaded = store.snapshot(&id).expect("loads");
    assert_eq!(loaded.id().expect("JSON"), id, "fetching the records changes nothing about what it is");
    let mut all: Vec<Record> = (0..3_000).map(group).collect();
    all.sort();
    assert_eq!(loaded.reads[0].records, all);
    assert_eq!(store.put_snapshot(&loaded).await.expect("kept"), id);
    let short = RecordChunk { records: 3_001, ..parts(&late) };
    let id = store.put_snapshot(&with(vec![short])).await.expect("kept");
    assert!(matches!(store.snapshot(&id), Err(StoreError::Damaged { .. })), "a record is missing");
}

/// Two runs writing one ledger would fork it.
#[tokio::test]
async fn a_second_process_is_told_to_wait() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = Store::open(dir.path()).await.expect("opens");
    let refused = Store::open(dir.path()).await.expect_err("in use");
    assert!(matches!(refused, StoreError::InUse { .. }), "{refused}");
    drop(first);
    assert!(Store::open(dir.path()).await.is_ok());
}

/// A damaged database is named, not replaced by an empty one in which nothing is remembered.
#[tokio::test]
async fn a_damaged_database_is_refused() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("state.db"), b"this is no database at all, only text").expect("written");
    let refused = Store::open(dir.path()).await.expect_err("damaged");
    let says = refused.to_string();
    assert!(says.contains("state.db") && says.contains("--state DIR"), "{says}");
    let kept = std::fs::read(dir.path().join("state.db")).expect("still there");
    assert!(kept.starts_with(b"this is no database"), "nothing was overwritten");
}

/// Entries of one case are found again in the order of the log.
#[tokio::test]
async fn ledger_rows_keep_their_order() {
    let dir = tempfile::tempdir().expect("a folder");
    let store = Store::open(dir.path()).await.expect("opens");
    let rows = [7, 2, 5].map(|index| LedgerRow {
        index,
        about: "OFF-142".to_owned(),
        kind: "receipt".to_owned(),
        body: exeunt_model::Digest::of(&[7]),
    });
    store.put_ledger_rows(&rows).await.expect("noted");
    let found: Vec<u64> =
        store.ledger_rows("OFF-142").await.expect("read").iter().map(|row| row.index).collect();
    assert_eq!(found, [2, 5, 7]);
}

/// What systems answered about everybody is in there.
#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_enters_the_state_folder() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().expect("a folder");
    let state = dir.path().join("state");
    Store::open(&state).await.expect("opens");
    let mode = std::fs::metadata(&state).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}
