//! Programs as connectors: what they print, how they end, and what they are given.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, PidfdFlags, pidfd_open};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use serde_json::{Value, json};

use exeunt_connectors::conformance::MemoryShelf;
use exeunt_connectors::protocol::connect::ConnectError;
use exeunt_model::PartialReason;
use exeunt_model::receipt::PositiveControl;

use crate::door::{Door, NOW, connector, partial, read, whole};

/// A manifest of two reads with small limits.
const SMALL: &str = r#"
manifest: 1
connector: small
title: Small
about: A program's system.
protocol: exec
settings: { system: { about: its name } }
auth: [program]
client: { timeout: 2s, max_body: 4096 }
reads:
  accounts:
    about: Accounts.
    request: { exec: { read: accounts, system: "{system}" } }
    permission: read
    paging: { none: { because: a receipt ends it } }
    rows: .rows
    require: [record]
    map: 'if .record == "account" then . else error("another record") end'
    control: any_row
  members:
    about: Members of each account, as a group would have them.
    request: { exec: { read: members, scope: "account={account}", system: "{system}" } }
    permission: read
    paging: { none: { because: a receipt ends it } }
    rows: .rows
    require: [record]
    map: 'if .record == "membership" then . else error("another record") end'
    each: { read: accounts, bind: { account: '.id | split("/")[1]' } }
    control: any_row
survivors:
  principal: { seen_by: [accounts] }
  grant.direct: { seen_by: [members] }
  session: &none { not_applicable: It holds nothing else. }
  token.user: *none
  token.resource: *none
  key.asym: *none
  grant.delegated: *none
  grant.inherited: *none
  trust: *none
  owned.nhi: *none
  owned.automation: *none
  owned.data: *none
  egress: *none
  recovery: *none
"#;

fn header() -> Value {
    json!({"header": {"protocol": 1, "system": "payroll"}})
}

fn account(id: u32) -> Value {
    json!({"record": {"read": "accounts", "record": {
        "record": "account", "id": format!("account/{id}"), "login": format!("u{id}"), "state": "active", "native_state": "on"}}})
}

fn receipt(records: u32) -> Value {
    json!({"receipt": {"read": "accounts", "outcome": "complete", "records": records}})
}

fn members(id: u32) -> Value {
    json!({"receipt": {"read": "members", "scope": format!("account={id}"), "outcome": "complete", "records": 0}})
}

fn end(records: u32) -> Value {
    json!({"end": {"records": records}})
}

fn lines(lines: &[Value]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}

/// One account, whole.
fn good() -> Vec<Value> {
    vec![header(), account(7), receipt(1), members(7), end(1)]
}

fn program(command: &[&str]) -> Value {
    json!({"program": {"command": command}})
}

/// A program that prints a text and then runs the rest of a script.
fn printing(text: &str, then: &str) -> Door {
    let script = format!("cat output\n{then}");
    let door = Door::by(SMALL, json!({"system": "payroll"}), program(&["/bin/sh", "-c", &script]));
    door.file("output", text.as_bytes());
    door
}

/// A whole stream is a whole read, of the time the program ran, with its bytes kept once.
#[tokio::test]
async fn a_whole_stream_is_complete() {
    let door = printing(&lines(&good()), "");
    let shelf = Arc::new(MemoryShelf::default());
    let snapshot = door.collect_on(&shelf).await;
    let accounts = read(snapshot.clone(), "accounts");
    whole(&accounts);
    assert_eq!(accounts.records.len(), 1);
    assert_eq!(accounts.records[0].object().expect("an object").to_string(), "payroll/account/7");
    assert_eq!(accounts.receipt.endpoint, "program for payroll: accounts");
    assert_eq!(accounts.receipt.started.to_string(), NOW);
    assert!(matches!(accounts.receipt.control, PositiveControl::Seen(_)));
    whole(&read(snapshot.clone(), "members"));
    assert_eq!(shelf.bodies(), 1);
    // A run that was killed goes on from what it kept, and comes to the same.
    door.file("output", b"");
    assert_eq!(door.collect_on(&shelf).await, snapshot);
}

