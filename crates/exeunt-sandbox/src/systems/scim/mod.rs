//! The expenses application, which speaks SCIM 2.0 (RFC 7643, RFC 7644) and nothing else.
//!
//! A week after the departure it answers 403 to everyone: what it holds then cannot be known.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    calendar::{Phase, at, iso},
    call::Call,
    credentials, paging,
    staff::{Person, Staff, Team},
    story,
    systems::System,
    world::World,
};

const MEDIA: &str = "application/scim+json";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Everything the expenses application holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Users.
    pub users: Vec<User>,
    /// Groups.
    pub groups: Vec<Group>,
    /// Whether the reader's permission was withdrawn.
    pub forbidden: bool,
}

/// A user of the expenses application.
#[derive(Clone, Debug)]
pub struct User {
    /// Immutable id.
    pub id: String,
    /// Employee number, as the directory pushed it.
    pub external_id: String,
    /// Login.
    pub user_name: String,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// Whether the account is active.
    pub active: bool,
    /// Department.
    pub department: &'static str,
    /// When it was made.
    pub created: Timestamp,
}

/// A group of the expenses application.
#[derive(Clone, Debug)]
pub struct Group {
    /// Immutable id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Ids of its users.
    pub members: Vec<String>,
}

impl State {
    /// The application on a given day.
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        // Nobody disabled the leaver here until the repair; earlier leavers were deleted.
        let stays = |person: &&Person| {
            person.expenses()
                && (!person.gone(phase.now()) || (person.number == story::LEAVER && phase != Phase::Finished))
        };
        let people: Vec<&Person> = staff.people.iter().filter(stays).collect();
        let members = |wanted: &dyn Fn(Team) -> bool| {
            people.iter().filter(|person| wanted(person.team)).map(|person| user_id(staff, person)).collect()
        };
        let group = |name: &str, members| Group {
            id: staff.seed.uuid("scim-group", name),
            name: name.to_owned(),
            members,
        };
        Self {
            groups: vec![
                group("Submitters", members(&|_| true)),
                group("Approvers", members(&|team| team == Team::People || team == Team::Finance)),
            ],
            users: people
                .iter()
                .map(|person| User {
                    id: user_id(staff, person),
                    external_id: person.number.to_string(),
                    user_name: person.email(),
                    given: person.given.clone(),
                    family: person.family.clone(),
                    active: true,
                    department: person.team.name(),
                    created: person.joined.max(at(2022, 1, 3, 9, 0)),
                })
                .collect(),
            forbidden: phase == Phase::After,
        }
    }
}

fn user_id(staff: &Staff, person: &Person) -> String {
    staff.seed.uuid("scim", &person.number.to_string())
}

/// Answers one call as a SCIM service provider does.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    if call.authorization("Bearer") != Some(credentials::of(System::Scim)) {
        return error(401, "Authorization failure. The authorization header is invalid or missing.");
    }
    if world.scim.forbidden {
        return error(403, "Operation is not permitted based on the supplied authorization.");
    }
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), path.as_slice()) {
        ("GET", ["scim", "v2", "Users"]) => match filtered(&world.scim.users, call) {
            Some(users) => list(world, call, &users.iter().map(user).collect::<Vec<_>>()),
            None => error(400, "The specified filter syntax was invalid."),
        },
        ("GET", ["scim", "v2", "Users", id]) => {
            let known = world.scim.users.iter().find(|user| user.id == *id);
            known.map_or_else(|| error(404, &format!("Resource {id} not found")), |known| ok(&user(known)))
        }
        ("GET", ["scim", "v2", "Groups"]) => {
            list(world, call, &world.scim.groups.iter().map(group).collect::<Vec<_>>())
        }
        ("GET", ["scim", "v2", "ServiceProviderConfig"]) => ok(&service_provider_config()),
        _ => error(404, "Endpoint not found"),
    }
}

/// Reads `userName eq "…"` and `externalId eq "…"`.
fn filtered(users: &[User], call: &Call) -> Option<Vec<User>> {
    let Some(filter) = call.param("filter") else {
        return Some(users.to_vec());
    };
    let (attribute, value) = filter.split_once(" eq ")?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    let wanted: fn(&User) -> &str = match attribute.trim() {
        "userName" => |user| &user.user_name,
        "externalId" => |user| &user.external_id,
        _ => return None,
    };
    Some(users.iter().filter(|user| wanted(user) == value).cloned().collect())
}

fn list(world: &World, call: &Call, rows: &[Value]) -> Answer {
    let start = call.number("startIndex").unwrap_or(1).max(1);
    let count = match call.number("count") {
        Some(0) => 0,
        _ => paging::size(call, "count", world.page_cap),
    };
    let page = paging::page(rows, start - 1, count);
    ok(&json!({
        "schemas": [LIST],
        "totalResults": page.total,
        "startIndex": start,
        "itemsPerPage": page.rows.len(),
        "Resources": page.rows,
    }))
}

fn user(user: &User) -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "id": user.id,
        "externalId": user.external_id,
        "userName": user.user_name,
        "name": { "givenName": user.given, "familyName": user.family },
        "displayName": format!("{} {}", user.given, user.family),
        "active": user.active,
        "emails": [{ "value": user.user_name, "type": "work", "primary": true }],
        ENTERPRISE: { "employeeNumber": user.external_id, "department": user.department },
        "meta": {
            "resourceType": "User",
            "created": iso(user.created),
            "lastModified": iso(user.created),
            "location": format!("https://expenses.halden.example/scim/v2/Users/{}", user.id),
        },
    })
}

fn group(group: &Group) -> Value {
    json!({
        "schemas": [GROUP],
        "id": group.id,
        "displayName": group.name,
        "members": group.members.iter().map(|id| json!({ "value": id, "type": "User" })).collect::<Vec<_>>(),
        "meta": { "resourceType": "Group" },
    })
}

fn service_provider_config() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": 200 },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": false },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth bearer token",
            "description": "A bearer token in the Authorization header",
        }],
    })
}

fn ok(body: &Value) -> Answer {
    Answer::ok(body).typed(MEDIA)
}

fn error(status: u16, detail: &str) -> Answer {
    Answer::json(status, &json!({ "schemas": [ERROR], "detail": detail, "status": status.to_string() }))
        .typed(MEDIA)
}
