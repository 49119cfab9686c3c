//! What came back after the departure, and what most likely brought it back.
//!
//! A thing came back when a complete read after the departure did not show it, or showed it blocked, and a later one
//! shows it able to act. The cause is a likelihood, said with the facts it rests on; it changes no state.

use exeunt_model::record::{
    Account, AccountState, CredentialState, Event, EventAction, IntegrationState, KeyKind,
};
use exeunt_model::verdict::{Cause, Regression};
use exeunt_model::{IdentityKind, Noun, Record, Ref, Timestamp, Who};

use super::presence::each_snapshot;
use super::{Holder, Scene};
use crate::estate::{Sighting, at};

impl<'a> Scene<'_, 'a> {
    /// That a thing came back, and why.
    pub fn regression(&self, object: Option<&'a Ref>, sightings: &[Sighting<'a>]) -> Option<Regression> {
        let found = self.came_back(sightings).or_else(|| self.unblocked(sightings));
        let (missing, again) = found.or_else(|| self.made_again(object?, sightings))?;
        let back = sightings.iter().find(|sighting| sighting.receipt.ended == again)?;
        // What replaces another may have been made before the other was missed.
        let since = if found.is_some() { missing } else { self.window.departed };
        let (cause, why) = self.cause(object, sightings, back, since);
        Some(Regression { missing, again, cause, why })
    }

    /// When an account of the leaver's went missing after the departure, and when this one took its place: systems give an
    /// account that is made anew another id.
    fn made_again(&self, object: &'a Ref, sightings: &[Sighting<'a>]) -> Option<(Timestamp, Timestamp)> {
        let first = sightings.first().filter(|first| first.receipt.started >= self.window.departed)?;
        if object.noun != Noun::Account || !self.is_leavers_own(object) {
            return None;
        }
        let own = self.people.accounts_of.get(self.leaver)?.iter();
        let before =
            own.filter(|other| other.system == object.system && **other != object).filter_map(|other| {
                let last = self.estate.sightings(other).last()?;
                let later = self.estate.history(&object.system).get(last.at + 1..=first.at)?;
                let mut missing =
                    later.iter().filter_map(|held| held.receipt(&last.receipt.read, &last.receipt.scope));
                missing.find(|receipt| receipt.outcome.is_complete()).map(|receipt| receipt.ended)
            });
        before.min().map(|missing| (missing, first.receipt.ended))
    }

    /// When a thing was shown blocked after the departure, and when it was shown free again.
    fn unblocked(&self, sightings: &[Sighting<'a>]) -> Option<(Timestamp, Timestamp)> {
        sightings.chunk_by(|one, other| one.system == other.system).find_map(|shown_by| {
            let since = shown_by.iter().filter(|s| s.receipt.started >= self.window.departed);
            let mut said = each_snapshot(since).into_iter();
            let blocked = said.find(|s| able(s.record) == Some(false))?;
            let free = said.find(|s| able(s.record) == Some(true))?;
            Some((blocked.receipt.ended, free.receipt.ended))
        })
    }

    fn cause(
        &self,
        object: Option<&'a Ref>,
        sightings: &[Sighting<'a>],
        back: &Sighting<'a>,
        missing: Timestamp,
    ) -> (Cause, String) {
        if let Some(why) = self.rehired(missing) {
            return (Cause::Rehire, why);
        }
        let subject = object.or_else(|| back.record.object());
        let mut events = subject.into_iter().flat_map(|object| self.estate.events(object));
        let brought = |event: &&&Event| {
            matches!(event.action, EventAction::Created | EventAction::Enabled | EventAction::Changed)
                && event.at >= sightings.first().map_or(missing, |first| first.receipt.ended)
                && event.at <= back.receipt.ended
        };
        if let Some(event) = events.rfind(brought)
            && let Some(by) = &event.actor
        {
            return self.by_actor(back, event, by);
        }
        if let Some(why) = self.filled_by(back.record) {
            return (Cause::GroupRule, why);
        }
        match back.record {
            Record::Account(account) if account.created.is_some_and(|created| created > missing) => {
                let provided = account.keys.iter().find(|key| key.kind == KeyKind::ScimExternalId);
                match (provided, &account.sso) {
                    (Some(key), _) => (
                        Cause::Provisioning,
                        format!(
                            "It was made anew after {}, with the {key} that provisioning gives",
                            at(missing)
                        ),
                    ),
                    (None, Some(sso)) => (
                        Cause::SignIn,
                        format!(
                            "It was made anew after {}, and sign-in through {} makes accounts",
                            at(missing),
                            sso.idp
                        ),
                    ),
                    (None, None) if signs_in(account) => (
                        Cause::SignIn,
                        format!(
                            "It was made anew after {}, for a sign-in through an identity provider",
                            at(missing)
                        ),
                    ),
                    (None, None) => (
                        Cause::Unknown,
                        format!("It was made anew after {}; nothing shows by whom", at(missing)),
                    ),
                }
            }
            record => match made(record).filter(|made| *made <= missing) {
                Some(made) => (
                    Cause::Restore,
                    format!(
                        "It is the same object as before, made at {}: restored, or its removal undone",
                        at(made)
                    ),
                ),
                None => (Cause::Unknown, "Nothing that was read shows why".to_owned()),
            },
        }
    }

    /// The directory shows the leaver as employed again.
    fn rehired(&self, missing: Timestamp) -> Option<String> {
        let directory = self.people.directory;
        let mut own = self.people.accounts_of.get(self.leaver)?.iter().filter(|a| a.system == *directory);
        let account = own.find(|account| {
            let later = |s: &&Sighting<'_>| s.receipt.ended >= missing;
            let blocked_before = self
                .estate
                .sightings(account)
                .iter()
                .any(|s| s.receipt.started >= self.window.departed && able(s.record) == Some(false));
            let free = self.estate.sightings(account).last().filter(later);
            blocked_before
                && free.is_some_and(|s| able(s.record) == Some(true))
                && matches!(self.holder(account), Holder::Free)
        })?;
        let left = self.estate.identity(self.leaver).and_then(|identity| identity.departed);
        let still_left = left.is_some_and(|left| left <= self.as_of);
        (!still_left).then(|| {
            format!("The directory has enabled {} again and states no departure", self.estate.name(account))
        })
    }

    fn by_actor(&self, back: &Sighting<'a>, event: &'a Event, by: &'a Who) -> (Cause, String) {
        let actor = self.people.resolve(self.estate, by, back);
        let name = actor.map_or_else(|| by.to_string(), |actor| self.estate.name(actor).to_owned());
        let when = at(event.at);
        let Some(actor) = actor else {
            return (Cause::Unknown, format!("The log names {name} at {when}, whom no read shows"));
        };
        if self.is_leavers_own(actor) {
            let sign_in = back.record.object() == Some(actor);
            let cause = if sign_in { Cause::SignIn } else { Cause::ByHand };
            return (cause, format!("The log shows that {name}, an account of the leaver, did it at {when}"));
        }
        let kind = self.estate.account(actor).map(|account| account.kind.kind);
        match (actor.noun, kind) {
            (Noun::Integration, _) => {
                (Cause::Provisioning, format!("The log shows that the integration {name} did it at {when}"))
            }
            (_, Some(IdentityKind::Service | IdentityKind::Workload | IdentityKind::Agent)) => (
                Cause::Automation,
                format!("The log shows that the non-human account {name} did it at {when}"),
            ),
            _ => (Cause::ByHand, format!("The log shows that {name} did it at {when}")),
        }
    }

    fn filled_by(&self, record: &Record) -> Option<String> {
        let group = match record {
            Record::Membership(membership) => &membership.group,
            Record::Grant(grant) => match &grant.subject {
                Who::Object(subject) => subject,
                _ => return None,
            },
            _ => return None,
        };
        match self.estate.latest(group)? {
            Record::Group(record) => {
                let by = record.filled_by.clone().or_else(|| self.rule_into(group))?;
                Some(format!("The group {} is filled by {by}, which puts removed members back", record.name))
            }
            _ => None,
        }
    }
}

impl Scene<'_, '_> {
    /// A rule that is enabled and opens a group.
    fn rule_into(&self, group: &Ref) -> Option<String> {
        let rules = self.estate.rules_into(group).filter(|rule| rule.state == IntegrationState::Enabled);
        let name = rules.map(|rule| rule.name.as_str()).min()?;
        Some(format!("the rule {name}"))
    }
}

/// Whether a record shows a thing able to act; none where it says nothing of that.
const fn able(record: &Record) -> Option<bool> {
    match record {
        Record::Account(account) => match account.state {
            AccountState::Active => Some(true),
            AccountState::Invited | AccountState::Unknown => None,
            _ => Some(false),
        },
        Record::Credential(credential) => match credential.state {
            CredentialState::Active => Some(true),
            CredentialState::Unknown => None,
            _ => Some(false),
        },
        Record::Integration(integration) => match integration.state {
            IntegrationState::Enabled => Some(true),
            IntegrationState::Disabled => Some(false),
            IntegrationState::Unknown => None,
        },
        _ => None,
    }
}

/// Whether an account is one that an identity provider's sign-in makes.
fn signs_in(account: &Account) -> bool {
    account.keys.iter().any(|key| matches!(key.kind, KeyKind::IdpSubject | KeyKind::SsoNameId))
}

const fn made(record: &Record) -> Option<Timestamp> {
    match record {
        Record::Account(account) => account.created,
        Record::Credential(credential) => credential.created,
        Record::Integration(integration) => integration.created,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use exeunt_model::verdict::Cause;
    use serde_json::{Value, json};

    use crate::small_world::{World, account, member, non_human, token};

    /// Before, gone after the departure, back now.
    fn back(read: &'static str, before: Value, now: Value) -> World {
        let mut world = World::new().ada("active").had(read, before);
        world.now.entry(("app", read)).or_default().push(now);
        world
    }

    fn event(action: &str, subject: &str, actor: &Value) -> Value {
        json!({
            "record": "event", "id": "app/event/1", "at": "2026-11-20T19:00:00Z", "action": action, "subject": subject,
            "actor": actor, "detail": "",
        })
    }

    /// A removal that does not last has a cause, and its owner has to be told which; a guess is said to be none.
    #[test]
    fn the_likely_cause() {
        let pat = || token("pat", "1", "active");
        let mut undated = pat();
        undated.as_object_mut().expect("an object").remove("created");
        let by = |actor: Value| {
            let mut world = back("credentials", undated.clone(), undated.clone());
            world.now.entry(("app", "integrations")).or_default().push(event(
                "created",
                "app/credential/pat",
                &actor,
            ));
            world
        };
        let rule = json!({"record": "group", "id": "app/group/dev", "name": "dev", "filled_by": "a rule on the department"});
        let table = [
            ("restored", back("credentials", pat(), pat()), "app:token.user:pat", Cause::Restore),
            (
                "nothing says",
                back("credentials", undated.clone(), undated.clone()),
                "app:token.user:pat",
                Cause::Unknown,
            ),
            ("a colleague", by(json!({"object": "app/account/2"})), "app:token.user:pat", Cause::ByHand),
            ("the leaver", by(json!({"object": "app/account/1"})), "app:token.user:pat", Cause::ByHand),
            (
                "a script",
                by(json!({"object": "app/account/terraform"}))
                    .keeps("accounts", non_human("terraform", "service")),
                "app:token.user:pat",
                Cause::Automation,
            ),
            ("somebody unknown", by(json!({"login": "nobody"})), "app:token.user:pat", Cause::Unknown),
            (
                "a group rule",
                back("groups", member("dev", "account/1"), member("dev", "account/1")).keeps("groups", rule),
                "app:grant.direct:account/1->group/dev",
                Cause::GroupRule,
            ),
        ];
        for (title, world, id, cause) in table {
            let found = world.line(id).regression.unwrap_or_else(|| panic!("{title}: no regression"));
            assert_eq!(found.cause, cause, "{title}: {}", found.why);
        }
        assert!(
            World::new()
                .keeps("credentials", pat())
                .ada("active")
                .line("app:token.user:pat")
                .regression
                .is_none()
        );
    }

    /// An account that is made anew by signing in, by provisioning, or is enabled with its person's return.
    #[test]
    fn accounts_that_come_back() {
        let anew = |change: &dyn Fn(&mut Value)| {
            let mut now = account("app", "1", "ada", "1042", "active");
            now["created"] = json!("2026-11-20T19:00:00Z");
            change(&mut now);
            let mut world = World::new();
            world.now.entry(("app", "accounts")).or_default().push(now);
            world
        };
        let sign_in = anew(&|now| now["sso"] = json!({"idp": "dir", "enforced": true}));
        let pushed = anew(&|now| {
            let key = json!({"kind": "scim_external_id", "value": "x", "issuer": "dir"});
            now["keys"].as_array_mut().expect("keys").push(key);
        });
        let mut rehired = anew(&|_| ());
        rehired = rehired.clone();
        rehired
            .after
            .entry(("dir", "accounts"))
            .or_default()
            .push(account("dir", "1", "ada", "1042", "disabled"));
        rehired
            .now
            .entry(("dir", "accounts"))
            .or_default()
            .push(account("dir", "1", "ada", "1042", "active"));
        for (title, world, cause) in [
            ("sign-in", sign_in, Cause::SignIn),
            ("pushed", pushed, Cause::Provisioning),
            ("rehired", rehired, Cause::Rehire),
        ] {
            let found = world.line("app:principal:1").regression.unwrap_or_else(|| panic!("{title}"));
            assert_eq!(found.cause, cause, "{title}: {}", found.why);
        }
    }

    /// What was switched off and is on again came back too, though it never left a list.
    #[test]
    fn switched_on_again() {
        let mut world = World::new().ada("active").had("credentials", token("pat", "1", "active"));
        world.after.entry(("app", "credentials")).or_default().push(token("pat", "1", "inactive"));
        world.now.entry(("app", "credentials")).or_default().push(token("pat", "1", "active"));
        assert!(world.line("app:token.user:pat").regression.is_some());
    }
}
