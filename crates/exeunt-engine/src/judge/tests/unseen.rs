//! What was not read, and what nobody can see.

use exeunt_model::receipt::PositiveControl;
use exeunt_model::verdict::{Conclusion, Gap, GapKind, Standing, VerdictDocument};
use exeunt_model::{Outcome, PartialReason, Snapshot, State, SurvivorKind};
use serde_json::json;

use crate::Inputs;
use crate::judge_case;
use crate::small_world::{TIMES, World, account, earlier, partial, time, token};

/// The reads of a system that do not count, by name, and whether they keep the case from being clear.
fn of(verdict: &VerdictDocument, system: &str) -> Vec<(String, GapKind, bool)> {
    let gaps = verdict.gaps.iter().filter(|gap| gap.system.as_str() == system);
    gaps.map(|gap| (gap.read.clone(), gap.kind.clone(), gap.blocks)).collect()
}

fn never(read: &str) -> (String, GapKind, bool) {
    (read.to_owned(), GapKind::NeverRead, true)
}

/// A system or a read that was left out looks exactly like one that has nothing: it has to be said.
#[test]
fn what_was_never_read() {
    let world = World::new();
    let history: Vec<Snapshot> =
        world.history().into_iter().filter(|snapshot| snapshot.system.as_str() == "dir").collect();
    let verdict = world.judge_history(&history).expect("a verdict");
    assert_eq!(of(&verdict, "app"), [never("")], "a system that is in scope");
    assert!(of(&verdict, "dir").is_empty());
    let without = |read: &'static str| {
        let mut world = World::new();
        world.now.remove(&("app", read));
        of(&world.judge(), "app")
    };
    assert_eq!(without("integrations"), [never("integrations")]);
    assert_eq!(without("of_account[2]"), [never("of_account")], "there was a row to ask for");
    let nobody = |change: &dyn Fn(&mut World)| {
        let mut world = World::new();
        world.now.remove(&("app", "of_account[2]"));
        change(&mut world);
        of(&world.judge(), "app")
    };
    let empty = |world: &mut World| drop(world.now.insert(("app", "accounts"), Vec::new()));
    assert_eq!(nobody(&empty), [], "there was no row to ask for");
    let gaps = nobody(&|world| {
        empty(world);
        world.partial.insert(("app", "accounts"));
    });
    assert!(gaps.contains(&never("of_account")), "nobody knows whether there was one: {gaps:?}");
    let gaps = nobody(&|world| drop(world.now.remove(&("app", "accounts"))));
    assert!(gaps.contains(&never("of_account")) && gaps.contains(&never("accounts")), "{gaps:?}");
    let some =
        nobody(&|world| world.manifest["reads"]["of_account"]["each"]["when"] = json!(".state == \"on\""));
    assert_eq!(some, [], "not every row is asked for");
}

/// A ticket that was read in part may hold claims nobody compared; it hides nothing that can act.
#[test]
fn a_ticket_that_was_read_in_part() {
    let world = World::new().says(vec![json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
    })]);
    let history = world.history();
    let with = |outcome: Outcome| {
        world.ask(&history, &[], |inputs| {
            let mut ticket = inputs.ticket.expect("a ticket").clone();
            ticket.reads[0].receipt.outcome = outcome;
            judge_case(&Inputs { ticket: Some(&ticket), ..*inputs }).expect("a verdict")
        })
    };
    let reason = PartialReason::Forbidden;
    let part = with(Outcome::Partial { reason, detail: "403".to_owned() });
    assert_eq!(of(&part, "jira"), [("issue".to_owned(), GapKind::Partial(reason), false)]);
    assert_eq!(
        part.control_points[0].standing,
        Standing::Unknown,
        "an approval may be in the part that is missing"
    );
    let whole = with(Outcome::Complete);
    assert_eq!(of(&whole, "jira"), []);
    assert_eq!(whole.control_points[0].standing, Standing::Holds);
}

