//! One record of a chance-made world, with whatever a connector could have filled in.

use serde_json::{Value, json};

use super::dice::Dice;
use crate::small_world::{account, grant, member, non_human, rule, token};

/// Times around the departure at 17:00, as records date things.
pub(super) const TIMES: [&str; 10] = [
    "2026-01-01T00:00:00Z",
    "2026-11-19T12:00:00Z",
    "2026-11-20T17:00:00Z",
    "2026-11-20T17:30:00Z",
    "2026-11-20T18:00:00Z",
    "2026-11-20T18:30:00Z",
    "2026-11-20T19:00:00Z",
    "2026-11-20T20:00:00Z",
    "2026-11-20T20:20:00Z",
    "2026-12-24T00:00:00Z",
];

const ACCOUNTS: [&str; 8] = [
    "app/account/1",
    "app/account/1",
    "app/account/2",
    "app/account/bot",
    "app/account/root",
    "app/account/agent",
    "app/account/11",
    "app/account/999",
];
const GROUPS: [&str; 3] = ["app/group/dev", "app/group/all", "app/group/ops"];
const OBJECTS: [&str; 10] = [
    "app/account/1",
    "app/account/11",
    "app/account/bot",
    "app/account/root",
    "app/account/agent",
    "app/credential/pat",
    "app/credential/bot-1",
    "app/integration/sync",
    "app/group/ops",
    "dir/account/1",
];
const ACCOUNT_STATES: [&str; 13] = [
    "active",
    "active",
    "active",
    "suspended",
    "disabled",
    "locked",
    "invited",
    "soft_deleted",
    "deleted",
    "active",
    "active",
    "suspended",
    "unknown",
];

/// Somebody, as a record names them.
pub(super) fn who(dice: &mut Dice) -> Value {
    match dice.below(12) {
        0 => json!({"object": dice.pick(&GROUPS)}),
        1 => json!({"login": dice.pick(&["ada", "ben", "nobody"])}),
        2 => json!({"email": dice.pick(&["ada@halden.example", "ben@halden.test", "nobody@halden.example"])}),
        3 => json!({"key": {"kind": "employee_number", "value": dice.pick(&["1042", "1043", "7"])}}),
        4 => json!({"object": dice.pick(&["app/integration/sync", "dir/identity/1", "dir/identity/2"])}),
        _ => json!({"object": dice.pick(&ACCOUNTS)}),
    }
}

fn dated(dice: &mut Dice, record: &mut Value, fields: &[&str]) {
    for field in fields {
        if dice.once_in(2) {
            record[*field] = json!(dice.pick(&TIMES));
        }
    }
}

/// Ada's account here or in the directory, Ben's, or a second one of Ada's.
fn of_a_person(dice: &mut Dice, system: &'static str) -> Value {
    let state = dice.pick(&ACCOUNT_STATES);
    let (id, login, number) = match (system, dice.below(6)) {
        (_, 0) => ("2", "ben", "1043"),
        ("app", 1) => ("11", "ada2", "1042"),
        ("dir", 1) => ("3", "ada-admin", "1042"),
        _ => ("1", "ada", "1042"),
    };
    let mut record = account(system, id, login, number, state);
    dated(dice, &mut record, &["created", "last_used"]);
    if dice.once_in(4) {
        record["sso"] = json!({"idp": dice.pick(&["dir", "dir", "elsewhere"]), "enforced": dice.once_in(2)});
    }
    if dice.once_in(5) {
        let kind = dice.pick(&["scim_external_id", "idp_subject", "sso_name_id"]);
        let key = json!({"kind": kind, "value": login, "issuer": "dir"});
        record["keys"].as_array_mut().expect("keys").push(key);
    }
    record["privileged"] = json!(dice.once_in(4));
    record
}

fn of_nobody(dice: &mut Dice) -> Value {
    let (id, kind) = dice.pick(&[
        ("bot", "service"),
        ("root", "shared"),
        ("agent", "agent"),
        ("role", "workload"),
        ("other", "unknown"),
    ]);
    let mut record = non_human(id, kind);
    let state = dice.pick(&ACCOUNT_STATES);
    record["state"] = json!(state);
    record["native_state"] = json!(state);
    record["privileged"] = json!(dice.once_in(3));
    dated(dice, &mut record, &["created", "last_used"]);
    record
}

