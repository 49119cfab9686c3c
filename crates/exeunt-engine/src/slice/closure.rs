//! What can matter: from the leavers on to everything they reach, and back to whoever is asked about it.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::facts::Found;
use super::key::{Class, Key, class, is_correlated};

/// Its own records count, and whose it is.
pub(super) const SHOWN: u8 = 1;
/// Everything it leads to counts as much.
pub(super) const FULL: u8 = 2;
/// It may have to answer for something: its owners, its members and the people behind it count.
pub(super) const ANSWERS: u8 = 4;
/// A person who may have to be employed: what the directory shows of them counts.
pub(super) const EMPLOYED: u8 = 8;
/// Whoever this leads to may be a leaver.
pub(super) const LEAVER: u8 = 16;
/// Its names count: everybody who has one of them is a candidate.
pub(super) const NAMED: u8 = 32;

/// The marks of everything that counts.
pub(super) type Marks = HashMap<Key, u8, FixedState>;

/// Marks things until nothing new is found.
pub(super) struct Closure<'f> {
    found: &'f Found,
    marks: Marks,
    work: Vec<(Key, u8)>,
    /// Groups whose members are asked for.
    groups: Marks,
}

impl<'f> Closure<'f> {
    pub fn new(found: &'f Found) -> Self {
        Self { found, marks: Marks::default(), work: Vec::new(), groups: Marks::default() }
    }

    /// Marks a thing; a token stands for everything that has it.
    pub fn who(&mut self, key: Key, marks: u8) {
        if class(key) != Class::Token {
            self.mark(key, marks);
            return;
        }
        let found = self.found;
        for object in found.holders(key) {
            self.mark(object, marks);
        }
    }

    /// Marks a thing.
    pub fn mark(&mut self, key: Key, marks: u8) {
        let known = self.marks.entry(key).or_default();
        let new = (marks | SHOWN) & !*known;
        if new != 0 {
            *known |= new;
            self.work.push((key, new));
        }
    }

    /// The marks of all that counts.
    pub fn run(mut self) -> Marks {
        loop {
            while let Some((key, new)) = self.work.pop() {
                self.follow(key, new);
            }
            if self.groups.is_empty() {
                return self.marks;
            }
            // Members of groups are looked up by one sweep for many groups: few groups own things.
            let groups = std::mem::take(&mut self.groups);
            let found = self.found;
            for (from, to) in found.edges.pairs() {
                if groups.contains_key(to) {
                    self.who(*from, ANSWERS);
                }
            }
        }
    }

    fn follow(&mut self, key: Key, new: u8) {
        if new & SHOWN != 0 {
            self.shown(key);
        }
        if new & FULL != 0 {
            self.full(key);
        }
        if new & ANSWERS != 0 {
            self.answers(key);
        }
        if new & EMPLOYED != 0 {
            self.employed(key);
        }
        if new & LEAVER != 0 {
            self.leaver(key);
        }
        if new & NAMED != 0 && is_correlated(key) && !self.found.is_settled(key) {
            let found = self.found;
            for name in found.names_of.get(key) {
                self.mark(name, SHOWN);
            }
        }
    }

    fn shown(&mut self, key: Key) {
        let found = self.found;
        for named in found.named.get(key) {
            self.who(named, SHOWN);
        }
        match class(key) {
            // What a thing opens is where it lives.
            Class::Thing => found.edges.get(key).for_each(|to| self.mark(to, SHOWN)),
            Class::Name => {
                for person in found.with_name.get(key).filter(|of| class(*of) == Class::Person) {
                    self.mark(person, SHOWN);
                }
            }
            Class::Foreign | Class::DirectoryAccount | Class::Account => {
                for token in found.tokens_of.get(key) {
                    self.people(token, SHOWN);
                }
            }
            Class::Person | Class::Group | Class::Token => {}
        }
    }

    /// Marks the people with a token, or the account at a provider that stands for one.
    fn people(&mut self, token: Key, marks: u8) {
        if class(token) != Class::Token {
            self.mark(token, marks);
            return;
        }
        let found = self.found;
        for person in found.with_token.get(token).filter(|of| class(*of) == Class::Person) {
            self.mark(person, marks);
        }
    }

    fn full(&mut self, key: Key) {
        let found = self.found;
        for to in found.edges.get(key) {
            self.mark(to, FULL);
        }
        if class(key) == Class::Token {
            // Who else has it decides whom a record means by it.
            found.holders(key).for_each(|object| self.mark(object, SHOWN));
            return;
        }
        for owner in found.owners.get(key) {
            self.who(owner, ANSWERS);
        }
        for opener in found.openers.get(key) {
            // Whose it is decides whether it is anybody else's.
            self.who(opener, ANSWERS);
        }
        let tokens = found.tokens_of.get(key).filter(|token| class(*token) == Class::Token);
        for token in tokens.chain(found.logins_of.get(key)) {
            self.mark(token, FULL);
            if class(key) == Class::Person {
                found.holders(token).for_each(|object| self.mark(object, FULL));
            }
        }
        if is_correlated(key) {
            self.mark(key, NAMED);
            // Accounts that are known by this one, at the provider.
            found.with_token.get(key).for_each(|object| self.mark(object, FULL));
        }
    }

    fn answers(&mut self, key: Key) {
        let found = self.found;
        for owner in found.owners.get(key) {
            self.who(owner, ANSWERS);
        }
        match class(key) {
            Class::Person => self.mark(key, EMPLOYED),
            Class::Group => {
                self.groups.insert(key, 0);
            }
            Class::Thing => found.named.get(key).for_each(|named| self.who(named, ANSWERS)),
            Class::Foreign | Class::DirectoryAccount | Class::Account => {
                for token in found.tokens_of.get(key) {
                    self.people(token, ANSWERS);
                }
            }
            Class::Token | Class::Name => {}
        }
    }

    /// The directory's accounts of a person, also those known by an account at a provider.
    fn employed(&mut self, person: Key) {
        let found = self.found;
        let mut asked: Vec<Key> = Vec::new();
        let mut accounts: Vec<Key> =
            found.tokens_of.get(person).flat_map(|token| found.with_token.get(token)).collect();
        while let Some(account) = accounts.pop() {
            if is_correlated(account) && !asked.contains(&account) {
                asked.push(account);
                if class(account) == Class::DirectoryAccount {
                    self.mark(account, SHOWN);
                }
                accounts.extend(found.with_token.get(account));
            }
        }
    }

    fn leaver(&mut self, key: Key) {
        let found = self.found;
        match class(key) {
            Class::Person => {
                self.mark(key, FULL | EMPLOYED);
                found.names_of.get(key).for_each(|name| self.mark(name, LEAVER));
                // Whose second identity it is, as stated by hand.
                found.tokens_of.get(key).for_each(|token| self.people(token, LEAVER));
            }
            Class::Name => {
                let unsettled = |of: &Key| is_correlated(*of) && !found.is_settled(*of);
                found.with_name.get(key).filter(unsettled).for_each(|object| self.mark(object, NAMED));
            }
            Class::Foreign | Class::DirectoryAccount | Class::Account => {
                found.tokens_of.get(key).for_each(|token| self.people(token, LEAVER));
                if !found.is_settled(key) {
                    let named = found.names_of.get(key).flat_map(|name| found.with_name.get(name));
                    for person in named.filter(|of| class(*of) == Class::Person) {
                        self.mark(person, LEAVER);
                    }
                }
            }
            Class::Thing => found.named.get(key).for_each(|named| self.who(named, LEAVER)),
            Class::Group | Class::Token => {}
        }
    }
}
