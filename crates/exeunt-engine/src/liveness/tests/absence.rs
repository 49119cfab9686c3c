//! What makes an absence count, and since when.

use exeunt_model::State;
use serde_json::{Value, json};

use super::{event, settling, with};
use crate::small_world::{World, account, member, owns, states, token};

const PAT: &str = "app:token.user:pat";

/// The removal is settling from when a log dates it, not from when we came by: who removed a token in time is not to wait
/// for our next visit. A log that says anything else of it dates no removal.
#[test]
fn a_reported_removal_dates_the_absence() {
    let reported = |action, at| {
        let mut world = settling("1h");
        let told = event(action, "app/credential/pat", at, &Value::Null);
        world.now.entry(("app", "integrations")).or_default().push(told);
        world
    };
    let table = [
        ("nothing reported", settling("1h"), State::Unknown),
        ("removed", reported("removed", "2026-11-20T18:30:00Z"), State::Gone),
        ("switched off", reported("disabled", "2026-11-20T18:30:00Z"), State::Gone),
        ("at the moment it was last seen", reported("removed", "2026-11-20T18:00:00Z"), State::Gone),
        ("exactly so long ago", reported("removed", "2026-11-20T19:00:00Z"), State::Gone),
        ("too late to be settled", reported("removed", "2026-11-20T19:01:00Z"), State::Unknown),
        ("before it was last seen", reported("removed", "2026-11-20T17:30:00Z"), State::Unknown),
        ("changed only", reported("changed", "2026-11-20T18:30:00Z"), State::Unknown),
        ("used only", reported("used", "2026-11-20T18:30:00Z"), State::Unknown),
    ];
    states(PAT, &table);
}

/// What is listed as dead has to have been so for the settle time as well, in one unbroken run.
#[test]
fn what_is_listed_as_dead_settles_too() {
    let token_was = |after: &str, now: &str| {
        let mut world = World::new().ada("active").had("credentials", token("pat", "1", after));
        world.after.insert(("app", "credentials"), vec![token("pat", "1", after)]);
        world.now.insert(("app", "credentials"), vec![token("pat", "1", now)]);
        world.manifest["proof"]["token.user"]["settle"] = json!("1h");
        world
    };
    states(
        PAT,
        &[
            ("revoked for two hours", token_was("revoked", "revoked"), State::Gone),
            ("revoked just now", token_was("active", "revoked"), State::Unknown),
            ("expired after it was revoked", token_was("revoked", "expired"), State::Unknown),
        ],
    );
    let account_was = |before: &str, after: &str| {
        let mut world = World::new();
        let is = |state: &str| vec![account("app", "1", "ada", "1042", state)];
        world.before.insert(("app", "accounts"), is(before));
        world.after.insert(("app", "accounts"), is(after));
        world.now.insert(("app", "accounts"), is("deleted"));
        world.manifest["proof"]["principal"]["settle"] = json!("1h");
        world
    };
    states(
        "app:principal:1",
        &[
            ("deleted for two hours", account_was("active", "deleted"), State::Gone),
            ("deleted just now", account_was("active", "disabled"), State::Unknown),
            ("deleted, restored, and deleted just now", account_was("deleted", "active"), State::Unknown),
        ],
    );
    let mut no_rule = World::new().ada("active");
    no_rule.manifest["proof"].as_object_mut().expect("rules").remove("principal");
    states("app:principal:1", &[("what is active is not dead for want of a rule", no_rule, State::Live)]);
}

/// Something ends by itself at its time, and a read that begins at that time already finds it ended.
#[test]
fn what_ends_at_a_stated_time() {
    let ends = |at: &str| {
        let expiring = with(token("pat", "1", "active"), "expires", at);
        World::new().ada("active").keeps("credentials", expiring)
    };
    let mut at_once = ends("2026-11-20T20:00:00Z");
    at_once.manifest["proof"]["token.user"]["settle"] = json!("0s");
    states(
        PAT,
        &[
            ("as the read begins", at_once, State::Gone),
            ("after it", ends("2026-11-20T20:00:01Z"), State::Live),
        ],
    );
}

/// Things that live in an account end with it where the manifest says so, in the time it says, and not before.
#[test]
fn what_ends_with_its_account() {
    let own = || World::new().had("of_account[1]", token("pat", "1", "active"));
    let within = |time: &str| {
        let mut world = own();
        world.manifest["kills"]["token.user"]["deleted"] = json!({ "dies_within": time });
        world
    };
    let says = |effect: &str| {
        let mut world = own();
        world.manifest["kills"]["token.user"]["deleted"] = json!(effect);
        world
    };
    let listed_as_dead = |effect: &str| {
        let mut world = own().ada("disabled");
        world.manifest["proof"]["principal"]["dead_states"] = json!(["disabled"]);
        world.manifest["proof"]["principal"]["settle"] = json!("0s");
        world.manifest["kills"]["token.user"]["disabled"] = json!(effect);
        world
    };
    states(
        PAT,
        &[
            ("at once", own(), State::Gone),
            ("within two hours, three ago", within("2h"), State::Gone),
            ("within two and a half, exactly so long ago", within("150m"), State::Gone),
            ("within four, not over yet", within("4h"), State::Unknown),
            ("outlives it", says("survives"), State::Unknown),
            ("sleeps with it", says("latent"), State::Unknown),
            ("its account is listed in a state that ends such things", listed_as_dead("dies"), State::Gone),
            ("its account is listed in a state they outlive", listed_as_dead("survives"), State::Unknown),
        ],
    );
    assert!(
        own().line(PAT).because.starts_with("It ended with ada, which is gone"),
        "the reason is the account"
    );
}

