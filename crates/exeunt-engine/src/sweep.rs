//! People who left and still have accounts, and accounts that belong to nobody: what no ticket speaks of.

use exeunt_model::access::AccessMap;
use exeunt_model::record::AccountState;
use exeunt_model::{IdentityKind, Noun, Record, Ref, Timestamp};

use crate::CaseError;
use crate::correlate::People;
use crate::estate::Estate;
use crate::inputs::Inputs;
use crate::resolve::{Graph, StillReaches, access_map, still_reached};

/// An account that can still be used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftAccount {
    /// The account.
    pub account: Ref,
    /// Its login.
    pub login: String,
    /// The state, in the vendor's words.
    pub native_state: String,
}

/// Somebody the directory knows to have left, with accounts left.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonWhoLeft {
    /// The identity.
    pub identity: Ref,
    /// The name.
    pub name: String,
    /// When they left, if the directory says.
    pub departed: Option<Timestamp>,
    /// Why they count as having left.
    pub because: String,
    /// What is still active elsewhere.
    pub accounts: Vec<LeftAccount>,
}

/// An account that matches nobody.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// The account.
    pub account: LeftAccount,
    /// The people it could be, if there are any: by name or unverified address only, or by a key two share.
    pub candidates: Vec<Ref>,
    /// Why it is nobody's.
    pub because: String,
}

/// What a sweep finds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sweep {
    /// People who left and still have accounts.
    pub left: Vec<PersonWhoLeft>,
    /// Accounts that belong to nobody.
    pub orphans: Vec<Orphan>,
    /// What everybody who left still reaches, worst first.
    pub reached: Vec<StillReaches>,
}

/// Everybody who has left by the directory and still has an active account elsewhere, and every active account
/// in the newest snapshots that matches nobody. The case, ticket and owners of the inputs play no part.
///
/// # Errors
/// When a snapshot has no digest, which its types rule out.
pub fn people_who_left(inputs: &Inputs<'_>) -> Result<Sweep, CaseError> {
    let estate = Estate::new(inputs)?;
    let people = People::new(&estate, inputs.directory, inputs.links, inputs.domains);
    let mut sweep = Sweep::default();
    for identity in people.persons.keys() {
        let Some((departed, because)) = left(&estate, &people, identity, inputs.as_of) else { continue };
        let own = people.accounts_of.get(identity).into_iter().flatten();
        let mut accounts: Vec<LeftAccount> = own
            .filter(|account| account.system != *inputs.directory)
            .filter_map(|account| active(&estate, account))
            .collect();
        accounts.sort();
        if !accounts.is_empty() {
            let (identity, name) = ((*identity).clone(), estate.name(identity).to_owned());
            sweep.left.push(PersonWhoLeft { identity, name, departed, because, accounts });
        }
    }
    for (object, _) in estate.objects().filter(|(object, _)| object.noun == Noun::Account) {
        if people.owner_of.contains_key(object) {
            continue;
        }
        let Some(account) = active(&estate, object) else { continue };
        let dispute = people.disputed.get(object);
        let because = match (dispute, estate.account(object).map(|account| account.kind.kind)) {
            (Some(dispute), _) => dispute.because.clone(),
            (None, Some(IdentityKind::Human | IdentityKind::Unknown)) => {
                "it has no key or verified address of anybody".to_owned()
            }
            // Owners of other accounts are found by their ownership, case by case.
            (None, _) => continue,
        };
        let candidates =
            dispute.map(|d| d.candidates.iter().map(|p| (*p).clone()).collect()).unwrap_or_default();
        sweep.orphans.push(Orphan { account, candidates, because });
    }
    sweep.orphans.sort();
    sweep.reached = still_reached(&map_of(&estate, &people, inputs))?;
    Ok(sweep)
}

/// The access graph of everybody, in the state of the newest snapshots. The case, ticket and owners of the inputs play no
/// part.
///
/// # Errors
/// When a snapshot has no digest, which its types rule out.
pub fn access_of_everybody(inputs: &Inputs<'_>) -> Result<AccessMap, CaseError> {
    let estate = Estate::new(inputs)?;
    let people = People::new(&estate, inputs.directory, inputs.links, inputs.domains);
    Ok(map_of(&estate, &people, inputs))
}

fn map_of<'a>(estate: &Estate<'a>, people: &People<'a>, inputs: &Inputs<'a>) -> AccessMap {
    let graph = Graph::new(estate, people, inputs.links);
    access_map(estate, people, &graph, &|person| left(estate, people, person, inputs.as_of).is_some())
}

/// Whether and why somebody counts as having left.
fn left(
    estate: &Estate<'_>,
    people: &People<'_>,
    person: &Ref,
    as_of: Timestamp,
) -> Option<(Option<Timestamp>, String)> {
    let departed = estate.identity(person).and_then(|identity| identity.departed);
    if let Some(departed) = departed.filter(|departed| *departed <= as_of) {
        return Some((Some(departed), format!("the directory says they left at {departed}")));
    }
    let mut in_directory = people
        .accounts_of
        .get(person)
        .into_iter()
        .flatten()
        .filter(|account| account.system == *people.directory)
        .filter_map(|account| estate.account(account))
        .peekable();
    in_directory.peek()?;
    let blocked = in_directory.all(|account| {
        !matches!(account.state, AccountState::Active | AccountState::Invited | AccountState::Unknown)
    });
    blocked.then(|| (None, "their directory account is disabled".to_owned()))
}

