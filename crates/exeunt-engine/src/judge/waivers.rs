//! Accepted exceptions: in force, about this case, and accepted by somebody who may.

use std::collections::BTreeMap;

use exeunt_model::case::{Case, Subject};
use exeunt_model::policy::{Policy, Waiver};
use exeunt_model::verdict::Finding;
use exeunt_model::{State, Who};

use crate::accountability::Register;
use crate::claims::Said;
use crate::judge::control_points::domain_of;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// The obligations that are waived, with the words for it, and the waivers that are refused.
pub(crate) fn waived<'d>(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    policy: &Policy,
    case: &Case,
    subject: &Subject,
    register: &Register<'_, '_>,
    drafts: &'d [Draft<'_>],
) -> (BTreeMap<&'d str, String>, Vec<Finding>) {
    let accepted = drafts.iter().filter_map(|draft| Some((draft.id.as_str(), accepted(policy, draft)?)));
    let (mut waived, mut findings) = (accepted.collect::<BTreeMap<_, _>>(), Vec::new());
    for waiver in policy.waivers.iter().filter(|waiver| waiver.case == case.id) {
        let Some(draft) = drafts.iter().find(|draft| draft.id == waiver.obligation) else { continue };
        if draft.fate.state == State::Gone {
            continue;
        }
        if let Some(why) = refused(scene, said, waiver, subject, register, draft) {
            findings.push(Finding {
                code: "waiver_refused".to_owned(),
                says: format!(
                    "The waiver of {} by {} does not count: {why}.",
                    waiver.obligation, waiver.approver
                ),
            });
        } else {
            let words =
                format!("Accepted by {} until {}: {}.", waiver.approver, waiver.expires, waiver.reason);
            waived.insert(draft.id.as_str(), words);
        }
    }
    (waived, findings)
}

fn refused(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
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
    let approvers = || std::iter::once(&waiver.approver).chain(&waiver.also);
    let leaver =
        |name: &str| same(name, &subject.name) || subject.emails.iter().any(|e| same(name, &e.address));
    if approvers().any(|name| leaver(name)) {
        return Some("the leaver may not accept it".to_owned());
    }
    let owners = register.answers(domain_of(draft.point), &draft.system, &draft.resources);
    let remover =
        |name: &str| owners.iter().any(|answer| answer.owner.called().any(|called| same(name, &called)));
    let executor =
        |name: &str| said.executors.iter().any(|who| names(scene, who).iter().any(|n| same(name, n)));
    if approvers().any(|name| !remover(name) && !executor(name)) {
        return None;
    }
    let who = if approvers().any(|name| remover(name)) {
        "who has to remove it"
    } else {
        "who says it was removed"
    };
    Some(format!("{who} may not accept it alone"))
}

/// By what somebody may be called: as the ticket says it, and by the names and addresses of the person.
fn names(scene: &Scene<'_, '_>, who: &Who) -> Vec<String> {
    let mut names = vec![who.to_string()];
    for person in scene.people.claimed(scene.estate, who) {
        names.push(scene.estate.name(person).to_owned());
        let known = scene.people.persons.get(person);
        names.extend(
            known.into_iter().flat_map(|known| known.emails.iter().map(|email| email.address.clone())),
        );
    }
    names
}