/// Each way in which a stream can be less than it seems ends partial, and hides nothing that came.
#[tokio::test]
async fn a_flawed_stream_is_partial() {
    use PartialReason as P;
    let replaced = |at: usize, line: Value| {
        let mut all = good();
        all[at] = line;
        lines(&all)
    };
    let without = |at: usize| {
        let mut all = good();
        all.remove(at);
        lines(&all)
    };
    let with = |at: usize, line: Value| {
        let mut all = good();
        all.insert(at, line);
        lines(&all)
    };
    let whole = lines(&good());
    let refused = json!({"partial": {"reason": "forbidden", "detail": "the second\u{1b}[2J tenant refused"}});
    let refused = json!({"receipt": {"read": "accounts", "outcome": refused, "records": 1}});
    let other = json!({"header": {"protocol": 1, "system": "payroll-test"}});
    let typo = json!({"record": {"read": "accounts", "record": {
        "record": "account", "id": "account/7", "login": "u7", "state": "active", "native_state": "on", "mail": "x"}}});
    let table: Vec<(&str, String, P)> = vec![
        ("nothing", String::new(), P::Truncated),
        ("no end", without(4), P::Truncated),
        ("cut in a line", whole[..whole.len() - 12].to_owned(), P::Truncated),
        ("no receipt", without(2), P::Truncated),
        ("no record and no receipt", lines(&[header(), members(7), end(0)]), P::NotFound),
        ("no header", without(0), P::SchemaChanged),
        (
            "a version to come",
            replaced(0, json!({"header": {"protocol": 2, "system": "payroll"}})),
            P::SchemaChanged,
        ),
        ("another system", replaced(0, other), P::SchemaChanged),
        ("two headers", with(1, header()), P::SchemaChanged),
        ("a line that is no JSON", with(2, Value::Null).replace("null", "{\"record\": "), P::SchemaChanged),
        ("a line of another form", with(2, json!({"log": "hello"})), P::SchemaChanged),
        ("an empty line", whole.replacen('\n', "\n\n", 1), P::SchemaChanged),
        (
            "a record after its receipt",
            lines(&[header(), account(7), receipt(1), account(8), end(2)]),
            P::SchemaChanged,
        ),
        ("two receipts", with(3, receipt(1)), P::SchemaChanged),
        ("a line after the end", with(5, receipt(1)), P::SchemaChanged),
        ("a record of another form", replaced(1, typo), P::SchemaChanged),
        ("fewer than the receipt counts", replaced(2, receipt(2)), P::ShortCount),
        ("fewer than the end counts", replaced(4, end(2)), P::ShortCount),
        ("the program's own word", replaced(2, refused), P::Forbidden),
    ];
    for (what, text, reason) in table {
        let accounts = printing(&text, "").read("accounts").await;
        let (found, detail) = partial(&accounts);
        assert_eq!(found, reason, "{what}: {detail}");
        assert!(!detail.contains('\u{1b}'), "{what}: {detail}");
    }
    // What came is a fact, though it is not all.
    assert_eq!(printing(&without(4), "").read("accounts").await.records.len(), 1);
    // What another system showed is none of this one.
    let other = replaced(0, json!({"header": {"protocol": 1, "system": "payroll-test"}}));
    assert_eq!(printing(&other, "").read("accounts").await.records.len(), 0);
}

/// A program that fails after a whole stream may have failed before its last page.
#[tokio::test]
async fn a_program_that_fails_is_partial_with_its_last_words() {
    let door = printing(&lines(&good()), "printf 'tenant 2:\\n\\033[31mno route\\033[0m' >&2; exit 3");
    let accounts = door.read("accounts").await;
    let (reason, detail) = partial(&accounts);
    assert_eq!(reason, PartialReason::ServerError, "{detail}");
    assert!(detail.contains("exit status: 3") && detail.contains("tenant 2: [31mno route"), "{detail}");
    let killed = printing(&lines(&good()), "kill -9 $$").read("accounts").await;
    assert_eq!(partial(&killed).0, PartialReason::ServerError);
}

/// A program that hangs is stopped with everything it started, and one that prints without end too.
#[tokio::test]
async fn a_program_without_end_is_stopped() {
    let door = printing(&lines(&good()), "sleep 60 & echo $! > started; sleep 60");
    let accounts = door.read("accounts").await;
    let (reason, detail) = partial(&accounts);
    assert_eq!(reason, PartialReason::TimedOut, "{detail}");
    let started = std::fs::read_to_string(door.folder.path().join("started")).expect("it had started");
    let left = started.trim().parse().ok().and_then(Pid::from_raw).expect("the number of a process");
    // It was killed, and ends when the system comes to it; one that was not would run for a minute.
    if let Ok(process) = pidfd_open(left, PidfdFlags::empty()) {
        #[expect(
            deprecated,
            reason = "what replaces it is unsafe code, and an owned descriptor is all that it asks for"
        )]
        let process = AsyncFd::with_interest(process, Interest::READABLE).expect("a file to wait for");
        let ended = tokio::time::timeout(Duration::from_secs(30), process.readable()).await;
        assert!(ended.is_ok(), "what it left behind still runs: {started}");
    }
    let noisy = printing(&lines(&good()), "while :; do echo noise; done").read("accounts").await;
    assert_eq!(partial(&noisy).0, PartialReason::Oversized);
}

