//! The manifest: one page that says everything about one kind of system.
//!
//! What can survive a leaver there, which read shows it, how that read is asked, paged and
//! mapped to records, what kills what, what proves a thing gone, and what nobody can see. The
//! connectors run it, the engine judges by it, and the reference pages are made from it.

mod client;
mod door;
mod liveness;
mod read;
mod ssh;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use client::{AuthMethod, ClientRules, RateRule, ThrottleRule};
pub use door::{AirbyteRequest, BatonList, BatonRequest, CsvRequest, ExecRequest};
pub use liveness::{BlindSpot, Coverage, Kills, ProofRule, RevokeStep};
pub use read::{
    AwsAssume, AwsJson, AwsRequest, Control, Each, EmptyBody, HttpRequest, LdapControl, LdapRequest,
    LdapScope, Method, Paging, ReadRule, Refusal, Request, SqlRequest,
};

pub use ssh::{SshRequest, SshSection};

use crate::kind::{IdentityKind, SurvivorKind};

/// Everything about one kind of system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of this form; `1`.
    pub manifest: u32,
    /// The connector's name, the same as its folder.
    pub connector: String,
    /// The product's name.
    pub title: String,
    /// What it is, in a sentence or two.
    pub about: String,
    /// Pages of the vendor that the facts here rest on.
    #[serde(default)]
    pub sources: Vec<String>,
    /// How to talk to it.
    pub protocol: Protocol,
    /// Where it is, when that is the same for everybody; `{name}` stands for a setting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// What the operator has to say in `exeunt.yaml`.
    #[serde(default)]
    pub settings: BTreeMap<String, Setting>,
    /// The ways to sign in that this system accepts.
    pub auth: Vec<AuthMethod>,
    /// Limits, headers and throttling of the client.
    #[serde(default)]
    pub client: ClientRules,
    /// Who we are when we read; also what `exeunt check` calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<ReaderRule>,
    /// What the credential may do beyond reading, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rights: Option<RightsRule>,
    /// The reads, by name.
    pub reads: BTreeMap<String, ReadRule>,
    /// The reads of one ticket, by name, for systems that hold tickets; `{issue}` is its key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ticket: BTreeMap<String, ReadRule>,
    /// How human, service, workload and agent are told apart: the first rule that holds decides.
    #[serde(default)]
    pub identity_kinds: Vec<KindRule>,
    /// For every survivor kind: which reads show it, or why it is blind or does not apply.
    pub survivors: BTreeMap<SurvivorKind, Coverage>,
    /// What happens to things of a kind when their holder's account changes. Unstated is unknown.
    #[serde(default)]
    pub kills: BTreeMap<SurvivorKind, Kills>,
    /// What proves a kind gone.
    #[serde(default)]
    pub proof: BTreeMap<SurvivorKind, ProofRule>,
    /// How a kind is revoked: words for people, and the call.
    #[serde(default)]
    pub revoke: BTreeMap<SurvivorKind, RevokeStep>,
    /// What cannot be seen in this system at all.
    #[serde(default)]
    pub blind_spots: Vec<BlindSpot>,
}

/// How to talk to a system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP with JSON bodies.
    Http,
    /// LDAP version 3.
    Ldap,
    /// SQL over a database's own protocol.
    Sql,
    /// AWS APIs: signed requests, as forms with XML answers or as JSON.
    Aws,
    /// A fixed script on hosts, over SSH.
    Ssh,
    /// A program that the operator names, whose output is a record stream.
    Exec,
    /// A file that somebody exported.
    File,
}

/// Something the operator has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What it is and where to find it.
    pub about: String,
    /// The value when the operator says nothing; without it the setting is required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// Who we are when we read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReaderRule {
    /// The request.
    pub request: Request,
    /// jq on the answer, giving a text that names the reader.
    pub name: String,
}

/// What the credential may do beyond reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RightsRule {
    /// The call that tells.
    pub request: Request,
    /// jq on `{headers, page}` of its answer, giving a list of texts: the rights that no read needs; null where this kind
    /// of credential is not told. Header names are in lower case.
    pub beyond: String,
    /// Where it is written that the call tells all of them.
    pub source: String,
}

/// One rule that tells what sort of actor a row is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    /// Reads whose accounts (and identities) it applies to; empty for all.
    #[serde(default)]
    pub reads: Vec<String>,
    /// jq on the raw row, giving `true` when the rule holds.
    pub when: String,
    /// The kind.
    pub kind: IdentityKind,
    /// The reason shown to people.
    pub reason: String,
}