/// A scope that is asked for each row of a list counts as gone with the row only where the list was read whole.
#[test]
fn a_list_that_was_not_whole_hides_rows() {
    let own = || World::new().had("of_account[1]", token("pat", "1", "active"));
    let mut in_part = own();
    in_part.partial.insert(("app", "accounts"));
    let mut unread = own();
    unread.now.remove(&("app", "accounts"));
    states(
        PAT,
        &[
            ("read whole", own(), State::Gone),
            ("read in part", in_part, State::Unknown),
            ("not read", unread, State::Unknown),
        ],
    );
    let two_lists = |world: World| {
        let mut world = world;
        world.manifest["survivors"]["principal"] = json!({"seen_by": ["accounts", "groups"]});
        world
    };
    let mut not_asked = World::new();
    not_asked.now.remove(&("app", "groups"));
    states("app:principal:1", &[("its other list was not read", two_lists(not_asked), State::Unknown)]);
}

/// An edge is proven gone by the rule of its own kind, and by that of entitlements where its kind has none.
#[test]
fn the_rule_of_an_edge() {
    let owned = |settle: Option<&str>| {
        let mut world = World::new()
            .keeps("accounts", crate::small_world::non_human("bot", "service"))
            .had("groups", owns("account/bot", "1", "owner"))
            .has("groups", owns("account/bot", "2", "owner"));
        world.after.get_mut(&("app", "groups")).expect("rows").push(owns("account/bot", "1", "owner"));
        match settle {
            Some(settle) => world.manifest["proof"]["owned.nhi"]["settle"] = json!(settle),
            None => drop(world.manifest["proof"].as_object_mut().expect("rules").remove("owned.nhi")),
        }
        world.manifest["proof"]["grant.direct"]["settle"] = json!("0s");
        world
    };
    states(
        "app:owned.nhi:bot",
        &[
            ("its own rule, settled at once", owned(Some("0s")), State::Gone),
            ("its own rule, still settling", owned(Some("3h")), State::Unknown),
            ("that of entitlements", owned(None), State::Gone),
        ],
    );
}

/// What was taken from somebody before the last whole look before they left is not this departure's.
#[test]
fn what_was_gone_before_the_baseline() {
    let world = |whole: bool| {
        let world = World::new().ada("active").keeps("groups", member("dev", "account/1"));
        let older = World::new().had("credentials", token("old", "1", "active")).had("accounts", {
            let mut stranger = account("app", "9", "ada-old", "1042", "active");
            stranger["native_state"] = json!("active");
            stranger
        });
        let mut history = world.history();
        for mut snapshot in older.history().into_iter().take(2) {
            let earlier = |at: exeunt_model::Timestamp| {
                at.checked_sub(exeunt_model::Duration::from_hours(48)).expect("a time")
            };
            snapshot.started = earlier(snapshot.started);
            snapshot.ended = earlier(snapshot.ended);
            for read in &mut snapshot.reads {
                read.receipt.started = earlier(read.receipt.started);
                read.receipt.ended = earlier(read.receipt.ended);
            }
            history.push(snapshot);
        }
        if !whole {
            let baseline = history
                .iter_mut()
                .find(|snapshot| {
                    snapshot.system.as_str() == "app"
                        && snapshot.started == crate::small_world::time("2026-11-20T08:00:00Z")
                })
                .expect("the baseline");
            let detail = "403".to_owned();
            let reason = exeunt_model::PartialReason::Forbidden;
            baseline.reads[0].receipt.outcome = exeunt_model::Outcome::Partial { reason, detail };
        }
        let verdict = world.judge_history(&history).expect("a verdict");
        let ids: Vec<String> = verdict.obligations.into_iter().map(|line| line.id).collect();
        (ids.contains(&"app:token.user:old".to_owned()), ids.contains(&"app:principal:9".to_owned()))
    };
    assert_eq!(world(true), (false, false), "gone before the last whole look");
    assert_eq!(world(false), (true, true), "the last look was not whole: the one before it counts as well");
}

/// A read that begins when the one before it began does not go back in time: a file that was exported once and is read twice.
#[test]
fn a_read_of_the_same_moment_is_no_older() {
    let mut world = settling("0s");
    world.after.insert(("app", "credentials"), vec![token("pat", "1", "active")]);
    let state = |started: &str| {
        let mut history = world.history();
        let newest =
            history.iter_mut().rev().find(|snapshot| snapshot.system.as_str() == "app").expect("of the app");
        for read in newest.reads.iter_mut().filter(|read| read.receipt.read == "credentials") {
            read.receipt.started = crate::small_world::time(started);
        }
        let verdict = world.judge_history(&history).expect("a verdict");
        verdict.obligations.into_iter().find(|line| line.id == PAT).map(|line| line.state)
    };
    assert_eq!(state("2026-11-20T18:00:00Z"), Some(State::Gone));
    assert_eq!(state("2026-11-20T17:59:59Z"), Some(State::Unknown));
}
