//! Follows docs/guides/add-a-system.md to the letter, on a small stand-in of the system it adds.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use exeunt_model::kind::SurvivorKind as Kind;
use exeunt_model::{Duration, State, Text};
use exeunt_sandbox::Phase;
use serde_json::{Value, json};

use crate::said::Said;
use crate::stage::Stage;

const GUIDE: &str = include_str!("../../../../docs/guides/add-a-system.md");
const WORD: &str = "the-readers-token";

/// The one block of the guide that is a manifest.
fn manifest() -> &'static str {
    let (_, rest) = GUIDE.split_once("```yaml\n").expect("a block of YAML");
    let (manifest, rest) = rest.split_once("```").expect("its end");
    assert!(!rest.contains("```yaml"), "one manifest only");
    manifest
}

/// What the stand-in holds.
struct Grafana {
    users: Vec<Value>,
    service_accounts: Vec<Value>,
    tokens: HashMap<u64, Vec<Value>>,
}

type Held = Arc<Mutex<Grafana>>;
type Answer = Result<Json<Value>, StatusCode>;

fn allowed(headers: &HeaderMap) -> Result<(), StatusCode> {
    let given = headers.get("authorization").and_then(|value| value.to_str().ok());
    if given == Some(&format!("Bearer {WORD}")) { Ok(()) } else { Err(StatusCode::UNAUTHORIZED) }
}

async fn users(Shared(held): Shared<Held>, headers: HeaderMap) -> Answer {
    allowed(&headers)?;
    Ok(Json(held.lock().expect("not poisoned").users.clone().into()))
}

