//! Worlds with tickets: what each claim comes to, and what is found about the ticket itself.

mod around;
mod documents;
mod limits;

use exeunt_model::verdict::{Comparison, Remark, VerdictDocument};
use serde_json::{Value, json};

use crate::small_world::{World, account, rule, token};

const ADA: &str = "app:principal:1";

fn ticket() -> Value {
    json!({
        "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        "status": {"id": "3", "name": "Done", "done": true}, "author": {"object": "app/account/7"},
    })
}

/// A sub-task that was moved to Done at this minute of the evening by Ben, and the entry that says so.
fn step(title: &str, at: &str) -> Vec<Value> {
    let done = json!({"id": "3", "name": "Done", "done": true});
    vec![
        json!({
            "record": "document", "id": "jira/document/2", "doc_type": "subtask", "key": "OFF-2", "title": title,
            "status": done, "parent": "jira/document/1",
        }),
        json!({
            "record": "document", "id": "jira/document/3", "doc_type": "change", "parent": "jira/document/2", "status": done,
            "changed": ["status"], "author": {"object": "app/account/2"}, "at": format!("2026-11-20T{at}:00Z"),
        }),
    ]
}

fn entry(n: u8, of: u8, at: &str, more: Value) -> Value {
    let mut entry = json!({
        "record": "document", "id": format!("jira/document/c{n}"), "doc_type": "change", "at": format!("2026-11-20T{at}:00Z"),
        "parent": format!("jira/document/{of}"), "author": {"object": "app/account/2"},
    });
    let Value::Object(more) = more else { panic!("no object: {more}") };
    entry.as_object_mut().expect("an object").extend(more);
    entry
}

fn comparison(world: &World, id: &str) -> Option<Comparison> {
    let line = world.line(id);
    line.claims
        .iter()
        .find(|check| check.claim.source != exeunt_model::case::ClaimSource::TicketStatus)
        .map(|check| check.comparison)
}

fn codes(verdict: &VerdictDocument) -> Vec<&str> {
    let mut codes: Vec<&str> = verdict.governance.iter().map(|finding| finding.code.as_str()).collect();
    codes.retain(|code| !["no_approval", "never_claimed"].contains(code));
    codes.dedup();
    codes
}

fn event(action: &str, at: &str) -> Value {
    json!({
        "record": "event", "id": "app/event/1", "at": format!("2026-11-20T{at}:00Z"), "action": action,
        "subject": "app/account/1",
    })
}

/// The difference of claim and fact is what people act on: each of these sends them somewhere else.
#[test]
fn each_claim_is_matched_to_a_fact() {
    let gone = World::new;
    let live = || World::new().ada("active");
    let mut hasty = gone();
    hasty.after.entry(("app", "accounts")).or_default().push(account("app", "1", "ada", "1042", "active"));
    hasty.manifest["proof"]["principal"]["settle"] = json!("0s");
    let mut back = gone();
    back.now.entry(("app", "accounts")).or_default().push(account("app", "1", "ada", "1042", "active"));
    let mut restored = live();
    restored.after.insert(("app", "accounts"), vec![account("app", "1", "ada", "1042", "suspended")]);
    let mut limited = gone();
    limited.owners["owners"][1]["deadline"] = json!("1h");
    let title = "Remove from app";
    let table = [
        ("done before the read that shows it gone", gone(), title, "17:30", Comparison::Confirmed),
        ("done after the deadline", limited.clone(), title, "19:00", Comparison::Late),
        ("done within it", limited, title, "17:30", Comparison::Confirmed),
        ("still seen after it was claimed, gone since", hasty, title, "17:30", Comparison::Premature),
        ("active all the time", live(), title, "19:00", Comparison::NeverAttempted),
        ("never seen before the claim", live(), title, "07:00", Comparison::Contradicted),
        ("never seen after the claim", live(), title, "20:10", Comparison::Contradicted),
        ("suspended instead", World::new().ada("suspended"), title, "19:00", Comparison::Contradicted),
        (
            "touched, the log says",
            live().keeps("credentials", event("changed", "18:30")),
            title,
            "19:00",
            Comparison::Contradicted,
        ),
        ("was missing once", back, title, "17:30", Comparison::DoneThenUndone),
        ("was suspended once", restored, title, "17:30", Comparison::DoneThenUndone),
        (
            "switched off, the log says",
            live().keeps("credentials", event("disabled", "18:30")),
            title,
            "18:31",
            Comparison::DoneThenUndone,
        ),
        ("could not be read", gone().refused("accounts"), title, "17:30", Comparison::Unobservable),
        (
            "the namesake's, and hers is live",
            live(),
            "Disable app account ben",
            "19:00",
            Comparison::WrongObject,
        ),
        (
            "the namesake's, and hers is gone",
            gone(),
            "Disable app account ben",
            "17:30",
            Comparison::WrongObject,
        ),
        ("hers by name", live(), "Disable app account ada", "19:00", Comparison::NeverAttempted),
    ];
    for (what, world, title, at, expected) in table {
        let world = world.says([vec![ticket()], step(title, at)].concat());
        assert_eq!(comparison(&world, ADA), Some(expected), "{what}");
    }
    let open = json!({"record": "document", "id": "jira/document/2", "doc_type": "subtask", "title": title});
    assert_eq!(comparison(&live().says(vec![ticket(), open]), ADA), Some(Comparison::Open));
    let undated = json!({"record": "document", "id": "jira/document/2", "doc_type": "checklist_item", "title": "App", "done": true});
    let says = comparison(&live().says(vec![ticket(), undated]), ADA);
    assert_eq!(
        says,
        Some(Comparison::Contradicted),
        "a claim without a time cannot be shown to have changed nothing"
    );
}

