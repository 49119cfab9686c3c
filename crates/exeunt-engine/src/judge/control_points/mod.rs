//! The chain of control: ten points, one file each.

mod account;
pub(crate) mod catch;
mod credential;
pub(crate) mod directory;
mod entitlement;
mod integration;
mod non_human;
mod proof;
pub(crate) mod recheck;
mod shared_secret;
mod trigger;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use exeunt_model::case::{Case, Subject, Workflow};
use exeunt_model::owners::Domain;
use exeunt_model::verdict::{Cite, ControlPoint, Gap, Standing};
use exeunt_model::{State, SystemId, Who};

use crate::claims::{Said, same_person};
use crate::liveness::Scene;
use crate::obligations::Draft;

/// One control point: its place in the chain, and the page of the manual that is its file.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    /// 1 to 10.
    pub number: u8,
    /// Its name.
    pub name: &'static str,
    /// Its domain; none for proof, which belongs to what is unproven.
    pub domain: Option<Domain>,
    /// Public standards it is relevant to. Relevant to, never compliant with.
    pub standards: &'static [&'static str],
    /// The source of its file; the manual is the head of it.
    source: &'static str,
    judge: fn(&Court<'_, '_, '_>) -> Decided,
}

/// All control points, in the order of the chain.
pub const CONTROL_POINTS: [&Point; 10] = [
    &trigger::POINT,
    &directory::POINT,
    &account::POINT,
    &entitlement::POINT,
    &credential::POINT,
    &integration::POINT,
    &non_human::POINT,
    &shared_secret::POINT,
    &proof::POINT,
    &recheck::POINT,
];

/// What a control point comes to.
#[derive(Debug)]
pub(crate) struct Decided {
    pub standing: Standing,
    pub because: Vec<String>,
    /// In order, each once.
    pub evidence: Vec<Arc<Cite>>,
}

impl Decided {
    pub fn new(standing: Standing, because: impl Into<String>) -> Self {
        Self { standing, because: vec![because.into()], evidence: Vec::new() }
    }
}

/// Everything a control point is decided from.
pub(crate) struct Court<'c, 's, 'a> {
    pub scene: &'c Scene<'s, 'a>,
    pub case: &'c Case,
    pub drafts: &'c [Draft<'a>],
    pub waived: &'c BTreeMap<&'c str, String>,
    pub gaps: &'c [Gap],
    pub said: &'c Said<'c>,
    pub workflow: &'c Workflow,
    pub subject: &'c Subject,
    /// The systems in scope.
    pub systems: &'c [&'c SystemId],
}

impl<'a> Court<'_, '_, 'a> {
    /// Whether somebody is the leaver.
    pub fn is_leaver(&self, who: &Who) -> bool {
        self.scene.people.claimed(self.scene.estate, who) == [self.scene.leaver]
    }

    /// Whether somebody is one of those who say that something is done.
    pub fn is_executor(&self, who: &Who) -> bool {
        self.said.executors.iter().any(|executor| same_person(self.scene, who, executor))
    }

    /// The name people know somebody by.
    pub fn name(&self, who: &Who) -> String {
        match who {
            Who::Object(object) => self.scene.estate.name(object).to_owned(),
            other => other.to_string(),
        }
    }

    /// The obligations of one point that no waiver covers.
    pub fn of(&self, point: u8) -> impl Iterator<Item = &Draft<'a>> {
        self.drafts.iter().filter(move |d| d.point == point && !self.waived.contains_key(d.id.as_str()))
    }
}

/// Judges all control points.
pub(crate) fn judge(court: &Court<'_, '_, '_>) -> Vec<ControlPoint> {
    let mut points = Vec::new();
    for point in CONTROL_POINTS {
        let Decided { standing, because, evidence } = (point.judge)(court);
        let name = point.name.to_owned();
        points.push(ControlPoint {
            number: point.number,
            name,
            domain: point.domain,
            standing,
            because,
            evidence,
        });
    }
    points
}

/// The domain of the step that removes what falls to a point.
pub(crate) const fn domain_of(point: u8) -> Domain {
    match point {
        1 | 2 | 10 => Domain::IdentityLifecycle,
        6 | 7 => Domain::IntegrationRevocation,
        _ => Domain::ApplicationEntitlement,
    }
}

/// The common rule of points 3 to 8: failed while something is in a bad state, unknown while something cannot
/// be seen, held when all is well.
pub(crate) fn over(court: &Court<'_, '_, '_>, point: u8, bad: &[State], held: &str) -> Decided {
    let (mut failed, mut unknown, mut fine) = (Vec::new(), Vec::new(), 0_usize);
    let (mut against, mut for_it) = (BTreeSet::new(), BTreeSet::new());
    for draft in court.of(point) {
        let line = format!("{} in {}: {}.", draft.item.name, draft.system, draft.fate.because);
        if bad.contains(&draft.fate.state) {
            failed.push(line);
            against.extend(draft.fate.cites.iter().cloned());
        } else if draft.fate.state == State::Unknown {
            unknown.push(line);
            against.extend(draft.fate.cites.iter().cloned());
        } else {
            fine += 1;
            for_it.extend(draft.fate.cites.iter().cloned());
        }
    }
    let accepted =
        court.drafts.iter().filter(|d| d.point == point && court.waived.contains_key(d.id.as_str())).count();
    let standing = match (failed.is_empty(), unknown.is_empty(), fine) {
        (false, _, _) => Standing::Failed,
        (true, false, _) => Standing::Unknown,
        (true, true, 0) if accepted > 0 => {
            return Decided::new(Standing::Holds, format!("What falls to it is accepted ({accepted})."));
        }
        (true, true, 0) => {
            return Decided::new(Standing::NothingToHold, "Nothing known in this case falls to it.");
        }
        (true, true, _) => {
            let mut because = vec![format!("{held} ({fine}).")];
            if accepted > 0 {
                because.push(format!("{accepted} more are accepted as they are."));
            }
            return Decided { standing: Standing::Holds, because, evidence: for_it.into_iter().collect() };
        }
    };
    let because = if failed.is_empty() { unknown } else { failed };
    Decided { standing, because, evidence: against.into_iter().collect() }
}

/// The manual: one chapter for each control point, made from the heads of their files.
#[must_use]
pub fn manual() -> String {
    let mut pages =
        String::from("# Control points\n\nOne chapter for each step of the chain of removal, in order.\n");
    for point in CONTROL_POINTS {
        pages.extend(["\n## ", &point.number.to_string(), ". ", point.name, "\n\n"]);
        for line in point.source.lines().map_while(|line| line.strip_prefix("//!")) {
            pages.push_str(line.strip_prefix(' ').unwrap_or(line));
            pages.push('\n');
        }
        pages.extend(["\nRelevant to: ", &point.standards.join(", "), ".\n"]);
    }
    pages
}

#[cfg(test)]
mod tests {
    /// A point without a page would be a rule nobody can look up.
    #[test]
    fn every_point_has_its_number_and_its_page() {
        for (place, point) in super::CONTROL_POINTS.iter().enumerate() {
            assert_eq!(usize::from(point.number), place + 1);
            assert!(point.source.starts_with("//! "), "{}", point.name);
            assert!(point.source.contains("Holds when"), "{}", point.name);
        }
        assert!(super::manual().contains("## 5. credential"));
    }
}
