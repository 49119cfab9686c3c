//! Turns the schemas of OpenAPI 3.0 and Swagger 2.0 into plain JSON Schema.

use serde_json::{Map, Value, json};

/// The same document with every schema in today's words:
///
/// - `nullable: true` becomes a second type (or an alternative, beside a reference);
/// - a list under `items` becomes `anyOf`: Slack writes alternatives that way;
/// - `exclusiveMinimum: true` and the like, which changed their meaning, are dropped.
pub(super) fn modern(value: &Value) -> Value {
    match value {
        Value::Array(rows) => rows.iter().map(modern).collect(),
        Value::Object(map) => object(map),
        other => other.clone(),
    }
}

fn object(map: &Map<String, Value>) -> Value {
    let mut out: Map<String, Value> = map.iter().map(|(name, value)| (name.clone(), modern(value))).collect();
    for name in ["exclusiveMinimum", "exclusiveMaximum"] {
        if out.get(name).is_some_and(Value::is_boolean) {
            out.remove(name);
        }
    }
    if let Some(Value::Array(alternatives)) = out.get("items").cloned() {
        if out.get("type").is_some_and(|kind| kind == "array") {
            out.insert("items".to_owned(), json!({ "anyOf": alternatives }));
        } else {
            out.remove("items");
            out.insert("anyOf".to_owned(), Value::Array(alternatives));
        }
    }
    if out.get("nullable") == Some(&json!(true)) {
        out.remove("nullable");
        return nullable(out);
    }
    Value::Object(out)
}

fn nullable(mut schema: Map<String, Value>) -> Value {
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let combined = ["$ref", "allOf", "anyOf", "oneOf"].iter().any(|word| schema.contains_key(*word));
    match schema.get("type").cloned() {
        Some(Value::String(kind)) if !combined => {
            schema.insert("type".to_owned(), json!([kind, "null"]));
            Value::Object(schema)
        }
        _ => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without this, a null the vendor allows would be reported as a fault of the sandbox, or the other way round.
    #[test]
    fn nullable_and_listed_alternatives_become_plain_schema() {
        let cases = [
            (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
            (json!({"$ref": "#/x", "nullable": true}), json!({"anyOf": [{"$ref": "#/x"}, {"type": "null"}]})),
            (
                json!({"type": "array", "items": [{"type": "null"}, {"type": "string"}]}),
                json!({"type": "array", "items": {"anyOf": [{"type": "null"}, {"type": "string"}]}}),
            ),
            (json!({"items": [{"type": "null"}]}), json!({"anyOf": [{"type": "null"}]})),
        ];
        for (old, new) in cases {
            assert_eq!(modern(&old), new);
        }
    }
}
