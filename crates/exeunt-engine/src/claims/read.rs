//! The ticket's documents as claims: status, sub-tasks, linked tickets, checklist lines, comments; its approvals; and what
//! it promises.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use exeunt_model::case::{Claim, ClaimSource, Workflow};
use exeunt_model::record::{DocType, Document};
use exeunt_model::verdict::Remark;
use exeunt_model::{Record, Ref, Snapshot, SystemId, Timestamp, Who};

use super::actors::{Actor, name, same_person};
use super::findings::counts_as_edit;
use super::history::History;
use super::lines::{cut, phrases, ticked};
use super::names::Aim;
use super::said::{Approval, Said, Spoken};
use crate::case::subjects;
use crate::clocks::Offset;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// Reads the ticket.
pub(crate) fn read<'a>(
    scene: &Scene<'_, '_>,
    drafts: &[Draft<'_>],
    ticket: Option<&'a Snapshot>,
    workflow: &'a Workflow,
) -> Said<'a> {
    let Some(snapshot) = ticket else { return Said::default() };
    let mut documents: Vec<&Document> = snapshot
        .records()
        .filter_map(|(_, record)| match record {
            Record::Document(document) => Some(&**document),
            _ => None,
        })
        .collect();
    documents.sort_unstable();
    documents.dedup();
    // A ticket that is reached in several ways stands once, as what is closest to the case.
    documents.dedup_by(|later, kept| later.id == kept.id && later.is_issue() && kept.is_issue());
    let receipts = snapshot.reads.iter().map(|read| &read.receipt);
    let mut said = Said {
        whole: snapshot.is_complete(),
        system: Some(&snapshot.system),
        clock: Offset::of(receipts).map(Offset::bound).max(scene.clock(&snapshot.system)),
        history: History::new(&documents),
        ..Said::default()
    };
    let by_id = documents.iter().map(|document| (&document.id, *document)).collect();
    let mut reader = Reader { scene, drafts, workflow, by_id, said: &mut said };
    for document in &documents {
        reader.take(document);
    }
    reader.finish();
    said.documents = documents;
    said
}

struct Reader<'r, 's, 'x, 'd, 'a> {
    scene: &'r Scene<'s, 'x>,
    drafts: &'r [Draft<'d>],
    workflow: &'a Workflow,
    by_id: BTreeMap<&'a Ref, &'a Document>,
    said: &'r mut Said<'a>,
}

/// What a line speaks of that names no system.
#[derive(Clone, Copy)]
enum Otherwise<'t> {
    /// Of something else: it is no claim.
    Nothing,
    /// Of what the part it stands under is about, by that part's title.
    Part(&'t str),
    /// Of the whole case.
    Case,
}

/// One line that may claim something.
struct Line<'a, 't> {
    document: &'a Document,
    source: ClaimSource,
    /// The line, in which systems and objects are looked for.
    text: &'t str,
    /// What the claim keeps of it.
    says: &'t str,
    done: bool,
    by: Actor<'a>,
    at: Option<Timestamp>,
    edited: bool,
}

impl<'a> Reader<'_, '_, '_, '_, 'a> {
    fn take(&mut self, document: &'a Document) {
        let parent = document.parent.as_ref().and_then(|parent| self.by_id.get(parent)).copied();
        let elsewhere = |of: &Document| of.doc_type == DocType::LinkedIssue && !self.hands_over(of);
        if [Some(document), parent].into_iter().flatten().any(elsewhere) {
            return;
        }
        self.said.promised.take(document, self.workflow);
        match document.doc_type {
            DocType::Ticket => {
                self.said.requested = document.at;
                self.said.ticket = Some(document);
                self.status(document);
                self.checklist_field(document);
            }
            DocType::Subtask => self.part(document, ClaimSource::Subtask),
            DocType::LinkedIssue => self.part(document, ClaimSource::LinkedIssue),
            DocType::ChecklistItem => self.box_of(document),
            DocType::Comment => self.comment(document),
            DocType::Approval => self.said.approvals.push(Approval {
                document: &document.id,
                by: document.author.as_ref(),
                decision: document.done,
                at: document.at,
            }),
            DocType::Request | DocType::Form | DocType::Change => {}
        }
    }

    /// The ticket's own status: about the whole case, by whoever moved it there, if the history says.
    fn status(&mut self, ticket: &'a Document) {
        let Some(status) = &ticket.status else { return };
        let (by, at) = self.mover(ticket);
        let edited = self.is_edited(&ticket.id);
        let line = Line {
            document: ticket,
            source: ClaimSource::TicketStatus,
            text: "",
            says: &status.name,
            done: status.done,
            by,
            at,
            edited,
        };
        self.claim(&line, None, Vec::new());
    }

