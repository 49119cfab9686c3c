//! Figures: of real verdicts, and of a programme made up so that each figure differs from the next.

use exeunt_model::verdict::{Obligation, VerdictDocument};
use exeunt_model::{Duration, SystemId, Timestamp};
use serde_json::{Value, json};

use super::{Tally, figures, percentile};
use crate::small_world::{World, time, token};

/// The figure everybody quotes has to be counted of leavers, not of tokens, and only of those whose tokens are known.
#[test]
fn tokens_that_still_work() {
    let keeps = |state| World::new().ada("active").keeps("credentials", token("pat", "1", state)).judge();
    let two = World::new()
        .ada("active")
        .keeps("credentials", token("one", "1", "active"))
        .keeps("credentials", token("two", "1", "active"))
        .judge();
    let verdicts = [keeps("active"), keeps("inactive"), keeps("revoked"), two, World::new().judge()];
    let systems = [SystemId::new("app").expect("a system")];
    let found = figures(&verdicts, 1, &systems, time("2026-11-21T00:00:00Z"));
    let tokens = (found.tokens.leavers, found.tokens.with_live, found.tokens.with_latent_or_unknown);
    assert_eq!(tokens, (4, 2, 1));
    assert_eq!((found.tokens.tokens, found.tokens.live), (5, 3));
    assert_eq!((found.cases.all, found.cases.not_judged), (6, 1));
    let credentials = found.proven.iter().find(|proven| proven.point == 5).expect("credentials");
    assert_eq!((credentials.cases, credentials.open), (1, 3));
    let owner = found.residual_by_owner.first().expect("an owner");
    assert_eq!(owner.owner.as_deref(), Some("App team"));
    assert_eq!(found.residual_by_age[0].live, 3 + 4, "three tokens and four accounts");
}

/// What is counted on two processors has to be what one would have counted.
#[test]
fn counted_apart_is_counted_together() {
    let systems = [SystemId::new("app").expect("a system")];
    let verdicts = [
        World::new().ada("active").keeps("credentials", token("one", "1", "active")).judge(),
        World::new().ada("disabled").keeps("credentials", token("two", "1", "inactive")).judge(),
        World::new().judge(),
    ];
    let as_of = time("2026-11-21T00:00:00Z");
    let mut apart = Tally::new(1);
    for verdict in &verdicts {
        let mut one = Tally::new(0);
        one.take(verdict, &systems);
        apart.add(one);
    }
    assert_eq!(apart.figures(as_of), figures(&verdicts, 1, &systems, as_of));
}

/// A percentile of few cases is one of them, never something between.
#[test]
fn percentiles_are_cases() {
    let hours: Vec<Duration> = (1..=10).map(Duration::from_hours).collect();
    assert_eq!(percentile(&hours, 50), Some(Duration::from_hours(5)));
    assert_eq!(percentile(&hours, 90), Some(Duration::from_hours(9)));
    assert_eq!(percentile(&hours, 99), Some(Duration::from_hours(10)));
    assert_eq!(percentile(&hours[..1], 50), Some(Duration::from_hours(1)));
    assert_eq!(percentile(&[], 50), None);
}

/// When everything below is counted.
const AS_OF: &str = "2026-11-21T00:00:00Z";

fn system(name: &str) -> SystemId {
    SystemId::new(name).expect("a system")
}

fn before(hours: i64) -> Timestamp {
    time(AS_OF).checked_sub(Duration::from_hours(hours)).expect("a time")
}

fn filled(mut whole: Value, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("no fields") };
    whole.as_object_mut().expect("an object").extend(fields);
    whole
}

/// Who answers: their name and domain.
fn answers(owner: Option<&str>, domain: &str) -> Value {
    json!({"domain": domain, "control_point": 5, "owner": owner, "why": "the register"})
}

fn claims(comparisons: &[&str]) -> Value {
    let claim = json!({
        "document": "jira/document/1", "source": "comment", "says": "done", "system": null, "done": true, "by": null, "at": null,
    });
    comparisons.iter().map(|comparison| json!({"claim": claim, "comparison": comparison})).collect()
}

fn came_back(cause: &str) -> Value {
    json!({"missing": AS_OF, "again": AS_OF, "cause": cause, "why": "it was read twice"})
}

