//! The Jira site behind Atlassian's gateway: people, projects, filters, tickets, links, automation.

mod automation;
mod document;
mod issue_view;
mod jql;
mod seed;
mod state;
mod tickets;
mod view;

pub use state::{
    AppLink, Approval, AuditRecord, Change, Comment, Dashboard, Filter, Group, Issue, IssueKind, IssueStatus,
    Project, Role, Rule, State, User, Webhook,
};

use serde_json::{Value, json};

use crate::{answer::Answer, call::Call, credentials, paging, story, systems::System, world::World};

/// Answers one call as the gateway does.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    if call.authorization("Bearer") != Some(credentials::of(System::Jira)) {
        return Answer::json(401, &json!({ "code": 401, "message": "Unauthorized" }));
    }
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["ex", "jira", cloud, "rest", rest @ ..] if *cloud == story::CLOUD_ID => rest_api(world, call, rest),
        ["automation", "public", "jira", cloud, "rest", "v1", "rule", rest @ ..]
            if *cloud == story::CLOUD_ID =>
        {
            automation::answer(world, call, rest)
        }
        // Nobody of the company uses forms.
        ["jira", "forms", "cloud", cloud, "issue", key, "form"] if *cloud == story::CLOUD_ID => {
            issue(world, key, |_| Answer::ok(&json!([])))
        }
        _ => Answer::json(404, &json!({ "code": 404, "message": "Not Found" })),
    }
}

fn rest_api(world: &World, call: &Call, path: &[&str]) -> Answer {
    let jira = &world.jira;
    if let ("POST", ["api", "3", "search", "jql"]) = (call.method.as_str(), path) {
        return search(world, call);
    }
    if call.method != "GET" {
        return errors(405, "Method Not Allowed");
    }
    match path {
        ["api", "3", "serverInfo"] => Answer::ok(&view::server_info(world.now())),
        ["api", "3", "myself"] => user(jira.user(&state::reader_id(&world.staff))),
        ["api", "3", "user"] => user(jira.user(call.param("accountId").unwrap_or_default())),
        ["api", "3", "users", "search"] | ["api", "3", "users"] => users(world, call),
        ["api", "3", "group", "bulk"] => beans(world, call, jira.groups.iter().map(view::group_details)),
        ["api", "3", "group", "member"] => group_members(world, call),
        ["api", "3", "project", "search"] => {
            beans(world, call, jira.projects.iter().map(|project| view::project(jira, project)))
        }
        ["api", "3", "project", key, "role"] => project(world, key, view::role_links),
        ["api", "3", "project", key, "role", id] => role(world, key, id),
        ["api", "3", "filter", "search"] => {
            let owner = call.param("accountId");
            let wanted = |filter: &&Filter| owner.is_none_or(|owner| owner == filter.owner);
            beans(world, call, jira.filters.iter().filter(wanted).map(|filter| view::filter(jira, filter)))
        }
        ["api", "3", "dashboard", "search"] => {
            let owner = call.param("accountId");
            let wanted = |board: &&Dashboard| owner.is_none_or(|owner| owner == board.owner);
            beans(
                world,
                call,
                jira.dashboards.iter().filter(wanted).map(|board| view::dashboard(jira, board)),
            )
        }
        ["api", "3", "auditing", "record"] => audit(world, call),
        ["api", "3", "search", "jql"] => search(world, call),
        ["api", "3", "issue", key] => issue(world, key, |issue| {
            Answer::ok(&issue_view::issue(
                world,
                issue,
                &issue_view::fields_of(call.param("fields")),
                call.param("expand"),
            ))
        }),
        ["api", "3", "issue", key, "comment"] => issue(world, key, |issue| {
            let mut rows: Vec<Value> =
                issue.comments.iter().map(|one| issue_view::comment(jira, issue, one)).collect();
            if call.param("orderBy") == Some("-created") {
                rows.reverse();
            }
            let page = offset_page(world, call, &rows);
            Answer::ok(&json!({
                "startAt": page.start, "maxResults": page.size, "total": page.total, "comments": page.rows,
            }))
        }),
        ["api", "3", "issue", key, "changelog"] => issue(world, key, |issue| {
            beans(world, call, issue.changes.iter().map(|change| issue_view::change(jira, change)))
        }),
        ["webhooks", "1.0", "webhook"] => Answer::ok(&jira.webhooks.iter().map(view::webhook).collect()),
        ["applinks", "latest", "applicationlink"] => {
            Answer::ok(&json!({ "list": jira.links.iter().map(view::app_link).collect::<Vec<_>>() }))
        }
        ["servicedeskapi", "request", key] => {
            issue(world, key, |issue| Answer::ok(&issue_view::request(jira, issue)))
        }
        ["servicedeskapi", "request", key, "approval"] => {
            issue(world, key, |issue| approvals(world, call, issue))
        }
        _ => errors(404, "Not Found"),
    }
}

/// A bare array, with nothing to say where it ends but the last empty page.
fn users(world: &World, call: &Call) -> Answer {
    let rows: Vec<Value> = world.jira.users.iter().map(view::user).collect();
    let page = offset_page(world, call, &rows);
    Answer::ok(&Value::from(page.rows.to_vec()))
}

fn user(user: Option<&User>) -> Answer {
    user.map_or_else(
        || errors(404, "Specified user does not exist or you do not have required permissions"),
        |user| Answer::ok(&view::user(user)),
    )
}

