//! Who and what is spoken of outside of the snapshots: in cases, tickets, the register of owners, policy and links.
//!
//! Documents are looked through as they stand in JSON, so that a field that is added to them is not forgotten here.

use std::collections::HashSet;

use exeunt_model::case::Case;
use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::{Noun, Record, Ref, Snapshot, SystemId};
use foldhash::fast::FixedState;
use serde::Serialize;
use serde_json::Value;

use super::closure::{ANSWERS, Closure, LEAVER, NAMED, SHOWN};
use super::key::{Key, Keys};
use crate::claims::candidates;
use crate::inputs::Inputs;

/// Fields of a document that hold no names, and are another text in each.
const NO_NAMES: [&str; 3] = ["id", "parent", "at"];

/// What tickets call things and people by. A claim that names somebody else's account is no claim about the leaver's: what it
/// names has to be found.
#[derive(Default)]
pub(super) struct Called {
    names: HashSet<String, FixedState>,
    keys: HashSet<Key, FixedState>,
}

impl Called {
    /// Every text of the tickets that may be a name, or that one stands in.
    pub fn new(keys: &Keys<'_>, cases: &[(&Case, Option<&Snapshot>)]) -> Result<Self, serde_json::Error> {
        let mut names: HashSet<String, FixedState> = HashSet::default();
        for document in cases.iter().flat_map(|(_, ticket)| documents(*ticket)) {
            let document = serde_json::to_value(document)?;
            let fields = document.as_object().into_iter().flatten();
            for (_, value) in fields.filter(|(field, _)| !NO_NAMES.contains(&field.as_str())) {
                texts(value, &mut |text| {
                    names.extend(text.lines().flat_map(candidates));
                    if !text.contains('\n') {
                        names.insert(text.trim().to_owned());
                    }
                });
            }
        }
        let keys = names.iter().map(|name| keys.called(name)).collect();
        Ok(Self { names, keys })
    }

    /// The key of a thing's name, if a ticket speaks of it.
    pub fn key(&self, keys: &Keys<'_>, name: &str) -> Option<Key> {
        if self.keys.is_empty() {
            return None;
        }
        self.keys.get(&keys.called(name)).copied()
    }

    fn mark(&self, closure: &mut Closure<'_>, keys: &Keys<'_>, inputs: &Inputs<'_>) {
        for name in &self.names {
            let number = JoinKey { kind: KeyKind::EmployeeNumber, value: name.clone(), issuer: None };
            let anywhere = [keys.called(name), keys.join(&number), keys.address(name)];
            let somewhere = inputs.in_scope.keys().flat_map(|system| {
                let by_id = keys.named_object(system.as_str(), Noun::Integration, name);
                [keys.login(system, name), by_id]
            });
            anywhere.into_iter().chain(somewhere).for_each(|key| closure.who(key, SHOWN));
        }
    }
}

fn texts(value: &Value, take: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, take)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, take)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn documents(ticket: Option<&Snapshot>) -> impl Iterator<Item = &Record> {
    let records = ticket.into_iter().flat_map(Snapshot::records).map(|(_, record)| record);
    records.filter(|record| matches!(record, Record::Document(_)))
}

/// Marks everybody and everything that is spoken of.
pub(super) fn mark(
    closure: &mut Closure<'_>,
    keys: &Keys<'_>,
    inputs: &Inputs<'_>,
    cases: &[(&Case, Option<&Snapshot>)],
    called: &Called,
) -> Result<(), serde_json::Error> {
    for (case, ticket) in cases {
        for who in &case.subject.who {
            closure.who(keys.who(keys.directory(), who), LEAVER);
        }
        for document in documents(*ticket) {
            spoken_of(closure, keys, document)?;
        }
    }
    called.mark(closure, keys, inputs);
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
            // The key of a ticket is a text, and none of these.
            let key = fields.get("key").map(|key| serde_json::from_value::<JoinKey>(key.clone()));
            if let Some(Ok(key)) = key {
                take(keys.join(&key));
            }
            fields.values().for_each(|value| look(value, take, keys));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
