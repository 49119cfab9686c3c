//! Who else has a thing now: an owner counts only while there is a living person behind it.
//!
//! A bot that belongs to a bot that belongs to the leaver is the leaver's still, and so is one whose new owner has left
//! as well. A group is as alive as its members, where a read shows any.

use std::collections::BTreeSet;

use exeunt_model::record::AccountState;
use exeunt_model::{IdentityKind, LinkStrength, Noun, Ref, State};

use super::{Holder, Scene};
use crate::resolve::Tie;

impl<'a> Scene<'_, 'a> {
    /// Somebody else who is shown as the owner or sponsor now, with a living person behind them.
    pub fn other_owner(&self, object: &'a Ref) -> Option<&'a Ref> {
        self.owner_by(object, &holds, &mut BTreeSet::new())
    }

    /// Somebody else who is shown as the owner now and behind whom there is no living person.
    pub fn owner_who_left(&self, object: &'a Ref) -> Option<&'a Ref> {
        let mut owners = self.graph.into(object).filter(|(_, edge)| {
            matches!(edge.tie, Tie::Owns(link) if holds(link))
                && edge.manual.is_none()
                && !self.is_leavers_own(edge.from)
        });
        owners.find(|(place, _)| self.edge(*place).state == State::Live).map(|(_, edge)| edge.from)
    }

    /// The first person at the end of the chain of owners and sponsors who is not the leaver: a bot's bot's owner.
    pub fn overseer(&self, object: &'a Ref) -> Option<&'a Ref> {
        let owner = self.other_owner(object)?;
        if let Some(person) = self.people.person(owner) {
            return Some(person);
        }
        match owner.noun {
            Noun::Group => self.members(owner).find(|member| self.lives(member, &mut BTreeSet::new())),
            _ => self.overseer(owner),
        }
    }

    fn owner_by(
        &self,
        object: &'a Ref,
        counts: &dyn Fn(LinkStrength) -> bool,
        asked: &mut BTreeSet<&'a Ref>,
    ) -> Option<&'a Ref> {
        if !asked.insert(object) {
            return None;
        }
        let owners = self
            .graph
            .into(object)
            .filter(|(_, edge)| matches!(edge.tie, Tie::Owns(link) if counts(link)) && edge.manual.is_none());
        owners
            .filter(|(place, edge)| self.edge(*place).state == State::Live && self.lives(edge.from, asked))
            .map(|(_, edge)| edge.from)
            .next()
    }

    /// Whether a living person other than the leaver is behind an owner.
    fn lives(&self, owner: &'a Ref, asked: &mut BTreeSet<&'a Ref>) -> bool {
        if let Some(person) = self.people.person(owner) {
            return person != self.leaver && self.is_employed(person);
        }
        if self.estate.sightings(owner).is_empty() {
            return false;
        }
        let kind = self.estate.account(owner).map(|account| account.kind.kind);
        match (owner.noun, kind) {
            (Noun::Group, _) => {
                // One whose members were ever shown needs one that is shown now: emptied or unread, it has nobody.
                let shown = self.graph.into(owner).any(|(_, edge)| edge.tie == Tie::Member);
                !shown || self.members(owner).any(|member| asked.insert(member) && self.lives(member, asked))
            }
            // Nobody is known to be behind it, but it is a person's.
            (_, Some(IdentityKind::Human | IdentityKind::Unknown) | None) => true,
            (_, Some(_)) => self.owner_by(owner, &holds, asked).is_some(),
        }
    }

    /// Whether a thing that runs as this account is no longer the leaver's: it is nobody's, or a living colleague's.
    pub(super) fn may_have(&self, account: &'a Ref) -> bool {
        self.people.person(account).is_none_or(|person| person != self.leaver && self.is_employed(person))
    }

    fn members(&self, group: &Ref) -> impl Iterator<Item = &'a Ref> {
        let edges = self.graph.into(group).filter(|(_, edge)| edge.tie == Tie::Member);
        edges.filter(|(place, _)| self.edge(*place).state == State::Live).map(|(_, edge)| edge.from)
    }

    /// Whether a person is shown as employed: no departure that has come, and a directory account that is not blocked,
    /// where the directory shows one. While the directory cannot be read, what it showed last counts: whether the new
    /// owner has left since is a matter of their own case.
    fn is_employed(&self, person: &'a Ref) -> bool {
        let left = self.estate.identity(person).and_then(|identity| identity.departed);
        if left.is_some_and(|left| left <= self.as_of) {
            return false;
        }
        let accounts = self.people.accounts_of.get(person).into_iter().flatten();
        let mut own = accounts.filter(|account| account.system == *self.people.directory).peekable();
        own.peek().is_none()
            || own.any(|account| match self.holder(account) {
                Holder::Free => true,
                Holder::Blocked(_) | Holder::Gone(_) => false,
                Holder::Unknown(_) => {
                    self.estate.account(account).is_some_and(|known| known.state == AccountState::Active)
                }
            })
    }
}

/// Whether a tie makes somebody the one who has a thing. Agents have sponsors where other accounts have owners.
const fn holds(link: LinkStrength) -> bool {
    matches!(link, LinkStrength::Owner | LinkStrength::Sponsor)
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
            ("nobody we know", handed_to(to("account/999")), State::Live),
            ("a bot of the leaver's", of_bot, State::Live),
            ("a bot of a colleague's", of_bens_bot, State::Gone),
            ("a team whose members are not shown", of_team, State::Gone),
            ("a team with a colleague in it", of_bens_team, State::Gone),
            ("a team with nobody in it", of_nobodys_team, State::Live),
        ];
        for (title, world, state) in table {
            states("app:owned.nhi:bot", &[(title, world, state)]);
        }
    }
}
