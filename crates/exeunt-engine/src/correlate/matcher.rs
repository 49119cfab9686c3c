//! The rules of correlation over columns: people and accounts by their place in a table, for estates of millions. The
//! rules are those of the correlation of cases, which applies them to what snapshots showed over time: an exact key, then a
//! verified address, then a name, which links nobody by itself.

use std::hash::{BuildHasher as _, Hash};

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::address::{Forms, PlainName};
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

/// People by everything they can be known by. The tables hold numbers of rows and nothing else: what a row is known by is looked
/// up in the row, and only the plain forms of names are written down.
#[derive(Debug)]
pub struct Matcher<'a> {
    forms: Forms,
    people: &'a [PersonRow<'a>],
    by_key: HashTable<u32>,
    by_address: HashTable<u32>,
    by_name: HashTable<Named>,
    /// For each person, the next with the same key, address and name.
    next: Vec<Next>,
    names: String,
    room: PlainName,
    found: Vec<u32>,
}

/// People with one name.
#[derive(Debug, Clone, Copy)]
struct Named {
    first: u32,
    /// Where the name is written down.
    name: (u32, u32),
}

/// The next people of the same, in the order of rows.
#[derive(Debug, Clone, Copy)]
struct Next {
    key: u32,
    address: u32,
    name: u32,
}

/// There is no next.
const NOBODY: u32 = u32::MAX;

/// The order of the tables is nowhere seen, so that the hash need not be told apart from others.
fn hash(value: impl Hash) -> u64 {
    FixedState::default().hash_one(value)
}

/// Puts a person before those who are known by the same, and says who was the first of them.
fn put(
    table: &mut HashTable<u32>,
    hash: u64,
    person: u32,
    same: impl Fn(u32) -> bool,
    all: impl Fn(u32) -> u64,
) -> u32 {
    match table.entry(hash, |row| same(*row), |row| all(*row)) {
        Entry::Occupied(mut first) => std::mem::replace(first.get_mut(), person),
        Entry::Vacant(place) => {
            place.insert(person);
            NOBODY
        }
    }
}

fn written(names: &str, (from, until): (u32, u32)) -> &str {
    names.get(from as usize..until as usize).unwrap_or_default()
}

