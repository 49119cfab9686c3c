//! The Atlassian organization: managed accounts and the API tokens they made.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::Answer,
    calendar::{Phase, at, iso_millis, shift},
    call::Call,
    credentials, paging,
    staff::{Person, Staff},
    story,
    systems::System,
    world::World,
};

/// Everything the organization holds.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Managed accounts.
    pub accounts: Vec<Account>,
    /// API tokens of managed accounts.
    pub tokens: Vec<Token>,
}

/// A managed account.
#[derive(Clone, Debug)]
pub struct Account {
    /// Immutable account id, the same in Jira.
    pub id: String,
    /// Name.
    pub name: String,
    /// Mail address.
    pub email: String,
    /// `active`, `inactive` or `closed`.
    pub status: &'static str,
    /// When the organization took it in.
    pub added: Timestamp,
    /// Last activity.
    pub last_active: Timestamp,
}

/// An API token.
#[derive(Clone, Debug)]
pub struct Token {
    /// Id.
    pub id: String,
    /// Label.
    pub label: String,
    /// Account id of its holder.
    pub account: String,
    /// Mail address of its holder.
    pub email: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Last use.
    pub last_active: Option<Timestamp>,
}

impl State {
    /// The organization on a given day. The leaver's account is inactive, and one token of hers is still listed: it
    /// does nothing now and works again if the account is enabled (7 of nine).
    #[must_use]
    pub fn on(staff: &Staff, phase: Phase) -> Self {
        let now = phase.now();
        let accounts = staff.people.iter().map(|person| account(staff, person, now)).collect();
        let mut tokens: Vec<Token> = staff
            .present(now)
            .filter(|person| person.number != story::LEAVER && person.number % 3 == 0)
            .map(|person| {
                let last = shift(now, -staff.seed.days("atlassian-token", &person.local, 1, 60));
                token(staff, person, "scripts", Some(last))
            })
            .collect();
        if let Some(leaver) = staff.person(story::LEAVER).filter(|_| phase != Phase::Finished) {
            let last = if phase.has_left() { at(2026, 11, 13, 14, 2) } else { shift(now, -1) };
            tokens.insert(2, token(staff, leaver, story::LATENT_TOKEN, Some(last)));
        }
        Self { accounts, tokens }
    }
}

fn account(staff: &Staff, person: &Person, now: Timestamp) -> Account {
    let gone = person.gone(now);
    Account {
        id: staff.account_id(person.number),
        name: person.name(),
        email: if person.number == story::FIRST_STAY {
            format!("{}.2025@{}", person.local, story::DOMAIN)
        } else {
            person.email()
        },
        status: match (gone, person.number) {
            (false, _) => "active",
            (true, story::FIRST_STAY) => "closed",
            (true, _) => "inactive",
        },
        added: person.joined,
        last_active: person.left.filter(|_| gone).unwrap_or(shift(now, -1)),
    }
}

fn token(staff: &Staff, person: &Person, label: &str, last_active: Option<Timestamp>) -> Token {
    Token {
        id: staff.seed.uuid("atlassian-token", &format!("{}/{label}", person.number)),
        label: label.to_owned(),
        account: staff.account_id(person.number),
        email: person.email(),
        created: at(2026, 2, 10, 12, 0),
        expires: at(2027, 2, 10, 12, 0),
        last_active,
    }
}

/// Answers one call as Atlassian's organization API does.
#[must_use]
pub fn answer(world: &World, call: &Call) -> Answer {
    if call.authorization("Bearer") != Some(credentials::of(System::Atlassian)) {
        return Answer::json(401, &json!({ "code": 401, "message": "Unauthorized" }));
    }
    let segments = call.segments();
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let state = &world.atlassian;
    if call.method != "GET" {
        return failure(405, "METHOD_NOT_ALLOWED", "This method is not supported");
    }
    match path.as_slice() {
        ["admin", "v2", "orgs", org, "directories"] if *org == story::ORG_ID => list(
            world,
            call,
            "directories",
            &[json!({ "directoryId": story::DIRECTORY_ID, "name": "Halden Instruments" })],
        ),
        ["admin", "v2", "orgs", org, "directories", directory, "users"]
            if *org == story::ORG_ID && (*directory == story::DIRECTORY_ID || *directory == "-") =>
        {
            list(world, call, "users", &state.accounts.iter().map(user).collect::<Vec<_>>())
        }
        ["admin", "api-access", "v1", "orgs", org, "api-tokens"] if *org == story::ORG_ID => {
            list(world, call, "tokens", &state.tokens.iter().map(api_token).collect::<Vec<_>>())
        }
        ["admin", "api-access", "v1", "orgs", org, "api-keys"] if *org == story::ORG_ID => {
            list(world, call, "keys", &[api_key(world)])
        }
        ["users", id, "manage", "profile"] => match state.accounts.iter().find(|one| one.id == *id) {
            Some(account) => Answer::ok(&json!({ "account": profile(account) })),
            None => no_user(),
        },
        ["users", id, "manage", "api-tokens"] => {
            if state.accounts.iter().all(|one| one.id != *id) {
                return no_user();
            }
            let tokens = state.tokens.iter().filter(|token| token.account == *id);
            Answer::ok(&tokens.map(managed_token).collect())
        }
        _ => failure(404, "NOT_FOUND", "The requested resource was not found"),
    }
}

