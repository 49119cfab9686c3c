//! Accepted exceptions: in force, about this case, and accepted by somebody who may.

use std::collections::BTreeMap;

use exeunt_model::State;
use exeunt_model::case::{Case, Subject};
use exeunt_model::policy::{Policy, Waiver};
use exeunt_model::verdict::Finding;

use crate::accountability::Register;
use crate::judge::control_points::domain_of;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// The obligations that are waived, with the words for it, and the waivers that are refused.
pub(crate) fn waived<'d>(
    scene: &Scene<'_, '_>,
    policy: &Policy,
    case: &Case,
    subject: &Subject,
    register: &Register<'_, '_>,
    drafts: &'d [Draft<'_>],
) -> (BTreeMap<&'d str, String>, Vec<Finding>) {
    let (mut waived, mut findings) = (BTreeMap::new(), Vec::new());
    for waiver in policy.waivers.iter().filter(|waiver| waiver.case == case.id) {
        let Some(draft) = drafts.iter().find(|draft| draft.id == waiver.obligation) else { continue };
        if draft.fate.state == State::Gone {
            continue;
        }
        match refused(scene, waiver, subject, register, draft) {
            Some(why) => findings.push(Finding {
                code: "waiver_refused".to_owned(),
                says: format!(
                    "The waiver of {} by {} does not count: {why}.",
                    waiver.obligation, waiver.approver
                ),
            }),
            None => {
                let words =
                    format!("Accepted by {} until {}: {}.", waiver.approver, waiver.expires, waiver.reason);
                waived.insert(draft.id.as_str(), words);
            }
        }
    }
    (waived, findings)
}

fn refused(
    scene: &Scene<'_, '_>,
    waiver: &Waiver,
    subject: &Subject,
    register: &Register<'_, '_>,
    draft: &Draft<'_>,
) -> Option<String> {
    if waiver.expires <= scene.as_of {
        return Some(format!("it ended at {}", waiver.expires));
    }
    let same =
        |one: &str, other: &str| one.eq_ignore_ascii_case(other) || scene.people.addresses().same(one, other);
    let leaver = same(&waiver.approver, &subject.name)
        || subject.emails.iter().any(|e| same(&waiver.approver, &e.address));
    if leaver {
        return Some("the leaver may not accept it".to_owned());
    }
    let owners = register.answers(domain_of(draft.point), &draft.system, &draft.resources);
    let remover = owners.iter().any(|answer| answer.owner.called().any(|name| same(&waiver.approver, &name)));
    remover.then(|| "who has to remove it may not accept it".to_owned())
}
