//! Accounts to people.
//!
//! Exact keys first, then verified addresses; a link made by hand beats both. A name is never more than a
//! candidate, and neither is an unverified address. Two people with one key are shown as disputed, never
//! chosen between. What matches nobody is an orphan. Nothing here depends on the order of records.

mod address;
mod fingerprints;
mod keys;
pub mod matcher;
mod namesakes;
mod number;
#[cfg(test)]
mod tests;
mod who;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use exeunt_model::config::ManualLink;
use exeunt_model::record::{Email, JoinKey};
use exeunt_model::{IdentityKind, Noun, Record, Ref, SystemId};

use foldhash::fast::FixedState;

pub(crate) use address::{Addresses, Forms, plain_name};
use fingerprints::{Fingerprints, fingerprints};
use keys::Keys;
use matcher::How;
use namesakes::Namesakes;

use crate::estate::Estate;

/// A person of the directory, with every name, key and address any snapshot showed.
pub(crate) struct Person<'a> {
    pub names: BTreeSet<String>,
    pub keys: BTreeSet<&'a JoinKey>,
    pub emails: BTreeSet<&'a Email>,
}

/// Why an account is a person's.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Why {
    Manual { by: String },
    Key(String),
    Address(String),
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Manual { by } => write!(f, "by the hand of {by}"),
            Self::Key(key) => write!(f, "by {key}"),
            Self::Address(address) => write!(f, "by the verified address {address}"),
        }
    }
}

/// An account that nobody may be given silently.
pub(crate) struct Dispute<'a> {
    pub candidates: BTreeSet<&'a Ref>,
    pub because: String,
    /// Whether it has to be settled before anything can be called clear: two people share an exact key or a
    /// verified address. A mere likeness of names does not.
    pub blocks: bool,
}

/// Whose each account is.
pub(crate) struct People<'a> {
    pub directory: &'a SystemId,
    pub persons: BTreeMap<&'a Ref, Person<'a>>,
    pub owner_of: HashMap<&'a Ref, (&'a Ref, Why), FixedState>,
    pub accounts_of: BTreeMap<&'a Ref, BTreeSet<&'a Ref>>,
    pub disputed: BTreeMap<&'a Ref, Dispute<'a>>,
    /// Identities that are another person's second one, as stated by hand.
    aliases: BTreeMap<&'a Ref, &'a Ref>,
    /// The disputed accounts of each candidate, in order.
    disputes_of: HashMap<&'a Ref, Vec<&'a Ref>, FixedState>,
    keys: Keys<'a>,
    addresses: Addresses<'a>,
    fingerprints: Fingerprints<'a>,
}

/// What every snapshot showed of one account or foreign identity.
#[derive(Default)]
pub(crate) struct Traits<'a> {
    keys: BTreeSet<&'a JoinKey>,
    verified: BTreeSet<String>,
    unverified: BTreeSet<String>,
    names: BTreeSet<String>,
    logins: BTreeSet<&'a str>,
    human: bool,
}

impl<'a> People<'a> {
    /// Correlates everything that was ever read.
    pub fn new(
        estate: &Estate<'a>,
        directory: &'a SystemId,
        links: &'a [ManualLink],
        domains: &[String],
    ) -> Self {
        let persons = persons(estate, directory);
        let keys = Keys::new(&persons);
        let addresses = Addresses::new(&persons, domains);
        let mut people = Self {
            directory,
            persons,
            owner_of: HashMap::default(),
            accounts_of: BTreeMap::new(),
            disputed: BTreeMap::new(),
            aliases: BTreeMap::new(),
            disputes_of: HashMap::default(),
            keys,
            addresses,
            fingerprints: Fingerprints::new(),
        };
        people.link(estate, links);
        people.fingerprints = fingerprints(&people, estate);
        people
    }

