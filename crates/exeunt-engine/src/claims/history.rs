//! The history of the ticket and of what belongs to it: who moved what, when it was closed, what changed after that.

use std::collections::{BTreeMap, BTreeSet};

use exeunt_model::record::{DocType, Document};
use exeunt_model::{Ref, Timestamp};

use super::lines::ticked;

/// Entries of the history by the document they belong to, oldest first.
#[derive(Default)]
pub(super) struct History<'a> {
    entries: BTreeMap<&'a Ref, Vec<&'a Document>>,
    /// The ids of statuses that count as done, as far as any document tells.
    done: BTreeSet<&'a str>,
}

impl<'a> History<'a> {
    pub fn new(documents: &[&'a Document]) -> Self {
        let mut history = Self::default();
        for document in documents {
            if let Some(status) = document.status.as_ref().filter(|status| status.done) {
                history.done.insert(&status.id);
            }
            if let (DocType::Change, Some(parent)) = (document.doc_type, &document.parent) {
                history.entries.entry(parent).or_default().push(document);
            }
        }
        for entries in history.entries.values_mut() {
            entries.sort_by_key(|entry| (entry.at, &entry.id));
        }
        history
    }

    /// The entries of one document.
    pub fn of(&self, document: &Ref) -> &[&'a Document] {
        self.entries.get(document).map_or(&[], Vec::as_slice)
    }

    /// The entry that last moved a document to the status it has, if its history was read.
    pub fn moved(&self, document: &Document) -> Option<&'a Document> {
        let status = document.status.as_ref()?;
        let moves = self.of(&document.id).iter().rev();
        moves.copied().find(|entry| entry.status.as_ref().is_some_and(|to| to.id == status.id))
    }

