//! Whom records name: by an identity of any source, by an address that has moved, by a key; and who of a directory is a person.

use exeunt_model::{Ref, State, Who};
use serde_json::{Value, json};

use super::{address, key, keyless, whose_in};
use crate::correlate::People;
use crate::estate::Estate;
use crate::small_world::{Shown, World, account, non_human, person};

const BOT: &str = "app:owned.nhi:bot";

/// Changes what one read shows, at every moment.
fn everywhere(
    mut world: World,
    place: (&'static str, &'static str),
    change: impl Fn(&mut Vec<Value>),
) -> World {
    let all: [&mut Shown; 3] = [&mut world.before, &mut world.after, &mut world.now];
    for shown in all {
        change(shown.entry(place).or_default());
    }
    world
}

fn has(world: &World, id: &str) -> bool {
    world.judge().obligations.iter().any(|line| line.id == id && line.state == State::Live)
}

/// A bot that somebody owns, as its system names them.
fn bot_of(world: World, owner: &Value) -> World {
    let owned = json!({
        "record": "ownership", "subject": "app/account/bot", "owner": owner, "link": "owner", "reason": "small",
    });
    world.keeps("accounts", non_human("bot", "service")).keeps("groups", owned)
}

/// Ada's second identity, as a contractor with a number of its own and the same address.
fn contractor() -> World {
    everywhere(World::new(), ("dir", "people"), |people| {
        let mut second = person("4", "Ada Contractor", "3001");
        second["emails"] = json!([{"address": "ada@halden.example", "verified": true}]);
        people.push(second);
    })
}

fn tied(mut world: World, object: &str) -> World {
    let link =
        json!({"object": object, "person": "dir/identity/1", "by": "Cleo", "reason": "the same person"});
    world.links.push(serde_json::from_value(link).expect("a link"));
    world
}

/// A bot whose owner is named by another identity of theirs would be nobody's, and stay.
#[test]
fn an_owner_named_by_an_identity() {
    let of_app = |number: &str| {
        let mut identity = person("7", "A. B.", number);
        identity["id"] = json!("app/identity/7");
        identity["emails"] = json!([]);
        let world = World::new().keeps("accounts", identity);
        has(&bot_of(world, &json!({"object": "app/identity/7"})), BOT)
    };
    assert!(of_app("1042"), "an identity of another source, with her number");
    assert!(!of_app("7"), "with another number");
    let second = json!({"object": "dir/identity/4"});
    assert!(has(&bot_of(tied(contractor(), "dir/identity/4"), &second), BOT), "her second identity");
    assert!(!has(&bot_of(contractor(), &second), BOT), "of which nobody said that it is hers");
    let robot = everywhere(World::new(), ("dir", "people"), |people| {
        let mut robot = person("9", "Ada", "1042");
        robot["kind"] = json!({"kind": "service", "reason": "small"});
        people.push(robot);
    });
    assert!(
        !has(&bot_of(robot, &json!({"object": "dir/identity/9"})), BOT),
        "what the directory calls no person is nobody's, whatever number it has"
    );
}

/// Mail that reached a bot before and reaches Ada now is Ada's now: what names her by it is hers.
#[test]
fn an_address_that_has_moved() {
    let desk = json!([{"address": "desk@elsewhere.example", "verified": true}]);
    let bot = non_human("bot", "service");
    let (mut bots, mut hers) = (bot.clone(), account("app", "1", "ada", "1042", "active"));
    bots["emails"] = desk.clone();
    hers["emails"] = desk;
    let named = json!({"record": "membership", "group": "app/group/dev", "member": {"email": "desk@elsewhere.example"}});
    let world =
        World::new().had("accounts", bots).has("accounts", bot).has("accounts", hers).has("groups", named);
    assert!(has(&world, "app:grant.direct:account/1->group/dev"));
}

/// A person of whom a directory does not say what they are leaves like others; an address nobody verified joins nothing.
#[test]
fn what_a_directory_says_of_people() {
    let unknown = everywhere(World::new(), ("dir", "people"), |people| {
        people[0]["kind"] = json!({"kind": "unknown", "reason": "small"});
    });
    let number = keyless("9", &key("employee_number", "1042", None));
    assert_eq!(whose_in(&unknown.keeps("accounts", number)), "hers");
    let claimed = |verified: bool| {
        let world = everywhere(World::new(), ("dir", "people"), |people| {
            people[0]["emails"] = json!([{"address": "a@private.example", "verified": verified}]);
        });
        whose_in(&world.keeps("accounts", keyless("9", &address("a@private.example", true))))
    };
    assert_eq!((claimed(true), claimed(false)), ("hers", "not hers"));
}

/// In the directory an account and an identity of one id are one; elsewhere the same id says nothing.
#[test]
fn the_directorys_own_id() {
    let open = World::new().ada_in_directory("active");
    let bare = everywhere(open, ("dir", "accounts"), |rows| {
        for row in rows {
            row["keys"] = json!([]);
        }
    });
    assert!(has(&bare, "dir:principal:1"));
    let elsewhere =
        everywhere(World::new(), ("app", "accounts"), |rows| *rows = vec![keyless("1", &json!({}))]);
    assert!(!has(&elsewhere, "app:principal:1"));
    let without = everywhere(World::new(), ("dir", "accounts"), Vec::clear);
    let by_id = keyless("9", &key("directory_id", "1", Some("dir")));
    assert_eq!(whose_in(&without.keeps("accounts", by_id)), "hers", "also where it has no accounts");
}

/// What hangs on a group of the directory is no word about the person who has the same number there.
#[test]
fn a_link_of_something_else_ties_no_identity() {
    let world = contractor().keeps("accounts", keyless("9", &key("employee_number", "3001", None)));
    assert_eq!(whose_in(&tied(world.clone(), "dir/group/4")), "not hers");
    assert_eq!(whose_in(&tied(world, "dir/account/4")), "hers", "the account of her second identity is she");
}

/// Whoever approves in their own case must not pass for somebody else by a second identity, nor for two.
#[test]
fn a_claim_by_a_second_identity_is_the_person() {
    let world = tied(contractor(), "dir/identity/4");
    let ada: Ref = "dir/identity/1".parse().expect("a reference");
    let history = world.history();
    world.ask(&history, &[], |inputs| {
        let estate = Estate::new(inputs).expect("digests");
        let people = People::new(&estate, inputs.directory, inputs.links, inputs.domains);
        for who in [
            json!({"email": "ada@halden.example"}),
            json!({"key": {"kind": "employee_number", "value": "3001"}}),
            json!({"object": "dir/identity/4"}),
        ] {
            let named: Who = serde_json::from_value(who.clone()).expect("somebody");
            assert_eq!(people.claimed(&estate, &named), [&ada], "{who}");
        }
    });
}
