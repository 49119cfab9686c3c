//! Every connector passes the harness, and the harness catches what it is for.

use std::path::{Path, PathBuf};

use futures_util::future::BoxFuture;
use serde_json::json;

use super::{Fixtures, Report, Sequence, fixtures, run};
use crate::manifest::{Loaded, load, tests::GOOD};
use crate::protocol::{Answer, Ask, Fault, Protocol};

fn connectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors")
}

fn plain(sequence: Sequence) -> Box<dyn Protocol> {
    Box::new(sequence)
}

/// No system's answer, however broken, may come out as a shorter list. Fails naming system, read
/// and fault.
#[tokio::test]
async fn every_connector_holds_under_every_fault() {
    let mut failures = Vec::new();
    let mut systems = 0;
    for entry in std::fs::read_dir(connectors()).expect("the connectors' folder") {
        let folder = entry.expect("an entry").path();
        let file = folder.join("manifest.yaml");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let name = file.display().to_string();
        let loaded = match load(&text, &name) {
            Ok(loaded) => loaded,
            Err(errors) => {
                failures.push(errors.to_string());
                continue;
            }
        };
        match fixtures(&folder.join("fixtures")) {
            Ok(fixtures) => {
                let report = run(&loaded, &fixtures, &plain).await;
                let (held, skipped, failed) = report.counts();
                println!("{}: {held} held, {skipped} skipped, {failed} failed", report.system);
                assert!(held > 0, "{name}: nothing was tested");
                failures.extend(report.failures());
            }
            Err(why) => failures.push(why),
        }
        systems += 1;
    }
    assert!(systems > 0, "no connector was found");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// Recorded answers of the small manifest.
fn recorded() -> Fixtures {
    let fixtures = json!({
        "users": {"pages": [
            {"status": 200, "body": {"items": [{"id": 1, "login": "a"}, {"id": 2, "login": "b"}], "next": "c2"}},
            {"status": 200, "body": {"items": [{"id": 3, "login": "c"}], "next": null}}]},
        "tokens": {"scopes": {"user=1": {"pages": [
            {"status": 200, "body": {"tokens": [{"id": 11, "name": "x"}]}}]}}},
    });
    serde_json::from_value(fixtures).expect("fixtures")
}

fn manifest(from: &str, to: &str) -> Loaded {
    assert!(GOOD.contains(from), "{from}");
    load(&GOOD.replace(from, to), "forge.yaml").expect("loads")
}

async fn report(loaded: &Loaded, between: super::Between<'_>) -> Report {
    run(loaded, &recorded(), between).await
}

/// A connector without a flaw passes, and says what was not applicable instead of counting it.
#[tokio::test]
async fn a_sound_connector_holds() {
    let report = report(&manifest("1", "1"), &plain).await;
    assert_eq!(report.failures(), [""; 0], "{report}");
    let (held, skipped, _) = report.counts();
    assert!(held > 40, "{report}");
    assert_eq!(skipped, 3, "a read without paging has no paging faults:\n{report}");
}

/// A manifest that takes a missing list for an empty one is the commonest way to lose rows.
#[tokio::test]
async fn lenient_rows_are_caught() {
    for lenient in [".items // []", "[.items[]?]", "[.items[]? | select(. != null)]"] {
        let report = report(&manifest("rows: .items", &format!("rows: '{lenient}'")), &plain).await;
        let failures = report.failures();
        assert!(
            failures.iter().any(|f| f.starts_with("forge/users: changed schema")),
            "{lenient}:\n{report}"
        );
    }
}

/// A map that drops the rows it does not understand.
#[tokio::test]
async fn a_lenient_map_is_caught() {
    let text = GOOD
        .replace("require: [id, login]", "may_skip: robots have no login")
        .replace("map: '{record: \"account\"", "map: 'select(.login?) | {record: \"account\"");
    let loaded = load(&text, "forge.yaml").expect("loads");
    let report = report(&loaded, &plain).await;
    assert!(report.failures().iter().any(|f| f.contains("a row is a text")), "{report}");
}

/// Answers a refusal with an empty list, as a helpful client library might.
struct Forgiving(Sequence);

impl Protocol for Forgiving {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let answer = self.0.fetch(ask).await?;
            if answer.status() == 403 {
                let page = json!({"items": [], "tokens": [], "next": null});
                return Ok(Answer { statuses: vec![200], page: page.into(), ..answer });
            }
            Ok(answer)
        })
    }
    fn origin(&self) -> Option<&str> {
        self.0.origin()
    }
}

/// Takes a lost connection for the end of the listing.
struct Shrugging(Sequence);

impl Protocol for Shrugging {
    fn fetch<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            let answer = self.0.fetch(ask).await;
            answer.or_else(|_| {
                let page = json!({"items": [], "tokens": [], "next": null});
                let body = page.to_string().into_bytes();
                let (headers, cookie) = Default::default();
                Ok(Answer {
                    statuses: vec![200],
                    headers,
                    body,
                    page: page.into(),
                    cookie,
                    server_date: None,
                })
            })
        })
    }
    fn origin(&self) -> Option<&str> {
        self.0.origin()
    }
}

/// A flaw anywhere between the wire and the records shows.
#[tokio::test]
async fn a_forgiving_protocol_is_caught() {
    let loaded = manifest("1", "1");
    let forgiving = report(&loaded, &|sequence| Box::new(Forgiving(sequence)) as Box<dyn Protocol>).await;
    let failures = forgiving.failures();
    assert!(failures.iter().any(|f| f.starts_with("forge/users: 403 (page 2)")), "{forgiving}");
    assert!(failures.iter().any(|f| f.starts_with("forge/tokens: 403 (first page)")), "{forgiving}");
    let shrugging = report(&loaded, &|sequence| Box::new(Shrugging(sequence)) as Box<dyn Protocol>).await;
    for fault in ["dropped connection", "truncated body", "time-out", "oversized body"] {
        let found = shrugging.failures().iter().any(|f| f.contains(fault));
        assert!(found, "{fault}:\n{shrugging}");
    }
}

/// A fixture without a second page could not show a lost one.
#[tokio::test]
async fn a_poor_fixture_is_no_pass() {
    let mut poor = recorded();
    poor.get_mut("users").expect("there").pages.remove(0);
    poor.remove("tokens");
    let report = run(&manifest("1", "1"), &poor, &plain).await;
    assert_eq!(report.counts().2, 2, "{report}");
}