/// A claim about one token says nothing of the other; one about somebody else's token is about none of hers.
#[test]
fn a_claim_that_names_a_thing_is_about_that_thing() {
    let world = || {
        World::new()
            .ada("active")
            .keeps("credentials", token("pat-1", "1", "active"))
            .keeps("credentials", token("pat-2", "1", "active"))
            .keeps("credentials", token("pat-3", "2", "active"))
    };
    let says = |title: &str, id: &str| {
        comparison(&world().says([vec![ticket()], step(title, "19:00")].concat()), id)
    };
    assert_eq!(says("App token pat-1 revoked", "app:token.user:pat-1"), Some(Comparison::NeverAttempted));
    assert_eq!(says("App token pat-1 revoked", "app:token.user:pat-2"), None);
    assert_eq!(says("App token pat-1 revoked", ADA), None);
    assert_eq!(says("App token pat-3 revoked", "app:token.user:pat-1"), Some(Comparison::WrongObject));
    assert_eq!(says("App token pat-3 revoked", ADA), None);
    let verdict = world().says([vec![ticket()], step("App token pat-3 revoked", "19:00")].concat()).judge();
    assert_eq!(codes(&verdict), ["wrong_object"]);
}

/// A sub-task or linked ticket that names another leaver proves nothing of this one.
#[test]
fn a_part_about_somebody_else_is_about_somebody_else() {
    let world = |person: &str| {
        let mut documents = [vec![ticket()], step("Remove from app", "19:00")].concat();
        documents[1]["people"] = json!({"who": {"object": person}});
        let mut world = World::new().ada("active").says(documents);
        world.workflow["subject_field"] = json!("who");
        comparison(&world, ADA)
    };
    assert_eq!(world("app/account/2"), Some(Comparison::WrongObject));
    assert_eq!(world("app/account/1"), Some(Comparison::NeverAttempted));
}

/// Whoever can write the history's metadata could name somebody else, or a rule, as the one who did it.
#[test]
fn the_recorded_author_counts_and_a_rule_is_nobody() {
    let approval = json!({
        "record": "document", "id": "jira/document/9", "doc_type": "approval", "done": true, "author": {"object": "app/account/2"},
    });
    let world = |more: Value, rules: bool| {
        let mut documents = [vec![ticket(), approval.clone()], step("Remove from app", "19:00")].concat();
        documents[3].as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let world = World::new().ada("active").says(documents);
        if rules { world.keeps("integrations", rule("closer", "2", "enabled")) } else { world }
    };
    let remarks = |world: &World| {
        let line = world.line(ADA);
        let check =
            line.claims.iter().find(|check| check.claim.says == "Remove from app").expect("a claim").clone();
        (check.remarks, check.claim.through.clone())
    };
    let by_ben = world(json!({}), false);
    assert_eq!(remarks(&by_ben), (vec![Remark::ApproverIsExecutor], None));
    assert_eq!(codes(&by_ben.judge()), ["approver_is_executor"]);

    let forged = world(json!({"stated_actor": "Cy Tan"}), false);
    assert_eq!(remarks(&forged), (vec![Remark::ApproverIsExecutor, Remark::ForgedActor], None));
    assert_eq!(codes(&forged.judge()), ["approver_is_executor", "forged_actor"]);
    for own in ["2", "ben"] {
        assert_eq!(
            codes(&world(json!({"stated_actor": own}), false).judge()),
            ["approver_is_executor"],
            "{own}"
        );
    }

    let rule_by_word = world(json!({"stated_through": "closer"}), false);
    assert_eq!(remarks(&rule_by_word), (vec![Remark::ApproverIsExecutor], None), "a rule nobody lists");
    let rule_listed = world(json!({"stated_through": "closer"}), true);
    assert_eq!(remarks(&rule_listed), (vec![Remark::Automation], Some("rule closer".to_owned())));
    assert_eq!(codes(&rule_listed.judge()), ["automation_as_person"]);
    let app = world(json!({"author_kind": "workload"}), false);
    assert_eq!(remarks(&app), (vec![Remark::Automation], Some("app ben".to_owned())));
    assert_eq!(codes(&app.judge()), Vec::<&str>::new(), "an app that approves is no executor");
}

