//! Worlds of registers and cases: who answers.

mod paths;
mod register;

use exeunt_model::verdict::{Accountable, ActingAs, Obligation};
use exeunt_model::{Duration, State};
use serde_json::{Value, json};

use super::check_owners;
use crate::small_world::{World, account, non_human, owns, person, rule, time, token};

const TOKEN: &str = "app:token.user:pat";

/// Ada's token survives; Cem and Dora have left as well, by their disabled directory accounts.
fn world(cells: &Value) -> World {
    let mut world = World::new().keeps("credentials", token("pat", "1", "active")).ada("disabled");
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        let people = shown.get_mut(&("dir", "people")).expect("people");
        people.extend([person("3", "Cem", "1044"), person("4", "Dora", "1045")]);
        let accounts = shown.get_mut(&("dir", "accounts")).expect("accounts");
        accounts.push(account("dir", "3", "cem", "1044", "disabled"));
        accounts.push(account("dir", "4", "dora", "1045", "disabled"));
    }
    let mut all = vec![json!({"domain": "identity_lifecycle", "system": "*", "owner": "People team"})];
    all.extend(cells.as_array().expect("cells").iter().map(|cell| {
        let mut whole = json!({"domain": "application_entitlement", "system": "app"});
        whole.as_object_mut().expect("a cell").extend(cell.as_object().expect("fields").clone());
        whole
    }));
    world.owners = json!({ "owners": all });
    world
}

fn codes(world: &World) -> Vec<String> {
    let findings = world.judge().governance.into_iter().filter(|finding| finding.code.starts_with("owner_"));
    findings.map(|finding| finding.code).collect()
}

fn first(world: &World) -> Accountable {
    world.line(TOKEN).accountable.remove(0)
}

/// An owner who is the leaver or gone would be written to in vain: the deputy answers, else whoever is asked next,
/// and the verdict says so.
#[test]
fn who_answers_for_an_owner_who_cannot() {
    let next = json!({"to": "CISO"});
    let table = [
        ("a team by name", json!({"owner": "App team"}), "App team", None, ""),
        ("a person who is there", json!({"owner": "ben@halden.example"}), "ben@halden.example", None, ""),
        (
            "somebody nobody knows",
            json!({"owner": "x@halden.example", "deputies": ["Ben"]}),
            "x@halden.example",
            None,
            "",
        ),
        (
            "the leaver, with a deputy",
            json!({"owner": "ada@halden.example", "deputies": ["ben@halden.example"], "escalation": next}),
            "ada@halden.example",
            Some((Some("ben@halden.example"), ActingAs::Deputy)),
            "owner_is_leaver",
        ),
        (
            "the leaver by login, whose deputy left",
            json!({"owner": {"person": "Ada", "login": {"system": "app", "login": "ada"}}, "deputies": ["cem@halden.example"], "escalation": next}),
            "Ada",
            Some((Some("CISO"), ActingAs::Escalation)),
            "owner_is_leaver",
        ),
        (
            "the leaver alone",
            json!({"owner": "dir/identity/1", "escalation": {"to": "cem@halden.example"}}),
            "dir/identity/1",
            Some((None, ActingAs::Nobody)),
            "owner_is_leaver",
        ),
        (
            "somebody who left, whose first deputy left too",
            json!({"owner": "cem@halden.example", "deputies": ["dora@halden.example", "ben@halden.example"]}),
            "cem@halden.example",
            Some((Some("ben@halden.example"), ActingAs::Deputy)),
            "owner_left",
        ),
        (
            "a team whose members all left",
            json!({"owner": {"team": "Old team", "lead": "cem@halden.example", "members": ["cem@halden.example", "dora@halden.example"]}, "escalation": next}),
            "Old team",
            Some((Some("CISO"), ActingAs::Escalation)),
            "owner_left",
        ),
        (
            "a team whose last member is the leaver",
            json!({"owner": {"team": "Old team", "members": ["cem@halden.example", "ada@halden.example"]}, "escalation": next}),
            "Old team",
            Some((Some("CISO"), ActingAs::Escalation)),
            "owner_is_leaver",
        ),
        (
            "a team with one member left",
            json!({"owner": {"team": "Team", "lead": "ada@halden.example", "members": ["cem@halden.example", "ben@halden.example"]}}),
            "Team",
            None,
            "",
        ),
    ];
    for (title, cell, owner, acting, code) in table {
        let world = world(&json!([cell]));
        let found = first(&world);
        assert_eq!(found.owner.as_deref(), Some(owner), "{title}");
        let said = found.acting.as_ref().map(|acting| (acting.who.as_deref(), acting.right));
        assert_eq!(said, acting, "{title}");
        assert_eq!(codes(&world), if code.is_empty() { vec![] } else { vec![code.to_owned()] }, "{title}");
    }
    let said = world(&json!([{"owner": "ada@halden.example", "deputies": ["ben@halden.example"]}]))
        .judge()
        .governance;
    let finding = said.iter().find(|finding| finding.code == "owner_is_leaver").expect("a finding");
    assert!(finding.says.contains("ben@halden.example answers instead"), "{}", finding.says);
}

