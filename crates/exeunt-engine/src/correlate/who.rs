//! What a `Who` stands for: an account, a group or a person.

use std::collections::BTreeSet;

use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::{Noun, Ref, Who};

use super::{Addresses, People};
use crate::estate::{Estate, Held, Sighting, only};

impl<'a> People<'a> {
    /// The object that a record names, as the system that showed the record knows it. A login is looked up in
    /// the same snapshot, since logins are reused; only when no account there has it, in those before.
    pub fn resolve(&self, estate: &Estate<'a>, who: &'a Who, seen: &Sighting<'a>) -> Option<&'a Ref> {
        let upto = estate.history(seen.system).get(..=seen.at).unwrap_or_default();
        match who {
            Who::Object(object) if object.noun == Noun::Identity => {
                Some(self.person(object).unwrap_or(object))
            }
            Who::Object(object) => Some(object),
            Who::Login(login) => upto.iter().rev().find_map(|held: &Held<'a>| held.login(login)),
            Who::Email(address) => {
                let here = upto.last().and_then(|held| held.address(address));
                here.or_else(|| self.by_address(address))
            }
            Who::Key(key) => only(self.having(key).into_iter()),
        }
    }

    /// Everybody with this key. Whose a public key is may stand in any system.
    fn having(&self, key: &JoinKey) -> BTreeSet<&'a Ref> {
        let mut found = self.keys.find(key, self.directory);
        if key.kind == KeyKind::KeyFingerprint {
            found.extend(self.fingerprints.get(key.value.as_str()).into_iter().flatten());
        }
        found
    }

    /// The one person with this verified address.
    pub fn by_address(&self, address: &str) -> Option<&'a Ref> {
        only(self.addresses.find(address))
    }

    /// All people somebody may be, for a claim made outside of any system.
    pub fn claimed(&self, estate: &Estate<'a>, who: &Who) -> Vec<&'a Ref> {
        let mut found: Vec<&'a Ref> = match who {
            Who::Object(object) => match self.disputed.get(object) {
                Some(dispute) => dispute.candidates.iter().copied().collect(),
                None => self.person(object).into_iter().collect(),
            },
            Who::Email(address) => self.addresses.find(address).collect(),
            Who::Key(key) => self.having(key).into_iter().collect(),
            Who::Login(login) => {
                let now = estate.newest(self.directory).and_then(|(_, held)| held.login(login));
                now.and_then(|account| self.person(account)).into_iter().collect()
            }
        };
        for person in &mut found {
            *person = self.person(person).unwrap_or(person);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// How addresses are compared.
    pub fn addresses(&self) -> &Addresses<'a> {
        &self.addresses
    }
}
