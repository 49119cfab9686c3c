//! Claims at their limits: two things in one line, a moment that is exactly the other, a ticket that was opened again.

use exeunt_model::verdict::{Comparison, Remark};
use serde_json::{Value, json};

use super::{ADA, codes, comparison, entry, event, step, ticket};
use crate::small_world::{World, account, member, rule, time, token};

fn says(world: World, title: &str, at: &str, id: &str) -> Option<Comparison> {
    comparison(&world.says([vec![ticket()], step(title, at)].concat()), id)
}

/// One line may name two things, and is about each of them and no third.
#[test]
fn a_line_that_names_two_things() {
    let world = || {
        let tokens = ["pat-1", "pat-2", "pat-3"].map(|id| token(id, "1", "active"));
        tokens.into_iter().fold(World::new().ada("active"), |world, token| world.keeps("credentials", token))
    };
    let both = "App tokens pat-1 and pat-2 revoked";
    assert_eq!(says(world(), both, "19:00", "app:token.user:pat-1"), Some(Comparison::NeverAttempted));
    assert_eq!(says(world(), both, "19:00", "app:token.user:pat-2"), Some(Comparison::NeverAttempted));
    assert_eq!(says(world(), both, "19:00", "app:token.user:pat-3"), None);
}

/// A line about somebody else's group was to be about the leaver's groups, and about nothing else of theirs.
#[test]
fn a_line_about_another_group() {
    let group = |id: &str| json!({"record": "group", "id": format!("app/group/{id}"), "name": id});
    let world = || {
        World::new()
            .ada("active")
            .keeps("groups", group("dev-team"))
            .keeps("groups", group("ops-team"))
            .keeps("groups", member("dev-team", "account/1"))
            .keeps("groups", member("ops-team", "account/2"))
            .keeps("credentials", token("pat", "1", "active"))
    };
    let title = "Removed from app group ops-team";
    let membership = "app:grant.direct:account/1->group/dev-team";
    assert_eq!(says(world(), title, "19:00", membership), Some(Comparison::WrongObject));
    assert_eq!(says(world(), title, "19:00", ADA), None);
    assert_eq!(says(world(), title, "19:00", "app:token.user:pat"), None);
}

/// What was switched off by the log and went on working was undone, also where it is gone in the end.
#[test]
fn undone_and_gone_in_the_end() {
    let hasty = |at: &str| {
        let mut world = World::new();
        world
            .after
            .entry(("app", "accounts"))
            .or_default()
            .push(account("app", "1", "ada", "1042", "active"));
        world.manifest["proof"]["principal"]["settle"] = json!("0s");
        let world = if at.is_empty() { world } else { world.keeps("credentials", event("disabled", at)) };
        says(world, "Remove from app", "17:30", ADA)
    };
    assert_eq!(hasty(""), Some(Comparison::Premature));
    assert_eq!(hasty("17:10"), Some(Comparison::DoneThenUndone));
    assert_eq!(hasty("18:00"), Some(Comparison::Premature), "switched off as it was last seen");
}