/// Owed since when, by how much, and whether it is time to ask the next one: a lawyer's question and an operator's.
#[test]
fn deadlines_run_from_the_departure() {
    // Departed at 17:00, judged for 20:30.
    let table = [
        (
            json!({"deadline": "2h", "escalation": {"to": "CISO", "after": "1h", "contact": "ciso@halden.example"}}),
            Some("2026-11-20T19:00:00Z"),
            Some(90),
            Some((Some("2026-11-20T20:00:00Z"), true)),
        ),
        (
            json!({"deadline": "2h", "escalation": {"to": "CISO", "after": "4h"}}),
            Some("2026-11-20T19:00:00Z"),
            Some(90),
            Some((Some("2026-11-20T23:00:00Z"), false)),
        ),
        (
            json!({"deadline": "3h30m", "escalation": {"to": "CISO"}}),
            Some("2026-11-20T20:30:00Z"),
            None,
            Some((Some("2026-11-20T20:30:00Z"), true)),
        ),
        (json!({"deadline": "24h"}), Some("2026-11-21T17:00:00Z"), None, None),
        (json!({"escalation": {"to": "CISO"}}), None, None, Some((None, false))),
    ];
    for (mut cell, due, overdue, next) in table {
        cell["owner"] = json!("App team");
        let found = first(&world(&json!([cell])));
        assert_eq!(found.due, due.map(time), "{cell}");
        assert_eq!(found.overdue, overdue.map(Duration::from_mins), "{cell}");
        let said = found.escalation.map(|next| (next.from, next.due));
        assert_eq!(said, next.map(|(from, due): (Option<&str>, bool)| (from.map(time), due)), "{cell}");
    }
}

/// Whoever had it when the removal fell due answers for what was not done then; whoever has it now can do it.
#[test]
fn an_owner_who_changed_and_the_one_who_has_it_now() {
    let handed = json!([
        {"owner": "Old team", "until": "2026-11-20T18:00:00Z"},
        {"owner": "New team", "contact": "new@halden.example", "from": "2026-11-20T18:00:00Z"},
    ]);
    let found = first(&world(&handed));
    assert_eq!(found.owner.as_deref(), Some("Old team"));
    let now: Vec<_> = found.now.iter().map(|now| (now.owner.as_str(), now.register.as_str())).collect();
    assert_eq!(now, [("New team", "owners:3")]);
    assert!(found.acting.is_none());
    let ended = first(&world(&json!([{"owner": "Old team", "until": "2026-11-20T18:00:00Z"}])));
    assert!(ended.now.is_empty() && ended.why.ends_with("Nobody has it now."), "{}", ended.why);
    let late = first(&world(&json!([{"owner": "New team", "from": "2026-11-20T18:00:00Z"}])));
    assert_eq!((late.owner, late.now[0].owner.as_str()), (None, "New team"));
    // The leaver had it, and somebody else has since: no deputy is asked, and it is a finding all the same.
    let from_leaver = world(&json!([
        {"owner": "ada@halden.example", "deputies": ["ben@halden.example"], "until": "2026-11-20T18:00:00Z"},
        {"owner": "New team", "from": "2026-11-20T18:00:00Z"},
    ]));
    assert!(first(&from_leaver).acting.is_none());
    let said = from_leaver.judge().governance;
    assert!(
        said.iter().any(|f| f.code == "owner_is_leaver" && f.says.contains("New team has it now")),
        "{said:?}"
    );
}

