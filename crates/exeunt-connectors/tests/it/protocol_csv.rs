//! Tables that somebody exported: what has to be said in them, and what makes them less than they seem.

use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::conformance::MemoryShelf;
use exeunt_model::{PartialReason, Read, Record};

use crate::door::{Door, NOW, partial, read, whole};

const HEADER: &str = "User ID,User,Roles,E-mail,Status\n";
const ADA: &str = "7,aokafor,\"Clerk; Admin\",ada@acme.example,Active\n";
const BEN: &str = "8,blevi,Clerk,ben@acme.example,Inactive\n";
const TRAILER: &str = "# as_of: 2026-11-21T08:00:00Z\n# rows: 2\n";

fn settings(more: Value) -> Value {
    let mut all = json!({"file": "roster.csv", "id_column": "User ID", "login_column": "User", "roles_column": "Roles",
                         "email_column": "E-mail", "state_column": "Status"});
    if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
        all.extend(more);
    }
    all
}

async fn roster(bytes: impl AsRef<[u8]>, more: Value) -> Read {
    let door = Door::built_in("csv-roster", settings(more), json!("none"));
    door.file("roster.csv", bytes.as_ref());
    door.read("roster").await
}

/// A table with its end and its time is a whole read of that time.
#[tokio::test]
async fn a_whole_table_is_complete() {
    let door = Door::built_in("csv-roster", settings(json!({})), json!("none"));
    door.file("roster.csv", [HEADER, ADA, BEN, TRAILER].concat().as_bytes());
    let shelf = Arc::new(MemoryShelf::default());
    let snapshot = door.collect_on(&shelf).await;
    assert_eq!(snapshot.started.to_string(), NOW, "the collection is of now");
    let roster = read(snapshot.clone(), "roster");
    whole(&roster);
    assert_eq!(roster.receipt.started.to_string(), "2026-11-21T08:00:00Z");
    assert_eq!((roster.receipt.rows, roster.receipt.endpoint.as_str()), (2, "table roster.csv"));
    let states: Vec<&str> = roster.records.iter().filter_map(native_state).collect();
    assert_eq!(states, ["Active", "Inactive"]);
    let privileged =
        roster.records.iter().filter(|record| matches!(record, Record::Grant(grant) if grant.privileged));
    assert_eq!(privileged.count(), 1);
    // A run that was killed goes on from the bytes it kept.
    door.file("roster.csv", b"");
    assert_eq!(door.collect_on(&shelf).await, snapshot);
}

fn native_state(record: &Record) -> Option<&str> {
    match record {
        Record::Account(account) => Some(&account.native_state),
        _ => None,
    }
}

/// What spreadsheets of other countries write is read as what it says.
#[tokio::test]
async fn other_forms_of_a_table_are_read() {
    let dressed = "\u{feff}\"# rows: 2\",,,,\r\n# as_of: 2026-11-20,,,,\r\n".to_owned()
        + &[HEADER, ADA, BEN].concat().replace('\n', "\r\n");
    whole(&roster(dressed, json!({})).await);
    let semicolons = "User ID;User;Roles;E-mail;Status\n7;aokafor;Clerk;ada@acme.example;Active\n# rows: 1\n# as_of: 2026-11-21T08:00:00Z\n";
    whole(&roster(semicolons, json!({"delimiter": ";"})).await);
    let tabs = semicolons.replace(';', "\t");
    whole(&roster(tabs, json!({"delimiter": "tab"})).await);
    let wide: Vec<u8> =
        [HEADER, ADA, BEN, TRAILER].concat().encode_utf16().flat_map(u16::to_le_bytes).collect();
    whole(&roster(wide.clone(), json!({"encoding": "utf-16le"})).await);
    assert_eq!(partial(&roster(wide, json!({})).await).0, PartialReason::SchemaChanged);
    // A quoted cell may hold anything, and a row may begin with `#`.
    let odd = "User ID,User,Roles,E-mail,Status\n#7,aokafor,\"a \"\"b\"\", c\nd\",,Active\n# rows: 1\n# as_of: 2026-11-21T08:00:00Z\n";
    let read = roster(odd, json!({})).await;
    whole(&read);
    assert_eq!(read.records[0].object().map(|object| object.id.as_str()), Some("#7"));
    // ü in windows-1252 is one byte, and not UTF-8.
    let umlaut = [
        b"User ID,User,Roles,E-mail,Status\n7,j\xfcrgen,Clerk,,Active\n" as &[u8],
        b"# rows: 1\n# as_of: 2026-11-21T08:00:00Z\n",
    ]
    .concat();
    whole(&roster(umlaut.clone(), json!({"encoding": "windows-1252"})).await);
    assert_eq!(partial(&roster(umlaut, json!({})).await).0, PartialReason::SchemaChanged);
}

