//! How the systems of the estate work, who answers for them, and the cases.

use exeunt_model::case::{Case, SubjectClaim, Workflow};
use exeunt_model::manifest::Manifest;
use exeunt_model::owners::OwnerRegister;
use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::{Digest, Snapshot, SystemId, Who};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::company::Company;

/// The times of the two snapshots, and the one verdicts are said for. People leave in the year between.
pub const BEFORE: &str = "2024-12-30T06:00:00Z";
pub const NOW: &str = "2026-01-01T06:00:00Z";
pub const AS_OF: &str = "2026-01-01T07:00:00Z";

fn made<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|e| e.to_string())
}

/// The one manifest of all systems.
pub fn manifest() -> Result<Manifest, String> {
    let read = json!({
        "about": "rows of the estate", "request": {"http": {"path": "/"}}, "permission": "read",
        "paging": {"none": {"because": "one page"}}, "rows": ".", "map": ".", "control": "any_row",
    });
    let proof = json!({"settle": "0s", "source": "estate"});
    let kills = json!({"disabled": "latent", "deleted": "dies", "source": "estate"});
    let lasting = json!({"disabled": "survives", "deleted": "dies", "source": "estate"});
    made(json!({
        "manifest": 1, "connector": "estate", "title": "Estate", "about": "A system of the estate.", "protocol": "http",
        "auth": ["bearer"],
        "reads": {"people": read, "accounts": read, "access": read, "credentials": read, "owners": read},
        "survivors": {
            "principal": {"seen_by": ["accounts"]}, "token.user": {"seen_by": ["credentials"]},
            "key.asym": {"seen_by": ["credentials"]},
        },
        "kills": {
            "grant.direct": kills, "recovery": kills, "token.user": lasting, "key.asym": lasting, "grant.delegated": lasting,
        },
        "proof": {
            "principal": proof, "grant.direct": proof, "token.user": proof, "key.asym": proof, "owned.nhi": proof,
            "trust": proof, "recovery": proof, "grant.delegated": proof,
        },
    }))
}

/// Who answers: one for each domain.
pub fn owners() -> Result<OwnerRegister, String> {
    Ok(OwnerRegister::of(made(json!([
        {"domain": "identity_lifecycle", "system": "*", "owner": "People team"},
        {"domain": "application_entitlement", "system": "*", "owner": "Application team"},
        {"domain": "integration_revocation", "system": "*", "owner": "Platform team"},
    ]))?))
}

/// How tickets are read.
pub fn workflow(systems: &[SystemId]) -> Result<Workflow, String> {
    let claims: Vec<Value> =
        systems.iter().map(|system| json!({"words": system, "system": system})).collect();
    made(json!({"system": "jira", "claims": claims, "done_phrases": ["all access removed"]}))
}

/// The first so many leavers, each with a ticket that says that all is done.
pub fn cases(company: &Company, most: usize) -> Result<Vec<(Case, Snapshot)>, String> {
    let left = company.left.iter().enumerate().filter_map(|(person, at)| Some((person, (*at)?)));
    left.take(most)
        .map(|(person, departed)| {
            let value = format!("E{}", 100_000 + person * 7);
            let key = JoinKey { kind: KeyKind::EmployeeNumber, value, issuer: None };
            let id = format!("OFF-{person}");
            let subject = SubjectClaim { who: vec![Who::Key(key)], said_by: format!("field number of {id}") };
            let ticket_system = Some(SystemId::new("jira").map_err(|e| e.to_string())?);
            let case = Case { id: id.clone(), subject, departed: Some(departed), ticket_system };
            Ok((case, ticket(person, &id)?))
        })
        .collect()
}

fn ticket(person: usize, key: &str) -> Result<Snapshot, String> {
    let (id, at) = (|part: usize| format!("jira/document/{person}-{part}"), "2025-12-31T12:00:00Z");
    let author = json!({"object": "jira/account/desk"});
    let records = json!([
        {"record": "document", "id": id(0), "doc_type": "ticket", "key": key, "at": "2024-12-31T09:00:00Z",
         "status": {"id": "3", "name": "Done", "done": true}},
        {"record": "document", "id": id(1), "doc_type": "approval", "done": true, "at": at, "author": {"object": "jira/account/lead"}},
        {"record": "document", "id": id(2), "doc_type": "checklist_item", "title": "idp0 account", "done": true, "at": at, "author": author},
        {"record": "document", "id": id(3), "doc_type": "comment", "text": "all access removed", "at": at, "author": author},
    ]);
    made(json!({
        "version": 1, "system": "jira", "connector": "jira", "manifest": Digest::of(b"jira"), "started": NOW, "ended": NOW,
        "reads": [{"receipt": {
            "system": "jira", "read": "issue", "scope": key, "endpoint": "GET /issue", "permission": "read", "pages": 1,
            "rows": 4, "statuses": [200], "started": NOW, "ended": NOW, "exchanges": [], "control": {"seen": "the issue"},
            "outcome": "complete",
        }, "records": records}],
    }))
}
