//! Ties that two systems show, of which one says less of what proves or blocks them.

use exeunt_model::manifest::Manifest;
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{State, SurvivorKind, SystemId};
use serde_json::{Value, json};

use super::{act_as, with};
use crate::small_world::{World, account, grant, member, non_human, rule, token};
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

/// What the system says in which a thing is, it knows best. As long as it was not read, what others say of it proves nothing
/// gone, and of several others the one counts that says most life.
#[test]
fn shown_by_others_too() {
    type Shows = fn(&str) -> Value;
    let account: Shows = |state| account("app", "1", "ada", "1042", state);
    let key: Shows = |state| token("pat", "1", state);
    let sync: Shows = |state| rule("sync", "1", state);
    let (account_states, key_states, sync_states) = (
        ["active", "suspended", "deleted"],
        ["active", "inactive", "revoked"],
        ["enabled", "disabled", "disabled"],
    );
    for (id, read, shows, states) in [
        ("app:principal:1", "accounts", account, account_states),
        ("app:token.user:pat", "credentials", key, key_states),
        ("app:owned.automation:sync", "integrations", sync, sync_states),
    ] {
        let base = || if read == "accounts" { World::new() } else { World::new().ada("active") };
        let alone = states.map(|shown| state(&base().keeps(read, shows(shown)).judge(), id).expect("a line"));
        for (app, here) in states.into_iter().zip(alone) {
            for (dir, there) in states.into_iter().zip(alone) {
                let told = format!("{id}: {app} here, {dir} there");
                let both = also_in_directory(base().keeps(read, shows(app)), &shows(dir), true);
                assert_eq!(state(&both.judge(), id), Some(here), "{told}");
                let mut missing = also_in_directory(base().had(read, shows(app)), &shows(dir), true);
                missing.partial.insert(("app", read));
                let other = if there == State::Live { State::Live } else { State::Unknown };
                assert_eq!(state(&missing.judge(), id), Some(other), "{told}, and here not read");
                let mut not_there = also_in_directory(base().keeps(read, shows(app)), &shows(dir), false);
                assert_eq!(state(&not_there.judge(), id), Some(here), "{told}, where it is missing");
                not_there.partial.insert(("dir", "accounts"));
                assert_eq!(state(&not_there.judge(), id), Some(here), "{told}, where it was not read");
            }
        }
    }
}

/// An invitation that another system still shows can be taken up, whatever its own system was not asked.
#[test]
fn invited_by_another() {
    let invited = |state: &str| {
        let account = |state| account("app", "1", "ada", "1042", state);
        let world = World::new().had("accounts", account("active"));
        let mut world = also_in_directory(world, &account(state), true);
        world.partial.insert(("app", "accounts"));
        self::state(&world.judge(), "app:principal:1")
    };
    assert_eq!(invited("invited"), Some(State::Live));
    assert_eq!(invited("locked"), Some(State::Unknown));
}

/// Nor does it matter which of two comes first by name.
#[test]
fn shown_by_one_that_comes_before_it_by_name() {
    let says = |here: &str, there: &str| {
        let account = |state| account("dir", "1", "ada", "1042", state);
        let world = World::new().ada_in_directory(here).keeps("accounts", account(there));
        state(&world.judge(), "dir:principal:1")
    };
    assert_eq!(says("suspended", "active"), Some(State::Latent));
    assert_eq!(says("active", "suspended"), Some(State::Live));
    assert_eq!(says("active", "deleted"), Some(State::Live));
}
