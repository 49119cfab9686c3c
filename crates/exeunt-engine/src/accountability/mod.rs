//! Who answers: the owner of the domain of the step that failed, and of an earlier step that failed as well.
//!
//! What the register says moves no state: it is asked after everything is judged.

mod check;
mod findings;
mod register;
mod standing;

use exeunt_model::owners::{Answer, Domain, Owner};
use exeunt_model::verdict::{
    Accountable, Acting, ActingAs, CaughtBy, ControlPoint, EscalationStep, OwnerNow, Standing,
};
use exeunt_model::{Duration, Ref, State, SystemId, Text};

use crate::judge::control_points::{catch, directory, domain_of};
use crate::judge::deadline::by_policy;
use crate::liveness::Scene;
use crate::obligations::Draft;

pub use check::{OwnerFinding, RegisterCheck, check_owners};
pub(crate) use findings::findings;
pub(crate) use register::{Indexed, Register};
use standing::{Whereabouts, whereabouts};

/// The control point that failed first for an obligation: the proof where nothing is known, else the step that
/// removes such things. None when it is gone, or when all that the step asks for is done: an account is blocked, and the
/// directory's was so in time.
pub(crate) fn broke_at(scene: &Scene<'_, '_>, draft: &Draft<'_>) -> Option<u8> {
    match (draft.fate.state, draft.point) {
        (State::Gone, _) | (State::Latent, 3) => None,
        (State::Unknown | State::Unknowable, _) => Some(9),
        (State::Latent, 2) => directory::late(scene, draft).map(|_| 2),
        (State::Live | State::Latent | State::Waived, point) => Some(point),
    }
}

/// The steps that the whole case shares: the request and the directory. A failure of the others is another
/// obligation's, with a line and an owner of its own.
const SHARED: [u8; 2] = [1, 2];

/// The shared steps that failed as well, before an obligation's own.
fn failed_earlier<'p>(
    draft: &Draft<'_>,
    points: &'p [ControlPoint],
) -> impl Iterator<Item = &'p ControlPoint> {
    let own = draft.point;
    points.iter().filter(move |point| {
        SHARED.contains(&point.number) && point.number < own && point.standing == Standing::Failed
    })
}

/// The other controls that would have caught an obligation, while it is open.
pub(crate) fn caught_by(scene: &Scene<'_, '_>, draft: &Draft<'_>, points: &[ControlPoint]) -> Vec<CaughtBy> {
    let Some(point) = broke_at(scene, draft) else { return Vec::new() };
    let earlier: Vec<&ControlPoint> = failed_earlier(draft, points).collect();
    catch::caught_by(scene, draft, point, &earlier)
}

/// What somebody is asked to answer for.
struct Matter<'m> {
    domain: Domain,
    point: u8,
    system: &'m SystemId,
    resources: &'m [&'m Ref],
    /// How long after the departure policy allows.
    within: Option<Duration>,
    why: String,
}

/// Who answers for an obligation, given the standing of the steps before it.
pub(crate) fn accountable(
    scene: &Scene<'_, '_>,
    register: &Register<'_, '_>,
    draft: &Draft<'_>,
    points: &[ControlPoint],
) -> Vec<Accountable> {
    if draft.fate.state == State::Gone {
        return Vec::new();
    }
    // What sleeps is the step's owner's to remove, or to have accepted, though no step failed.
    let point = broke_at(scene, draft).unwrap_or(draft.point);
    let why = match draft.fate.state {
        State::Unknown | State::Unknowable => format!("It is not proven gone: {}.", draft.fate.because),
        _ => format!("{}.", draft.fate.because),
    };
    let own = Matter {
        domain: domain_of(draft.point),
        point,
        system: &draft.system,
        resources: &draft.resources,
        within: by_policy(scene.policy, draft.point, draft.privileged),
        why,
    };
    let mut all = named(scene, register, &own);
    for point in failed_earlier(draft, points) {
        let why = format!(
            "Control point {} ({}) failed as well: {}",
            point.number,
            point.name,
            point.because.join(" ")
        );
        let shared = Matter {
            domain: Domain::IdentityLifecycle,
            point: point.number,
            system: scene.people.directory,
            resources: &[],
            within: None,
            why,
        };
        all.extend(named(scene, register, &shared));
    }
    all
}

