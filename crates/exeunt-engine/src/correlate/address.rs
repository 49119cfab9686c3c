//! Addresses and names, in the one form they are compared in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};
use std::ops::Range;

use exeunt_model::Ref;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::Person;

/// How addresses are compared.
#[derive(Debug)]
pub(crate) struct Forms {
    domains: Vec<String>,
}

impl Forms {
    pub fn new(domains: &[String]) -> Self {
        Self { domains: domains.iter().map(|domain| domain.to_lowercase()).collect() }
    }

    /// Lower case; one local part in any of the organisation's domains is one address, whatever stands after a `+` in it.
    pub fn form<'t>(&self, address: &'t str) -> Form<'t> {
        let trimmed = address.trim();
        let lower = if trimmed.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
            Cow::Owned(trimmed.to_lowercase())
        } else {
            Cow::Borrowed(trimmed)
        };
        let local = match lower.rsplit_once('@') {
            Some((local, domain)) if self.domains.iter().any(|own| own == domain) => {
                Some(local.find('+').filter(|plain| *plain > 0).unwrap_or(local.len()))
            }
            _ => None,
        };
        Form { lower, local }
    }
}

/// An address in the form it is compared in.
#[derive(Debug, Clone)]
pub(crate) struct Form<'t> {
    lower: Cow<'t, str>,
    /// Where the local part ends that counts, if the domain is the organisation's own.
    local: Option<usize>,
}

impl Form<'_> {
    /// What counts, and whether it is all there is.
    fn counting(&self) -> (&str, bool) {
        match self.local {
            Some(local) => (self.lower.get(..local).unwrap_or_default(), false),
            None => (&self.lower, true),
        }
    }
}

impl PartialEq for Form<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.counting() == other.counting()
    }
}

impl Eq for Form<'_> {}

impl Hash for Form<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.counting().hash(state);
    }
}

/// People by verified address.
pub(crate) struct Addresses<'a> {
    forms: Forms,
    by_address: HashMap<Form<'a>, BTreeSet<&'a Ref>>,
}

impl<'a> Addresses<'a> {
    pub fn new(persons: &BTreeMap<&'a Ref, Person<'a>>, domains: &[String]) -> Self {
        let mut addresses = Self { forms: Forms::new(domains), by_address: HashMap::new() };
        for (id, person) in persons {
            for email in person.emails.iter().filter(|email| email.verified) {
                let form = addresses.forms.form(&email.address);
                addresses.by_address.entry(form).or_default().insert(id);
            }
        }
        addresses
    }

    /// People with this address.
    pub fn find<'s>(&'s self, address: &'s str) -> impl Iterator<Item = &'a Ref> + use<'s, 'a> {
        self.by_address.get(&self.forms.form(address)).into_iter().flatten().copied()
    }

    /// Whether two addresses are one.
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.forms.form(one) == self.forms.form(other)
    }
}

/// A name without accents, case and order of its parts: good enough to show a candidate, for nothing more.
pub(crate) fn plain_name(name: &str) -> String {
    PlainName::default().of(&[name]).to_owned()
}

/// Room to bring one name after the other into its plain form.
#[derive(Debug, Default)]
pub(crate) struct PlainName {
    lower: String,
    parts: Vec<Range<usize>>,
    plain: String,
}

impl PlainName {
    /// The plain form of a name that is told in pieces.
    pub fn of(&mut self, pieces: &[&str]) -> &str {
        let Self { lower, parts, plain } = self;
        lower.clear();
        for piece in pieces {
            if piece.is_ascii() {
                lower.extend(piece.bytes().map(|byte| char::from(byte.to_ascii_lowercase())));
            } else {
                let bare: String = piece.nfkd().filter(|c| !is_combining_mark(*c)).collect();
                lower.push_str(&bare.to_lowercase());
            }
            lower.push(' ');
        }
        parts.clear();
        let mut from = 0;
        for (at, gap) in lower.match_indices(|c: char| !c.is_alphanumeric()) {
            if at > from {
                parts.push(from..at);
            }
            from = at + gap.len();
        }
        let part = |range: &Range<usize>| lower.get(range.clone()).unwrap_or_default();
        parts.sort_unstable_by(|a, b| part(a).cmp(part(b)));
        plain.clear();
        for range in parts.iter() {
            if !plain.is_empty() {
                plain.push(' ');
            }
            plain.push_str(part(range));
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::{Forms, PlainName, plain_name};

    /// One person with two spellings of a name would be two, or the room of one name would show in the next.
    #[test]
    fn a_name_is_plain_whatever_came_before_it() {
        let mut room = PlainName::default();
        for (pieces, plain) in [
            (&["Berg, Ada"][..], "ada berg"),
            (&["Ada", "Berg"], "ada berg"),
            (&["  \u{c9}milie  O'Neill-Sm\u{fc}th "], "emilie neill o smuth"),
            (&["", ""], ""),
            (&["\u{130}brahim \u{17d}ilinskas"], "ibrahim zilinskas"),
            (&["Ada"], "ada"),
        ] {
            assert_eq!(room.of(pieces), plain, "{pieces:?}");
            assert_eq!(plain_name(&pieces.join(" ")), plain, "{pieces:?}");
        }
    }

    /// Two addresses taken for one link an account to a stranger; one taken for two hides whose it is.
    #[test]
    fn addresses_are_one_by_the_local_part_in_the_organisations_own_domains_alone() {
        let forms = Forms::new(&["Corp.example".to_owned(), "old.example".to_owned()]);
        let same = |one, other| forms.form(one) == forms.form(other);
        assert!(same(" Ada.Berg@CORP.example", "ada.berg@old.example"));
        assert!(same("ada.berg+ci@corp.example", "ada.berg@corp.example"));
        assert!(!same("+ci@corp.example", "@corp.example"), "a local part that begins with a plus is whole");
        assert!(!same("ada.berg@mail.example", "ada.berg@corp.example"));
        assert!(!same("ada.berg+ci@mail.example", "ada.berg@mail.example"));
        assert!(!same("ada.berg", "ada.berg@corp.example"), "no domain is not ours");
    }
}
