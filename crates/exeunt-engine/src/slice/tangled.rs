//! Tangled worlds: people who share names, numbers and addresses, owners of owners, keys and providers, and everything
//! named in every way a record can name it.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::small_world::{World, person};

/// One thing: of which sort, three numbers that say which, and at which moments it is shown.
pub(super) type Thing = (u8, u8, u8, u8, u8);

/// What a world is built from: things, documents of the ticket, and cells of the register.
pub(super) type Plan = (Vec<Thing>, Vec<(u8, u8)>, Vec<u8>, Vec<(u8, u8)>);

pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let thing = (0_u8..24, 0_u8..24, 0_u8..24, any::<u8>(), 1_u8..8);
    let things = prop::collection::vec(thing, 4..40);
    let documents = prop::collection::vec((0_u8..4, 0_u8..24), 0..4);
    let cells = prop::collection::vec(0_u8..6, 0..3);
    let links = prop::collection::vec((0_u8..8, 0_u8..5), 0..2);
    (things, documents, cells, links)
}

const NAMES: [&str; 4] = ["Ada", "Ben", "ADA", "Cleo"];
const ADDRESSES: [&str; 6] = [
    "ada@halden.example",
    "ADA+x@halden.test",
    "ben@halden.example",
    "ben@elsewhere.example",
    "cleo@halden.example",
    "eve@halden.test",
];
const NUMBERS: [&str; 4] = ["1042", "1043", "1044", "77"];
const LOGINS: [&str; 5] = ["ada", "Ada", "ben", "ops", "adby042"];
const ACCOUNTS: [&str; 8] = [
    "app/account/1",
    "app/account/2",
    "app/account/3",
    "app/account/bot",
    "app/account/root",
    "dir/account/1",
    "dir/account/2",
    "dir/account/x",
];
const GROUPS: [&str; 3] = ["app/group/dev", "app/group/all", "app/group/ops"];
const SPOKEN_OF: [&str; 8] = [
    "",
    " account ben",
    " key c",
    " group g",
    ", ben@halden.example",
    " rule sync",
    " account `Ops`",
    " of dir adby042",
];
const KINDS: [&str; 6] = ["human", "service", "shared", "agent", "unknown", "human"];

fn pick<T: Copy>(of: &[T], which: u8) -> T {
    of[usize::from(which) % of.len()]
}

fn key(which: u8) -> Value {
    match which % 6 {
        0 | 1 => json!({"kind": "employee_number", "value": pick(&NUMBERS, which / 6)}),
        2 => {
            json!({"kind": "employee_number", "value": pick(&NUMBERS, which / 6), "issuer": pick(&["hr", "dir"], which)})
        }
        3 => {
            json!({"kind": "idp_subject", "value": pick(&["1", "2", "x"], which / 6), "issuer": pick(&["dir", "app"], which / 12)})
        }
        4 => json!({"kind": "directory_id", "value": pick(&["1", "2", "4"], which / 6)}),
        _ => json!({"kind": "key_fingerprint", "value": pick(&["SHA256:a", "SHA256:b"], which / 6)}),
    }
}

/// Somebody, in one of the ways of naming.
pub(super) fn who(which: u8) -> Value {
    match which % 12 {
        0..=4 => json!({"object": pick(&ACCOUNTS, which / 2)}),
        5 => json!({"object": pick(&["dir/identity/1", "dir/identity/2", "app/identity/7"], which / 12)}),
        6 => json!({"object": pick(&GROUPS, which / 12)}),
        7 => json!({"login": pick(&LOGINS, which / 12)}),
        8 => json!({"login": pick(&LOGINS, which)}),
        9 => json!({"email": pick(&ADDRESSES, which / 12)}),
        10 => json!({"email": pick(&ADDRESSES, which)}),
        _ => json!({"key": key(which / 2)}),
    }
}

/// Somebody, often a group.
fn owner(which: u8) -> Value {
    if which.is_multiple_of(3) { json!({"object": pick(&GROUPS, which / 3)}) } else { who(which) }
}

fn emails(which: u8) -> Value {
    match which % 4 {
        0 => json!([]),
        more => json!([{"address": pick(&ADDRESSES, which / 4), "verified": more != 1}]),
    }
}

fn keys(which: u8) -> Value {
    if which.is_multiple_of(3) { json!([]) } else { json!([key(which / 3)]) }
}

fn account(id: &str, a: u8, b: u8, c: u8) -> Value {
    let state = pick(&["active", "active", "disabled", "suspended", "deleted", "unknown"], c);
    let mut account = json!({
        "record": "account", "id": id, "login": pick(&LOGINS, a), "state": state, "native_state": state, "keys": keys(b),
        "emails": emails(a / 2), "kind": {"kind": pick(&KINDS, c / 6), "reason": "tangled"}, "display_name": pick(&NAMES, b),
        "aliases": if c.is_multiple_of(5) { json!([pick(&LOGINS, b)]) } else { json!([]) },
    });
    if c.is_multiple_of(7) {
        account["sso"] = json!({"idp": "dir", "enforced": true});
    }
    account
}

