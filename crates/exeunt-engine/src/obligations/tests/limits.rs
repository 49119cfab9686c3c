//! The list at its limits: one thing twice, ways that have ended, two names of one kind.

use exeunt_model::{Grade, State};
use serde_json::json;

use super::{found, with};
use crate::small_world::{TIMES, World, earlier, grant, member, moved, owns, partial, time, token};

const VAULT: &str = "app:grant.inherited:account/1->resource/vault#admin";

/// One thing that is had in two ways stands once, as the way that is left.
#[test]
fn had_in_two_ways() {
    let role = json!({
        "record": "grant", "subject": {"object": "app/account/1"}, "resource": "app/group/dev", "permission": "owner",
    });
    let world = World::new()
        .ada("active")
        .keeps("groups", json!({"record": "group", "id": "app/group/dev", "name": "dev"}))
        .had("groups", owns("group/dev", "1", "owner"))
        .keeps("groups", role);
    let lines = world.judge().obligations;
    let states: Vec<State> = lines
        .iter()
        .filter(|line| line.id == "app:grant.direct:account/1->group/dev#owner")
        .map(|line| line.state)
        .collect();
    assert_eq!(states, [State::Live]);
}

/// Whoever has to take somebody out of several groups is told of each by name, once, in order.
#[test]
fn what_has_to_be_cut() {
    let mut world = World::new().ada("active");
    for (id, name) in [("1", "zeta"), ("2", "alpha"), ("3", "alpha")] {
        world = world
            .keeps("groups", json!({"record": "group", "id": format!("app/group/{id}"), "name": name}))
            .keeps("groups", member(id, "account/1"))
            .keeps("groups", grant(&format!("group/{id}"), "vault", "admin"));
    }
    let expected = "Take ada out of alpha and out of zeta; that cuts every way to admin on vault.";
    assert_eq!(world.line(VAULT).next_step.as_str(), expected);
}

/// A way is known as well as its least known step.
#[test]
fn the_grade_of_a_way() {
    let grade = |refused: Option<&'static str>| {
        let mut world = World::new()
            .ada("active")
            .keeps("groups", member("dev", "account/1"))
            .keeps("integrations", grant("group/dev", "vault", "admin"));
        world.partial.extend(refused.map(|read| ("app", read)));
        world.line(VAULT).grade
    };
    assert_eq!(grade(None), Grade::E3);
    assert_eq!(grade(Some("groups")), Grade::E2);
    assert_eq!(grade(Some("integrations")), Grade::E2);
}

/// What was last seen as its account was found gone is shown for as long as it was seen.
#[test]
fn a_membership_that_ended_with_its_account() {
    let mut world = World::new().had("of_account[1]", member("dev", "account/1"));
    world.after.insert(("app", "of_account[1]"), vec![member("dev", "account/1")]);
    let line = world.line("app:grant.direct:account/1->group/dev");
    assert_eq!(line.state, State::Gone, "{}", line.because);
    let seen: Vec<String> = line
        .timeline
        .iter()
        .filter(|moment| moment.what.contains("seen"))
        .map(|moment| format!("{} {}", moment.at, moment.what))
        .collect();
    let expected = ["2026-11-20T08:00:00Z First seen in this case.", "2026-11-20T18:00:00Z Last seen."];
    assert_eq!(seen, expected);
}

/// What a system showed in its last whole read before they left was there before: a way on from it was open, whenever the
/// other system was first read.
#[test]
fn a_way_over_two_baselines() {
    let mut world = World::new().ada("active").keeps("groups", grant("group/dev", "vault", "admin"));
    world.before.entry(("dir", "accounts")).or_default().push(member("dev", "account/1"));
    let mut history = world.history();
    moved(&mut history, "dir", TIMES[0], "2026-11-20T06:00:00Z");
    moved(&mut history, "dir", TIMES[1], "2026-11-20T07:00:00Z");
    partial(&mut history, "dir", "2026-11-20T07:00:00Z", "people", None);
    assert_eq!(world.line_in(&history, VAULT).map(|line| line.state), Some(State::Gone));
    // The application was read in between as well, before its own baseline: that begins nothing either.
    moved(&mut history, "dir", "2026-11-20T06:00:00Z", "2026-11-17T06:00:00Z");
    moved(&mut history, "dir", "2026-11-20T07:00:00Z", "2026-11-17T07:00:00Z");
    earlier(&mut history, &World::new().had("groups", grant("group/dev", "vault", "admin")));
    let in_between = time("2026-11-18T08:00:00Z");
    history.retain(|snapshot| snapshot.system.as_str() == "app" || snapshot.started != in_between);
    assert_eq!(world.line_in(&history, VAULT).map(|line| line.state), Some(State::Gone));
}

/// An id that begins as another kind's would is told from that one.
#[test]
fn ids_that_could_be_taken_for_others() {
    let world = World::new()
        .ada("active")
        .keeps("credentials", token("account/7", "1", "active"))
        .keeps("credentials", token("release/7", "1", "active"));
    assert!(found(&world, "app:token.user:credential/account/7").is_some());
    assert!(found(&world, "app:token.user:release/7").is_some());
    let shared = with(token("pat", "1", "active"), "kind", "trust");
    let world = World::new().ada("active").keeps("credentials", shared);
    assert!(found(&world, "app:trust:credential/pat").is_some(), "a kind that is usually another noun's");
}

/// Whose a key was long before somebody left says nothing of whose it is: it opens her account, and nobody has it.
#[test]
fn a_key_that_was_a_colleagues_once() {
    let opens = json!(["app/account/1"]);
    let nobodys = with(with(token("key", "2", "active"), "holder", json!(null)), "opens", opens.clone());
    let bens = with(token("key", "2", "active"), "opens", opens);
    let world = World::new().ada("active").keeps("credentials", nobodys);
    let mut history = world.history();
    earlier(&mut history, &World::new().had("credentials", bens.clone()));
    let key = "app:token.user:key";
    assert_eq!(world.line_in(&history, key).map(|line| line.state), Some(State::Live));
    let until_she_left = world.had("credentials", bens);
    assert_eq!(found(&until_she_left, key), None, "he had it until she left");
}
