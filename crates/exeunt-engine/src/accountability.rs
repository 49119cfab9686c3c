//! Who answers: the owner of the domain of the step that failed, and of an earlier step that failed as well.

use exeunt_model::Timestamp;
use exeunt_model::owners::{Domain, OwnerCell, OwnerRegister};
use exeunt_model::verdict::{Accountable, ControlPoint, Finding, Standing};
use exeunt_model::{Ref, State, SystemId};

use crate::correlate::People;
use crate::estate::Estate;
use crate::judge::control_points::domain_of;
use crate::liveness::{Holder, Scene};
use crate::obligations::{Draft, is_open};

/// The register at the time of the departure, which is when the removal fell due.
pub(crate) struct Register<'a> {
    pub owners: &'a OwnerRegister,
    pub at: Timestamp,
}

impl<'a> Register<'a> {
    /// The cell that answers: of the closest resource that has one of its own, else of the system.
    pub fn cell(&self, domain: Domain, system: &SystemId, resources: &[String]) -> Option<&'a OwnerCell> {
        let find = |resource| self.owners.at(domain, system.as_str(), resource, self.at);
        let own = resources.iter().filter_map(|r| find(Some(r))).find(|cell| cell.resource.is_some());
        own.or_else(|| find(None))
    }
}

/// The control point that failed first for an obligation: the proof where nothing is known, else the step that
/// removes such things. None when it is gone.
pub(crate) fn broke_at(draft: &Draft<'_>, state: State) -> Option<u8> {
    match state {
        State::Gone => None,
        State::Unknown | State::Unknowable => Some(9),
        State::Live | State::Latent | State::Waived => Some(draft.point),
    }
}

/// The steps that the whole case shares: the request and the directory. A failure of the others is another
/// obligation's, with a line and an owner of its own.
const SHARED: [u8; 2] = [1, 2];

/// Who answers for an obligation, given the standing of the steps before it.
pub(crate) fn accountable(
    register: &Register<'_>,
    draft: &Draft<'_>,
    earlier: &[ControlPoint],
    directory: &SystemId,
) -> Vec<Accountable> {
    if !is_open(draft.fate.state) {
        return Vec::new();
    }
    let domain = domain_of(draft.point);
    let mut all = vec![named(
        domain,
        register.cell(domain, &draft.system, &draft.resources),
        match draft.fate.state {
            State::Unknown | State::Unknowable => format!("It is not proven gone: {}.", draft.fate.because),
            _ => format!("{}.", draft.fate.because),
        },
    )];
    let shared = |point: &&ControlPoint| {
        SHARED.contains(&point.number) && point.number < draft.point && point.standing == Standing::Failed
    };
    for point in earlier.iter().filter(shared) {
        let why = format!(
            "Control point {} ({}) failed as well: {}",
            point.number,
            point.name,
            point.because.join(" ")
        );
        let cell = register.cell(Domain::IdentityLifecycle, directory, &[]);
        all.push(named(Domain::IdentityLifecycle, cell, why));
    }
    all
}

fn named(domain: Domain, cell: Option<&OwnerCell>, why: String) -> Accountable {
    Accountable {
        domain,
        owner: cell.map(|cell| cell.owner.clone()),
        contact: cell.and_then(|cell| cell.contact.clone()),
        why,
    }
}

/// Cells that name nobody, the leaver, or somebody who has left, for what this case needs an owner for.
pub(crate) fn findings(scene: &Scene<'_, '_>, register: &Register<'_>, drafts: &[Draft<'_>]) -> Vec<Finding> {
    let directory = scene.people.directory;
    let mut needed = vec![(Domain::IdentityLifecycle, directory.clone(), Vec::new())];
    needed.extend(drafts.iter().map(|d| (domain_of(d.point), d.system.clone(), d.resources.clone())));
    needed.sort();
    needed.dedup();
    let mut findings: Vec<Finding> = Vec::new();
    for (domain, system, resources) in needed {
        let finding = match register.cell(domain, &system, &resources) {
            None => Some(("owner_missing", format!("Nobody owns {} on {system}.", domain.as_str()))),
            Some(cell) => owner_problem(scene, cell).map(|(code, says)| {
                (code, format!("The owner of {} on {system}, {}, {says}.", domain.as_str(), cell.owner))
            }),
        };
        findings.extend(finding.map(|(code, says)| Finding { code: code.to_owned(), says }));
    }
    findings.sort();
    findings.dedup();
    findings
}

fn owner_problem(scene: &Scene<'_, '_>, cell: &OwnerCell) -> Option<(&'static str, &'static str)> {
    let owner = scene.people.by_address(cell.email.as_deref()?)?;
    if owner == scene.leaver {
        return Some(("owner_is_leaver", "is the leaver"));
    }
    has_left(scene.estate, scene.people, owner, scene).then_some(("owner_has_left", "has left as well"))
}

/// Whether the directory says that somebody has left or that none of their accounts there is usable.
fn has_left(estate: &Estate<'_>, people: &People<'_>, person: &Ref, scene: &Scene<'_, '_>) -> bool {
    let stated = estate.identity(person).and_then(|identity| identity.departed);
    if stated.is_some_and(|departed| departed <= scene.as_of) {
        return true;
    }
    let mut accounts = people
        .accounts_of
        .get(person)
        .into_iter()
        .flatten()
        .filter(|a| a.system == *people.directory)
        .peekable();
    accounts.peek().is_some()
        && accounts.all(|a| matches!(scene.holder(a), Holder::Blocked(_) | Holder::Gone(_)))
}