/// What policy accepts as it is: latent things of these kinds.
pub(crate) fn accepted(policy: &Policy, draft: &Draft<'_>) -> Option<String> {
    let accepted = policy.accept_latent.iter().find(|accepted| {
        draft.fate.state == State::Latent
            && accepted.kind == draft.kind
            && accepted.system.as_ref().is_none_or(|system| *system == draft.system)
    })?;
    Some(format!("Policy accepts it while it is latent: {}.", accepted.reason))
}

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::policy::{AcceptedLatent, Waiver};
    use exeunt_model::verdict::Conclusion;
    use serde_json::json;

    use crate::small_world::{World, time, token};

    const PAT: &str = "app:token.user:pat";

    fn waived_by(approver: &str, also: &[&str]) -> World {
        let mut world = World::new().ada("active").keeps("credentials", token("pat", "1", "active"));
        let done = json!({"id": "3", "name": "Done", "done": true});
        world.ticket = Some(vec![
            json!({"record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z"}),
            json!({
                "record": "document", "id": "jira/document/3", "doc_type": "subtask", "title": "Remove from app",
                "status": done,
            }),
            json!({
                "record": "document", "id": "jira/document/4", "doc_type": "change", "parent": "jira/document/3",
                "status": done, "author": {"email": "ben@halden.example"}, "at": "2026-11-20T18:30:00Z",
            }),
        ]);
        world.policy.waivers.push(Waiver {
            obligation: PAT.to_owned(),
            case: "OFF-1".to_owned(),
            approver: approver.to_owned(),
            also: also.iter().map(|name| (*name).to_owned()).collect(),
            reason: "the vendor's window".to_owned(),
            expires: time("2026-12-01T00:00:00Z"),
        });
        world
    }

    /// An exception that the leaver, whoever ticked the box, or the owner gives to themselves is none.
    #[test]
    fn who_may_accept() {
        let table = [
            ("somebody else", waived_by("Cleo", &[]), State::Waived),
            ("the leaver", waived_by("Ada", &[]), State::Live),
            ("the leaver with somebody", waived_by("Cleo", &["ada@halden.example"]), State::Live),
            ("whoever says it is done", waived_by("Ben", &[]), State::Live),
            ("the owner alone", waived_by("App team", &[]), State::Live),
            (
                "the owner and whoever says it is done",
                waived_by("App team", &["ben@halden.test"]),
                State::Live,
            ),
            ("the owner and somebody else", waived_by("App team", &["Cleo"]), State::Waived),
        ];
        for (title, world, state) in table {
            let line = world.line(PAT);
            assert_eq!(line.state, state, "{title}: {}", line.because);
            let refused = world.judge().governance.iter().any(|finding| finding.code == "waiver_refused");
            assert_eq!(refused, state == State::Live, "{title}");
        }
        let why = |world: World| {
            let mut found =
                world.judge().governance.into_iter().filter(|finding| finding.code == "waiver_refused");
            found.next().map(|finding| finding.says).expect("a refusal")
        };
        let (has_to, says) =
            ("who has to remove it may not accept it alone", "who says it was removed may not");
        assert!(why(waived_by("App team", &[])).contains(has_to));
        assert!(why(waived_by("App team", &["ben@halden.test"])).contains(has_to));
        assert!(why(waived_by("Ben", &[])).contains(says));
        let mut two_addresses = waived_by("ada@elsewhere.example", &[]);
        for shown in [&mut two_addresses.before, &mut two_addresses.after, &mut two_addresses.now] {
            let other = json!({"address": "ada@elsewhere.example", "verified": true});
            shown.get_mut(&("dir", "people")).expect("people")[0]["emails"]
                .as_array_mut()
                .expect("a list")
                .push(other);
        }
        assert!(why(two_addresses).contains("the leaver may not accept it"), "by another of her addresses");
        let mut by_address = waived_by("cleo@halden.example", &[]);
        by_address.owners["owners"][1]["owner"] = json!({"person": "Cleo", "email": "cleo@halden.example"});
        assert!(why(by_address).contains(has_to), "the owner, by their address");
        let mut by_account = waived_by("ben@halden.example", &[]);
        by_account.ticket.as_mut().expect("a ticket")[2]["author"] = json!({"object": "app/account/2"});
        assert!(why(by_account).contains(says), "whose account ticked it, by the address of the person");
        let mut ended = waived_by("Cleo", &[]);
        ended.policy.waivers[0].expires = time("2026-11-20T20:00:00Z");
        assert_eq!(ended.line(PAT).state, State::Live, "an exception that is over");
    }

    /// A disabled account that has to be kept is no residual access where policy says so, and nothing else is.
    #[test]
    fn accepted_while_latent() {
        let mut world = World::new().ada("suspended");
        assert_eq!(world.judge().verdict, Conclusion::Residual);
        world.policy.accept_latent.push(AcceptedLatent {
            kind: exeunt_model::SurvivorKind::Principal,
            system: None,
            reason: "kept for the audit".to_owned(),
        });
        assert_eq!(world.line("app:principal:1").state, State::Waived);
        assert!(world.line("app:principal:1").because.contains("kept for the audit"));
        let mut active = World::new().ada("active");
        active.policy = world.policy.clone();
        assert_eq!(active.line("app:principal:1").state, State::Live);
    }
}