/// Nothing was attempted only where it was seen all the time, unchanged, before and after the claim, and no log says that
/// somebody touched it.
#[test]
fn nothing_was_attempted() {
    let keeps = |record: Value| World::new().ada("active").keeps("credentials", record);
    let pat = "app:token.user:pat";
    let revoked = |world: World, at: &str| says(world, "App token pat revoked", at, pat);
    let plain = || token("pat", "1", "active");
    assert_eq!(revoked(keeps(plain()), "19:00"), Some(Comparison::NeverAttempted));
    assert_eq!(revoked(keeps(plain()), "20:00"), Some(Comparison::NeverAttempted), "as the last read began");
    assert_eq!(revoked(keeps(plain()), "08:00"), Some(Comparison::NeverAttempted), "as the first read ended");
    assert_eq!(revoked(keeps(plain()), "20:01"), Some(Comparison::Contradicted), "never seen since");
    let mut unseen = keeps(plain());
    unseen.after.remove(&("app", "credentials"));
    assert_eq!(revoked(unseen, "19:00"), Some(Comparison::Contradicted), "not looked at in between");
    let mut renewed = World::new().ada("active").had("credentials", plain());
    let mut fresh = plain();
    fresh["created"] = json!("2026-11-20T17:30:00Z");
    renewed = renewed.has("credentials", fresh);
    assert_eq!(revoked(renewed, "19:00"), Some(Comparison::Contradicted), "it was made anew");
    let rules = |after: &str| {
        let world = World::new().ada("active").had("integrations", rule("sync-rule", "1", "enabled"));
        let world = world.has("integrations", rule("sync-rule", after, "enabled"));
        let mut world = world;
        world.now.insert(("app", "integrations"), vec![rule("sync-rule", "1", "enabled")]);
        says(world, "App rule sync-rule handed over", "19:00", "app:owned.automation:sync-rule")
    };
    assert_eq!(rules("1"), Some(Comparison::NeverAttempted));
    assert_eq!(rules("2"), Some(Comparison::Contradicted), "it ran as somebody else for a while");
    let touched = |action: &str, at: &str| {
        let world = World::new().ada("active").keeps("credentials", event(action, at));
        says(world, "Remove from app", "19:00", ADA)
    };
    assert_eq!(touched("changed", "08:00"), Some(Comparison::Contradicted), "as it was first seen");
    assert_eq!(touched("changed", "07:59"), Some(Comparison::NeverAttempted), "before this case");
    assert_eq!(touched("used", "18:30"), Some(Comparison::NeverAttempted), "used is not touched");
    assert_eq!(touched("created", "18:30"), Some(Comparison::NeverAttempted));
}

/// An account that was deleted and is disabled again was brought back, though it never could be used in between.
#[test]
fn deleted_and_merely_disabled_again() {
    let was = |after: &str| {
        let mut world = World::new();
        for (shown, state) in
            [(&mut world.before, "disabled"), (&mut world.after, after), (&mut world.now, "disabled")]
        {
            let rows = shown.entry(("app", "accounts")).or_default();
            rows.retain(|row| row["id"] != "app/account/1");
            rows.push(account("app", "1", "ada", "1042", state));
        }
        says(world, "Remove from app", "17:30", ADA)
    };
    assert_eq!(was("soft_deleted"), Some(Comparison::DoneThenUndone));
    assert_eq!(was("disabled"), Some(Comparison::NeverAttempted));
}

/// A ticket that was opened again may be worked on; what is changed as it is closed or opened again is part of that.
#[test]
fn a_ticket_that_was_opened_again() {
    let moved = |n, at: &str, done: bool| {
        let status = json!({"id": if done { "3" } else { "1" }, "name": "status", "done": done});
        entry(n, 1, at, json!({"changed": ["status"], "status": status}))
    };
    let edited = |at: &str| {
        let edit = entry(9, 1, at, json!({"changed": ["summary"]}));
        let documents =
            vec![ticket(), moved(1, "17:30", true), moved(2, "18:30", false), moved(3, "19:30", true), edit];
        codes(&World::new().says(documents).judge()).contains(&"ticket_edited_after_closing")
    };
    assert!(!edited("17:00"), "before it was closed");
    assert!(edited("18:00"), "while it was closed");
    assert!(!edited("18:30"), "as it was opened again");
    assert!(!edited("19:00"), "while it was open again");
    assert!(edited("20:00"), "after it was closed again");
    let undated = {
        let mut edit = entry(9, 1, "20:00", json!({"changed": ["summary"]}));
        edit.as_object_mut().expect("an object").remove("at");
        let documents = vec![ticket(), moved(1, "17:30", true), edit];
        codes(&World::new().says(documents).judge()).contains(&"ticket_edited_after_closing")
    };
    assert!(!undated, "a change without a time is not shown to be after the closing");
}

