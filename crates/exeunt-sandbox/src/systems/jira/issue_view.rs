//! Issues, comments, history and approvals in Jira's JSON.

use serde_json::{Map, Value, json};

use super::{
    document,
    state::{Approval, Change, Comment, Issue, IssueKind, IssueStatus, State},
    view::{base, user_by_id},
};
use crate::{calendar::jira as stamp, story, world::World};

/// The fields asked for; all of them if nothing is said, as for a single issue.
pub(super) fn fields_of(parameter: Option<&str>) -> Vec<String> {
    parameter.unwrap_or("*all").split(',').map(|field| field.trim().to_owned()).collect()
}

pub(super) fn issue(world: &World, issue: &Issue, fields: &[String], expand: Option<&str>) -> Value {
    let mut body = json!({
        "id": issue.id.to_string(),
        "self": format!("{}/issue/{}", base(), issue.id),
        "key": issue.key,
    });
    let mut all = field_values(world, issue);
    let everything = fields.iter().any(|field| field == "*all" || field == "*navigable");
    all.retain(|name, _| everything || fields.iter().any(|field| field == name));
    for field in fields {
        if let Some(unwanted) = field.strip_prefix('-') {
            all.remove(unwanted);
        }
    }
    // Asked for ids only, Jira sends no fields at all.
    if !(all.is_empty() && fields.iter().all(|field| field == "id" || field == "key")) {
        body["fields"] = Value::Object(all);
    }
    if expand.is_some_and(|expand| expand.split(',').any(|part| part == "names")) {
        body["names"] = names();
    }
    body
}

fn names() -> Value {
    json!({
        "summary": "Summary",
        "status": "Status",
        story::FIELD_LEAVER: "Leaver",
        story::FIELD_NUMBER: "Employee number",
        story::FIELD_DEPARTURE: "Last moment",
        story::FIELD_CHECKLIST: "Offboarding checklist",
        story::FIELD_SYSTEM: "System",
    })
}

