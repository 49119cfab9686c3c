//! A whole world from one number: what is shown when, what could not be read, manifest, policy, owners and ticket.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::dice::Dice;
use super::things::{TIMES, thing, who};
use crate::small_world::World;

/// The world of a number.
pub(super) fn world(number: u64) -> World {
    let mut dice = Dice::new(number);
    let dice = &mut dice;
    let mut world = World::new();
    // Where nothing goes wrong a little thing decides.
    let calm = dice.once_in(6);
    shown(dice, &mut world, calm);
    if !calm {
        unread(dice, &mut world);
        manifest(dice, &mut world.manifest);
    }
    policy(dice, &mut world);
    owners(dice, &mut world);
    ticket(dice, &mut world);
    world.later = exeunt_model::Duration::from_hours(dice.pick(&[0, 0, 0, 0, 0, 0, 2, 30]));
    world.ahead =
        dice.pick(&[None, Some(exeunt_model::Duration::ZERO), Some(exeunt_model::Duration::from_mins(5))]);
    world
}

fn shown(dice: &mut Dice, world: &mut World, calm: bool) {
    let many = if calm { 1 + dice.below(8) } else { 8 + dice.below(20) };
    for number in 0..many {
        let moments = if calm && !dice.once_in(4) { 1 } else { 1 + dice.below(7) };
        let (place, first) = thing(dice, number);
        let mut record = first;
        for (at, shown) in [&mut world.before, &mut world.after, &mut world.now].into_iter().enumerate() {
            if moments & (1 << at) == 0 {
                continue;
            }
            // A thing may be in another state the next time.
            if dice.once_in(3) && record.get("state").is_some() {
                record["state"] = json!(match record["record"].as_str() {
                    Some("account") => dice.pick(&["active", "disabled", "suspended", "deleted"]),
                    Some("credential") => dice.pick(&["active", "inactive", "revoked", "expired"]),
                    _ => dice.pick(&["enabled", "disabled"]),
                });
            }
            let rows = shown.entry(place).or_default();
            // A read shows one object once.
            if let Some(id) = record.get("id").cloned() {
                rows.retain(|row| row.get("id") != Some(&id));
            }
            rows.push(record.clone());
        }
    }
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        if shown[&("app", "accounts")].iter().any(|account| account["id"] == "app/account/1") {
            shown.entry(("app", "of_account[1]")).or_default();
        } else {
            shown.remove(&("app", "of_account[1]"));
        }
        let people = shown.get_mut(&("dir", "people")).expect("people");
        if dice.once_in(6) {
            people[1]["departed"] = json!(dice.pick(&TIMES));
        }
        if dice.once_in(6) {
            people[0]["departed"] = json!(dice.pick(&TIMES));
        }
    }
    if dice.once_in(8) {
        let object =
            dice.pick(&["app/account/bot", "app/account/2", "app/account/root", "app/credential/pat"]);
        let link = json!({"object": object, "person": "dir/identity/1", "by": "Cleo", "reason": "thrown"});
        world.links.push(serde_json::from_value(link).expect("a link"));
    }
}

const READS: [(&str, &str); 7] = [
    ("dir", "people"),
    ("dir", "accounts"),
    ("app", "accounts"),
    ("app", "groups"),
    ("app", "credentials"),
    ("app", "integrations"),
    ("app", "of_account"),
];

fn unread(dice: &mut Dice, world: &mut World) {
    for place in READS {
        if dice.once_in(40) {
            world.partial.insert(place);
            if dice.once_in(2) {
                world.now.entry(place).or_default().clear();
            }
        } else if dice.below(40) == 0 {
            world.blind.insert(place);
        } else if dice.once_in(60) && place != ("dir", "people") {
            world.now.remove(&place);
        }
    }
}

fn manifest(dice: &mut Dice, manifest: &mut Value) {
    let effects = [
        json!("dies"),
        json!("latent"),
        json!("survives"),
        json!({"dies_within": "1h"}),
        json!("latent"),
        json!("survives"),
        Value::Null,
    ];
    for kind in ["principal", "token.user", "grant.direct", "owned.automation", "key.asym", "owned.nhi"] {
        for on in ["suspended", "disabled", "locked", "soft_deleted", "deleted", "unassigned"] {
            if dice.once_in(3) {
                let effect = effects[dice.below(effects.len())].clone();
                manifest["kills"][kind][on] = effect;
                manifest["kills"][kind]["source"] = json!("thrown");
            }
        }
    }
    let settle = dice.pick(&["0s", "0s", "5m", "30m", "3h"]);
    for (kind, rule) in manifest["proof"].as_object_mut().expect("rules") {
        rule["settle"] = json!(settle);
        if kind == "principal" && dice.once_in(4) {
            rule["dead_states"] = json!([dice.pick(&["disabled", "soft_deleted"])]);
        }
    }
    if dice.once_in(8) {
        let without = dice.pick(&["token.user", "owned.nhi", "trust", "principal", "owned.automation"]);
        manifest["proof"].as_object_mut().expect("rules").remove(without);
    }
    if dice.once_in(5) {
        manifest["survivors"]["principal"] = json!({"seen_by": ["accounts", "groups"]});
    }
    if dice.once_in(5) {
        manifest["survivors"]["session"] = json!({"blind": "nobody can list them"});
    }
}

