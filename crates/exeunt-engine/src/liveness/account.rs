//! Accounts, and what an account's state means for what it holds.

use std::sync::Arc;

use exeunt_model::manifest::Kills;
use exeunt_model::record::{Account, AccountState};
use exeunt_model::verdict::Cite;
use exeunt_model::{Effect, Grade, Record, Ref, State, SurvivorKind, SystemId, Text, Timestamp, text};

use super::absence::settled;
use super::presence::{each_snapshot, seen_grade};
use super::{Doubt, Fate, Presence, Proof, Scene};
use crate::estate::{Sighting, at};

/// The state of the account that holds something.
pub(crate) enum Holder {
    /// Nothing stands in the way.
    Free,
    /// The account is in a state that blocks it.
    Blocked(AccountState),
    /// The account is proven gone.
    Gone(Proof),
    /// The account's state is not known.
    Unknown(Doubt),
}

/// Why an account that is free cannot be entered.
struct Door {
    because: Text,
    cites: Vec<Arc<Cite>>,
}

const KIND: SurvivorKind = SurvivorKind::Principal;

impl<'a> Scene<'_, 'a> {
    /// The account's own fate.
    pub fn account_fate(&self, account: &'a Ref) -> Fate {
        let sightings = self.estate.sightings(account);
        let sighting = match self.presence(sightings, KIND, &[]) {
            Presence::Absent(proof) => return Fate::gone(proof),
            Presence::Unproven(doubt) => return Fate::unknown(doubt),
            Presence::Seen(sighting) => sighting,
        };
        let Record::Account(record) = sighting.record else {
            return Fate::unknown(not_an_account());
        };
        let native = &record.native_state;
        let mut cites: Vec<_> = self.estate.cite_sighting(&sighting).into_iter().collect();
        let when = at(sighting.receipt.ended);
        let grade = seen_grade(&sighting);
        if self.is_dead(&sighting, record) {
            return match self.dead_since(sightings, &sighting) {
                Ok(since) => Fate::gone(self.dead_proof(&sighting, native, since)),
                Err(doubt) => Fate::unknown(doubt),
            };
        }
        let (state, because, would_change) = match record.state {
            AccountState::Active => match self.shut(record, KIND) {
                Some((Effect::Latent | Effect::Dies, door)) => {
                    cites.extend(door.cites);
                    (
                        State::Latent,
                        format!("The account is {native} at {when}, but {}", door.because),
                        "The account of the identity provider being enabled again; removing this account.",
                    )
                }
                _ => (
                    State::Live,
                    format!("The account is {native} at {when}"),
                    "Disabling or removing the account.",
                ),
            },
            AccountState::Invited => (
                State::Live,
                format!("The invitation is open at {when} and can be taken up"),
                "Withdrawing the invitation.",
            ),
            AccountState::Unknown | AccountState::Deleted => (
                State::Unknown,
                format!(
                    "The account is listed at {when}, but the system does not say in a known way whether it can be used (`{native}`)"
                ),
                "A read that shows the account's state.",
            ),
            AccountState::Disabled
            | AccountState::Suspended
            | AccountState::Locked
            | AccountState::SoftDeleted => (
                State::Latent,
                format!("The account is {native} at {when}; it comes back when that is undone"),
                "Removing the account for good, or enabling it again.",
            ),
        };
        let would_change = Text::new_static(would_change);
        Fate { state, grade, because: because.into(), would_change, cites, since: None }
    }

    /// What an account's state means for what it holds.
    pub fn holder(&self, account: &Ref) -> Holder {
        let sightings = self.estate.sightings(account);
        let sighting = match self.presence(sightings, KIND, &[]) {
            Presence::Absent(proof) => return Holder::Gone(proof),
            Presence::Unproven(doubt) => return Holder::Unknown(doubt),
            Presence::Seen(sighting) => sighting,
        };
        let Record::Account(record) = sighting.record else {
            return Holder::Unknown(not_an_account());
        };
        let since = state_since(sightings, record.state, &sighting);
        if self.is_dead(&sighting, record) && self.dead_since(sightings, &sighting).is_ok() {
            return Holder::Gone(self.dead_proof(&sighting, &record.native_state, since));
        }
        match record.state {
            AccountState::Active | AccountState::Invited => Holder::Free,
            AccountState::Unknown => Holder::Unknown(Doubt {
                because: text!("the system does not say whether the account {} can be used", record.login),
                would_change: Text::new_static("A read that shows the account's state."),
                grade: Grade::E2,
                cites: self.estate.cite_sighting(&sighting).into_iter().collect(),
            }),
            blocked => Holder::Blocked(blocked),
        }
    }

    /// Whether something was used after its account had been read as blocked or gone. That it then worked says more than
    /// any rule.
    fn worked_since(&self, account: &Ref, used: Option<Timestamp>) -> bool {
        let sightings = self.estate.sightings(account);
        let since = match self.presence(sightings, KIND, &[]) {
            Presence::Seen(sighting) => match sighting.record {
                Record::Account(record) => state_since(sightings, record.state, &sighting),
                _ => return false,
            },
            Presence::Absent(proof) => proof.since,
            Presence::Unproven(_) => return false,
        };
        used.is_some_and(|used| used > since && used <= self.as_of)
    }

    fn is_dead(&self, sighting: &Sighting<'a>, record: &Account) -> bool {
        let rule = self.manifest(sighting.system).and_then(|manifest| manifest.proof.get(&KIND));
        record.state == AccountState::Deleted
            || rule.is_some_and(|rule| rule.dead_states.contains(&record.state))
    }

    fn dead_proof(&self, sighting: &Sighting<'a>, native: &str, since: Timestamp) -> Proof {
        Proof {
            since,
            because: text!(
                "The account is {native} at {}, which {} counts as removed",
                at(sighting.receipt.ended),
                sighting.system
            ),
            cites: self.estate.cite_sighting(sighting).into_iter().collect(),
        }
    }

    /// Since when a dead state is settled, or why it is not.
    fn dead_since(&self, sightings: &[Sighting<'a>], now: &Sighting<'a>) -> Result<Timestamp, Doubt> {
        let Record::Account(record) = now.record else { return Err(not_an_account()) };
        let since = state_since(sightings, record.state, now);
        self.settled_dead(now, KIND, since, &record.native_state)
    }

    /// Whether something that is listed as dead has been so for the settle time.
    pub(super) fn settled_dead(
        &self,
        now: &Sighting<'a>,
        kind: SurvivorKind,
        since: Timestamp,
        word: &str,
    ) -> Result<Timestamp, Doubt> {
        let cites = self.estate.cite_sighting(now).into_iter().collect();
        let Some(settle) = self.settle(now.system, kind) else {
            return Err(Doubt {
                because: text!(
                    "It is listed as {word}, but the connector of {} does not say what proves {kind} gone",
                    now.system
                ),
                would_change: text!("A proof rule for {kind} in the connector's manifest."),
                grade: Grade::E2,
                cites,
            });
        };
        if settled(settle, since, now.receipt.started) {
            return Ok(since);
        }
        let until = since.checked_add(settle).map_or_else(|_| "the settle time is over".to_owned(), at);
        Err(Doubt {
            because: text!(
                "It is listed as {word} since {}, and the removal is settling until {until}",
                at(since)
            ),
            would_change: text!("A read of {} that begins at or after {until}.", now.system),
            grade: Grade::E2,
            cites,
        })
    }

    /// Where sign-in is only through an identity provider whose accounts of this person are all blocked: what that makes of
    /// something of this kind, as the manifest says, and what shows it.
    fn shut(&self, record: &Account, kind: SurvivorKind) -> Option<(Effect, Door)> {
        let sso = record.sso.as_ref().filter(|sso| sso.enforced)?;
        let effect = self.kills(&record.id.system, kind)?.unassigned?;
        let person = self.people.person(&record.id)?;
        // One there that may be theirs, and is given to nobody, may be a door that stands open.
        if self.people.disputes(person).any(|(account, _)| account.system == sso.idp) {
            return None;
        }
        let at_provider = self.people.accounts_of.get(person)?.iter();
        let mut cites = Vec::new();
        for account in at_provider.filter(|account| account.system == sso.idp && **account != &record.id) {
            match self.holder(account) {
                Holder::Gone(proof) => cites.extend(proof.cites),
                Holder::Blocked(_) => {
                    let shown = self.estate.sightings(account).last();
                    cites.extend(shown.and_then(|sighting| self.estate.cite_sighting(sighting)));
                }
                Holder::Free | Holder::Unknown(_) => return None,
            }
        }
        let because = text!("it can only be entered through {}, where the account is blocked", sso.idp);
        // Without an account there nothing shows that the door is shut.
        (!cites.is_empty()).then_some((effect, Door { because, cites }))
    }

    /// The same of the account that holds something, which is itself free.
    fn shut_holder(&self, account: &Ref, kind: SurvivorKind) -> Option<(Effect, Door)> {
        self.kills(&account.system, kind)?.unassigned?;
        match self.presence(self.estate.sightings(account), KIND, &[]) {
            Presence::Seen(sighting) => match sighting.record {
                Record::Account(record) => self.shut(record, kind),
                _ => None,
            },
            Presence::Absent(_) | Presence::Unproven(_) => None,
        }
    }

    /// What becomes of things whose account is gone. An account that is still listed, in a state that is final there, is
    /// judged by what is stated for that state before what is stated for deletion.
    pub(super) fn when_gone(&self, kills: Option<&Kills>, account: &Ref) -> Option<Effect> {
        let listed = match self.presence(self.estate.sightings(account), KIND, &[]) {
            Presence::Seen(sighting) => match sighting.record {
                Record::Account(record) => kills.and_then(|kills| kills.on(record.state)),
                _ => None,
            },
            _ => None,
        };
        listed.or_else(|| kills.and_then(|kills| kills.deleted))
    }

    /// What the holder's state makes of something that is itself listed and working, and was last used at `used`.
    pub fn under(
        &self,
        system: &SystemId,
        kind: SurvivorKind,
        account: &Ref,
        used: Option<Timestamp>,
    ) -> (State, String, Vec<Arc<Cite>>) {
        let name = self.estate.name(account);
        let kills = self.kills(system, kind);
        let (effect, word, cites) = match self.holder(account) {
            Holder::Blocked(_) | Holder::Gone(_) if self.worked_since(account, used) => {
                let used = used.map_or_else(String::new, at);
                let why = format!(
                    ", and was used at {used}, when {name} had been read as blocked or gone: it goes on working"
                );
                return (State::Live, why, Vec::new());
            }
            Holder::Free => match self.shut_holder(account, kind) {
                Some((Effect::Latent, door)) => {
                    return (State::Latent, format!(", and sleeps: {}", door.because), door.cites);
                }
                _ => return (State::Live, String::new(), Vec::new()),
            },
            Holder::Unknown(doubt) => {
                return (
                    State::Unknown,
                    format!(", and whether {name} is blocked is not known: {}", doubt.because),
                    doubt.cites,
                );
            }
            Holder::Blocked(state) => (kills.and_then(|k| k.on(state)), blocked_word(state), Vec::new()),
            Holder::Gone(proof) => (self.when_gone(kills, account), "gone", proof.cites),
        };
        let (state, why) = match effect {
            Some(Effect::Latent) => (State::Latent, format!(", and sleeps while {name} is {word}")),
            Some(Effect::Survives) => (State::Live, format!(", and goes on working while {name} is {word}")),
            Some(Effect::Dies | Effect::DiesWithin(_)) => (
                State::Live,
                format!(", although {name} is {word} and that should have ended it; what is observed counts"),
            ),
            None => (
                State::Unknown,
                format!(", but what becomes of it while {name} is {word} is not stated for {system}"),
            ),
        };
        (state, why, cites)
    }
}

