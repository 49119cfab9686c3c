//! When a removal had to be done, and what was done later than that.

use exeunt_model::policy::Policy;
use exeunt_model::verdict::Finding;
use exeunt_model::{Duration, State, Timestamp};

use crate::accountability::Register;
use crate::estate::at;
use crate::judge::control_points::domain_of;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// When the owner of an obligation had to be done: the shorter of what their cell and policy say.
pub(crate) fn deadline(policy: &Policy, register: &Register<'_, '_>, draft: &Draft<'_>) -> Option<Timestamp> {
    let answers = register.answers(domain_of(draft.point), &draft.system, &draft.resources);
    let stated = answers.iter().filter_map(|answer| answer.deadline);
    let by_policy = by_policy(policy, draft.point, draft.privileged);
    let within = stated.chain(by_policy).min()?;
    register.at.checked_add(within).ok()
}

/// How long after the departure policy allows for what falls to a control point.
pub(crate) fn by_policy(policy: &Policy, point: u8, privileged: bool) -> Option<Duration> {
    let directory = (point == 2).then_some(policy.directory_deadline);
    policy.deadline(point, privileged).into_iter().chain(directory).min()
}

/// Things that are gone now and were seen after their deadline. Where nothing shows since when something is not the leaver's
/// any more, nobody was late.
pub(crate) fn findings(
    scene: &Scene<'_, '_>,
    register: &Register<'_, '_>,
    drafts: &[Draft<'_>],
) -> Vec<Finding> {
    let gone = drafts.iter().filter(|draft| draft.fate.state == State::Gone);
    gone.filter_map(|draft| {
        let deadline = deadline(scene.policy, register, draft)?;
        let before_it_was_gone = |seen: &Timestamp| draft.fate.since.is_some_and(|since| *seen < since);
        let seen = draft.sightings.iter().map(|sighting| sighting.receipt.started);
        let late = seen.filter(|seen| *seen > deadline).filter(before_it_was_gone).max()?;
        let says = format!(
            "{} in {} was still there at {}; it was due to be removed by {}.",
            draft.item.name,
            draft.system,
            at(late),
            at(deadline)
        );
        Some(Finding { code: "removed_late".to_owned(), says })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use exeunt_model::Duration;
    use exeunt_model::policy::Deadline;

    use crate::small_world::{World, token};

    /// Gone is not in time: an owner who takes a week has to hear of it.
    #[test]
    fn what_was_seen_after_its_deadline() {
        let within = |minutes, world: World| {
            let mut world = world;
            let within = Duration::from_mins(minutes);
            world.policy.deadlines.push(Deadline { point: 5, privileged: false, within });
            let verdict = world.judge();
            verdict.governance.into_iter().filter(|finding| finding.code == "removed_late").count()
        };
        let mut world = World::new().ada("active").had("credentials", token("pat", "1", "active"));
        world.after.entry(("app", "credentials")).or_default().push(token("pat", "1", "active"));
        world.manifest["proof"]["token.user"]["settle"] = serde_json::json!("0s");
        assert_eq!(within(30, world.clone()), 1, "seen an hour after the departure");
        assert_eq!(within(90, world), 0);
        let gone = World::new().ada("active").had("credentials", token("pat", "1", "active"));
        assert_eq!(within(30, gone), 0, "never seen after the departure");
    }
}
