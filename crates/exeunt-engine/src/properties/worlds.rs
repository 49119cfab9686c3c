//! Generated small worlds, what can be lost of them, and what tickets may say.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Outcome, PartialReason, Snapshot, State};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::small_world::{World, account, grant, member, non_human, owns, rule, token};

/// One thing of a world: which, at which of the three moments it is shown, and in which of its states.
pub(super) type Thing = (usize, u8, usize);

pub(super) const THINGS: usize = 23;

/// A record of the application by number, and the read that shows it.
pub(super) fn thing(number: usize, variant: usize) -> (&'static str, Value) {
    let pick = |states: &[&'static str]| states[variant % states.len()];
    let credential = pick(&["active", "inactive", "revoked", "unknown"]);
    let mut fresh = token("bot-2", "bot", credential);
    fresh["created"] = json!("2026-11-20T17:30:00Z");
    let act_as = |actor: &str, target: &str, how: &str| {
        json!({
            "record": "act_as", "actor": {"object": format!("app/{actor}")}, "target": format!("app/account/{target}"),
            "how": how, "reason": "generated",
        })
    };
    let with_state = |mut record: Value, state: &str| {
        record["state"] = json!(state);
        record
    };
    let account_state = pick(&["active", "suspended", "disabled", "locked", "deleted", "unknown"]);
    match number {
        0 => ("accounts", account("app", "1", "ada", "1042", account_state)),
        1 => ("accounts", with_state(non_human("bot", "service"), account_state)),
        2 => ("accounts", with_state(non_human("root", "shared"), account_state)),
        3 => ("accounts", non_human("role", "workload")),
        4 => ("groups", member("dev", "account/1")),
        5 => ("groups", member("all", "group/dev")),
        6 => ("groups", member("dev", "group/all")),
        7 => ("groups", member("ops", "account/1")),
        8 => ("groups", grant("group/all", "vault", "admin")),
        9 => ("groups", grant("group/ops", "vault", "admin")),
        10 => ("groups", grant("account/1", "repo", "write")),
        11 => ("groups", owns("account/bot", "1", pick(&["owner", "creator", "token_holder"]))),
        12 => ("groups", owns("account/bot", "2", "owner")),
        13 => ("groups", act_as("account/1", "root", "knows_secret")),
        14 => ("groups", act_as("group/ops", "role", "assume")),
        15 => ("groups", grant("account/role", "bucket", "read")),
        16 => ("credentials", token("pat", "1", credential)),
        17 => ("credentials", token("bot-1", "bot", credential)),
        18 => ("credentials", fresh),
        19 => ("credentials", token("password", "root", credential)),
        20 => ("integrations", rule("sync", pick(&["1", "2"]), pick(&["enabled", "enabled", "disabled"]))),
        21 => ("of_account[1]", token("app-password", "1", credential)),
        _ => ("groups", owns("integration/sync", pick(&["1", "2"]), "owner")),
    }
}

pub(super) fn build((things, settle, deleted): &Plan) -> World {
    let mut world = World::new();
    // A system shows one object once, in one state.
    let mut known = BTreeSet::new();
    for (number, moments, variant) in things.iter().filter(|thing| known.insert(thing.0)) {
        for (place, shown) in [&mut world.before, &mut world.after, &mut world.now].into_iter().enumerate() {
            if moments & (1 << place) != 0 {
                // A thing may change between moments.
                let (read, record) = thing(*number, variant + if place == 2 { variant / 7 } else { 0 });
                shown.entry(("app", read)).or_default().push(record);
            }
        }
    }
    // What is read for each account is read for those that are listed.
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        if shown[&("app", "accounts")].iter().any(|account| account["id"] == "app/account/1") {
            shown.entry(("app", "of_account[1]")).or_default();
        } else {
            shown.remove(&("app", "of_account[1]"));
        }
    }
    for rule in world.manifest["proof"].as_object_mut().expect("rules").values_mut() {
        rule["settle"] = json!(["0s", "5m", "3h"][*settle]);
    }
    for kind in ["token.user", "grant.direct"] {
        world.manifest["kills"][kind]["deleted"] = json!(["dies", "survives", "latent"][*deleted]);
    }
    world.ticket = Some(vec![json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
    })]);
    // Without a baseline nobody can know what was lost with it: policy decides, here strictly.
    world.policy.require_baseline = true;
    world
}

/// What a world is built from; small enough to read when a property fails.
pub(super) type Plan = (Vec<Thing>, usize, usize);

pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let things = prop::collection::vec((0..THINGS, 1_u8..8, 0_usize..24), 0..14);
    (things, 0_usize..3, 0_usize..3)
}

/// A way to see less.
#[derive(Debug, Clone, Copy)]
pub(super) enum Loss {
    /// A read turns out partial; what it showed is kept.
    Partial,
    /// A read of the newest snapshot is partial, and rows are lost.
    Rows(u8),
    /// A read of the newest snapshot is not made.
    Read,
    /// The control is not seen.
    Control,
}