fn group_members(world: &World, call: &Call) -> Answer {
    let id = call.param("groupId").unwrap_or_default();
    let name = call.param("groupname");
    let wanted = |group: &&Group| group.id == id || Some(group.name.as_str()) == name;
    let Some(group) = world.jira.groups.iter().find(wanted) else {
        return errors(404, "The group does not exist.");
    };
    let inactive = call.param("includeInactiveUsers") == Some("true");
    let members = group.members.iter().filter_map(|id| world.jira.user(id));
    beans(world, call, members.filter(|user| user.active || inactive).map(view::user))
}

fn project(world: &World, key: &str, body: impl Fn(&Project) -> Value) -> Answer {
    let known = world.jira.projects.iter().find(|project| project.key == key || project.id == key);
    known.map_or_else(
        || errors(404, &format!("No project could be found with key '{key}'.")),
        |project| Answer::ok(&body(project)),
    )
}

fn role(world: &World, key: &str, id: &str) -> Answer {
    let known = world.jira.projects.iter().find(|project| project.key == key || project.id == key);
    let found = known
        .and_then(|project| Some((project, project.roles.iter().find(|role| role.id.to_string() == id)?)));
    found.map_or_else(
        || errors(404, "The project or the role does not exist."),
        |(project, role)| Answer::ok(&view::role(&world.jira, project, role)),
    )
}

fn audit(world: &World, call: &Call) -> Answer {
    let words = call.param("filter").unwrap_or_default().to_lowercase();
    let rows: Vec<Value> = world
        .jira
        .audit
        .iter()
        .filter(|record| words.split_whitespace().all(|word| record.summary.to_lowercase().contains(word)))
        .map(view::audit_record)
        .collect();
    let size = paging::size(call, "limit", world.page_cap);
    let page = paging::page(&rows, call.number("offset").unwrap_or(0), size);
    Answer::ok(&json!({
        "offset": page.start, "limit": page.size, "total": page.total, "records": page.rows,
    }))
}

fn issue(world: &World, key: &str, body: impl Fn(&Issue) -> Answer) -> Answer {
    let known = world.jira.issues.iter().find(|issue| issue.key == key || issue.id.to_string() == key);
    known.map_or_else(|| errors(404, "Issue does not exist or you do not have permission to see it."), body)
}

fn approvals(world: &World, call: &Call, issue: &Issue) -> Answer {
    let rows: Vec<Value> = issue.approvals.iter().map(|one| issue_view::approval(&world.jira, one)).collect();
    let page =
        paging::page(&rows, call.number("start").unwrap_or(0), paging::size(call, "limit", world.page_cap));
    Answer::ok(&json!({
        "size": page.rows.len(),
        "start": page.start,
        "limit": page.size,
        "isLastPage": page.next.is_none(),
        "values": page.rows,
    }))
}

/// Takes its arguments from the query (GET) or the body (POST); the answer has no total, only a token for more.
fn search(world: &World, call: &Call) -> Answer {
    let body = call.json();
    let text = |name: &str| call.param(name).or_else(|| body[name].as_str());
    let matches = match jql::parse(text("jql").unwrap_or_default()) {
        Ok(matches) => matches,
        Err(reason) => return errors(400, &reason),
    };
    let fields = match body["fields"].as_array() {
        Some(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        None if call.method == "GET" => issue_view::fields_of(call.param("fields").or(Some("id"))),
        None => vec!["id".to_owned()],
    };
    let rows: Vec<Value> = world
        .jira
        .issues
        .iter()
        .filter(|issue| matches.accepts(world, issue))
        .map(|issue| issue_view::issue(world, issue, &fields, None))
        .collect();
    let token = text("nextPageToken");
    let Some(start) = token.map_or(Some(0), |token| paging::offset("jql", token)) else {
        return errors(400, "The provided next page token is invalid.");
    };
    let asked = call
        .number("maxResults")
        .or_else(|| body["maxResults"].as_u64().and_then(|size| usize::try_from(size).ok()));
    let page = paging::page(&rows, start, asked.unwrap_or(50).clamp(1, world.page_cap));
    let mut answer = json!({ "issues": page.rows, "isLast": page.next.is_none() });
    if let Some(next) = page.next {
        answer["nextPageToken"] = json!(paging::cursor("jql", next));
    }
    Answer::ok(&answer)
}

fn offset_page<'a>(world: &World, call: &Call, rows: &'a [Value]) -> paging::Page<'a, Value> {
    let size = paging::size(call, "maxResults", world.page_cap);
    paging::page(rows, call.number("startAt").unwrap_or(0), size)
}

/// Where the vendor serves Jira Cloud to apps.
const GATEWAY: &str = "api.atlassian.com";

/// Jira's page with `startAt`, `total` and `isLast`.
fn beans(world: &World, call: &Call, rows: impl Iterator<Item = Value>) -> Answer {
    let rows: Vec<Value> = rows.collect();
    let page = offset_page(world, call, &rows);
    let mut body = json!({
        "self": call.own_address(GATEWAY),
        "startAt": page.start,
        "maxResults": page.size,
        "total": page.total,
        "isLast": page.next.is_none(),
        "values": page.rows,
    });
    if let Some(next) = page.next {
        body["nextPage"] = json!(format!("{}?startAt={next}", call.own_address(GATEWAY)));
    }
    Answer::ok(&body)
}

fn errors(status: u16, text: &str) -> Answer {
    Answer::json(status, &json!({ "errorMessages": [text], "errors": {} }))
}
