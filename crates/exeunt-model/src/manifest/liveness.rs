//! What kills what, what proves a thing gone, what nobody can see.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::{Effect, SurvivorKind};
use crate::record::AccountState;
use crate::{Duration, manifest::Request};

/// How a survivor kind is covered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// These reads show it.
    SeenBy(Vec<String>),
    /// It exists and cannot be seen; why.
    Blind(String),
    /// It does not exist there; why.
    NotApplicable(String),
}

/// What happens to things of one kind when their holder's account is in a state. A state that is
/// not stated has an unknown effect.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kills {
    /// The account is disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Effect>,
    /// The account is suspended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Effect>,
    /// The account is locked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locked: Option<Effect>,
    /// The account is deleted and can be restored. Unstated, a thing that dies with a deleted account is unknown while
    /// the account can come back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soft_deleted: Option<Effect>,
    /// The account is deleted, or no longer listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<Effect>,
    /// The account was taken from the person in the identity provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unassigned: Option<Effect>,
    /// Where that is written.
    pub source: String,
}

impl Kills {
    /// The stated effect of a holder being in `state`; `None` when unstated or when the state is
    /// no obstacle.
    #[must_use]
    pub fn on(&self, state: AccountState) -> Option<Effect> {
        match state {
            AccountState::Disabled => self.disabled,
            AccountState::Suspended => self.suspended,
            AccountState::Locked => self.locked,
            AccountState::SoftDeleted => {
                let lasting =
                    self.deleted.filter(|effect| matches!(effect, Effect::Latent | Effect::Survives));
                if self.soft_deleted.is_some() { self.soft_deleted } else { lasting }
            }
            AccountState::Deleted => self.deleted,
            AccountState::Active | AccountState::Invited | AccountState::Unknown => None,
        }
    }
}

/// What proves things of one kind gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofRule {
    /// How long after a removal a read counts. Configuration may lengthen it, never shorten it.
    pub settle: Duration,
    /// Account states that the vendor makes irreversible, so that an account still listed in one
    /// of them is gone and not latent. Only meaningful for `principal`.
    #[serde(default)]
    pub dead_states: Vec<AccountState>,
    /// Where that is written.
    pub source: String,
}

/// How things of one kind are revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeStep {
    /// The step in words, an imperative sentence; `{name}` and `{id}` stand for the item's.
    pub says: String,
    /// The call, where there is one; `{id}` stands for the item's native id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Request>,
    /// The permission the call needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission: Option<String>,
}

/// Something that exists and cannot be seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlindSpot {
    /// The kind it is of.
    pub kind: SurvivorKind,
    /// What cannot be seen, and why.
    pub what: String,
    /// What ends it all the same: an expiry, a re-key, a policy.
    pub bound: String,
    /// Where that is written.
    #[serde(default)]
    pub source: String,
}
