//! Accounts: entered through a provider alone, in a state nobody knows, used after they were blocked.

use exeunt_model::State;
use serde_json::{Value, json};

use super::with;
use crate::small_world::{TIMES, World, account, ended, grant, receipts, rule, states, time, token};

/// The application's account is entered through the directory, and this stands in the directory.
fn through(enforced: bool, effect: &Value, directory: &str) -> World {
    let app = with(
        account("app", "1", "ada", "1042", "active"),
        "sso",
        json!({"idp": "dir", "enforced": enforced}),
    );
    let mut world = World::new().has("accounts", app);
    if !directory.is_empty() {
        world = world.ada_in_directory(directory);
    }
    world.manifest["kills"]["principal"] = json!({"unassigned": effect, "source": "small"});
    world
}

fn also_there(mut world: World, state: &str) -> World {
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        shown.entry(("dir", "accounts")).or_default().push(account("dir", "3", "ada-admin", "1042", state));
    }
    world
}

/// Somebody of the same name has an account in a system, and nothing says who.
fn maybe_in(system: &'static str, mut world: World) -> World {
    let mut other = account(system, "9", "a9", "", "active");
    (other["keys"], other["display_name"]) = (json!([]), json!("Ada"));
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        shown.entry((system, "accounts")).or_default().push(other.clone());
    }
    world
}

/// An account that can only be entered through a provider is shut while the leaver is shut out there, where its
/// manifest says so; anything less than that leaves it open.
#[test]
fn entered_through_the_provider_alone() {
    let latent = json!("latent");
    let mut never_there = through(true, &latent, "");
    never_there.before.insert(("dir", "accounts"), vec![account("dir", "2", "ben", "1043", "active")]);
    let mut unread = through(true, &latent, "");
    unread.partial.insert(("dir", "accounts"));
    let table = [
        ("blocked there", through(true, &latent, "disabled"), State::Latent),
        ("gone there", through(true, &latent, ""), State::Latent),
        ("it dies with the provider's account", through(true, &json!("dies"), "disabled"), State::Latent),
        ("it survives that", through(true, &json!("survives"), "disabled"), State::Live),
        ("that is not stated", through(true, &Value::Null, "disabled"), State::Live),
        ("it has a password of its own", through(false, &latent, "disabled"), State::Live),
        ("open there", through(true, &latent, "active"), State::Live),
        ("not known there", through(true, &latent, "unknown"), State::Live),
        ("not read there", unread, State::Live),
        ("nobody there", never_there, State::Live),
        ("two there, one open", also_there(through(true, &latent, "disabled"), "active"), State::Live),
        (
            "one more there that may be theirs",
            maybe_in("dir", through(true, &latent, "disabled")),
            State::Live,
        ),
        ("one elsewhere is no door", maybe_in("app", through(true, &latent, "disabled")), State::Latent),
        (
            "two there, both blocked",
            also_there(through(true, &latent, "disabled"), "suspended"),
            State::Latent,
        ),
    ];
    states("app:principal:1", &table);
    let other =
        with(account("app", "1", "ada", "1042", "active"), "sso", json!({"idp": "app", "enforced": true}));
    let mut own = World::new()
        .has("accounts", other)
        .keeps("accounts", account("app", "11", "ada2", "1042", "disabled"));
    own.manifest["kills"]["principal"] = json!({"unassigned": "latent", "source": "small"});
    states("app:principal:1", &[("its own system is the provider", own, State::Latent)]);
}

/// What can only be reached through a shut door sleeps with it, where the manifest says so of its kind; a token needs no door.
#[test]
fn held_by_an_account_whose_only_door_is_shut() {
    let holding = |kind: &str, effect: Value, directory: &str| {
        let mut world = through(true, &json!("latent"), directory)
            .keeps("groups", grant("account/1", "vault", "admin"))
            .keeps("credentials", token("pat", "1", "active"));
        world.manifest["kills"][kind]["unassigned"] = effect;
        world
    };
    let of_grants = |effect: Value, directory: &str| holding("grant.direct", effect, directory);
    let latent = || json!("latent");
    let table = [
        ("it sleeps with the door", of_grants(latent(), "disabled"), State::Latent),
        ("it should have ended, and is seen", of_grants(json!("dies"), "disabled"), State::Live),
        ("it survives that", of_grants(json!("survives"), "disabled"), State::Live),
        ("that is not stated", of_grants(Value::Null, "disabled"), State::Live),
        ("the door is open", of_grants(latent(), "active"), State::Live),
        ("whether it is open is not known", of_grants(latent(), "unknown"), State::Live),
    ];
    states("app:grant.direct:account/1->resource/vault#admin", &table);
    let of_tokens = |effect: Value| holding("token.user", effect, "disabled");
    let table = [
        ("a token that goes by the door", of_tokens(latent()), State::Latent),
        ("one that does not", of_tokens(json!("survives")), State::Live),
        ("nothing is stated", of_tokens(Value::Null), State::Live),
    ];
    states("app:token.user:pat", &table);
    let shut = of_grants(latent(), "disabled").line("app:grant.direct:account/1->resource/vault#admin");
    assert!(shut.evidence.iter().any(|cite| cite.system.as_str() == "dir"), "{:?}", shut.evidence);
}

