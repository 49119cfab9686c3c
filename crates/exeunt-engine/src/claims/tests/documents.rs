//! How the ticket's documents are read: who did it, whom it is about, and what stands twice.

use exeunt_model::case::{Claim, ClaimSource};
use exeunt_model::verdict::{Comparison, Remark};
use serde_json::{Value, json};

use super::{ADA, codes, entry, step, ticket};
use crate::small_world::{DEPARTED, World, account, rule, time};

/// The claims about Ada's account, but for the ticket's own status.
fn claims(world: &World) -> Vec<Claim> {
    let claims = world.line(ADA).claims.into_iter().map(|check| (*check.claim).clone());
    claims.filter(|claim| claim.source != ClaimSource::TicketStatus).collect()
}

fn says(world: &World, code: &str) -> Option<String> {
    world.judge().governance.into_iter().find(|finding| finding.code == code).map(|finding| finding.says)
}

fn extended(mut document: Value, more: &Value) -> Value {
    document.as_object_mut().expect("an object").extend(more.as_object().expect("fields").clone());
    document
}

fn comment(id: u8, parent: Option<u8>, text: &str) -> Value {
    json!({
        "record": "document", "id": format!("jira/document/{id}"), "doc_type": "comment", "text": text,
        "parent": parent.map(|parent| format!("jira/document/{parent}")), "author": {"object": "app/account/2"},
        "at": "2026-11-20T18:00:00Z",
    })
}

/// A rule is known by its id as well; one that acts as somebody else did not do this.
#[test]
fn rules_by_id_and_in_whose_name() {
    let through = |acts_as: &str, stated: &str| {
        let mut documents = [vec![ticket()], step("Remove from app", "19:00")].concat();
        documents[2]["stated_through"] = json!(stated);
        let closing = extended(rule("r-1", acts_as, "enabled"), &json!({"name": "Closing rule"}));
        let world = World::new().ada("active").keeps("integrations", closing).says(documents);
        claims(&world)[0].through.clone()
    };
    assert_eq!(through("2", "r-1").as_deref(), Some("rule Closing rule"));
    assert_eq!(through("2", "closing rule").as_deref(), Some("rule Closing rule"));
    assert_eq!(through("1", "r-1"), None);
    assert_eq!(through("1", "Closing rule"), None);
}

/// What the ticket says of a system where nothing of the leaver's is known is told in the words of the line that says it.
#[test]
fn the_line_that_speaks_of_nothing() {
    let documents =
        [vec![ticket(), comment(11, Some(1), "all access removed")], step("Remove from app", "19:00")]
            .concat();
    let mut world = World::new().says(documents);
    world.before.insert(("app", "accounts"), world.now[&("app", "accounts")].clone());
    let found = says(&world, "claim_without_object").expect("a finding");
    assert!(found.starts_with("The ticket speaks of app (\u{201c}Remove from app\u{201d})"), "{found}");
}

/// An actor that the history shows is told by name where the ticket's system knows the account.
#[test]
fn whom_a_forged_history_shows() {
    let shown = |stated: &str| {
        let mut documents = [vec![ticket()], step("Remove from app", "19:00")].concat();
        documents[2]["stated_actor"] = json!(stated);
        let world = World::new().ada("active").says(documents);
        says(&world.keeps("accounts", account("jira", "77", "mallory", "7777", "active")), "forged_actor")
    };
    let known = shown("77").expect("a finding");
    assert!(known.contains("shows mallory as the actor"), "{known}");
    let unknown = shown("88").expect("a finding");
    assert!(unknown.contains("shows 88 as the actor"), "{unknown}");
}

/// Only tickets hand work over to linked tickets.
#[test]
fn links_of_what_is_no_ticket() {
    let linking = |document: Value| {
        let document = extended(document, &json!({"links": ["jira/document/40"]}));
        let mut documents = vec![document];
        if documents[0]["doc_type"] != "ticket" {
            documents.push(ticket());
        }
        codes(&World::new().says(documents).judge()).contains(&"linked_issue_not_read")
    };
    assert!(linking(ticket()));
    assert!(!linking(comment(8, Some(1), "see there")));
}

