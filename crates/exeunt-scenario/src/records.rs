//! Records as stories write them, made whole: long references, and what every record has to say.

use exeunt_model::{Record, Ref, SystemId};
use serde_json::{Map, Value, json};

/// Fields that hold references.
const REFERENCES: [&str; 9] =
    ["id", "group", "resource", "target", "subject", "opens", "object", "parent", "member"];

/// One record of a system.
pub fn whole(record: &Value, system: &SystemId) -> Result<Record, String> {
    let mut record = record.clone();
    let Some(fields) = record.as_object_mut() else { return Err(format!("{record} is no record")) };
    defaults(fields);
    localise(fields, system);
    let text = record.to_string();
    serde_json::from_value(record).map_err(|error| format!("{text}: {error}"))
}

/// What a story need not say.
fn defaults(fields: &mut Map<String, Value>) {
    let kind = text(fields, "record");
    let id = text(fields, "id");
    let short = id.rsplit('/').next().unwrap_or_default().to_owned();
    match kind.as_str() {
        "account" => {
            set(fields, "login", json!(short));
            set(fields, "state", json!("active"));
            let state = text(fields, "state");
            set(fields, "native_state", json!(state));
            identity_kind(fields);
            number(fields);
        }
        "identity" => {
            identity_kind(fields);
            number(fields);
        }
        "group" => set(fields, "name", json!(short)),
        "resource" => {
            set(fields, "name", json!(short));
            set(fields, "resource_type", json!("resource"));
        }
        "credential" | "integration" => {
            set(fields, "name", json!(short));
            set(fields, "state", json!(if kind == "credential" { "active" } else { "enabled" }));
            let native = text(fields, "kind");
            set(fields, "native_type", json!(native));
        }
        "ownership" | "act_as" => set(fields, "reason", json!("as listed")),
        _ => {}
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> String {
    fields.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn set(fields: &mut Map<String, Value>, name: &str, value: Value) {
    fields.entry(name.to_owned()).or_insert(value);
}

/// `kind: service` for `kind: {kind: service, reason: …}`; a person where nothing is said.
fn identity_kind(fields: &mut Map<String, Value>) {
    let kind = fields.get("kind").cloned().unwrap_or_else(|| json!("human"));
    if kind.is_string() {
        fields.insert("kind".to_owned(), json!({"kind": kind, "reason": "as listed"}));
    }
}

/// `number: "1042"` for an employee number among the keys.
fn number(fields: &mut Map<String, Value>) {
    if let Some(number) = fields.remove("number") {
        let keys = fields.entry("keys".to_owned()).or_insert_with(|| json!([]));
        if let Some(keys) = keys.as_array_mut() {
            keys.push(json!({"kind": "employee_number", "value": number}));
        }
    }
}

fn localise(fields: &mut Map<String, Value>, system: &SystemId) {
    for (name, value) in fields.iter_mut() {
        match value {
            Value::String(text) if REFERENCES.contains(&name.as_str()) => long(text, system),
            Value::Array(items) if REFERENCES.contains(&name.as_str()) => {
                for item in items {
                    if let Value::String(text) = item {
                        long(text, system);
                    }
                }
            }
            Value::Object(inner) => localise(inner, system),
            _ => {}
        }
    }
}

fn long(text: &mut String, system: &SystemId) {
    if let Ok(reference) = Ref::localise(text, system) {
        *text = reference.to_string();
    }
}
