//! The register, indexed: who answers for a thing at a time.
//!
//! The most specific entry in force answers: a cell of the thing itself, else the last rule of a CODEOWNERS file that
//! covers it, else the cell of its system, else the default of the domain. Of equally specific ones those of the
//! highest precedence are taken. If they still name different owners, all of them are: nobody is chosen silently.

use std::collections::{BTreeMap, HashMap};

use super::{CellPlace, Domain, Escalation, Owner, OwnerRegister, PathRegister, PathRule, covers};
use crate::{Duration, Timestamp};

/// Something an entry may be about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// Its reference.
    pub reference: String,
    /// The name the system shows for it.
    pub name: String,
}

/// An owner in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The team or person.
    pub owner: &'a Owner,
    /// Who answers when the owner cannot.
    pub deputies: &'a [Owner],
    /// How to reach them.
    pub contact: Option<&'a str>,
    /// How long after departure the removal may take.
    pub deadline: Option<Duration>,
    /// Who is asked next.
    pub escalation: Option<&'a Escalation>,
    /// The file and line that say so.
    pub place: String,
    /// The places of entries about the same thing that a file of higher precedence overrules, with their owners.
    pub overruled: Vec<(&'a Owner, String)>,
    precedence: i32,
}

#[derive(Debug, Default)]
struct OfSystem<'a> {
    whole: Vec<&'a CellPlace>,
    objects: HashMap<&'a str, Vec<&'a CellPlace>>,
    paths: Vec<&'a PathRegister>,
}

/// A register that can be asked.
#[derive(Debug)]
pub struct Owners<'a> {
    systems: BTreeMap<(Domain, &'a str), OfSystem<'a>>,
}

impl<'a> Owners<'a> {
    /// Indexes a register.
    #[must_use]
    pub fn new(register: &'a OwnerRegister) -> Self {
        let mut systems: BTreeMap<(Domain, &'a str), OfSystem<'a>> = BTreeMap::new();
        for place in &register.cells {
            let of = systems.entry((place.cell.domain, &place.cell.system)).or_default();
            match place.cell.object() {
                Some(object) => of.objects.entry(object).or_default().push(place),
                None => of.whole.push(place),
            }
        }
        for paths in &register.paths {
            for domain in &paths.domains {
                systems.entry((*domain, paths.system.as_str())).or_default().paths.push(paths);
            }
        }
        Self { systems }
    }

    /// Who answers for `domain` on `system` at `at`, given the things it is about, closest first. None: nobody. More
    /// than one: entries that name different owners for the same thing at the same time.
    #[must_use]
    pub fn find(&self, domain: Domain, system: &str, objects: &[Object], at: Timestamp) -> Vec<Answer<'a>> {
        if let Some(of) = self.systems.get(&(domain, system)) {
            for object in objects {
                let keys = [object.reference.as_str(), object.name.as_str()];
                let named = keys.iter().take(if keys[0] == keys[1] { 1 } else { 2 });
                let cells = named.filter_map(|key| of.objects.get(key)).flatten();
                let found = best(cells.filter_map(|place| of_cell(place, at)).collect());
                if !found.is_empty() {
                    return found;
                }
                let found = best(of.paths.iter().flat_map(|paths| of_paths(paths, object, at)).collect());
                if !found.is_empty() {
                    return found;
                }
            }
            let found = best(of.whole.iter().filter_map(|place| of_cell(place, at)).collect());
            if !found.is_empty() {
                return found;
            }
        }
        let default = self.systems.get(&(domain, "*"));
        best(default.into_iter().flat_map(|of| &of.whole).filter_map(|place| of_cell(place, at)).collect())
    }
}

fn in_force(from: Option<Timestamp>, until: Option<Timestamp>, at: Timestamp) -> bool {
    from.is_none_or(|from| from <= at) && until.is_none_or(|until| at < until)
}

fn of_cell(place: &CellPlace, at: Timestamp) -> Option<Answer<'_>> {
    let cell = &place.cell;
    in_force(cell.from, cell.until, at).then(|| Answer {
        owner: &cell.owner,
        deputies: &cell.deputies,
        contact: cell.contact.as_deref(),
        deadline: cell.deadline,
        escalation: cell.escalation.as_ref(),
        place: place.place(),
        overruled: Vec::new(),
        precedence: place.precedence,
    })
}

/// The last rule that covers the object, of each section; optional sections only where no other speaks of it.
fn of_paths<'a>(paths: &'a PathRegister, object: &Object, at: Timestamp) -> Vec<Answer<'a>> {
    let Some(path) = path_in(paths, &object.name) else { return Vec::new() };
    if !in_force(paths.from, paths.until, at) {
        return Vec::new();
    }
    let mut last: BTreeMap<&str, Option<&PathRule>> = BTreeMap::new();
    for rule in paths.rules.iter().filter(|rule| covers(&rule.pattern, path)) {
        let section = last.entry(&rule.section).or_insert(Some(rule));
        // What was taken out of a section does not come back in it.
        *section = if rule.excludes { None } else { section.map(|_| rule) };
    }
    let owned = || last.values().flatten().filter(|rule| !rule.owners.is_empty());
    let required = owned().any(|rule| !rule.optional);
    let rules = owned().filter(|rule| !required || !rule.optional);
    let answers = rules.filter_map(|rule| {
        let (owner, deputies) = rule.owners.split_first()?;
        Some(Answer {
            owner,
            deputies,
            contact: None,
            deadline: paths.deadline,
            escalation: paths.escalation.as_ref(),
            place: format!("{}:{}", paths.file, rule.line),
            overruled: Vec::new(),
            precedence: paths.precedence,
        })
    });
    answers.collect()
}

/// The path of an object in the file's repository; the root for the repository itself.
fn path_in<'n>(paths: &PathRegister, name: &'n str) -> Option<&'n str> {
    let Some(repository) = &paths.repository else { return Some(name) };
    let (head, rest) = name.split_at_checked(repository.len())?;
    if !head.eq_ignore_ascii_case(repository) {
        return None;
    }
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// Those of the highest precedence, one for each owner: of two entries for one owner the shorter deadline counts.
fn best(mut answers: Vec<Answer<'_>>) -> Vec<Answer<'_>> {
    let Some(highest) = answers.iter().map(|answer| answer.precedence).max() else { return answers };
    let strict = |answer: &Answer<'_>| answer.deadline.unwrap_or(Duration::MAX);
    answers.sort_by(|a, b| (strict(a), a.owner, &a.place).cmp(&(strict(b), b.owner, &b.place)));
    let mut kept: Vec<Answer<'_>> = Vec::new();
    let mut overruled: Vec<(&Owner, String)> = Vec::new();
    for answer in answers {
        if answer.precedence < highest {
            overruled.push((answer.owner, answer.place));
        } else if !kept.iter().any(|known| known.owner.is_same(answer.owner)) {
            kept.push(answer);
        }
    }
    kept.sort_by(|a, b| (a.owner, &a.place).cmp(&(b.owner, &b.place)));
    overruled.retain(|(owner, _)| kept.iter().all(|answer| !answer.owner.is_same(owner)));
    for answer in &mut kept {
        answer.overruled.clone_from(&overruled);
    }
    kept
}

#[cfg(test)]
#[path = "index_tests.rs"]
mod tests;
