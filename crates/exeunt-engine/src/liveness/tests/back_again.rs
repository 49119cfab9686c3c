//! What came back, and what most likely brought it back.

use exeunt_model::Snapshot;
use exeunt_model::verdict::{Cause, Regression};
use serde_json::{Value, json};

use super::{event, with};
use crate::small_world::{
    DEPARTED, TIMES, World, account, grant, member, moved, non_human, partial, rule, time, token,
};

/// Before, gone after the departure, back now.
fn back(read: &'static str, record: Value) -> World {
    let mut world = World::new().ada("active").had(read, record.clone());
    world.now.entry(("app", read)).or_default().push(record);
    world
}

fn undated() -> Value {
    let mut pat = token("pat", "1", "active");
    pat.as_object_mut().expect("an object").remove("created");
    pat
}

fn cause(world: &World, id: &str) -> Option<Cause> {
    world.line(id).regression.map(|regression| regression.cause)
}

/// A log that names who brought it back decides, if it was in the time in which it came back.
#[test]
fn what_a_log_names() {
    let told = |action: &str, at: &str, actor: Value| {
        let mut world = back("credentials", undated()).keeps("integrations", rule("sync", "2", "enabled"));
        let told = event(action, "app/credential/pat", at, &actor);
        world.now.entry(("app", "integrations")).or_default().push(told);
        cause(&world, "app:token.user:pat").expect("it came back")
    };
    let ben = || json!({"object": "app/account/2"});
    let seven = "2026-11-20T19:00:00Z";
    assert_eq!(told("created", seven, ben()), Cause::ByHand);
    assert_eq!(told("enabled", seven, ben()), Cause::ByHand);
    assert_eq!(told("changed", seven, ben()), Cause::ByHand);
    assert_eq!(told("removed", seven, ben()), Cause::Unknown, "a removal brings nothing back");
    assert_eq!(told("created", "2026-11-20T20:00:00Z", ben()), Cause::ByHand, "as it was seen again");
    assert_eq!(told("created", "2026-11-20T20:10:00Z", ben()), Cause::Unknown, "after it was seen again");
    assert_eq!(told("created", "2026-11-20T08:00:00Z", ben()), Cause::ByHand, "as it was first seen");
    assert_eq!(told("created", "2026-11-20T07:00:00Z", ben()), Cause::Unknown, "before it was first seen");
    assert_eq!(told("created", seven, json!({"object": "app/integration/sync"})), Cause::Provisioning);
    assert_eq!(told("created", seven, Value::Null), Cause::Unknown, "nobody is named");
}

/// A group that a rule fills puts back whoever is taken out, and what the group is granted.
#[test]
fn groups_that_fill_themselves() {
    let filled = json!({"record": "group", "id": "app/group/dev", "name": "dev", "filled_by": "a rule"});
    let plain = json!({"record": "group", "id": "app/group/dev", "name": "dev"});
    let membership = "app:grant.direct:account/1->group/dev";
    let joins = || back("groups", member("dev", "account/1"));
    assert_eq!(cause(&joins().keeps("groups", filled.clone()), membership), Some(Cause::GroupRule));
    assert_eq!(cause(&joins().keeps("groups", plain.clone()), membership), Some(Cause::Unknown));
    let by_rule = |state: &str, opens: &str| {
        let rule = with(rule("fill", "2", state), "opens", json!([opens]));
        cause(&joins().keeps("groups", plain.clone()).keeps("integrations", rule), membership)
    };
    assert_eq!(by_rule("enabled", "app/group/dev"), Some(Cause::GroupRule));
    assert_eq!(
        by_rule("disabled", "app/group/dev"),
        Some(Cause::Unknown),
        "a rule that is off fills nothing"
    );
    assert_eq!(by_rule("enabled", "app/group/ops"), Some(Cause::Unknown), "it fills another group");
    let two = ["second", "first"].into_iter().fold(joins().keeps("groups", plain.clone()), |world, name| {
        world.keeps("integrations", with(rule(name, "2", "enabled"), "opens", json!(["app/group/dev"])))
    });
    let why = two.line(membership).regression.map(|back| back.why).expect("it came back");
    assert!(why.contains("filled by the rule first"), "of two rules the first by name: {why}");
    let inherited = "app:grant.inherited:account/1->resource/vault#admin";
    let grants = |subject: &str| {
        back("groups", grant(subject, "vault", "admin"))
            .keeps("groups", member("dev", "account/1"))
            .keeps("groups", filled.clone())
    };
    let line = grants("group/dev").line(inherited);
    assert!(
        line.regression.is_none_or(|back| back.cause == Cause::GroupRule),
        "a grant to a group that is filled"
    );
    let direct = grants("account/1").line("app:grant.direct:account/1->resource/vault#admin");
    assert_eq!(
        direct.regression.map(|back| back.cause),
        Some(Cause::Unknown),
        "a grant to a person is filled by nobody"
    );
}

