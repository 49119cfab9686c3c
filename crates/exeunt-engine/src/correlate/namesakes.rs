//! People of one name, and the numbers they are told apart by.

use std::collections::{BTreeMap, HashMap};

use exeunt_model::Ref;
use foldhash::fast::FixedState;

use super::Person;
use super::number::number_of;

/// People of one name.
#[derive(Default)]
pub(super) struct Namesakes<'a> {
    people: Vec<&'a Ref>,
    /// Their numbers, in the order of their last digits: those of one tail stand together.
    numbers: Vec<(&'a str, &'a Ref)>,
}

impl<'a> Namesakes<'a> {
    /// Everybody, by name.
    pub fn by_name(persons: &BTreeMap<&'a Ref, Person<'a>>) -> HashMap<String, Self, FixedState> {
        let mut all: HashMap<String, Self, FixedState> = HashMap::default();
        for (id, person) in persons {
            for name in &person.names {
                let known = all.entry(name.clone()).or_default();
                known.people.push(id);
                let keys = person.keys.iter().map(|key| key.value.as_str());
                let texts = keys.chain(person.emails.iter().map(|email| email.address.as_str()));
                known.numbers.extend(texts.filter_map(number_of).map(|number| (number, *id)));
            }
        }
        for known in all.values_mut() {
            known.numbers.sort_unstable_by(|a, b| a.0.bytes().rev().cmp(b.0.bytes().rev()));
        }
        all
    }

    /// All of them.
    pub fn people(&self) -> impl Iterator<Item = &'a Ref> {
        self.people.iter().copied()
    }

    /// Those of whom one number ends with the one that a log-in ends with.
    pub fn agreeing<'n>(&'n self, login: &'n str) -> impl Iterator<Item = &'a Ref> + use<'n, 'a> {
        let tail = number_of(login);
        let from = tail.map_or(self.numbers.len(), |tail| {
            self.numbers.partition_point(|(number, _)| number.bytes().rev().lt(tail.bytes().rev()))
        });
        let rest = self.numbers.get(from..).unwrap_or_default().iter();
        rest.take_while(move |(number, _)| tail.is_some_and(|tail| number.ends_with(tail))).map(|(_, id)| *id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use exeunt_model::Ref;
    use exeunt_model::record::{JoinKey, KeyKind};

    use super::Namesakes;
    use crate::correlate::Person;
    use crate::correlate::number::agrees;

    /// Looking a tail up has to find whom looking at everybody would find: a namesake that is left out is whoever an account
    /// may really be.
    #[test]
    fn as_looking_at_everybody() {
        let people: Vec<Ref> =
            (0..200).map(|n| format!("dir/identity/{n}").parse().expect("a reference")).collect();
        let numbers: Vec<String> = (0..200).map(|n| (n * 7919 % 4096 + 100).to_string()).collect();
        let keys: Vec<JoinKey> = numbers
            .iter()
            .map(|value| JoinKey { kind: KeyKind::EmployeeNumber, value: value.clone(), issuer: None })
            .collect();
        let person = |key| Person {
            names: BTreeSet::from(["ada".to_owned()]),
            keys: BTreeSet::from([key]),
            emails: BTreeSet::new(),
        };
        let all = Namesakes::by_name(&people.iter().zip(keys.iter().map(person)).collect());
        let namesakes = &all["ada"];
        assert_eq!(namesakes.people().count(), people.len());
        let mut some = 0;
        for tail in (0..5000).step_by(7) {
            let login = format!("ada{tail}");
            let mut found: Vec<&Ref> = namesakes.agreeing(&login).collect();
            let everybody = numbers.iter().zip(&people);
            let mut expected: Vec<&Ref> = everybody
                .filter(|(number, _)| agrees(&login, [number.as_str()]))
                .map(|(_, person)| person)
                .collect();
            found.sort_unstable();
            expected.sort_unstable();
            some += found.len();
            assert_eq!(found, expected, "{login}");
        }
        assert!(some > 20, "{some} agree");
    }
}
