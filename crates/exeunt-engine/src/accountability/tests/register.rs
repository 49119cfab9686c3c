//! The register itself: until when its entries and their people answer.

use serde_json::{Value, json};

use super::super::check_owners;
use super::{codes, world};
use crate::small_world::{World, account};

/// An entry counts from its first moment on and until its last; who is named only later or no more is not asked about.
#[test]
fn entries_in_force_at_the_time_of_the_check() {
    let left = |cell: Value| {
        let mut whole = json!({"owner": "cem@halden.example"});
        whole.as_object_mut().expect("a cell").extend(cell.as_object().expect("fields").clone());
        let world = world(&json!([whole]));
        let check = world.ask(&world.history(), &[], check_owners).expect("a check");
        check.findings.iter().any(|finding| finding.code == "owner_left")
    };
    let (now, later) = ("2026-11-20T20:30:00Z", "2026-11-20T20:30:01Z");
    assert!(left(json!({})));
    assert!(left(json!({"from": now})) && !left(json!({"from": later})));
    assert!(left(json!({"until": later})) && !left(json!({"until": now})));
    let next = world(&json!([{"owner": "App team", "escalation": {"to": "dora@halden.example"}}]));
    let check = next.ask(&next.history(), &[], check_owners).expect("a check");
    assert!(check.findings.iter().any(|finding| finding.code == "escalation_left"), "{:#?}", check.findings);
    let unknown = |owner: Value| {
        let world = world(&json!([{ "owner": owner }]));
        let check = world.ask(&world.history(), &[], check_owners).expect("a check");
        check.findings.iter().any(|finding| finding.code == "owner_unknown")
    };
    assert!(!unknown(json!("Some team")), "a mere name need not be found");
    assert!(!unknown(json!({"person": "Nobody"})), "nor a person by name");
    assert!(unknown(json!({"person": "Nobody", "email": "nobody@halden.example"})));
    assert!(unknown(json!({"login": {"system": "app", "login": "nobody"}})));
    assert!(unknown(json!({"identity": "dir/identity/99"})));
}

/// An owner who leaves at this moment has left; one who leaves next month answers until then. Of two directory accounts one
/// that is open is enough.
#[test]
fn until_when_an_owner_answers() {
    let answers = |change: &dyn Fn(&mut World)| {
        let mut world = world(&json!([{"owner": "ben@halden.example"}]));
        change(&mut world);
        codes(&world)
    };
    let departs = |when: &'static str| {
        answers(&|world: &mut World| {
            for shown in [&mut world.before, &mut world.after, &mut world.now] {
                shown.get_mut(&("dir", "people")).expect("people")[1]["departed"] = json!(when);
            }
        })
    };
    assert!(departs("2026-12-24T00:00:00Z").is_empty());
    assert_eq!(departs("2026-11-20T20:30:00Z"), ["owner_left"]);
    assert_eq!(departs("2026-11-01T00:00:00Z"), ["owner_left"]);
    let accounts = |states: &'static [(&'static str, &'static str)]| {
        answers(&|world: &mut World| {
            for shown in [&mut world.before, &mut world.after, &mut world.now] {
                let rows = shown.get_mut(&("dir", "accounts")).expect("accounts");
                rows.retain(|row| row["login"] != "ben");
                rows.extend(states.iter().map(|(id, state)| account("dir", id, "ben", "1043", state)));
            }
        })
    };
    assert!(accounts(&[("2", "active")]).is_empty());
    assert!(accounts(&[("2", "disabled"), ("22", "active")]).is_empty());
    assert_eq!(accounts(&[("2", "disabled"), ("22", "suspended")]), ["owner_left"]);
    assert!(accounts(&[]).is_empty(), "no account shows nothing");
    let gone = answers(&|world: &mut World| {
        for shown in [&mut world.after, &mut world.now] {
            shown.get_mut(&("dir", "accounts")).expect("accounts").retain(|row| row["login"] != "ben");
        }
    });
    assert_eq!(gone, ["owner_left"], "their account was removed");
}

/// A team of the leaver alone answers to nobody, and so does one whose other members have left.
#[test]
fn teams_that_are_nobody() {
    let says = |members: Value| {
        let world = world(&json!([{"owner": {"team": "Two", "members": members}}]));
        let mut findings =
            world.judge().governance.into_iter().filter(|finding| finding.code.starts_with("owner_"));
        findings.next().map(|finding| (finding.code, finding.says))
    };
    let (code, text) = says(json!(["ada@halden.example"])).expect("a finding");
    assert!(code == "owner_is_leaver" && text.contains("is a team of the leaver alone"), "{text}");
    let (code, text) = says(json!(["ada@halden.example", "cem@halden.example"])).expect("a finding");
    assert!(code == "owner_is_leaver" && text.contains("whose last member is the leaver"), "{text}");
    let (code, text) = says(json!(["cem@halden.example", "dora@halden.example"])).expect("a finding");
    assert!(code == "owner_left" && text.contains("whose members have all left"), "{text}");
    assert!(says(json!(["ada@halden.example", "ben@halden.example"])).is_none());
    assert!(
        says(json!(["ada@halden.example", "who@halden.example"])).is_none(),
        "somebody who could be there"
    );
}

/// What nobody owns is told with its size, the case as a whole included.
#[test]
fn what_nobody_owns_is_told() {
    let mut nobody = world(&json!([]));
    nobody.owners = json!({"owners": []});
    let told = |world: &World| {
        let findings = world.judge().governance;
        findings.into_iter().find(|finding| finding.code == "owner_missing").map(|finding| finding.says)
    };
    let says = told(&nobody).expect("a finding");
    assert!(says.contains("application entitlement on app (2 obligations)"), "{says}");
    assert!(says.contains("identity lifecycle on dir (1 obligation)"), "{says}");
    let mut elsewhere = nobody.clone();
    for shown in [&mut elsewhere.before, &mut elsewhere.after, &mut elsewhere.now] {
        shown.get_mut(&("dir", "accounts")).expect("accounts").retain(|row| row["login"] != "ada");
    }
    let says = told(&elsewhere).expect("a finding");
    assert!(says.contains("identity lifecycle on dir (the case as a whole)"), "{says}");
}
