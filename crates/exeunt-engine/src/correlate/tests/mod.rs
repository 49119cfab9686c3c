//! Whose an account is: what decides, what is a question, and what is nobody's.

mod named;

use exeunt_model::State;
use serde_json::{Value, json};

use crate::small_world::{World, account, person};

/// An account without any key.
fn keyless(id: &str, more: &Value) -> Value {
    let mut record = account("app", id, "somebody", "0", "active");
    record["keys"] = json!([]);
    record.as_object_mut().expect("an account").extend(more.as_object().expect("fields").clone());
    record
}

/// What becomes of one account in Ada's case: a line of hers, a question, or neither.
fn whose(record: Value) -> &'static str {
    whose_in(&World::new().keeps("accounts", record))
}

fn whose_in(world: &World) -> &'static str {
    let verdict = world.judge();
    if verdict.obligations.iter().any(|line| line.id == "app:principal:9" && line.state == State::Live) {
        "hers"
    } else if verdict.disputed.iter().any(|disputed| disputed.account.id == "9") {
        "disputed"
    } else {
        "not hers"
    }
}

fn address(address: &str, verified: bool) -> Value {
    json!({"emails": [{"address": address, "verified": verified}]})
}

fn key(kind: &str, value: &str, issuer: Option<&str>) -> Value {
    json!({"keys": [{"kind": kind, "value": value, "issuer": issuer}]})
}

/// An exact key or a verified address decides; what the system does not vouch for is a question; the rest is nobody's.
#[test]
fn what_makes_an_account_somebodys() {
    let table = [
        ("her number", key("employee_number", "1042", None), "hers"),
        ("another number", key("employee_number", "7", None), "not hers"),
        ("her directory id", key("directory_id", "1", None), "hers"),
        ("another directory id", key("directory_id", "2", None), "not hers"),
        ("her subject at the directory", key("idp_subject", "1", Some("dir")), "hers"),
        ("that subject at another provider", key("idp_subject", "1", Some("elsewhere")), "not hers"),
        ("a verified address", address("ada@halden.example", true), "hers"),
        ("the same in the other domain", address("Ada@halden.test", true), "hers"),
        ("an address nobody vouches for", address("ada@halden.example", false), "disputed"),
        ("somebody else's address", address("ben@halden.example", true), "not hers"),
        ("her name", json!({"display_name": "Ada"}), "disputed"),
        ("her name in capitals", json!({"display_name": "ADA"}), "disputed"),
        ("no name", json!({}), "not hers"),
        (
            "her name, of a bot",
            json!({"display_name": "Ada", "kind": {"kind": "service", "reason": "small"}}),
            "not hers",
        ),
        (
            "her name, of nobody knows what",
            json!({"display_name": "Ada", "kind": {"kind": "unknown", "reason": "small"}}),
            "disputed",
        ),
    ];
    for (title, more, expected) in table {
        assert_eq!(whose(keyless("9", &more)), expected, "{title}");
    }
    let bots = address("ada@halden.example", true);
    let mut bot = keyless("9", &bots);
    bot["kind"] = json!({"kind": "service", "reason": "small"});
    assert_eq!(whose(bot), "not hers", "an address of a bot is where its mail goes");
}

/// A namesake's number settles which of two people of one name an account could be.
#[test]
fn which_of_two_namesakes() {
    let with = |login: &str| {
        let mut world = World::new();
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            let mut namesake = person("3", "Ada", "2077");
            namesake["emails"] = json!([]);
            shown.get_mut(&("dir", "people")).expect("people").push(namesake);
        }
        world.keeps("accounts", keyless("9", &json!({"display_name": "Ada", "login": login})))
    };
    let candidates = |world: &World| {
        let disputed = world.judge().disputed;
        disputed
            .into_iter()
            .find(|disputed| disputed.account.id == "9")
            .map(|disputed| disputed.candidates.len())
    };
    assert_eq!(candidates(&with("somebody")), Some(2), "both");
    assert_eq!(candidates(&with("ada1042")), Some(1), "hers by the number");
    assert_eq!(candidates(&with("ada2077")), None, "the other one's by the number");
}