/// What is used after its account was shut works all the same; what was used before, or is dated after the verdict, shows
/// nothing of that.
#[test]
fn used_after_its_account_was_shut() {
    let used = |at: &str| {
        let token = with(token("pat", "1", "active"), "last_used", at);
        World::new().ada("suspended").keeps("credentials", token)
    };
    let table = [
        ("before it was read as suspended", used("2026-11-20T17:30:00Z"), State::Latent),
        ("as it was read", used("2026-11-20T18:00:00Z"), State::Latent),
        ("after that", used("2026-11-20T18:00:01Z"), State::Live),
        ("at the moment of the verdict", used("2026-11-20T20:30:00Z"), State::Live),
        ("after the verdict, by another clock", used("2026-11-20T20:30:01Z"), State::Latent),
    ];
    states("app:token.user:pat", &table);
    let rule = |at: &str| {
        let rule = with(rule("sync", "1", "enabled"), "last_used", at);
        World::new().ada("suspended").keeps("integrations", rule)
    };
    states(
        "app:owned.automation:sync",
        &[
            ("ran before it", rule("2026-11-20T17:30:00Z"), State::Latent),
            ("ran after it", rule("2026-11-20T19:00:00Z"), State::Live),
        ],
    );
}

/// The longer of two waits counts, and a rule for entitlements serves inherited ones.
#[test]
fn how_long_a_removal_settles() {
    let mut by_policy = super::settling("0s");
    by_policy
        .policy
        .settle
        .insert(exeunt_model::SurvivorKind::TokenUser, exeunt_model::Duration::from_hours(4));
    let mut shorter = super::settling("4h");
    shorter.policy.settle.insert(exeunt_model::SurvivorKind::TokenUser, exeunt_model::Duration::ZERO);
    states(
        "app:token.user:pat",
        &[
            ("the manifest's alone", super::settling("0s"), State::Gone),
            ("policy's is longer", by_policy, State::Unknown),
            ("policy's is shorter", shorter, State::Unknown),
        ],
    );
}

/// One object in two rows of one snapshot is as alive as the livelier of them.
#[test]
fn of_two_rows_the_livelier_counts() {
    let rows = |one: &str, other: &str| {
        World::new()
            .ada("active")
            .keeps("integrations", rule("sync", "1", one))
            .keeps("groups", rule("sync", "1", other))
    };
    states(
        "app:owned.automation:sync",
        &[
            ("on in the first", rows("enabled", "disabled"), State::Live),
            ("on in the second", rows("disabled", "enabled"), State::Live),
            ("off in both", rows("disabled", "disabled"), State::Latent),
            ("off, and not known", rows("disabled", "unknown"), State::Latent),
        ],
    );
    let accounts = |one: &str, other: &str| {
        World::new()
            .keeps("accounts", account("app", "1", "ada", "1042", one))
            .keeps("groups", account("app", "1", "ada", "1042", other))
    };
    states(
        "app:principal:1",
        &[
            ("active in the first", accounts("active", "disabled"), State::Live),
            ("active in the second", accounts("disabled", "active"), State::Live),
        ],
    );
}

/// What was listed as deleted for two hours was so in every snapshot of its own system: one in which a second list showed it in
/// use, or in which it was not shown, begins the time anew. What another system says of it begins nothing.
#[test]
fn since_when_it_is_deleted() {
    let one = |state: &str| account("app", "1", "ada", "1042", state);
    let world = |rows: &[(&'static str, Value)]| {
        let mut world = World::new().has("accounts", one("deleted"));
        world.after.get_mut(&("app", "accounts")).expect("rows").retain(|row| row["id"] != "app/account/1");
        for (read, row) in rows {
            world.after.entry(("app", read)).or_default().push(row.clone());
        }
        world.manifest["proof"]["principal"]["settle"] = json!("1h");
        world
    };
    let mut elsewhere = world(&[("accounts", one("deleted"))]);
    for shown in [&mut elsewhere.before, &mut elsewhere.after, &mut elsewhere.now] {
        shown.entry(("dir", "accounts")).or_default().push(one("active"));
    }
    let table = [
        ("in every snapshot", world(&[("accounts", one("deleted"))]), State::Gone),
        ("another system lists it as active", elsewhere, State::Gone),
        (
            "also active an hour after they left",
            world(&[("accounts", one("active")), ("groups", one("deleted"))]),
            State::Unknown,
        ),
        (
            "also active, the other way round",
            world(&[("accounts", one("deleted")), ("groups", one("active"))]),
            State::Unknown,
        ),
        (
            "also deleted by another list",
            world(&[("accounts", one("deleted")), ("groups", one("deleted"))]),
            State::Gone,
        ),
        ("not shown an hour after they left", world(&[]), State::Unknown),
    ];
    states("app:principal:1", &table);
    let twice = world(&[("accounts", one("deleted")), ("groups", one("deleted"))]);
    let mut history = twice.history();
    receipts(&mut history, "app", TIMES[1], "groups")
        .for_each(|receipt| receipt.ended = time("2026-11-20T18:10:00Z"));
    let line = twice.line_in(&history, "app:principal:1").expect("a line");
    assert_eq!(line.gone_since, Some(time(TIMES[1])), "since the first of two lists showed it");
    let mut history = twice.history();
    ended(&mut history, "app", TIMES[1], "2026-11-20T19:00:01Z");
    let line = twice.line_in(&history, "app:principal:1").expect("a line");
    assert_eq!(line.state, State::Unknown, "read for an hour: deleted since its end");
    let tokens = |rows: &[(&'static str, &str)]| {
        let mut world = World::new().ada("active").had("credentials", token("pat", "1", "revoked"));
        for (read, state) in rows {
            world.after.entry(("app", read)).or_default().push(token("pat", "1", state));
        }
        world.now.entry(("app", "credentials")).or_default().push(token("pat", "1", "revoked"));
        world.manifest["proof"]["token.user"]["settle"] = json!("1h");
        world
    };
    let table = [
        ("revoked all the time", tokens(&[("credentials", "revoked")]), State::Gone),
        ("also working", tokens(&[("credentials", "active"), ("integrations", "revoked")]), State::Unknown),
        ("not shown in between", tokens(&[]), State::Unknown),
    ];
    states("app:token.user:pat", &table);
}
