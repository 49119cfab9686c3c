//! Who else has a thing now: an owner counts only while there is a living person behind it.
//!
//! A bot that belongs to a bot that belongs to the leaver is the leaver's still, and so is one whose new owner has left
//! as well. What counts is seen: a person whom a fresh read of the directory shows as employed. So nothing that cannot be
//! read makes anybody an owner.

use std::collections::BTreeSet;
use std::sync::Arc;

use exeunt_model::verdict::Cite;
use exeunt_model::{IdentityKind, LinkStrength, Noun, Record, Ref, State, SurvivorKind, SystemId};

use super::{Holder, Scene};
use crate::estate::Sighting;
use crate::resolve::Tie;

/// Whether a living person other than the leaver is behind something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Behind {
    /// Nobody.
    Nobody,
    /// No read shows it either way.
    NotKnown,
    /// Somebody.
    Somebody,
}

/// Who was asked along a chain of owners.
type Asked<'a> = BTreeSet<&'a Ref>;

impl<'a> Scene<'_, 'a> {
    /// Somebody else who is shown as the owner or sponsor now, with a living person behind them.
    pub fn other_owner(&self, object: &'a Ref) -> Option<&'a Ref> {
        self.owners(object, &Asked::new())
            .find(|(_, behind)| *behind == Behind::Somebody)
            .map(|(owner, _)| owner)
    }

    /// Somebody else who is shown as the owner or sponsor now, and whether anybody living is behind them: whoever is most.
    pub fn shown_owner(&self, object: &'a Ref) -> Option<(&'a Ref, Behind)> {
        let mut owners: Vec<_> = self.owners(object, &Asked::new()).collect();
        // The first of the most.
        owners.reverse();
        owners.into_iter().max_by_key(|(_, behind)| *behind)
    }

    /// The first person at the end of the chain of owners and sponsors who is not the leaver: a bot's bot's owner, or who
    /// is in the team.
    pub fn overseer(&self, object: &'a Ref) -> Option<&'a Ref> {
        self.person_behind_owners(object, &Asked::new())
    }

    fn person_behind_owners(&self, object: &'a Ref, asked: &Asked<'a>) -> Option<&'a Ref> {
        let living = self.owners(object, asked).filter(|(_, behind)| *behind == Behind::Somebody);
        let mut asked = asked.clone();
        asked.insert(object);
        let mut people = living.filter_map(|(owner, _)| self.person_behind(owner, &asked));
        people.next()
    }

    /// The person an owner is, or who is behind it. Nobody is asked twice along a chain: bots may own one another.
    fn person_behind(&self, owner: &'a Ref, asked: &Asked<'a>) -> Option<&'a Ref> {
        if let Some(person) = self.people.person(owner) {
            return Some(person);
        }
        if owner.noun != Noun::Group {
            return self.person_behind_owners(owner, asked);
        }
        let mut asked = asked.clone();
        asked.insert(owner);
        let mut living = self.members(owner).filter(|member| self.behind(member, &asked) == Behind::Somebody);
        living.find_map(|member| self.person_behind(member, &asked))
    }

    /// Whether a thing that runs as this account is no longer the leaver's: the account is a program's, or a living
    /// colleague's.
    pub(super) fn may_have(&self, account: &'a Ref) -> bool {
        match self.people.person(account) {
            Some(person) => person != self.leaver && self.employed(person) == Behind::Somebody,
            None => !self.may_be_human(account),
        }
    }

    /// What shows that somebody is employed who stands behind a thing.
    pub fn oversight_cites(&self, object: &'a Ref) -> Vec<Arc<Cite>> {
        self.overseer(object).map(|person| self.employment_cites(person)).unwrap_or_default()
    }

    /// What shows that a person is employed.
    pub fn employment_cites(&self, person: &'a Ref) -> Vec<Arc<Cite>> {
        let shown = self.directory_accounts(person).chain([person]).filter_map(|shown| self.shown_now(shown));
        shown.filter_map(|sighting| self.estate.cite_sighting(&sighting)).collect()
    }

    /// Owners and sponsors that are shown now, and who is behind them.
    fn owners<'c>(
        &'c self,
        object: &'a Ref,
        asked: &Asked<'a>,
    ) -> impl Iterator<Item = (&'a Ref, Behind)> + use<'c, 'a> {
        let mut asked = asked.clone();
        asked.insert(object);
        let owning = self.graph.into(object).filter(|(place, edge)| {
            matches!(edge.tie, Tie::Owns(LinkStrength::Owner | LinkStrength::Sponsor))
                && edge.manual.is_none()
                && !self.is_leavers_own(edge.from)
                && self.edge(*place).state == State::Live
        });
        owning.map(move |(_, edge)| (edge.from, self.behind(edge.from, &asked)))
    }

    /// Who is behind an owner.
    fn behind(&self, owner: &'a Ref, asked: &Asked<'a>) -> Behind {
        if let Some(person) = self.people.person(owner) {
            return if person == self.leaver { Behind::Nobody } else { self.employed(person) };
        }
        if self.estate.sightings(owner).is_empty() || asked.contains(owner) {
            return Behind::Nobody;
        }
        if owner.noun != Noun::Group {
            // Somebody may be behind a person's account; who, no read shows.
            let nobody = if self.may_be_human(owner) { Behind::NotKnown } else { Behind::Nobody };
            return self.owners(owner, asked).map(|(_, behind)| behind).fold(nobody, Behind::max);
        }
        let mut asked = asked.clone();
        asked.insert(owner);
        if self.graph.into(owner).any(|(_, edge)| edge.tie == Tie::Member) {
            let members = self.members(owner).map(|member| self.behind(member, &asked));
            return members.max().unwrap_or(Behind::Nobody);
        }
        // Most ownership by teams would be none where a system's members are not read at all.
        if self.sees(&owner.system, SurvivorKind::GrantDirect) { Behind::NotKnown } else { Behind::Somebody }
    }

    /// Members of a group that are shown now.
    fn members<'c>(&'c self, group: &'a Ref) -> impl Iterator<Item = &'a Ref> + use<'c, 'a> {
        let edges = self.graph.into(group).filter(|(_, edge)| edge.tie == Tie::Member);
        edges.filter(|(place, _)| self.edge(*place).state == State::Live).map(|(_, edge)| edge.from)
    }

    /// Whether fresh reads of the directory show a person as employed: no departure that has come, and, where the
    /// directory has accounts, one that is not blocked.
    fn employed(&self, person: &'a Ref) -> Behind {
        let stays = match self.shown_now(person).map(|sighting| sighting.record) {
            Some(Record::Identity(identity)) if identity.departed.is_some_and(|left| left <= self.as_of) => {
                Behind::Nobody
            }
            Some(_) => Behind::Somebody,
            None => Behind::NotKnown,
        };
        if !self.sees(self.people.directory, SurvivorKind::Principal) {
            return stays;
        }
        let works = self.directory_accounts(person).map(|account| match self.holder(account) {
            Holder::Free => Behind::Somebody,
            Holder::Unknown(_) => Behind::NotKnown,
            Holder::Blocked(_) | Holder::Gone(_) => Behind::Nobody,
        });
        stays.min(works.max().unwrap_or(Behind::NotKnown))
    }

    fn directory_accounts<'c>(&'c self, person: &Ref) -> impl Iterator<Item = &'a Ref> + use<'c, 'a> {
        let all = self.people.accounts_of.get(person).into_iter().flatten();
        all.filter(|account| account.system == *self.people.directory).copied()
    }

    /// Where the directory shows something in its newest snapshot, by a read that counts.
    fn shown_now(&self, object: &'a Ref) -> Option<Sighting<'a>> {
        let (now, _) = self.estate.newest(self.people.directory)?;
        let seen = self.estate.sightings(object).iter().rev();
        let mut now = seen.filter(|s| s.system == self.people.directory && s.at == now);
        now.find(|sighting| self.timely(sighting.receipt).is_ok()).copied()
    }

    /// Whether the connector of a system can say that such a thing is gone, and so shows those that are there.
    fn sees(&self, system: &SystemId, kind: SurvivorKind) -> bool {
        self.settle(system, kind).is_some()
    }

    /// Whether an account may be a person's, as far as its own system says.
    fn may_be_human(&self, account: &Ref) -> bool {
        let kind = self.estate.account(account).map(|account| account.kind.kind);
        account.noun == Noun::Identity || matches!(kind, Some(IdentityKind::Human | IdentityKind::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::State;
    use serde_json::json;

    use crate::small_world::{TIMES, World, account, member, non_human, owns, receipts, states, time, token};

    fn handed_to(owner: serde_json::Value) -> World {
        let mut fresh = token("bot-key-2", "bot", "active");
        fresh["created"] = json!("2026-11-20T17:30:00Z");
        World::new()
            .had("accounts", non_human("bot", "service"))
            .had("groups", owns("account/bot", "1", "owner"))
            .had("credentials", token("bot-key", "bot", "active"))
            .has("accounts", non_human("bot", "service"))
            .has("credentials", fresh)
            .has("groups", owner)
    }

    /// Behind a bot's bot there is a person, whom a read of the directory shows.
    #[test]
    fn who_is_behind_a_bot_of_a_bot() {
        let line = handed_to(owns("account/bot", "second", "owner"))
            .keeps("accounts", non_human("second", "service"))
            .keeps("groups", owns("account/second", "2", "owner"))
            .line("app:owned.nhi:bot");
        assert_eq!(line.state, State::Gone, "{}", line.because);
        assert!(line.evidence.iter().any(|cite| cite.system.as_str() == "dir"), "{:?}", line.evidence);
    }

    /// A bot given to somebody who is no longer there belongs to nobody who would notice what it does.
    #[test]
    fn an_owner_has_to_be_somebody() {
        let to = |owner: &str| {
            json!({
                "record": "ownership", "subject": "app/account/bot", "owner": {"object": format!("app/{owner}")},
                "link": "owner", "reason": "small",
            })
        };
        let mut left = handed_to(to("account/2"));
        for shown in [&mut left.after, &mut left.now] {
            shown.insert(("dir", "accounts"), vec![account("dir", "2", "ben", "1043", "disabled")]);
        }
        let mut unread = handed_to(to("account/2"));
        unread.partial.insert(("dir", "accounts"));
        unread.now.insert(("dir", "accounts"), Vec::new());
        let mut later = handed_to(to("account/2"));
        later.now.insert(("dir", "accounts"), vec![account("dir", "2", "ben", "1043", "disabled")]);
        let stranger =
            handed_to(to("account/9")).keeps("accounts", account("app", "9", "somebody", "9999", "active"));
        let of_bot = handed_to(to("account/other"))
            .keeps("accounts", non_human("other", "service"))
            .keeps("groups", owns("account/other", "1", "owner"));
        let of_bens_bot = handed_to(to("account/other"))
            .keeps("accounts", non_human("other", "service"))
            .keeps("groups", owns("account/other", "2", "owner"));
        let group = json!({"record": "group", "id": "app/group/team", "name": "team"});
        let of_team = handed_to(to("group/team")).keeps("groups", group.clone());
        let of_bens_team = of_team.clone().keeps("groups", member("team", "account/2"));
        let of_nobodys_team = of_team.clone().keeps("groups", member("team", "account/gone"));
        let emptied = of_team.clone().had("groups", member("team", "account/2"));
        let owned_team = of_team.clone().keeps("groups", owns("group/team", "2", "owner"));
        let of_unknown_team = handed_to(to("group/unknown"));
        let mut unlisted_members = of_team.clone();
        unlisted_members.manifest["proof"].as_object_mut().expect("rules").remove("grant.direct");
        let of_her_team =
            of_team.clone().keeps("groups", member("team", "account/1")).ada_in_directory("active");
        let mut not_in_directory = handed_to(to("account/2"));
        not_in_directory
            .now
            .get_mut(&("dir", "people"))
            .expect("people")
            .retain(|row| row["display_name"] != "Ben");
        let mut no_accounts_there = handed_to(to("account/2"));
        no_accounts_there.manifest["proof"].as_object_mut().expect("rules").remove("principal");
        for shown in [&mut no_accounts_there.before, &mut no_accounts_there.after, &mut no_accounts_there.now]
        {
            shown.remove(&("dir", "accounts"));
        }
        let owned_by_nobodys_team = of_nobodys_team.clone().keeps("groups", owns("group/team", "2", "owner"));
        let table = [
            ("a team that was emptied", emptied, State::Live),
            ("a colleague", handed_to(to("account/2")), State::Gone),
            ("a colleague who has left", left, State::Live),
            ("a colleague, and the directory cannot be read now", unread, State::Unknown),
            ("a colleague who left when he had had it", later, State::Live),
            ("a person whom the directory does not know", stranger, State::Unknown),
            ("nobody we know", handed_to(to("account/999")), State::Live),
            ("a bot of the leaver's", of_bot, State::Live),
            ("a bot of a colleague's", of_bens_bot, State::Gone),
            ("a team whose members are not shown", of_team, State::Unknown),
            ("a team with a colleague in it", of_bens_team, State::Gone),
            ("a team with nobody in it", of_nobodys_team, State::Live),
            ("a team whose members are not shown, with an owner", owned_team, State::Unknown),
            ("a team nobody lists", of_unknown_team, State::Live),
            ("a team, where nobody lists members at all", unlisted_members, State::Gone),
            ("a team of the leaver alone, who can still sign in", of_her_team, State::Live),
            ("a colleague whom the directory does not list any more", not_in_directory, State::Unknown),
            ("a colleague, by a directory without accounts", no_accounts_there, State::Gone),
            ("a team with an owner, and nobody in it", owned_by_nobodys_team, State::Live),
        ];
        for (title, world, state) in table {
            states("app:owned.nhi:bot", &[(title, world, state)]);
        }
        let colleague = handed_to(to("account/2"));
        let mut history = colleague.history();
        for receipt in receipts(&mut history, "dir", TIMES[2], "people") {
            (receipt.started, receipt.ended) = (time("2026-11-20T16:30:00Z"), time("2026-11-20T16:30:00Z"));
        }
        let line = colleague.line_in(&history, "app:owned.nhi:bot").expect("the bot");
        assert_eq!(
            line.state,
            State::Unknown,
            "listed as a colleague before the departure: {}",
            line.because
        );
    }

    /// Of several owners the first is told; of one who may be nobody it is told that they are shown, and what was read of the
    /// secrets all the same.
    #[test]
    fn who_is_told_to_have_it() {
        let of_two = handed_to(owns("account/bot", "2", "owner"))
            .has("groups", owns("account/bot", "22", "owner"))
            .keeps("accounts", account("app", "22", "ben-admin", "1043", "active"));
        let line = of_two.line("app:owned.nhi:bot");
        assert!(line.because.starts_with("ben has bot now"), "{}", line.because);
        let of_stranger = handed_to(owns("account/bot", "9", "owner"))
            .keeps("accounts", account("app", "9", "somebody", "9999", "active"));
        let line = of_stranger.line("app:owned.nhi:bot");
        assert!(line.because.starts_with("somebody is shown to have bot now"), "{}", line.because);
        assert!(line.evidence.iter().any(|cite| cite.read == "credentials"), "{:?}", line.evidence);
    }
}