/// A key that two people have gives the account to neither and has to be settled before anything is clear.
#[test]
fn a_key_of_two_people() {
    let two = |number: &str| {
        let mut world = World::new();
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            let mut other = person("3", "Cleo", number);
            other["keys"]
                .as_array_mut()
                .expect("keys")
                .push(json!({"kind": "scim_external_id", "value": "x-1"}));
            let people = shown.get_mut(&("dir", "people")).expect("people");
            people.push(other);
            people[0]["keys"]
                .as_array_mut()
                .expect("keys")
                .push(json!({"kind": "scim_external_id", "value": "x-1"}));
        }
        world
    };
    let shared = key("scim_external_id", "x-1", None);
    assert_eq!(whose_in(&two("7").keeps("accounts", keyless("9", &shared))), "disputed");
    let mut not_human = two("7");
    for shown in [&mut not_human.before, &mut not_human.after, &mut not_human.now] {
        let people = shown.get_mut(&("dir", "people")).expect("people");
        people.last_mut().expect("Cleo")["kind"] = json!({"kind": "service", "reason": "small"});
    }
    assert_eq!(
        whose_in(&not_human.keeps("accounts", keyless("9", &shared))),
        "hers",
        "what is no person is no candidate"
    );
}

/// An account that signs in through a provider is that person's whose account there is: of two people's, it is a question.
#[test]
fn through_a_provider() {
    let through = |subjects: &[&str]| {
        let keys: Vec<Value> =
            subjects.iter().map(|id| json!({"kind": "idp_subject", "value": id, "issuer": "app"})).collect();
        whose(keyless("9", &json!({ "keys": keys })))
    };
    assert_eq!(through(&["1"]), "hers", "account 1 of the application is hers");
    assert_eq!(through(&["2"]), "not hers");
    assert_eq!(through(&["1", "2"]), "disputed");
    assert_eq!(through(&["404"]), "not hers");
}

/// Two identities that were tied by hand are one person, whose accounts are all hers.
#[test]
fn a_second_identity() {
    let mut world = World::new().keeps("accounts", keyless("9", &key("employee_number", "3001", None)));
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        let mut second = person("4", "Ada Contractor", "3001");
        second["emails"] = json!([]);
        shown.get_mut(&("dir", "people")).expect("people").push(second);
    }
    assert_eq!(whose_in(&world.clone()), "not hers");
    let link = json!({"object": "dir/identity/4", "person": "dir/identity/1", "by": "Cleo", "reason": "came back as a contractor"});
    world.links.push(serde_json::from_value(link).expect("a link"));
    assert_eq!(whose_in(&world), "hers");
}

/// A number or directory id without an issuer is the organisation's own; two issuers may give the same value, and any other
/// kind of key counts from the same issuer alone.
#[test]
fn who_issued_a_key() {
    let matches = |kind: &str, hers: Option<&str>, accounts: Option<&str>| {
        let mut world = World::new();
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            let people = shown.get_mut(&("dir", "people")).expect("people");
            people[0]["keys"]
                .as_array_mut()
                .expect("keys")
                .push(json!({"kind": kind, "value": "x-1", "issuer": hers}));
        }
        whose_in(&world.keeps("accounts", keyless("9", &key(kind, "x-1", accounts)))) == "hers"
    };
    for kind in ["employee_number", "directory_id"] {
        assert!(matches(kind, None, None) && matches(kind, Some("hr"), Some("hr")), "{kind}");
        assert!(
            matches(kind, None, Some("hr")) && matches(kind, Some("hr"), None),
            "{kind} of the organisation's own"
        );
        assert!(!matches(kind, Some("hr"), Some("payroll")), "{kind} of two issuers");
    }
    assert!(matches("scim_external_id", None, None) && matches("scim_external_id", Some("hr"), Some("hr")));
    assert!(!matches("scim_external_id", None, Some("hr")) && !matches("scim_external_id", Some("hr"), None));
    // The directory's own id of a person is a directory id, of the directory.
    let by_id = |issuer: Option<&str>| whose(keyless("9", &key("directory_id", "1", issuer)));
    assert_eq!(by_id(None), "hers");
    assert_eq!(by_id(Some("dir")), "hers");
    assert_eq!(by_id(Some("elsewhere")), "not hers");
    assert_eq!(whose(keyless("9", &key("employee_number", "1", None))), "not hers", "an id is no number");
}