/// The verdict on one who left so many hours ago, with these lines: a live token of their own where nothing else is said.
fn verdict(hours: i64, lines: &[Value], more: Value) -> VerdictDocument {
    let real = World::new().ada("active").keeps("credentials", token("pat", "1", "active")).judge();
    let token =
        real.obligations.iter().find(|line| line.id == "app:token.user:pat").expect("a token").clone();
    let token = Obligation { accountable: Vec::new(), claims: Vec::new(), ..token };
    let token = serde_json::to_value(token).expect("JSON");
    let lines: Vec<Value> = lines.iter().map(|line| filled(token.clone(), line.clone())).collect();
    let bare = json!({
        "departed": before(hours), "as_of": AS_OF, "obligations": lines, "control_points": [], "blind_spots": [], "gaps": [],
        "governance": [],
    });
    let whole = filled(filled(serde_json::to_value(real).expect("JSON"), bare), more);
    serde_json::from_value(whole).expect("a verdict")
}

/// Gone since so many hours before now, as what falls to a control point.
fn gone(falls_to: u8, hours: i64) -> Value {
    let kind = if falls_to == 5 { "token.user" } else { "principal" };
    json!({"kind": kind, "state": "gone", "falls_to": falls_to, "gone_since": before(hours), "control_point": null})
}

fn spot(system: &str, what: &str) -> Value {
    json!({"system": system, "kind": "session", "what": what, "bound": "8 hours"})
}

fn gap(system: &str, blocks: bool) -> Value {
    json!({"system": system, "read": "r", "kind": "stale", "detail": "", "next_step": "", "blocks": blocks})
}

fn point(number: u8, standing: &str) -> Value {
    json!({
        "number": number, "name": format!("step {number}"), "domain": null, "standing": standing, "because": [], "evidence": [],
    })
}

/// Four leavers of whom nothing is alike.
fn programme() -> [VerdictDocument; 4] {
    let app = |owner: &str| json!([answers(Some(owner), "application_entitlement")]);
    let used = json!({
        "link": "installer", "used_after_departure": before(20), "regression": came_back("group_rule"),
        "accountable": app("App team"), "claims": claims(&["contradicted", "open"]),
    });
    let edited = json!({
        "state": "latent", "link": "last_actor", "regression": came_back("provisioning"), "accountable": app("App team"),
        "claims": claims(&["open"]),
    });
    let others = json!({"control_point": 8, "falls_to": 8, "accountable": app("App team")});
    let a_day_ago = verdict(
        24,
        &[
            edited,
            used,
            gone(4, 18),
            gone(4, 21),
            filled(gone(4, 23), json!({"regression": came_back("restore")})),
            others,
        ],
        json!({
            "verdict": "residual", "blind_spots": [spot("app", "logs"), spot("app", "sessions")],
            "gaps": [gap("dir", true), gap("app", false)],
            "governance": [{"code": "no_owner", "says": "one"}, {"code": "no_owner", "says": "two"}],
            "control_points": [point(1, "holds"), point(2, "failed"), point(3, "nothing_to_hold"), point(4, "unknown")],
        }),
    );
    let lifecycle = |state: &str, owner: Option<&str>| json!({"state": state, "accountable": [answers(owner, "identity_lifecycle")], "system": "dir"});
    let ten_days_ago = verdict(
        240,
        &[
            lifecycle("latent", Some("App team")),
            filled(lifecycle("unknown", Some("App team")), json!({"kind": "key.asym"})),
            filled(lifecycle("unknowable", None), json!({"kind": "principal"})),
            gone(5, 239),
            gone(4, 239),
        ],
        json!({
            "verdict": "unproven", "blind_spots": [spot("dir", "sessions"), spot("app", "sessions")],
            "gaps": [gap("app", true), gap("dir", true)], "governance": [{"code": "no_owner", "says": "one"}],
            "control_points": [point(1, "not_judged"), point(2, "holds"), point(4, "holds")],
        }),
    );
    let waived =
        json!({"state": "waived", "kind": "principal", "accountable": app("The board"), "falls_to": 3});
    let long_ago = verdict(
        2400,
        &[gone(5, 2399), gone(5, 2398), gone(4, 2500), waived],
        json!({"verdict": "clear", "control_points": [point(3, "unknown")]}),
    );
    let both = json!([
        answers(None, "integration_revocation"),
        answers(Some("App team"), "application_entitlement"),
    ]);
    let this_hour = verdict(
        0,
        &[json!({"state": "unknown", "kind": "principal", "accountable": both})],
        json!({"verdict": "unproven", "gaps": [gap("app", false)]}),
    );
    [a_day_ago, ten_days_ago, long_ago, this_hour]
}