fn field_values(world: &World, issue: &Issue) -> Map<String, Value> {
    let jira = &world.jira;
    let person = |id: &Option<String>| id.as_ref().map(|id| user_by_id(jira, id));
    let project = jira.projects.iter().find(|project| project.key == issue.project);
    let children = jira.issues.iter().filter(|child| child.parent.as_deref() == Some(&issue.key));
    let parent = issue.parent.as_ref().and_then(|key| jira.issues.iter().find(|one| one.key == *key));
    let value = json!({
        "summary": issue.summary,
        "description": (!issue.description.is_empty()).then(|| document::paragraphs(&issue.description)),
        "status": status(issue.status),
        "resolution": issue.resolved.map(|_| json!({ "id": "10000", "name": "Done" })),
        "resolutiondate": issue.resolved.map(stamp),
        "created": stamp(issue.created),
        "updated": stamp(issue.updated),
        "issuetype": issue_type(issue.kind),
        "project": project.map(|project| json!({ "id": project.id, "key": project.key, "name": project.name })),
        "reporter": user_by_id(jira, &issue.reporter),
        "creator": user_by_id(jira, &issue.reporter),
        "assignee": person(&issue.assignee),
        "parent": parent.map(stub),
        "subtasks": children.map(stub).collect::<Vec<_>>(),
        "comment": embedded_comments(jira, issue),
        "labels": [],
        story::FIELD_LEAVER: person(&issue.leaver),
        story::FIELD_NUMBER: issue.employee_number.map(|number| number.to_string()),
        story::FIELD_DEPARTURE: issue.departure.map(stamp),
        story::FIELD_CHECKLIST: (!issue.checklist.is_empty()).then(|| document::checklist(&issue.checklist)),
        story::FIELD_SYSTEM: issue.system.map(|name| json!({ "id": name.to_lowercase(), "value": name })),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// An issue holds only the first comments of a long discussion.
fn embedded_comments(jira: &State, issue: &Issue) -> Value {
    const SLICE: usize = 5;
    let rows: Vec<Value> = issue.comments.iter().take(SLICE).map(|one| comment(jira, issue, one)).collect();
    json!({
        "comments": rows,
        "startAt": 0,
        "maxResults": SLICE,
        "total": issue.comments.len(),
    })
}

fn stub(issue: &Issue) -> Value {
    json!({
        "id": issue.id.to_string(),
        "key": issue.key,
        "self": format!("{}/issue/{}", base(), issue.id),
        "fields": {
            "summary": issue.summary,
            "status": status(issue.status),
            "issuetype": issue_type(issue.kind),
        },
    })
}

const fn status_id(status: IssueStatus) -> &'static str {
    match status {
        IssueStatus::ToDo => "10001",
        IssueStatus::InProgress => "10002",
        IssueStatus::Done => "10003",
    }
}

fn status(status: IssueStatus) -> Value {
    let id = status_id(status);
    let (category, key) = match status {
        IssueStatus::ToDo => (2, "new"),
        IssueStatus::InProgress => (4, "indeterminate"),
        IssueStatus::Done => (3, "done"),
    };
    json!({
        "self": format!("{}/status/{id}", base()),
        "id": id,
        "name": status.name(),
        "statusCategory": { "id": category, "key": key, "name": status.name() },
    })
}

fn issue_type(kind: IssueKind) -> Value {
    let id = match kind {
        IssueKind::Offboarding => "10010",
        IssueKind::SubTask => "10011",
        IssueKind::Task => "10012",
    };
    json!({ "id": id, "name": kind_name(kind), "subtask": kind == IssueKind::SubTask })
}

/// The name of a kind of issue.
pub(super) fn kind_name(kind: IssueKind) -> &'static str {
    match kind {
        IssueKind::Offboarding => "Offboarding",
        IssueKind::SubTask => "Sub-task",
        IssueKind::Task => "Task",
    }
}

pub(super) fn comment(jira: &State, issue: &Issue, comment: &Comment) -> Value {
    let author = user_by_id(jira, &comment.author);
    json!({
        "self": format!("{}/issue/{}/comment/{}", base(), issue.id, comment.id),
        "id": comment.id.to_string(),
        "author": author,
        "updateAuthor": author,
        "body": document::paragraphs(&comment.text),
        "created": stamp(comment.created),
        "updated": stamp(comment.created),
        "jsdPublic": false,
    })
}

pub(super) fn change(jira: &State, change: &Change) -> Value {
    json!({
        "id": change.id.to_string(),
        "author": user_by_id(jira, &change.author),
        "created": stamp(change.created),
        "items": [{
            "field": "status",
            "fieldtype": "jira",
            "fieldId": "status",
            "from": status_id(change.from),
            "fromString": change.from.name(),
            "to": status_id(change.to),
            "toString": change.to.name(),
        }],
    })
}

/// Service management writes dates in several spellings side by side.
fn date(at: jiff::Timestamp) -> Value {
    json!({ "iso8601": stamp(at).replace(".000", ""), "epochMillis": at.as_millisecond() })
}

/// An issue as the service portal has it.
pub(super) fn request(jira: &State, issue: &Issue) -> Value {
    json!({
        "issueId": issue.id.to_string(),
        "issueKey": issue.key,
        "requestTypeId": "25",
        "requestType": { "id": "25", "name": "Offboard a colleague" },
        "serviceDeskId": "10",
        "createdDate": date(issue.created),
        "reporter": user_by_id(jira, &issue.reporter),
        "requestFieldValues": [{ "fieldId": "summary", "label": "What is it about?", "value": issue.summary }],
        "currentStatus": { "status": issue.status.name(), "statusDate": date(issue.updated) },
    })
}

pub(super) fn approval(jira: &State, approval: &Approval) -> Value {
    let decision = if approval.given.is_some() { "approved" } else { "pending" };
    let mut body = json!({
        "id": approval.id.to_string(),
        "name": "Waiting for approval",
        "finalDecision": decision,
        "canAnswerApproval": false,
        "approvers": [{ "approver": user_by_id(jira, &approval.approver), "approverDecision": decision }],
        "createdDate": date(approval.created),
    });
    if let Some(given) = approval.given {
        body["completedDate"] = date(given);
    }
    body
}
