//! Baton files, made here as their connectors make them: which sync counts, and what a file can hide.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use prost::Message;
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection};

use exeunt_connectors::conformance::MemoryShelf;
use exeunt_model::{PartialReason, Read, Record};

use crate::door::{Door, connector, partial, read, whole};

#[derive(Clone, PartialEq, Message)]
struct Id {
    #[prost(string, tag = "1")]
    kind: String,
    #[prost(string, tag = "2")]
    id: String,
}

#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
struct Kind {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(int32, repeated, tag = "3")]
    traits: Vec<i32>,
}

#[derive(Clone, PartialEq, Message)]
struct Thing {
    #[prost(message, optional, tag = "1")]
    id: Option<Id>,
    #[prost(string, tag = "3")]
    name: String,
    #[prost(message, repeated, tag = "4")]
    annotations: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
struct Status {
    #[prost(int32, tag = "1")]
    status: i32,
}

#[derive(Clone, PartialEq, Message)]
struct User {
    #[prost(message, optional, tag = "2")]
    status: Option<Status>,
    #[prost(int32, tag = "5")]
    account_type: i32,
    #[prost(string, tag = "6")]
    login: String,
}

#[derive(Clone, PartialEq, Message)]
struct Entitlement {
    #[prost(string, tag = "2")]
    id: String,
    #[prost(string, tag = "8")]
    slug: String,
}

/// A grant without entitlement and principal, as the newer writer leaves it.
#[derive(Clone, PartialEq, Message)]
struct Slim {
    #[prost(string, tag = "3")]
    id: String,
}

const RUNS: &str = "create table v1_sync_runs (id integer primary key, sync_id text not null, started_at datetime not null, \
     ended_at datetime, sync_token text not null, sync_type text not null default 'full');";

const TABLES: &str = "
    create table v1_resource_types (id integer primary key, external_id text not null, data blob not null, sync_id text not null);
    create table v1_resources (id integer primary key, resource_type_id text not null, external_id text not null, data blob not null,
        sync_id text not null);
    create table v1_entitlements (id integer primary key, resource_type_id text not null, resource_id text not null,
        external_id text not null, data blob not null, sync_id text not null);
    create table v1_grants (id integer primary key, resource_type_id text not null, resource_id text not null,
        entitlement_id text not null, principal_resource_type_id text not null, principal_resource_id text not null,
        external_id text not null, data blob not null, sync_id text not null);";

/// One run: its id, begin, end and kind.
type Run<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

const FULL: Run<'_> = ("s1", "2026-11-21 07:00:00.25", Some("2026-11-21 07:05:00"), "full");

/// Ada and a group that she is in, in each of these syncs.
async fn database(runs: &[Run<'_>], token: &str, schema: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut db: SqliteConnection = options.connect().await.expect("a database");
    sqlx::raw_sql(AssertSqlSafe(schema.to_owned())).execute(&mut db).await.expect("tables");
    let kinds = schema.contains("sync_type");
    for (id, started, ended, kind) in runs {
        let (columns, values) = if kinds { (", sync_type", ", $5") } else { ("", "") };
        let insert = format!(
            "insert into v1_sync_runs (sync_id, started_at, ended_at, sync_token{columns}) values ($1, $2, $3, $4{values})"
        );
        let mut statement =
            sqlx::query(AssertSqlSafe(insert)).bind(*id).bind(*started).bind(*ended).bind(token);
        if kinds {
            statement = statement.bind(*kind);
        }
        statement.execute(&mut db).await.expect("a run");
        if schema.contains("v1_resources") {
            fill(&mut db, id).await;
        }
    }
    db.close().await.expect("closed");
    std::fs::read(path).expect("the database")
}

async fn fill(db: &mut SqliteConnection, sync: &str) {
    let of = |kind: &str, id: &str| Some(Id { kind: kind.to_owned(), id: id.to_owned() });
    let tagged = |name: &str, value: Vec<u8>| Any {
        url: format!("type.googleapis.com/c1.connector.v2.{name}"),
        value,
    };
    let user = User { status: Some(Status { status: 1 }), account_type: 1, login: "aokafor".to_owned() };
    let ada = Thing {
        id: of("user", "7"),
        name: "Ada Okafor".to_owned(),
        annotations: vec![tagged("UserTrait", user.encode_to_vec())],
    };
    let team = Thing {
        id: of("group", "3"),
        name: "Engineers".to_owned(),
        annotations: vec![tagged("GroupTrait", Vec::new())],
    };
    for (id, traits) in [("user", 1), ("group", 2)] {
        let kind = Kind { id: id.to_owned(), traits: vec![traits] }.encode_to_vec();
        let insert = "insert into v1_resource_types (external_id, data, sync_id) values ($1, $2, $3)";
        sqlx::query(insert).bind(id).bind(kind).bind(sync).execute(&mut *db).await.expect("a type");
    }
    for thing in [ada, team] {
        let Id { kind, id } = thing.id.clone().expect("an id");
        let insert =
            "insert into v1_resources (resource_type_id, external_id, data, sync_id) values ($1, $2, $3, $4)";
        let statement =
            sqlx::query(insert).bind(kind.clone()).bind(format!("{kind}:{id}")).bind(thing.encode_to_vec());
        statement.bind(sync).execute(&mut *db).await.expect("a resource");
    }
    let member = Entitlement { id: "group:3:member".to_owned(), slug: "member".to_owned() }.encode_to_vec();
    let insert = "insert into v1_entitlements (resource_type_id, resource_id, external_id, data, sync_id) \
                  values ('group', '3', 'group:3:member', $1, $2)";
    sqlx::query(insert).bind(member).bind(sync).execute(&mut *db).await.expect("an entitlement");
    let grant = Slim { id: "g1".to_owned() }.encode_to_vec();
    let insert = "insert into v1_grants (resource_type_id, resource_id, entitlement_id, principal_resource_type_id, \
                  principal_resource_id, external_id, data, sync_id) \
                  values ('group', '3', 'group:3:member', 'user', '7', 'g1', $1, $2)";
    sqlx::query(insert).bind(grant).bind(sync).execute(&mut *db).await.expect("a grant");
}

fn packed(database: &[u8]) -> Vec<u8> {
    let mut file = b"C1ZF\0".to_vec();
    file.extend(zstd::encode_all(database, 3).expect("packed"));
    file
}

fn door(settings: &Value) -> Door {
    let mut all = json!({"file": "forge.c1z", "time_zone": "UTC"});
    if let (Some(all), Some(more)) = (all.as_object_mut(), settings.as_object()) {
        all.extend(more.clone());
    }
    Door::built_in("baton", all, json!("none"))
}

async fn resources(file: &[u8]) -> Read {
    let door = door(&json!({}));
    door.file("forge.c1z", file);
    door.read("resources").await
}

async fn of_runs(runs: &[Run<'_>], token: &str) -> Read {
    resources(&packed(&database(runs, token, &format!("{RUNS}{TABLES}")).await)).await
}

/// A full sync that ended is a whole read of the time it ran, slim grants included.
#[tokio::test]
async fn a_finished_full_sync_is_complete() {
    let door = door(&json!({}));
    door.file("forge.c1z", &packed(&database(&[FULL], "{}", &format!("{RUNS}{TABLES}")).await));
    let shelf = Arc::new(MemoryShelf::default());
    let snapshot = door.collect_on(&shelf).await;
    let resources = read(snapshot.clone(), "resources");
    whole(&resources);
    assert_eq!(resources.receipt.started.to_string(), "2026-11-21T07:00:00.25Z");
    assert_eq!(resources.receipt.ended.to_string(), "2026-11-21T07:05:00Z");
    let Some(Record::Account(ada)) =
        resources.records.iter().find(|record| matches!(record, Record::Account(_)))
    else {
        panic!("no account");
    };
    assert_eq!((ada.login.as_str(), ada.native_state.as_str()), ("aokafor", "ENABLED"));
    assert_eq!(ada.kind.reason, "the Baton connector says it is a person");
    let grants = read(snapshot.clone(), "grants");
    whole(&grants);
    assert_eq!(
        grants.records[0].key().as_str(),
        format!("membership payroll/group/group:3 <- {}", member(&grants.records[0]))
    );
    // A run that was killed goes on from the bytes it kept.
    door.file("forge.c1z", b"");
    assert_eq!(door.collect_on(&shelf).await, snapshot);
}

fn member(record: &Record) -> String {
    match record {
        Record::Membership(membership) => membership.member.to_string(),
        other => panic!("{other:?}"),
    }
}

/// A sync that did not end, was partial or held resources only shows less than there is; the full one before it counts,
/// with its own time.
#[tokio::test]
async fn only_a_finished_full_sync_counts() {
    let later = |ended, kind| ("s2", "2026-11-21 08:00:00", ended, kind);
    let end = Some("2026-11-21 08:05:00");
    for run in [
        later(None, "full"),
        later(end, "partial"),
        later(end, "resources_only"),
        later(end, "partial_upserts"),
        later(end, ""),
    ] {
        let alone = of_runs(&[run], "").await;
        let (reason, detail) = partial(&alone);
        assert_eq!(reason, PartialReason::Truncated, "{run:?}: {detail}");
        assert!(alone.records.is_empty(), "{run:?}");
        let before = of_runs(&[FULL, run], "").await;
        whole(&before);
        assert_eq!(before.receipt.ended.to_string(), "2026-11-21T07:05:00Z", "{run:?}");
    }
    let newest = of_runs(&[FULL, later(end, "full")], "").await;
    assert_eq!(newest.receipt.ended.to_string(), "2026-11-21T08:05:00Z");
    assert_eq!(newest.records.len(), 2, "rows of one sync only");
    // The oldest files know full syncs only.
    let old = format!("{}{TABLES}", RUNS.replace(", sync_type text not null default 'full'", ""));
    whole(&resources(&packed(&database(&[FULL], "", &old).await)).await);
    assert_eq!(partial(&of_runs(&[], "").await).0, PartialReason::Truncated);
}

/// What the sync counted as dropped is missing, though it ended.
#[tokio::test]
async fn a_sync_that_dropped_something_is_partial() {
    let dropped =
        of_runs(&[FULL], r#"{"ingest_quality": {"grants_dropped": 3, "entitlements_dropped": 0}}"#).await;
    let (reason, detail) = partial(&dropped);
    assert_eq!(reason, PartialReason::ShortCount);
    assert!(detail.contains("grants_dropped 3") && !detail.contains("entitlements"), "{detail}");
    assert_eq!(dropped.records.len(), 2, "what came is there");
    whole(&of_runs(&[FULL], r#"{"ingest_quality": {}}"#).await);
}

/// A file that was cut off, filled with rubbish, or blown up is a failed read.
#[tokio::test]
async fn a_damaged_file_is_partial() {
    use PartialReason as P;
    let schema = format!("{RUNS}{TABLES}");
    let db = database(&[FULL], "", &schema).await;
    let good = packed(&db);
    let mut torn = db.clone();
    torn.truncate(db.len() / 2);
    let bomb = packed(&vec![0; 600 * 1024 * 1024]);
    assert!(bomb.len() < 100_000, "a few bytes that unpack to much");
    let newer = [b"C1Z3\0" as &[u8], &good[5..]].concat();
    let no_tables = packed(&database(&[FULL], "", RUNS).await);
    let no_runs = packed(&database(&[], "", TABLES).await);
    let view = TABLES.replace("create table v1_resources", "create table hidden")
        + "create view v1_resources as select *, 'x' as external_id from hidden;";
    let view = packed(
        &database(
            &[],
            "",
            &format!(
                "{RUNS}{}",
                view.replace("v1_resources as select *, 'x' as external_id", "v1_resources as select *")
            ),
        )
        .await,
    );
    let table: Vec<(&str, Vec<u8>, Vec<P>)> = vec![
        ("cut off", good[..good.len() / 2].to_vec(), vec![P::Truncated]),
        ("only its beginning", b"C1ZF\0".to_vec(), vec![P::Truncated, P::SchemaChanged]),
        ("empty", Vec::new(), vec![P::Truncated]),
        ("not packed", [b"C1ZF\0", &db[..]].concat(), vec![P::Truncated]),
        ("a torn database", packed(&torn), vec![P::Truncated, P::SchemaChanged]),
        ("no database", packed(b"hello"), vec![P::SchemaChanged]),
        ("a bomb", bomb, vec![P::Oversized]),
        ("a version to come", newer, vec![P::SchemaChanged]),
        ("tables missing", no_tables, vec![P::SchemaChanged]),
        ("no list of syncs", no_runs, vec![P::SchemaChanged]),
        ("a view in place of a table", view, vec![P::Truncated, P::SchemaChanged]),
        (
            "a time that is none",
            packed(&database(&[("s1", "noon", Some("noon"), "full")], "", &schema).await),
            vec![P::SchemaChanged],
        ),
    ];
    for (what, file, reasons) in table {
        let resources = resources(&file).await;
        let (found, detail) = partial(&resources);
        assert!(reasons.contains(&found), "{what}: {found:?} {detail}");
        assert!(detail.contains("forge.c1z") && resources.records.is_empty(), "{what}: {detail}");
    }
}

/// The file's times are written without a zone. Taken for later than they were, they would prove too much.
#[tokio::test]
async fn times_without_a_zone_are_taken_with_care() {
    for (zone, from) in [
        ("", "2026-11-20T17:00:00.25Z"),
        ("UTC", "2026-11-21T07:00:00.25Z"),
        ("+02:00", "2026-11-21T05:00:00.25Z"),
        ("Europe/Berlin", "2026-11-21T06:00:00.25Z"),
    ] {
        let door = door(&json!({"time_zone": zone}));
        door.file("forge.c1z", &packed(&database(&[FULL], "", &format!("{RUNS}{TABLES}")).await));
        let resources = door.read("resources").await;
        whole(&resources);
        assert_eq!(resources.receipt.started.to_string(), from, "{zone}");
    }
    let door = door(&json!({"time_zone": "Atlantis"}));
    door.file("forge.c1z", &packed(&database(&[FULL], "", &format!("{RUNS}{TABLES}")).await));
    assert_eq!(partial(&door.read("resources").await).0, PartialReason::SchemaChanged);
}

/// What `baton -o json` printed counts with the list of syncs that it printed too, and not without.
#[tokio::test]
async fn printed_lists_need_their_syncs() {
    let door = door(&json!({"file": "printed"}));
    let folder = door.folder.path().join("printed");
    std::fs::create_dir(&folder).expect("a folder");
    let put =
        |name: &str, body: &Value| std::fs::write(folder.join(name), body.to_string()).expect("written");
    let sync = |id: &str, from: &str, to: Option<&str>| json!({"id": id, "startedAt": from, "endedAt": to});
    let fixture = |read: &str| -> Value {
        let text = std::fs::read_to_string(connector("baton").join(format!("fixtures/{read}.json")))
            .expect("recorded");
        let all: Value = serde_json::from_str(&text).expect("json");
        json!({read: all["pages"][0]["body"]["rows"]})
    };
    put("resources.json", &fixture("resources"));
    put("grants.json", &fixture("grants"));
    let none = door.read("resources").await;
    assert_eq!(partial(&none).0, PartialReason::NotFound);
    put("syncs.json", &json!({"syncs": [sync("a", "2026-11-21T06:00:00Z", None)]}));
    assert_eq!(partial(&door.read("resources").await).0, PartialReason::Truncated);
    // Rows do not say which sync they are of: the earliest that they may be of counts.
    put(
        "syncs.json",
        &json!({"syncs": [sync("a", "2026-11-21T04:00:00Z", Some("2026-11-21T04:10:00Z")),
                          sync("b", "2026-11-21T06:00:00Z", Some("2026-11-21T06:10:00Z"))]}),
    );
    let snapshot = door.collect().await;
    let resources = read(snapshot.clone(), "resources");
    whole(&resources);
    assert_eq!(resources.receipt.started.to_string(), "2026-11-21T04:00:00Z");
    assert_eq!(resources.records.len(), 8);
    whole(&read(snapshot, "grants"));
    std::fs::write(folder.join("grants.json"), r#"{"grants": [{"grant": {"id":"#).expect("written");
    assert_eq!(partial(&door.read("grants").await).0, PartialReason::Truncated);
    put("grants.json", &json!({"resources": []}));
    assert_eq!(partial(&door.read("grants").await).0, PartialReason::SchemaChanged);
}
