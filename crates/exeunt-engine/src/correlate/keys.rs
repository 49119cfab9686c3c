//! Exact keys of people: employee number, subject, external id, `NameID`, directory id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use exeunt_model::record::{JoinKey, KeyKind};
use exeunt_model::{Ref, SystemId};

use super::Person;

/// The issuer of a key, where one is named, and whose the key is.
type Issued<'a> = (Option<&'a str>, &'a Ref);

/// People by exact key and by the directory's own id.
pub(crate) struct Keys<'a> {
    by_key: HashMap<(KeyKind, &'a str), BTreeSet<Issued<'a>>>,
    by_id: HashMap<&'a str, BTreeSet<&'a Ref>>,
}

impl<'a> Keys<'a> {
    pub fn new(persons: &BTreeMap<&'a Ref, Person<'a>>) -> Self {
        let mut keys = Self { by_key: HashMap::new(), by_id: HashMap::new() };
        for (id, person) in persons {
            keys.by_id.entry(&id.id).or_default().insert(id);
            for key in &person.keys {
                let place = keys.by_key.entry((key.kind, key.value.as_str())).or_default();
                place.insert((key.issuer.as_deref(), id));
            }
        }
        keys
    }

    /// People with this key. An employee number or directory id without an issuer is the organisation's own;
    /// any other key counts only from the same issuer, since two issuers may give the same value.
    pub fn find(&self, key: &JoinKey, directory: &SystemId) -> BTreeSet<&'a Ref> {
        let own = matches!(key.kind, KeyKind::EmployeeNumber | KeyKind::DirectoryId);
        let issuer = key.issuer.as_deref();
        let mut found = BTreeSet::new();
        for (other, person) in self.by_key.get(&(key.kind, key.value.as_str())).into_iter().flatten() {
            if *other == issuer || (own && (other.is_none() || issuer.is_none())) {
                found.insert(*person);
            }
        }
        let of_directory = issuer.is_none_or(|issuer| issuer == directory.as_str());
        if key.kind == KeyKind::DirectoryId && of_directory {
            found.extend(self.by_id(&key.value));
        }
        found
    }

    /// People whose identity has this native id in the directory.
    pub fn by_id(&self, id: &str) -> impl Iterator<Item = &'a Ref> {
        self.by_id.get(id).into_iter().flatten().copied()
    }
}
