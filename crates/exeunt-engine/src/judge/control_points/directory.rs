//! The authoritative directory no longer lets the leaver in.
//!
//! Holds when each of the leaver's accounts in the directory is observed blocked or gone, and nothing shows one
//! of them usable after the deadline that policy sets. When exactly it was blocked is only known as well as the
//! directory was read or its log reports; what is not contradicted holds, and the words say what is known.
//!
//! Decided from the states of the directory accounts, earlier readings of them, and the directory's own log.
//! Unknown when the directory shows no account of the leaver or could not be read.

use exeunt_model::owners::Domain;
use exeunt_model::record::{AccountState, EventAction};
use exeunt_model::verdict::Standing;
use exeunt_model::{Record, State};

use super::{Court, Decided, Point, over};
use crate::estate::at;
use crate::liveness::Scene;
use crate::obligations::Draft;

pub(super) const POINT: Point = Point {
    number: 2,
    name: "directory",
    domain: Some(Domain::IdentityLifecycle),
    standards: &[
        "NIST CSF 2.0 PR.AA-01",
        "NIST 800-53 PS-4",
        "NIST 800-53 AC-2(3)",
        "SOC 2 CC6.2",
        "ISO 27001 A.5.16",
        "PCI DSS 8.2.5",
    ],
    source: include_str!("directory.rs"),
    judge,
};

fn judge(court: &Court<'_, '_, '_>) -> Decided {
    let decided = over(court, 2, &[State::Live], "The directory accounts are observed blocked or gone");
    match decided.standing {
        Standing::Holds => {}
        Standing::NothingToHold => {
            return Decided::new(Standing::Unknown, "The directory shows no account of the leaver.");
        }
        _ => return decided,
    }
    let late: Vec<String> = court.of(2).filter_map(|draft| late(court.scene, draft)).collect();
    if late.is_empty() {
        return decided;
    }
    Decided { standing: Standing::Failed, because: late, evidence: decided.evidence }
}

/// Whether an account was still usable after the deadline: read as active, or blocked only later by the log.
pub(crate) fn late(scene: &Scene<'_, '_>, draft: &Draft<'_>) -> Option<String> {
    let deadline = scene.window.departed.checked_add(scene.policy.directory_deadline).ok()?;
    let name = &draft.item.name;
    let active = draft.sightings.iter().rev().find(|sighting| {
        sighting.receipt.started > deadline
            && matches!(sighting.record, Record::Account(account) if account.state == AccountState::Active)
    });
    if let Some(active) = active {
        let when = at(active.receipt.ended);
        return Some(format!(
            "{name} was still active at {when}; it was due to be blocked by {}.",
            at(deadline)
        ));
    }
    let events = draft.object.map(|object| scene.estate.events(object)).unwrap_or_default();
    let mut blocked =
        events.iter().filter(|e| matches!(e.action, EventAction::Disabled | EventAction::Removed));
    let last = blocked.next_back()?;
    (last.at > deadline)
        .then(|| format!("{name} was blocked at {} by the log; it was due by {}.", at(last.at), at(deadline)))
}

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use exeunt_model::verdict::Standing;

    use crate::small_world::{World, account, states};

    /// The door everything else hangs on: left open, shut late, or not looked at.
    #[test]
    fn gone_live_latent_unknown() {
        let mut unread = World::new();
        unread.partial.insert(("dir", "accounts"));
        let table = [
            ("gone", World::new(), State::Gone, Standing::Holds),
            ("live", World::new().ada_in_directory("active"), State::Live, Standing::Failed),
            ("latent", World::new().ada_in_directory("disabled"), State::Latent, Standing::Holds),
            ("unknown", unread, State::Unknown, Standing::Unknown),
        ];
        for (title, world, state, standing) in table {
            states("dir:principal:1", &[(title, world.clone(), state)]);
            assert_eq!(world.point(2).standing, standing, "{title}");
        }
    }

    /// Blocked in the end, but still open hours after the departure.
    #[test]
    fn blocked_too_late_fails() {
        let mut world = World::new().ada_in_directory("disabled");
        let late = account("dir", "1", "ada", "1042", "active");
        world.after.insert(("dir", "accounts"), vec![late]);
        world.policy.directory_deadline = exeunt_model::Duration::from_mins(30);
        assert_eq!(world.point(2).standing, Standing::Failed);
    }
}