fn policy(dice: &mut Dice, world: &mut World) {
    let mut policy = serde_json::to_value(&world.policy).expect("JSON");
    policy["require_baseline"] = json!(dice.once_in(4));
    policy["fresh_for"] = json!(dice.pick(&["24h", "24h", "24h", "72h", "72h", "1h"]));
    policy["directory_deadline"] = json!(dice.pick(&["1h", "30m", "2h"]));
    policy["trigger_deadline"] = json!(dice.pick(&["0h", "1h", "24h"]));
    if dice.once_in(2) {
        let deadline = |dice: &mut Dice| json!({"point": 2 + dice.below(8), "privileged": dice.once_in(3), "within": dice.pick(&["30m", "1h", "90m", "4h"])});
        policy["deadlines"] = json!([deadline(dice), deadline(dice), deadline(dice)]);
    }
    if dice.once_in(4) {
        policy["settle"] = json!({"token.user": dice.pick(&["1h", "4h"])});
    }
    if dice.once_in(4) {
        let kind = dice.pick(&["principal", "token.user", "owned.automation", "grant.direct"]);
        let system = dice.pick(&[json!(null), json!("app"), json!("dir")].each_ref()).clone();
        policy["accept_latent"] = json!([{"kind": kind, "system": system, "reason": "kept for the audit"}]);
    }
    if dice.once_in(2) {
        policy["rechecks"] = json!({"due": dice.pick(&[["1h", "2h"], ["30m", "3h"], ["24h", "168h"]]), "every_one": dice.once_in(2)});
    }
    if dice.once_in(6) {
        policy["protected"] = json!([{"object": dice.pick(&["app/account/1", "app/account/root", "app/account/bot"]), "reason": "break glass"}]);
    }
    if dice.once_in(3) {
        let approvers = ["Cleo", "Ada", "Ben", "App team", "ada@halden.example", "People team"];
        let waiver = |dice: &mut Dice| {
            let also = if dice.once_in(3) { json!([dice.pick(&approvers)]) } else { json!([]) };
            json!({
                "obligation": dice.pick(&["app:principal:1", "app:token.user:pat", "app:owned.nhi:bot", "app:owned.nhi:root", "dir:principal:1"]),
                "case": dice.pick(&["OFF-1", "OFF-1", "OFF-1", "OFF-2"]), "approver": dice.pick(&approvers), "also": also, "reason": "thrown",
                "expires": dice.pick(&["2026-11-20T20:00:00Z", "2026-11-20T20:30:00Z", "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]),
            })
        };
        policy["waivers"] = json!([waiver(dice), waiver(dice)]);
    }
    world.policy = serde_json::from_value(policy).expect("a policy");
}

fn owners(dice: &mut Dice, world: &mut World) {
    if dice.once_in(3) {
        return;
    }
    let parties = [
        json!("Some team"),
        json!("ada@halden.example"),
        json!("ben@halden.example"),
        json!({"team": "Two", "members": ["ada@halden.example", "Ben"]}),
        json!({"person": "Nobody", "email": "nobody@halden.example"}),
        json!({"login": {"system": "app", "login": "ada"}}),
        json!({"login": {"system": "app", "login": "ben"}}),
    ];
    let party = |dice: &mut Dice| parties[dice.below(parties.len())].clone();
    let many = dice.below(7);
    let cells: Vec<Value> = (0..many)
        .map(|_| {
            let system = dice.pick(&["*", "app", "app", "dir"]);
            let mut cell = json!({
                "domain": dice.pick(&["identity_lifecycle", "application_entitlement", "integration_revocation"]),
                "system": system, "owner": party(dice),
            });
            if dice.once_in(2) {
                cell["deputies"] = json!([party(dice)]);
            }
            if dice.once_in(2) {
                cell["escalation"] = json!({"to": party(dice), "after": dice.pick(&["30m", "4h"])});
            }
            if dice.once_in(2) {
                cell["deadline"] = json!(dice.pick(&["30m", "1h", "90m", "4h"]));
            }
            if system != "*" && dice.once_in(3) {
                cell["resource"] = json!(dice.pick(&["app/account/1", "app/resource/vault", "sync", "pat", "app/account/bot"]));
            }
            match dice.below(4) {
                0 => cell["until"] = json!(dice.pick(&TIMES)),
                1 => cell["from"] = json!(dice.pick(&TIMES)),
                _ => {}
            }
            cell
        })
        .collect();
    world.owners = json!({ "owners": cells });
}

fn ticket(dice: &mut Dice, world: &mut World) {
    if dice.once_in(6) {
        return;
    }
    world.workflow["systems_fields"] = json!(["systems"]);
    world.workflow["approval_phrases"] = json!(["approved"]);
    world.workflow["links"] = json!(dice.pick(&[["blocks"], ["relates to"]]));
    world.workflow["claims"] = json!([
        {"words": "app", "system": "app"}, {"words": "elsewhere", "system": "elsewhere"},
        {"words": "token", "system": "app", "kinds": ["token.user"]},
    ]);
    if dice.once_in(4) {
        world.workflow["request_types"] = json!([{"name": "leaver", "systems": ["app", "elsewhere"]}]);
    }
    if dice.once_in(4) {
        world.workflow["not_read"] = json!(["elsewhere"]);
    }
    if dice.once_in(3) {
        world.workflow["notice"] = json!(dice.pick(&["1h", "48h"]));
    }
    if dice.once_in(4) {
        world.workflow["checklist_field"] = json!("checklist");
    }
    let mut documents = vec![json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": dice.pick(&TIMES),
        "status": {"id": "3", "name": "Done", "done": dice.once_in(2)}, "author": who(dice),
        "fields": {"systems": dice.pick(&["app", "elsewhere", "app, elsewhere"]), "request_type": "leaver", "checklist": "* [x] app\n* [ ] elsewhere"},
        "links": ["jira/document/11"], "title": "Ada leaves",
    })];
    let many = dice.below(9);
    documents.extend((0..many).map(|number| document(dice, number)));
    world.ticket = Some(documents);
}

