//! Who: identities, accounts, groups, and the keys that tie them together.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::kind::IdentityKind;
use crate::reference::{Ref, SystemId, Who};

/// A key that two systems share for one person; exact, never a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinKey {
    /// What sort of key.
    pub kind: KeyKind,
    /// Its value, compared exactly.
    pub value: String,
    /// Who issued it, where two issuers could give the same value (an identity provider, a SCIM client).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
}

impl fmt::Display for JoinKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.as_str(), self.value)
    }
}

/// The sorts of exact key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// The number HR gave.
    EmployeeNumber,
    /// The id of the person's object in the directory.
    DirectoryId,
    /// `sub` of the identity provider.
    IdpSubject,
    /// SCIM `externalId`.
    ScimExternalId,
    /// SAML `NameID`.
    SsoNameId,
    /// A public key of the person, by its SHA-256 fingerprint as OpenSSH writes it (`SHA256:…`).
    KeyFingerprint,
}

impl KeyKind {
    /// The word used in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EmployeeNumber => "employee_number",
            Self::DirectoryId => "directory_id",
            Self::IdpSubject => "idp_subject",
            Self::ScimExternalId => "scim_external_id",
            Self::SsoNameId => "sso_name_id",
            Self::KeyFingerprint => "key_fingerprint",
        }
    }

    /// The words for it, as people of the field say it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::EmployeeNumber => "employee number",
            Self::DirectoryId => "directory id",
            Self::IdpSubject => "IdP subject",
            Self::ScimExternalId => "SCIM external id",
            Self::SsoNameId => "SSO NameID",
            Self::KeyFingerprint => "key fingerprint",
        }
    }
}

/// An address and whether the system itself verified it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Email {
    /// The address as shown.
    pub address: String,
    /// Whether the system vouches for it (an administrator or the owner of the domain set it,
    /// or a confirmation was answered). An unverified address joins nothing.
    #[serde(default)]
    pub verified: bool,
}

/// What sort of actor, and which rule said so.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classified {
    /// The kind.
    pub kind: IdentityKind,
    /// The reason in words; empty only when the kind is unknown.
    #[serde(default)]
    pub reason: String,
}

/// A person (or a registered non-human identity) as the authoritative source knows it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The source's immutable id.
    pub id: Ref,
    /// The name people use.
    pub display_name: String,
    /// Addresses, first is primary.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Exact keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<JoinKey>,
    /// What sort of identity.
    #[serde(default)]
    pub kind: Classified,
    /// When the source says the person left, if it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departed: Option<Timestamp>,
    /// The manager, if the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manager: Option<Who>,
}

/// What the system says of an account, in the words all systems share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountState {
    /// Can sign in or act.
    Active,
    /// Turned off by an administrator or by provisioning.
    Disabled,
    /// Suspended: keeps everything, given back on restore.
    Suspended,
    /// Locked, usually by policy.
    Locked,
    /// Invited, not yet joined.
    Invited,
    /// Deleted and still restorable.
    SoftDeleted,
    /// Deleted for good, though still listed.
    Deleted,
    /// The system did not say, or said something we do not know.
    Unknown,
}

/// The identity provider an account's sign-in depends on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SsoDependence {
    /// The provider, as a system of ours.
    pub idp: SystemId,
    /// Whether every interactive sign-in has to go through it.
    pub enforced: bool,
}

/// Something that signs in or acts in one system.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The system's immutable id.
    pub id: Ref,
    /// The login, for people to recognise; joins nothing on its own.
    pub login: String,
    /// Other names by which the same system refers to it, such as a distinguished name or an
    /// ARN. [`Who::Login`] is resolved against the login and these, within the system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The name shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
    /// Exact keys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<JoinKey>,
    /// The state, in shared words.
    pub state: AccountState,
    /// The state, in the vendor's words.
    pub native_state: String,
    /// What sort of actor.
    #[serde(default)]
    pub kind: Classified,
    /// Whether the system marks it as an administrator.
    #[serde(default)]
    pub privileged: bool,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it last acted, if the system says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// The identity provider its sign-in depends on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sso: Option<SsoDependence>,
    /// Labels that ownership or naming policy reads.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// A group, team or role that has members.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The system's immutable id.
    pub id: Ref,
    /// Its name.
    pub name: String,
    /// Other names by which the same system refers to it, such as a distinguished name.
    /// [`Who::Login`] is resolved against these too, within the system.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Whether membership alone is privileged.
    #[serde(default)]
    pub privileged: bool,
    /// What fills it, where that is not by hand: a rule, a sync, another system. It could put a
    /// removed member back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled_by: Option<String>,
}
