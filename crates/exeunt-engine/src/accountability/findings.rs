//! What is wrong with the register, as far as one case needs it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use exeunt_model::owners::{Answer, Domain};
use exeunt_model::verdict::Finding;
use exeunt_model::{Ref, SystemId};

use super::{Register, Whereabouts, acting, whereabouts};
use crate::judge::control_points::domain_of;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// Cells that name nobody, the leaver, somebody who has left, or two owners at once, for what this case needs an
/// owner for.
pub(crate) fn findings(
    scene: &Scene<'_, '_>,
    register: &Register<'_, '_>,
    drafts: &[Draft<'_>],
) -> Vec<Finding> {
    let directory = scene.people.directory;
    // The case as such needs one for its first two steps, whether or not a line falls to them.
    let mut needed: BTreeMap<(Domain, &SystemId, &[&Ref]), usize> = BTreeMap::new();
    needed.insert((Domain::IdentityLifecycle, directory, &[]), 0);
    for draft in drafts {
        let domain = domain_of(draft.point);
        // Where no single thing has an owner, all things of a system have the same.
        let single = register.has_single(domain, &draft.system);
        let resources = if single { draft.resources.as_slice() } else { &[] };
        *needed.entry((domain, &draft.system, resources)).or_default() += 1;
    }
    let mut findings: Vec<Finding> = Vec::new();
    let mut missing: BTreeMap<(Domain, &SystemId), usize> = BTreeMap::new();
    for ((domain, system, resources), lines) in needed {
        let answers = register.answers(domain, system, resources);
        if answers.is_empty() {
            *missing.entry((domain, system)).or_default() += lines;
        }
        let now = register.answers_at(domain, system, resources, scene.as_of);
        findings.extend(overlap(domain, system, &answers));
        findings.extend(answers.iter().filter_map(|answer| not_there(scene, domain, system, answer, &now)));
    }
    findings.extend(unowned(missing));
    findings.sort();
    findings.dedup();
    findings
}

/// What nobody owns, the most obligations first.
fn unowned(missing: BTreeMap<(Domain, &SystemId), usize>) -> Option<Finding> {
    let mut sizes: Vec<_> = missing.into_iter().collect();
    sizes.sort_by_key(|(cell, lines)| (Reverse(*lines), *cell));
    let each: Vec<String> = sizes
        .iter()
        .map(|((domain, system), lines)| match lines {
            0 => format!("{} on {system} (the case as a whole)", domain.words()),
            1 => format!("{} on {system} (1 obligation)", domain.words()),
            n => format!("{} on {system} ({n} obligations)", domain.words()),
        })
        .collect();
    let says = format!("Nobody owned at the departure: {}.", each.join(", "));
    (!each.is_empty()).then(|| Finding { code: "owner_missing".to_owned(), says })
}

/// Two owners of one thing at one time.
pub(super) fn overlap(
    domain: Domain,
    system: &impl std::fmt::Display,
    answers: &[Answer<'_>],
) -> Option<Finding> {
    let each: Vec<String> =
        answers.iter().map(|answer| format!("{} ({})", answer.owner.name(), answer.place)).collect();
    let says = format!(
        "The register names {} owners at once for {} on {system}: {}. End one of the entries, or give its file precedence.",
        each.len(),
        domain.words(),
        each.join(" and ")
    );
    (each.len() > 1).then(|| Finding { code: "owner_overlap".to_owned(), says })
}

fn not_there(
    scene: &Scene<'_, '_>,
    domain: Domain,
    system: &SystemId,
    answer: &Answer<'_>,
    now: &[Answer<'_>],
) -> Option<Finding> {
    let still = now.iter().any(|other| other.owner.is_same(answer.owner));
    let (code, says) = match whereabouts(scene, Some(scene.leaver), answer.owner) {
        Whereabouts::Leaver(says) => ("owner_is_leaver", says),
        Whereabouts::Left(says) if still => ("owner_left", says),
        _ => return None,
    };
    let instead = if still {
        let acting = acting(scene, answer).and_then(|acting| acting.who);
        acting.map_or_else(|| "nobody answers instead".to_owned(), |who| format!("{who} answers instead"))
    } else {
        let successors: Vec<_> = now.iter().map(|other| other.owner.name()).collect();
        if successors.is_empty() {
            "nobody has it now".to_owned()
        } else {
            format!("{} has it now", successors.join(" and "))
        }
    };
    let says = format!(
        "The owner of {} on {system}, {} ({}), {says}; {instead}.",
        domain.words(),
        answer.owner.name(),
        answer.place
    );
    Some(Finding { code: code.to_owned(), says })
}
