//! The rules of correlation over columns: people and accounts by their place in a table, for estates of millions. The
//! rules are those of the correlation of cases, which applies them to what snapshots showed over time: an exact key, then a
//! verified address, then a name, which links nobody by itself.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::address::{Forms, plain_name};
use super::number::{agrees, number_of};

/// What is known of a person.
#[derive(Debug, Clone, Copy, Default)]
pub struct PersonRow<'a> {
    /// The employee number, or another key that systems share; empty where there is none.
    pub key: &'a str,
    /// The verified address; empty where there is none.
    pub address: &'a str,
    /// The given name.
    pub given: &'a str,
    /// The family name.
    pub family: &'a str,
}

/// What a system shows of an account.
#[derive(Debug, Clone, Copy, Default)]
pub struct AccountRow<'a> {
    /// Whether it is a person's: others are found by their owners.
    pub human: bool,
    /// The key, if the system knows it.
    pub key: &'a str,
    /// The address, vouched for by the system.
    pub address: &'a str,
    /// The log-in.
    pub login: &'a str,
    /// The name it shows.
    pub name: &'a str,
}

/// Why an account is somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// The exact key is the same.
    Key,
    /// The verified address is the same.
    Address,
    /// The name is the same, and the number the log-in ends with is the tail of the person's own.
    NameAndNumber,
    /// Only the name is the same.
    Name,
}

impl How {
    /// How sure it is, of 100. Below 95 it is a candidate to be confirmed, and no link.
    #[must_use]
    pub const fn score(self) -> u8 {
        match self {
            Self::Key => 100,
            Self::Address => 98,
            Self::NameAndNumber => 90,
            Self::Name => 50,
        }
    }

    /// In words.
    #[must_use]
    pub const fn because(self) -> &'static str {
        match self {
            Self::Key => "the exact key is the same",
            Self::Address => "the verified address is the same",
            Self::NameAndNumber => {
                "the name is the same, and the number the log-in ends with is the tail of the person's own"
            }
            Self::Name => "only the name is the same",
        }
    }
}

/// Whose an account is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// One person's.
    Person {
        /// The row of the person.
        person: u32,
        /// Why.
        how: How,
    },
    /// Several people's, by the same rule: shown, and never chosen between.
    Disputed {
        /// The rows of the people, in order.
        people: Vec<u32>,
        /// The rule.
        how: How,
    },
    /// Nobody's.
    Nobody,
}

/// People found by a value. Nearly always one.
#[derive(Debug, Clone)]
enum Found {
    One(u32),
    More(Vec<u32>),
}

impl Found {
    fn people(&self) -> &[u32] {
        match self {
            Self::One(person) => std::slice::from_ref(person),
            Self::More(people) => people,
        }
    }

    fn add(&mut self, person: u32) {
        match self {
            Self::One(first) if *first == person => {}
            Self::One(first) => *self = Self::More(vec![*first, person]),
            Self::More(people) => people.push(person),
        }
    }
}

/// People by everything they can be known by.
#[derive(Debug)]
pub struct Matcher<'a> {
    forms: Forms,
    people: &'a [PersonRow<'a>],
    by_key: Table<&'a str>,
    by_address: Table<Cow<'a, str>>,
    by_name: Table<Box<str>>,
}

/// Its order is nowhere seen, so that the hash need not be told apart from others.
type Table<K> = HashMap<K, Found, FixedState>;

fn put<K: std::hash::Hash + Eq>(table: &mut Table<K>, key: K, person: u32) {
    table.entry(key).and_modify(|found| found.add(person)).or_insert(Found::One(person));
}

