//! Drafts of descriptions, small and real.

use std::path::Path;

use serde_json::{Value, json};

use super::{DECIDE, NoDraft, draft};
use crate::manifest::load;

fn list_of(name: &str, row: &Value, parameters: &Value, beside: &Value) -> Value {
    let mut properties = beside.clone();
    properties[name] = json!({"type": "array", "items": row});
    json!({"get": {
        "summary": "List them", "parameters": parameters,
        "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": properties}}}}},
    }})
}

fn query(name: &str) -> Value {
    json!({"name": name, "in": "query", "schema": {"type": "string"}})
}

fn small() -> Value {
    let user = json!({"type": "object", "required": ["id"], "properties": {
        "id": {"type": "string"}, "login": {"type": "string"}, "email": {"type": "string"}, "active": {"type": "boolean"}}});
    let token = json!({"$ref": "#/components/schemas/Token"});
    json!({
        "openapi": "3.0.0", "info": {"title": "Acme \"Wiki\""}, "servers": [{"url": "https://wiki.acme.example/api"}],
        "components": {"schemas": {"Token": {"allOf": [{"properties": {
            "id": {"type": "integer"}, "label": {"type": "string"}, "expires_at": {"type": "string"}}}]}}},
        "paths": {
            "/users": list_of("data", &user, &json!([query("cursor"), query("limit")]), &json!({"next_cursor": {"type": "string"}})),
            "/users/{userId}/tokens": list_of("items", &token, &json!([]), &json!({})),
            "/weather": list_of("items", &user, &json!([]), &json!({})),
            "/orgs/{org}/hooks": list_of("items", &user, &json!([]), &json!({})),
            "/health": {"get": {"responses": {"200": {"description": "fine"}}}},
        },
    })
}

/// The hours of reading a vendor's pages shrink to going through a list of questions.
#[test]
fn lists_paging_and_fields_are_found() {
    let drafted = draft("wiki", &small()).expect("a draft");
    let reads: Vec<&str> = drafted.reads.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(reads, ["users", "hooks", "tokens"]);
    for words in [
        "path: \"/api/users\"",
        "cursor: { from: '.[\"next_cursor\"]', into: \"cursor\" }",
        "rows: '.[\"data\"]'",
        "path: \"/api/users/{user_id}/tokens\"",
        "bind: { user_id: .id }",
        "holder: {object: \"account/\\($user_id)\"}",
        "expires: (.expires_at | iso)",
        "title: \"Acme 'Wiki'\"",
        "settings:\n  org:",
    ] {
        assert!(drafted.manifest.contains(words), "`{words}` is not in:\n{}", drafted.manifest);
    }
    let left: Vec<&str> = drafted.left_out.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(left, ["/api/weather"]);
}

/// A draft that could be used as it is would be a guess that clears people.
#[test]
fn a_draft_does_not_load_until_it_is_decided() {
    let drafted = draft("wiki", &small()).expect("a draft");
    let told =
        load(&drafted.manifest, "wiki/manifest.yaml").expect_err("it is full of questions").to_string();
    assert!(told.contains("still to be decided"), "{told}");
    load(&drafted.manifest.replace(DECIDE, "decided:"), "wiki/manifest.yaml")
        .expect("loads once it is decided");
}

/// What is no description, or holds no list, is said so.
#[test]
fn what_cannot_be_drafted_says_why() {
    assert_eq!(draft("x", &json!({"swagger": "2.0"})), Err(NoDraft::NoPaths));
    assert_eq!(draft("x", &json!({"paths": {"/a": {"get": {}}}})), Err(NoDraft::NoLists(1)));
}

/// Real descriptions are as odd as their vendors: a draft of each is a manifest once its questions are answered.
#[test]
fn real_descriptions_become_drafts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors");
    let mut drafted = 0;
    for entry in std::fs::read_dir(folder).expect("the connectors") {
        let file = entry.expect("an entry").path().join("contract.json");
        let Ok(text) = std::fs::read_to_string(&file) else { continue };
        let document: Value = serde_json::from_str(&text).expect("JSON");
        let draft = match draft("drafted", &document) {
            // Google's asset inventory is searches only: which of them speaks of access nothing in their names says.
            Err(NoDraft::NoLists(_)) => continue,
            drafted => drafted.unwrap_or_else(|e| panic!("{}: {e}", file.display())),
        };
        let decided = draft.manifest.replace(DECIDE, "decided:");
        if let Err(errors) = load(&decided, &file.display().to_string()) {
            panic!("{errors}\n{decided}");
        }
        drafted += draft.reads.len();
    }
    assert!(drafted > 40, "{drafted} reads were drafted");
}
