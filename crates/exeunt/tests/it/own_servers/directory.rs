//! The company's directory in small: one leaver, served over HTTP to a manifest of its own.

use std::sync::{Arc, Mutex};

use axum::extract::State as Shared;
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Leaver;

/// A running directory.
pub struct Directory {
    people: Arc<Mutex<Vec<Value>>>,
    pub url: String,
}

async fn people(Shared(people): Shared<Arc<Mutex<Vec<Value>>>>) -> Json<Value> {
    Json(json!(*people.lock().expect("not poisoned")))
}

impl Directory {
    /// Serves the leaver, still at work, beside colleagues.
    pub async fn serve(leaver: &Leaver, colleagues: &[Leaver]) -> Self {
        let works = |id: String, who: &Leaver| json!({ "id": id, "name": who.name, "emails": who.emails, "keys": who.keys, "state": "active" });
        let mut people = vec![
            works("leaver".to_owned(), leaver),
            json!({ "id": "colleague", "name": "Someone Else", "emails": [], "keys": [], "state": "active" }),
        ];
        people.extend(colleagues.iter().enumerate().map(|(at, who)| works(format!("colleague-{at}"), who)));
        let people = Arc::new(Mutex::new(people));
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
