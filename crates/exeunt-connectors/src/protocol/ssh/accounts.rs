//! Accounts and groups of a host.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use exeunt_model::manifest::SshSection;

use super::output::Sections;
use super::{Failure, strange};

/// One account.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) uid: u32,
    gid: u32,
    gecos: String,
    home: String,
    shell: String,
    /// Of the password: `set`, `locked`, `none`, `empty`; `elsewhere` without a line in shadow.
    password: String,
    changed: Option<i64>,
    expires: Option<i64>,
}

/// The accounts by name, which every other section refers to.
#[derive(Debug)]
pub(super) struct People {
    today: i64,
    all: BTreeMap<String, Person>,
}

impl People {
    /// From the section of accounts, whole or not: a reader who may not see shadow still sees names.
    pub(super) fn of(sections: &Sections) -> Result<Self, Failure> {
        let mut all = BTreeMap::new();
        for line in sections.rows(SshSection::Accounts) {
            let fields: Vec<&str> = line.split('\t').collect();
            match fields.as_slice() {
                ["P", name, uid, gid, gecos, home, shell] => {
                    let (Ok(uid), Ok(gid)) = (uid.parse(), gid.parse()) else {
                        return strange("accounts", line);
                    };
                    let person = Person {
                        name: (*name).to_owned(),
                        uid,
                        gid,
                        gecos: (*gecos).to_owned(),
                        home: (*home).to_owned(),
                        shell: (*shell).to_owned(),
                        password: "elsewhere".to_owned(),
                        changed: None,
                        expires: None,
                    };
                    all.entry(person.name.clone()).or_insert(person);
                }
                ["S", name, state, changed, expires] => {
                    if let Some(person) = all.get_mut(*name) {
                        (*state).clone_into(&mut person.password);
                        person.changed = changed.parse().ok();
                        person.expires = expires.parse().ok().filter(|day| *day >= 0);
                    }
                }
                _ => return strange("accounts", line),
            }
        }
        Ok(Self { today: sections.head.today, all })
    }

    /// The rows of the section.
    pub(super) fn accounts(&self) -> Vec<Value> {
        let row = |person: &Person| {
            let expired = person.expires.is_some_and(|day| day <= self.today);
            json!({
                "name": person.name, "uid": person.uid, "gid": person.gid, "gecos": person.gecos,
                "home": person.home, "shell": person.shell, "password": person.password,
                "password_changed": person.changed.map(|day| day * 86_400),
                "expires": person.expires.map(|day| day * 86_400), "expired": expired,
            })
        };
        self.all.values().map(row).collect()
    }

    /// The account's number; a name that no account has is a dangling one.
    pub(super) fn uid(&self, name: &str) -> Option<u32> {
        self.all.get(name).map(|person| person.uid)
    }

    /// The account with this number; several may share one, as `toor` does with root, and the first by name
    /// stands for them.
    pub(super) fn by_uid(&self, uid: u32) -> Option<&Person> {
        self.all.values().find(|person| person.uid == uid)
    }

    /// People's accounts, by the range of their numbers.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, u32)> {
        let people = self.all.values().filter(|person| (1000..60_000).contains(&person.uid));
        people.map(|person| (person.name.as_str(), person.uid))
    }

    /// Name and number, for rows that name an account.
    pub(super) fn named(&self, name: &str) -> Value {
        json!({"name": name, "uid": self.uid(name)})
    }
}

/// Groups with their members by name and by primary group.
pub(super) fn groups(lines: &[String], people: &People) -> Result<Vec<Value>, Failure> {
    let mut rows = Vec::new();
    for line in lines {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, gid, members] = fields.as_slice() else { return strange("groups", line) };
        let Ok(gid) = gid.parse::<u32>() else { return strange("groups", line) };
        let mut names: Vec<&str> = members.split(',').filter(|name| !name.is_empty()).collect();
        names.extend(
            people.all.values().filter(|person| person.gid == gid).map(|person| person.name.as_str()),
        );
        names.sort_unstable();
        names.dedup();
        let members: Vec<Value> = names.into_iter().map(|name| people.named(name)).collect();
        rows.push(json!({"name": name, "gid": gid, "members": members}));
    }
    Ok(rows)
}

#[cfg(test)]
pub(super) fn people(lines: &str) -> People {
    let text = format!("X\t1\th\t0\t1795626740\nB\taccounts\n{lines}E\taccounts\tok\t\nZ\n");
    let sections = Sections::parse(text.as_bytes()).expect("sections");
    People::of(&sections).expect("people")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{groups, people};

    /// Somebody whose only group is their primary one stands in no line of the group file.
    #[test]
    fn members_by_primary_group_are_members() {
        let people =
            people("R\tP\tada\t1001\t27\tAda\t/home/ada\t/bin/sh\nR\tS\tada\tlocked\t20000\t20775\n");
        let rows = groups(&["sudo\t27\tghost,ada".to_owned()], &people).expect("groups");
        let members = json!([{"name": "ada", "uid": 1001}, {"name": "ghost", "uid": null}]);
        assert_eq!(rows, [json!({"name": "sudo", "gid": 27, "members": members})]);
        let accounts = people.accounts();
        assert_eq!((&accounts[0]["password"], &accounts[0]["expired"]), (&json!("locked"), &json!(true)));
    }
}
