//! What makes an absence count, and since when.

use exeunt_model::State;
use serde_json::{Value, json};

use super::{event, settling, with};
use crate::small_world::{
    DEPARTED, TIMES, World, account, earlier, ended, member, moved, non_human, owns, partial, states, time,
    token,
};

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
            .keeps("accounts", non_human("bot", "service"))
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
        earlier(&mut history, &older);
        if !whole {
            partial(&mut history, "app", TIMES[0], "accounts", None);
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

/// What was read as they left is of after it: what stood there before is still to be removed. And a read counts if it begins
/// then, and while it is as old as policy allows.
#[test]
fn as_they_left_and_as_old_as_allowed() {
    let had = World::new().ada("active").had("credentials", token("pat", "1", "active"));
    let on_the_list = |looked_at: &str| {
        let mut history = had.history();
        moved(&mut history, "app", TIMES[1], looked_at);
        had.line_in(&history, PAT).is_some()
    };
    assert!(on_the_list(DEPARTED));
    assert!(!on_the_list("2026-11-20T16:59:59Z"), "it was gone before they left");
    let once = |read_at: &str| {
        let world = World::new();
        let mut history = world.history();
        history.retain(|snapshot| snapshot.system.as_str() != "app" || snapshot.started == time(TIMES[0]));
        moved(&mut history, "app", TIMES[0], read_at);
        world.line_in(&history, "app:principal:1").map(|line| line.state)
    };
    assert_eq!(once(DEPARTED), Some(State::Live));
    assert_eq!(once("2026-11-20T16:59:59Z"), Some(State::Unknown), "nothing was read since");
    let fresh_for = |minutes| {
        let mut world = World::new().ada("active");
        world.policy.fresh_for = exeunt_model::Duration::from_mins(minutes);
        world
    };
    states(
        "app:principal:1",
        &[
            ("as old as allowed", fresh_for(30), State::Live),
            ("older than allowed", fresh_for(29), State::Unknown),
        ],
    );
}

/// What two lists showed is gone when it is gone from both, and both of them show it. A list that could not be read in
/// between shows nothing of that time.
#[test]
fn gone_from_two_lists() {
    let mut world = World::new()
        .ada("active")
        .had("credentials", token("pat", "1", "active"))
        .had("integrations", token("pat", "1", "active"));
    world.manifest["proof"]["token.user"]["settle"] = json!("0s");
    let since = |unread: Option<&str>| {
        let mut history = world.history();
        if let Some(read) = unread {
            partial(&mut history, "app", TIMES[1], read, None);
        }
        let line = world.line_in(&history, PAT).expect("a line");
        let shown: Vec<String> = line.evidence.iter().map(|cite| cite.read.clone()).collect();
        assert_eq!(shown, ["credentials", "integrations"]);
        line.gone_since
    };
    assert_eq!(since(None), Some(time(TIMES[1])));
    assert_eq!(since(Some("integrations")), Some(time(TIMES[2])));
    assert_eq!(since(Some("credentials")), Some(time(TIMES[2])));
    // Two systems that show one thing.
    let mut both = World::new().ada("active").had("credentials", token("pat", "1", "active"));
    both.manifest["proof"]["token.user"]["settle"] = json!("0s");
    for shown in [&mut both.before, &mut both.after] {
        shown.entry(("dir", "accounts")).or_default().push(token("pat", "1", "active"));
    }
    let line = both.line(PAT);
    assert_eq!(line.gone_since, Some(time(TIMES[2])), "the directory showed it longest");
    let shown: Vec<String> =
        line.evidence.iter().map(|cite| format!("{} {}", cite.system, cite.read)).collect();
    assert_eq!(shown, ["app credentials", "dir accounts"]);
}

/// An account that a list shows in parts, and a read of its own each, is gone only where every part of the list was read:
/// it may stand in the part that was refused.
#[test]
fn a_list_in_parts() {
    let mut world = World::new();
    for (shown, ada) in [(&mut world.before, true), (&mut world.after, false), (&mut world.now, false)] {
        let rows = shown.remove(&("app", "accounts")).expect("rows");
        shown.insert(("app", "accounts[eu]"), rows);
        shown.insert(("app", "accounts[us]"), Vec::new());
        if ada {
            shown.insert(("app", "of_account[1]"), vec![account("app", "1", "ada", "1042", "active")]);
        }
    }
    let state = |refused: Option<&str>| {
        let mut history = world.history();
        if let Some(part) = refused {
            partial(&mut history, "app", TIMES[2], "accounts", Some(part));
        }
        world.line_in(&history, "app:principal:1").map(|line| line.state)
    };
    assert_eq!(state(None), Some(State::Gone));
    assert_eq!(state(Some("us")), Some(State::Unknown));
    assert_eq!(state(Some("eu")), Some(State::Unknown));
}

/// A key that opens one thing ends with that thing, whatever becomes of its holder.
#[test]
fn what_ends_with_what_it_opens() {
    let vault = || json!({"record": "resource", "id": "app/resource/vault", "name": "vault", "resource_type": "vault"});
    let key = with(token("key", "1", "active"), "opens", json!(["app/resource/vault"]));
    let world = World::new().ada("active").had("groups", vault()).had("of_account[vault]", key);
    let line = world.line("app:token.user:key");
    assert_eq!(line.state, State::Gone, "{}", line.because);
    assert!(line.because.starts_with("It ended with vault, which is gone"), "{}", line.because);
    states("app:token.user:key", &[("the vault is there", world.has("groups", vault()), State::Unknown)]);
}

/// A read that ended as they left shows what they had then, and not what was made since.
#[test]
fn a_secret_that_was_there_as_they_left() {
    let fresh = || with(token("bot-key", "bot", "active"), "created", "2026-11-20T17:30:00Z");
    let handed = || {
        World::new()
            .keeps("accounts", non_human("bot", "service"))
            .had("groups", owns("account/bot", "1", "owner"))
            .has("groups", owns("account/bot", "2", "owner"))
    };
    let until = |world: &World, id: &str, at: &str| {
        let mut history = world.history();
        ended(&mut history, "app", TIMES[0], at);
        world.line_in(&history, id).map(|line| line.state)
    };
    let (as_they_left, later) = (DEPARTED, "2026-11-20T17:00:01Z");
    let dated_ahead = handed().keeps("credentials", fresh());
    assert_eq!(until(&dated_ahead, "app:owned.nhi:bot", as_they_left), Some(State::Live));
    assert_eq!(until(&dated_ahead, "app:owned.nhi:bot", later), Some(State::Gone));
    let replaced = handed().had("credentials", token("bot-key", "bot", "active")).has("credentials", fresh());
    assert_eq!(until(&replaced, "app:token.user:bot-key", as_they_left), Some(State::Gone));
    assert_eq!(until(&replaced, "app:token.user:bot-key", later), None, "nothing shows that they knew it");
    let readable = World::new()
        .ada("active")
        .keeps("groups", owns("credential/shared", "1", "exposure"))
        .had("credentials", token("shared", "2", "active"))
        .has("credentials", with(token("shared", "2", "active"), "created", "2026-11-20T17:30:00Z"));
    assert_eq!(until(&readable, "app:token.user:shared", as_they_left), Some(State::Gone));
    assert_eq!(until(&readable, "app:token.user:shared", later), None);
}
