//! Tables of worlds in which one rule of liveness decides: each row is beside another that differs by one thing.

mod absence;
mod accounts;
mod back_again;
mod hands;
mod secrets;

use serde_json::{Value, json};

use crate::small_world::{World, token};

/// A record with one more field.
fn with(mut record: Value, field: &str, value: impl Into<Value>) -> Value {
    record[field] = value.into();
    record
}

/// Something that a log of the application reports.
fn event(action: &str, subject: &str, at: &str, actor: &Value) -> Value {
    json!({
        "record": "event", "id": "app/event/1", "at": at, "action": action, "subject": subject, "actor": actor, "detail": "",
    })
}

/// A token that is seen an hour after the departure, and not any more now; what it takes to be gone is said.
fn settling(settle: &str) -> World {
    let mut world = World::new().ada("active").had("credentials", token("pat", "1", "active"));
    world.after.insert(("app", "credentials"), vec![token("pat", "1", "active")]);
    world.manifest["proof"]["token.user"]["settle"] = json!(settle);
    world
}
