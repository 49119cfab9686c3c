//! Deadlines, waivers and validations at their limits.

use exeunt_model::policy::{AcceptedLatent, Deadline, Waiver};
use exeunt_model::verdict::{Standing, VerdictDocument};
use exeunt_model::{Duration, State, SurvivorKind, SystemId};
use serde_json::{Value, json};

use crate::small_world::{World, account, non_human, owns, time, token};

const PAT: &str = "app:token.user:pat";

fn late(verdict: &VerdictDocument) -> usize {
    verdict.governance.iter().filter(|finding| finding.code == "removed_late").count()
}

/// A thing was late if it was seen after its deadline and before it was gone; the shortest deadline counts.
#[test]
fn late_by_the_shortest_deadline() {
    let seen = |deadlines: &[(u8, bool, i64)]| {
        let mut world = World::new().ada("active").had("credentials", token("pat", "1", "active"));
        world.after.entry(("app", "credentials")).or_default().push(token("pat", "1", "active"));
        world.manifest["proof"]["token.user"]["settle"] = json!("0s");
        let deadline = |(point, privileged, minutes): &(u8, bool, i64)| Deadline {
            point: *point,
            privileged: *privileged,
            within: Duration::from_mins(*minutes),
        };
        world.policy.deadlines = deadlines.iter().map(deadline).collect();
        late(&world.judge())
    };
    assert_eq!(seen(&[(5, false, 59)]), 1);
    assert_eq!(seen(&[(5, false, 60)]), 0, "seen at the deadline");
    assert_eq!(seen(&[(5, false, 240), (5, false, 30)]), 1);
    assert_eq!(seen(&[(5, true, 30)]), 0, "it is not privileged");
    assert_eq!(seen(&[(4, false, 30)]), 0, "it is no entitlement");
    let in_directory = |minutes, stated| {
        let mut world = World::new();
        world
            .after
            .entry(("dir", "accounts"))
            .or_default()
            .push(account("dir", "1", "ada", "1042", "active"));
        world.manifest["proof"]["principal"]["settle"] = json!("0s");
        world.policy.directory_deadline = Duration::from_mins(minutes);
        world.policy.deadlines.push(Deadline {
            point: 2,
            privileged: false,
            within: Duration::from_mins(stated),
        });
        late(&world.judge())
    };
    assert_eq!(in_directory(30, 240), 1, "the directory's own deadline");
    assert_eq!(in_directory(240, 30), 1, "the one stated for the point");
    assert_eq!(in_directory(240, 240), 0);
}

fn waived(change: impl Fn(&mut Waiver)) -> VerdictDocument {
    let mut world = World::new().ada("active").keeps("credentials", token("pat", "1", "active"));
    let mut waiver = Waiver {
        obligation: PAT.to_owned(),
        case: "OFF-1".to_owned(),
        approver: "Cleo".to_owned(),
        also: Vec::new(),
        reason: "the vendor's window".to_owned(),
        expires: time("2026-12-01T00:00:00Z"),
    };
    change(&mut waiver);
    world.policy.waivers.push(waiver);
    world.judge()
}

fn state(verdict: &VerdictDocument, id: &str) -> Option<State> {
    verdict.obligations.iter().find(|line| line.id == id).map(|line| line.state)
}

/// An exception holds for its case, for its line, until its end; and what is gone needs none.
#[test]
fn how_far_an_exception_reaches() {
    let of = |change: fn(&mut Waiver)| state(&waived(change), PAT);
    assert_eq!(of(|_| ()), Some(State::Waived));
    assert_eq!(of(|waiver| "OFF-2".clone_into(&mut waiver.case)), Some(State::Live), "of another case");
    assert_eq!(of(|waiver| waiver.expires = time("2026-11-20T20:30:00Z")), Some(State::Live), "over now");
    assert_eq!(of(|waiver| waiver.expires = time("2026-11-20T20:30:01Z")), Some(State::Waived));
    assert_eq!(
        of(|waiver| "ada@halden.example".clone_into(&mut waiver.approver)),
        Some(State::Live),
        "by the leaver"
    );
    let mut gone = World::new().had("credentials", token("pat", "1", "active"));
    gone.policy.waivers.push(Waiver {
        obligation: PAT.to_owned(),
        case: "OFF-1".to_owned(),
        approver: "Cleo".to_owned(),
        also: Vec::new(),
        reason: "no longer needed".to_owned(),
        expires: time("2026-12-01T00:00:00Z"),
    });
    assert_eq!(gone.line(PAT).state, State::Gone);
}