    /// A sub-task or a linked ticket. Who wrote it asked for something; who moved it to its status says that it is done.
    fn part(&mut self, document: &'a Document, source: ClaimSource) {
        let done = document.status.as_ref().is_some_and(|status| status.done) || document.done == Some(true);
        let title = document.title.as_deref().unwrap_or_default();
        let (by, at) = self.mover(document);
        let edited = self.is_edited(&document.id);
        let line = Line { document, source, text: title, says: title, done, by, at, edited };
        self.mapped(&line, Otherwise::Nothing);
    }

    fn checklist_field(&mut self, ticket: &'a Document) {
        let Some(field) = &self.workflow.checklist_field else { return };
        // Most connectors show each line as a document of its own.
        let shown = |document: &&&Document| {
            document.doc_type == DocType::ChecklistItem
                && document.parent.as_ref() == Some(&ticket.id)
                && document.fields.get("field") == Some(field)
        };
        if self.by_id.values().any(|document| shown(&document)) {
            return;
        }
        for (done, text) in ticket.fields.get(field).into_iter().flat_map(|text| ticked(text)) {
            self.boxed(ticket, ticket, field, text, done);
        }
    }

    fn box_of(&mut self, document: &'a Document) {
        let text = document.title.as_deref().or(document.text.as_deref()).unwrap_or_default();
        let of = document.parent.as_ref().and_then(|parent| self.by_id.get(parent)).copied();
        let field = document.fields.get("field").map_or("", String::as_str);
        self.boxed(document, of.unwrap_or(document), field, text, document.done == Some(true));
    }

    /// A line of a checklist: ticked by whom the history says, or the author where the system keeps one for each line.
    fn boxed(&mut self, document: &'a Document, of: &'a Document, field: &str, text: &'a str, done: bool) {
        let entry = self.said.history.ticked(&of.id, field, text).filter(|_| done);
        let own = document.doc_type == DocType::ChecklistItem;
        let (by, at) = match entry {
            Some(entry) => (Actor::of(self.scene, entry), entry.at),
            None if own => (Actor::of(self.scene, document), document.at),
            None => (Actor::default(), None),
        };
        let edited = self.is_edited(&of.id);
        self.mapped(
            &Line { document, source: ClaimSource::Checklist, text, says: text, done, by, at, edited },
            Otherwise::Nothing,
        );
    }

    fn comment(&mut self, document: &'a Document) {
        let text = document.text.as_deref().unwrap_or_default();
        let by = Actor::of(self.scene, document);
        let parent = document.parent.as_ref().and_then(|parent| self.by_id.get(parent)).copied();
        let edited = self.said.history.comment_edited(document).is_some();
        for (line, phrase) in phrases(text, &self.workflow.done_phrases) {
            let part = parent.filter(|parent| parent.doc_type != DocType::Ticket);
            let otherwise = part
                .map_or(Otherwise::Case, |part| Otherwise::Part(part.title.as_deref().unwrap_or_default()));
            let line = Line {
                document,
                source: ClaimSource::Comment,
                text: line,
                says: phrase,
                done: true,
                by: by.clone(),
                at: document.at,
                edited,
            };
            self.mapped(&line, otherwise);
        }
        let on_ticket = parent.is_none_or(|parent| parent.doc_type == DocType::Ticket);
        if on_ticket && by.through.is_none() && !phrases(text, &self.workflow.approval_phrases).is_empty() {
            let approval =
                Approval { document: &document.id, by: by.who, decision: Some(true), at: document.at };
            self.said.approvals.push(approval);
        }
    }

    /// One claim for each system whose words stand in the line, or else what the source speaks of.
    fn mapped(&mut self, line: &Line<'a, '_>, otherwise: Otherwise<'_>) {
        let mut about = self.rules(line.text);
        if about.is_empty() {
            match otherwise {
                Otherwise::Nothing => {}
                Otherwise::Part(title) => about = self.rules(title),
                Otherwise::Case => about.push((None, Vec::new())),
            }
        }
        for (system, kinds) in about {
            self.claim(line, system, kinds);
        }
    }

    fn rules(&self, line: &str) -> Vec<(Option<SystemId>, Vec<exeunt_model::SurvivorKind>)> {
        let lower = line.to_lowercase();
        let rules = self.workflow.claims.iter().filter(|rule| lower.contains(&rule.words.to_lowercase()));
        rules.map(|rule| (Some(rule.system.clone()), rule.kinds.clone())).collect()
    }

