//! Who else has a thing now: an owner counts only while there is a living person behind it.
//!
//! A bot that belongs to a bot that belongs to the leaver is the leaver's still, and so is one that was handed to somebody
//! who had left before. What counts is seen: a person whom the directory showed as employed once they had it. So nothing
//! that cannot be read makes anybody an owner, and whoever leaves later is a case of their own.

use std::collections::BTreeSet;

use exeunt_model::record::AccountState;
use exeunt_model::{IdentityKind, LinkStrength, Noun, Record, Ref, State, SurvivorKind, SystemId, Timestamp};

use super::Scene;
use crate::resolve::{Edge, Tie};

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

/// One chain of owners as it is followed.
#[derive(Clone)]
struct Chain<'a> {
    /// Who was asked.
    asked: BTreeSet<&'a Ref>,
    /// Since when the tie that came last has stood, at the earliest.
    since: Timestamp,
}

impl<'a> Scene<'_, 'a> {
    /// Somebody else who is shown as the owner or sponsor now, with a living person behind them.
    pub fn other_owner(&self, object: &'a Ref) -> Option<&'a Ref> {
        self.owners(object, &self.chain())
            .find(|(_, behind)| *behind == Behind::Somebody)
            .map(|(owner, _)| owner)
    }

    /// Somebody else who is shown as the owner or sponsor now, and whether anybody living is behind them: whoever is most.
    pub fn shown_owner(&self, object: &'a Ref) -> Option<(&'a Ref, Behind)> {
        let mut owners: Vec<_> = self.owners(object, &self.chain()).collect();
        // The first of the most.
        owners.reverse();
        owners.into_iter().max_by_key(|(_, behind)| *behind)
    }

    /// The first person at the end of the chain of owners and sponsors who is not the leaver: a bot's bot's owner.
    pub fn overseer(&self, object: &'a Ref) -> Option<&'a Ref> {
        let owner = self.other_owner(object)?;
        if let Some(person) = self.people.person(owner) {
            return Some(person);
        }
        match owner.noun {
            Noun::Group => {
                let chain = self.chain();
                let mut members = self.members(owner);
                members.find(|edge| self.behind(edge, &chain) == Behind::Somebody).map(|edge| edge.from)
            }
            _ => self.overseer(owner),
        }
    }

    /// Whether a thing that runs as this account is no longer the leaver's: the account is a program's, or a living
    /// colleague's.
    pub(super) fn may_have(&self, account: &'a Ref) -> bool {
        match self.people.person(account) {
            Some(person) => {
                person != self.leaver && self.employed(person, self.window.departed) == Behind::Somebody
            }
            None => !self.may_be_human(account),
        }
    }

    fn chain(&self) -> Chain<'a> {
        Chain { asked: BTreeSet::new(), since: self.window.departed }
    }

    /// Owners and sponsors that are shown now, and who is behind them.
    fn owners<'c>(
        &'c self,
        object: &'a Ref,
        chain: &Chain<'a>,
    ) -> impl Iterator<Item = (&'a Ref, Behind)> + use<'c, 'a> {
        let mut chain = chain.clone();
        let new = chain.asked.insert(object);
        let ties = self.graph.into(object).filter(move |_| new);
        let owning = ties.filter(|(place, edge)| {
            matches!(edge.tie, Tie::Owns(LinkStrength::Owner | LinkStrength::Sponsor))
                && edge.manual.is_none()
                && !self.is_leavers_own(edge.from)
                && self.edge(*place).state == State::Live
        });
        owning.map(move |(_, edge)| (edge.from, self.behind(edge, &chain)))
    }

    /// Who is behind the one at the beginning of a tie.
    fn behind(&self, tie: &Edge<'a>, chain: &Chain<'a>) -> Behind {
        let owner = tie.from;
        let since = chain.since.max(self.stands_since(tie));
        if let Some(person) = self.people.person(owner) {
            return if person == self.leaver { Behind::Nobody } else { self.employed(person, since) };
        }
        if self.estate.sightings(owner).is_empty() || chain.asked.contains(owner) {
            return Behind::Nobody;
        }
        let mut chain = Chain { since, ..chain.clone() };
        if owner.noun != Noun::Group {
            // Somebody may be behind a person's account; who, no read shows.
            let nobody = if self.may_be_human(owner) { Behind::NotKnown } else { Behind::Nobody };
            return self.owners(owner, &chain).map(|(_, behind)| behind).fold(nobody, Behind::max);
        }
        chain.asked.insert(owner);
        if self.graph.into(owner).any(|(_, edge)| edge.tie == Tie::Member) {
            return self.members(owner).map(|edge| self.behind(edge, &chain)).max().unwrap_or(Behind::Nobody);
        }
        // Most ownership by teams would be none where a system's members are not read at all.
        if self.sees(&owner.system, SurvivorKind::GrantDirect) { Behind::NotKnown } else { Behind::Somebody }
    }

    /// Memberships of a group that are shown now.
    fn members<'c>(&'c self, group: &'a Ref) -> impl Iterator<Item = &'c Edge<'a>> + use<'c, 'a> {
        let edges = self.graph.into(group).filter(|(_, edge)| edge.tie == Tie::Member);
        edges.filter(|(place, _)| self.edge(*place).state == State::Live).map(|(_, edge)| edge)
    }

    /// Since when a tie has stood at the earliest: the end of the last snapshot before the first that showed it.
    fn stands_since(&self, tie: &Edge<'a>) -> Timestamp {
        let first = tie.sightings.first();
        let before = first.and_then(|first| {
            self.estate.history(first.system).get(first.at.checked_sub(1)?).map(|held| held.snapshot.ended)
        });
        before.unwrap_or(Timestamp::MIN)
    }

    /// Whether a read of the directory that began after `since` shows a person as employed: stating no departure that had
    /// come, and, where the directory has accounts, with one that is active.
    fn employed(&self, person: &'a Ref, since: Timestamp) -> Behind {
        let later = |object: &'a Ref| {
            let seen = self.estate.sightings(object).iter().filter(|s| s.system == self.people.directory);
            seen.filter(move |sighting| sighting.receipt.started > since)
        };
        let stays = |record: &Record, at: Timestamp| match record {
            Record::Identity(identity) => identity.departed.is_none_or(|departed| departed > at),
            _ => false,
        };
        let active = |record: &Record| matches!(record, Record::Account(account) if account.state == AccountState::Active);
        let accounts = self.people.accounts_of.get(person).into_iter().flatten();
        let accounts: Vec<&'a Ref> =
            accounts.filter(|account| account.system == *self.people.directory).copied().collect();
        let has_accounts = self.sees(self.people.directory, SurvivorKind::Principal);
        let stayed = later(person).any(|s| stays(s.record, s.receipt.ended));
        let works = !has_accounts || accounts.iter().any(|account| later(account).any(|s| active(s.record)));
        if stayed && works {
            return Behind::Somebody;
        }
        let shown = later(person).next().is_some()
            && (!has_accounts || accounts.iter().any(|account| later(account).next().is_some()));
        if shown { Behind::Nobody } else { Behind::NotKnown }
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

    use crate::small_world::{World, account, member, non_human, owns, states, token};

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
        let mut unseen = unread.clone();
        unseen.after.insert(("dir", "accounts"), Vec::new());
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
        let table = [
            ("a team that was emptied", emptied, State::Live),
            ("a colleague", handed_to(to("account/2")), State::Gone),
            ("a colleague who has left", left, State::Live),
            ("a colleague, and the directory cannot be read now", unread, State::Gone),
            ("a colleague whom the directory has not shown since", unseen, State::Unknown),
            ("a colleague who left when he had had it", later, State::Gone),
            ("a person whom the directory does not know", stranger, State::Unknown),
            ("nobody we know", handed_to(to("account/999")), State::Live),
            ("a bot of the leaver's", of_bot, State::Live),
            ("a bot of a colleague's", of_bens_bot, State::Gone),
            ("a team whose members are not shown", of_team, State::Unknown),
            ("a team with a colleague in it", of_bens_team, State::Gone),
            ("a team with nobody in it", of_nobodys_team, State::Live),
        ];
        for (title, world, state) in table {
            states("app:owned.nhi:bot", &[(title, world, state)]);
        }
    }
}
