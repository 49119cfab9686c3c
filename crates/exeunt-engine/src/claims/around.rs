//! What the snapshots show of a thing around the moment of a claim.

use std::collections::BTreeSet;

use exeunt_model::record::{AccountState, CredentialState, EventAction, IntegrationState};
use exeunt_model::{Duration, Record, Timestamp, Who};

use crate::estate::Sighting;
use crate::liveness::{Scene, aliveness};
use crate::obligations::Draft;

/// What would differ if somebody had done something about a thing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing<'a> {
    Account(AccountState),
    Credential(CredentialState, Option<Timestamp>),
    Integration(IntegrationState, Option<&'a Who>),
    There,
}

/// What one snapshot showed of a thing.
pub(crate) struct Seen<'a> {
    /// The place of the snapshot in the history of its system.
    pub place: usize,
    pub started: Timestamp,
    pub ended: Timestamp,
    /// How much life its record says; of an edge, that it is there.
    pub level: u8,
    /// The state as compared, for every record of the snapshot.
    standing: BTreeSet<Standing<'a>>,
    /// The state in words, of things that have one.
    pub word: Option<&'static str>,
}

/// What each snapshot of the case showed of a thing, oldest first.
pub(crate) fn seen<'a>(scene: &Scene<'_, '_>, draft: &Draft<'a>) -> Vec<Seen<'a>> {
    let counts = |sighting: &&Sighting<'_>| sighting.system == &draft.system && scene.window.has(sighting);
    let counted: Vec<&Sighting<'a>> = draft.sightings.iter().filter(counts).collect();
    let of_one_snapshot = counted.chunk_by(|one, other| one.at == other.at);
    of_one_snapshot
        .filter_map(|shown| {
            let said =
                shown.iter().map(|sighting| sighting.record).max_by_key(|one| (aliveness(one), *one))?;
            let [first, ..] = *shown else { return None };
            Some(Seen {
                place: first.at,
                started: shown.iter().map(|sighting| sighting.receipt.started).min()?,
                ended: shown.iter().map(|sighting| sighting.receipt.ended).max()?,
                level: aliveness(said),
                standing: shown.iter().map(|sighting| standing(sighting.record)).collect(),
                word: word(said),
            })
        })
        .collect()
}

/// Whether it was seen before and after a moment, and in one and the same state in every snapshot of the case, and no log
/// reports that anybody touched it. `slack` is how far the clock of the moment may be from ours.
pub(super) fn is_unchanged(
    scene: &Scene<'_, '_>,
    draft: &Draft<'_>,
    all: &[Seen<'_>],
    at: Timestamp,
    slack: Duration,
) -> bool {
    let earlier = |seen: &Seen<'_>| seen.ended.checked_add(slack).is_ok_and(|ended| ended <= at);
    let later = |seen: &Seen<'_>| seen.started.checked_sub(slack).is_ok_and(|started| started >= at);
    let Some(first) = all.first() else { return false };
    let same = all.windows(2).all(|pair| pair[0].standing == pair[1].standing);
    let always = all.windows(2).all(|pair| pair[0].place + 1 == pair[1].place);
    let touched = draft.object.into_iter().flat_map(|object| scene.estate.events(object)).any(|event| {
        event.at >= first.started && !matches!(event.action, EventAction::Used | EventAction::Created)
    });
    earlier(first) && all.iter().any(later) && same && always && !touched
}

/// Whether it was out of action after the departure and is seen in action again: missing from a complete read, listed as
/// blocked, or reported as removed or switched off longer ago than that takes to show.
pub(super) fn is_undone(scene: &Scene<'_, '_>, draft: &Draft<'_>, all: &[Seen<'_>]) -> bool {
    if scene.regression(draft.object, &draft.sightings).is_some() {
        return true;
    }
    let dipped = all.iter().enumerate().any(|(at, low)| {
        low.started >= scene.window.departed
            && all[..at].iter().any(|earlier| earlier.level > low.level)
            && all[at + 1..].iter().any(|later| later.level > low.level)
    });
    let Some(last) = all.last() else { return dipped };
    let highest = all.iter().map(|seen| seen.level).max();
    let settle = scene.settle(&draft.system, draft.kind).unwrap_or(Duration::ZERO);
    let slack = settle.saturating_add(scene.clock(&draft.system).unwrap_or(Duration::ZERO));
    let stopped = draft.object.into_iter().flat_map(|object| scene.estate.events(object)).any(|event| {
        matches!(event.action, EventAction::Removed | EventAction::Disabled)
            && event.at.checked_add(slack).is_ok_and(|shows| shows < last.started)
    });
    dipped || (stopped && Some(last.level) == highest)
}

/// Whether it was still seen in action after a moment, and stopped only after that.
pub(super) fn stopped_later(draft: &Draft<'_>, all: &[Seen<'_>], at: Timestamp, slack: Duration) -> bool {
    let Some(highest) = all.iter().map(|seen| seen.level).max() else { return false };
    let later = |seen: &Seen<'_>| seen.started.checked_sub(slack).is_ok_and(|started| started > at);
    let Some(last_alive) = all.iter().rposition(|seen| seen.level == highest) else { return false };
    let fell = last_alive + 1 < all.len() || dropped_out(draft);
    fell && later(&all[last_alive])
}

/// Whether it is gone by having dropped out of a listing, so that its last sighting shows it still there.
/// Something that is listed as dead is still sighted, and that contradicts no claim.
fn dropped_out(draft: &Draft<'_>) -> bool {
    let last = draft.sightings.last().map(|sighting| sighting.receipt.ended);
    last.is_some_and(|last| draft.fate.cites.iter().all(|cite| cite.at != last))
}

fn standing(record: &Record) -> Standing<'_> {
    match record {
        Record::Account(account) => Standing::Account(account.state),
        Record::Credential(credential) => Standing::Credential(credential.state, credential.created),
        Record::Integration(integration) => {
            Standing::Integration(integration.state, integration.acts_as.as_ref())
        }
        _ => Standing::There,
    }
}

const fn word(record: &Record) -> Option<&'static str> {
    Some(match record {
        Record::Account(account) => match account.state {
            AccountState::Active => "active",
            AccountState::Disabled => "disabled",
            AccountState::Suspended => "suspended",
            AccountState::Locked => "locked",
            AccountState::Invited => "invited",
            AccountState::SoftDeleted => "deleted, and restorable",
            AccountState::Deleted => "deleted",
            AccountState::Unknown => "in a state that is not known",
        },
        Record::Credential(credential) => match credential.state {
            CredentialState::Active => "active",
            CredentialState::Inactive => "inactive",
            CredentialState::Expired => "expired",
            CredentialState::Revoked => "revoked",
            CredentialState::Unknown => "in a state that is not known",
        },
        Record::Integration(integration) => match integration.state {
            IntegrationState::Enabled => "enabled",
            IntegrationState::Disabled => "disabled",
            IntegrationState::Unknown => "in a state that is not known",
        },
        _ => return None,
    })
}
