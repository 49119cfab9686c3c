//! Okta, the authoritative directory: users, groups and their rules, API tokens, applications, grants.

mod state;
mod view;

pub use state::{ApiToken, App, Grant, Group, Rule, State, Status, User};

use serde_json::{Value, json};

use crate::{answer::Answer, call::Call, credentials, paging, systems::System, world::World};

/// Answers one call as Okta does.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    if call.authorization("SSWS") != Some(credentials::of(System::Okta)) {
        return error(401, "E0000011", "Invalid token provided");
    }
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let okta = &world.okta;
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["api", "v1", "users"]) => users(world, call),
        ("GET", ["api", "v1", "users", id]) => found(okta.user(id).map(view::user), "User", id),
        ("GET", ["api", "v1", "users", id, "grants"]) => {
            let Some(user) = okta.user(id) else {
                return missing("User", id);
            };
            let grants = okta.grants.iter().filter(|grant| grant.user == user.id);
            list(world, call, "grants", &grants.map(view::grant).collect::<Vec<_>>())
        }
        ("GET", ["api", "v1", "users", id, "groups"]) => {
            let Some(user) = okta.user(id) else {
                return missing("User", id);
            };
            let groups = okta.groups.iter().filter(|group| group.members.contains(&user.id));
            list(world, call, "usergroups", &groups.map(view::group).collect::<Vec<_>>())
        }
        ("GET", ["api", "v1", "groups"]) => {
            list(world, call, "groups", &okta.groups.iter().map(view::group).collect::<Vec<_>>())
        }
        ("GET", ["api", "v1", "groups", "rules"]) => {
            list(world, call, "rules", &okta.rules.iter().map(view::rule).collect::<Vec<_>>())
        }
        ("GET", ["api", "v1", "groups", id, "users"]) => {
            let Some(group) = okta.groups.iter().find(|group| group.id == *id) else {
                return missing("UserGroup", id);
            };
            let members = group.members.iter().filter_map(|id| okta.user(id));
            list(world, call, "members", &members.map(view::user).collect::<Vec<_>>())
        }
        ("GET", ["api", "v1", "users", id, "factors"]) => match okta.user(id) {
            None => missing("User", id),
            Some(user) => Answer::ok(&view::factors(user)),
        },
        ("GET", ["api", "v1", "groups", id, "roles" | "owners"]) => {
            let known = okta.groups.iter().any(|group| group.id == *id);
            if known { none() } else { missing("UserGroup", id) }
        }
        ("GET", ["api", "v1", "iam", "assignees", "users"]) => Answer::ok(&view::assignees(okta)),
        ("GET", ["api", "v1", "apps", id, "tokens" | "grants"]) => of_app(world, id, none),
        ("GET", ["api", "v1", "apps", id, "credentials", "secrets" | "jwks"]) => of_app(world, id, none),
        ("GET", ["oauth2", "v1", "clients", id, "roles"]) => of_app(world, id, none),
        // The company installed no API service integrations, links no identity providers and has no hooks.
        (
            "GET",
            ["integrations", "api", "v1", "api-services"]
            | ["api", "v1", "idps" | "eventHooks" | "inlineHooks"],
        ) => none(),
        // This list has no pages in Okta's description.
        ("GET", ["api", "v1", "api-tokens"]) => Answer::ok(&okta.tokens.iter().map(view::token).collect()),
        ("GET", ["api", "v1", "apps"]) => {
            list(world, call, "apps", &okta.apps.iter().map(view::app).collect::<Vec<_>>())
        }
        ("GET", ["api", "v1", "apps", id, "users"]) => {
            let Some(app) = okta.apps.iter().find(|app| app.id == *id) else {
                return missing("AppInstance", id);
            };
            let users = app.users.iter().filter_map(|id| okta.user(id));
            let rows: Vec<Value> = users.map(view::app_user).collect();
            list(world, call, "appusers", &rows)
        }
        (_, ["api", "v1", ..]) if call.method != "GET" => {
            error(405, "E0000022", "The endpoint does not support the provided HTTP method")
        }
        _ => missing("resource", &call.path),
    }
}

/// Without a search or filter the list leaves out deactivated users: the classic trap.
fn users(world: &World, call: &Call) -> Answer {
    let everybody = call.param("filter").is_some_and(|text| text.trim_start().starts_with("lastUpdated gt "));
    let wanted = match call.param("search").or_else(|| call.param("filter")) {
        None => None,
        Some(_) if everybody => None,
        Some(text) => match status_searched(text) {
            Some(status) => Some(status),
            None => {
                return error(400, "E0000031", &format!("Invalid search criteria: {text}"));
            }
        },
    };
    let rows: Vec<Value> = world
        .okta
        .users
        .iter()
        .filter(|user| match wanted {
            Some(status) => user.status == status,
            None => everybody || user.status != Status::Deprovisioned,
        })
        .map(view::user)
        .collect();
    list(world, call, "users", &rows)
}

/// Reads `status eq "DEPROVISIONED"`, the only kind of search the company's readers need.
fn status_searched(text: &str) -> Option<Status> {
    let rest = text.trim().strip_prefix("status")?.trim_start();
    let value = rest.strip_prefix("eq")?.trim();
    Status::named(value.strip_prefix('"')?.strip_suffix('"')?)
}

fn list(world: &World, call: &Call, name: &str, rows: &[Value]) -> Answer {
    let Some(start) = paging::start(call, "after", name) else {
        return error(400, "E0000001", "Api validation failed: after");
    };
    let page = paging::page(rows, start, paging::size(call, "limit", world.page_cap));
    let link = |rel: &str, url: &str| format!("<{url}>; rel=\"{rel}\"");
    let own = format!("{}{}", call.origin(), call.path);
    let mut links = vec![link("self", &own)];
    if let Some(next) = page.next {
        links.push(link("next", &call.url_with(&[("after", paging::cursor(name, next))])));
    }
    Answer::ok(&Value::from(page.rows.to_vec()))
        .with("link", links.join(", "))
        .with("x-rate-limit-limit", "600".to_owned())
        .with("x-rate-limit-remaining", "599".to_owned())
}

fn none() -> Answer {
    Answer::ok(&json!([]))
}

/// What one application has.
fn of_app(world: &World, id: &str, has: impl Fn() -> Answer) -> Answer {
    if world.okta.apps.iter().any(|app| app.id == id) { has() } else { missing("AppInstance", id) }
}

fn found(body: Option<Value>, kind: &str, id: &str) -> Answer {
    body.map_or_else(|| missing(kind, id), |body| Answer::ok(&body))
}

fn missing(kind: &str, id: &str) -> Answer {
    error(404, "E0000007", &format!("Not found: Resource not found: {id} ({kind})"))
}

fn error(status: u16, code: &str, summary: &str) -> Answer {
    Answer::json(
        status,
        &json!({
            "errorCode": code,
            "errorSummary": summary,
            "errorLink": code,
            "errorId": "oaeSandbox",
            "errorCauses": [],
        }),
    )
}