/// What is changed behind a closed ticket makes its claims worth less than they look.
#[test]
fn what_is_changed_behind_a_closed_ticket_is_found() {
    let closed = entry(1, 1, "18:00", json!({"changed": ["status"], "status": {"id": "3", "name": "Done"}}));
    let comment = |updated: &str| {
        json!({
            "record": "document", "id": "jira/document/8", "doc_type": "comment", "text": "all access removed",
            "parent": "jira/document/1", "at": "2026-11-20T17:30:00Z", "author": {"object": "app/account/2"},
            "fields": {"updated": format!("2026-11-20T{updated}:00Z")},
        })
    };
    let found = |more: Vec<Value>| {
        let mut world = World::new().says([vec![ticket(), closed.clone()], more].concat());
        world.workflow["subject_field"] = json!("cf_1");
        world.workflow["checklist_field"] = json!("cf_2");
        codes(&world.judge()).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let change = |field: &str, at: &str| entry(2, 1, at, json!({"changed": [field]}));
    assert_eq!(found(vec![]), Vec::<String>::new());
    for field in ["cf_1", "cf_2", "summary", "description", "Link"] {
        assert_eq!(found(vec![change(field, "19:00")]), ["ticket_edited_after_closing"], "{field}");
        assert_eq!(found(vec![change(field, "17:59")]), Vec::<String>::new(), "{field} before");
    }
    assert_eq!(found(vec![change("labels", "19:00")]), Vec::<String>::new());
    assert_eq!(found(vec![change("Comment", "19:00")]), ["comment_deleted_after_closing"]);
    assert_eq!(found(vec![comment("19:00")]), ["comment_edited_after_closing"]);
    assert_eq!(found(vec![comment("17:40")]), Vec::<String>::new());

    let world = World::new().says(vec![ticket(), closed, change("summary", "19:00")]);
    let line = world.line(ADA);
    assert_eq!(line.claims[0].remarks, [Remark::EditedAfterClosing]);
}

/// The scope is what was promised and what is found: a promise nobody looked after must not end as clear.
#[test]
fn what_is_promised_and_not_observed_keeps_a_case_open() {
    use exeunt_model::verdict::Conclusion;
    let mut clear = World::new().says(vec![ticket()]);
    clear.workflow["claims"] = json!([{"words": "app", "system": "app"}, {"words": "SAP", "system": "sap"}]);
    clear.workflow["systems_fields"] = json!(["systems", "Which systems?"]);
    clear.workflow["request_types"] = json!([{"name": "Offboard engineer", "systems": ["sap"]}]);
    assert_eq!(clear.judge().verdict, Conclusion::Clear);
    let form = |fields: Value| json!({"record": "document", "id": "jira/document/5", "doc_type": "form", "parent": "jira/document/1", "fields": fields});
    let table = [
        ("in a form", form(json!({"Which systems?": "App, SAP"})), vec!["promised_not_observed"]),
        ("known to nobody", form(json!({"Which systems?": "app; Lab door"})), vec!["promised_not_observed"]),
        (
            "by request type",
            form(json!({"request_type": "Offboard engineer"})),
            vec!["promised_not_observed"],
        ),
        ("in a sub-task", step("Remove from SAP", "19:00").remove(0), vec!["promised_not_observed"]),
        ("what is observed", form(json!({"systems": "app"})), vec![]),
    ];
    for (what, document, expected) in table {
        let verdict = clear.clone().says(vec![document]).judge();
        assert_eq!(codes(&verdict), expected, "{what}");
        let conclusion = if expected.is_empty() { Conclusion::Clear } else { Conclusion::Unproven };
        assert_eq!(verdict.verdict, conclusion, "{what}");
    }
}

/// Work handed to another desk is followed, and what could not be followed is said.
#[test]
fn linked_tickets_are_claims_of_their_own() {
    let mut asks = ticket();
    asks["links"] = json!(["jira/document/20", "jira/document/21"]);
    asks["fields"] = json!({
        "link.20": "is blocked by", "link.20.key": "SEC-7", "link.21": "is blocked by", "link.21.key": "HR-1",
    });
    let linked = json!({
        "record": "document", "id": "jira/document/20", "doc_type": "linked_issue", "key": "SEC-7", "title": "Revoke app tokens",
        "status": {"id": "3", "name": "Done", "done": true}, "links": ["jira/document/1"],
    });
    let world = World::new().ada("active").says(vec![asks, linked]);
    assert_eq!(comparison(&world, ADA), Some(Comparison::Contradicted));
    let verdict = world.judge();
    assert_eq!(codes(&verdict), ["linked_issue_not_read"]);
    let says = &verdict
        .governance
        .iter()
        .find(|finding| finding.code == "linked_issue_not_read")
        .expect("found")
        .says;
    assert!(says.contains("is blocked by HR-1") && !says.contains("SEC-7"), "{says}");
    let mut other = world;
    other.workflow["links"] = json!(["relates to"]);
    let beneath = json!({
        "record": "document", "id": "jira/document/30", "doc_type": "comment", "text": "all access removed",
        "parent": "jira/document/20",
    });
    let other = other.says(vec![beneath]);
    assert_eq!(comparison(&other, ADA), None, "only the links that hand work over");
}