/// `links.next` carries the cursor itself, not an address.
fn list(world: &World, call: &Call, name: &str, rows: &[Value]) -> Answer {
    let Some(start) = paging::start(call, "cursor", name) else {
        return failure(400, "INVALID_CURSOR", "The cursor is not valid");
    };
    let page = paging::page(rows, start, paging::size(call, "limit", world.page_cap));
    let mut links = json!({ "self": call.own_address("api.atlassian.com") });
    if let Some(next) = page.next {
        links["next"] = json!(paging::cursor(name, next));
    }
    Answer::ok(&json!({ "data": page.rows, "links": links }))
        .with("x-ratelimit-limit", "200".to_owned())
        .with("x-ratelimit-remaining", "199".to_owned())
}

fn user(account: &Account) -> Value {
    json!({
        "accountId": account.id,
        "accountType": "atlassian",
        "accountStatus": account.status,
        "status": account.status,
        "membershipStatus": if account.status == "active" { "active" } else { "suspended" },
        "statusInUserbase": account.status == "active",
        "claimStatus": "managed",
        "name": account.name,
        "nickname": account.name,
        "email": account.email,
        "emailVerified": true,
        "addedToOrg": iso_millis(account.added),
        "platformRoles": [],
    })
}

fn profile(account: &Account) -> Value {
    json!({
        "account_id": account.id,
        "name": account.name,
        "nickname": account.name,
        "email": account.email,
        "email_verified": true,
        "account_type": "atlassian",
        "account_status": account.status,
        "last_active": iso_millis(account.last_active),
    })
}

fn api_token(token: &Token) -> Value {
    json!({
        "id": token.id,
        "label": token.label,
        "status": "ALLOWED",
        "createdAt": iso_millis(token.created),
        "expiresAt": iso_millis(token.expires),
        "lastActiveAt": token.last_active.map(iso_millis),
        "user": { "id": token.account, "email": token.email },
    })
}

/// The one key of the organization: the access review reads with it.
fn api_key(world: &World) -> Value {
    let maker = world.atlassian.accounts.iter().find(|one| one.id == world.staff.account_id(story::ADMIN));
    json!({
        "id": "9c20a7d4-access-review",
        "label": "access review",
        "createdAt": iso_millis(at(2026, 3, 2, 9, 0)),
        "expiresAt": iso_millis(at(2027, 3, 2, 9, 0)),
        "lastActiveAt": iso_millis(world.now()),
        "systemAccountId": "5f00d1c2-access-review",
        "resource": format!("ari:cloud:platform::org/{}", story::ORG_ID),
        "orgId": story::ORG_ID,
        "createdBy": maker.map(|one| json!({ "id": one.id, "name": one.name, "email": one.email })),
        "scopes": ["read:directories:admin", "read:tokens:admin", "read:keys:admin"],
    })
}

fn managed_token(token: &Token) -> Value {
    json!({
        "id": token.id,
        "label": token.label,
        "createdAt": iso_millis(token.created),
        "lastAccess": token.last_active.map(iso_millis),
        "expiry": iso_millis(token.expires),
    })
}

fn no_user() -> Answer {
    Answer::json(404, &json!({ "key": "notFound", "context": "user" }))
}

fn failure(status: u16, code: &str, detail: &str) -> Answer {
    let error = json!({ "status": status.to_string(), "code": code, "title": code, "detail": detail });
    Answer::json(status, &json!({ "errors": [error] }))
}
