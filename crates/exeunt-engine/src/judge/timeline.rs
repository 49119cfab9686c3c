//! What happened when, for one obligation, by whose clock, and how well each is known.
//!
//! Times stand as their clock had them. A system's clock is compared with ours by the dates in its answers; where two
//! moments are nearer than that bound, which of them came first is not decided, and the line says so.

use std::collections::HashMap;
use std::sync::Arc;

use exeunt_model::case::Claim;
use exeunt_model::record::{AccountState, EventAction};
use exeunt_model::verdict::{ClaimCheck, Clock, Moment};
use exeunt_model::{Duration, Grade, Record, State, SystemId, Text, Timestamp, Who, text};

use crate::claims::{Said, seen};
use crate::liveness::Scene;
use crate::obligations::Draft;

/// What stands on the timeline of every obligation of a case, and the moment of each claim.
pub(crate) struct Shared {
    moments: Vec<Moment>,
    /// By where the claim lies.
    claims: HashMap<usize, Moment>,
}

impl Shared {
    /// Departure, request, approvals, directory; and what was claimed.
    pub fn new(scene: &Scene<'_, '_>, said: &Said<'_>) -> Self {
        let mut moments = vec![Moment {
            at: scene.window.departed,
            what: Text::new_static("The leaver left."),
            grade: Grade::E0,
            clock: Clock::Stated,
            uncertain: Some(Duration::ZERO),
            order_undecided: false,
        }];
        moments.extend(ticket_moments(scene, said));
        moments.extend(directory_moments(scene));
        let claims = said.spoken.iter().map(|spoken| &spoken.claim).filter(|claim| claim.done);
        let claims = claims.filter_map(|claim| Some((place(claim), claim_moment(said, claim)?))).collect();
        Self { moments, claims }
    }

    /// The timeline of one obligation, oldest first: its claims, revocations, observations and use besides.
    pub fn timeline(&self, scene: &Scene<'_, '_>, draft: &Draft<'_>, claims: &[ClaimCheck]) -> Vec<Moment> {
        let claimed = claims.iter().filter_map(|check| self.claims.get(&place(&check.claim)));
        let mut moments: Vec<Moment> = self.moments.iter().chain(claimed).cloned().collect();
        moments.extend(observed(scene, draft));
        in_order(moments)
    }
}

fn place(claim: &Arc<Claim>) -> usize {
    Arc::as_ptr(claim).addr()
}

/// Sorts moments, and says of each whether the next may have come before it.
fn in_order(mut moments: Vec<Moment>) -> Vec<Moment> {
    moments.sort();
    moments.dedup();
    for at in 1..moments.len() {
        let undecided = moments.get(at).is_some_and(|next| undecided(&moments[at - 1], next));
        moments[at - 1].order_undecided = undecided;
    }
    moments
}

/// One system's clock has an order of its own. Two clocks have one only as far as they were compared.
fn undecided(one: &Moment, next: &Moment) -> bool {
    let of_one_clock = one.clock == next.clock && one.clock != Clock::Ours;
    let bound = one.uncertain.zip(next.uncertain).map(|(a, b)| a.saturating_add(b));
    !of_one_clock && bound.is_some_and(|bound| !bound.is_zero() && next.at.duration_since(one.at) <= bound)
}

/// What the ticket says: when removal was asked for, and who approved it.
fn ticket_moments(scene: &Scene<'_, '_>, said: &Said<'_>) -> Vec<Moment> {
    let requested = Text::new_static("Removal was requested.");
    let mut moments: Vec<Moment> =
        said.requested.and_then(|at| by_ticket(said, at, requested)).into_iter().collect();
    for approval in &said.approvals {
        let word = match approval.decision {
            Some(true) => "approved",
            Some(false) => "declined",
            None => continue,
        };
        let by = approval.by.map_or_else(|| "somebody".to_owned(), |by| name(scene, by));
        moments.extend(approval.at.and_then(|at| by_ticket(said, at, text!("Removal was {word} by {by}."))));
    }
    moments
}

/// Who said that it was done.
fn claim_moment(said: &Said<'_>, claim: &Claim) -> Option<Moment> {
    let by = claim.by.as_deref().unwrap_or("somebody");
    let by = match claim.through.as_deref() {
        // An app is its own account; a rule acts as somebody.
        Some(through) if through.ends_with(by) => format!("The {through}"),
        Some(through) => format!("The {through}, acting as {by},"),
        None => by.to_owned(),
    };
    by_ticket(said, claim.at?, text!("{by} said: \u{201c}{}\u{201d}.", claim.says))
}

/// Something that the ticket dated.
fn by_ticket(said: &Said<'_>, at: Timestamp, what: Text) -> Option<Moment> {
    let clock = Clock::System(said.system?.clone());
    Some(Moment { at, what, grade: Grade::E0, clock, uncertain: said.clock, order_undecided: false })
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
            let what = text!("The directory account {name} was first read as blocked.");
            moments.push(by_us(sighting.receipt.started, sighting.receipt.ended, what, Grade::E2));
        }
        for event in scene.estate.events(account) {
            if matches!(event.action, EventAction::Disabled | EventAction::Enabled | EventAction::Removed) {
                let what = text!("The directory's log reports {}: {}.", word(event.action), name);
                moments.push(by_system(scene, &event.id.system, event.at, what, Grade::E1));
            }
        }
    }
    moments
}

