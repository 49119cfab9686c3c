//! The two GraphQL queries that are answered: who am I, and the SAML identities of an organization's members.

use serde_json::{Value, json};

use super::state::MACHINE;
use crate::{answer::Answer, call::Call, paging, story, world::World};

/// Takes the query's variables `org`/`login`/`organization`, `first` and `after`, or the same arguments written into
/// the query text.
pub(super) fn answer(world: &World, call: &Call) -> Answer {
    let body = call.json();
    let query = body["query"].as_str().unwrap_or_default();
    if query.contains("viewer") {
        return Answer::ok(&json!({ "data": { "viewer": { "login": MACHINE } } }));
    }
    if !query.contains("externalIdentities") {
        return failure(
            "Only viewer and organization.samlIdentityProvider.externalIdentities is served here",
        );
    }
    let variables = &body["variables"];
    let login = ["org", "login", "organization", "owner"]
        .iter()
        .find_map(|name| variables[*name].as_str())
        .or_else(|| quoted(query, "login"))
        .unwrap_or_default();
    if login != story::GITHUB_ORG {
        return failure(&format!("Could not resolve to an Organization with the login of '{login}'."));
    }
    let cursor = ["after", "cursor"]
        .iter()
        .find_map(|name| variables[*name].as_str())
        .or_else(|| quoted(query, "after"));
    let Some(start) = cursor.map_or(Some(0), |cursor| paging::offset("saml", cursor)) else {
        return failure("`after` does not appear to be a valid cursor.");
    };
    let cap = world.page_cap;
    let first = variables["first"].as_u64().and_then(|first| usize::try_from(first).ok());
    let page = paging::page(&world.github.identities, start, first.unwrap_or(cap).clamp(1, cap));
    let nodes: Vec<Value> = page
        .rows
        .iter()
        .map(|identity| {
            json!({
                "guid": identity.guid,
                "samlIdentity": { "nameId": identity.name_id },
                "user": identity.user.as_ref().map(|user| json!({ "databaseId": user.id, "login": user.login })),
            })
        })
        .collect();
    let end = paging::cursor("saml", start + nodes.len());
    Answer::ok(&json!({ "data": { "organization": { "samlIdentityProvider": { "externalIdentities": {
        "pageInfo": { "hasNextPage": page.next.is_some(), "endCursor": end },
        "nodes": nodes,
    } } } } }))
}

/// The text in quotes after `name:` in a query.
fn quoted<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = query.split_once(&format!("{name}:"))?;
    rest.trim_start().strip_prefix('"')?.split('"').next()
}

/// GraphQL answers errors with status 200.
fn failure(text: &str) -> Answer {
    Answer::ok(&json!({ "data": null, "errors": [{ "type": "NOT_FOUND", "message": text }] }))
}
