//! The document against the published schema of manifests: every unknown field, missing field and
//! unknown variant at once, where the deserialiser would stop at the first.

use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::Findings;
use super::names::nearest;
use super::tree::Node;

fn schema() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| exeunt_model::schema::schema("manifest").unwrap_or_default())
}

/// Checks names of fields and variants. Types of scalars are left to the deserialiser.
pub(super) fn check(tree: &Node, findings: &mut Findings<'_>) {
    walk(tree, schema(), 1, &mut Vec::new(), findings);
}

fn resolve(mut schema: &Value) -> &Value {
    while let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let pointer = reference.trim_start_matches('#');
        let Some(target) = self::schema().pointer(pointer) else { break };
        schema = target;
    }
    schema
}

fn walk(node: &Node, schema: &Value, line: u64, place: &mut Vec<String>, findings: &mut Findings<'_>) {
    let schema = resolve(schema);
    for choice in ["oneOf", "anyOf"] {
        if let Some(variants) = schema.get(choice).and_then(Value::as_array) {
            return walk_choice(node, variants, line, place, findings);
        }
    }
    match node {
        Node::Map(entries) => walk_map(entries, schema, line, place, findings),
        Node::List(items) => {
            let Some(of) = schema.get("items") else { return };
            for (index, (line, item)) in items.iter().enumerate() {
                place.push(index.to_string());
                walk(item, of, *line, place, findings);
                place.pop();
            }
        }
        Node::Scalar(_) => {}
    }
}

fn walk_map(
    entries: &[(String, u64, Node)],
    schema: &Value,
    line: u64,
    place: &mut Vec<String>,
    findings: &mut Findings<'_>,
) {
    let none = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let others = schema.get("additionalProperties");
    for (key, line, value) in entries {
        place.push(key.clone());
        match (known.get(key), others) {
            (Some(of), _) => walk(value, of, *line, place, findings),
            (None, Some(Value::Bool(false))) => unknown(key, known.keys(), *line, place, findings),
            (None, Some(of @ Value::Object(_))) => walk(value, of, *line, place, findings),
            _ => {}
        }
        place.pop();
    }
    let required = schema.get("required").and_then(Value::as_array);
    for name in required.into_iter().flatten().filter_map(Value::as_str) {
        if !entries.iter().any(|(key, ..)| key == name) {
            let about = known.get(name).and_then(|field| field.get("description")).and_then(Value::as_str);
            findings.at_line(line, place.join("."), format!("`{name}` is missing"), why(name, about));
        }
    }
}

fn why(name: &str, about: Option<&str>) -> String {
    if name == "paging" {
        return "say how the listing goes on and ends; without that it could come out short unnoticed"
            .to_owned();
    }
    let first = about.and_then(|text| text.lines().next()).unwrap_or_default();
    format!("add it: {first}")
}

fn unknown<'a>(
    key: &str,
    known: impl Iterator<Item = &'a String>,
    line: u64,
    place: &[String],
    findings: &mut Findings<'_>,
) {
    let known: Vec<&str> = known.map(String::as_str).collect();
    let hint = match nearest(key, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    findings.at_line(line, place.join("."), format!("unknown field `{key}`"), hint);
}

/// An enum as serde writes it: a bare word, or a mapping with the variant's name as its one key.
fn walk_choice(
    node: &Node,
    variants: &[Value],
    line: u64,
    place: &mut Vec<String>,
    findings: &mut Findings<'_>,
) {
    let variants: Vec<&Value> = variants.iter().map(resolve).collect();
    let mut words: Vec<&str> = Vec::new();
    let mut open = false;
    for variant in &variants {
        words.extend(variant.get("const").and_then(Value::as_str));
        words.extend(
            variant.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str),
        );
        let wrapped = variant.get("properties").and_then(Value::as_object).filter(|p| p.len() == 1);
        words.extend(wrapped.into_iter().flat_map(|p| p.keys().map(String::as_str)));
        let named = ["const", "enum"].iter().any(|key| variant.get(*key).is_some()) || wrapped.is_some();
        open |= !named && variant.get("type").and_then(Value::as_str) != Some("null");
    }
    if open {
        // `Option<Struct>`: null or the one thing.
        let inner = variants.iter().find(|v| v.get("type").and_then(Value::as_str) != Some("null"));
        if let (Some(inner), Node::Map(_) | Node::List(_)) = (inner, node) {
            walk(node, inner, line, place, findings);
        }
        return;
    }
    let (word, line, inner) = match node {
        Node::Map(entries) if entries.len() == 1 => (&entries[0].0, entries[0].1, Some(&entries[0].2)),
        Node::Scalar(Some(word)) => (word, line, None),
        Node::Scalar(None) => return,
        _ => {
            let says = format!("expected one of: {}", words.join(", "));
            return findings.at_line(line, place.join("."), says, "write exactly one of them");
        }
    };
    if !words.contains(&word.as_str()) {
        let hint = nearest(word, words.iter().copied()).map_or_else(
            || format!("known here: {}", words.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        return findings.at_line(line, place.join("."), format!("unknown choice `{word}`"), hint);
    }
    let of = variants.iter().find_map(|variant| variant.get("properties")?.get(word));
    if let (Some(of), Some(inner)) = (of, inner) {
        place.push(word.clone());
        walk(inner, of, line, place, findings);
        place.pop();
    }
}