impl<'a> Matcher<'a> {
    /// Indexes people. One local part in any of the organisation's `domains` is one address.
    #[must_use]
    pub fn new(people: &'a [PersonRow<'a>], domains: &[String]) -> Self {
        let forms = Forms::new(domains);
        let mut by_key = Table::default();
        let mut by_address = Table::default();
        let mut by_name = Table::default();
        by_key.reserve(people.len());
        by_address.reserve(people.len());
        let mut name = String::new();
        for (row, person) in (0..).zip(people) {
            if !person.key.is_empty() {
                put(&mut by_key, person.key, row);
            }
            if !person.address.is_empty() {
                put(&mut by_address, forms.form(person.address), row);
            }
            name.clear();
            name.extend([person.given, " ", person.family]);
            put(&mut by_name, plain_name(&name).into(), row);
        }
        Self { forms, people, by_key, by_address, by_name }
    }

    /// Whose an account is: the first rule that finds anybody decides.
    #[must_use]
    pub fn whose(&self, account: &AccountRow<'_>) -> Whose {
        if let Some(found) = self.by_key.get(account.key).filter(|_| !account.key.is_empty()) {
            return decide(found.people(), How::Key);
        }
        if !account.human {
            return Whose::Nobody;
        }
        if !account.address.is_empty()
            && let Some(found) = self.by_address.get(&*self.forms.form(account.address))
        {
            return decide(found.people(), How::Address);
        }
        let Some(named) = self.by_name.get(&*plain_name(account.name)) else { return Whose::Nobody };
        let agreeing: Vec<u32> = named
            .people()
            .iter()
            .copied()
            .filter(|person| self.number_agrees(*person, account.login))
            .collect();
        if agreeing.is_empty() {
            decide(named.people(), How::Name)
        } else {
            decide(&agreeing, How::NameAndNumber)
        }
    }

    fn number_agrees(&self, person: u32, login: &str) -> bool {
        let row = self.people.get(person as usize);
        row.is_some_and(|row| agrees(login, [row.key, row.address].into_iter().filter_map(number_of)))
    }
}

fn decide(people: &[u32], how: How) -> Whose {
    match people {
        [person] => Whose::Person { person: *person, how },
        several => Whose::Disputed { people: several.to_vec(), how },
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountRow, How, Matcher, PersonRow, Whose};

    const PEOPLE: [PersonRow<'static>; 4] = [
        PersonRow { key: "E1", address: "ada.berg1417@corp.example", given: "Ada", family: "Berg" },
        PersonRow { key: "E2", address: "ada.berg2980@corp.example", given: "Ada", family: "Berg" },
        PersonRow { key: "E3", address: "bo.lund3@corp.example", given: "Bo", family: "Lund" },
        PersonRow { key: "E3", address: "bo.lund4@corp.example", given: "Bö", family: "Lund" },
    ];

    fn whose(account: &AccountRow<'_>) -> Whose {
        let domains = ["corp.example".to_owned(), "old.example".to_owned()];
        Matcher::new(&PEOPLE, &domains).whose(account)
    }

    fn human(
        key: &'static str,
        address: &'static str,
        login: &'static str,
        name: &'static str,
    ) -> AccountRow<'static> {
        AccountRow { human: true, key, address, login, name }
    }

    /// Each rule, the exact one first: an address never overrides a key, nor a name an address.
    #[test]
    fn the_first_rule_that_finds_anybody_decides() {
        let one = |person, how| Whose::Person { person, how };
        for (account, expected) in [
            (human("E1", "ada.berg2980@corp.example", "x", "Bo Lund"), one(0, How::Key)),
            (human("", " ADA.BERG2980@CORP.example", "x", "Bo Lund"), one(1, How::Address)),
            (human("", "ada.berg2980+app7@corp.example", "x", ""), one(1, How::Address)),
            (human("", "ada.berg2980@old.example", "x", ""), one(1, How::Address)),
            (human("", "a@mail.example", "adbe417", "Berg, Ada"), one(0, How::NameAndNumber)),
            (human("", "", "adbe980", "ADA BERG"), one(1, How::NameAndNumber)),
        ] {
            assert_eq!(whose(&account), expected, "{account:?}");
        }
    }

    /// Two people with one key or one name are shown, never chosen between; what matches nobody is nobody's.
    #[test]
    fn ties_are_disputed_and_strangers_are_nobodys() {
        let disputed = |people: &[u32], how| Whose::Disputed { people: people.to_vec(), how };
        assert_eq!(whose(&human("E3", "", "", "")), disputed(&[2, 3], How::Key));
        assert_eq!(whose(&human("", "", "ada", "Ada Berg")), disputed(&[0, 1], How::Name));
        assert_eq!(
            whose(&human("", "", "ada42", "Ada Berg")),
            disputed(&[0, 1], How::Name),
            "two digits say little"
        );
        assert_eq!(whose(&human("", "x+ada.berg1417@corp.example", "", "")), Whose::Nobody);
        assert_eq!(whose(&human("", "ada.berg1417@mail.example", "", "")), Whose::Nobody, "another's domain");
        let robot = AccountRow { human: false, name: "Ada Berg", ..AccountRow::default() };
        assert_eq!(whose(&robot), Whose::Nobody, "a service account is nobody's for its name");
    }
}
