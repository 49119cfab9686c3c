//! Ties that two systems show, of which one says less of what proves or blocks them.

use exeunt_model::manifest::Manifest;
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{State, SurvivorKind, SystemId};
use serde_json::{Value, json};

use super::{act_as, with};
use crate::small_world::{World, grant, member, non_human, token};
use crate::{Inputs, judge_case};

/// The verdict where the manifest of one system differs.
fn apart(world: &World, system: &str, change: impl Fn(&mut Manifest)) -> VerdictDocument {
    world.ask(&world.history(), &[], |inputs| {
        let system = SystemId::new(system).expect("a system");
        let mut manifest = inputs.in_scope[&system].manifest.clone();
        change(&mut manifest);
        let mut in_scope = inputs.in_scope.clone();
        in_scope.get_mut(&system).expect("in scope").manifest = &manifest;
        judge_case(&Inputs { in_scope: &in_scope, ..*inputs }).expect("a verdict")
    })
}

fn state(verdict: &VerdictDocument, id: &str) -> Option<State> {
    verdict.obligations.iter().find(|line| line.id == id).map(|line| line.state)
}

/// The directory shows something as well.
fn also_in_directory(mut world: World, record: &Value, since: bool) -> World {
    let shown: &mut [_] = if since {
        &mut [&mut world.before, &mut world.after, &mut world.now]
    } else {
        &mut [&mut world.before]
    };
    for shown in shown {
        shown.entry(("dir", "accounts")).or_default().push(record.clone());
    }
    world
}

fn no_rule(manifest: &mut Manifest) {
    manifest.proof.remove(&SurvivorKind::Trust);
}

fn nothing_blocks(manifest: &mut Manifest) {
    manifest.kills.remove(&SurvivorKind::GrantDirect);
}

/// A trust that two systems showed is gone when both prove it; one of them with a rule for trusts is not outdone by the other
/// without, whichever comes first.
#[test]
fn proven_by_both() {
    let assumes = act_as("account/1", "role", "assume");
    let world = World::new()
        .ada("active")
        .keeps("accounts", non_human("role", "workload"))
        .had("groups", assumes.clone());
    let world = also_in_directory(world, &assumes, false);
    let trust = "app:trust:account/1->account/role#assume";
    assert_eq!(state(&world.judge(), trust), Some(State::Gone));
    assert_eq!(state(&apart(&world, "dir", no_rule), trust), Some(State::Unknown));
    assert_eq!(state(&apart(&world, "app", no_rule), trust), Some(State::Unknown));
    let mut neither = world;
    neither.manifest["proof"].as_object_mut().expect("rules").remove("trust");
    assert_eq!(state(&neither.judge(), trust), Some(State::Gone), "as entitlements are");
}

/// What a blocked account does to an entitlement is what the system says that shows it, of two the first; to a way, what that of
/// its last step says.
#[test]
fn blocked_by_the_system_that_shows_it() {
    let joins = member("dev", "account/1");
    let both = World::new().ada("suspended").keeps("groups", joins.clone());
    let both = also_in_directory(both, &joins, true);
    let direct = "app:grant.direct:account/1->group/dev";
    assert_eq!(state(&apart(&both, "dir", nothing_blocks), direct), Some(State::Latent));
    assert_eq!(state(&apart(&both, "app", nothing_blocks), direct), Some(State::Unknown));
    let way = World::new().ada("suspended").keeps("groups", grant("group/dev", "vault", "admin"));
    let way = also_in_directory(way, &joins, true);
    let inherited = "app:grant.inherited:account/1->resource/vault#admin";
    assert_eq!(state(&apart(&way, "dir", nothing_blocks), inherited), Some(State::Latent));
    assert_eq!(state(&apart(&way, "app", nothing_blocks), inherited), Some(State::Unknown));
}

/// A shared secret is looked up by the first step of the way to it, as the system says that shows that step.
#[test]
fn looked_up_by_the_first_step() {
    let joins = member("ops", "account/1");
    let world = World::new()
        .ada("suspended")
        .keeps("accounts", non_human("root", "shared"))
        .keeps("groups", joins.clone())
        .had("credentials", token("password", "root", "active"))
        .has("credentials", with(token("password", "root", "active"), "created", "2026-11-20T17:30:00Z"));
    let world = also_in_directory(world, &joins, true);
    let world = also_in_directory(world, &act_as("group/ops", "root", "knows_secret"), true);
    let goes_on = |manifest: &mut Manifest| {
        let kills: Value = json!({"suspended": "survives", "source": "small"});
        let kills = serde_json::from_value(kills).expect("a rule");
        manifest.kills.insert(SurvivorKind::GrantDirect, kills);
    };
    let root = "app:owned.nhi:root";
    assert_eq!(state(&apart(&world, "dir", goes_on), root), Some(State::Gone), "she cannot look it up");
    assert_eq!(state(&apart(&world, "app", goes_on), root), Some(State::Live), "she can");
}