/// Two a page, whatever is asked for, as a server with a cap does.
async fn search(
    Shared(held): Shared<Held>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Answer {
    allowed(&headers)?;
    let all = held.lock().expect("not poisoned").service_accounts.clone();
    let page: usize =
        query.get("page").map_or(Ok(1), |text| text.parse()).map_err(|_| StatusCode::BAD_REQUEST)?;
    let rows: Vec<&Value> = all.iter().skip((page - 1) * 2).take(2).collect();
    Ok(Json(json!({ "totalCount": all.len(), "serviceAccounts": rows, "page": page, "perPage": 2 })))
}

async fn tokens(Shared(held): Shared<Held>, Path(id): Path<u64>, headers: HeaderMap) -> Answer {
    allowed(&headers)?;
    Ok(Json(held.lock().expect("not poisoned").tokens.get(&id).cloned().unwrap_or_default().into()))
}

fn account(id: u64, name: &str) -> Value {
    json!({ "id": id, "name": name, "login": format!("sa-{id}"), "orgId": 1, "isDisabled": false, "role": "Editor", "tokens": 1, "avatarUrl": "" })
}

fn token(id: u64, name: &str, used: &str) -> Value {
    json!({ "id": id, "name": name, "created": "2025-03-01T09:00:00Z", "lastUsedAt": used, "expiration": null,
            "secondsUntilExpiration": 0, "hasExpired": false, "isRevoked": false })
}

fn user(id: u64, local: &str, name: &str) -> Value {
    json!({ "orgId": 1, "userId": id, "email": format!("{local}@halden.example"), "name": name, "login": local,
            "role": "Editor", "lastSeenAt": "2026-11-12T08:00:00Z", "isDisabled": false })
}

async fn serve(held: &Held) -> String {
    let routes = Router::new()
        .route("/api/org/users", get(users))
        .route("/api/serviceaccounts/search", get(search))
        .route("/api/serviceaccounts/{id}/tokens", get(tokens))
        .with_state(Arc::clone(held));
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(axum::serve(listener, routes).into_future());
    format!("http://{address}")
}

async fn with_connectors(stage: &Stage, args: &[&str]) -> Said {
    let folder = stage.path("connectors");
    let mut all = vec!["--connectors", folder.to_str().expect("text")];
    all.extend(args);
    stage.run(&all).await
}

/// The lines of the new system: kind, name, state.
async fn lines(stage: &Stage) -> Vec<(Kind, Text, State)> {
    let said = with_connectors(stage, &["--format", "json", "verify", "OFF-142"]).await;
    let verdict = said.verdict();
    let lines = verdict.obligations.into_iter().filter(|line| line.system.as_str() == "grafana");
    let mut lines: Vec<_> = lines.map(|line| (line.kind, line.item.name, line.state)).collect();
    lines.sort();
    lines
}

/// An application owner who follows the guide ends with a system that is read, judged, and proven gone.
#[tokio::test]
async fn the_guide_leads_to_a_working_connector() {
    let stage = Stage::after().await;
    fs::create_dir_all(stage.path("connectors/grafana")).expect("made");
    fs::write(stage.path("connectors/grafana/manifest.yaml"), manifest()).expect("written");
    let page = with_connectors(&stage, &["connectors", "show", "grafana"]).await;
    assert_eq!(page.code, 0, "{}", page.err);
    assert!(page.out.contains("# Grafana") && page.out.contains("serviceaccounts:read"), "{}", page.out);

    let held: Held = Arc::new(Mutex::new(Grafana {
        users: vec![
            user(1, "mara.voss", "Mara Voss"),
            user(2, "mara.voss2", "Mara Voss"),
            user(3, "ci", "CI"),
        ],
        service_accounts: vec![
            account(11, "mara.voss@halden.example release dashboards"),
            account(12, "someone.else@halden.example backups"),
            account(13, "provisioning"),
        ],
        tokens: HashMap::from([
            (11, vec![token(111, "publisher", "2026-11-19T02:00:00Z")]),
            (12, vec![token(121, "backup", "2026-11-19T02:00:00Z")]),
        ]),
    }));
    let url = serve(&held).await;
    fs::write(stage.path("secrets/grafana"), WORD).expect("written");
    let system = format!(
        "systems:\n  grafana:\n    connector: grafana\n    url: {url}\n    auth: {{ bearer: \"file:secrets/grafana\" }}\n    \
         tls: {{ plain_text_on_loopback: true }}\n    allow_private: true\n"
    );
    stage.edit("systems:\n", &system);
    let check = with_connectors(&stage, &["--format", "json", "check"]).await;
    let systems = check.json();
    let grafana = systems["systems"].as_array().expect("systems").iter().find(|s| s["system"] == "grafana");
    let reads = grafana.expect("checked")["reads"].as_array().expect("reads").clone();
    assert!(reads.iter().all(|read| read["result"]["refused"].is_null()), "{reads:#?}");
    assert!(reads.iter().any(|read| !read["result"]["sees"].is_null()), "{reads:#?}");

    let owned = "mara.voss@halden.example release dashboards";
    let found = lines(&stage).await;
    let name = |kind, state| {
        let same: Vec<&str> = found
            .iter()
            .filter(|line| line.0 == kind && line.2 == state)
            .map(|line| line.1.as_str())
            .collect();
        same.join(", ")
    };
    assert_eq!(name(Kind::Principal, State::Live), "mara.voss", "{found:?}");
    assert_eq!(name(Kind::TokenUser, State::Live), "publisher", "{found:?}");
    assert_eq!(found.iter().filter(|line| line.0 == Kind::OwnedNhi).count(), 1, "{found:?}");
    assert!(
        name(Kind::OwnedNhi, State::Live) == "sa-11" || name(Kind::OwnedNhi, State::Live) == owned,
        "{found:?}"
    );

    // She is taken out, the token is deleted, the service account has another owner: gone after two readings.
    {
        let mut held = held.lock().expect("not poisoned");
        held.users.remove(0);
        held.tokens.clear();
        held.service_accounts[0] = account(11, "jonas.lind@halden.example release dashboards");
    }
    for hours in [2, 3] {
        let later = Phase::After.now() + Duration::from_hours(hours);
        let text = fs::read_to_string(stage.path("exeunt.yaml")).expect("a configuration");
        let now = text.lines().find(|line| line.starts_with("simulated_time")).expect("a time").to_owned();
        stage.edit(&now, &format!("simulated_time: {later}"));
        with_connectors(&stage, &["collect", "grafana"]).await;
    }
    let left: Vec<_> = lines(&stage).await.into_iter().filter(|line| line.2 != State::Gone).collect();
    assert_eq!(left, Vec::new());
}

/// A page that is refused must make the new system unknown like any other: the guide's manifest passes nothing by default.
#[tokio::test]
async fn a_wrong_token_proves_nothing_about_the_new_system() {
    let stage = Stage::after().await;
    fs::create_dir_all(stage.path("connectors/grafana")).expect("made");
    fs::write(stage.path("connectors/grafana/manifest.yaml"), manifest()).expect("written");
    let none = Grafana { users: Vec::new(), service_accounts: Vec::new(), tokens: HashMap::new() };
    let url = serve(&Arc::new(Mutex::new(none))).await;
    fs::write(stage.path("secrets/grafana"), "another").expect("written");
    let system = format!(
        "systems:\n  grafana:\n    connector: grafana\n    url: {url}\n    auth: {{ bearer: \"file:secrets/grafana\" }}\n    \
         tls: {{ plain_text_on_loopback: true }}\n    allow_private: true\n"
    );
    stage.edit("systems:\n", &system);
    let said = with_connectors(&stage, &["--format", "json", "collect", "grafana"]).await;
    assert_eq!(said.code, 11, "{}", said.err);
    let partial = said.json()[0]["partial"].as_array().expect("a list").len();
    assert!(partial >= 2, "{}", said.out);
}
