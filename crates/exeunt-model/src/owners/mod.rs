//! The ownership register: who answers for a control domain on a system at a time.

mod cell;
mod codeowners;
mod index;
mod party;
mod pattern;
mod register;
mod source;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use cell::{Escalation, OwnerCell};
pub use codeowners::{CodeLine, CodeOwnersError, Mention, code_owners};
pub use index::{Answer, Object, Owners};
pub use party::{Login, NotAParty, Owner, OwnerKind, Person, Team};
pub use pattern::{covers, covers_everything};
pub use register::{CellPlace, FileRead, OwnerRegister, PathRegister, PathRule};
pub use source::{RegisterFile, RegisterFormat};

/// The three control domains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Domain {
    /// Joiner, mover, leaver: trigger, directory, recheck.
    IdentityLifecycle,
    /// Accounts, entitlements, credentials, shared secrets in an application.
    ApplicationEntitlement,
    /// App links, apps, webhooks, automation, non-human identities.
    IntegrationRevocation,
}

impl Domain {
    /// All three.
    pub const ALL: [Self; 3] =
        [Self::IdentityLifecycle, Self::ApplicationEntitlement, Self::IntegrationRevocation];

    /// The word used in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityLifecycle => "identity_lifecycle",
            Self::ApplicationEntitlement => "application_entitlement",
            Self::IntegrationRevocation => "integration_revocation",
        }
    }

    /// The words used in sentences.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::IdentityLifecycle => "identity lifecycle",
            Self::ApplicationEntitlement => "application entitlement",
            Self::IntegrationRevocation => "integration revocation",
        }
    }
}

impl std::str::FromStr for Domain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|domain| domain.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.map(Self::as_str).join(", ");
            format!("`{text}` is no control domain; there are {known}")
        })
    }
}
