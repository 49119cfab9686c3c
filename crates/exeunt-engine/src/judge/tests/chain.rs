//! The directory's own log, the timeline, and what a control point cites.

use exeunt_model::verdict::{Conclusion, Gap, Standing};
use exeunt_model::{Grade, State};
use serde_json::{Value, json};

use crate::judge::Prepared;
use crate::judge::conclusion::conclude;
use crate::small_world::{World, account, non_human, rule, token};

/// Something the directory's log reports of Ada's account.
fn logged(world: World, number: u8, action: &str, at: &str) -> World {
    let mut world = world;
    let event = json!({
        "record": "event", "id": format!("dir/event/{number}"), "at": at, "action": action, "subject": "dir/account/1",
        "actor": Value::Null, "detail": "",
    });
    world.now.entry(("dir", "accounts")).or_default().push(event);
    world
}

/// A log dates what we only saw later: shut in time is shut in time, and shut late is late.
#[test]
fn the_log_of_the_directory_dates_the_block() {
    let by = |events: &[(&str, &str)]| {
        let mut world = World::new().ada_in_directory("disabled");
        for (number, (action, at)) in (1..).zip(events) {
            world = logged(world, number, action, at);
        }
        world.point(2).standing
    };
    let (early, exactly, late) = ("2026-11-20T17:30:00Z", "2026-11-20T18:00:00Z", "2026-11-20T18:30:00Z");
    assert_eq!(by(&[]), Standing::Holds);
    assert_eq!(by(&[("disabled", early)]), Standing::Holds);
    assert_eq!(by(&[("disabled", exactly)]), Standing::Holds, "at the deadline");
    assert_eq!(by(&[("disabled", late)]), Standing::Failed);
    assert_eq!(by(&[("removed", late)]), Standing::Failed);
    assert_eq!(by(&[("disabled", early), ("enabled", late)]), Standing::Holds, "enabling blocks nobody");
    assert_eq!(by(&[("disabled", early), ("disabled", late)]), Standing::Failed, "the last one counts");
    assert_eq!(by(&[("changed", late)]), Standing::Holds);
}

/// An account that was read as active at the deadline was not late yet.
#[test]
fn active_after_the_deadline() {
    let active = |minutes| {
        let mut world = World::new().ada_in_directory("disabled");
        world.after.insert(("dir", "accounts"), vec![account("dir", "1", "ada", "1042", "active")]);
        world.policy.directory_deadline = exeunt_model::Duration::from_mins(minutes);
        world.point(2).standing
    };
    assert_eq!(active(59), Standing::Failed);
    assert_eq!(active(60), Standing::Holds);
}

/// A directory that shows no account of the leaver cannot have shut them out.
#[test]
fn a_directory_without_the_leaver_is_unknown() {
    let mut world = World::new();
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        shown.insert(("dir", "accounts"), vec![account("dir", "2", "ben", "1043", "active")]);
    }
    assert_eq!(world.point(2).standing, Standing::Unknown);
}

/// Every line of a timeline has what the directory showed and what its log says, and nothing that says neither.
#[test]
fn what_the_directory_says_on_the_timeline() {
    let lines = |world: World| -> Vec<String> {
        let moments = world.ada("active").line("app:principal:1").timeline;
        moments
            .into_iter()
            .map(|moment| moment.what.to_string())
            .filter(|what| what.contains("directory"))
            .collect()
    };
    let first = "The directory account ada was first read as blocked.".to_owned();
    for (state, blocked) in
        [("disabled", true), ("suspended", true), ("active", false), ("invited", false), ("unknown", false)]
    {
        assert_eq!(lines(World::new().ada_in_directory(state)).contains(&first), blocked, "{state}");
    }
    for (action, told) in
        [("disabled", true), ("enabled", true), ("removed", true), ("created", false), ("used", false)]
    {
        let world = logged(World::new(), 1, action, "2026-11-20T17:30:00Z");
        let log = format!("The directory's log reports {action}: ada.");
        assert_eq!(lines(world).contains(&log), told, "{action}");
    }
}

