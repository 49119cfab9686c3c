//! What people have in the cloud.

use std::collections::BTreeMap;

use serde::Deserialize;

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