/// The owners of one matter: none is one entry that says so, and of two nobody is chosen.
fn named(scene: &Scene<'_, '_>, register: &Register<'_, '_>, matter: &Matter<'_>) -> Vec<Accountable> {
    let then = register.answers(matter.domain, matter.system, matter.resources);
    let now = register.answers_at(matter.domain, matter.system, matter.resources, scene.as_of);
    if then.is_empty() {
        return vec![nobody(matter, now.iter().map(owner_now).collect())];
    }
    then.iter().map(|answer| one(scene, register, matter, answer, &then, &now)).collect()
}

fn nobody(matter: &Matter<'_>, now: Vec<OwnerNow>) -> Accountable {
    Accountable {
        domain: matter.domain,
        control_point: matter.point,
        owner: None,
        kind: None,
        contact: None,
        register: None,
        why: matter.why.as_str().into(),
        due: None,
        overdue: None,
        escalation: None,
        acting: None,
        now,
    }
}

fn one(
    scene: &Scene<'_, '_>,
    register: &Register<'_, '_>,
    matter: &Matter<'_>,
    answer: &Answer<'_>,
    then: &[Answer<'_>],
    now: &[Answer<'_>],
) -> Accountable {
    let still = now.iter().any(|other| other.owner.is_same(answer.owner));
    let within = answer.deadline.into_iter().chain(matter.within).min();
    let due = within.and_then(|within| register.at.checked_add(within).ok());
    let escalation = answer.escalation.map(|next| {
        let from = due.and_then(|due| due.checked_add(next.after).ok());
        let (to, contact) = (next.to.name().into(), next.contact.as_deref().map(Text::from));
        EscalationStep { to, contact, from, due: from.is_some_and(|from| from <= scene.as_of) }
    });
    Accountable {
        owner: Some(answer.owner.name().into()),
        kind: Some(answer.owner.kind()),
        contact: answer.contact.map(Text::from),
        register: Some(answer.place.as_str().into()),
        why: why(matter, answer, then, !now.is_empty()).into(),
        due,
        overdue: due.filter(|due| *due < scene.as_of).map(|due| scene.as_of.duration_since(due)),
        escalation,
        acting: still.then(|| acting(scene, answer)).flatten(),
        ..nobody(matter, if still { Vec::new() } else { now.iter().map(owner_now).collect() })
    }
}

/// The facts, where the register names the owner, and what else it says of the same thing.
fn why(matter: &Matter<'_>, answer: &Answer<'_>, then: &[Answer<'_>], anybody_now: bool) -> String {
    let others = then.iter().filter(|other| other.place != answer.place);
    let others = others
        .map(|other| format!(" {} names {} for the same at the same time.", other.place, other.owner.name()));
    let overruled = answer
        .overruled
        .iter()
        .map(|(owner, place)| format!(" It takes precedence over {place}, which names {}.", owner.name()));
    let nobody_now = (!anybody_now).then(|| " Nobody has it now.".to_owned());
    let said = format!("{} Named by {}.", matter.why, answer.place);
    std::iter::once(said).chain(others).chain(overruled).chain(nobody_now).collect()
}

fn owner_now(answer: &Answer<'_>) -> OwnerNow {
    OwnerNow {
        owner: answer.owner.name().into(),
        contact: answer.contact.map(Text::from),
        register: answer.place.as_str().into(),
    }
}

/// Who answers for an owner who left or is the leaver: the first deputy who is there, else whom the register
/// escalates to. Nothing while the owner is there.
fn acting(scene: &Scene<'_, '_>, answer: &Answer<'_>) -> Option<Acting> {
    let because = match whereabouts(scene, Some(scene.leaver), answer.owner) {
        Whereabouts::Here | Whereabouts::Unknown => return None,
        Whereabouts::Leaver(says) | Whereabouts::Left(says) => format!("The owner {says}."),
    };
    let there = |owner: &&Owner| {
        matches!(whereabouts(scene, Some(scene.leaver), owner), Whereabouts::Here | Whereabouts::Unknown)
    };
    let deputy = answer.deputies.iter().find(there).map(|owner| (owner, ActingAs::Deputy));
    let next =
        || answer.escalation.map(|next| &next.to).filter(there).map(|owner| (owner, ActingAs::Escalation));
    let found = deputy.or_else(next);
    let who = found.map(|(owner, _)| owner.name().into_owned());
    Some(Acting { who, right: found.map_or(ActingAs::Nobody, |(_, right)| right), because })
}

#[cfg(test)]
mod tests;
