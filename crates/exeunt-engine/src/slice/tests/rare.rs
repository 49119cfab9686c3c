//! Worlds in which one record decides that a generated world seldom shows: whatever a slice would lose is said by the title.

use exeunt_model::Who;
use serde_json::{Value, json};

use super::super::tangled::{Plan, build, who};
use super::{case, told};
use crate::small_world::{World, account, member, non_human, owns, person, rule, token};

/// Changes what one read shows, at every moment.
fn everywhere(
    mut world: World,
    place: (&'static str, &'static str),
    change: impl Fn(&mut Vec<Value>),
) -> World {
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        change(shown.entry(place).or_default());
    }
    world
}

/// A bot that was Ada's, and since the departure is somebody's.
fn handed_to(world: World, owner: &Value) -> World {
    let owned = json!({
        "record": "ownership", "subject": "app/account/bot", "owner": owner, "link": "owner", "reason": "hand-over",
    });
    let world = world.keeps("accounts", non_human("bot", "service"));
    world.had("groups", owns("account/bot", "1", "owner")).has("groups", owned)
}

/// A bot that is a team's, of which Ben is the only member.
fn team() -> World {
    let world = handed_to(World::new(), &json!({"object": "app/group/ops"}));
    let world = world.keeps("groups", json!({"record": "group", "id": "app/group/ops", "name": "ops"}));
    world.keeps("groups", member("ops", "account/2"))
}

/// An identity of another source, known by somebody's account in the application.
fn known_as(account: &str) -> Value {
    let mut identity = person("7", "A. B.", "0");
    identity["id"] = json!("app/identity/7");
    identity["emails"] = json!([]);
    identity["keys"] = json!([{"kind": "idp_subject", "value": account, "issuer": "app"}]);
    identity
}

/// An account called Ada, with a key that Ben also has, by another issuer.
fn same_key(of_ben: &Value, of_account: &Value) -> World {
    let mut namesake = account("app", "3", "somebody", "0", "active");
    namesake["display_name"] = json!("Ada");
    namesake["keys"] = json!([of_account]);
    let world = World::new().keeps("accounts", namesake);
    everywhere(world, ("dir", "people"), |people| people[1]["keys"] = json!([of_ben]))
}

fn key(id: &str, more: &Value) -> Value {
    let mut key = json!({
        "record": "credential", "id": format!("app/credential/{id}"), "kind": "key.asym", "native_type": "key", "name": id,
        "state": "active",
    });
    key.as_object_mut().expect("a key").extend(more.as_object().expect("fields").clone());
    key
}

/// Whose an account or a bot is, and who is behind an owner.
fn people() -> Vec<(&'static str, World)> {
    let mut colleagues = account("app", "3", "ben2", "0", "active");
    colleagues["keys"] = json!([]);
    colleagues["display_name"] = json!("Ben");
    let signs_in = json!({
        "record": "act_as", "actor": {"object": "app/account/1"}, "target": "app/account/3", "how": "sso", "reason": "app",
    });
    let named = World::new().ada("active").keeps("accounts", colleagues).keeps("groups", signs_in);
    let left =
        everywhere(team(), ("dir", "people"), |people| people[1]["departed"] = json!("2026-11-01T00:00:00Z"));
    let owners_owner = handed_to(World::new(), &json!({"object": "app/account/bot2"}))
        .keeps("accounts", non_human("bot2", "service"))
        .keeps("groups", owns("account/bot2", "2", "owner"));
    let known_there = |world: World| {
        everywhere(world, ("dir", "accounts"), |rows| {
            let mut bens = account("dir", "x", "ben", "0", "active");
            bens["keys"] = json!([{"kind": "idp_subject", "value": "2", "issuer": "app"}]);
            *rows = vec![bens];
        })
    };
    let at_provider = known_there(handed_to(World::new(), &json!({"object": "app/account/2"})));
    let by_one_another = everywhere(at_provider.clone(), ("app", "accounts"), |rows| {
        for row in rows.iter_mut().filter(|row| row["id"] == "app/account/2") {
            row["keys"] = json!([
                {"kind": "employee_number", "value": "1043"}, {"kind": "idp_subject", "value": "x", "issuer": "dir"},
            ]);
        }
    });
    let of_another_source =
        handed_to(World::new(), &json!({"object": "app/identity/7"})).keeps("accounts", known_as("2"));
    let her_other_source = World::new()
        .ada("active")
        .keeps("accounts", known_as("1"))
        .keeps("accounts", non_human("bot", "service"))
        .keeps("groups", json!({
            "record": "ownership", "subject": "app/account/bot", "owner": {"object": "app/identity/7"}, "link": "owner",
            "reason": "small",
        }));
    vec![
        ("an account that only a colleague's name keeps from being hers", named),
        ("a team whose only member has left as well", left),
        ("a team of whom one is employed", team()),
        ("an owner's owner", owners_owner),
        ("an owner whom the directory knows by an account at a provider", at_provider),
        ("an owner whose accounts are known by one another", by_one_another),
        ("an owner by an identity of another source", of_another_source),
        ("her own identity of another source", her_other_source),
    ]
}

