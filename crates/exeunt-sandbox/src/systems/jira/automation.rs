//! The automation API: rules in short, and one rule in full.

use serde_json::{Value, json};

use super::state::Rule;
use crate::{answer::Answer, calendar::iso_millis, call::Call, paging, story, world::World};

pub(super) fn answer(world: &World, call: &Call, path: &[&str]) -> Answer {
    match (call.method.as_str(), path) {
        ("GET", ["summary"]) => summaries(world, call),
        ("GET", [uuid]) => {
            let known = world.jira.rules.iter().find(|rule| rule.uuid == *uuid);
            known.map_or_else(
                || failure(404, "RULE_NOT_FOUND", "Rule not found"),
                |rule| Answer::ok(&json!({ "rule": whole(world, rule) })),
            )
        }
        _ => failure(404, "NOT_FOUND", "Not found"),
    }
}

/// The links carry query parameters only, not addresses.
fn summaries(world: &World, call: &Call) -> Answer {
    let rows: Vec<Value> = world.jira.rules.iter().map(summary).collect();
    let Some(start) = paging::start(call, "cursor", "rules") else {
        return failure(400, "INVALID_CURSOR", "Invalid cursor");
    };
    let page = paging::page(&rows, start, paging::size(call, "limit", world.page_cap));
    let link = |offset| json!(format!("?cursor={}&limit={}", paging::cursor("rules", offset), page.size));
    let links = json!({ "self": link(start), "next": page.next.map(link), "prev": null });
    Answer::ok(&json!({ "links": links, "data": page.rows }))
}

fn state(rule: &Rule) -> &'static str {
    if rule.enabled { "ENABLED" } else { "DISABLED" }
}

fn scope() -> Value {
    json!([format!("ari:cloud:jira:{}:project/10101", story::CLOUD_ID)])
}

fn summary(rule: &Rule) -> Value {
    json!({
        "uuid": rule.uuid,
        "name": rule.name,
        "description": "",
        "state": state(rule),
        "authorAccountId": rule.author,
        "actorAccountId": rule.actor,
        "created": iso_millis(rule.created),
        "updated": iso_millis(rule.updated),
        "labels": [],
        "ruleScopeARIs": scope(),
    })
}

fn whole(world: &World, rule: &Rule) -> Value {
    let person = world.jira.user(&rule.actor).is_some_and(|user| user.account_type == "atlassian");
    let request = rule.sends_to.map(|url| {
        json!({ "component": "ACTION", "type": "jira.issue.outgoing.webhook", "value": { "url": url, "method": "POST" } })
    });
    json!({
        "uuid": rule.uuid,
        "name": rule.name,
        "description": "",
        "state": state(rule),
        "authorAccountId": rule.author,
        "actor": { "type": if person { "ACCOUNT_ID" } else { "APP" }, "actor": rule.actor },
        "collaborators": [],
        "created": iso_millis(rule.created),
        "updated": iso_millis(rule.updated),
        "trigger": { "component": "TRIGGER", "type": rule.trigger },
        "components": request.into_iter().collect::<Vec<_>>(),
        "connections": [],
        "labels": [],
        "ruleScopeARIs": scope(),
        "notifyOnError": "FIRSTERROR",
        "writeAccessType": "OWNER_ONLY",
    })
}

fn failure(status: u16, code: &str, detail: &str) -> Answer {
    Answer::json(status, &json!({ "errors": [{ "status": status, "code": code, "detail": detail }] }))
}
