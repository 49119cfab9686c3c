//! Answers made up from a description: with everything in it, with the least it allows, with null wherever it may be.

use exeunt_sandbox::contract::Contract;
use serde_json::{Map, Value, json};

/// Which of the answers a description allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Corner {
    /// Every property there is.
    Full,
    /// Required properties only.
    Least,
    /// Every property, null where that is allowed.
    Nulls,
}

impl Corner {
    pub const ALL: [Self; 3] = [Self::Full, Self::Least, Self::Nulls];
}

/// How deep an answer is filled; schemas refer to themselves.
const DEPTH: usize = 9;

/// One answer of this schema.
pub fn made_up(contract: &Contract, schema: &Value, corner: Corner) -> Value {
    let mut count = 0;
    value(contract, schema, corner, DEPTH, &mut count)
}

fn value(contract: &Contract, schema: &Value, corner: Corner, depth: usize, count: &mut u64) -> Value {
    let schema = contract.resolve(schema);
    let nullable = schema["type"].as_array().is_some_and(|types| types.contains(&json!("null")))
        || schema["anyOf"].as_array().is_some_and(|any| any.iter().any(|one| one["type"] == "null"));
    if nullable && corner == Corner::Nulls && depth < DEPTH {
        return Value::Null;
    }
    if depth == 0 {
        return if schema["type"] == "object" { json!({}) } else { Value::Null };
    }
    if let Some(example) = schema["enum"].as_array().and_then(|values| values.iter().find(|v| !v.is_null())) {
        return example.clone();
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(first) =
            schema[word].as_array().and_then(|all| all.iter().find(|one| one["type"] != "null"))
        {
            return value(contract, first, corner, depth - 1, count);
        }
    }
    if let Some(all) = schema["allOf"].as_array() {
        let mut merged = Map::new();
        for part in all.iter().chain(std::iter::once(&without(schema, "allOf"))) {
            if let Value::Object(part) = value(contract, part, corner, depth - 1, count) {
                merged.extend(part);
            }
        }
        return Value::Object(merged);
    }
    of_type(contract, schema, corner, depth, count)
}

fn without(schema: &Value, word: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(map) = schema.as_object_mut() {
        map.remove(word);
    }
    schema
}

fn of_type(contract: &Contract, schema: &Value, corner: Corner, depth: usize, count: &mut u64) -> Value {
    let kind = schema["type"].as_str().or_else(|| {
        schema["type"]
            .as_array()
            .and_then(|types| types.iter().filter_map(Value::as_str).find(|t| *t != "null"))
    });
    let kind = kind.unwrap_or(if schema["properties"].is_object() { "object" } else { "string" });
    *count += 1;
    match kind {
        "object" => {
            let required: Vec<&str> =
                schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut object = Map::new();
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                if corner != Corner::Least || required.contains(&name.as_str()) {
                    object.insert(name.clone(), value(contract, property, corner, depth - 1, count));
                }
            }
            Value::Object(object)
        }
        "array" => {
            let one = value(contract, &schema["items"], corner, depth - 1, count);
            let other = value(contract, &schema["items"], corner, depth - 1, count);
            json!([one, other])
        }
        "integer" | "number" => json!(*count),
        "boolean" => json!(true),
        "null" => Value::Null,
        _ => match schema["format"].as_str() {
            Some("date-time") => json!("2026-10-01T09:00:00Z"),
            Some("date") => json!("2026-10-01"),
            Some("uri" | "url") => json!(format!("https://vendor.example/{count}")),
            Some("email") => json!(format!("person{count}@acme.example")),
            _ => json!(format!("text-{count}")),
        },
    }
}