/// An app that says so is named as the app; a rule is named with whom it acts as.
#[test]
fn who_spoke_on_the_timeline() {
    let said = |author: Value, through: Value| -> Vec<String> {
        let ticket = json!({
            "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        });
        let comment = json!({
            "record": "document", "id": "jira/document/5", "doc_type": "comment", "text": "all access removed", "at": "2026-11-20T19:00:00Z",
            "author": author, "stated_through": through,
        });
        let world = World::new()
            .ada("active")
            .keeps("integrations", rule("sync", "2", "enabled"))
            .keeps("accounts", non_human("bot", "service"));
        let moments = world.says(vec![ticket, comment]).line("app:principal:1").timeline;
        moments
            .into_iter()
            .map(|moment| moment.what.to_string())
            .filter(|what| what.contains(" said: "))
            .collect()
    };
    let ben = json!({"object": "app/account/2"});
    assert!(said(ben.clone(), Value::Null)[0].starts_with("ben said: "));
    let by_rule = said(ben, json!("sync"));
    assert!(by_rule[0].starts_with("The rule sync, acting as ben, said: "), "{by_rule:?}");
    let by_app = said(json!({"object": "app/account/bot"}), Value::Null);
    assert!(by_app[0].starts_with("The service account bot said: "), "{by_app:?}");
}

/// A control point rests on reads: on those that show what failed, and where it holds on those that prove it.
#[test]
fn what_a_control_point_cites() {
    let cited = |world: World| -> Vec<String> {
        let point = world.point(5);
        assert!(point.evidence.is_sorted(), "in order");
        point.evidence.into_iter().map(|cite| format!("{} {}", cite.system, cite.read)).collect()
    };
    let had = || World::new().ada("active").had("credentials", token("pat", "1", "active"));
    assert_eq!(cited(had()), ["app credentials"], "it holds");
    assert_eq!(
        cited(had().has("credentials", token("pat", "1", "active"))),
        ["app credentials"],
        "it failed"
    );
    assert_eq!(cited(had().refused("credentials")), ["app credentials"], "it is unknown");
    let two = had().had("credentials", token("other", "1", "active"));
    assert_eq!(cited(two), ["app credentials"], "each read once");
    let proof = had().refused("credentials").point(9);
    assert!(proof.evidence.iter().any(|cite| cite.read == "credentials"), "{proof:?}");
}

/// The digests of everything that was judged from are in the verdict, and what is seen has the grade of its read.
#[test]
fn what_a_verdict_was_judged_from() {
    let world = World::new().ada("active").keeps("credentials", token("pat", "1", "active"));
    let history = world.history();
    let verdict = world.judge();
    let named: usize = verdict.inputs.snapshots.values().map(Vec::len).sum();
    assert_eq!(named, history.len());
    assert_eq!(world.line("app:token.user:pat").grade, Grade::E3);
    let mut part = world;
    part.partial.insert(("app", "credentials"));
    assert_eq!(part.line("app:token.user:pat").grade, Grade::E2, "shown by a read that was not whole");
}

/// One line that is not gone, one read that is missing or one control point that fails keeps a case from being clear.
#[test]
fn what_keeps_a_case_from_being_clear() {
    let verdict = World::new().had("credentials", token("pat", "1", "active")).judge();
    let mut points = verdict.control_points.clone();
    for point in &mut points {
        point.standing = Standing::Holds;
    }
    let mut missing = World::new();
    missing.now.remove(&("app", "integrations"));
    let gaps = missing.judge().gaps;
    let concluded = |states: [State; 2], gaps: &[Gap], promised: bool| {
        let mut lines = verdict.obligations[..2].to_vec();
        lines.iter_mut().zip(states).for_each(|(line, state)| line.state = state);
        conclude(&lines, &points, gaps, promised)
    };
    let gone = [State::Gone, State::Waived];
    assert_eq!(concluded(gone, &[], false), Conclusion::Clear);
    assert_eq!(concluded(gone, &gaps, false), Conclusion::Unproven, "a read is missing");
    assert_eq!(concluded(gone, &[], true), Conclusion::Unproven, "what was promised was not looked at");
    assert_eq!(concluded([State::Gone, State::Unknown], &[], false), Conclusion::Unproven);
    assert_eq!(concluded([State::Gone, State::Latent], &[], false), Conclusion::Residual);
    assert_eq!(concluded([State::Live, State::Unknown], &gaps, true), Conclusion::Residual);
}

/// Many cases over one estate are each judged as if alone, in their order; what is named and not in scope is counted.
#[test]
fn many_cases_and_what_no_scope_covers() {
    let elsewhere = json!({"idp": "elsewhere", "enforced": true});
    let mut signed_in = account("app", "1", "ada", "1042", "active");
    signed_in["sso"] = elsewhere;
    let foreign = json!({
        "record": "act_as", "actor": {"object": "app/account/1"}, "target": "cloud/account/role", "how": "assume", "reason": "trusts her",
    });
    let world = World::new().has("accounts", signed_in).keeps("groups", foreign);
    let history = world.history();
    world.ask(&history, &[], |inputs| {
        let prepared = Prepared::new(*inputs).expect("digests");
        let named: Vec<(String, u64)> =
            prepared.uncovered().into_iter().map(|(system, many)| (system.to_string(), many)).collect();
        assert_eq!(named, [("cloud".to_owned(), 1), ("elsewhere".to_owned(), 1)]);
        let mut ben = inputs.case.clone();
        "OFF-2".clone_into(&mut ben.id);
        ben.subject.who =
            vec![serde_json::from_value(json!({"email": "ben@halden.example"})).expect("somebody")];
        let said: Vec<String> = prepared
            .judge_each(&[(inputs.case, None), (&ben, None)])
            .into_iter()
            .map(|verdict| verdict.map(|verdict| verdict.subject.name).expect("a verdict"))
            .collect();
        assert_eq!(said, ["Ada", "Ben"]);
    });
}

/// The manual is the head of each file, line for line, and the standards it is relevant to.
#[test]
fn the_manual_is_the_head_of_each_file() {
    let manual = crate::manual();
    assert!(manual.contains(
        "\n## 5. credential\n\nSessions, tokens, keys and consents of the leaver are revoked.\n\nHolds when each credential"
    ));
    assert!(manual.contains("\nRelevant to: OWASP NHI1:2025, OWASP NHI7:2025,"));
    let with = crate::CONTROL_POINTS.iter().filter(|point| !point.standards.is_empty()).count();
    assert_eq!(manual.matches("\nRelevant to: ").count(), with);
}
