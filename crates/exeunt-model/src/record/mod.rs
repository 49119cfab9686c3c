//! Records: what connectors say exists. One line of JSON each, tagged with `record`.
//!
//! A record states what a system showed, in the system's own ids; it carries no judgement. A
//! field that the vendor did not show is absent, never guessed. Unknown fields are refused, so
//! that a typo in a mapping cannot lose a fact.

mod access;
mod activity;
mod principal;

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use access::{
    ActAs, ActAsHow, Credential, CredentialState, Grant, Integration, IntegrationState, Membership,
    Ownership, Resource,
};
pub use activity::{DocStatus, DocType, Document, Event, EventAction};
pub use principal::{
    Account, AccountState, Classified, Email, Group, Identity, JoinKey, KeyKind, SsoDependence,
};

use crate::reference::Ref;

/// One thing a system showed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum Record {
    /// A person or non-human identity in its authoritative source.
    Identity(Box<Identity>),
    /// Something that signs in or acts.
    Account(Box<Account>),
    /// Something that has members.
    Group(Group),
    /// One membership.
    Membership(Membership),
    /// Something access is given to.
    Resource(Resource),
    /// A role or permission on a resource.
    Grant(Grant),
    /// A secret, key, token or session.
    Credential(Box<Credential>),
    /// An app, webhook, rule or trust.
    Integration(Box<Integration>),
    /// Who something belongs to.
    Ownership(Ownership),
    /// Who can act as whom.
    ActAs(ActAs),
    /// A ticket, comment, approval or change.
    Document(Box<Document>),
    /// Something that happened.
    Event(Box<Event>),
}

/// What makes two records the same object across two snapshots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordKey(String);

impl RecordKey {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<RecordKey> for String {
    fn from(key: RecordKey) -> Self {
        key.0
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Record {
    /// The reference of the object, where the record is about one object with an id of its own.
    #[must_use]
    pub const fn object(&self) -> Option<&Ref> {
        match self {
            Self::Identity(r) => Some(&r.id),
            Self::Account(r) => Some(&r.id),
            Self::Group(r) => Some(&r.id),
            Self::Resource(r) => Some(&r.id),
            Self::Credential(r) => Some(&r.id),
            Self::Integration(r) => Some(&r.id),
            Self::Document(r) => Some(&r.id),
            Self::Event(r) => Some(&r.id),
            Self::Membership(_) | Self::Grant(_) | Self::Ownership(_) | Self::ActAs(_) => None,
        }
    }

    /// The identity of the record across snapshots: the object's reference, or for edges the
    /// pair they connect and the role they carry.
    #[must_use]
    pub fn key(&self) -> RecordKey {
        RecordKey(match self {
            Self::Membership(m) => format!("membership {} <- {}", m.group, m.member),
            Self::Grant(g) => format!("grant {} <- {} as {}", g.resource, g.subject, g.permission),
            Self::Ownership(o) => format!("ownership {} <- {} {:?}", o.subject, o.owner, o.link),
            Self::ActAs(a) => format!("act_as {} <- {} {:?}", a.target, a.actor, a.how),
            Self::Identity(r) => r.id.to_string(),
            Self::Account(r) => r.id.to_string(),
            Self::Group(r) => r.id.to_string(),
            Self::Resource(r) => r.id.to_string(),
            Self::Credential(r) => r.id.to_string(),
            Self::Integration(r) => r.id.to_string(),
            Self::Document(r) => r.id.to_string(),
            Self::Event(r) => r.id.to_string(),
        })
    }

    /// The tag in the JSON form.
    #[must_use]
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Identity(_) => "identity",
            Self::Account(_) => "account",
            Self::Group(_) => "group",
            Self::Membership(_) => "membership",
            Self::Resource(_) => "resource",
            Self::Grant(_) => "grant",
            Self::Credential(_) => "credential",
            Self::Integration(_) => "integration",
            Self::Ownership(_) => "ownership",
            Self::ActAs(_) => "act_as",
            Self::Document(_) => "document",
            Self::Event(_) => "event",
        }
    }
}