    fn link(&mut self, estate: &Estate<'a>, links: &'a [ManualLink]) {
        for link in links.iter().collect::<BTreeSet<_>>() {
            let known = self.persons.get_key_value(&link.person).map(|(person, _)| *person);
            if let Some(person) = known {
                self.owner_of.insert(&link.object, (person, Why::Manual { by: link.by.clone() }));
                if let Some(second) = self.identity_of(&link.object).filter(|second| *second != person) {
                    self.aliases.insert(second, person);
                }
            }
        }
        let by_name = Namesakes::by_name(&self.persons);
        let all: BTreeMap<&Ref, Traits<'_>> = estate
            .objects()
            .filter_map(|(object, _)| Some((object, traits(estate, object, self.directory)?)))
            .collect();
        // Accounts of identity providers first: others point to them by `idp_subject`.
        let mut waiting = Vec::new();
        for (object, traits) in &all {
            if !self.owner_of.contains_key(object) && !self.settle(object, traits) {
                waiting.push((*object, traits));
            }
        }
        for (object, traits) in waiting {
            let through: BTreeSet<&'a Ref> =
                traits.keys.iter().filter_map(|key| self.through_provider(key)).collect();
            let mut people = through.iter();
            match (people.next(), people.next()) {
                (None, _) => self.candidates(object, traits, &by_name),
                (Some(person), None) => {
                    self.owned(object, person, Why::Key("the identity provider's subject".to_owned()));
                }
                _ => self.dispute(object, through, "its provider accounts belong to different people", true),
            }
        }
        for (account, dispute) in &self.disputed {
            for person in &dispute.candidates {
                self.disputes_of.entry(person).or_default().push(account);
            }
        }
        for (account, (person, _)) in &self.owner_of {
            if account.noun == Noun::Account {
                self.accounts_of.entry(person).or_default().insert(account);
            }
        }
    }

    /// The identity an object is, or the one of which it is the directory's own account.
    fn identity_of(&self, object: &Ref) -> Option<&'a Ref> {
        let own = object.system == *self.directory && object.noun == Noun::Account;
        let identity = Ref { noun: Noun::Identity, ..object.clone() };
        self.persons.get_key_value(if own { &identity } else { object }).map(|(person, _)| *person)
    }

    /// The person an identity stands for: another one's second identity stands for them.
    fn one(&self, person: &'a Ref) -> &'a Ref {
        self.aliases.get(person).copied().unwrap_or(person)
    }

    /// Decides by keys and verified addresses; false when neither says anything.
    fn settle(&mut self, object: &'a Ref, traits: &Traits<'a>) -> bool {
        let mut exact: BTreeMap<&'a Ref, String> = BTreeMap::new();
        for key in &traits.keys {
            for person in self.keys.find(key, self.directory) {
                exact.entry(person).or_insert_with(|| [key.kind.words(), " ", &key.value].concat());
            }
        }
        // In the directory itself the account and the identity are two records of one object.
        if object.system == *self.directory {
            for person in self.keys.by_id(&object.id) {
                exact.entry(person).or_insert_with(|| "the directory's own id".to_owned());
            }
        }
        if !exact.is_empty() {
            let why = exact.values().next().cloned().unwrap_or_default();
            let people: BTreeSet<_> = exact.into_keys().collect();
            self.decide(object, people, Why::Key(why), "more than one person has its exact key");
            return true;
        }
        let mut shared: BTreeMap<&'a Ref, &String> = BTreeMap::new();
        for address in traits.verified.iter().filter(|_| traits.human) {
            for person in self.addresses.find(address) {
                shared.entry(person).or_insert(address);
            }
        }
        if shared.is_empty() {
            return false;
        }
        let why = shared.values().next().map(|a| (*a).clone()).unwrap_or_default();
        let people: BTreeSet<_> = shared.into_keys().collect();
        self.decide(object, people, Why::Address(why), "more than one person has its verified address");
        true
    }

    fn decide(&mut self, object: &'a Ref, people: BTreeSet<&'a Ref>, why: Why, clash: &str) {
        let people: BTreeSet<&'a Ref> = people.into_iter().map(|person| self.one(person)).collect();
        match people.first() {
            Some(person) if people.len() == 1 => self.owned(object, person, why),
            _ => self.dispute(object, people, clash, true),
        }
    }

    fn owned(&mut self, object: &'a Ref, person: &'a Ref, why: Why) {
        self.owner_of.insert(object, (self.one(person), why));
    }

    fn dispute(&mut self, object: &'a Ref, candidates: BTreeSet<&'a Ref>, because: &str, blocks: bool) {
        self.disputed.insert(object, Dispute { candidates, because: because.to_owned(), blocks });
    }

    fn candidates(
        &mut self,
        object: &'a Ref,
        traits: &Traits<'a>,
        by_name: &HashMap<String, Namesakes<'a>, FixedState>,
    ) {
        if !traits.human {
            return;
        }
        let by_address: BTreeSet<&'a Ref> =
            traits.unverified.iter().flat_map(|address| self.addresses.find(address)).collect();
        let named: Vec<&Namesakes<'a>> =
            traits.names.iter().filter_map(|name| by_name.get(name.as_str())).collect();
        if !by_address.is_empty() {
            self.dispute(
                object,
                by_address,
                "the address is the same, but the system does not vouch for it",
                false,
            );
        } else if !named.is_empty() {
            let logins = || traits.logins.iter().copied();
            let agreeing: BTreeSet<&'a Ref> = named
                .iter()
                .flat_map(|namesakes| logins().flat_map(|login| namesakes.agreeing(login)))
                .collect();
            let (found, how) = if agreeing.is_empty() {
                (named.iter().flat_map(|namesakes| namesakes.people()).collect(), How::Name)
            } else {
                (agreeing, How::NameAndNumber)
            };
            self.dispute(object, found, how.because(), false);
        }
    }

    /// The person whose account at the provider a subject names: the issuer is one of our systems.
    fn through_provider(&self, key: &JoinKey) -> Option<&'a Ref> {
        let system = SystemId::new(key.issuer.as_deref()?).ok()?;
        let account = Ref::new(system, Noun::Account, key.value.as_str()).ok()?;
        self.owner_of.get(&account).map(|(person, _)| *person)
    }

    /// The accounts that may be a person's and are given to nobody, in order.
    pub fn disputes(&self, person: &Ref) -> impl Iterator<Item = (&'a Ref, &Dispute<'a>)> {
        let accounts = self.disputes_of.get(person).into_iter().flatten();
        accounts.filter_map(|account| Some((*account, self.disputed.get(account)?)))
    }

    /// How a person has an account: by what it is known as theirs.
    pub fn has(&self, account: &Ref) -> String {
        match self.owner_of.get(account) {
            Some((_, why)) => format!("has ({why}) the account"),
            None => "has the account".to_owned(),
        }
    }

    /// The person an account, or an identity of any source, belongs to.
    pub fn person(&self, object: &Ref) -> Option<&'a Ref> {
        let itself = self.persons.get_key_value(object).map(|(person, _)| self.one(person));
        itself.or_else(|| self.owner_of.get(object).map(|(person, _)| *person))
    }
}