/// What is known by a key.
fn keys() -> Vec<(&'static str, World)> {
    let number = |issuer: &str| json!({"kind": "employee_number", "value": "1043", "issuer": issuer});
    let print =
        |issuer: Option<&str>| json!({"kind": "key_fingerprint", "value": "SHA256:a", "issuer": issuer});
    let robot = |issuer: Option<&str>| {
        let mut robots = account("app", "3", "somebody", "77", "active");
        robots["display_name"] = json!("Ada");
        robots["keys"][0]["issuer"] = json!(issuer);
        everywhere(World::new().keeps("accounts", robots), ("dir", "people"), |people| {
            let mut robot = person("9", "Robot", "77");
            robot["kind"] = json!({"kind": "service", "reason": "small"});
            people.push(robot);
        })
    };
    let by_issuer = World::new()
        .ada("active")
        .keeps("accounts", non_human("9", "shared"))
        .keeps("credentials", key("own", &json!({"holder": {"object": "app/account/1"}, "fingerprint": "SHA256:a"})))
        .keeps("credentials", key("shared", &json!({"holder": {"object": "app/account/9"}})))
        .keeps("credentials", json!({
            "record": "ownership", "subject": "app/credential/shared", "link": "owner", "reason": "fingerprint",
            "owner": {"key": print(Some("elsewhere"))},
        }));
    let mut hers = account("app", "1", "ada", "1042", "active");
    hers["aliases"] = json!(["\u{416}\u{415}\u{41d}\u{42f}"]);
    let as_member = json!({
        "record": "membership", "group": "app/group/dev", "member": {"login": "\u{436}\u{435}\u{43d}\u{44f}"},
    });
    let in_cyrillic = World::new().has("accounts", hers).has("groups", as_member);
    let by_id = World::new().keeps("accounts", {
        let mut by_id = account("app", "9", "somebody", "0", "active");
        by_id["keys"] = json!([{"kind": "directory_id", "value": "1", "issuer": "dir"}]);
        by_id
    });
    let by_id = everywhere(by_id, ("dir", "accounts"), Vec::clear);
    vec![
        ("a number that another issuer gave as well", same_key(&number("hr"), &number("payroll"))),
        ("a fingerprint that another issuer shows as well", same_key(&print(Some("hr")), &print(None))),
        ("a number of what is no person", robot(None)),
        ("a number of what is no person, by an issuer", robot(Some("payroll"))),
        ("a key that is named with an issuer", by_issuer),
        ("a directory id that is named with its issuer", by_id),
        ("a login in another script", in_cyrillic),
    ]
}