fn thing((sort, a, b, c, _): Thing) -> ((&'static str, &'static str), Value) {
    let owned = [
        "app/account/bot",
        "app/account/root",
        "app/account/3",
        "app/credential/pat",
        "app/integration/sync",
        "app/group/ops",
        "app/resource/vault",
    ];
    match sort {
        0 | 1 => {
            let mut identity = person(&(a % 5).to_string(), pick(&NAMES, b), pick(&NUMBERS, a / 5));
            identity["emails"] = emails(c);
            identity["keys"]
                .as_array_mut()
                .expect("keys")
                .extend(keys(b).as_array().cloned().unwrap_or_default());
            if c.is_multiple_of(5) {
                identity["departed"] = json!("2026-11-01T00:00:00Z");
            }
            (("dir", "people"), identity)
        }
        2 | 3 => (("dir", "accounts"), account(pick(&ACCOUNTS[5..], a), a / 3, b, c)),
        4..=6 => (("app", "accounts"), account(pick(&ACCOUNTS[..5], a), a / 5, b, c)),
        7 => {
            let mut keyless = account(pick(&ACCOUNTS[..5], a), a / 5, b, c);
            keyless["keys"] = json!([]);
            keyless["emails"] = json!([]);
            (("app", "accounts"), keyless)
        }
        8 => {
            let mut identity = person("7", pick(&NAMES, a), "0");
            identity["id"] = json!("app/identity/7");
            identity["keys"] = keys(b);
            identity["emails"] = emails(c);
            (("app", "accounts"), identity)
        }
        9 => {
            let aliases = if b.is_multiple_of(2) { json!([pick(&LOGINS, b)]) } else { json!([]) };
            (
                ("app", "groups"),
                json!({"record": "group", "id": pick(&GROUPS, a), "name": "g", "aliases": aliases}),
            )
        }
        10 | 11 => {
            (("app", "groups"), json!({"record": "membership", "group": pick(&GROUPS, a), "member": who(b)}))
        }
        12 | 13 => (
            ("app", "groups"),
            json!({"record": "grant", "subject": who(a), "resource": pick(&["app/resource/vault", "app/resource/repo"], b), "permission": "write"}),
        ),
        14..=16 => (
            ("app", "groups"),
            json!({
                "record": "ownership", "subject": pick(&owned, a), "owner": owner(b), "reason": "tangled",
                "link": pick(&["owner", "owner", "sponsor", "creator", "exposure"], c),
            }),
        ),
        17 | 18 => (
            ("app", "groups"),
            json!({
                "record": "act_as", "actor": who(a), "target": pick(&ACCOUNTS, b), "reason": "tangled",
                "how": pick(&["knows_secret", "assume", "sso", "sso"], c),
            }),
        ),
        19 | 20 => {
            let mut credential = json!({
                "record": "credential", "id": pick(&["app/credential/pat", "app/credential/key"], a), "name": "c",
                "kind": pick(&["key.asym", "token.user"], c), "native_type": "key", "holder": who(b),
                "state": pick(&["active", "inactive", "revoked"], c / 2),
                "opens": if c.is_multiple_of(3) { json!([pick(&ACCOUNTS, c)]) } else { json!([]) },
            });
            if a.is_multiple_of(3) {
                credential["fingerprint"] = json!(pick(&["SHA256:a", "SHA256:b"], a / 3));
            }
            (("app", "credentials"), credential)
        }
        21 => (
            ("app", "integrations"),
            json!({
                "record": "integration", "id": "app/integration/sync", "kind": "owned.automation", "native_type": "rule",
                "name": "sync", "state": "enabled", "acts_as": who(a), "opens": [pick(&["app/resource/vault", "app/account/root"], b)],
            }),
        ),
        _ => {
            let subject = pick(&[pick(&owned, a), pick(&ACCOUNTS, a)], c);
            let action = pick(&["created", "removed", "used", "enabled"], c);
            let event = json!({
                "record": "event", "id": format!("app/event/{a}-{b}"), "at": "2026-11-20T19:00:00Z", "action": action,
                "subject": subject, "actor": who(b), "detail": "",
            });
            (("app", "integrations"), event)
        }
    }
}

/// Ada and Ben, and everything else of a plan.
pub(super) fn build((things, documents, cells, links): &Plan) -> World {
    let mut world = World::new();
    let mut placed = BTreeSet::new();
    for one in things {
        let (place, record) = thing(*one);
        for (at, shown) in [&mut world.before, &mut world.after, &mut world.now].into_iter().enumerate() {
            if one.4 & (1 << at) == 0 {
                continue;
            }
            let shown = shown.entry(place).or_default();
            // A read shows one object once; what a plan says of Ada and Ben counts before what is usual.
            if let Some(id) = record["id"].as_str() {
                if !placed.insert((at, place, id.to_owned())) {
                    continue;
                }
                shown.retain(|known| known["id"] != id);
            }
            shown.push(record.clone());
        }
    }
    let ticket = json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        "status": {"id": "3", "name": "Done", "done": true},
    });
    let more = documents.iter().enumerate().map(|(at, (sort, by))| {
        let doc_type = pick(&["comment", "approval", "approval", "checklist_item"], *sort);
        let about = pick(&SPOKEN_OF, by / 2);
        json!({
            "record": "document", "id": format!("jira/document/{}", at + 2), "doc_type": doc_type, "done": sort % 2 == 1,
            "text": format!("app: all access removed{about}"), "title": format!("app{about}"), "author": who(*by),
            "at": "2026-11-20T19:00:00Z",
        })
    });
    world.ticket = Some(std::iter::once(ticket).chain(more).collect());
    let register = world.owners["owners"].as_array_mut().expect("cells");
    for (cell, address) in register.iter_mut().zip(cells) {
        cell["owner"] = json!({"person": cell["owner"], "email": pick(&ADDRESSES, *address)});
    }
    for (object, person) in links {
        world.links.push(
            serde_json::from_value(json!({
                "object": pick(&ACCOUNTS, *object), "person": format!("dir/identity/{person}"), "by": "Cleo", "reason": "tangled",
            }))
            .expect("a link"),
        );
    }
    world
}