pub(super) fn lose(history: &mut [Snapshot], loss: Loss, which: usize, read: usize) {
    let newest = matches!(loss, Loss::Rows(_) | Loss::Read);
    let place = if newest { history.len() - 1 - which % 2 } else { which % history.len() };
    let Some(snapshot) = history.get_mut(place) else { return };
    let reads = snapshot.reads.len();
    let Some(hit) = snapshot.reads.get_mut(read % reads.max(1)) else { return };
    // One scope of many left out without a receipt is a collector that lies; refused, it has a receipt.
    let loss = match loss {
        Loss::Read if !hit.receipt.scope.is_empty() => Loss::Rows(0),
        loss => loss,
    };
    let refused = || Outcome::Partial { reason: PartialReason::Forbidden, detail: "403".to_owned() };
    match loss {
        Loss::Partial => hit.receipt.outcome = refused(),
        Loss::Rows(mask) => {
            hit.receipt.outcome = refused();
            let mut row = 0;
            hit.records.retain(|_| {
                row += 1;
                mask & (1 << (row % 8)) != 0
            });
        }
        Loss::Control => {
            hit.receipt.control = exeunt_model::receipt::PositiveControl::NotSeen("lost".to_owned());
        }
        Loss::Read => {
            snapshot.reads.remove(read % reads);
        }
    }
}

pub(super) fn losses() -> impl Strategy<Value = (Loss, usize, usize)> {
    let loss = prop_oneof![
        3 => Just(Loss::Partial),
        3 => any::<u8>().prop_map(Loss::Rows),
        2 => Just(Loss::Read),
        1 => Just(Loss::Control),
    ];
    (loss, 0_usize..6, 0_usize..5)
}

/// Cells of a register: domain, system, thing, owner, and when in force.
pub(super) fn registers() -> impl Strategy<Value = Vec<Value>> {
    let domains = ["identity_lifecycle", "application_entitlement", "integration_revocation"];
    let owners = json!([
        "Some team", "ada@halden.example", "ben@halden.example", {"team": "Two", "members": ["ada@halden.example", "Ben"]},
        {"person": "Nobody", "email": "nobody@halden.example"}, {"login": {"system": "app", "login": "ada"}},
    ]);
    let systems = ["*", "app", "dir"];
    let things = ["", "app/account/1", "app/resource/vault", "sync", "pat", "app/account/bot"];
    let cell = (0_usize..3, 0_usize..3, 0_usize..6, 0_usize..6, 0_usize..6, 0_usize..3);
    let cell = cell.prop_map(move |(domain, system, thing, owner, deputy, when)| {
        let mut cell = json!({
            "domain": domains[domain], "system": systems[system], "owner": owners[owner],
            "deputies": [owners[deputy]], "escalation": {"to": owners[(owner + deputy) % 6]}, "deadline": "1h",
        });
        if system > 0 && thing > 0 {
            cell["resource"] = json!(things[thing]);
        }
        match when {
            1 => cell["until"] = json!("2026-11-20T19:00:00Z"),
            2 => cell["from"] = json!("2026-11-20T19:00:00Z"),
            _ => {}
        }
        cell
    });
    prop::collection::vec(cell, 0..8)
}

pub(super) fn states(verdict: &VerdictDocument) -> BTreeMap<&str, State> {
    verdict.obligations.iter().map(|line| (line.id.as_str(), line.state)).collect()
}

/// The lines of a verdict without what the ticket says of them. An approval by whoever did the work fails the first control
/// point, and whoever answers for that is named as well; those are left out too.
pub(super) fn facts(verdict: &VerdictDocument) -> Vec<exeunt_model::verdict::Obligation> {
    let mut lines = verdict.obligations.clone();
    for line in &mut lines {
        line.claims.clear();
        line.timeline.clear();
        line.accountable.retain(|answers| answers.control_point != 1);
        line.caught_by.retain(|caught| caught.failed != 1);
    }
    lines
}

/// Something that a ticket may say.
pub(super) fn document(n: usize, sort: usize, way: usize, minute: u8) -> Value {
    const SORTS: [&str; 10] = [
        "subtask",
        "linked_issue",
        "checklist_item",
        "comment",
        "approval",
        "change",
        "form",
        "request",
        "comment",
        "change",
    ];
    const WORDS: [&str; 6] = [
        "App account ada",
        "app account ben",
        "token `pat` in the app",
        "all access removed",
        "approved",
        "elsewhere",
    ];
    let done = way.is_multiple_of(2);
    json!({
        "record": "document", "id": format!("jira/document/{}", n + 10), "doc_type": SORTS[sort % SORTS.len()],
        "parent": format!("jira/document/{}", if way.is_multiple_of(3) { 1 } else { 10 }), "title": WORDS[way % WORDS.len()],
        "text": WORDS[(way + 3) % WORDS.len()], "status": {"id": way.to_string(), "name": "status", "done": done},
        "done": if way.is_multiple_of(5) { Value::Null } else { json!(done) }, "at": format!("2026-11-20T{}:{minute:02}:00Z", 16 + way % 5),
        "author": {"object": format!("app/account/{}", way % 4)}, "changed": ["status", "summary"],
        "stated_actor": if way.is_multiple_of(7) { json!("Cy") } else { Value::Null },
        "stated_through": if way.is_multiple_of(4) { json!("sync") } else { Value::Null },
        "author_kind": if way.is_multiple_of(6) { json!("workload") } else { Value::Null },
        "fields": {"systems": WORDS[way % WORDS.len()], "updated": format!("2026-11-20T19:{minute:02}:00Z")},
        "links": [format!("jira/document/{}", way + 10)],
    })
}
