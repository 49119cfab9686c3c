//! The people of the story and what each has, read from `world.yaml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::LabError;

/// The data.
pub const WORLD: &str = include_str!("world.yaml");

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

/// The directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ldap {
    /// Groups.
    pub groups: Vec<LdapGroup>,
    /// Groups that the half-finished removal took a leaver out of.
    pub half_removes: BTreeMap<String, Vec<String>>,
}

/// A group in the directory.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LdapGroup {
    /// Its name.
    pub cn: String,
    /// People in it.
    pub members: Vec<String>,
    /// Groups in it.
    pub groups: Vec<String>,
}

/// The database.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    /// The one application database.
    pub database: String,
    /// Roles that cannot log in.
    pub group_roles: Vec<GroupRole>,
    /// People's roles.
    pub logins: Vec<Login>,
    /// Roles of people who got a leaver's old login.
    pub recycled: Vec<Login>,
    /// Roles of programs.
    pub services: Vec<ServiceRole>,
    /// Tables.
    pub tables: Vec<Owned>,
    /// SECURITY DEFINER functions.
    pub functions: Vec<Owned>,
    /// Connections that stay open.
    pub sessions: Vec<Session>,
    /// Memberships that the half-finished removal took from a role.
    pub half_revokes: BTreeMap<String, Vec<String>>,
}

/// A role that groups others.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRole {
    /// Its name.
    pub role: String,
    /// Roles it is a member of.
    pub member_of: Vec<String>,
}

/// A person's role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// Its name.
    pub role: String,
    /// Whose it is.
    pub person: String,
    /// Roles it is a member of.
    pub member_of: Vec<String>,
}

/// A program's role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServiceRole {
    /// Its name.
    pub role: String,
    /// Who answers for it.
    pub owner: String,
    /// Roles it is a member of.
    pub member_of: Vec<String>,
}

/// A table or a function.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owned {
    /// Its name, in schema `public`.
    pub name: String,
    /// The role that owns it.
    pub owner: String,
}

/// A connection that stays open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// The role that opened it.
    pub role: String,
    /// The application name it gave.
    pub application: String,
}

/// The chat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// The sign-in provider people's accounts are tied to.
    pub auth_provider: String,
    /// Rooms.
    pub rooms: Vec<Room>,
    /// People's devices; each holds an access token.
    pub devices: Vec<Device>,
    /// Bots.
    pub bots: Vec<Bot>,
    /// What the half-finished removal took from a leaver.
    pub half_removes: BTreeMap<String, MatrixRemoval>,
}

/// A room.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Room {
    /// The local part of its alias.
    pub alias: String,
    /// People in it.
    pub members: Vec<String>,
}

/// A device.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Whose it is.
    pub person: String,
    /// Its id.
    pub device: String,
}

/// A bot.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bot {
    /// The local part of its user id.
    pub localpart: String,
    /// Its display name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Rooms it is in.
    pub rooms: Vec<String>,
    /// Its device.
    pub device: String,
}

/// What was taken away in the chat.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixRemoval {
    /// Rooms the leaver was put out of.
    pub rooms: Vec<String>,
    /// Devices that were deleted.
    pub devices: Vec<String>,
}

/// The cloud.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Aws {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Policies of the company's own.
    pub policies: Vec<Policy>,
    /// Groups.
    pub groups: Vec<AwsGroup>,
    /// People's users.
    pub users: Vec<AwsUser>,
    /// Programs' users.
    pub services: Vec<AwsService>,
    /// Roles.
    pub roles: Vec<Role>,
    /// What the half-finished removal took from a leaver.
    pub half_removes: BTreeMap<String, AwsRemoval>,
    /// A public key; nobody has its private half.
    pub ssh_public_key: String,
}

/// A policy.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// What it allows.
    pub actions: Vec<String>,
}

/// A group of users.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsGroup {
    /// Its name.
    pub name: String,
    /// The policy attached to it.
    pub policy: String,
}

/// A person's user.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsUser {
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub person: String,
    /// Groups it is in.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Policies attached to it.
    #[serde(default)]
    pub attached: Vec<String>,
    /// Policies written into it.
    #[serde(default)]
    pub inline: Vec<String>,
    /// Whether it has a console password.
    #[serde(default)]
    pub console: bool,
    /// Whether it has an access key.
    #[serde(default)]
    pub access_key: bool,
    /// Whether it has an SSH public key.
    #[serde(default)]
    pub ssh_key: bool,
    /// The service it has a service-specific credential for.
    #[serde(default)]
    pub service_credential: Option<String>,
}

/// A program's user, with an access key.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsService {
    /// Its name.
    pub name: String,
    /// Who answers for it.
    pub owner: String,
    /// Policies attached to it.
    pub attached: Vec<String>,
}

/// A role.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Users named in its trust policy.
    pub trusts: Vec<String>,
    /// Policies attached to it.
    pub attached: Vec<String>,
}

/// What was taken away in the cloud.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AwsRemoval {
    /// Groups the leaver was taken out of.
    pub groups: Vec<String>,
    /// Whether the console password was deleted.
    pub console: bool,
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