/// In a read that is made for each row, any of its scopes can show that the reader sees such things.
#[test]
fn one_scope_shows_the_control_for_all() {
    let blind = |scopes: &[&str]| {
        let world = World::new().ada("active").keeps("of_account[1]", token("own", "1", "active"));
        let mut history = world.history();
        for snapshot in &mut history {
            for read in snapshot.reads.iter_mut().filter(|read| read.receipt.read == "of_account") {
                if scopes.contains(&read.receipt.scope.as_str()) {
                    read.receipt.control = PositiveControl::NotSeen("no row".to_owned());
                }
            }
        }
        of(&world.judge_history(&history).expect("a verdict"), "app").len()
    };
    assert_eq!(blind(&["1"]), 0, "the other scope shows it");
    assert_eq!(blind(&["1", "2"]), 2, "neither does");
}

/// What a system cannot show is told where the leaver had something, or where it could not be read.
#[test]
fn blind_spots_of_the_systems_that_matter() {
    let spots = |world: &World| -> Vec<(String, SurvivorKind, String)> {
        let spots = world.judge().blind_spots.into_iter();
        spots.map(|spot| (spot.system.to_string(), spot.kind, spot.bound)).collect()
    };
    let told =
        |system: &str| (system.to_owned(), SurvivorKind::Session, "They end after 8 hours.".to_owned());
    let here = World::new().ada("active");
    assert_eq!(spots(&here), [told("app"), told("dir")]);
    let elsewhere = |change: &dyn Fn(&mut World)| {
        let mut world = World::new();
        world.before.insert(("app", "accounts"), world.now[&("app", "accounts")].clone());
        change(&mut world);
        spots(&world)
    };
    assert_eq!(elsewhere(&|_| ()), [told("dir")], "the leaver has nothing there");
    let refused = |world: &mut World| {
        world.partial.insert(("app", "groups"));
    };
    assert_eq!(elsewhere(&refused), [told("app"), told("dir")]);
    // A gap that does not block, here of the baseline, hides nothing now.
    let not_whole = |world: &mut World| {
        world.before.clear();
        world.before.insert(
            ("dir", "accounts"),
            vec![crate::small_world::account("dir", "1", "ada", "1042", "active")],
        );
    };
    assert_eq!(elsewhere(&not_whole), [told("dir")]);
    let blind = |kind: &str| {
        let mut world = World::new().ada("active");
        world.manifest["survivors"][kind] = json!({"blind": "nobody can list them"});
        spots(&world)
    };
    assert_eq!(blind("session"), [told("app"), told("dir")], "told once, with its bound");
    let bare = |system: &str| (system.to_owned(), SurvivorKind::Egress, "No bound is stated.".to_owned());
    assert_eq!(blind("egress"), [told("app"), bare("app"), told("dir"), bare("dir")]);
}

/// A departure that nothing was read before has no baseline; policy says whether that keeps a case open.
#[test]
fn a_baseline_is_from_before() {
    let gaps = |moved: &str, strict: bool| -> Vec<Gap> {
        let mut world = World::new();
        world.policy.require_baseline = strict;
        let mut history = world.history();
        for snapshot in
            history.iter_mut().filter(|s| s.started < crate::small_world::time("2026-11-20T17:00:00Z"))
        {
            snapshot.started = crate::small_world::time(moved);
        }
        let gaps = world.judge_history(&history).expect("a verdict").gaps;
        gaps.into_iter().filter(|gap| gap.kind == GapKind::NoBaseline).collect()
    };
    assert!(gaps("2026-11-20T16:59:59Z", true).is_empty());
    let none = gaps("2026-11-20T17:00:00Z", true);
    assert_eq!(none.len(), 2, "{none:?}");
    assert!(none.iter().all(|gap| gap.blocks));
    assert!(gaps("2026-11-20T17:00:00Z", false).iter().all(|gap| !gap.blocks));
}

