//! The small closed vocabularies: what survives, in which state, how well we know it.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What can survive a leaver, by the same name in every system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum SurvivorKind {
    /// The account itself.
    #[serde(rename = "principal")]
    Principal,
    /// A live interactive or API session.
    #[serde(rename = "session")]
    Session,
    /// A bearer secret acting as the person.
    #[serde(rename = "token.user")]
    TokenUser,
    /// A bearer secret bound to a resource but minted by the person.
    #[serde(rename = "token.resource")]
    TokenResource,
    /// A public key, certificate or keytab.
    #[serde(rename = "key.asym")]
    KeyAsym,
    /// A consent that lets an app act as the person.
    #[serde(rename = "grant.delegated")]
    GrantDelegated,
    /// An entitlement held directly.
    #[serde(rename = "grant.direct")]
    GrantDirect,
    /// An entitlement reached through groups, roles or nesting.
    #[serde(rename = "grant.inherited")]
    GrantInherited,
    /// A policy in another object that names the person.
    #[serde(rename = "trust")]
    Trust,
    /// A non-human identity the person owns, sponsors or holds the secret of.
    #[serde(rename = "owned.nhi")]
    OwnedNhi,
    /// A job that runs as or because of the person.
    #[serde(rename = "owned.automation")]
    OwnedAutomation,
    /// A shared artefact that depends on its owner.
    #[serde(rename = "owned.data")]
    OwnedData,
    /// A route that still sends data out.
    #[serde(rename = "egress")]
    Egress,
    /// A way back in.
    #[serde(rename = "recovery")]
    Recovery,
}

impl SurvivorKind {
    /// Every kind, in the order of the documents.
    pub const ALL: [Self; 14] = [
        Self::Principal,
        Self::Session,
        Self::TokenUser,
        Self::TokenResource,
        Self::KeyAsym,
        Self::GrantDelegated,
        Self::GrantDirect,
        Self::GrantInherited,
        Self::Trust,
        Self::OwnedNhi,
        Self::OwnedAutomation,
        Self::OwnedData,
        Self::Egress,
        Self::Recovery,
    ];

    /// The canonical name, such as `token.user`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Principal => "principal",
            Self::Session => "session",
            Self::TokenUser => "token.user",
            Self::TokenResource => "token.resource",
            Self::KeyAsym => "key.asym",
            Self::GrantDelegated => "grant.delegated",
            Self::GrantDirect => "grant.direct",
            Self::GrantInherited => "grant.inherited",
            Self::Trust => "trust",
            Self::OwnedNhi => "owned.nhi",
            Self::OwnedAutomation => "owned.automation",
            Self::OwnedData => "owned.data",
            Self::Egress => "egress",
            Self::Recovery => "recovery",
        }
    }
}

impl fmt::Display for SurvivorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SurvivorKind {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is not a survivor kind"))
    }
}

/// What sort of actor an identity is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IdentityKind {
    /// A person.
    Human,
    /// A service account or bot.
    Service,
    /// An identity without a stored secret: federated, attested, assumed.
    Workload,
    /// An AI agent.
    Agent,
    /// Used by several people.
    Shared,
    /// No rule said.
    #[default]
    Unknown,
}

/// The state of one survivor. There is no default, on purpose: nothing passes by omission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Observed able to act now.
    Live,
    /// Blocked only by another object's state.
    Latent,
    /// Could not be observed this time.
    Unknown,
    /// The system has no read for it; a bound says when it ends.
    Unknowable,
    /// Accepted by a waiver in force.
    Waived,
    /// Proven removed, at grade E3 or better.
    Gone,
}

/// How well something is known; the lowest grade a line rests on is the line's grade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Grade {
    /// A human, a ticket or a checklist says so.
    E0,
    /// The system accepted a revoke call, or an audit event says it happened.
    E1,
    /// A later authoritative read shows it absent or dead.
    E2,
    /// E2, complete: all pages, positive control, settle time, immutable id.
    E3,
    /// The credential itself was refused.
    E4,
}

/// What happens to a credential or grant when its holder's state changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It stops working for good.
    Dies,
    /// It stops working and comes back when the holder does.
    Latent,
    /// It goes on working.
    Survives,
    /// It stops working at the latest after this long.
    DiesWithin(crate::Duration),
}

/// Why something belongs to a person, strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkStrength {
    /// It is the person's own account.
    SamePerson,
    /// The person is recorded as its owner.
    Owner,
    /// The person is recorded as the one who answers for it without running it.
    Sponsor,
    /// The person made it.
    Creator,
    /// The person holds its token.
    TokenHolder,
    /// The person installed it or granted it.
    Installer,
    /// The person was the last human to edit or run it.
    LastActor,
    /// The person could read its secret.
    Exposure,
}
