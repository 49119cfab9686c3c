//! Tickets as people fill them in, and whom they are about.

use exeunt_model::case::{Case, SubjectClaim, Workflow};
use exeunt_model::{Outcome, PartialReason, Snapshot, Timestamp, Who};
use serde_json::{Value, json};

use super::{CaseError, case_from_ticket};
use crate::small_world::{World, person, time};
use crate::{Inputs, judge_case};

fn ticket(fields: &Value) -> Value {
    json!({"record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "fields": fields})
}

fn below(id: u8, sort: &str, parent: u8, fields: &Value) -> Value {
    json!({
        "record": "document", "id": format!("jira/document/{id}"), "doc_type": sort, "parent": format!("jira/document/{parent}"),
        "fields": fields,
    })
}

fn workflow() -> Value {
    json!({"employee_number_field": "number", "email_field": "mail", "departure_field": "last day"})
}

fn opened_from(
    workflow: &Value,
    documents: Vec<Value>,
    change: impl Fn(&mut Snapshot),
) -> Result<Case, CaseError> {
    let world = World::new().says(documents);
    let workflow: Workflow = serde_json::from_value(workflow.clone()).expect("a workflow");
    world.ask(&[], &[], |inputs| {
        let mut ticket = inputs.ticket.expect("a ticket").clone();
        change(&mut ticket);
        case_from_ticket(&ticket, &workflow)
    })
}

fn opened(documents: Vec<Value>) -> Result<Case, CaseError> {
    opened_from(&workflow(), documents, |_| ())
}

fn who(case: Result<Case, CaseError>) -> Result<Vec<String>, CaseError> {
    case.map(|case| case.subject.who.iter().map(ToString::to_string).collect())
}

fn named(number: &str) -> Vec<String> {
    let key = json!({"key": {"kind": "employee_number", "value": number}});
    vec![serde_json::from_value::<Who>(key).expect("somebody").to_string()]
}

/// Whom a ticket is about stands in its own fields, or in what was filled in for it in the portal or on its forms; what
/// anybody writes elsewhere names nobody.
#[test]
fn whom_a_ticket_names() {
    let one = json!({"number": "1042"});
    assert_eq!(who(opened(vec![ticket(&one)])), Ok(named("1042")));
    let blank = ticket(&json!({"number": " ", "mail": ""}));
    assert_eq!(who(opened(vec![blank.clone(), below(2, "form", 1, &one)])), Ok(named("1042")), "on its form");
    assert_eq!(
        who(opened(vec![blank.clone(), below(2, "request", 1, &one)])),
        Ok(named("1042")),
        "in the portal"
    );
    let nobody = |documents| matches!(who(opened(documents)), Err(CaseError::NoSubject { .. }));
    assert!(nobody(vec![blank.clone()]));
    assert!(nobody(vec![blank.clone(), below(2, "form", 9, &one)]), "on the form of another ticket");
    assert!(nobody(vec![blank.clone(), below(2, "comment", 1, &one)]), "in a comment");
    let (first, second) = (below(2, "form", 1, &one), below(3, "form", 1, &json!({"number": "7"})));
    assert_eq!(
        who(opened(vec![blank, second.clone(), first.clone()])),
        Ok(named("1042")),
        "the first form counts"
    );
    assert_eq!(
        who(opened(vec![ticket(&json!({"number": "9"})), first, second])),
        Ok(named("9")),
        "the ticket before them"
    );
    let said = |workflow: Value| {
        opened_from(&workflow, vec![ticket(&json!({}))], |_| ()).expect_err("nobody is named").to_string()
    };
    assert!(said(workflow()).contains("(number, mail)"), "{}", said(workflow()));
    assert!(said(json!({})).contains("(none is configured)"), "{}", said(json!({})));
}

/// A date is the end of that day; anything that is no time must not be taken for one.
#[test]
fn when_a_ticket_says_they_leave() {
    let departs = |text: &str| {
        opened(vec![ticket(&json!({"number": "1042", "last day": text}))]).map(|case| case.departed)
    };
    let at = |text: &str| -> Result<Option<Timestamp>, CaseError> { Ok(Some(time(text))) };
    assert_eq!(departs(""), Ok(None));
    assert_eq!(departs("2026-11-20"), at("2026-11-21T00:00:00Z"));
    assert_eq!(departs("2026-11-20T17:00:00Z"), at("2026-11-20T17:00:00Z"));
    assert_eq!(departs("2026-11-20 18:00:00+01:00"), at("2026-11-20T17:00:00Z"));
    assert_eq!(departs("2026-11-20T09:00:00.000+0000"), at("2026-11-20T09:00:00Z"), "as Jira writes it");
    for text in ["tomorrow", "20261120", "2026-11-20T17:00:00"] {
        assert!(matches!(departs(text), Err(CaseError::NotATime { .. })), "{text}: {:?}", departs(text));
    }
}

/// One ticket, read whole: two are a question, and one that was cut short may say anything.
#[test]
fn exactly_one_whole_ticket() {
    let one = ticket(&json!({"number": "1042"}));
    assert!(opened(vec![one.clone(), one.clone()]).is_ok(), "shown twice");
    let mut other = one.clone();
    other["id"] = json!("jira/document/2");
    let count = |case| match case {
        Err(CaseError::NotOneTicket { count, .. }) => Some(count),
        _ => None,
    };
    assert_eq!(count(opened(vec![one.clone(), other])), Some(2));
    assert_eq!(count(opened(vec![below(2, "comment", 1, &json!({}))])), Some(0));
    let cut = |ticket: &mut Snapshot| {
        let reason = PartialReason::Forbidden;
        ticket.reads[0].receipt.outcome = Outcome::Partial { reason, detail: "403".to_owned() };
    };
    let part =
        |documents| matches!(opened_from(&workflow(), documents, cut), Err(CaseError::TicketNotWhole { .. }));
    assert!(part(vec![one]), "the ticket is there, and part of it is not");
    assert!(part(vec![below(2, "comment", 1, &json!({}))]), "the ticket may be what is not there");
}

fn judged(who: &[Value]) -> Result<String, CaseError> {
    let mut world = World::new().ada("active");
    for shown in [&mut world.before, &mut world.after, &mut world.now] {
        let people = shown.get_mut(&("dir", "people")).expect("people");
        let mut twin = person("3", "Ada", "1042");
        twin["emails"] = json!([{"address": "ada.two@halden.example", "verified": true}]);
        if who.iter().any(|who| who["twin"] == true) {
            people.push(twin);
        }
    }
    let who = who.iter().filter(|who| who["twin"].is_null());
    let who: Vec<Who> = who.map(|who| serde_json::from_value(who.clone()).expect("somebody")).collect();
    let history = world.history();
    world.ask(&history, &[], |inputs| {
        let subject = SubjectClaim { who, said_by: "the ticket".to_owned() };
        let case = Case { subject, ..inputs.case.clone() };
        judge_case(&Inputs { case: &case, ..*inputs }).map(|verdict| verdict.subject.identity.to_string())
    })
}

/// Whatever names the leaver has to lead to one person: a case about two people would accuse one of them.
#[test]
fn all_that_names_the_leaver_leads_to_one_person() {
    let mail = |name: &str| json!({"email": format!("{name}@halden.example")});
    let number = |number: &str| json!({"key": {"kind": "employee_number", "value": number}});
    let ada = Ok("dir/identity/1".to_owned());
    assert_eq!(judged(&[mail("ada")]), ada);
    assert_eq!(judged(&[mail("ada"), number("1042")]), ada, "two names of one person");
    let two = judged(&[mail("ada"), mail("ben")]).expect_err("two people");
    assert!(matches!(two, CaseError::SeveralMatch { .. }), "{two}");
    let told = two.to_string();
    assert!(
        told.contains("Ada (dir/identity/1, by ") && told.contains(", Ben (dir/identity/2, by "),
        "{told}"
    );
    assert!(judged(&[number("1042"), json!({"twin": true})]).is_err(), "a number that two people have");
    let nobody = judged(&[mail("ada"), mail("eve")]).expect_err("nobody");
    assert!(matches!(nobody, CaseError::NobodyMatches { ref who, .. } if who.contains("eve")), "{nobody}");
    let none = judged(&[]).expect_err("nobody is named");
    assert!(matches!(none, CaseError::NobodyMatches { .. }), "{none}");
}
