//! The Matrix homeserver, seen through Synapse's administration API.

mod state;

pub use state::{Device, Room, State, User};

use serde_json::{Value, json};

use crate::{answer::Answer, call::Call, credentials, paging, systems::System, world::World};

/// Answers one call as Synapse does.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    match call.authorization("Bearer") {
        None => return error(401, "M_MISSING_TOKEN", "Missing access token"),
        Some(token) if token != credentials::of(System::Matrix) => {
            return error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed.");
        }
        Some(_) => {}
    }
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let matrix = &world.matrix;
    let known = |id: &str, body: &dyn Fn(&User) -> Value| {
        matrix
            .users
            .iter()
            .find(|user| user.id == id)
            .map_or_else(|| error(404, "M_NOT_FOUND", "User not found"), |user| Answer::ok(&body(user)))
    };
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["_synapse", "admin", version @ ("v2" | "v3"), "users"]) => {
            users(world, call, *version == "v2")
        }
        ("GET", ["_synapse", "admin", "v2", "users", id]) => known(id, &details),
        ("GET", ["_synapse", "admin", "v2", "users", id, "devices"]) => known(id, &devices),
        ("GET", ["_synapse", "admin", "v1", "users", id, "joined_rooms"]) => known(id, &|user| {
            let rooms = matrix.rooms.iter().filter(|room| room.members.contains(&user.id));
            let rooms: Vec<&str> = rooms.map(|room| room.id.as_str()).collect();
            json!({ "total": rooms.len(), "joined_rooms": rooms })
        }),
        ("GET", ["_synapse", "admin", "v1", "whois", id]) => known(id, &whois),
        ("GET", ["_matrix", "client", "v3", "account", "whoami"]) => {
            match matrix.users.iter().find(|user| user.admin) {
                Some(admin) => {
                    Answer::ok(&json!({ "user_id": admin.id, "is_guest": false, "device_id": "READER" }))
                }
                None => error(401, "M_UNKNOWN_TOKEN", "Invalid access token passed."),
            }
        }
        ("GET", ["_synapse", "admin", "v1", "rooms"]) => rooms(world, call),
        ("GET", ["_synapse", "admin", "v1", "server_version"]) => {
            Answer::ok(&json!({ "server_version": "1.140.0" }))
        }
        _ => error(404, "M_UNRECOGNIZED", "Unrecognized request"),
    }
}

/// Version 2 hides deactivated users unless asked for them, version 3 shows them unless told not to; both hide locked
/// users unless asked for them.
fn users(world: &World, call: &Call, hiding: bool) -> Answer {
    let flag = |name| call.param(name).map(|value| value == "true");
    let shown = |user: &&User| {
        if hiding {
            (!user.deactivated || flag("deactivated") == Some(true))
                && (!user.locked || flag("locked") == Some(true))
        } else {
            flag("deactivated").is_none_or(|wanted| wanted == user.deactivated)
                && (!user.locked || flag("locked") == Some(true))
        }
    };
    let rows: Vec<Value> = world.matrix.users.iter().filter(shown).map(row).collect();
    let size = paging::size(call, "limit", world.page_cap);
    let page = paging::page(&rows, call.number("from").unwrap_or(0), size);
    let mut body = json!({ "users": page.rows, "total": page.total });
    if let Some(next) = page.next {
        body["next_token"] = json!(next.to_string());
    }
    Answer::ok(&body)
}

fn rooms(world: &World, call: &Call) -> Answer {
    let rows: Vec<Value> = world
        .matrix
        .rooms
        .iter()
        .map(|room| {
            json!({
                "room_id": room.id,
                "name": room.name,
                "canonical_alias": null,
                "joined_members": room.members.len(),
                "joined_local_members": room.members.len(),
                "version": "10",
                "creator": room.creator,
                "encryption": null,
                "federatable": true,
                "public": false,
                "join_rules": "invite",
                "guest_access": null,
                "history_visibility": "shared",
                "state_events": 40,
                "room_type": null,
            })
        })
        .collect();
    let size = paging::size(call, "limit", world.page_cap);
    let page = paging::page(&rows, call.number("from").unwrap_or(0), size);
    let mut body = json!({ "rooms": page.rows, "offset": page.start, "total_rooms": page.total });
    if let Some(next) = page.next {
        body["next_batch"] = json!(next);
    }
    Answer::ok(&body)
}

fn row(user: &User) -> Value {
    json!({
        "name": user.id,
        "user_type": user.user_type,
        "is_guest": false,
        "admin": user.admin,
        "deactivated": user.deactivated,
        "shadow_banned": false,
        "displayname": user.display_name,
        "avatar_url": null,
        "creation_ts": user.created.as_millisecond(),
        "last_seen_ts": user.last_seen.map(jiff::Timestamp::as_millisecond),
        "erased": false,
        "locked": user.locked,
    })
}

fn details(user: &User) -> Value {
    let mut body = row(user);
    // Synapse gives seconds here and milliseconds in the list.
    body["creation_ts"] = json!(user.created.as_second());
    body["appservice_id"] = json!(user.appservice);
    body["consent_version"] = Value::Null;
    body["consent_server_notice_sent"] = Value::Null;
    body["suspended"] = json!(false);
    body["threepids"] = user
        .email
        .iter()
        .map(|email| {
            let added = user.created.as_millisecond();
            json!({ "medium": "email", "address": email, "added_at": added, "validated_at": added })
        })
        .collect();
    body["external_ids"] = user
        .external_id
        .iter()
        .map(|id| json!({ "auth_provider": "oidc-okta", "external_id": id }))
        .collect();
    body
}

fn devices(user: &User) -> Value {
    let devices: Vec<Value> = user
        .devices
        .iter()
        .map(|device| {
            json!({
                "device_id": device.id,
                "display_name": device.name,
                "last_seen_ip": "192.0.2.17",
                "last_seen_user_agent": "Element",
                "last_seen_ts": device.last_seen.as_millisecond(),
                "user_id": user.id,
            })
        })
        .collect();
    json!({ "total": devices.len(), "devices": devices })
}

fn whois(user: &User) -> Value {
    let devices: serde_json::Map<String, Value> = user
        .devices
        .iter()
        .map(|device| {
            let seen = json!({
                "ip": "192.0.2.17", "last_seen": device.last_seen.as_millisecond(), "user_agent": "Element",
            });
            (device.id.clone(), json!({ "sessions": [{ "connections": [seen] }] }))
        })
        .collect();
    json!({ "user_id": user.id, "devices": devices })
}

fn error(status: u16, code: &str, text: &str) -> Answer {
    Answer::json(status, &json!({ "errcode": code, "error": text }))
}