impl<'a> Matcher<'a> {
    /// Indexes people. One local part in any of the organisation's `domains` is one address.
    #[must_use]
    pub fn new(people: &'a [PersonRow<'a>], domains: &[String]) -> Self {
        let next = vec![Next { key: NOBODY, address: NOBODY, name: NOBODY }; people.len()];
        let mut matcher = Self {
            forms: Forms::new(domains),
            people,
            by_key: HashTable::with_capacity(people.len()),
            by_address: HashTable::with_capacity(people.len()),
            by_name: HashTable::new(),
            next,
            names: String::new(),
            room: PlainName::default(),
            found: Vec::new(),
        };
        // From the last to the first, so that the first stands first.
        for row in (0..u32::try_from(people.len()).unwrap_or(NOBODY)).rev() {
            matcher.index(row);
        }
        matcher
    }

    fn index(&mut self, row: u32) {
        let (people, forms) = (self.people, &self.forms);
        let person = people[row as usize];
        let next = &mut self.next[row as usize];
        if !person.key.is_empty() {
            let key = |row: u32| people[row as usize].key;
            let same = |other| key(other) == person.key;
            next.key = put(&mut self.by_key, hash(person.key), row, same, |row| hash(key(row)));
        }
        if !person.address.is_empty() {
            let form = forms.form(person.address);
            let of = |row: u32| forms.form(people[row as usize].address);
            let same = |other| of(other) == form;
            next.address = put(&mut self.by_address, hash(&form), row, same, |row| hash(of(row)));
        }
        let Self { names, room, .. } = self;
        let name = room.of(&[person.given, person.family]);
        let same = |known: &Named| written(names, known.name) == name;
        match self.by_name.entry(hash(name), same, |known| hash(written(names, known.name))) {
            Entry::Occupied(mut known) => next.name = std::mem::replace(&mut known.get_mut().first, row),
            Entry::Vacant(place) => {
                let from = names.len();
                let ends = (from, from + name.len());
                if let (Ok(from), Ok(until)) = (u32::try_from(ends.0), u32::try_from(ends.1)) {
                    place.insert(Named { first: row, name: (from, until) });
                    names.push_str(name);
                }
            }
        }
    }

    /// Whose an account is: the first rule that finds anybody decides.
    #[must_use]
    pub fn whose(&mut self, account: &AccountRow<'_>) -> Whose {
        let people = self.people;
        if !account.key.is_empty() {
            let same = |row: &u32| people[*row as usize].key == account.key;
            if let Some(first) = self.by_key.find(hash(account.key), same) {
                return decide(self.chain(*first, |next| next.key), How::Key);
            }
        }
        if !account.human {
            return Whose::Nobody;
        }
        if !account.address.is_empty() {
            let form = self.forms.form(account.address);
            let same = |row: &u32| self.forms.form(people[*row as usize].address) == form;
            if let Some(first) = self.by_address.find(hash(&form), same) {
                return decide(self.chain(*first, |next| next.address), How::Address);
            }
        }
        let name = self.room.of(&[account.name]);
        let same = |known: &Named| written(&self.names, known.name) == name;
        let Some(first) = self.by_name.find(hash(name), same).map(|known| known.first) else {
            return Whose::Nobody;
        };
        let mut found = std::mem::take(&mut self.found);
        found.clear();
        found.extend(
            self.chain(first, |next| next.name).filter(|person| self.number_agrees(*person, account.login)),
        );
        let whose = if found.is_empty() {
            decide(self.chain(first, |next| next.name), How::Name)
        } else {
            decide(found.iter().copied(), How::NameAndNumber)
        };
        self.found = found;
        whose
    }

    /// A person and those who are known by the same.
    fn chain(&self, first: u32, next: impl Fn(&Next) -> u32) -> impl Iterator<Item = u32> {
        let follow = move |row: &u32| self.next.get(*row as usize).map(&next).filter(|row| *row != NOBODY);
        std::iter::successors(Some(first), follow)
    }

    fn number_agrees(&self, person: u32, login: &str) -> bool {
        let row = self.people.get(person as usize);
        row.is_some_and(|row| agrees(login, [row.key, row.address].into_iter().filter_map(number_of)))
    }
}

fn decide(mut people: impl Iterator<Item = u32>, how: How) -> Whose {
    match (people.next(), people.next()) {
        (None, _) => Whose::Nobody,
        (Some(person), None) => Whose::Person { person, how },
        (Some(one), Some(other)) => {
            Whose::Disputed { people: [one, other].into_iter().chain(people).collect(), how }
        }
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

    /// Whoever is taken for one person because another one's row was not seen gets an account that is not theirs; and what was
    /// found for one account must not be found again for the next.
    #[test]
    fn people_who_share_and_accounts_that_follow_one_another() {
        let person = |address, given| PersonRow { key: "", address, given, family: "Berg" };
        let people = [
            person("desk@corp.example", "Ada"),
            person("DESK@old.example", "Bo"),
            person("ada.berg1417@corp.example", "Ada"),
            person("bo.berg2980@corp.example", "Bo"),
        ];
        let domains = ["corp.example".to_owned(), "old.example".to_owned()];
        let mut matcher = Matcher::new(&people, &domains);
        let one = |person, how| Whose::Person { person, how };
        for (account, expected) in [
            (
                human("", "desk@corp.example", "x", ""),
                Whose::Disputed { people: vec![0, 1], how: How::Address },
            ),
            (human("", "", "ab417", "Ada Berg"), one(2, How::NameAndNumber)),
            (human("", "", "bb980", "Bo Berg"), one(3, How::NameAndNumber)),
            (human("", "", "bb", "Bo Berg"), Whose::Disputed { people: vec![1, 3], how: How::Name }),
            (human("", "", "ab417", "Ada Berg"), one(2, How::NameAndNumber)),
        ] {
            assert_eq!(matcher.whose(&account), expected, "{account:?}");
        }
    }

    /// What is below 95 is asked about before it is believed.
    #[test]
    fn only_a_key_or_an_address_links() {
        let sure = [How::Key, How::Address, How::NameAndNumber, How::Name].map(|how| how.score() >= 95);
        assert_eq!(sure, [true, true, false, false]);
        assert!(How::Key.score() > How::Address.score() && How::NameAndNumber.score() > How::Name.score());
    }
}