/// Each way in which a table can be less than it seems ends partial.
#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of flaws, one after the other")]
async fn a_flawed_table_is_partial() {
    use PartialReason as P;
    let at = "# as_of: 2026-11-21T08:00:00Z\n";
    let table = |parts: &[&str]| parts.concat();
    let plain: Vec<(&str, String, Value, P)> = vec![
        ("no end", table(&[HEADER, ADA, BEN, at]), json!({}), P::ShortCount),
        ("no time", table(&[HEADER, ADA, BEN, "# rows: 2\n"]), json!({}), P::SchemaChanged),
        ("cut after a row", table(&[HEADER, ADA]), json!({}), P::SchemaChanged),
        (
            "cut after a row, its number known",
            table(&[HEADER, ADA]),
            json!({"rows": "2", "complete_as_of": "2026-11-21"}),
            P::ShortCount,
        ),
        (
            "cut in a quote",
            table(&[HEADER, BEN, "7,aokafor,\"Cle"]),
            json!({"complete_as_of": "2026-11-21"}),
            P::Truncated,
        ),
        (
            "cut in a row",
            table(&[HEADER, ADA, "8,blevi"]),
            json!({"complete_as_of": "2026-11-21"}),
            P::SchemaChanged,
        ),
        ("a row less than announced", table(&[HEADER, ADA, TRAILER]), json!({}), P::ShortCount),
        (
            "a row more than announced",
            table(&[HEADER, ADA, BEN, "9,c,,,Active\n", TRAILER]),
            json!({}),
            P::ShortCount,
        ),
        (
            "file and owner count otherwise",
            table(&[HEADER, ADA, BEN, TRAILER]),
            json!({"rows": "3"}),
            P::ShortCount,
        ),
        (
            "file and owner date otherwise",
            table(&[HEADER, ADA, BEN, TRAILER]),
            json!({"complete_as_of": "2026-11-20"}),
            P::SchemaChanged,
        ),
        ("two counts", table(&["# rows: 3\n", HEADER, ADA, BEN, TRAILER]), json!({}), P::SchemaChanged),
        (
            "a count that is none",
            table(&[HEADER, ADA, BEN, at, "# rows: many\n"]),
            json!({}),
            P::SchemaChanged,
        ),
        (
            "a row after the end",
            table(&[HEADER, ADA, TRAILER, BEN]),
            json!({"complete_as_of": "2026-11-21"}),
            P::SchemaChanged,
        ),
        ("an account twice", table(&[HEADER, ADA, ADA, TRAILER]), json!({}), P::SchemaChanged),
        (
            "an account without id",
            table(&[HEADER, ADA, ",x,,,Active\n", TRAILER]),
            json!({}),
            P::SchemaChanged,
        ),
        (
            "a renamed column",
            table(&[&HEADER.replace("Status", "State"), ADA, BEN, TRAILER]),
            json!({}),
            P::SchemaChanged,
        ),
        (
            "a column twice",
            table(&[&HEADER.replace("Status", "User"), ADA, BEN, TRAILER]),
            json!({"state_column": ""}),
            P::SchemaChanged,
        ),
        (
            "a new column",
            table(&[
                "User ID,User,Roles,E-mail,Status,More roles\n",
                "7,a,,,Active,Admin\n",
                at,
                "# rows: 1\n",
            ]),
            json!({}),
            P::SchemaChanged,
        ),
        ("no header", table(&[ADA, BEN, TRAILER]), json!({}), P::SchemaChanged),
        ("nothing", String::new(), json!({}), P::SchemaChanged),
        ("zeros", "\0\0\0\0".to_owned(), json!({}), P::SchemaChanged),
        (
            "of a time to come",
            table(&[HEADER, ADA, BEN, "# rows: 2\n# as_of: 2026-12-24T08:00:00Z\n"]),
            json!({}),
            P::SchemaChanged,
        ),
        (
            "of no time",
            table(&[HEADER, ADA, BEN, "# rows: 2\n# as_of: Friday\n"]),
            json!({}),
            P::SchemaChanged,
        ),
        (
            "an unknown encoding",
            table(&[HEADER, ADA, BEN, TRAILER]),
            json!({"encoding": "klingon"}),
            P::SchemaChanged,
        ),
        (
            "an odd separator",
            table(&[HEADER, ADA, BEN, TRAILER]),
            json!({"delimiter": "\""}),
            P::SchemaChanged,
        ),
    ];
    for (what, text, more, reason) in plain {
        let roster = roster(text, more).await;
        let (found, detail) = partial(&roster);
        assert_eq!(found, reason, "{what}: {detail}");
        assert!(detail.contains("roster.csv"), "{what}: {detail}");
    }
    // What came is a fact, though it is not all.
    assert!(!roster(table(&[HEADER, ADA, TRAILER]), json!({})).await.records.is_empty());
    // What is named as saying nothing of access may come and go.
    let more = table(&["User ID,User,Roles,E-mail,Status,Desk\n", "7,a,,,Active,4\n", at, "# rows: 1\n"]);
    whole(&roster(&more, json!({"ignored_columns": "Floor|Desk"})).await);
    whole(&roster(&more, json!({"ignored_columns": "*"})).await);
}

