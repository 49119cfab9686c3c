//! What people have in the directory.

use std::collections::BTreeMap;

use serde::Deserialize;

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
