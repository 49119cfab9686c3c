//! The people of the story and what each has, read from `world.yaml`.

mod chat;
mod cloud;
mod database;
mod directory;

use serde::Deserialize;

use super::error::LabError;
pub use chat::{Bot, Matrix};
pub use cloud::{Aws, AwsUser};
pub use database::{Login, Postgres, ServiceRole, Session};
pub use directory::Ldap;

/// The data.
pub const WORLD: &str = include_str!("../world.yaml");

/// Everything that is seeded.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct World {
    /// The company.
    pub company: Company,
    /// Who leaves, and how well that is done.
    pub leavers: Vec<Leaver>,
    /// Everyone.
    pub people: Vec<Person>,
    /// The directory.
    pub ldap: Ldap,
    /// The database.
    pub postgres: Postgres,
    /// The chat.
    pub matrix: Matrix,
    /// The cloud.
    pub aws: Aws,
}

/// The company.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Its name.
    pub name: String,
    /// Its mail domain, and the Matrix server name.
    pub domain: String,
}

/// How well a leaver's access was removed at stage `half`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Removal {
    /// Left half done.
    Half,
    /// Done everywhere.
    Full,
}

/// Someone who leaves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaver {
    /// Their uid.
    pub person: String,
    /// When, in the story.
    pub departs: jiff::Timestamp,
    /// How well it was done.
    pub removal: Removal,
    /// Who gets what cannot simply be removed.
    pub successor: String,
}

/// A human being.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The LDAP uid, the local part of the mail address and of the Matrix id.
    pub uid: String,
    /// Given name.
    pub given: String,
    /// Family name.
    pub family: String,
    /// The employee number.
    pub number: String,
    /// The job.
    pub title: String,
}

impl World {
    /// Reads the data.
    pub fn load() -> Result<Self, LabError> {
        serde_saphyr::from_str(WORLD)
            .map_err(|error| LabError::Data { what: "world.yaml".into(), why: error.to_string() })
    }

    /// The person with this uid.
    pub fn person(&self, uid: &str) -> Result<&Person, LabError> {
        self.people.iter().find(|person| person.uid == uid).ok_or_else(|| LabError::Data {
            what: "world.yaml".into(),
            why: format!("nobody has the uid {uid}"),
        })
    }

    /// The leaver with this uid.
    #[cfg(test)]
    pub fn leaver(&self, uid: &str) -> Option<&Leaver> {
        self.leavers.iter().find(|leaver| leaver.person == uid)
    }

    /// A mail address.
    pub fn mail(&self, uid: &str) -> String {
        format!("{uid}@{}", self.company.domain)
    }

    /// A Matrix user id.
    pub fn matrix_id(&self, localpart: &str) -> String {
        format!("@{localpart}:{}", self.company.domain)
    }

    /// The name of a user in the cloud.
    pub fn user_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:user/{name}", self.aws.account)
    }

    /// The name of a policy in the cloud.
    pub fn policy_arn(&self, name: &str) -> String {
        format!("arn:aws:iam::{}:policy/{name}", self.aws.account)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A key that two people share would make one of them answer for the other.
    #[test]
    fn no_two_people_share_a_key() {
        let world = World::load().expect("the world");
        let numbers: BTreeSet<_> = world.people.iter().map(|person| &person.number).collect();
        let uids: BTreeSet<_> = world.people.iter().map(|person| &person.uid).collect();
        assert_eq!((numbers.len(), uids.len()), (world.people.len(), world.people.len()));
        let owners: BTreeSet<_> = world.matrix.bots.iter().map(|bot| &bot.owner).collect();
        // The chat server lets an address belong to one account only.
        assert_eq!(owners.len(), world.matrix.bots.len());
    }

    /// The story stands on these: a namesake who stays, and a login that has been given to someone else.
    #[test]
    fn the_namesake_and_the_recycled_login_are_there() {
        let world = World::load().expect("the world");
        let name =
            |uid: &str| world.person(uid).map(|p| (p.given.clone(), p.family.clone())).expect("a person");
        assert_eq!(name("ida.brandt"), name("ida.brandt2"));
        assert!(world.leaver("ida.brandt2").is_none());
        let recycled = &world.postgres.recycled[0];
        let first =
            world.postgres.logins.iter().find(|login| login.role == recycled.role).expect("a first holder");
        assert_ne!(first.person, recycled.person);
        assert_eq!(world.leaver(&first.person).map(|leaver| leaver.removal), Some(Removal::Full));
    }

    /// A name nobody has would be planted for nobody, and then be missed by every check.
    #[test]
    fn everyone_who_is_named_exists() {
        let world = World::load().expect("the world");
        let mut named: Vec<&String> = world.leavers.iter().flat_map(|l| [&l.person, &l.successor]).collect();
        named.extend(world.ldap.groups.iter().flat_map(|group| &group.members));
        named.extend(world.postgres.logins.iter().chain(&world.postgres.recycled).map(|login| &login.person));
        named.extend(world.postgres.services.iter().map(|service| &service.owner));
        named.extend(world.matrix.rooms.iter().flat_map(|room| &room.members));
        named.extend(world.matrix.devices.iter().map(|device| &device.person));
        named.extend(world.matrix.bots.iter().map(|bot| &bot.owner));
        named.extend(world.aws.users.iter().map(|user| &user.person));
        named.extend(world.aws.services.iter().map(|service| &service.owner));
        for uid in named {
            assert!(world.person(uid).is_ok(), "{uid}");
        }
        let roles: BTreeSet<_> = world.postgres.logins.iter().map(|login| &login.role).collect();
        for owned in world.postgres.tables.iter().chain(&world.postgres.functions) {
            assert!(roles.contains(&owned.owner), "{}", owned.name);
        }
    }
}
