//! Addresses and names, in the one form they are compared in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use exeunt_model::Ref;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Person;

/// How addresses are compared.
#[derive(Debug)]
pub(crate) struct Forms {
    domains: BTreeSet<String>,
}

impl Forms {
    pub fn new(domains: &[String]) -> Self {
        Self { domains: domains.iter().map(|domain| domain.to_lowercase()).collect() }
    }

    /// Lower case; one local part in any of the organisation's domains is one address, whatever stands after a `+` in it.
    pub fn form<'t>(&self, address: &'t str) -> Cow<'t, str> {
        let trimmed = address.trim();
        let lower = if trimmed.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            Cow::Owned(trimmed.to_lowercase())
        } else {
            Cow::Borrowed(trimmed)
        };
        match lower.rsplit_once('@') {
            Some((local, domain)) if self.domains.contains(domain) => {
                let plain = local.split_once('+').map_or(local, |(plain, _)| plain);
                // `*` cannot stand in a domain, so this form meets no real address.
                Cow::Owned(format!("{}@*", if plain.is_empty() { local } else { plain }))
            }
            _ => lower,
        }
    }
}

/// People by verified address.
pub(crate) struct Addresses<'a> {
    forms: Forms,
    by_address: HashMap<String, BTreeSet<&'a Ref>>,
}

impl<'a> Addresses<'a> {
    pub fn new(persons: &BTreeMap<&'a Ref, Person<'a>>, domains: &[String]) -> Self {
        let mut addresses = Self { forms: Forms::new(domains), by_address: HashMap::new() };
        for (id, person) in persons {
            for email in person.emails.iter().filter(|email| email.verified) {
                let form = addresses.forms.form(&email.address).into_owned();
                addresses.by_address.entry(form).or_default().insert(id);
            }
        }
        addresses
    }

    /// People with this address.
    pub fn find(&self, address: &str) -> impl Iterator<Item = &'a Ref> {
        self.by_address.get(&*self.forms.form(address)).into_iter().flatten().copied()
    }

    /// Whether two addresses are one.
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.forms.form(one) == self.forms.form(other)
    }
}

/// A name without accents, case and order of its parts: good enough to show a candidate, for nothing more.
pub(crate) fn plain_name(name: &str) -> String {
    let plain = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        name.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase()
    };
    let mut parts: Vec<&str> =
        plain.split(|c: char| !c.is_alphanumeric()).filter(|p| !p.is_empty()).collect();
    parts.sort_unstable();
    parts.join(" ")
}
