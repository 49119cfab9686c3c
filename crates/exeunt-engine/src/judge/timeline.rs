//! What happened when, for one obligation, and how well each is known.

use exeunt_model::Grade;
use exeunt_model::record::{AccountState, EventAction};
use exeunt_model::verdict::{ClaimCheck, Moment};
use exeunt_model::{Record, Timestamp};

use crate::claims::Said;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// Trigger, approval, departure, directory, claims, observations, use; oldest first.
pub(crate) fn timeline(
    scene: &Scene<'_, '_>,
    said: &Said<'_>,
    draft: &Draft<'_>,
    claims: &[ClaimCheck],
) -> Vec<Moment> {
    let mut moments = vec![moment(scene.window.departed, "The leaver left.".to_owned(), Grade::E0)];
    moments.extend(said.requested.map(|at| moment(at, "Removal was requested.".to_owned(), Grade::E0)));
    for approval in &said.approvals {
        let word = match approval.decision {
            Some(true) => "approved",
            Some(false) => "declined",
            None => continue,
        };
        let by = approval.by.map_or_else(|| "somebody".to_owned(), ToString::to_string);
        moments.extend(approval.at.map(|at| moment(at, format!("Removal was {word} by {by}."), Grade::E0)));
    }
    for check in claims.iter().filter(|check| check.claim.done) {
        let by = check.claim.by.as_deref().unwrap_or("somebody");
        let what = format!("{by} said: \u{201c}{}\u{201d}.", check.claim.says);
        moments.extend(check.claim.at.map(|at| moment(at, what, Grade::E0)));
    }
    moments.extend(directory_moments(scene));
    moments.extend(observed(scene, draft));
    moments.sort();
    moments.dedup();
    moments
}

/// When the directory account was first read as blocked, and what its log reports.
pub(crate) fn directory_moments(scene: &Scene<'_, '_>) -> Vec<Moment> {
    let accounts = scene.people.accounts_of.get(scene.leaver).into_iter().flatten();
    let mut moments = Vec::new();
    for account in accounts.filter(|account| account.system == *scene.people.directory) {
        let name = scene.estate.name(account);
        let blocked = scene.estate.sightings(account).iter().find(|sighting| {
            matches!(sighting.record, Record::Account(a) if !matches!(a.state, AccountState::Active | AccountState::Invited | AccountState::Unknown))
        });
        if let Some(sighting) = blocked {
            let what = format!("The directory account {name} was first read as blocked.");
            moments.push(moment(sighting.receipt.ended, what, Grade::E2));
        }
        for event in scene.estate.events(account) {
            if matches!(event.action, EventAction::Disabled | EventAction::Enabled | EventAction::Removed) {
                let what = format!("The directory's log reports {}: {}.", word(event.action), name);
                moments.push(moment(event.at, what, Grade::E1));
            }
        }
    }
    moments
}

fn observed(scene: &Scene<'_, '_>, draft: &Draft<'_>) -> Vec<Moment> {
    let mut moments = Vec::new();
    let seen = || draft.sightings.iter().filter(|sighting| scene.window.has(sighting));
    if let Some(first) = seen().min_by_key(|sighting| sighting.receipt.ended) {
        moments.push(moment(first.receipt.ended, "First seen in this case.".to_owned(), Grade::E2));
    }
    if let Some(last) = seen().max_by_key(|sighting| sighting.receipt.ended) {
        moments.push(moment(last.receipt.ended, "Last seen.".to_owned(), Grade::E2));
    }
    if let Some((missing, again)) = scene.came_back(&draft.sightings) {
        moments.push(moment(missing, "Missing from a complete read.".to_owned(), Grade::E2));
        moments.push(moment(again, "Seen again.".to_owned(), Grade::E2));
    }
    if let Some(used) = draft.used {
        moments.push(moment(used, "Last used, after the departure.".to_owned(), Grade::E2));
    }
    for event in draft.object.into_iter().flat_map(|object| scene.estate.events(object)) {
        if event.action != EventAction::Used {
            moments.push(moment(event.at, format!("The log reports it {}.", word(event.action)), Grade::E1));
        }
    }
    moments
}

const fn word(action: EventAction) -> &'static str {
    match action {
        EventAction::Created => "created",
        EventAction::Changed => "changed",
        EventAction::Used => "used",
        EventAction::Disabled => "disabled",
        EventAction::Enabled => "enabled",
        EventAction::Removed => "removed",
        EventAction::Rotated => "rotated",
    }
}

fn moment(at: Timestamp, what: String, grade: Grade) -> Moment {
    Moment { at, what, grade }
}
