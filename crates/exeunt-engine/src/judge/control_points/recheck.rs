//! The scheduled validations after the departure ran, and nothing came back.
//!
//! Holds when the latest validation that was due has run in every system in scope, and nothing that was gone or blocked
//! is able to act again. A validation is a complete collection that began when it was due or later, and before the next
//! one was. An earlier one that was missed is reported under governance, since nobody can make up for it and the next one
//! shows what is left; where policy asks for every one, it fails. What came back and is gone again was caught, and holds.
//!
//! Decided from when each system was read, and from the lines that came back. Before the first one is due there is nothing to hold.

use exeunt_model::owners::Domain;
use exeunt_model::verdict::{Finding, Standing};
use exeunt_model::{SystemId, Timestamp};

use super::{Court, Decided, Point};
use crate::estate::at;

pub(super) const POINT: Point = Point {
    number: 10,
    name: "recheck",
    domain: Some(Domain::IdentityLifecycle),
    standards: &["NIST CSF 2.0 DE.CM-03", "NIST 800-53 CA-7", "SOC 2 CC4.1"],
    source: include_str!("recheck.rs"),
    judge,
};

/// One validation: from when it is due until the next one is.
struct Due {
    from: Timestamp,
    until: Option<Timestamp>,
}

fn judge(court: &Court<'_, '_, '_>) -> Decided {
    let mut because: Vec<String> = court.drafts.iter().filter_map(|draft| came_back(court, draft)).collect();
    let due = due(court);
    let missed = missed(court, &due);
    let latest = due.last().map(|due| due.from);
    let every_one = court.scene.policy.rechecks.every_one;
    let counts = |from: Timestamp| every_one || Some(from) == latest;
    because.extend(missed.iter().filter(|(from, _)| counts(*from)).map(|(from, systems)| {
        format!("The validation due at {} did not run whole in {}.", at(*from), named(systems))
    }));
    if !because.is_empty() {
        return Decided { standing: Standing::Failed, because, evidence: Vec::new() };
    }
    match latest {
        None => Decided::new(Standing::NothingToHold, "No validation after the departure is due yet."),
        Some(latest) => Decided::new(
            Standing::Holds,
            format!("The validation due at {} ran in every system, and nothing came back.", at(latest)),
        ),
    }
}

fn came_back(court: &Court<'_, '_, '_>, draft: &crate::obligations::Draft<'_>) -> Option<String> {
    if !matches!(draft.fate.state, exeunt_model::State::Live | exeunt_model::State::Latent) {
        return None;
    }
    let back = court.scene.regression(draft.object, &draft.sightings)?;
    let (name, system) = (&draft.item.name, &draft.system);
    Some(format!("{name} in {system} came back at {}. {}.", at(back.again), back.why))
}

/// The validations that were due by the time that is judged.
fn due(court: &Court<'_, '_, '_>) -> Vec<Due> {
    let departed = court.scene.window.departed;
    let mut times: Vec<Timestamp> = court
        .scene
        .policy
        .rechecks
        .due
        .iter()
        .filter_map(|after| departed.checked_add(*after).ok())
        .collect();
    times.sort_unstable();
    times.dedup();
    let next = times.iter().skip(1).copied().map(Some).chain([None]);
    let all = times.iter().copied().zip(next).map(|(from, until)| Due { from, until });
    all.filter(|due| due.from <= court.scene.as_of).collect()
}

/// The systems without a complete collection in time, by validation.
fn missed<'c>(court: &Court<'c, '_, '_>, due: &[Due]) -> Vec<(Timestamp, Vec<&'c SystemId>)> {
    let ran = |system: &SystemId, due: &Due| {
        court.scene.estate.history(system).iter().any(|held| {
            let started = held.snapshot.started;
            started >= due.from
                && due.until.is_none_or(|until| started < until)
                && held.snapshot.is_complete()
        })
    };
    due.iter()
        .map(|due| {
            (due.from, court.systems.iter().copied().filter(|system| !ran(system, due)).collect::<Vec<_>>())
        })
        .filter(|(_, systems)| !systems.is_empty())
        .collect()
}

/// Validations that were missed.
pub(crate) fn findings(court: &Court<'_, '_, '_>) -> Vec<Finding> {
    missed(court, &due(court))
        .into_iter()
        .map(|(from, systems)| Finding {
            code: "recheck_missed".to_owned(),
            says: format!("The validation due at {} did not run whole in {}.", at(from), named(&systems)),
        })
        .collect()
}

fn named(systems: &[&SystemId]) -> String {
    systems.iter().map(|system| system.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use exeunt_model::Duration;
    use exeunt_model::verdict::Standing;

    use crate::small_world::{World, token};

    /// The small world is read one and three hours after the departure, and judged half an hour later.
    fn due(minutes: &[i64], world: World) -> World {
        let mut world = world;
        world.policy.rechecks.due = minutes.iter().map(|minutes| Duration::from_mins(*minutes)).collect();
        world
    }

    /// A validation nobody made must not read as one that found nothing.
    #[test]
    fn those_that_were_due_ran() {
        let strict = |mut world: World| {
            world.policy.rechecks.every_one = true;
            world
        };
        let back = {
            let mut world = World::new().ada("active").had("credentials", token("pat", "1", "active"));
            world.now.entry(("app", "credentials")).or_default().push(token("pat", "1", "active"));
            world
        };
        let table = [
            ("none due yet", due(&[24 * 60], World::new()), Standing::NothingToHold),
            ("both ran", due(&[30, 120], World::new()), Standing::Holds),
            ("the latest did not run", due(&[30, 200], World::new()), Standing::Failed),
            ("an earlier one did not run", due(&[30, 70, 120], World::new()), Standing::Holds),
            (
                "an earlier one, where every one counts",
                strict(due(&[30, 70, 120], World::new())),
                Standing::Failed,
            ),
            ("it was not whole", due(&[120], World::new().refused("credentials")), Standing::Failed),
            ("something came back", due(&[30, 120], back.clone()), Standing::Failed),
            ("something came back before any was due", due(&[24 * 60], back), Standing::Failed),
        ];
        for (title, world, standing) in table {
            let point = world.point(10);
            assert_eq!(point.standing, standing, "{title}: {:?}", point.because);
        }
    }

    /// What nobody saw on the first day is told, also when the later days were fine.
    #[test]
    fn a_missed_one_is_told() {
        let world = due(&[30, 70, 120], World::new());
        let missed: Vec<_> =
            world.judge().governance.into_iter().filter(|f| f.code == "recheck_missed").collect();
        assert_eq!(missed.len(), 1, "{missed:?}");
    }
}
