//! What the recorded tickets of the Jira connectors are read as.

use std::path::Path;

use exeunt_model::record::{DocType, Document};
use exeunt_model::{IdentityKind, Record, SystemId};
use serde_json::{Value, json};

use super::fixture::fixtures;
use crate::manifest::{Loaded, load};
use crate::mapper::{Subject, record};

/// Every document that one read of a ticket gives on its recorded answers; `change` is made to each body first.
fn documents(connector: &str, read: &str, change: impl Fn(&mut Value)) -> Vec<Document> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors").join(connector);
    let text = std::fs::read_to_string(folder.join("manifest.yaml")).expect("a manifest");
    let loaded: Loaded = load(&text, "manifest.yaml").expect("it loads");
    let recorded = fixtures(&folder.join("fixtures")).expect("fixtures");
    let (rule, programs) = (&loaded.manifest.ticket[read], &loaded.programs.ticket[read]);
    let home = SystemId::new("jira").expect("a name");
    let mut found = Vec::new();
    for (bound, pages) in recorded[read].by_scope(rule) {
        let variables: Vec<Subject> = programs
            .variables
            .iter()
            .map(|name| match name.as_str() {
                "issue" => Subject::of(&json!("OFF-142")),
                name => Subject::of(&json!(bound.get(name))),
            })
            .collect();
        for page in pages {
            let mut body = page.body;
            change(&mut body);
            let rows = programs.rows.one(&Subject::of(&body), &variables).expect("rows");
            for row in rows.as_array().expect("an array") {
                for value in programs.map.values(&Subject::of(row), &variables).expect("records") {
                    match record(&value, &home).expect("a record") {
                        Record::Document(document) => found.push(*document),
                        other => panic!("{other:?}"),
                    }
                }
            }
        }
    }
    found
}

const BOTH: [&str; 2] = ["jira-cloud", "jira-datacenter"];

/// A link that is not read is work at another desk that nobody asks about.
#[test]
fn links_say_where_work_was_handed_to() {
    for connector in BOTH {
        let ticket = documents(connector, "issue", |_| {}).remove(0);
        let links: Vec<String> = ticket.links.iter().map(ToString::to_string).collect();
        assert_eq!(links, ["jira/document/20007", "jira/document/20008"], "{connector}");
        let says = |field: &str| ticket.fields.get(field).map(String::as_str);
        assert_eq!((says("link.20007"), says("link.20007.key")), (Some("is blocked by"), Some("SEC-7")));
        assert_eq!(says("link.20008"), Some("blocks"));
        for read in ["linked_issues", "further_linked_issues"] {
            let linked = documents(connector, read, |_| {});
            let sorts: Vec<DocType> = linked.iter().filter(|d| d.key.is_some()).map(|d| d.doc_type).collect();
            assert_eq!(sorts, [DocType::LinkedIssue; 2], "{connector} {read}");
        }
    }
}

/// A box of a checklist app that is not seen is a claim that is not compared.
#[test]
fn boxes_of_checklist_apps_are_read() {
    for connector in BOTH {
        let boxes = |change: &dyn Fn(&mut Value), of: &str| -> Vec<(String, bool)> {
            let all = documents(connector, "issue", change);
            let of = |document: &Document| document.fields.get("field").is_some_and(|field| field == of);
            let boxes = all.into_iter().filter(|d| d.doc_type == DocType::ChecklistItem && of(d));
            boxes.map(|one| (one.title.expect("a title"), one.done == Some(true))).collect()
        };
        let line = |text: &str, done| (text.to_owned(), done);
        let smart = boxes(&|_| {}, "com.railsware.SmartChecklist.checklist");
        assert_eq!(
            smart,
            [line("Chat archived", true), line("Desk cleared", false), line("Phone wiped", false)],
            "{connector}"
        );
        let written = |body: &mut Value| {
            body["fields"]["customfield_10070"] =
                json!("# Default checklist\n[x] GitHub\n* [] Slack\n- []? AWS\n--- heading\nno box");
        };
        let text = boxes(&written, "customfield_10070");
        assert_eq!(text, [line("GitHub", true), line("Slack", false), line("AWS", false)], "{connector}");
    }
}

/// Whoever calls may name anybody as the actor: that must neither become the author nor be lost.
#[test]
fn history_metadata_is_kept_as_the_callers_word() {
    for connector in BOTH {
        let changes = documents(connector, "linked_changelogs", |_| {});
        let stated: Vec<&Document> = changes.iter().filter(|entry| entry.stated_actor.is_some()).collect();
        let [entry] = stated.as_slice() else { panic!("{connector}: {changes:?}") };
        assert_eq!(entry.stated_actor.as_deref(), Some("tony"));
        assert_eq!(entry.stated_through.as_deref(), Some("Close linked work"));
        assert!(entry.author.as_ref().is_some_and(|author| !author.to_string().contains("tony")));
        assert!(entry.changed.contains(&"status".to_owned()), "{connector}");
        let changes = documents(connector, "changelog", |_| {});
        let hidden =
            changes.iter().find(|entry| entry.changed == ["description"]).expect("a changed description");
        assert!(hidden.fields.is_empty(), "{connector}: texts stay out");
    }
}

/// An app that closes a ticket is no person, and the answer says so itself.
#[test]
fn an_app_is_told_by_its_account() {
    let app = |kind: Value| {
        move |body: &mut Value| {
            for row in body["values"].as_array_mut().expect("rows") {
                row["author"]["accountType"] = json!("app");
                row["author"]["appType"] = kind.clone();
            }
        }
    };
    let kind = |kind: Value| documents("jira-cloud", "changelog", app(kind))[0].author_kind;
    assert_eq!(kind(Value::Null), Some(IdentityKind::Workload));
    assert_eq!(kind(json!("agent")), Some(IdentityKind::Agent));
    assert_eq!(kind(json!("service")), Some(IdentityKind::Service));
    assert_eq!(documents("jira-cloud", "changelog", |_| {})[0].author_kind, None);
}

/// What stands only in the portal or on a form is as much part of the ticket as its fields.
#[test]
fn requests_and_forms_are_part_of_the_ticket() {
    for connector in BOTH {
        let request = documents(connector, "request", |_| {}).remove(0);
        assert_eq!(request.doc_type, DocType::Request);
        let says = |field: &str| request.fields.get(field).map(String::as_str);
        assert_eq!(
            (says("request_type"), says("request_type_id")),
            (Some("Offboard a colleague"), Some("25"))
        );
        assert_eq!(says("Which systems?"), Some("GitHub, Slack"), "{connector}");
        assert!(
            request.people.contains_key("Who leaves?") && request.people.contains_key("customfield_10050")
        );
        assert!(!request.fields.contains_key("Who leaves?"), "{connector}");
    }
    let answers = documents("jira-cloud", "form_answers", |_| {});
    let says = |field: &str| answers.iter().find_map(|answer| answer.fields.get(field)).map(String::as_str);
    assert_eq!(says("Which systems?"), Some("GitHub, Slack"));
    assert_eq!((says("Employee number"), says("employee_number")), (Some("1042"), Some("1042")));
    assert_eq!(says("Anything else?"), None);
    assert!(
        answers.iter().all(|a| a.parent.as_ref().is_some_and(|p| p.to_string() == "jira/document/10142"))
    );
}
