//! What the ticket promises to clear. The scope of a case is what was promised and what is discovered, together.

use std::collections::BTreeSet;

use exeunt_model::SystemId;
use exeunt_model::case::Workflow;
use exeunt_model::record::{DocType, Document};
use exeunt_model::verdict::Finding;

use super::Said;
use super::lines::{cut, entries};
use crate::liveness::Scene;

/// The code of the finding; a case with it is not clear.
const NOT_OBSERVED: &str = "promised_not_observed";

/// What the fields, forms and request type of a ticket promise.
#[derive(Default)]
pub(super) struct Promised {
    /// Systems.
    pub systems: BTreeSet<SystemId>,
    /// Entries of a list of systems that no rule ties to a system.
    pub unmatched: BTreeSet<String>,
}

impl Promised {
    pub fn take(&mut self, document: &Document, workflow: &Workflow) {
        if !matches!(document.doc_type, DocType::Ticket | DocType::Request | DocType::Form) {
            return;
        }
        let lists = workflow.systems_fields.iter().filter_map(|field| document.fields.get(field));
        for entry in lists.flat_map(|text| entries(text)) {
            let lower = entry.to_lowercase();
            let mut rules = workflow
                .claims
                .iter()
                .filter(|rule| rule.system.as_str() == lower || lower.contains(&rule.words.to_lowercase()))
                .map(|rule| rule.system.clone())
                .peekable();
            if rules.peek().is_none() {
                self.unmatched.insert(cut(entry));
            }
            self.systems.extend(rules);
        }
        let asked = ["request_type", "request_type_id"].map(|field| document.fields.get(field));
        for kind in &workflow.request_types {
            if asked.iter().flatten().any(|asked| asked.eq_ignore_ascii_case(&kind.name)) {
                self.systems.extend(kind.systems.iter().cloned());
            }
        }
    }
}

impl Said<'_> {
    /// Every system the ticket speaks of.
    pub(super) fn systems(&self) -> BTreeSet<&SystemId> {
        let claimed = self.spoken.iter().filter_map(|spoken| spoken.claim.system.as_ref());
        claimed.chain(&self.promised.systems).collect()
    }
}

/// Whether nothing was read of a system since the departure.
pub(super) fn is_unobserved(scene: &Scene<'_, '_>, system: &SystemId) -> bool {
    let newest = scene.estate.newest(system);
    newest.is_none_or(|(_, held)| held.snapshot.ended < scene.window.departed)
}

pub(super) fn findings(scene: &Scene<'_, '_>, said: &Said<'_>) -> Vec<Finding> {
    let finding = |says| Finding { code: NOT_OBSERVED.to_owned(), says };
    let unobserved = said.systems().into_iter().filter(|system| is_unobserved(scene, system));
    let unobserved = unobserved.map(|system| {
        let why = if scene.manifest(system).is_some() {
            "which was not read since the departure"
        } else {
            "which is not among the systems that are read"
        };
        finding(format!("The ticket promises to clear {system}, {why}."))
    });
    let unmatched = said.promised.unmatched.iter().map(|entry| {
        finding(format!(
            "The ticket promises to clear \u{201c}{entry}\u{201d}, which is not known to be any system."
        ))
    });
    unobserved.chain(unmatched).collect()
}

/// Whether something was promised that nobody observed: then nothing proves that all of it is done.
pub(crate) fn not_observed(governance: &[Finding]) -> bool {
    governance.iter().any(|finding| finding.code == NOT_OBSERVED)
}
