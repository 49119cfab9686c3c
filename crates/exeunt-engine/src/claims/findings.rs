//! What is wrong with the claims as such, and with the ticket they stand in.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::SystemId;
use exeunt_model::case::Workflow;
use exeunt_model::record::{DocType, Document};
use exeunt_model::verdict::Finding;
use exeunt_model::{Noun, Ref, Timestamp};

use super::Said;
use super::actors::{Actor, name};
use super::lines::cut;
use super::names::Aim;
use super::promised::{self, is_unobserved};
use crate::estate::at;
use crate::liveness::Scene;
use crate::obligations::{Draft, is_open};

/// Everything that is wrong with what the ticket says.
pub(crate) fn findings(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    workflow: &Workflow,
    drafts: &[Draft<'_>],
    waived: &BTreeMap<&str, String>,
) -> Vec<Finding> {
    if said.ticket.is_none() {
        return Vec::new();
    }
    let mut findings = scope(scene, said, drafts, waived);
    findings.extend(promised::findings(scene, said));
    findings.extend(aims(scene, said));
    findings.extend(actors(scene, said));
    findings.extend(edits(scene, said, workflow));
    findings.extend(links(said, workflow));
    findings
}

fn finding(code: &str, says: String) -> Finding {
    Finding { code: code.to_owned(), says }
}

/// What was found and never promised, and what was promised where nothing is.
fn scope(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    drafts: &[Draft<'_>],
    waived: &BTreeMap<&str, String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let spoken = said.systems();
    let known: BTreeSet<&SystemId> = drafts.iter().map(|draft| &draft.system).collect();
    let open: BTreeSet<&SystemId> = drafts
        .iter()
        .filter(|d| is_open(d.fate.state) && !waived.contains_key(d.id.as_str()))
        .map(|d| &d.system)
        .collect();
    for system in open.difference(&spoken) {
        findings.push(finding(
            "never_claimed",
            format!("No line of the ticket speaks of {system}, where something is left."),
        ));
    }
    for system in spoken.difference(&known).filter(|system| !is_unobserved(scene, system)) {
        let mut claims = said.spoken.iter().map(|spoken| &spoken.claim);
        let line = claims.find(|claim| claim.system.as_ref() == Some(*system));
        let says = line.map_or_else(String::new, |claim| format!(" (\u{201c}{}\u{201d})", claim.says));
        findings.push(finding(
            "claim_without_object",
            format!("The ticket speaks of {system}{says}, where nothing of the leaver's is known."),
        ));
    }
    findings
}

/// Claims about somebody else's things.
fn aims(scene: &Scene<'_, '_>, said: &Said<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for spoken in said.spoken.iter().filter(|spoken| spoken.claim.done) {
        let Aim::Another(things) = &spoken.aim else { continue };
        let names: Vec<&str> = things.iter().map(|thing| scene.estate.name(thing)).collect();
        let system = spoken.claim.system.as_ref().map_or_else(String::new, |system| format!(" in {system}"));
        findings.push(finding(
            "wrong_object",
            format!(
                "\u{201c}{}\u{201d} was done to {}{system}, which is not the leaver's.",
                spoken.claim.says,
                names.join(", ")
            ),
        ));
    }
    findings
}

/// Entries of the history that show somebody else than their author, and rules that acted as a person.
fn actors(scene: &Scene<'_, '_>, said: &Said<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for entry in said.documents.iter().filter(|document| document.doc_type == DocType::Change) {
        let actor = Actor::of(scene, entry);
        let author = actor.who.map_or_else(|| "nobody known".to_owned(), |who| name(scene, who));
        let of = entry.parent.as_ref().map_or_else(String::new, |parent| key(said, parent));
        let when = entry.at.map_or_else(String::new, |time| format!(" at {}", at(time)));
        if let Some(stated) = actor.forged {
            // An account id says nothing to people.
            let account = said.system.and_then(|system| Ref::new(system.clone(), Noun::Account, stated).ok());
            let stated = cut(account.as_ref().map_or(stated, |account| scene.estate.name(account)));
            findings.push(finding(
                "forged_actor",
                format!("The history of {of} shows {stated} as the actor{when}; its author is {author}, who counts."),
            ));
        }
        if let (true, Some(rule)) = (actor.as_person, actor.through) {
            findings.push(finding(
                "automation_as_person",
                format!("The {rule} changed {of}{when} as {author}; the rule did it, and no person looked."),
            ));
        }
    }
    findings
}

/// What was changed behind a closed ticket.
fn edits(scene: &Scene<'_, '_>, said: &Said<'_>, workflow: &Workflow) -> Vec<Finding> {
    let mut findings = Vec::new();
    let who = |entry: &Document| {
        let actor = Actor::of(scene, entry);
        actor
            .through
            .or_else(|| actor.who.map(|who| name(scene, who)))
            .unwrap_or_else(|| "somebody".to_owned())
    };
    let when = |time: Option<Timestamp>| time.map_or_else(String::new, |time| format!(" at {}", at(time)));
    let claims: BTreeSet<&Ref> = said.spoken.iter().map(|spoken| &spoken.claim.document).collect();
    for document in &said.documents {
        match document.doc_type {
            DocType::Ticket | DocType::Subtask | DocType::LinkedIssue
                if document.doc_type == DocType::Ticket || claims.contains(&document.id) =>
            {
                let counts = |field: &str| counts_as_edit(workflow, &said.documents, &document.id, field);
                for (entry, fields) in said.history.edited_closed(&document.id, counts) {
                    findings.push(finding(
                        "ticket_edited_after_closing",
                        format!(
                            "{} changed {} of {} after it was closed{}.",
                            who(entry),
                            fields.join(", "),
                            key(said, &document.id),
                            when(entry.at)
                        ),
                    ));
                }
                for (entry, _) in said.history.edited_closed(&document.id, is_comment) {
                    findings.push(finding(
                        "comment_deleted_after_closing",
                        format!(
                            "{} removed or changed a comment of {} after it was closed{}.",
                            who(entry),
                            key(said, &document.id),
                            when(entry.at)
                        ),
                    ));
                }
            }
            DocType::Comment => {
                let Some(edited) = said.history.comment_edited(document) else { continue };
                let by = document.people.get("updateAuthor").or(document.author.as_ref());
                let by = by.map_or_else(|| "somebody".to_owned(), |by| name(scene, by));
                let of = document.parent.as_ref().map_or_else(String::new, |parent| key(said, parent));
                findings.push(finding(
                    "comment_edited_after_closing",
                    format!("{by} changed a comment of {of} after it was closed, at {}.", at(edited)),
                ));
            }
            _ => {}
        }
    }
    findings
}

/// Linked tickets that were not shown to us, or are too far to follow.
fn links(said: &Said<'_>, workflow: &Workflow) -> Vec<Finding> {
    let shown = |id: &Ref| said.documents.iter().any(|document| document.id == *id && document.is_issue());
    let mut findings = Vec::new();
    for document in said.documents.iter().filter(|document| document.is_issue()) {
        let field =
            |link: &Ref, of: &str| document.fields.get(&format!("link.{}{of}", link.id)).map(String::as_str);
        let counts = |link: &&Ref| {
            let how = field(link, "").unwrap_or_default();
            workflow.links.is_empty() || workflow.links.iter().any(|wanted| wanted.eq_ignore_ascii_case(how))
        };
        let missing: Vec<String> = document
            .links
            .iter()
            .filter(|link| !shown(link))
            .filter(counts)
            .map(|link| {
                let how = field(link, "").unwrap_or("is linked to");
                format!("{how} {}", field(link, ".key").unwrap_or(&link.id))
            })
            .collect();
        if !missing.is_empty() {
            findings.push(finding(
                "linked_issue_not_read",
                format!(
                    "{} {}; what is said there was not read: it is too far from the ticket, or the reader may not see it.",
                    key(said, &document.id),
                    missing.join(", ")
                ),
            ));
        }
    }
    findings
}

/// The key people know a document by.
fn key(said: &Said<'_>, id: &Ref) -> String {
    let document = said.documents.iter().find(|document| document.id == *id);
    document.and_then(|document| document.key.clone()).unwrap_or_else(|| id.to_string())
}

fn is_comment(field: &str) -> bool {
    field.eq_ignore_ascii_case("comment")
}

/// Whether a change of a field changes what is claimed: whom the ticket is about, when they leave, what is to be done, or
/// which boxes are ticked.
pub(super) fn counts_as_edit(
    workflow: &Workflow,
    documents: &[&Document],
    document: &Ref,
    field: &str,
) -> bool {
    const ALWAYS: [&str; 10] = [
        "summary",
        "description",
        "issuetype",
        "project",
        "key",
        "link",
        "issuelinks",
        "parent",
        "attachment",
        "duedate",
    ];
    let named = [
        &workflow.subject_field,
        &workflow.employee_number_field,
        &workflow.email_field,
        &workflow.departure_field,
        &workflow.checklist_field,
    ];
    let listed = |other: &String| other == field;
    let holds_boxes = |other: &&Document| {
        other.doc_type == DocType::ChecklistItem
            && other.parent.as_ref() == Some(document)
            && other.fields.get("field").is_some_and(listed)
    };
    ALWAYS.iter().any(|always| always.eq_ignore_ascii_case(field))
        || named.into_iter().flatten().chain(&workflow.systems_fields).any(listed)
        || documents.iter().any(holds_boxes)
}