    /// The entry that last ticked a line of a field.
    pub fn ticked(&self, document: &Ref, field: &str, line: &str) -> Option<&'a Document> {
        let holds = |entry: &Document, end: &str| {
            let text = entry.fields.get(&format!("{field}.{end}"));
            text.is_some_and(|text| ticked(text).contains(&(true, line)))
        };
        let entries = self.of(document).iter().rev();
        entries.copied().find(|entry| holds(entry, "to_text") && !holds(entry, "from_text"))
    }

    /// When a document was closed, and when it was opened again after that. A resolution closes as a status does: it
    /// can be set without one.
    fn closed(&self, document: &Ref) -> Vec<(Timestamp, Option<Timestamp>)> {
        let (mut spans, mut since) = (Vec::new(), None);
        for entry in self.of(document) {
            let Some(at) = entry.at else { continue };
            let by_status = entry.status.as_ref().map(|status| self.done.contains(status.id.as_str()));
            let by_resolution = entry
                .changed
                .iter()
                .any(|field| field == "resolution")
                .then(|| entry.fields.contains_key("resolution.to"));
            match (by_status.or(by_resolution), since) {
                (Some(true), None) => since = Some(at),
                (Some(false), Some(closed)) => {
                    spans.push((closed, Some(at)));
                    since = None;
                }
                _ => {}
            }
        }
        spans.extend(since.map(|closed| (closed, None)));
        spans
    }

    /// Whether a moment lies in a time when a document was closed. What closed it is not after that.
    pub fn is_closed_at(&self, document: &Ref, at: Timestamp) -> bool {
        self.closed(document)
            .iter()
            .any(|(closed, opened)| *closed < at && opened.is_none_or(|opened| at < opened))
    }

    /// When a comment was changed while what it stands under was closed.
    pub fn comment_edited(&self, comment: &Document) -> Option<Timestamp> {
        let updated: Timestamp = comment.fields.get("updated")?.parse().ok()?;
        let changed = comment.at.is_some_and(|written| written < updated);
        (changed && self.is_closed_at(comment.parent.as_ref()?, updated)).then_some(updated)
    }

    /// Entries that changed one of these fields while the document was closed, with the fields.
    pub fn edited_closed(
        &self,
        document: &Ref,
        counts: impl Fn(&str) -> bool,
    ) -> Vec<(&'a Document, Vec<&'a str>)> {
        let mut edits = Vec::new();
        for entry in self.of(document) {
            let fields: Vec<&str> =
                entry.changed.iter().map(String::as_str).filter(|field| counts(field)).collect();
            if !fields.is_empty() && entry.at.is_some_and(|at| self.is_closed_at(document, at)) {
                edits.push((*entry, fields));
            }
        }
        edits
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::record::Document;
    use serde_json::{Value, json};

    use super::History;

    fn documents(given: Vec<Value>) -> Vec<Document> {
        let ticket = json!({"id": "jira/document/1", "doc_type": "ticket", "status": {"id": "3", "name": "Done", "done": true}});
        let entry = |(n, mut entry): (usize, Value)| {
            entry["id"] = json!(format!("jira/document/c{n}"));
            entry["doc_type"] = json!("change");
            entry["parent"] = json!("jira/document/1");
            entry
        };
        let all = std::iter::once(ticket).chain(given.into_iter().enumerate().map(entry));
        all.map(|document| serde_json::from_value(document).expect("a document")).collect()
    }

    fn edits(given: Vec<Value>) -> usize {
        let documents = documents(given);
        let history = History::new(&documents.iter().collect::<Vec<_>>());
        history.edited_closed(&documents[0].id, |field| field == "summary").len()
    }

    /// What is changed behind a closed ticket is a finding; what was changed while it was open again is work.
    #[test]
    fn only_what_changed_behind_a_closed_ticket_counts() {
        let at = |minute: u8| format!("2026-11-20T18:{minute:02}:00Z");
        let to = |status: &str, minute| json!({"status": {"id": status, "name": status}, "changed": ["status"], "at": at(minute)});
        let summary = |minute| json!({"changed": ["summary"], "at": at(minute)});
        assert_eq!(edits(vec![summary(1), to("3", 2)]), 0, "before");
        assert_eq!(edits(vec![to("3", 2), summary(2)]), 0, "with the closing itself");
        assert_eq!(edits(vec![to("3", 2), summary(3)]), 1, "after");
        assert_eq!(edits(vec![to("3", 2), to("1", 3), summary(4), to("3", 5)]), 0, "while open again");
        assert_eq!(
            edits(vec![to("3", 2), to("1", 3), to("3", 5), summary(6)]),
            1,
            "after the second closing"
        );
        let resolved = json!({"changed": ["resolution"], "fields": {"resolution.to": "1"}, "at": at(2)});
        assert_eq!(edits(vec![resolved.clone(), summary(3)]), 1, "closed by a resolution alone");
        let mut with_more = resolved.clone();
        with_more["changed"] = json!(["assignee", "resolution"]);
        assert_eq!(edits(vec![with_more, summary(3)]), 1, "with something else");
        let unresolved = json!({"changed": ["resolution"], "fields": {"resolution.from": "1"}, "at": at(3)});
        assert_eq!(edits(vec![resolved, unresolved, summary(4)]), 0, "and opened by taking it away");
    }

    /// A box is ticked by whoever ticked it last, not by whoever made the ticket.
    #[test]
    fn who_ticked_a_box_stands_in_the_history() {
        let entry = |from: &str, to: &str| json!({"changed": ["list"], "fields": {"list.from_text": from, "list.to_text": to}, "at": "2026-11-20T18:00:00Z"});
        let documents =
            documents(vec![entry("[ ] a\n[ ] b", "[x] a\n[ ] b"), entry("[x] a\n[ ] b", "[x] a\n[x] b")]);
        let history = History::new(&documents.iter().collect::<Vec<_>>());
        let by = |line| history.ticked(&documents[0].id, "list", line).map(|entry| entry.id.id.as_str());
        assert_eq!((by("a"), by("b"), by("c")), (Some("c0"), Some("c1"), None));
        let made =
            json!({"changed": ["list"], "fields": {"list.to_text": "[x] a"}, "at": "2026-11-20T18:00:00Z"});
        let emptied =
            json!({"changed": ["list"], "fields": {"list.from_text": "[ ] a"}, "at": "2026-11-20T18:30:00Z"});
        let documents = self::documents(vec![made, emptied]);
        let history = History::new(&documents.iter().collect::<Vec<_>>());
        let by = history.ticked(&documents[0].id, "list", "a").map(|entry| entry.id.id.as_str());
        assert_eq!(by, Some("c0"), "made with the box ticked; who emptied the list ticked nothing");
    }
}