/// Since when an account is in this state.
fn state_since(sightings: &[Sighting<'_>], state: AccountState, now: &Sighting<'_>) -> Timestamp {
    since_when(sightings, now, |record| matches!(record, Record::Account(account) if account.state == state))
}

/// The end of the first reading of the unbroken run of snapshots, up to now, of which each shows a thing in a state.
pub(super) fn since_when(
    sightings: &[Sighting<'_>],
    now: &Sighting<'_>,
    in_state: impl Fn(&Record) -> bool,
) -> Timestamp {
    let (mut since, mut place) = (now.receipt.ended, now.at);
    let said = each_snapshot(sightings.iter().filter(|sighting| sighting.system == now.system));
    for sighting in said.into_iter().rev() {
        if sighting.at + 1 < place || !in_state(sighting.record) {
            break;
        }
        (since, place) = (sighting.receipt.ended, sighting.at);
    }
    since
}

/// The word for a blocked state.
pub(crate) const fn blocked_word(state: AccountState) -> &'static str {
    match state {
        AccountState::Active => "active",
        AccountState::Disabled => "disabled",
        AccountState::Suspended => "suspended",
        AccountState::Locked => "locked",
        AccountState::Invited => "invited",
        AccountState::SoftDeleted => "deleted and restorable",
        AccountState::Deleted => "deleted",
        AccountState::Unknown => "in an unknown state",
    }
}

fn not_an_account() -> Doubt {
    Doubt {
        because: Text::new_static("The record under this reference is no account"),
        would_change: Text::new_static("A connector that gives accounts references of their own."),
        grade: Grade::E1,
        cites: Vec::new(),
    }
}