/// A part that no claim rests on may be changed; a comment that was saved at once was not edited.
#[test]
fn edits_that_change_no_claim() {
    let closed = entry(
        1,
        1,
        "18:00",
        json!({"changed": ["status"], "status": {"id": "3", "name": "Done", "done": true}}),
    );
    let part = |title: &str| {
        let mut documents = step(title, "18:00");
        documents.push(entry(5, 2, "19:00", json!({"changed": ["summary"]})));
        let world = World::new().ada("active").says([vec![ticket()], documents].concat());
        codes(&world.judge()).contains(&"ticket_edited_after_closing")
    };
    assert!(part("Remove from app"), "what a claim rests on");
    assert!(!part("Book the farewell cake"), "what no claim rests on");
    let comment = |written: &str, updated: &str| {
        let comment = json!({
            "record": "document", "id": "jira/document/8", "doc_type": "comment", "text": "all access removed",
            "parent": "jira/document/1", "at": written, "author": {"object": "app/account/2"}, "fields": {"updated": updated},
        });
        codes(&World::new().says(vec![ticket(), closed.clone(), comment]).judge())
            .contains(&"comment_edited_after_closing")
    };
    assert!(comment("2026-11-20T17:30:00Z", "2026-11-20T19:00:00Z"));
    assert!(!comment("2026-11-20T19:00:00Z", "2026-11-20T19:00:00Z"), "saved once");
}

/// Links that hand work over are those that the workflow names, in any spelling; one that several tickets show is one.
#[test]
fn links_that_hand_work_over() {
    let world = |links: &[&str], how: &str| {
        let mut asks = ticket();
        asks["links"] = json!(["jira/document/20"]);
        asks["fields"] = json!({"link.20": how, "link.20.key": "SEC-7"});
        let mut world = World::new().ada("active").says(vec![asks.clone()]);
        world.workflow["links"] = json!(links);
        let missing = codes(&world.judge()).contains(&"linked_issue_not_read");
        let linked = json!({
            "record": "document", "id": "jira/document/20", "doc_type": "linked_issue", "key": "SEC-7", "title": "Revoke app tokens",
            "status": {"id": "3", "name": "Done", "done": true},
        });
        (missing, comparison(&world.says(vec![linked]), ADA).is_some())
    };
    assert_eq!(world(&["is blocked by"], "is blocked by"), (true, true));
    assert_eq!(world(&["relates to", "is blocked by"], "Is Blocked By"), (true, true));
    assert_eq!(world(&["relates to"], "is blocked by"), (false, false));
}

/// A system that was looked at since the departure was observed; one that was last looked at before it was not.
#[test]
fn promised_and_looked_at_before_alone() {
    let promised = |moved: Option<&str>| {
        let form = json!({
            "record": "document", "id": "jira/document/5", "doc_type": "form", "parent": "jira/document/1", "fields": {"systems": "app"},
        });
        let mut world = World::new().says(vec![ticket(), form]);
        world.workflow["systems_fields"] = json!(["systems"]);
        let mut history = world.history();
        if let Some(at) = moved {
            history.retain(|snapshot| {
                snapshot.system.as_str() != "app" || snapshot.started < time("2026-11-20T17:00:00Z")
            });
            for snapshot in history.iter_mut().filter(|snapshot| snapshot.system.as_str() == "app") {
                snapshot.ended = time(at);
            }
        }
        codes(&world.judge_history(&history).expect("a verdict")).contains(&"promised_not_observed")
    };
    assert!(!promised(None));
    assert!(promised(Some("2026-11-20T16:59:59Z")), "before the departure");
    assert!(!promised(Some("2026-11-20T17:00:00Z")), "as they left");
}

/// An app that goes by the author's log-in or shown name states nobody else.
#[test]
fn the_author_by_another_name() {
    let forged = |stated: &str| {
        let mut documents = [vec![ticket()], step("Remove from app", "19:00")].concat();
        documents[2]["stated_actor"] = json!(stated);
        let mut world = World::new().ada("active").says(documents);
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            for row in shown
                .get_mut(&("app", "accounts"))
                .expect("rows")
                .iter_mut()
                .filter(|row| row["id"] == "app/account/2")
            {
                row["display_name"] = json!("Ben Ode");
            }
        }
        let line = world.line(ADA);
        line.claims.iter().any(|check| check.remarks.contains(&Remark::ForgedActor))
    };
    assert!(!forged("ben") && !forged("2") && !forged("Ben Ode"));
    assert!(forged("Cy Tan"));
}