/// What opens a thing, and where a thing lives.
fn openers() -> Vec<(&'static str, World)> {
    let knows = json!({
        "record": "act_as", "actor": {"object": "app/account/1"}, "target": "app/account/root", "how": "knows_secret",
        "reason": "small",
    });
    let opens = |created: &str| key("root", &json!({"created": created, "opens": ["app/account/root"]}));
    let secret = |now: &str| {
        World::new()
            .keeps("accounts", non_human("root", "shared"))
            .keeps("groups", knows.clone())
            .had("credentials", opens("2026-01-01T00:00:00Z"))
            .has("credentials", opens(now))
    };
    let of_bot = key("bot", &json!({"created": "2026-01-01T00:00:00Z", "opens": ["app/account/bot"]}));
    let old_one = handed_to(World::new(), &json!({"object": "app/account/2"})).keeps("credentials", of_bot);
    let mut into_dev = rule("sync", "2", "enabled");
    into_dev["opens"] = json!(["app/group/dev"]);
    let mut put_back = World::new()
        .ada("active")
        .keeps("groups", json!({"record": "group", "id": "app/group/dev", "name": "dev"}))
        .keeps("integrations", into_dev)
        .had("groups", member("dev", "account/1"));
    put_back.now.entry(("app", "groups")).or_default().push(member("dev", "account/1"));
    let mut of_root = rule("sync", "1", "enabled");
    of_root["opens"] = json!(["app/account/root"]);
    let mut died = World::new().ada("active").had("accounts", non_human("root", "service"));
    died.before.insert(("app", "of_account[root]"), vec![of_root]);
    died.now.insert(("app", "of_account[root]"), Vec::new());
    died.partial.insert(("app", "of_account"));
    died.manifest["kills"]["owned.automation"]["deleted"] = json!("dies");
    vec![
        ("a secret that was made anew", secret("2026-11-20T17:30:00Z")),
        ("a secret that is the old one", old_one),
        ("a rule that put somebody back", put_back),
        ("a rule that died with what it opened", died),
    ]
}

/// A ticket with one part more.
fn ticket(more: &[Value]) -> Vec<Value> {
    let done = json!({"id": "3", "name": "Done", "done": true});
    let ticket = json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        "status": done,
    });
    let parts = more.iter().zip(2..).map(|(fields, id)| {
        let mut part = json!({
            "record": "document", "id": format!("jira/document/{id}"), "doc_type": "subtask", "status": done,
            "parent": "jira/document/1", "at": "2026-11-20T19:00:00Z",
        });
        part.as_object_mut().expect("a part").extend(fields.as_object().expect("fields").clone());
        part
    });
    std::iter::once(ticket).chain(parts).collect()
}

/// What a ticket, or the register of owners, speaks of.
fn spoken_of() -> Vec<(&'static str, World)> {
    let says = |title: &str| World::new().ada("active").says(ticket(&[json!({ "title": title })]));
    let mut zoe = account("app", "3", "zz", "0", "active");
    zoe["keys"] = json!([]);
    zoe["emails"] = json!([{"address": "Zoe@elsewhere.example", "verified": false}]);
    let team = json!({"record": "group", "id": "app/group/77", "name": "Night Watch"});
    let mut another =
        World::new().ada("active").says(ticket(&[json!({"title": "app", "fields": {"number": "1043"}})]));
    another.workflow["employee_number_field"] = json!("number");
    let mut mover = rule("77", "2", "enabled");
    mover["name"] = json!("mover");
    let through = |stated: &str| {
        let comment = json!({
            "doc_type": "comment", "text": "all access removed", "author": {"object": "app/account/2"}, "stated_through": stated,
        });
        World::new().ada("active").keeps("integrations", mover.clone()).says(ticket(&[comment]))
    };
    let both = everywhere(World::new(), ("dir", "people"), |people| {
        people[1]["keys"] = json!([{"kind": "scim_external_id", "value": "x-2"}]);
    });
    let both = everywhere(both, ("app", "accounts"), |rows| rows.retain(|row| row["id"] != "app/account/2"));
    let both = both.ada("active").says(ticket(&[
        json!({"doc_type": "approval", "done": true, "author": {"key": {"kind": "scim_external_id", "value": "x-2"}}}),
        json!({
            "doc_type": "comment", "text": "all access removed", "author": {"key": {"kind": "directory_id", "value": "2"}},
        }),
    ]));
    let mut owner = everywhere(World::new().ada("active"), ("app", "accounts"), |rows| {
        rows.iter_mut()
            .filter(|row| row["id"] == "app/account/2")
            .for_each(|row| row["login"] = json!("ben7"));
    });
    owner =
        everywhere(owner, ("dir", "people"), |people| people[1]["departed"] = json!("2026-11-01T00:00:00Z"));
    let mut by_identity = owner.clone();
    by_identity.owners["owners"][1]["owner"] = json!({"person": "Ben", "identity": "dir/identity/2"});
    owner.owners["owners"][1]["owner"] =
        json!({"person": "Ben", "login": {"system": "app", "login": "ben7"}});
    vec![
        ("a claim about somebody else's account", says("app account ben disabled")),
        (
            "a claim about somebody else's token",
            says("app token bens-pat revoked").keeps("credentials", token("bens-pat", "2", "active")),
        ),
        (
            "a claim about somebody else's address",
            says("app: zoe@elsewhere.example closed").keeps("accounts", zoe),
        ),
        ("a claim about a group in quotes", says("app: out of `night watch`").keeps("groups", team)),
        ("a part about another leaver, by their number", another),
        ("a rule that said so, by its name", through("mover")),
        ("a rule that said so, by its id", through("77")),
        ("one who approves and says that it is done, by two keys", both),
        ("an owner who has left, by a login in one system", owner),
        ("an owner who has left, by the identity", by_identity),
    ]
}

