//! As much of JQL as the readers of an offboarding ticket need: clauses of one field, joined by AND.

use super::state::Issue;
use crate::{story, world::World};

/// A parsed query.
#[derive(Debug)]
pub(super) struct Query {
    clauses: Vec<Clause>,
}

#[derive(Debug)]
struct Clause {
    field: String,
    negated: bool,
    values: Vec<String>,
}

/// Reads a query, or says why it cannot be read, in Jira's words.
pub(super) fn parse(text: &str) -> Result<Query, String> {
    let lower = text.to_lowercase();
    let bounded = lower.find("order by").map_or(text, |end| &text[..end]).trim();
    if bounded.is_empty() {
        return Err(
            "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
                .to_owned(),
        );
    }
    let mut clauses = Vec::new();
    for part in split_and(bounded) {
        clauses.push(clause(part.trim())?);
    }
    Ok(Query { clauses })
}

fn split_and(text: &str) -> Vec<&str> {
    let lower = text.to_lowercase();
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, _) in lower.match_indices(" and ") {
        parts.push(&text[from..at]);
        from = at + " and ".len();
    }
    parts.push(&text[from..]);
    parts
}

fn clause(text: &str) -> Result<Clause, String> {
    let failed = || format!("Error in the JQL Query: '{text}' is not understood.");
    let lower = text.to_lowercase();
    let (field, negated, rest) = if let Some(at) = lower.find(" not in ") {
        (&text[..at], true, &text[at + 8..])
    } else if let Some(at) = lower.find(" in ") {
        (&text[..at], false, &text[at + 4..])
    } else if let Some((field, rest)) = text.split_once("!=") {
        (field, true, rest)
    } else if let Some((field, rest)) = text.split_once('=') {
        (field, false, rest)
    } else {
        return Err(failed());
    };
    let values = rest
        .trim()
        .trim_start_matches('(')
        .trim_end_matches(')')
        .split(',')
        .map(|value| value.trim().trim_matches(['"', '\'']).to_owned())
        .collect();
    let field = field.trim().trim_matches('"').to_lowercase();
    if known(&field) {
        Ok(Clause { field, negated, values })
    } else {
        Err(format!("Field '{field}' does not exist or you do not have permission to view it."))
    }
}

const CUSTOM: [(&str, &str, &str); 3] = [
    ("cf[10050]", "leaver", story::FIELD_LEAVER),
    ("cf[10051]", "employee number", story::FIELD_NUMBER),
    ("cf[10054]", "system", story::FIELD_SYSTEM),
];

fn known(field: &str) -> bool {
    matches!(
        field,
        "project"
            | "parent"
            | "key"
            | "issuekey"
            | "issue"
            | "id"
            | "status"
            | "statuscategory"
            | "assignee"
            | "reporter"
            | "creator"
            | "issuetype"
            | "type"
    ) || CUSTOM.iter().any(|(cf, name, id)| [cf, name, id].contains(&&field))
}

impl Query {
    /// Whether an issue matches every clause.
    pub(super) fn accepts(&self, world: &World, issue: &Issue) -> bool {
        self.clauses.iter().all(|clause| {
            let held = held(world, issue, &clause.field);
            let found =
                clause.values.iter().any(|value| held.iter().any(|one| one.eq_ignore_ascii_case(value)));
            found != clause.negated
        })
    }
}

/// What an issue holds in a field, in every spelling JQL takes for it.
fn held(world: &World, issue: &Issue, field: &str) -> Vec<String> {
    let custom = CUSTOM.iter().find(|(cf, name, id)| [cf, name, id].contains(&&field)).map(|(_, _, id)| *id);
    match custom.unwrap_or(field) {
        "project" => {
            let id = world.jira.projects.iter().find(|project| project.key == issue.project);
            id.map(|project| vec![project.key.clone(), project.id.clone(), project.name.clone()])
                .unwrap_or_default()
        }
        "parent" => {
            let key = issue.parent.clone().unwrap_or_default();
            let id = world.jira.issues.iter().find(|one| one.key == key).map(|one| one.id.to_string());
            id.into_iter().chain([key]).collect()
        }
        "key" | "issuekey" | "issue" | "id" => vec![issue.key.clone(), issue.id.to_string()],
        "status" | "statuscategory" => vec![issue.status.name().to_owned()],
        "assignee" => issue.assignee.iter().cloned().collect(),
        "reporter" | "creator" => vec![issue.reporter.clone()],
        "issuetype" | "type" => vec![super::issue_view::kind_name(issue.kind).to_owned()],
        story::FIELD_LEAVER => issue.leaver.iter().cloned().collect(),
        story::FIELD_NUMBER => issue.employee_number.iter().map(u32::to_string).collect(),
        story::FIELD_SYSTEM => issue.system.iter().map(|name| (*name).to_owned()).collect(),
        _ => Vec::new(),
    }
}
