//! The Slack workspace: members and bots, what was installed by whom, approved apps, user groups.

mod state;

pub use state::{App, Event, Group, Member, State};

use serde_json::{Value, json};

use crate::{
    answer::Answer,
    call::{Call, find},
    credentials, paging, story,
    systems::System,
    world::World,
};

const TEAM: &str = "T0HALDEN00";

/// Answers one call as Slack does: failures, too, have status 200.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    let call = &with_form(call);
    match call.authorization("Bearer").or_else(|| call.param("token")) {
        None => return failure("not_authed"),
        Some(token) if token != credentials::of(System::Slack) => return failure("invalid_auth"),
        Some(_) => {}
    }
    let slack = &world.slack;
    match call.path.trim_start_matches("/api/") {
        "auth.test" => Answer::ok(&json!({
            "ok": true,
            "url": "https://halden.slack.example/",
            "team": "Halden Instruments",
            "user": "oskar.weill",
            "team_id": TEAM,
            "user_id": world.staff.slack_id(story::ADMIN),
        })),
        "team.info" => Answer::ok(&json!({
            "ok": true,
            "team": {
                "id": TEAM,
                "name": "Halden Instruments",
                "domain": "halden",
                "email_domain": story::DOMAIN,
                "icon": { "image_default": true },
                "enterprise_id": "E0HALDEN00",
                "enterprise_name": "Halden Group",
            },
        })),
        "users.list" => {
            let rows: Vec<Value> = slack.members.iter().map(member).collect();
            by_cursor(
                world,
                call,
                "users",
                &rows,
                |rows| json!({ "ok": true, "members": rows, "cache_ts": world.now().as_second() }),
            )
        }
        "team.integrationLogs" => integration_logs(world, call),
        "admin.apps.approved.list" => {
            let rows: Vec<Value> = slack.apps.iter().map(app).collect();
            by_cursor(world, call, "apps", &rows, |rows| json!({ "ok": true, "approved_apps": rows }))
        }
        "usergroups.list" => {
            let rows: Vec<Value> = slack.groups.iter().map(|group| usergroup(group, call)).collect();
            Answer::ok(&json!({ "ok": true, "usergroups": rows }))
        }
        "usergroups.users.list" => {
            let wanted = call.param("usergroup").unwrap_or_default();
            match slack.groups.iter().find(|group| group.id == wanted) {
                Some(group) => Answer::ok(&json!({ "ok": true, "users": group.users })),
                None => failure("invalid_arg_name"),
            }
        }
        _ => failure("unknown_method"),
    }
}

/// Slack takes arguments from the query or from a form, whichever is sent.
fn with_form(call: &Call) -> Call {
    let mut call = call.clone();
    if call.header("content-type").is_some_and(|kind| kind.contains("form")) {
        for (name, value) in call.form() {
            if find(&call.query, &name).is_none() {
                call.query.push((name, value));
            }
        }
    }
    call
}

fn failure(word: &str) -> Answer {
    Answer::ok(&json!({ "ok": false, "error": word }))
}

fn by_cursor(
    world: &World,
    call: &Call,
    list: &str,
    rows: &[Value],
    body: impl Fn(&[Value]) -> Value,
) -> Answer {
    let Some(start) = paging::start(call, "cursor", list) else {
        return failure("invalid_cursor");
    };
    let page = paging::page(rows, start, paging::size(call, "limit", world.page_cap));
    let next = page.next.map(|next| paging::cursor(list, next)).unwrap_or_default();
    let mut body = body(page.rows);
    body["response_metadata"] = json!({ "next_cursor": next });
    Answer::ok(&body)
}

fn integration_logs(world: &World, call: &Call) -> Answer {
    let rows: Vec<Value> = world
        .slack
        .events
        .iter()
        .filter(|event| call.param("user").is_none_or(|user| user == event.user))
        .filter(|event| call.param("app_id").is_none_or(|app| app == event.app))
        .map(log_entry)
        .collect();
    let count = paging::size(call, "count", world.page_cap);
    let number = call.number("page").unwrap_or(1).max(1);
    let page = paging::page(&rows, (number - 1) * count, count);
    Answer::ok(&json!({
        "ok": true,
        "logs": page.rows,
        "paging": {
            "count": count,
            "total": page.total,
            "page": number,
            "pages": page.total.div_ceil(count),
        },
    }))
}

fn log_entry(event: &Event) -> Value {
    json!({
        "app_id": event.app,
        "app_type": event.app_name,
        "user_id": event.user,
        "user_name": event.user_name,
        "date": event.date.as_second().to_string(),
        "change_type": event.change,
        "scope": event.scope,
    })
}

fn member(member: &Member) -> Value {
    let mut profile = json!({
        "real_name": member.real_name,
        "real_name_normalized": member.real_name,
        "display_name": member.name,
        "display_name_normalized": member.name,
        "avatar_hash": "g00000000000",
        "title": member.title,
        "phone": "",
        "skype": "",
        "status_text": "",
        "status_emoji": "",
        "fields": null,
        "team": TEAM,
    });
    if let Some(email) = &member.email {
        profile["email"] = json!(email);
    }
    if let Some(app) = &member.app {
        profile["api_app_id"] = json!(app);
        profile["bot_id"] = json!(member.id.replacen('U', "B", 1));
        profile["always_active"] = json!(true);
    }
    json!({
        "id": member.id,
        "team_id": TEAM,
        "name": member.name,
        "deleted": member.deleted,
        "real_name": member.real_name,
        "profile": profile,
        "is_admin": member.admin,
        "is_owner": false,
        "is_primary_owner": false,
        "is_restricted": false,
        "is_ultra_restricted": false,
        "is_bot": member.app.is_some(),
        "is_app_user": false,
        "updated": member.updated.as_second(),
    })
}

fn app(app: &App) -> Value {
    json!({
        "app": {
            "id": app.id,
            "name": app.name,
            "description": app.description,
            "is_internal": true,
            "is_app_directory_approved": false,
        },
        "scopes": app.scopes.iter().map(|scope| json!({
            "name": scope, "description": "", "is_sensitive": false, "token_type": "bot",
        })).collect::<Vec<_>>(),
        "date_updated": app.approved.as_second(),
        "last_resolved_by": { "actor_id": app.approver, "actor_type": "user" },
    })
}

fn usergroup(group: &Group, call: &Call) -> Value {
    let mut body = json!({
        "id": group.id,
        "team_id": TEAM,
        "is_usergroup": true,
        "is_subteam": true,
        "name": group.name,
        "description": group.name,
        "handle": group.handle,
        "is_external": false,
        "date_create": group.created.as_second(),
        "date_update": group.created.as_second(),
        "date_delete": 0,
        "auto_type": null,
        "auto_provision": false,
        "enterprise_subteam_id": "",
        "created_by": group.creator,
        "updated_by": group.creator,
        "deleted_by": null,
        "prefs": { "channels": [], "groups": [] },
        "user_count": group.users.len(),
    });
    if call.param("include_users").is_some_and(|value| value == "true" || value == "1") {
        body["users"] = json!(group.users);
    }
    body
}
