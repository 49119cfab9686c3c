//! What people have in the database.

use std::collections::BTreeMap;

use serde::Deserialize;

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
