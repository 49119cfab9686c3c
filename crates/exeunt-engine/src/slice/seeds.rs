//! Who is spoken of outside of the snapshots: in cases, tickets, the register of owners, policy and links.
//!
//! Documents are looked through as they stand in JSON, so that a field that is added to them is not forgotten here.

use exeunt_model::case::Case;
use exeunt_model::record::JoinKey;
use exeunt_model::{Record, Ref, Snapshot, SystemId};
use serde::Serialize;
use serde_json::Value;

use super::closure::{ANSWERS, Closure, LEAVER, NAMED};
use super::key::{Key, Keys};
use crate::inputs::Inputs;

/// Marks everybody who is spoken of.
pub(super) fn mark(
    closure: &mut Closure<'_>,
    keys: &Keys<'_>,
    inputs: &Inputs<'_>,
    cases: &[(&Case, Option<&Snapshot>)],
) -> Result<(), serde_json::Error> {
    for (case, ticket) in cases {
        for who in &case.subject.who {
            closure.who(keys.who(keys.directory(), who), LEAVER);
        }
        for (_, record) in ticket.iter().flat_map(|ticket| ticket.records()) {
            if let Record::Document(document) = record {
                spoken_of(closure, keys, document)?;
            }
        }
    }
    spoken_of(closure, keys, inputs.owners)?;
    spoken_of(closure, keys, inputs.policy)
}

fn spoken_of(
    closure: &mut Closure<'_>,
    keys: &Keys<'_>,
    document: &impl Serialize,
) -> Result<(), serde_json::Error> {
    look(
        &serde_json::to_value(document)?,
        &mut |text| {
            closure.who(text, ANSWERS | NAMED);
        },
        keys,
    );
    Ok(())
}

fn look(value: &Value, take: &mut dyn FnMut(Key), keys: &Keys<'_>) {
    match value {
        Value::String(text) => {
            if text.contains('@') {
                take(keys.address(text));
            }
            if let Ok(object) = text.parse::<Ref>() {
                take(keys.object(&object));
            }
        }
        Value::Array(values) => values.iter().for_each(|value| look(value, take, keys)),
        Value::Object(fields) => {
            if let Some(login) = fields.get("login").and_then(Value::as_str) {
                let named = fields.get("system").and_then(Value::as_str).map(SystemId::new);
                match named {
                    Some(Ok(system)) => take(keys.login(&system, login)),
                    _ => take(keys.login(keys.directory(), login)),
                }
            }
            let key = fields.get("key").filter(|key| key.is_object());
            if let Some(Ok(key)) = key.map(|key| serde_json::from_value::<JoinKey>(key.clone())) {
                take(keys.join(&key));
            }
            fields.values().for_each(|value| look(value, take, keys));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