    fn claim(
        &mut self,
        line: &Line<'a, '_>,
        system: Option<SystemId>,
        kinds: Vec<exeunt_model::SurvivorKind>,
    ) {
        let executor = line.by.executor();
        if line.done {
            self.said.executors.extend(executor);
        }
        let aim = self.another_leaver(line.document).unwrap_or_else(|| match &system {
            Some(system) => Aim::of(self.scene, self.drafts, system, line.text),
            None => Aim::All,
        });
        let mut remarks = BTreeSet::new();
        if line.by.through.is_some() {
            remarks.insert(Remark::Automation);
        }
        if line.by.forged.is_some() {
            remarks.insert(Remark::ForgedActor);
        }
        if line.edited {
            remarks.insert(Remark::EditedAfterClosing);
        }
        let claim = Claim {
            document: line.document.id.clone(),
            source: line.source,
            says: cut(line.says),
            system,
            kinds,
            names: aim.refs().to_vec(),
            done: line.done,
            by: line.by.who.map(|who| name(self.scene, who)),
            through: line.by.through.clone(),
            at: line.at,
            requested_by: None,
            approved_by: Vec::new(),
        };
        self.said.spoken.push(Spoken {
            claim: Arc::new(claim),
            aim,
            by: executor,
            remarks: remarks.into_iter().collect(),
        });
    }

    /// Whom a part of the ticket, or what stands under it, names as the leaver, where that is somebody else.
    fn another_leaver(&self, document: &'a Document) -> Option<Aim> {
        let mut at = Some(document);
        for _ in 0..4 {
            let document = at?;
            if document.doc_type == DocType::Ticket {
                return None;
            }
            let named = subjects(&[document], self.workflow);
            let people: Vec<&Ref> =
                named.iter().flat_map(|who| self.scene.people.claimed(self.scene.estate, who)).collect();
            if !people.is_empty() && !people.contains(&self.scene.leaver) {
                let objects = named.iter().filter_map(|who| match who {
                    Who::Object(object) => Some(object.clone()),
                    _ => None,
                });
                return Some(Aim::Another(objects.chain(people.into_iter().cloned()).take(1).collect()));
            }
            at = document.parent.as_ref().and_then(|parent| self.by_id.get(parent)).copied();
        }
        None
    }

    /// Whether work was handed over to a linked ticket: by the kind of its link with a document of the case.
    fn hands_over(&self, document: &Document) -> bool {
        let wanted = &self.workflow.links;
        let relation = |from: &Document, to: &Ref| {
            let said = from.fields.get(&format!("link.{}", to.id))?;
            Some(wanted.iter().any(|wanted| said.eq_ignore_ascii_case(wanted)))
        };
        wanted.is_empty()
            || self
                .by_id
                .values()
                .any(|from| from.doc_type != DocType::Change && relation(from, &document.id).unwrap_or(false))
    }

    fn mover(&self, document: &'a Document) -> (Actor<'a>, Option<Timestamp>) {
        let entry = self.said.history.moved(document);
        entry.map_or_else(|| (Actor::default(), None), |entry| (Actor::of(self.scene, entry), entry.at))
    }

    fn is_edited(&self, document: &Ref) -> bool {
        let documents: Vec<&Document> = self.by_id.values().copied().collect();
        let counts = |field: &str| counts_as_edit(self.workflow, &documents, document, field);
        !self.said.history.edited_closed(document, counts).is_empty()
    }

    /// What can be said only when all was read: who asked, and who approved and did it too.
    fn finish(&mut self) {
        let said = &mut *self.said;
        said.approvals.sort_by_key(|approval| (approval.at, approval.document));
        let given: Vec<&Who> = said
            .approvals
            .iter()
            .filter(|approval| approval.decision == Some(true))
            .filter_map(|approval| approval.by)
            .collect();
        let mut approved_by: Vec<String> = given.iter().map(|who| name(self.scene, who)).collect();
        approved_by.sort();
        approved_by.dedup();
        for spoken in &mut said.spoken {
            let own = self.by_id.get(&spoken.claim.document).copied();
            let part = own.filter(|own| matches!(own.doc_type, DocType::Subtask | DocType::LinkedIssue));
            let asked = part.or(said.ticket);
            let by = asked.and_then(|asked| asked.people.get("reporter").or(asked.author.as_ref()));
            let claim = Arc::make_mut(&mut spoken.claim);
            claim.requested_by = by.map(|who| name(self.scene, who));
            claim.approved_by.clone_from(&approved_by);
            let approved = |by: &Who| given.iter().any(|approver| same_person(self.scene, approver, by));
            if spoken.claim.done && spoken.by.is_some_and(approved) {
                spoken.remarks.insert(0, Remark::ApproverIsExecutor);
            }
        }
        said.spoken.sort_by(|a, b| a.claim.cmp(&b.claim));
        said.spoken.dedup_by(|later, kept| later.claim == kept.claim);
    }
}