/// An account that the newest snapshot of its system shows as active.
fn active(estate: &Estate<'_>, account: &Ref) -> Option<LeftAccount> {
    let (now, _) = estate.newest(&account.system)?;
    let shown = estate.sightings(account).iter().filter(|sighting| sighting.at == now);
    let record = shown
        .filter_map(|sighting| match sighting.record {
            Record::Account(record) => Some(record),
            _ => None,
        })
        .find(|record| matches!(record.state, AccountState::Active | AccountState::Invited))?;
    Some(LeftAccount {
        account: account.clone(),
        login: record.login.clone(),
        native_state: record.native_state.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Sweep, access_of_everybody, people_who_left};
    use crate::small_world::{World, account, grant, non_human};

    fn swept(world: &World) -> Sweep {
        world.ask(&world.history(), &[], people_who_left).expect("a sweep")
    }

    fn left(world: &World) -> Vec<(String, bool, Vec<String>)> {
        let people = swept(world).left.into_iter();
        people
            .map(|person| {
                let logins = person.accounts.into_iter().map(|account| account.login).collect();
                (person.name, person.departed.is_some(), logins)
            })
            .collect()
    }

    fn departs(mut world: World, when: &str) -> World {
        for shown in [&mut world.before, &mut world.after, &mut world.now] {
            shown.get_mut(&("dir", "people")).expect("people")[0]["departed"] = json!(when);
        }
        world
    }

    fn row(date: bool, logins: &[&str]) -> Vec<(String, bool, Vec<String>)> {
        vec![("Ada".to_owned(), date, logins.iter().map(|login| (*login).to_owned()).collect())]
    }

    /// Whoever left without a ticket is found by the directory: by its date, or by an account that is blocked there.
    #[test]
    fn people_who_left_without_a_ticket() {
        let active = || World::new().ada("active").ada_in_directory("active");
        let nobody = Vec::new();
        assert_eq!(left(&active()), nobody, "nothing says that she left");
        assert_eq!(left(&departs(active(), "2026-11-01T00:00:00Z")), row(true, &["ada"]));
        assert_eq!(left(&departs(active(), "2026-11-20T20:30:00Z")), row(true, &["ada"]), "at this moment");
        assert_eq!(left(&departs(active(), "2026-12-24T00:00:00Z")), nobody, "not yet");
        for (state, counts) in
            [("disabled", true), ("suspended", true), ("invited", false), ("unknown", false)]
        {
            let world = World::new().ada("active").ada_in_directory(state);
            assert_eq!(!left(&world).is_empty(), counts, "{state} in the directory");
        }
        let mut two = World::new().ada("active").ada_in_directory("disabled");
        two.now.get_mut(&("dir", "accounts")).expect("rows").push(account(
            "dir",
            "3",
            "ada-admin",
            "1042",
            "active",
        ));
        assert_eq!(left(&two), nobody, "one of her directory accounts is open");
        let second = account("app", "0", "zoe", "1042", "invited");
        let more = World::new().ada("active").has("accounts", second).ada_in_directory("disabled");
        assert_eq!(left(&more), row(false, &["zoe", "ada"]), "in the order of their ids");
        let closed = World::new().ada("disabled").ada_in_directory("disabled");
        assert_eq!(left(&closed), nobody, "nothing is left");
        let before = World::new().had("accounts", account("app", "1", "ada", "1042", "active"));
        assert_eq!(left(&before.ada_in_directory("disabled")), nobody, "it is not there now");
    }

    /// An account that is nobody's is seen by nobody until it is used; who it could be is said and not decided.
    #[test]
    fn accounts_that_are_nobodys() {
        let mut stranger = account("app", "7", "eve", "0", "active");
        stranger["keys"] = json!([]);
        let mut namesake = account("app", "3", "b", "0", "active");
        namesake["keys"] = json!([]);
        namesake["display_name"] = json!("Ben");
        let mut off = stranger.clone();
        off["id"] = json!("app/account/8");
        off["state"] = json!("disabled");
        let world = World::new()
            .keeps("accounts", stranger)
            .keeps("accounts", namesake)
            .keeps("accounts", off)
            .keeps("accounts", non_human("bot", "service"));
        let orphans = swept(&world).orphans;
        let found: Vec<(&str, usize)> =
            orphans.iter().map(|orphan| (orphan.account.login.as_str(), orphan.candidates.len())).collect();
        assert_eq!(found, [("b", 1), ("eve", 0)]);
    }

    /// What those who left reach is told of them alone; the graph of everybody has them all.
    #[test]
    fn what_those_who_left_still_reach() {
        let reads: fn(&str) -> Value = |who| grant(&format!("account/{who}"), "vault", "read");
        let world = World::new().ada("active").keeps("groups", reads("1")).keeps("groups", reads("2"));
        let world = world.ada_in_directory("disabled");
        let reached: Vec<(String, usize)> =
            swept(&world).reached.into_iter().map(|one| (one.name, one.live)).collect();
        assert_eq!(reached, [("Ada".to_owned(), 1)]);
        let map = world.ask(&world.history(), &[], access_of_everybody).expect("a graph");
        let gone: Vec<&str> =
            map.nodes.iter().filter(|node| node.left).map(|node| node.name.as_str()).collect();
        assert_eq!(gone, ["Ada"]);
        assert!(map.nodes.iter().any(|node| node.name == "Ben" && !node.left), "Ben stays");
    }
}