/// Every state it was seen in, when it was missing, when it was proven gone, and what logs report.
fn observed(scene: &Scene<'_, '_>, draft: &Draft<'_>) -> Vec<Moment> {
    let mut moments = Vec::new();
    let seen = seen(scene, draft);
    let last = seen.len().saturating_sub(1);
    let mut word_before: Option<&str> = None;
    for (at, sighting) in seen.iter().enumerate() {
        let new = sighting.word.filter(|word| word_before != Some(word));
        let what = match (at, new) {
            (0, None) => Text::new_static("First seen in this case."),
            (0, Some(word)) => text!("First seen in this case, {word}."),
            (_, Some(word)) => text!("Seen {word}."),
            (at, None) if at == last => Text::new_static("Last seen."),
            (_, None) => continue,
        };
        word_before = sighting.word.or(word_before);
        moments.push(by_us(sighting.started, sighting.ended, what, Grade::E2));
    }
    if let Some((missing, again)) = scene.came_back(&draft.sightings) {
        moments.push(by_us(missing, missing, Text::new_static("Missing from a complete read."), Grade::E2));
        moments.push(by_us(again, again, Text::new_static("Seen again."), Grade::E2));
    }
    if let (State::Gone, Some(proof)) = (draft.fate.state, draft.fate.cites.iter().max_by_key(|cite| cite.at))
    {
        moments.push(by_us(proof.at, proof.at, Text::new_static("Proven gone."), draft.fate.grade));
    }
    if let Some(used) = draft.used {
        let what = Text::new_static("Last used, after the departure.");
        moments.push(by_system(scene, &draft.system, used, what, Grade::E2));
    }
    for event in draft.object.into_iter().flat_map(|object| scene.estate.events(object)) {
        if event.action != EventAction::Used {
            let by =
                event.actor.as_ref().map_or_else(String::new, |actor| format!(" by {}", name(scene, actor)));
            let what = text!("The log reports it {}{by}.", self::word(event.action));
            moments.push(by_system(scene, &event.id.system, event.at, what, Grade::E1));
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

fn name(scene: &Scene<'_, '_>, who: &Who) -> String {
    match who {
        Who::Object(object) => scene.estate.name(object).to_owned(),
        other => other.to_string(),
    }
}

/// Something that a read showed: at its end, or at any moment since it began.
fn by_us(started: Timestamp, ended: Timestamp, what: Text, grade: Grade) -> Moment {
    let took = ended.duration_since(started);
    Moment { at: ended, what, grade, clock: Clock::Ours, uncertain: Some(took), order_undecided: false }
}

/// Something that a system dated.
fn by_system(scene: &Scene<'_, '_>, system: &SystemId, at: Timestamp, what: Text, grade: Grade) -> Moment {
    let clock = Clock::System(system.clone());
    Moment { at, what, grade, clock, uncertain: scene.clock(system), order_undecided: false }
}

#[cfg(test)]
mod tests {
    use exeunt_model::Duration;
    use exeunt_model::verdict::{Clock, Moment};
    use serde_json::{Value, json};

    use crate::small_world::World;

    fn comment(at: &str) -> Value {
        json!({
            "record": "document", "id": "jira/document/5", "doc_type": "comment", "text": "all access removed",
            "at": at, "author": {"object": "app/account/2"},
        })
    }

    fn world(ahead: Option<Duration>, claimed: &str) -> Vec<Moment> {
        let ticket = json!({
            "record": "document", "id": "jira/document/1", "doc_type": "ticket", "key": "OFF-1", "at": "2026-11-19T09:00:00Z",
        });
        let event = json!({
            "record": "event", "id": "app/event/1", "at": "2026-11-20T19:00:00Z", "action": "changed",
            "actor": {"object": "app/account/2"}, "subject": "app/account/1",
        });
        let mut world =
            World::new().ada("active").keeps("credentials", event).says(vec![ticket, comment(claimed)]);
        world.ahead = ahead;
        world.line("app:principal:1").timeline
    }

    fn at<'m>(moments: &'m [Moment], word: &str) -> &'m Moment {
        moments
            .iter()
            .find(|moment| moment.what.contains(word))
            .unwrap_or_else(|| panic!("no {word} in {moments:?}"))
    }

    /// Two clocks that differ by five minutes do not say what came first within five minutes; a line that pretends so
    /// accuses somebody by the order of two clocks.
    #[test]
    fn an_order_that_the_clocks_do_not_decide_is_said_to_be_undecided() {
        let five = Some(Duration::from_mins(5));
        let near = world(five, "2026-11-20T19:03:00Z");
        let (event, claim) = (at(&near, "reports it changed by ben"), at(&near, "all access removed"));
        assert!(event.order_undecided, "{event:?}");
        assert_eq!(claim.clock, Clock::System("jira".parse().expect("a system")));
        assert_eq!(claim.uncertain, Some(Duration::from_secs(301)));
        let far = world(five, "2026-11-20T19:12:00Z");
        assert!(!at(&far, "reports it changed").order_undecided);
        let exact = world(Some(Duration::ZERO), "2026-11-20T19:00:03Z");
        assert!(!at(&exact, "reports it changed").order_undecided, "within a second each");
        let close = world(Some(Duration::ZERO), "2026-11-20T19:00:02Z");
        assert!(at(&close, "reports it changed").order_undecided);
    }

    /// A clock that was never compared has no bound, and none must be made up.
    #[test]
    fn a_clock_that_was_never_compared_has_no_bound() {
        let moments = world(None, "2026-11-20T19:00:00Z");
        assert_eq!(at(&moments, "reports it changed").uncertain, None);
        assert_eq!(at(&moments, "First seen in this case, active").uncertain, Some(Duration::ZERO));
        assert_eq!(at(&moments, "The leaver left").clock, Clock::Stated);
        assert!(moments.is_sorted(), "one line, in order");
    }
}
