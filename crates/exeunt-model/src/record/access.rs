//! What: memberships, resources, grants, credentials, integrations, ownership, act-as edges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Timestamp;
use crate::kind::{LinkStrength, SurvivorKind};
use crate::reference::{Ref, Who};

/// Somebody or some group is a member of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Membership {
    /// The group that has the member.
    pub group: Ref,
    /// The member: an account, or a group (nesting).
    pub member: Who,
    /// The role in the group, such as `maintainer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Something access is given to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// The system's immutable id.
    pub id: Ref,
    /// Its name.
    pub name: String,
    /// The vendor's word for it: `repository`, `project`, `room`, `table`.
    pub resource_type: String,
}

/// A role or permission on a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Who has it: an account or a group.
    pub subject: Who,
    /// On what.
    pub resource: Ref,
    /// The role or permission, in the vendor's words.
    pub permission: String,
    /// Whether it is administrative.
    #[serde(default)]
    pub privileged: bool,
}

/// What the system says of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialState {
    /// Works.
    Active,
    /// Switched off; could be switched on again.
    Inactive,
    /// Past its end.
    Expired,
    /// Revoked, though still listed.
    Revoked,
    /// The system did not say.
    Unknown,
}

/// A secret, key, token or session; never its value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Credential {
    /// The system's immutable id for it.
    pub id: Ref,
    /// The canonical kind: `session`, `token.user`, `token.resource`, `key.asym`,
    /// `grant.delegated`, `recovery`.
    pub kind: SurvivorKind,
    /// The vendor's word: `fine-grained PAT`, `access key`, `device`.
    pub native_type: String,
    /// The label a person would recognise.
    pub name: String,
    /// Whom it acts as, if it acts as somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<Who>,
    /// What it opens, if it is bound to resources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opens: Vec<Ref>,
    /// Its state.
    pub state: CredentialState,
    /// When it was made; for a password, when it was last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// When it was last used, if the system says. Absent means "not said", never "never".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
    /// What it may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// A public key's fingerprint (`SHA256:…`), where the system shows that the holder owns the key. Other
    /// systems' keys are tied to the holder's person by it. A list of keys that may use an account is no such
    /// statement, and leaves it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// What the system says of an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationState {
    /// Runs.
    Enabled,
    /// Switched off; could be switched on again.
    Disabled,
    /// The system did not say.
    Unknown,
}

/// An app, app link, webhook, automation rule, forwarding rule, function or trust.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// The system's immutable id for it.
    pub id: Ref,
    /// The canonical kind: `owned.nhi`, `owned.automation`, `owned.data`, `egress`, `trust`,
    /// `grant.delegated`.
    pub kind: SurvivorKind,
    /// The vendor's word: `automation rule`, `application link`, `webhook`.
    pub native_type: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: IntegrationState,
    /// Whom it acts as, if it acts as somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acts_as: Option<Who>,
    /// What it can reach.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub opens: Vec<Ref>,
    /// Where it sends data, as host names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sends_to: Vec<String>,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// When it last acted, if the system says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_used: Option<Timestamp>,
}

/// Something belongs to somebody, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ownership {
    /// What is owned: an account (non-human), credential, integration, group or resource.
    pub subject: Ref,
    /// By whom.
    pub owner: Who,
    /// Why.
    pub link: LinkStrength,
    /// Where that is written, in words: `tag owner`, `audit log`.
    pub reason: String,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// How somebody can act as somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActAsHow {
    /// Assume a role (a trust policy allows it).
    Assume,
    /// Impersonate.
    Impersonate,
    /// Run as, by sudo or `SET ROLE`.
    Sudo,
    /// Mailbox or account delegation.
    Delegate,
    /// Sign in through the other account (single sign-on).
    Sso,
    /// Know its secret: a shared account.
    KnowsSecret,
}

/// Somebody can act as somebody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActAs {
    /// Who can.
    pub actor: Who,
    /// As whom.
    pub target: Ref,
    /// How.
    pub how: ActAsHow,
    /// Where that is written.
    pub reason: String,
}