/// Two owners in force for one thing: both are named, each with the place of the other, and it is a finding.
#[test]
fn of_two_owners_neither_is_chosen() {
    let world = world(&json!([{"owner": "App team"}, {"owner": "Service desk", "deadline": "1h"}]));
    let all = world.line(TOKEN).accountable;
    let named: Vec<_> = all.iter().map(|by| (by.owner.as_deref(), by.control_point)).collect();
    assert_eq!(named, [(Some("App team"), 5), (Some("Service desk"), 5)]);
    assert!(all[0].why.contains("Named by owners:2. owners:3 names Service desk"), "{}", all[0].why);
    assert!(all[1].why.contains("owners:2 names App team"), "{}", all[1].why);
    assert_eq!(codes(&world), ["owner_overlap"]);
    // The token's own entry beats both.
    let own =
        json!([{"owner": "App team"}, {"owner": "Desk"}, {"owner": "Token keepers", "resource": "pat"}]);
    assert_eq!(first(&self::world(&own)).owner.as_deref(), Some("Token keepers"));
}

/// The largest hole first: that is where the next owner is looked for.
#[test]
fn missing_owners_are_listed_by_size() {
    let mut world = world(&json!([])).keeps("integrations", rule("sync", "1", "enabled"));
    world = world.keeps("credentials", token("second", "1", "active"));
    let said = world.judge().governance;
    let missing: Vec<_> =
        said.iter().filter(|f| f.code == "owner_missing").map(|f| f.says.as_str()).collect();
    let expected = "Nobody owned at the departure: application entitlement on app (3 obligations), integration revocation \
                    on app (1 obligation).";
    assert_eq!(missing, [expected]);
    world.owners = json!({"owners": []});
    let all = world.judge().governance;
    assert!(
        all.iter().any(|f| f.says.contains("(3 obligations), identity lifecycle on dir (1 obligation)")),
        "{all:?}"
    );
}

fn late_ticket() -> Value {
    json!({"record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-20T19:00:00Z"})
}

fn broke(line: &Obligation) -> (Option<u8>, Vec<(u8, Option<&str>)>) {
    (line.control_point, line.accountable.iter().map(|by| (by.control_point, by.owner.as_deref())).collect())
}

/// A late request and an open directory account are shared, each with its facts; the break stays where the thing
/// itself should have been removed.
#[test]
fn an_earlier_failure_is_shared() {
    let mut world = world(&json!([{"owner": "App team"}])).ada_in_directory("active");
    world.ticket = Some(vec![late_ticket()]);
    let line = world.line(TOKEN);
    let team = Some("People team");
    assert_eq!(broke(&line), (Some(5), vec![(5, Some("App team")), (1, team), (2, team)]));
    assert!(
        line.accountable[1].why.contains("was requested at 2026-11-20T19:00:00Z"),
        "{}",
        line.accountable[1].why
    );
    assert!(line.accountable[2].why.starts_with("Control point 2 (directory) failed as well"));
    let caught: Vec<_> = line.caught_by.iter().map(|caught| (caught.failed, caught.by)).collect();
    assert_eq!(caught, [(5, 3), (5, 10), (1, 2), (2, 10)]);
}