/// The field that holds a list of boxes is the one the boxes of that ticket stand in.
#[test]
fn boxes_that_were_changed_behind_a_closed_ticket() {
    let changed = |of: u8| {
        let boxed = json!({
            "record": "document", "id": "jira/document/7", "doc_type": "checklist_item", "title": "App", "done": true,
            "parent": format!("jira/document/{of}"), "fields": {"field": "cf_7"},
        });
        let closed = entry(
            1,
            1,
            "18:00",
            json!({"changed": ["status"], "status": {"id": "3", "name": "Done", "done": true}}),
        );
        let edit = entry(2, 1, "19:00", json!({"changed": ["cf_7"]}));
        let part = step("Book the farewell cake", "18:00").remove(0);
        codes(&World::new().says(vec![ticket(), closed, boxed, edit, part]).judge())
            .contains(&"ticket_edited_after_closing")
    };
    assert!(changed(1));
    assert!(!changed(2), "the boxes are another ticket's");
}

/// Who moved a part to its status did it, whoever changed something else later; of a comment without a time nobody can say that
/// it was edited later.
#[test]
fn who_moved_it_and_what_was_edited() {
    let later = json!({"changed": ["labels"], "author": {"object": "app/account/1"}});
    let documents = [vec![ticket(), entry(9, 2, "19:30", later)], step("Remove from app", "19:00")].concat();
    assert_eq!(claims(&World::new().ada("active").says(documents))[0].by.as_deref(), Some("ben"));
    let closed = entry(
        1,
        1,
        "17:30",
        json!({"changed": ["status"], "status": {"id": "3", "name": "Done", "done": true}}),
    );
    let edited = |dated: bool| {
        let mut comment =
            extended(comment(8, Some(1), "done"), &json!({"fields": {"updated": "2026-11-20T19:00:00Z"}}));
        if !dated {
            comment.as_object_mut().expect("an object").remove("at");
        }
        codes(&World::new().says(vec![ticket(), closed.clone(), comment]).judge())
            .contains(&"comment_edited_after_closing")
    };
    assert!(edited(true) && !edited(false));
}

/// A request of another type promises nothing, and a promise is told with why nobody looked.
#[test]
fn what_is_promised_by_whom() {
    let promised = |kind: &str, system: &str| {
        let form = json!({
            "record": "document", "id": "jira/document/5", "doc_type": "form", "parent": "jira/document/1",
            "fields": {"request_type": kind},
        });
        let mut world = World::new().says(vec![ticket(), form]);
        world.workflow["request_types"] = json!([{"name": "Offboard engineer", "systems": [system]}]);
        let mut history = world.history();
        history.retain(|snapshot| snapshot.system.as_str() != "app" || snapshot.started < time(DEPARTED));
        let verdict = world.judge_history(&history).expect("a verdict");
        verdict.governance.into_iter().find(|f| f.code == "promised_not_observed").map(|f| f.says)
    };
    let unread = promised("offboard engineer", "app").expect("a finding");
    assert!(unread.contains("app, which was not read since the departure"), "{unread}");
    let unknown = promised("Offboard engineer", "sap").expect("a finding");
    assert!(unknown.contains("sap, which is not among the systems that are read"), "{unknown}");
    assert_eq!(promised("New laptop", "sap"), None);
}

/// A ticket that is reached in two ways is one, as what is closest to the case; a line that two rules read alike is one claim.
#[test]
fn what_stands_twice() {
    let part = step("Remove from app", "19:00").remove(0);
    let linked = extended(part.clone(), &json!({"doc_type": "linked_issue"}));
    let once = claims(&World::new().ada("active").says(vec![ticket(), linked, part.clone()]));
    assert_eq!(once.iter().map(|claim| claim.source).collect::<Vec<_>>(), [ClaimSource::Subtask]);
    let mut world = World::new().ada("active").says(vec![ticket(), part]);
    world.workflow["claims"] =
        json!([{"words": "app", "system": "app"}, {"words": "remove", "system": "app"}]);
    assert_eq!(claims(&world).len(), 1);
}

