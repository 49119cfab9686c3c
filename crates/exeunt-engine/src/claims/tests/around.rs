//! What was seen around the moment of a claim: by which clock, in which of two lists, and with nothing missed in between.

use exeunt_model::verdict::Comparison;
use exeunt_model::{Duration, Snapshot};
use serde_json::json;

use super::{ADA, event, step, ticket};
use crate::small_world::{
    DEPARTED, TIMES, World, account, again, ended, member, moved, receipts, time, token,
};

/// What a claim of this evening comes to, in a history that differs from the world's.
fn compared(
    world: World,
    title: &str,
    at: &str,
    id: &str,
    change: impl FnOnce(&mut Vec<Snapshot>),
) -> Option<Comparison> {
    let world = world.says([vec![ticket()], step(title, at)].concat());
    let mut history = world.history();
    change(&mut history);
    let line = world.line_in(&history, id).expect("a line");
    let claims = line.claims.iter().filter(|check| check.claim.system.is_some());
    claims.map(|check| check.comparison).next()
}

/// A thing that two lists show was seen from the first of them on and until the last; a claim in between shows nothing.
#[test]
fn two_lists_of_one_snapshot() {
    let pat = || token("pat", "1", "active");
    let world = || World::new().ada("active").keeps("credentials", pat()).keeps("integrations", pat());
    let later = |at: &str| {
        compared(world(), "App token pat revoked", at, "app:token.user:pat", |history| {
            for receipt in receipts(history, "app", TIMES[2], "integrations") {
                (receipt.started, receipt.ended) =
                    (time("2026-11-20T20:10:00Z"), time("2026-11-20T20:10:00Z"));
            }
        })
    };
    assert_eq!(later("20:00"), Some(Comparison::NeverAttempted));
    assert_eq!(later("20:05"), Some(Comparison::Contradicted), "one list was read before it");
    let earlier = |at: &str| {
        compared(world(), "App token pat revoked", at, "app:token.user:pat", |history| {
            for receipt in receipts(history, "app", TIMES[0], "integrations") {
                receipt.ended = time("2026-11-20T08:10:00Z");
            }
        })
    };
    assert_eq!(earlier("08:10"), Some(Comparison::NeverAttempted));
    assert_eq!(earlier("08:05"), Some(Comparison::Contradicted), "one list was not read through");
    let mut renewed = World::new().ada("active").keeps("credentials", pat()).had("integrations", pat());
    let mut fresh = pat();
    fresh["created"] = json!("2025-12-31T00:00:00Z");
    renewed = renewed.has("integrations", fresh);
    assert_eq!(
        compared(renewed, "App token pat revoked", "19:00", "app:token.user:pat", |_| ()),
        Some(Comparison::Contradicted),
        "one list shows another date since"
    );
}

/// Of two lists that show one account the livelier is told on the line of time; of two that say as much, the one that the state
/// is taken from.
#[test]
fn the_word_of_two_lists() {
    let told = |one: &str, other: &str| -> Vec<String> {
        let row = |state: &str| account("app", "1", "ada", "1042", state);
        let world = World::new().keeps("accounts", row(one)).keeps("groups", row(other));
        let line = world.line(ADA);
        let seen = line.timeline.into_iter().map(|moment| moment.what.to_string());
        seen.filter(|what| what.starts_with("Seen")).collect()
    };
    assert_eq!(told("suspended", "disabled"), ["Seen suspended."]);
    assert_eq!(told("disabled", "suspended"), ["Seen suspended."]);
    assert_eq!(told("disabled", "deleted"), ["Seen disabled."]);
    assert_eq!(told("deleted", "disabled"), ["Seen disabled."]);
    assert!(told("active", "disabled").is_empty(), "active all the time");
}

/// A look that was missed once is enough for somebody to have done it and undone it.
#[test]
fn one_look_that_was_missed() {
    let claimed = |missed: bool| {
        let mut world = World::new().ada("active").keeps("credentials", token("pat", "1", "active"));
        if missed {
            world.after.remove(&("app", "credentials"));
        }
        compared(world, "App token pat revoked", "19:00", "app:token.user:pat", |history| {
            again(history, "app", TIMES[2], "2026-11-20T20:10:00Z");
        })
    };
    assert_eq!(claimed(false), Some(Comparison::NeverAttempted));
    assert_eq!(claimed(true), Some(Comparison::Contradicted));
}

/// What was deleted as they left, and is merely disabled again, was brought back after the departure.
#[test]
fn deleted_as_they_left() {
    let was = |at: &str| {
        let mut world = World::new();
        for (shown, state) in [
            (&mut world.before, "disabled"),
            (&mut world.after, "soft_deleted"),
            (&mut world.now, "disabled"),
        ] {
            let rows = shown.entry(("app", "accounts")).or_default();
            rows.retain(|row| row["id"] != "app/account/1");
            rows.push(account("app", "1", "ada", "1042", state));
        }
        compared(world, "Remove from app", "18:30", ADA, |history| moved(history, "app", TIMES[1], at))
    };
    assert_eq!(was(DEPARTED), Some(Comparison::DoneThenUndone));
    assert_eq!(was("2026-11-20T16:59:59Z"), Some(Comparison::Contradicted), "before they left");
}

/// A log's time counts as far as its clock agrees with ours, in the worst of the snapshots there are.
#[test]
fn as_far_as_the_clock_agrees() {
    let undone = |ahead: i64| {
        let mut world = World::new().ada("active").keeps("credentials", event("disabled", "19:40"));
        world.ahead = Some(Duration::ZERO);
        compared(world, "Remove from app", "19:41", ADA, |history| {
            for read in ["accounts", "groups", "credentials", "integrations", "of_account"] {
                for receipt in receipts(history, "app", TIMES[1], read) {
                    receipt.server_date = receipt.ended.checked_add(Duration::from_mins(ahead)).ok();
                }
            }
        })
    };
    assert_eq!(undone(0), Some(Comparison::DoneThenUndone));
    assert_eq!(undone(20), Some(Comparison::Contradicted), "it may have been switched off as it was read");
}

/// A line that names somebody else's things of two sorts was to be about the leaver's of both.
#[test]
fn a_line_about_two_sorts_of_things() {
    let group = |id: &str| json!({"record": "group", "id": format!("app/group/{id}"), "name": id});
    let world = || {
        World::new()
            .ada("active")
            .keeps("groups", group("dev-team"))
            .keeps("groups", group("ops-team"))
            .keeps("groups", member("dev-team", "account/1"))
            .keeps("credentials", token("pat-1", "1", "active"))
            .keeps("credentials", token("pat-3", "2", "active"))
    };
    let says =
        |id: &str| compared(world(), "App token pat-3 revoked, out of group ops-team", "19:00", id, |_| ());
    assert_eq!(says("app:grant.direct:account/1->group/dev-team"), Some(Comparison::WrongObject));
    assert_eq!(says("app:token.user:pat-1"), Some(Comparison::WrongObject));
    assert_eq!(says(ADA), None);
}

/// A read that took long had not ended when the claim was made, so what it showed is not what was there before.
#[test]
fn a_first_read_that_took_long() {
    let claimed = |until: &str| {
        let world = World::new().ada("active");
        compared(world, "Remove from app", "17:30", ADA, |history| ended(history, "app", TIMES[0], until))
    };
    assert_eq!(claimed("2026-11-20T17:30:00Z"), Some(Comparison::NeverAttempted));
    assert_eq!(claimed("2026-11-20T17:30:01Z"), Some(Comparison::Contradicted));
}