/// Somebody who is employed again is told from somebody whose account was merely opened again.
#[test]
fn employed_again_or_not() {
    let again = |after: &str, now: &str, departed: Option<&str>| {
        let mut world = back("credentials", undated());
        world.after.entry(("dir", "accounts")).or_default().push(account("dir", "1", "ada", "1042", after));
        world.now.entry(("dir", "accounts")).or_default().push(account("dir", "1", "ada", "1042", now));
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            if let Some(departed) = departed {
                shown.get_mut(&("dir", "people")).expect("people")[0]["departed"] = json!(departed);
            }
        }
        cause(&world, "app:token.user:pat").expect("it came back")
    };
    assert_eq!(again("disabled", "active", None), Cause::Rehire);
    assert_eq!(
        again("disabled", "active", Some("2026-12-24T00:00:00Z")),
        Cause::Rehire,
        "leaves another time"
    );
    assert_eq!(
        again("disabled", "active", Some("2026-11-20T17:00:00Z")),
        Cause::Unknown,
        "still stated to have left"
    );
    assert_eq!(
        again("disabled", "active", Some("2026-11-20T20:30:00Z")),
        Cause::Unknown,
        "to leave at this moment"
    );
    assert_eq!(again("active", "active", None), Cause::Unknown, "never blocked");
    assert_eq!(again("disabled", "disabled", None), Cause::Unknown, "blocked still");
}

/// An account that is made anew: by a sign-in, by provisioning, by nobody who is known.
#[test]
fn accounts_made_anew() {
    let anew = |created: &str, key: Option<&str>| {
        let mut now = with(account("app", "1", "ada", "1042", "active"), "created", created);
        if let Some(kind) = key {
            let key = json!({"kind": kind, "value": "x", "issuer": "dir"});
            now["keys"].as_array_mut().expect("keys").push(key);
        }
        let mut world = World::new();
        world.now.entry(("app", "accounts")).or_default().push(now);
        cause(&world, "app:principal:1").expect("it came back")
    };
    let seven = "2026-11-20T19:00:00Z";
    assert_eq!(anew(seven, Some("idp_subject")), Cause::SignIn);
    assert_eq!(anew(seven, Some("sso_name_id")), Cause::SignIn);
    assert_eq!(anew(seven, Some("scim_external_id")), Cause::Provisioning);
    assert_eq!(anew(seven, None), Cause::Unknown);
    assert_eq!(anew("2026-11-20T18:00:00Z", None), Cause::Restore, "made when it was missed, at the latest");
    assert_eq!(anew("2026-01-01T00:00:00Z", Some("idp_subject")), Cause::Restore);
    // Another one of hers, made after the first went missing: systems give it another id.
    let second = |first: &str, system_shows: bool| {
        let mut world = World::new();
        if system_shows {
            world = world.ada("active");
        }
        let made = with(account("app", "11", "ada2", "1042", "active"), "created", seven);
        let made = with(made, "sso", json!({"idp": "dir", "enforced": true}));
        world.now.entry(("app", "accounts")).or_default().push(made);
        if !first.is_empty() {
            world = world.keeps("accounts", non_human(first, "service"));
        }
        world.line("app:principal:11").regression.map(|back| back.cause)
    };
    assert_eq!(second("", false), Some(Cause::SignIn));
    assert_eq!(second("", true), None, "the first never went missing");
}