fn credential(dice: &mut Dice) -> Value {
    let (id, holder) = dice.pick(&[
        ("pat", "1"),
        ("pat", "1"),
        ("bot-1", "bot"),
        ("password", "root"),
        ("agent-key", "agent"),
    ]);
    let mut record =
        token(id, holder, dice.pick(&["active", "active", "inactive", "revoked", "expired", "unknown"]));
    record["kind"] =
        json!(dice.pick(&["token.user", "token.user", "token.resource", "key.asym", "session", "recovery"]));
    dated(dice, &mut record, &["created", "expires", "last_used"]);
    match dice.below(6) {
        0 => record["holder"] = Value::Null,
        1 => record["holder"] = who(dice),
        _ => {}
    }
    if dice.once_in(4) {
        record["opens"] = json!([dice.pick(&ACCOUNTS)]);
    }
    if dice.once_in(4) {
        record["scopes"] = json!(["admin"]);
    }
    record
}

fn integration(dice: &mut Dice) -> Value {
    let mut record = rule(
        dice.pick(&["sync", "sync", "hook"]),
        dice.pick(&["1", "1", "2", "bot", "999"]),
        dice.pick(&["enabled", "enabled", "disabled", "unknown"]),
    );
    record["kind"] =
        json!(dice.pick(&["owned.automation", "owned.automation", "egress", "grant.delegated", "trust"]));
    dated(dice, &mut record, &["created", "last_used"]);
    if dice.once_in(4) {
        record["acts_as"] = Value::Null;
    }
    if dice.once_in(3) {
        record["opens"] = json!([dice.pick(&["app/group/dev", "app/account/root", "app/resource/vault"])]);
    }
    if dice.once_in(4) {
        record["sends_to"] = json!(["https://outside.example/hook"]);
    }
    record
}

fn ownership(dice: &mut Dice) -> Value {
    let subject = dice.pick(&[
        "app/account/bot",
        "app/account/bot",
        "app/account/agent",
        "app/account/root",
        "app/integration/sync",
        "app/credential/pat",
        "app/group/ops",
        "app/resource/vault",
    ]);
    let link = dice.pick(&[
        "owner",
        "owner",
        "sponsor",
        "creator",
        "token_holder",
        "installer",
        "last_actor",
        "exposure",
    ]);
    let mut record = json!({"record": "ownership", "subject": subject, "owner": who(dice), "link": link, "reason": "thrown"});
    dated(dice, &mut record, &["since"]);
    record
}

fn event(dice: &mut Dice, number: usize) -> Value {
    json!({
        "record": "event", "id": format!("app/event/{number}"), "at": dice.pick(&TIMES), "detail": "",
        "action": dice.pick(&["created", "changed", "used", "disabled", "enabled", "removed", "rotated"]),
        "subject": dice.pick(&OBJECTS), "actor": if dice.once_in(4) { Value::Null } else { who(dice) },
    })
}

fn group(dice: &mut Dice) -> Value {
    let id = dice.pick(&GROUPS);
    let mut record = json!({"record": "group", "id": id, "name": id, "privileged": dice.once_in(3)});
    if dice.once_in(3) {
        record["filled_by"] = json!("a rule on the department");
    }
    record
}

/// Something, and the read that shows it. The number tells it from others of its world.
pub(super) fn thing(dice: &mut Dice, number: usize) -> ((&'static str, &'static str), Value) {
    let groups = ("app", "groups");
    match dice.below(26) {
        0..=3 => (("app", "accounts"), of_a_person(dice, "app")),
        4 | 5 => (("dir", "accounts"), of_a_person(dice, "dir")),
        6..=8 => (("app", "accounts"), of_nobody(dice)),
        9..=11 => (("app", "credentials"), credential(dice)),
        12 | 13 => (("app", "integrations"), integration(dice)),
        14..=16 => (groups, ownership(dice)),
        17 => (groups, group(dice)),
        18 => {
            let who =
                dice.pick(&["account/1", "account/1", "account/2", "group/dev", "group/all", "account/bot"]);
            (groups, member(dice.pick(&["dev", "all", "ops"]), who))
        }
        19 | 20 => {
            let subject = dice.pick(&[
                "account/1",
                "group/dev",
                "group/all",
                "group/ops",
                "account/bot",
                "account/role",
            ]);
            let mut record = grant(subject, dice.pick(&["vault", "repo"]), dice.pick(&["admin", "read"]));
            record["privileged"] = json!(dice.once_in(3));
            (groups, record)
        }
        21 => {
            let how = dice.pick(&[
                "assume",
                "impersonate",
                "sudo",
                "delegate",
                "sso",
                "knows_secret",
                "knows_secret",
            ]);
            let target =
                dice.pick(&["app/account/root", "app/account/bot", "app/account/role", "app/account/1"]);
            (
                groups,
                json!({"record": "act_as", "actor": who(dice), "target": target, "how": how, "reason": "thrown"}),
            )
        }
        22 => (("app", "of_account[1]"), credential(dice)),
        23 => (
            groups,
            json!({"record": "resource", "id": "app/resource/vault", "name": "vault", "resource_type": "store"}),
        ),
        _ => (("app", "integrations"), event(dice, number)),
    }
}
