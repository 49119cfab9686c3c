//! What calls for a look beyond the removal: use after the departure, and a leaver whom the directory does not know to
//! have left.

use exeunt_model::State;
use exeunt_model::record::AccountState;
use exeunt_model::verdict::Finding;

use crate::estate::at;
use crate::liveness::Scene;
use crate::obligations::Draft;

/// Findings about the leaver's doings and standing.
pub(crate) fn findings(scene: &Scene<'_, '_>, drafts: &[Draft<'_>]) -> Vec<Finding> {
    let used = drafts.iter().filter_map(|draft| {
        let used = draft.used?;
        let still = if draft.fate.state == State::Gone { " It is gone now." } else { "" };
        let (name, system) = (&draft.item.name, &draft.system);
        let says = format!(
            "{name} in {system} was used at {}, after the departure.{still} Look at what was done with it.",
            at(used)
        );
        Some(Finding { code: "used_after_departure".to_owned(), says })
    });
    used.chain(no_departure(scene)).collect()
}

/// The directory shows the leaver as employed: no departure is stated and an account is active.
fn no_departure(scene: &Scene<'_, '_>) -> Option<Finding> {
    let identity = scene.estate.identity(scene.leaver)?;
    let directory = scene.people.directory;
    let own = scene.people.accounts_of.get(scene.leaver).into_iter().flatten();
    let active = own.filter(|account| account.system == *directory).any(|account| {
        let newest = scene.estate.newest(directory).map(|(newest, _)| newest);
        scene.estate.sightings(account).iter().any(|sighting| {
            Some(sighting.at) == newest
                && matches!(sighting.record, exeunt_model::Record::Account(a) if a.state == AccountState::Active)
        })
    });
    let name = &identity.display_name;
    (active && identity.departed.is_none()).then(|| Finding {
        code: "directory_states_no_departure".to_owned(),
        says: format!(
            "The directory {directory} shows {name} as active and states no departure. Settle whether {name} has left before anything is removed."
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::small_world::{World, account, token};

    fn codes(world: &World) -> Vec<String> {
        world.judge().governance.into_iter().map(|finding| finding.code).collect()
    }

    /// A token that was used and then removed leaves a clear case, and somebody who should look at what it did.
    #[test]
    fn use_is_told_though_all_is_gone() {
        let mut used = token("pat", "1", "revoked");
        used["last_used"] = json!("2026-11-20T19:00:00Z");
        let world = World::new().had("credentials", token("pat", "1", "active")).has("credentials", used);
        assert!(codes(&world).contains(&"used_after_departure".to_owned()));
        assert!(!codes(&World::new()).contains(&"used_after_departure".to_owned()));
    }

    /// Somebody who only moved to another team must not lose everything by a mistaken ticket.
    #[test]
    fn the_directory_knows_no_departure() {
        let mut here = World::new();
        for shown in [&mut here.after, &mut here.now] {
            let accounts = shown.entry(("dir", "accounts")).or_default();
            accounts.push(account("dir", "1", "ada", "1042", "active"));
        }
        assert!(codes(&here).contains(&"directory_states_no_departure".to_owned()));
        assert!(!codes(&World::new()).contains(&"directory_states_no_departure".to_owned()));
    }
}