/// Whatever is gone, one read that is missing keeps a case from being clear.
#[test]
fn one_gap_keeps_a_case_open() {
    let ticket = |world: World| {
        let ticket = json!({
            "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        });
        let approval = json!({
            "record": "document", "id": "jira/document/2", "doc_type": "approval", "done": true,
            "author": {"object": "jira/account/9"},
        });
        world.says(vec![ticket, approval])
    };
    let quiet = || {
        let mut world = ticket(World::new());
        world.policy.rechecks.due.clear();
        world
    };
    assert_eq!(quiet().judge().verdict, Conclusion::Clear, "{:?}", quiet().judge().control_points);
    let mut unread = quiet();
    unread.now.remove(&("app", "integrations"));
    assert_eq!(unread.judge().verdict, Conclusion::Unproven);
    let mut one_unknown = quiet().had("credentials", token("pat", "1", "active")).refused("credentials");
    assert_eq!(one_unknown.judge().verdict, Conclusion::Unproven);
    one_unknown.partial.clear();
    assert_eq!(one_unknown.judge().verdict, Conclusion::Clear);
    assert!(quiet().judge().obligations.iter().all(|line| line.state == State::Gone));
}

/// A list that is read in parts had no rows to ask for only where each part was read.
#[test]
fn a_list_in_parts_without_rows() {
    let gaps = |refused: Option<&str>| {
        let mut world = World::new();
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            for read in ["accounts", "of_account[2]"] {
                shown.remove(&("app", read));
            }
            shown.insert(("app", "accounts[eu]"), Vec::new());
            shown.insert(("app", "accounts[us]"), Vec::new());
        }
        let mut history = world.history();
        if let Some(part) = refused {
            partial(&mut history, "app", TIMES[2], "accounts", Some(part));
        }
        of(&world.judge_history(&history).expect("a verdict"), "app")
    };
    assert_eq!(gaps(None), []);
    assert!(gaps(Some("eu")).contains(&never("of_account")));
    assert!(gaps(Some("us")).contains(&never("of_account")));
}

/// What nobody can see is told in order, each thing once, and not where nothing but a baseline is missing.
#[test]
fn blind_spots_are_told_once() {
    let spots = |world: &World, history: &[Snapshot]| -> Vec<(String, String)> {
        let spots = world.judge_history(history).expect("a verdict").blind_spots.into_iter();
        spots.map(|spot| (spot.system.to_string(), spot.what)).collect()
    };
    let told = |what: &[&str]| -> Vec<(String, String)> {
        what.iter().map(|what| ("dir".to_owned(), (*what).to_owned())).collect()
    };
    let mut world = World::new();
    let rows = world.now[&("app", "accounts")].clone();
    world.before.insert(("app", "accounts"), rows);
    let sessions =
        json!({"kind": "session", "what": "Sessions are not listed.", "bound": "They end after 8 hours."});
    let sends = json!({"kind": "egress", "what": "Webhooks are not listed.", "bound": "None."});
    world.manifest["blind_spots"] = json!([sends, sessions, sessions]);
    world.manifest["survivors"]["session"] = json!({"blind": "not shown"});
    world.manifest["survivors"]["recovery"] = json!({"blind": "Ways back in are not listed."});
    let mut history = world.history();
    history.retain(|snapshot| snapshot.system.as_str() != "app" || snapshot.started != time(TIMES[0]));
    let mut expected =
        told(&["Sessions are not listed.", "Webhooks are not listed.", "Ways back in are not listed."]);
    let by_kind = |kind: &(String, String)| match kind.1.as_str() {
        "Sessions are not listed." => SurvivorKind::Session,
        "Webhooks are not listed." => SurvivorKind::Egress,
        _ => SurvivorKind::Recovery,
    };
    expected.sort_by_key(by_kind);
    assert_eq!(spots(&world, &history), expected, "of the directory alone: the application was read");
}

/// An account that may have been the leaver's long ago is no question today.
#[test]
fn in_question_long_ago() {
    let stray = || {
        let mut stray = account("app", "7", "stray", "9999", "active");
        stray["keys"] = json!([]);
        stray["display_name"] = json!("Ada");
        stray
    };
    let disputed = |world: &World, older: &World| {
        let mut history = world.history();
        earlier(&mut history, older);
        world.judge_history(&history).expect("a verdict").disputed.len()
    };
    assert_eq!(disputed(&World::new(), &World::new().had("accounts", stray())), 0);
    assert_eq!(disputed(&World::new().had("accounts", stray()), &World::new()), 1);
}