/// A shared automation path, or a token of an integration, is the integration owner's step; a late request is named
/// beside it and does not take its place.
#[test]
fn integrations_break_at_the_integration_owner() {
    let integrations = json!([
        {"owner": "App team"}, {"owner": "Integration office", "domain": "integration_revocation"},
    ]);
    let mut world = world(&integrations)
        .keeps("integrations", rule("sync", "1", "enabled"))
        .keeps("accounts", non_human("bot", "service"))
        .keeps("groups", owns("account/bot", "1", "owner"))
        .keeps("credentials", token("bot-1", "bot", "active"));
    world.ticket = Some(vec![late_ticket()]);
    for (id, point) in
        [("app:owned.automation:sync", 6), ("app:owned.nhi:bot", 7), ("app:token.user:bot-1", 7)]
    {
        let line = world.line(id);
        let shared = vec![(point, Some("Integration office")), (1, Some("People team"))];
        assert_eq!((line.state, broke(&line)), (State::Live, (Some(point), shared)), "{id}");
    }
}

/// Whoever ticked the box, approved, or wrote that it was done is never accountable for that alone.
#[test]
fn a_claimant_is_not_accountable() {
    let mut silent = world(&json!([{"owner": "App team", "deadline": "1h"}]));
    let ticket = json!({"record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z"});
    silent.ticket = Some(vec![ticket.clone()]);
    let mut loud = silent.clone();
    let done = json!({"id": "3", "name": "Done", "done": true});
    loud.ticket = Some(vec![
        ticket,
        json!({"record": "document", "id": "jira/document/2", "doc_type": "subtask", "title": "Remove from app", "status": done}),
        json!({"record": "document", "id": "jira/document/3", "doc_type": "change", "parent": "jira/document/2", "status": done, "author": {"object": "app/account/2"}, "at": "2026-11-20T18:30:00Z"}),
        json!({"record": "document", "id": "jira/document/4", "doc_type": "comment", "text": "all access removed", "author": {"object": "app/account/2"}, "at": "2026-11-20T18:31:00Z"}),
    ]);
    let (silent, loud) = (silent.line(TOKEN), loud.line(TOKEN));
    assert!(!loud.claims.is_empty() && silent.claims.is_empty());
    assert_eq!(loud.accountable, silent.accountable);
    assert_eq!(broke(&loud), (Some(5), vec![(5, Some("App team"))]));
}

/// The register itself, checked before anybody leaves: who in it is gone, what nobody owns, what two own.
#[test]
fn the_whole_register_is_checked() {
    let mut world = world(&json!([
        {"owner": "cem@halden.example", "deputies": ["dora@halden.example"], "escalation": {"to": "CISO"}},
        {"owner": "App team", "until": "2026-01-01T00:00:00Z"},
        {"owner": "nobody@halden.example", "resource": "vault"},
        {"owner": "Desk", "domain": "integration_revocation"},
        {"owner": "Office", "domain": "integration_revocation"},
        {"owner": "dora@halden.example", "domain": "integration_revocation", "system": "dir", "from": "2027-01-01T00:00:00Z"},
    ]));
    let check = world.ask(&world.history(), &[], check_owners).expect("a check");
    assert_eq!(check.directory_read, Some(time("2026-11-20T20:00:00Z")));
    let codes: Vec<_> = check.findings.iter().map(|finding| finding.code).collect();
    let expected =
        ["deputy_left", "owner_left", "owner_missing", "owner_missing", "owner_overlap", "owner_unknown"];
    assert_eq!(codes, expected, "{:#?}", check.findings);
    assert!(
        check.findings[1].says.starts_with("The owner cem@halden.example (owners:2), has left as well"),
        "{:?}",
        check.findings[1]
    );
    assert!(check.findings[5].says.contains("nobody@halden.example (owners:4)"), "{:?}", check.findings[5]);
    // A directory that could not be read whole tells nobody apart who is missing from it.
    world.partial.insert(("dir", "people"));
    let blind = world.ask(&world.history(), &[], check_owners).expect("a check");
    assert_eq!(blind.directory_read, None);
    assert!(blind.findings.iter().all(|finding| finding.code != "owner_unknown"), "{:#?}", blind.findings);
}