/// A rule that was switched off and is on again came back; so does an account that was shut and is open.
#[test]
fn shut_and_open_again() {
    let was = |read: &'static str, states: [Value; 3]| {
        let [before, after, now] = states;
        let mut world = World::new().ada("active");
        world.before.entry(("app", read)).or_default().push(before);
        world.after.entry(("app", read)).or_default().push(after);
        world.now.entry(("app", read)).or_default().push(now);
        world
    };
    let rules = |after: &str| {
        let world = was("integrations", ["enabled", after, "enabled"].map(|state| rule("sync", "1", state)));
        world.line("app:owned.automation:sync").regression.is_some()
    };
    assert!(rules("disabled"), "switched off and on");
    assert!(!rules("unknown"), "not known in between");
    assert!(!rules("enabled"));
    let tokens = |after: &str| {
        let world = was("credentials", ["active", after, "active"].map(|state| token("pat", "1", state)));
        world.line("app:token.user:pat").regression.is_some()
    };
    assert!(tokens("revoked") && tokens("inactive"));
    assert!(!tokens("unknown"), "not known in between");
    let mut invited = World::new();
    for (shown, state) in [(&mut invited.after, "invited"), (&mut invited.now, "active")] {
        shown.entry(("app", "accounts")).or_default().push(account("app", "1", "ada", "1042", state));
    }
    assert!(invited.line("app:principal:1").regression.is_none(), "an invitation is not a block");
}

fn regression(world: &World, id: &str, change: impl FnOnce(&mut Vec<Snapshot>)) -> Option<Regression> {
    let mut history = world.history();
    change(&mut history);
    world.line_in(&history, id).expect("a line").regression
}

/// Back again is what was away after the departure: by a whole read that began as they left, or later.
#[test]
fn away_since_they_left() {
    let pat = "app:token.user:pat";
    let missed = |at: &str| {
        let world = back("credentials", undated());
        regression(&world, pat, |history| moved(history, "app", TIMES[1], at)).is_some()
    };
    assert!(missed(DEPARTED) && missed(TIMES[1]));
    assert!(!missed("2026-11-20T16:59:59Z"), "away and back before they left");
    let unread = regression(&back("credentials", undated()), pat, |history| {
        partial(history, "app", TIMES[1], "credentials", None);
    });
    assert_eq!(unread, None, "it may have been there");
    let shut = |at: &str| {
        let mut world = World::new().ada("active").had("credentials", undated());
        world.after.entry(("app", "credentials")).or_default().push(with(undated(), "state", "inactive"));
        world.now.entry(("app", "credentials")).or_default().push(undated());
        regression(&world, pat, |history| moved(history, "app", TIMES[1], at)).is_some()
    };
    assert!(shut(DEPARTED) && shut(TIMES[1]));
    assert!(!shut("2026-11-20T16:59:59Z"));
    let two_rows = |one: &str, other: &str| {
        let mut world = World::new().ada("active").keeps("credentials", undated());
        world.after.insert(("app", "credentials"), vec![with(undated(), "state", one)]);
        world.after.insert(("app", "integrations"), vec![with(undated(), "state", other)]);
        regression(&world, pat, |_| ()).is_some()
    };
    assert!(two_rows("inactive", "inactive"));
    assert!(
        !two_rows("inactive", "active") && !two_rows("active", "inactive"),
        "of two rows the livelier counts"
    );
}