const WORDS: [&str; 9] = [
    "App account ada",
    "app account ben",
    "token `pat` in the app",
    "all access removed",
    "not all access removed",
    "approved",
    "elsewhere",
    "- [x] app\n- [ ] token `pat`",
    "disable app/account/1 and app/group/dev",
];

fn document(dice: &mut Dice, number: usize) -> Value {
    let sort = dice.pick(&[
        "subtask",
        "subtask",
        "linked_issue",
        "checklist_item",
        "comment",
        "comment",
        "approval",
        "approval",
        "change",
        "change",
        "form",
        "request",
    ]);
    let done = dice.once_in(2);
    let parent = if number == 0 || dice.once_in(2) { 1 } else { 10 + dice.below(number) };
    let mut fields = BTreeMap::from([("systems", dice.pick(&WORDS).to_owned())]);
    if dice.once_in(3) {
        fields.insert("updated", dice.pick(&TIMES).to_owned());
    }
    if dice.once_in(4) {
        fields.insert("field", "checklist".to_owned());
    }
    if dice.once_in(3) {
        fields.insert("relation", dice.pick(&["blocks", "relates to"]).to_owned());
    }
    let changed: &[&str] = match dice.below(4) {
        0 => &["status"],
        1 => &["description"],
        2 => &["status", "resolution"],
        _ => &["summary", "checklist"],
    };
    json!({
        "record": "document", "id": format!("jira/document/{}", number + 10), "doc_type": sort, "key": format!("OFF-{}", number + 10),
        "parent": format!("jira/document/{parent}"), "title": dice.pick(&WORDS), "text": dice.pick(&WORDS),
        "status": {"id": if done { "3" } else { "1" }, "name": "status", "done": done},
        "done": if dice.once_in(4) { Value::Null } else { json!(dice.once_in(2)) }, "at": dice.pick(&TIMES),
        "author": if dice.once_in(6) { Value::Null } else { who(dice) }, "changed": changed, "fields": fields,
        "stated_actor": if dice.once_in(6) { json!("Cy") } else { Value::Null },
        "stated_through": if dice.once_in(5) { json!("rule sync") } else { Value::Null },
        "author_kind": dice.pick(&[json!(null), json!(null), json!("workload"), json!("human")].each_ref()),
        "links": [format!("jira/document/{}", 10 + dice.below(6))],
    })
}
