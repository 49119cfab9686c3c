//! The company's directory in small: one leaver, served over HTTP to a manifest of its own.

use std::sync::{Arc, Mutex};

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Leaver;

/// Its manifest, for the folder of further connectors.
pub const MANIFEST: &str = r#"
manifest: 1
connector: company-directory
title: Company directory
about: Who works here.
protocol: http
auth: [bearer]
reads:
  people:
    about: Everybody.
    request: { http: { path: /people } }
    permission: read
    paging: { none: { because: one page } }
    rows: .
    map: |
      . as $person |
      {record: "identity", id: "identity/\(.id)", display_name: .name, keys: .keys,
       emails: [.emails[] | {address: ., verified: true}], kind: {kind: "human", reason: "the directory says so"}},
      {record: "account", id: "account/\(.id)", login: .id, state: .state, native_state: .state,
       kind: {kind: "human", reason: "the directory says so"}}
    control: any_row
survivors:
  principal: { seen_by: [people] }
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
proof:
  principal: { settle: 0s, dead_states: [deleted], source: It is told at once. }
"#;

/// A running directory.
pub struct Directory {
    people: Arc<Mutex<Vec<Value>>>,
    pub url: String,
}

async fn people(Shared(people): Shared<Arc<Mutex<Vec<Value>>>>) -> Json<Value> {
    Json(json!(*people.lock().expect("not poisoned")))
}

impl Directory {
    /// Serves the leaver, still at work, beside a colleague.
    pub async fn serve(leaver: &Leaver) -> Self {
        let people = Arc::new(Mutex::new(vec![
            json!({ "id": "leaver", "name": leaver.name, "emails": leaver.emails, "keys": leaver.keys, "state": "active" }),
            json!({ "id": "colleague", "name": "Someone Else", "emails": [], "keys": [], "state": "active" }),
        ]));
        let router = Router::new().route("/people", get(self::people)).with_state(Arc::clone(&people));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { people, url }
    }

    /// The leaver's account is closed here.
    pub fn leave(&self) {
        self.people.lock().expect("not poisoned")[0]["state"] = json!("deleted");
    }
}
