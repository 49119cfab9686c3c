//! What a credential may do beyond reading: `exeunt check` says so, since a reader that can change things is worth stealing.

use axum::Json;
use axum::http::HeaderMap;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use serde_json::{Value, json};

use crate::said::exeunt;

const CONNECTORS: &str = "\
manifest: 1
connector: forge
title: Forge
about: A small system.
protocol: http
auth: [bearer]
rights:
  request: { http: { path: /users } }
  beyond: 'if .headers.scopes == null then null else [.headers.scopes | split(\" \")[] | select(endswith(\":read\") | not)] end'
  source: This test.
reads:
  users:
    about: Everybody.
    request: { http: { path: /users } }
    permission: users:read
    paging: { none: { because: one page } }
    rows: .
    map: '{record: \"account\", id: \"account/\\(.id)\", login: .id, state: \"active\", native_state: \"active\"}'
    control: any_row
survivors:
  principal: { seen_by: [users] }
  session: &none { not_applicable: It holds nothing else. }
  token.user: *none
  token.resource: *none
  key.asym: *none
  grant.delegated: *none
  grant.direct: *none
  grant.inherited: *none
  trust: *none
  owned.nhi: *none
  owned.automation: *none
  owned.data: *none
  egress: *none
  recovery: *none
";

async fn users(headers: HeaderMap) -> impl IntoResponse {
    let word = headers.get("authorization").and_then(|word| word.to_str().ok()).unwrap_or_default();
    let mut told = HeaderMap::new();
    let scopes = match word {
        "Bearer reader" => Some("users:read"),
        "Bearer mighty" => Some("users:read users:write admin"),
        _ => None,
    };
    if let Some(scopes) = scopes {
        told.insert("scopes", scopes.parse().expect("a header"));
    }
    (told, Json(json!([{ "id": "ada" }])))
}

/// What `exeunt check` says of the rights of a credential.
async fn rights(word: &str) -> Value {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let serving =
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/users", get(users))).await });
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    std::fs::create_dir_all(path("connectors/forge")).expect("a folder");
    std::fs::write(path("connectors/forge/manifest.yaml"), CONNECTORS).expect("a file");
    std::fs::write(path("word"), word).expect("a file");
    let config = json!({
        "version": 1, "organisation": { "name": "Acme", "domains": ["acme.example"] }, "directory": "forge",
        "systems": { "forge": {
            "connector": "forge", "url": url, "auth": { "bearer": "file:word" },
            "tls": { "plain_text_on_loopback": true }, "allow_private": true,
        } },
    });
    std::fs::write(path("exeunt.yaml"), config.to_string()).expect("a file");
    let (state, config, connectors) = (path("state"), path("exeunt.yaml"), path("connectors"));
    let told =
        ["--state", &state, "--config", &config, "--connectors", &connectors, "--format", "json", "check"];
    let said = exeunt(&told).await;
    serving.abort();
    assert_eq!(said.code, 0, "{}", said.err);
    let reads = said.json()["systems"][0]["reads"].as_array().expect("reads").clone();
    reads.into_iter().find(|read| read["read"] == "rights").expect("the rights")["result"].clone()
}

/// Three credentials that all read: one that only reads, one that may change everything, one whose rights are not told.
#[tokio::test]
async fn a_mighty_reader_is_told_apart() {
    assert_eq!(rights("reader").await, json!({ "beyond_reading": [] }));
    assert_eq!(rights("mighty").await, json!({ "beyond_reading": ["users:write", "admin"] }));
    let told = rights("other").await;
    assert!(told["not_tried"].as_str().is_some_and(|why| why.contains("does not tell")), "{told}");
}
