//! Addresses and names, in the one form they are compared in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use exeunt_model::Ref;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Person;

/// People by verified address.
pub(crate) struct Addresses<'a> {
    domains: BTreeSet<String>,
    by_address: HashMap<String, BTreeSet<&'a Ref>>,
}

impl<'a> Addresses<'a> {
    pub fn new(persons: &BTreeMap<&'a Ref, Person<'a>>, domains: &[String]) -> Self {
        let mut addresses = Self {
            domains: domains.iter().map(|domain| domain.to_lowercase()).collect(),
            by_address: HashMap::new(),
        };
        for (id, person) in persons {
            for email in person.emails.iter().filter(|email| email.verified) {
                let form = addresses.form(&email.address);
                addresses.by_address.entry(form).or_default().insert(id);
            }
        }
        addresses
    }

    /// Lower case; one local part in any of the organisation's domains is one address.
    fn form(&self, address: &str) -> String {
        let lower = address.trim().to_lowercase();
        match lower.rsplit_once('@') {
            // `*` cannot stand in a domain, so this form meets no real address.
            Some((local, domain)) if self.domains.contains(domain) => format!("{local}@*"),
            _ => lower,
        }
    }

    /// People with this address.
    pub fn find(&self, address: &str) -> impl Iterator<Item = &'a Ref> {
        self.by_address.get(&self.form(address)).into_iter().flatten().copied()
    }

    /// Whether two addresses are one.
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.form(one) == self.form(other)
    }
}

/// A name without accents, case and order of its parts: good enough to show a candidate, for nothing more.
pub(crate) fn plain_name(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    let mut parts: Vec<&str> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).collect();
    parts.sort_unstable();
    parts.join(" ")
}