fn persons<'a>(estate: &Estate<'a>, directory: &SystemId) -> BTreeMap<&'a Ref, Person<'a>> {
    let mut persons = BTreeMap::new();
    for (object, sightings) in estate.objects() {
        let Some(identity) = estate.identity(object) else { continue };
        let human = matches!(identity.kind.kind, IdentityKind::Human | IdentityKind::Unknown);
        if object.system != *directory || !human {
            continue;
        }
        let mut person = Person { names: BTreeSet::new(), keys: BTreeSet::new(), emails: BTreeSet::new() };
        for sighting in sightings {
            if let Record::Identity(seen) = sighting.record {
                person.names.insert(address::plain_name(&seen.display_name));
                person.keys.extend(&seen.keys);
                person.emails.extend(&seen.emails);
            }
        }
        persons.insert(object, person);
    }
    persons
}

/// What is known of an account or a foreign identity; nothing for other objects and for people themselves.
fn traits<'a>(estate: &Estate<'a>, object: &'a Ref, directory: &SystemId) -> Option<Traits<'a>> {
    let mut traits = Traits { human: true, ..Traits::default() };
    let mut any = false;
    for sighting in estate.sightings(object) {
        let (keys, emails, name, kind) = match sighting.record {
            Record::Account(a) => (&a.keys, &a.emails, a.display_name.as_ref(), a.kind.kind),
            Record::Identity(i) if object.system != *directory => {
                (&i.keys, &i.emails, Some(&i.display_name), i.kind.kind)
            }
            _ => continue,
        };
        any = true;
        if let Record::Account(account) = sighting.record {
            traits.logins.insert(&account.login);
        }
        traits.human &= matches!(kind, IdentityKind::Human | IdentityKind::Unknown);
        traits.keys.extend(keys);
        traits.names.extend(name.map(|name| address::plain_name(name)));
        for email in emails {
            let set = if email.verified { &mut traits.verified } else { &mut traits.unverified };
            set.insert(email.address.to_lowercase());
        }
    }
    any.then_some(traits)
}