/// The environment is what the configuration says, and nothing of the process that reads.
#[tokio::test]
async fn a_program_gets_a_clean_environment() {
    let mut auth = program(&["/usr/bin/env"]);
    auth["program"]["set"] = json!({"LANG": "C.UTF-8"});
    auth["program"]["env"] = json!({"TOKEN": "file:token"});
    let door = Door::by(SMALL, json!({"system": "payroll"}), auth);
    door.file("token", b"tok-3fd1-never-shown\n");
    let accounts = door.read("accounts").await;
    let (reason, detail) = partial(&accounts);
    // It prints its environment: the credential in it is noticed, told by its name and not kept.
    assert_eq!(reason, PartialReason::UnexpectedStatus, "{detail}");
    assert!(detail.contains("`TOKEN`") && !detail.contains("tok-3fd1"), "{detail}");
    let mut auth = program(&["/bin/sh", "-c", "/usr/bin/env > seen; echo $TOKEN >&2; exit 1"]);
    auth["program"]["env"] = json!({"TOKEN": "file:token"});
    let door = Door::by(SMALL, json!({"system": "payroll"}), auth);
    door.file("token", b"tok-3fd1-never-shown\n");
    let accounts = door.read("accounts").await;
    let (_, detail) = partial(&accounts);
    assert!(detail.contains("[redacted]") && !detail.contains("tok-3fd1"), "{detail}");
    let seen = std::fs::read_to_string(door.folder.path().join("seen")).expect("it ran in its folder");
    let names: Vec<&str> = seen.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    // A shell sets these for itself.
    let given: Vec<&&str> =
        names.iter().filter(|name| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name)).collect();
    assert_eq!(given, [&"TOKEN"], "{seen}");
}

/// What cannot be run is told before anything is read, or as a failed read.
#[tokio::test]
async fn a_program_that_cannot_be_run_is_told() {
    for (auth, says) in [
        (program(&[]), "`command` is empty"),
        (program(&["python3", "x.py"]), "is a name and not a path"),
        (json!({"program": {"command": ["./x"], "set": {"A B": "1"}}}), "no name of an environment variable"),
        (
            json!({"program": {"command": ["./x"], "set": {"A": "1"}, "env": {"A": "env:PATH"}}}),
            "stands in `env` and in `set`",
        ),
        (json!({"bearer": "env:PATH"}), "cannot sign in with `bearer`"),
    ] {
        let refused =
            Door::by(SMALL, json!({"system": "payroll"}), auth).connect().await.err().expect("refused");
        assert!(refused.to_string().contains(says), "{refused}");
    }
    let mut door = Door::by(SMALL, json!({"system": "payroll"}), program(&["./absent"]));
    let accounts = door.read("accounts").await;
    assert_eq!(partial(&accounts).0, PartialReason::Unreachable);
    door.system.url = Some("https://x.example".to_owned());
    assert!(matches!(door.connect().await.err(), Some(ConnectError::NoUrlWanted { .. })));
}

/// A program that reads a nightly copy shows the night, not the morning it is run.
#[tokio::test]
async fn a_copy_is_of_its_own_time() {
    let night = "2026-11-21T02:00:00Z";
    let mut all = good();
    all[2]["receipt"]["as_of"] = json!(night);
    let snapshot = printing(&lines(&all), "").collect().await;
    assert_eq!(snapshot.started.to_string(), NOW, "the collection is of now");
    let accounts = read(snapshot, "accounts");
    whole(&accounts);
    assert_eq!(
        (accounts.receipt.started.to_string(), accounts.receipt.ended.to_string()),
        (night.to_owned(), night.to_owned())
    );
    all[2]["receipt"]["as_of"] = json!("2027-01-01T00:00:00Z");
    assert_eq!(partial(&printing(&lines(&all), "").read("accounts").await).0, PartialReason::SchemaChanged);
}

/// Whoever copies the example begins with something that works, and that says when it does not.
#[tokio::test]
async fn the_example_program_works() {
    let example = connector("exec").join("example");
    let script = example.join("read_payroll.py").display().to_string();
    let auth = program(&["/usr/bin/env", "python3", &script, "payroll.json"]);
    let door = Door::built_in("exec", json!({"system": "payroll"}), auth);
    door.file("payroll.json", &std::fs::read(example.join("payroll.json")).expect("the example's data"));
    let snapshot = door.collect().await;
    for name in ["accounts", "groups", "grants", "credentials", "integrations"] {
        whole(&read(snapshot.clone(), name));
    }
    assert_eq!(read(snapshot, "accounts").records.len(), 4);
    // A part of the data that is missing is said, and the rest is read.
    door.file("payroll.json", br#"{"accounts": [], "groups": [], "grants": [], "integrations": []}"#);
    let snapshot = door.collect().await;
    let credentials = read(snapshot.clone(), "credentials");
    assert_eq!(partial(&credentials).0, PartialReason::SchemaChanged);
    whole(&read(snapshot, "accounts"));
    door.file("payroll.json", b"{");
    assert_eq!(partial(&door.read("accounts").await).0, PartialReason::ServerError);
}
