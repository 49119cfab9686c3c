//! The whole register against the directory: gaps, owners who left, two owners at once.

use std::collections::BTreeSet;

use exeunt_model::Timestamp;
use exeunt_model::owners::{Domain, Object, Owner, Owners};

use super::{Whereabouts, findings, whereabouts};
use crate::CaseError;
use crate::correlate::People;
use crate::estate::Estate;
use crate::inputs::Inputs;
use crate::liveness::Scene;
use crate::resolve::Graph;

/// Something wrong with the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct OwnerFinding {
    /// `owner_missing`, `owner_overlap`, `owner_left`, `deputy_left`, `escalation_left` or `owner_unknown`.
    pub code: &'static str,
    /// One sentence.
    pub says: String,
}

/// What a check of the register comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterCheck {
    /// When the directory was last read whole, as far as people go; none: who left cannot be said.
    pub directory_read: Option<Timestamp>,
    /// What is wrong, in order of code and words.
    pub findings: Vec<OwnerFinding>,
}

/// Checks every entry in force at the time of the inputs. The case, ticket and policy play no part.
///
/// # Errors
/// When a snapshot has no digest, which its types rule out.
pub fn check_owners(inputs: &Inputs<'_>) -> Result<RegisterCheck, CaseError> {
    let owners = Owners::new(inputs.owners);
    let mut found = BTreeSet::new();
    for (domain, system) in
        inputs.in_scope.keys().flat_map(|system| Domain::ALL.map(|domain| (domain, system)))
    {
        if owners.find(domain, system.as_str(), &[], inputs.as_of).is_empty() {
            let says = format!("Nobody owns {} on {system}.", domain.words());
            found.insert(OwnerFinding { code: "owner_missing", says });
        }
    }
    found.extend(overlaps(inputs, &owners));
    let estate = Estate::new(inputs)?;
    let people = People::new(&estate, inputs.directory, inputs.links, inputs.domains);
    let read = estate.newest(inputs.directory).filter(|(_, held)| held.snapshot.is_complete());
    let directory_read = read.map(|(_, held)| held.snapshot.ended);
    if let Some(anybody) = people.persons.keys().next() {
        let graph = Graph::new(&estate, &people, inputs.links);
        // Nobody leaves here, and nothing that was ever read is before a departure.
        let scene =
            Scene::new(&estate, &people, &graph, inputs.policy, anybody, Timestamp::MIN, inputs.as_of);
        found.extend(not_there(&scene, inputs, directory_read.is_some()));
    }
    Ok(RegisterCheck { directory_read, findings: found.into_iter().collect() })
}

fn overlaps<'a>(inputs: &Inputs<'a>, owners: &Owners<'a>) -> Vec<OwnerFinding> {
    let cells = inputs.owners.cells.iter().map(|place| &place.cell);
    let things: BTreeSet<(Domain, &str, Option<&str>)> =
        cells.map(|cell| (cell.domain, cell.system.as_str(), cell.object())).collect();
    let mut found = Vec::new();
    for (domain, system, thing) in things {
        let object = thing.map(|thing| Object { reference: thing.to_owned(), name: thing.to_owned() });
        let answers = owners.find(domain, system, object.as_slice(), inputs.as_of);
        let of = thing.map_or_else(|| system.to_owned(), |thing| format!("{system}, {thing}"));
        let overlap = findings::overlap(domain, &of, &answers);
        found.extend(overlap.map(|finding| OwnerFinding { code: "owner_overlap", says: finding.says }));
    }
    found
}

/// Whether somebody is named by something that should be found: a team alone, or a mere name, need not be.
fn leads_somewhere(owner: &Owner) -> bool {
    owner.people().any(|person| person.email.is_some() || person.identity.is_some() || person.login.is_some())
}

/// Everybody the register names and the directory does not have any more.
fn not_there(scene: &Scene<'_, '_>, inputs: &Inputs<'_>, whole: bool) -> Vec<OwnerFinding> {
    let mut found = Vec::new();
    let mut ask = |code: &'static str, role: &str, owner: &Owner, place: &str| {
        let (code, says) = match whereabouts(scene, None, owner) {
            Whereabouts::Left(says) | Whereabouts::Leaver(says) => (code, says),
            Whereabouts::Unknown if whole && leads_somewhere(owner) => {
                ("owner_unknown", "leads to nobody in the directory".to_owned())
            }
            Whereabouts::Unknown | Whereabouts::Here => return,
        };
        let says = format!("{role} {} ({place}), {says}.", owner.name());
        found.push(OwnerFinding { code, says });
    };
    let in_force = |from: Option<Timestamp>, until: Option<Timestamp>| {
        from.is_none_or(|from| from <= inputs.as_of) && until.is_none_or(|until| inputs.as_of < until)
    };
    for at in inputs.owners.cells.iter().filter(|at| in_force(at.cell.from, at.cell.until)) {
        let place = at.place();
        ask("owner_left", "The owner", &at.cell.owner, &place);
        at.cell.deputies.iter().for_each(|deputy| ask("deputy_left", "The deputy", deputy, &place));
        if let Some(next) = &at.cell.escalation {
            ask("escalation_left", "The next one asked", &next.to, &place);
        }
    }
    for paths in inputs.owners.paths.iter().filter(|paths| in_force(paths.from, paths.until)) {
        for rule in &paths.rules {
            let place = format!("{}:{}", paths.file, rule.line);
            rule.owners.iter().for_each(|owner| ask("owner_left", "The owner", owner, &place));
        }
        if let Some(next) = &paths.escalation {
            ask("escalation_left", "The next one asked", &next.to, &paths.file);
        }
    }
    found
}