/// What a slice leaves out is not missed by the verdict, also where one record decides.
#[test]
fn what_decides_is_held() {
    let ada: Who = serde_json::from_value(json!({"object": "dir/identity/1"})).expect("somebody");
    for (what, world) in [people(), keys(), openers(), spoken_of()].into_iter().flatten() {
        for [whole, all, own] in told(&world, &[case(vec![ada.clone()])]) {
            assert!(whole.is_ok(), "{what}: {whole:?}");
            assert_eq!((&whole, &whole), (&all, &own), "{what}");
        }
    }
}

type Things = &'static [(u8, u8, u8, u8, u8)];
type Kept = (Things, &'static [(u8, u8)], &'static [u8], &'static [(u8, u8)], [u8; 2]);

/// Tangled worlds of four things, documents, cells, links, and two who may be meant: found by chance, made as small as they go.
/// Each of them told a slice that kept too little.
const PLANS: &[Kept] = &[
    (&[(0, 0, 0, 0, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 0, 0, 0, 1), (7, 0, 0, 0, 1), (4, 0, 0, 0, 1), (0, 3, 0, 0, 1)], &[], &[], &[(5, 2)], [0, 0]),
    (&[(0, 0, 0, 4, 1), (19, 21, 9, 44, 1), (12, 23, 0, 0, 1), (0, 16, 0, 74, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 0, 2, 0, 1), (4, 0, 17, 204, 1), (0, 0, 0, 0, 1), (0, 0, 6, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 1, 11, 0, 1), (8, 10, 0, 36, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 11, 3, 0, 7), (2, 0, 0, 0, 1), (0, 0, 0, 0, 1), (0, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 11, 3, 4, 7), (4, 0, 0, 0, 1), (0, 0, 0, 0, 1), (4, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 12, 9, 8, 1), (7, 5, 5, 24, 3), (2, 0, 0, 0, 1), (2, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 15, 7, 4, 1), (0, 5, 6, 4, 1), (0, 1, 0, 12, 1), (0, 3, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(0, 17, 0, 0, 7), (0, 0, 0, 0, 1), (0, 10, 0, 0, 1), (19, 0, 12, 0, 1)], &[], &[], &[], [11, 0]),
    (&[(0, 17, 0, 0, 7), (0, 0, 0, 0, 1), (0, 7, 0, 0, 1), (0, 0, 0, 0, 1)], &[], &[], &[], [12, 0]),
    (&[(0, 7, 9, 165, 1), (8, 8, 3, 21, 1), (0, 0, 0, 84, 1), (2, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(10, 0, 19, 0, 1), (0, 5, 3, 0, 1), (2, 0, 0, 0, 1), (2, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(10, 0, 19, 0, 2), (4, 1, 17, 0, 1), (0, 0, 0, 0, 1), (4, 0, 0, 0, 1)], &[], &[], &[], [12, 0]),
    (&[(17, 5, 7, 172, 1), (9, 0, 1, 0, 1), (22, 23, 6, 71, 1), (0, 0, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(19, 21, 0, 104, 1), (0, 1, 0, 0, 1), (0, 5, 3, 0, 1), (2, 0, 0, 0, 1)], &[], &[], &[], [23, 0]),
    (&[(2, 0, 0, 0, 1), (2, 0, 0, 0, 1), (0, 0, 0, 0, 1), (8, 1, 15, 145, 1)], &[], &[], &[], [0, 0]),
    (&[(2, 2, 11, 0, 1), (10, 0, 5, 0, 1), (0, 5, 12, 0, 1), (4, 0, 0, 0, 1)], &[], &[], &[], [14, 0]),
    (&[(2, 2, 19, 0, 1), (0, 10, 0, 0, 1), (0, 0, 0, 0, 1), (4, 0, 0, 0, 1)], &[], &[], &[], [12, 0]),
    (&[(21, 2, 0, 0, 4), (21, 7, 0, 0, 5), (2, 14, 0, 0, 1), (4, 0, 0, 0, 2)], &[], &[], &[], [0, 0]),
    (&[(4, 0, 0, 0, 1), (4, 0, 0, 0, 1), (4, 12, 0, 0, 1), (2, 2, 3, 0, 1)], &[(0, 12)], &[], &[], [0, 0]),
    (&[(4, 0, 17, 204, 1), (8, 0, 0, 0, 1), (0, 17, 0, 0, 1), (0, 0, 6, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(4, 1, 0, 0, 7), (4, 0, 1, 0, 1), (0, 5, 9, 4, 1), (2, 9, 0, 0, 1)], &[], &[], &[(0, 2)], [0, 0]),
    (&[(4, 1, 10, 0, 7), (12, 2, 0, 0, 1), (0, 5, 3, 0, 1), (0, 5, 12, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(4, 1, 20, 96, 1), (4, 2, 0, 0, 1), (4, 1, 15, 96, 1), (4, 1, 18, 96, 1)], &[], &[], &[], [0, 0]),
    (&[(4, 16, 0, 0, 3), (4, 0, 0, 0, 1), (2, 8, 15, 0, 1), (4, 0, 0, 0, 1)], &[], &[0], &[], [12, 0]),
    (&[(7, 8, 0, 0, 1), (7, 17, 4, 96, 1), (0, 0, 0, 0, 1), (0, 4, 0, 0, 1)], &[], &[], &[(2, 3)], [0, 0]),
    (&[(8, 11, 3, 169, 1), (0, 0, 0, 0, 1), (2, 0, 0, 0, 1), (0, 2, 0, 0, 1)], &[], &[], &[], [0, 0]),
    (&[(8, 13, 9, 36, 1), (8, 8, 3, 132, 2), (7, 7, 2, 0, 1), (0, 10, 2, 108, 1)], &[], &[], &[], [0, 0]),
    (&[(8, 5, 15, 12, 1), (0, 23, 13, 0, 1), (0, 0, 0, 0, 1), (9, 0, 0, 0, 1)], &[], &[], &[(5, 2)], [0, 0]),
];

/// As for any generated world; these are asked first.
#[test]
fn what_told_once_is_held() {
    let named = |which: u8| serde_json::from_value::<Who>(who(which)).expect("somebody");
    let ada: Who = serde_json::from_value(json!({"object": "dir/identity/1"})).expect("somebody");
    for (things, documents, cells, links, [first, second]) in PLANS {
        let plan: Plan = (things.to_vec(), documents.to_vec(), cells.to_vec(), links.to_vec());
        let cases =
            [case(vec![ada.clone()]), case(vec![named(*first)]), case(vec![named(*second), named(*first)])];
        for [whole, all, own] in told(&build(&plan), &cases) {
            assert_eq!((&whole, &whole), (&all, &own), "{plan:?}");
        }
    }
}
