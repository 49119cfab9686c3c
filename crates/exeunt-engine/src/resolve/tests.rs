//! Worlds of ways: which of them are the leaver's, how alive they are, and what a cut has to cut.

use exeunt_model::Snapshot;
use exeunt_model::verdict::Obligation;
use serde_json::{Value, json};

use super::Graph;
use crate::correlate::People;
use crate::estate::Estate;
use crate::small_world::{World, account, grant, member, non_human, time};

const VAULT: &str = "app:grant.inherited:account/1->resource/vault#admin";

fn acts(target: &str) -> Value {
    json!({
        "record": "act_as", "actor": {"object": "app/account/1"}, "target": format!("app/account/{target}"), "how": "assume",
        "reason": "small",
    })
}

fn line(world: &World, id: &str) -> Option<Obligation> {
    world.judge().obligations.into_iter().find(|line| line.id == id)
}

/// A way that could not be seen is not one that has to be cut to end what is seen.
#[test]
fn a_cut_names_the_ways_that_are_as_alive() {
    let world = World::new()
        .ada("active")
        .keeps("groups", member("dev", "account/1"))
        .keeps("groups", grant("group/dev", "vault", "admin"))
        .had("integrations", member("ops", "account/1"))
        .keeps("groups", grant("group/ops", "vault", "admin"))
        .refused("integrations");
    let vault = line(&world, VAULT).expect("a line");
    assert_eq!(vault.next_step, "Take ada out of dev; that cuts every way to admin on vault.");
}

/// Acting as a colleague is the finding; what the colleague may do is not the leaver's. Being human is enough for that, and so
/// is being somebody's.
#[test]
fn what_a_colleague_may_do_is_theirs() {
    let through = |target: Value| {
        let id = target["id"].as_str().expect("an id").rsplit('/').next().expect("a name").to_owned();
        let world = World::new()
            .ada("active")
            .keeps("accounts", target)
            .keeps("groups", acts(&id))
            .keeps("groups", grant(&format!("account/{id}"), "vault", "admin"));
        line(&world, VAULT).is_some()
    };
    let mut nobodys = account("app", "7", "eve", "0", "active");
    nobodys["keys"] = json!([]);
    let mut bens = non_human("8", "service");
    bens["keys"] = json!([{"kind": "employee_number", "value": "1043"}]);
    assert!(through(non_human("bot", "service")), "what a role may do, whoever takes it may do");
    assert!(!through(nobodys), "a human nobody knows");
    assert!(!through(bens), "an account of Ben's");
}

/// What was over before the departure is no matter of it: a way that stood years ago would be a line in every case.
#[test]
fn a_way_from_before_the_baseline_is_none() {
    let old = World::new()
        .had("groups", member("dev", "account/1"))
        .had("groups", grant("group/dev", "vault", "admin"));
    let world = World::new().ada("active");
    let mut history = world.history();
    let shift = |snapshot: &mut Snapshot| {
        let then = time("2026-01-20T08:00:00Z");
        (snapshot.started, snapshot.ended) = (then, then);
        for read in &mut snapshot.reads {
            (read.receipt.started, read.receipt.ended) = (then, then);
        }
    };
    let mut before: Vec<Snapshot> = old.history().into_iter().take(2).collect();
    before.iter_mut().for_each(shift);
    history.extend(before);
    let verdict = world.judge_history(&history).expect("a verdict");
    let found: Vec<&str> = verdict.obligations.iter().map(|line| line.id.as_str()).collect();
    assert!(!found.iter().any(|id| id.contains("vault") || id.contains("dev")), "{found:?}");
    assert!(found.contains(&"app:principal:1"), "{found:?}");
}

/// A role in a group is the one that was read last; and nobody is tied to themselves.
#[test]
fn an_edge_is_told_as_it_was_seen_last() {
    let dev = |role: &str| {
        let mut member = member("dev", "account/1");
        member["role"] = json!(role);
        member
    };
    let world = World::new().ada("active").had("groups", dev("owner")).has("groups", dev("guest"));
    let line = line(&world, "app:grant.direct:account/1->group/dev").expect("a line");
    assert_eq!(line.item.native_type, "membership as guest");
    let own = World::new().ada("active").keeps("groups", acts("1"));
    let lines: Vec<String> = own.judge().obligations.into_iter().map(|line| line.id).collect();
    assert!(!lines.iter().any(|id| id.contains(":trust:")), "{lines:?}");
}

/// Of two ways of one length always the same one is told: edges stand in the order of what they are, not of where they lie.
#[test]
fn edges_at_an_object_stand_in_order() {
    let members = (1..=9).map(|id| member("dev", &format!("account/{id}")));
    let world = members.fold(World::new(), |world, member| world.keeps("groups", member));
    let history = world.history();
    world.ask(&history, &[], |inputs| {
        let estate = Estate::new(inputs).expect("digests");
        let people = People::new(&estate, inputs.directory, inputs.links, inputs.domains);
        let graph = Graph::new(&estate, &people, inputs.links);
        let dev = "app/group/dev".parse().expect("a reference");
        let from: Vec<&str> = Graph::into(&graph, &dev).map(|(_, edge)| edge.from.id.as_str()).collect();
        assert_eq!(from, ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
    });
}
