//! The ticket's documents as claims: status, sub-tasks, checklist lines, comments; and its approvals.

use exeunt_model::Who;
use exeunt_model::case::{Claim, ClaimSource, Workflow};
use exeunt_model::record::{DocType, Document};
use exeunt_model::{Record, Ref, Snapshot, Timestamp};

/// An approval and its decision.
pub(crate) struct Approval<'a> {
    pub document: &'a Ref,
    pub by: Option<&'a Who>,
    /// Approved, declined, or not decided.
    pub decision: Option<bool>,
    pub at: Option<Timestamp>,
}

/// Everything the ticket says.
#[derive(Default)]
pub(crate) struct Said<'a> {
    pub claims: Vec<Claim>,
    pub approvals: Vec<Approval<'a>>,
    /// Who said that something is done.
    pub executors: Vec<&'a Who>,
    /// When the removal was asked for.
    pub requested: Option<Timestamp>,
    /// The ticket itself.
    pub ticket: Option<&'a Document>,
    /// Whether all of it was read.
    pub whole: bool,
}

/// As much of a line as a claim keeps.
const LINE: usize = 120;

/// Reads the ticket.
pub(crate) fn read<'a>(ticket: Option<&'a Snapshot>, workflow: &Workflow) -> Said<'a> {
    let Some(snapshot) = ticket else { return Said::default() };
    let mut documents: Vec<&Document> = snapshot
        .records()
        .filter_map(|(_, record)| match record {
            Record::Document(document) => Some(document),
            _ => None,
        })
        .collect();
    documents.sort_unstable();
    documents.dedup();
    let mut said = Said { whole: snapshot.is_complete(), ..Said::default() };
    for document in &documents {
        said.take(document, &documents, workflow);
    }
    said.claims.sort();
    said.claims.dedup();
    said.approvals.sort_by_key(|approval| (approval.at, approval.document));
    said
}

impl<'a> Said<'a> {
    fn take(&mut self, document: &'a Document, all: &[&'a Document], workflow: &Workflow) {
        match document.doc_type {
            DocType::Ticket => {
                self.requested = document.at;
                self.ticket = Some(document);
                self.status(document, all);
                let field = workflow.checklist_field.as_ref().and_then(|field| document.fields.get(field));
                for (done, line) in field.into_iter().flat_map(|text| ticked(text)) {
                    let said = (line, document.author.as_ref(), document.at);
                    self.mapped(document, ClaimSource::Checklist, line, said, done, workflow, false);
                }
            }
            DocType::Subtask => {
                let done =
                    document.status.as_ref().is_some_and(|status| status.done) || document.done == Some(true);
                let title = document.title.as_deref().unwrap_or_default();
                // Who wrote the sub-task asked for something; who moved it to its status says that it is done.
                let (by, at) = moved(document, all);
                self.mapped(document, ClaimSource::Subtask, title, (title, by, at), done, workflow, false);
            }
            DocType::ChecklistItem => {
                let line = document.title.as_deref().or(document.text.as_deref()).unwrap_or_default();
                let said = (line, document.author.as_ref(), document.at);
                let done = document.done == Some(true);
                self.mapped(document, ClaimSource::Checklist, line, said, done, workflow, false);
            }
            DocType::Comment => {
                for (line, phrase) in phrases(document.text.as_deref().unwrap_or_default(), workflow) {
                    let said = (phrase, document.author.as_ref(), document.at);
                    self.mapped(document, ClaimSource::Comment, line, said, true, workflow, true);
                }
            }
            DocType::Approval => self.approvals.push(Approval {
                document: &document.id,
                by: document.author.as_ref(),
                decision: document.done,
                at: document.at,
            }),
            DocType::Change => {}
        }
    }

    /// The ticket's own status: about the whole case, by whoever moved it there, if the history says.
    fn status(&mut self, ticket: &'a Document, all: &[&'a Document]) {
        let Some(status) = &ticket.status else { return };
        let (by, at) = moved(ticket, all);
        if status.done {
            self.executors.extend(by);
        }
        self.claims.push(Claim {
            document: ticket.id.clone(),
            source: ClaimSource::TicketStatus,
            says: cut(&status.name),
            system: None,
            kinds: Vec::new(),
            done: status.done,
            by: by.map(ToString::to_string),
            at,
        });
    }

    /// One claim for each system whose words stand in the line. Without any, a line about something else is
    /// no claim, but a comment that says all is done speaks of the whole case.
    #[expect(clippy::too_many_arguments, reason = "the parts of one claim, used in this file alone")]
    fn mapped(
        &mut self,
        document: &'a Document,
        source: ClaimSource,
        line: &str,
        (says, by, at): (&str, Option<&'a Who>, Option<Timestamp>),
        done: bool,
        workflow: &Workflow,
        whole_otherwise: bool,
    ) {
        let lower = line.to_lowercase();
        let rules = workflow.claims.iter().filter(|rule| lower.contains(&rule.words.to_lowercase()));
        let mut about: Vec<_> = rules.map(|rule| (Some(rule.system.clone()), rule.kinds.clone())).collect();
        if about.is_empty() && whole_otherwise {
            about.push((None, Vec::new()));
        }
        if done && !about.is_empty() {
            self.executors.extend(by);
        }
        self.claims.extend(about.into_iter().map(|(system, kinds)| Claim {
            document: document.id.clone(),
            source,
            says: cut(says),
            system,
            kinds,
            done,
            by: by.map(ToString::to_string),
            at,
        }));
    }
}

/// Who last moved a document to the status it has, and when, if its history was read.
fn moved<'a>(document: &Document, all: &[&'a Document]) -> (Option<&'a Who>, Option<Timestamp>) {
    let Some(status) = &document.status else { return (None, None) };
    let change = all
        .iter()
        .filter(|d| d.doc_type == DocType::Change && d.parent.as_ref() == Some(&document.id))
        .filter(|d| d.status.as_ref().is_some_and(|s| s.id == status.id))
        .max_by_key(|d| d.at);
    (change.and_then(|c| c.author.as_ref()), change.and_then(|c| c.at))
}

/// Lines that begin with `[x]` or `[ ]`.
fn ticked(text: &str) -> Vec<(bool, &str)> {
    text.lines()
        .filter_map(|line| {
            let line = line.trim().trim_start_matches(['-', '*']).trim();
            let done = line.strip_prefix("[x]").or_else(|| line.strip_prefix("[X]"));
            done.map(|rest| (true, rest.trim()))
                .or_else(|| line.strip_prefix("[ ]").map(|rest| (false, rest.trim())))
        })
        .collect()
}

/// The lines of a comment that hold a configured phrase, with the phrase. Nothing else of the text is kept.
fn phrases<'t>(text: &'t str, workflow: &'t Workflow) -> Vec<(&'t str, &'t str)> {
    let mut found = Vec::new();
    for line in text.lines() {
        let lower = line.to_lowercase();
        let phrase = workflow.done_phrases.iter().find(|phrase| lower.contains(&phrase.to_lowercase()));
        found.extend(phrase.map(|phrase| (line, phrase.as_str())));
    }
    found
}

fn cut(text: &str) -> String {
    text.chars().take(LINE).collect()
}