/// A date in the settings that moves on while the file stays would prove a departure with the state before it.
#[tokio::test]
async fn a_date_that_moves_on_without_the_file_is_noticed() {
    let more = json!({"complete_as_of": "2026-11-21"});
    let door = Door::built_in("csv-roster", settings(more), json!("none"));
    door.file("roster.csv", [HEADER, ADA, BEN].concat().as_bytes());
    let roster = door.read("roster").await;
    whole(&roster);
    // A day is no earlier than it begins anywhere: what was removed on that day is not proven.
    assert_eq!(roster.receipt.started.to_string(), "2026-11-20T10:00:00Z");
    door.touch("roster.csv", "2026-11-14T09:00:00Z");
    let stale = door.read("roster").await;
    let (reason, detail) = partial(&stale);
    assert_eq!(reason, PartialReason::SchemaChanged);
    assert!(detail.contains("last written at 2026-11-14"), "{detail}");
}

/// A file that is not there, may not be read, is none or is too large is a failed read with its reason.
#[tokio::test]
async fn a_file_that_cannot_be_read_is_partial() {
    let door = Door::built_in("csv-roster", settings(json!({})), json!("none"));
    assert_eq!(partial(&door.read("roster").await).0, PartialReason::NotFound);
    std::fs::create_dir(door.folder.path().join("roster.csv")).expect("a folder");
    assert_eq!(partial(&door.read("roster").await).0, PartialReason::NotFound);
    let text = std::fs::read_to_string(crate::door::connector("csv-roster").join("manifest.yaml"))
        .expect("a manifest");
    let small =
        Door::by(&text.replace("max_body: 67108864", "max_body: 64"), settings(json!({})), json!("none"));
    small.file("roster.csv", [HEADER, ADA, BEN, TRAILER].concat().as_bytes());
    assert_eq!(partial(&small.read("roster").await).0, PartialReason::Oversized);
}