/// What policy accepts while it sleeps, it accepts in the system it names.
#[test]
fn accepted_in_one_system() {
    let accepted = |system: Option<&str>| {
        let mut world = World::new().ada("suspended").ada_in_directory("disabled");
        world.policy.accept_latent.push(AcceptedLatent {
            kind: SurvivorKind::Principal,
            system: system.map(|name| SystemId::new(name).expect("a system")),
            reason: "kept for the audit".to_owned(),
        });
        let verdict = world.judge();
        ["app:principal:1", "dir:principal:1"].map(|id| state(&verdict, id) == Some(State::Waived))
    };
    assert_eq!(accepted(None), [true, true]);
    assert_eq!(accepted(Some("app")), [true, false]);
    assert_eq!(accepted(Some("dir")), [false, true]);
}

/// A validation that falls due at this moment is due; one that began as it was due ran, and one that began when the next was
/// due is the next one's.
#[test]
fn validations_at_their_limits() {
    let point = |minutes: &[i64]| {
        let mut world = World::new();
        world.policy.rechecks.due = minutes.iter().map(|minutes| Duration::from_mins(*minutes)).collect();
        world.policy.rechecks.every_one = true;
        world.point(10).standing
    };
    assert_eq!(point(&[211]), Standing::NothingToHold, "not due for a minute");
    assert_eq!(point(&[210]), Standing::Failed, "due at this moment, and nobody ran it");
    assert_eq!(point(&[180]), Standing::Holds, "began as it was due");
    assert_eq!(point(&[181]), Standing::Failed);
    assert_eq!(point(&[30, 60]), Standing::Failed, "the one at an hour is the second one's");
    assert_eq!(point(&[30, 61]), Standing::Holds);
    assert_eq!(point(&[61, 30]), Standing::Holds, "in whatever order they are written");
    assert_eq!(point(&[60, 60, 180]), Standing::Holds, "written twice");
}

/// Only what came back and can act fails the last point.
#[test]
fn what_came_back_and_is_gone_again_was_caught() {
    let tokens = |states: [&str; 3]| {
        let mut world = World::new().ada("active");
        for (shown, state) in [&mut world.before, &mut world.after, &mut world.now].into_iter().zip(states) {
            if !state.is_empty() {
                shown.entry(("app", "credentials")).or_default().push(token("pat", "1", state));
            }
        }
        world.policy.rechecks.due.clear();
        world.point(10).standing
    };
    assert_eq!(tokens(["active", "", "active"]), Standing::Failed);
    assert_eq!(tokens(["active", "", "inactive"]), Standing::Failed, "it can be switched on again");
    assert_eq!(tokens(["active", "", "revoked"]), Standing::NothingToHold, "it came back and is revoked");
    assert_eq!(tokens(["active", "", ""]), Standing::NothingToHold);
}

/// A removal that is asked for at its limit is in time; an approval that nobody signed accuses nobody.
#[test]
fn asked_for_at_the_limit() {
    let asked = |at: &str, more: Vec<Value>| {
        let ticket = json!({"record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": at});
        let documents = std::iter::once(ticket).chain(more).collect();
        World::new().says(documents).point(1).standing
    };
    assert_eq!(asked("2026-11-20T17:00:00Z", Vec::new()), Standing::Holds);
    assert_eq!(asked("2026-11-20T17:00:01Z", Vec::new()), Standing::Failed);
    let unsigned =
        json!({"record": "document", "id": "jira/document/2", "doc_type": "approval", "done": true});
    assert_eq!(asked("2026-11-19T09:00:00Z", vec![unsigned]), Standing::Holds, "approved by somebody");
}

/// Where no tickets are kept none can be missing; where they are, a case without one was asked for by nobody known.
#[test]
fn a_company_without_tickets() {
    let mut none = World::new();
    assert_eq!(none.point(1).standing, Standing::Unknown);
    none.workflow.as_object_mut().expect("a workflow").remove("system");
    assert_eq!(none.point(1).standing, Standing::NothingToHold);
}

/// Nobody was late with what was never theirs to hand over: a bot that the leaver once made and a colleague has.
#[test]
fn nobody_was_late_with_what_a_colleague_has() {
    let world = |link: &str| {
        let mut world = World::new()
            .keeps("accounts", non_human("bot", "workload"))
            .keeps("groups", owns("account/bot", "2", "owner"))
            .had("groups", owns("account/bot", "1", link));
        if link == "creator" {
            world = world.has("groups", owns("account/bot", "1", link));
        } else {
            world.after.entry(("app", "groups")).or_default().push(owns("account/bot", "1", link));
        }
        world.manifest["proof"]["owned.nhi"]["settle"] = json!("0s");
        world.policy.deadlines.push(Deadline {
            point: 8,
            privileged: false,
            within: Duration::from_mins(30),
        });
        let verdict = world.judge();
        assert_eq!(state(&verdict, "app:owned.nhi:bot"), Some(State::Gone));
        late(&verdict)
    };
    assert_eq!(world("creator"), 0);
    assert_eq!(world("owner"), 1, "she had it an hour after she left");
}