/// A box is ticked by whoever ticked it, when they did; one that is open now was ticked by nobody.
#[test]
fn who_ticked_a_box() {
    let ticked = |now: &str| {
        let mut asks = ticket();
        asks["fields"] = json!({"list": now});
        let tick = |n, at: &str, by: &str, from: &str, to: &str| {
            let fields = json!({"list.from_text": from, "list.to_text": to});
            entry(n, 1, at, json!({"changed": ["list"], "fields": fields, "author": {"object": by}}))
        };
        let on = tick(1, "17:30", "app/account/2", "[ ] app", "[x] app");
        let off = tick(2, "18:30", "app/account/1", "[x] app", "[ ] app");
        let mut world = World::new().ada("active").says(vec![asks, on, off]);
        world.workflow["checklist_field"] = json!("list");
        let claim = claims(&world).remove(0);
        (claim.done, claim.by, claim.at.map(|at| at.to_string()))
    };
    let at = "2026-11-20T17:30:00Z".to_owned();
    assert_eq!(ticked("[x] app"), (true, Some("ben".to_owned()), Some(at)));
    assert_eq!(ticked("[ ] app"), (false, None, None));
}

/// An approval in a comment that stands under nothing we know is one on the ticket; one under a part of it is about that part.
#[test]
fn approvals_in_comments() {
    let approved = |parent: Option<u8>| {
        let documents =
            [vec![ticket(), comment(8, parent, "Approved.")], step("Remove from app", "19:00")].concat();
        let mut world = World::new().ada("active").says(documents);
        world.workflow["approval_phrases"] = json!(["approved"]);
        let line = world.line(ADA);
        line.claims.iter().any(|check| check.remarks.contains(&Remark::ApproverIsExecutor))
    };
    assert!(approved(Some(1)) && approved(None));
    assert!(!approved(Some(2)));
}

/// The ticket itself is about the leaver of the case, whomever it names; its parts, and what stands under them, about whom
/// they name.
#[test]
fn whom_a_part_is_about() {
    let world = |of: usize, person: &str| {
        let mut documents = [vec![ticket()], step("Remove from app", "19:00")].concat();
        documents[of]["people"] = json!({"who": {"object": person}});
        documents.push(comment(30, Some(2), "all access removed"));
        let mut world = World::new().ada("active").says(documents);
        world.workflow["subject_field"] = json!("who");
        world
    };
    let compared = |world: &World| -> Vec<Comparison> {
        let line = world.line(ADA);
        let checks = line.claims.iter().filter(|check| check.claim.source != ClaimSource::TicketStatus);
        checks.map(|check| check.comparison).collect()
    };
    let ours = [Comparison::NeverAttempted; 2];
    assert_eq!(compared(&world(0, "app/account/2")), ours, "the ticket names somebody else");
    let status = world(0, "app/account/2").line(ADA).claims.remove(0).comparison;
    assert_ne!(status, Comparison::WrongObject);
    assert_eq!(compared(&world(1, "app/account/1")), ours);
    let bens = world(1, "app/account/2");
    assert_eq!(compared(&bens), [Comparison::WrongObject; 2], "the part, and a comment under it");
    let found = says(&bens, "wrong_object").expect("a finding");
    assert!(found.contains("was done to ben"), "by the account that is named: {found}");
}

/// Who asked for a part is who reported it; for everything else, who reported the ticket.
#[test]
fn who_asked_for_it() {
    let asked = |doc_type: &str| {
        let reporter = json!({"doc_type": doc_type, "people": {"reporter": {"object": "app/account/2"}}});
        let part = extended(step("Remove from app", "19:00").remove(0), &reporter);
        let asks = extended(ticket(), &json!({"author": {"login": "hr"}}));
        claims(&World::new().ada("active").says(vec![asks, part])).remove(0).requested_by
    };
    assert_eq!(asked("subtask").as_deref(), Some("ben"));
    assert_eq!(asked("linked_issue").as_deref(), Some("ben"));
    assert_ne!(asked("checklist_item").as_deref(), Some("ben"));
}