/// A programme is steered by these figures: a leaver who is counted twice, an age off by a day, or an owner who stands too far
/// down sends somebody to the wrong desk.
#[test]
fn every_figure_of_a_programme() {
    let found = figures(programme(), 2, &[system("app"), system("dir")], time(AS_OF));
    let found = serde_json::to_value(found).expect("JSON");
    let never_failed = |point: u8, held: u8, nothing_to_hold: u8, unknown: u8| {
        json!({
            "point": point, "name": format!("step {point}"), "held": held, "nothing_to_hold": nothing_to_hold,
            "unknown": unknown,
        })
    };
    let owner = |owner: Option<&str>, domain: &str, [live, latent, unknown, cases]: [u8; 4], oldest: &str| {
        json!({
            "owner": owner, "domain": domain, "live": live, "latent": latent, "unknown": unknown, "cases": cases,
            "oldest": oldest,
        })
    };
    let age = |from: &str, until: Option<&str>, live: u8, latent: u8| json!({"from": from, "until": until, "live": live, "latent": latent});
    let spot = |system: &str, what: &str, cases: u8| json!({"system": system, "kind": "session", "what": what, "cases": cases});
    let expected = json!({
        "version": 1, "as_of": AS_OF,
        "cases": {
            "all": 6, "clear": 1, "residual": 1, "unproven": 2, "not_judged": 2, "used_after_departure": 1,
        },
        "tokens": {"leavers": 3, "with_live": 1, "with_latent_or_unknown": 1, "tokens": 6, "live": 1},
        "proven": [
            {"point": 3, "cases": 0, "open": 1, "p50": null, "p90": null, "p99": null},
            {"point": 4, "cases": 3, "open": 0, "p50": "PT1H", "p90": "PT6H", "p99": "PT6H"},
            {"point": 5, "cases": 1, "open": 3, "p50": "PT2H", "p90": "PT2H", "p99": "PT2H"},
            {"point": 8, "cases": 0, "open": 1, "p50": null, "p90": null, "p99": null},
        ],
        "claims": {"contradicted": 1, "open": 2},
        "residual_by_owner": [
            owner(Some("App team"), "application_entitlement", [2, 1, 1, 2], "PT24H"),
            owner(Some("App team"), "identity_lifecycle", [0, 1, 1, 1], "PT240H"),
            owner(None, "identity_lifecycle", [0, 0, 1, 1], "PT240H"),
            owner(None, "integration_revocation", [0, 0, 1, 1], "PT0S"),
        ],
        "residual_by_age": [
            age("PT0S", Some("PT24H"), 0, 0),
            age("PT24H", Some("PT168H"), 2, 1),
            age("PT168H", Some("PT720H"), 0, 1),
            age("PT720H", Some("PT2160H"), 0, 0),
            age("PT2160H", None, 0, 0),
        ],
        "regressions": {"group_rule": 1, "provisioning": 1},
        "coverage": {
            "app": {"whole": 3, "with_gaps": 1, "lines": 13, "unknown": 1},
            "dir": {"whole": 2, "with_gaps": 2, "lines": 3, "unknown": 2},
        },
        "blind_spots": [spot("app", "sessions", 2), spot("app", "logs", 1), spot("dir", "sessions", 1)],
        "governance": {"no_owner": 2}, "uncovered": {},
        "never_failed": [never_failed(1, 1, 1, 0), never_failed(3, 0, 1, 1), never_failed(4, 1, 0, 1)],
    });
    assert_eq!(found, expected, "{found:#}");
}

/// Whoever counts half of the cases must not need the other half.
#[test]
fn a_programme_counted_apart() {
    let (systems, verdicts) = ([system("app"), system("dir")], programme());
    let mut apart = Tally::new(0);
    for verdict in verdicts.iter().rev() {
        let mut one = Tally::new(0);
        one.take(verdict, &systems);
        apart.add(one);
    }
    assert_eq!(apart.figures(time(AS_OF)), figures(&verdicts, 0, &systems, time(AS_OF)));
}