/// An account that takes the place of one that went missing came back; one that was there before they left did not, and the
/// first that went missing is told.
#[test]
fn an_account_that_takes_the_place_of_another() {
    let second = || account("app", "11", "ada2", "1042", "active");
    let id = "app:principal:11";
    let made = |at: &str| {
        let world = World::new().has("accounts", second());
        regression(&world, id, |history| moved(history, "app", TIMES[1], at)).is_some()
    };
    assert!(made(DEPARTED) && made(TIMES[1]));
    assert!(!made("2026-11-20T16:59:59Z"), "she had changed accounts before she left");
    let mut only_now = World::new();
    only_now.now.entry(("app", "accounts")).or_default().push(second());
    let missing = |world: &World, unread: bool| {
        let found = regression(world, id, |history| {
            if unread {
                partial(history, "app", TIMES[1], "accounts", None);
            }
        });
        found.map(|back| back.missing)
    };
    assert_eq!(missing(&only_now, false), Some(time(TIMES[1])));
    assert_eq!(missing(&only_now, true), Some(time(TIMES[2])), "a read that was refused misses nothing");
    let third = account("app", "12", "ada3", "1042", "active");
    let mut two_went = only_now.had("accounts", third.clone());
    two_went.after.entry(("app", "accounts")).or_default().push(third);
    assert_eq!(missing(&two_went, false), Some(time(TIMES[1])), "the first of two");
}

/// Employed again is who is let in again after something went missing, from a state that shut them out since they left.
#[test]
fn employed_again_since_when() {
    let again = |now: &str, after_at: &str, now_at: &str| {
        let mut world = back("credentials", undated());
        world
            .after
            .entry(("dir", "accounts"))
            .or_default()
            .push(account("dir", "1", "ada", "1042", "disabled"));
        world.now.entry(("dir", "accounts")).or_default().push(account("dir", "1", "ada", "1042", now));
        let back = regression(&world, "app:token.user:pat", |history| {
            moved(history, "dir", TIMES[1], after_at);
            moved(history, "dir", TIMES[2], now_at);
        });
        back.map(|back| back.cause)
    };
    assert_eq!(again("active", TIMES[1], TIMES[2]), Some(Cause::Rehire));
    assert_eq!(again("active", DEPARTED, TIMES[2]), Some(Cause::Rehire), "shut out as they left");
    assert_eq!(again("active", "2026-11-20T16:59:59Z", TIMES[2]), Some(Cause::Unknown), "shut out before");
    assert_eq!(again("active", "2026-11-20T17:10:00Z", TIMES[1]), Some(Cause::Rehire), "as it was missed");
    assert_eq!(
        again("active", "2026-11-20T17:10:00Z", "2026-11-20T17:50:00Z"),
        Some(Cause::Unknown),
        "let in before anything went missing"
    );
    assert_eq!(again("invited", TIMES[1], TIMES[2]), Some(Cause::Unknown), "invited is not let in");
}

/// What the leaver brought back is told as the leaver's doing; an account that names itself was signed in to.
#[test]
fn brought_back_by_the_leaver() {
    let told = |world: World, id: &str, subject: &str| {
        let told = event("created", subject, "2026-11-20T19:00:00Z", &json!({"object": "app/account/1"}));
        let mut world = world;
        world.now.entry(("app", "integrations")).or_default().push(told);
        world.line(id).regression.map(|back| (back.cause, back.why)).expect("it came back")
    };
    let (cause, why) = told(back("credentials", undated()), "app:token.user:pat", "app/credential/pat");
    assert_eq!(cause, Cause::ByHand);
    assert!(why.contains("ada, an account of the leaver, did it"), "{why}");
    let mut anew = World::new();
    anew.now.entry(("app", "accounts")).or_default().push(account("app", "1", "ada", "1042", "active"));
    let (cause, why) = told(anew, "app:principal:1", "app/account/1");
    assert_eq!(cause, Cause::SignIn, "{why}");
}
