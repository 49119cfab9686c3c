//! The ownership register: who answers for a control domain on a system at a time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Duration, Timestamp};

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
    /// The word used in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IdentityLifecycle => "identity_lifecycle",
            Self::ApplicationEntitlement => "application_entitlement",
            Self::IntegrationRevocation => "integration_revocation",
        }
    }
}

/// One cell of the register.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerCell {
    /// The domain.
    pub domain: Domain,
    /// The system's name in `exeunt.yaml`, or `*` for the default of the domain.
    pub system: String,
    /// One resource, account or integration by reference, where it has an owner of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The person or team.
    pub owner: String,
    /// The owner's address, if it is a person: tells whether the owner is the leaver or has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// How long after departure the removal may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// Who is asked next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<String>,
    /// In force from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// In force until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// The whole register.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerRegister {
    /// The cells.
    pub owners: Vec<OwnerCell>,
}

impl OwnerRegister {
    /// Who answers for `domain` on `system` (and `resource`) at `at`: the cell of the resource,
    /// else of the system, else the default of the domain.
    #[must_use]
    pub fn at(
        &self,
        domain: Domain,
        system: &str,
        resource: Option<&str>,
        at: Timestamp,
    ) -> Option<&OwnerCell> {
        let in_force = |cell: &&OwnerCell| {
            cell.domain == domain
                && cell.from.is_none_or(|from| from <= at)
                && cell.until.is_none_or(|until| at < until)
        };
        let find = |wanted: &dyn Fn(&OwnerCell) -> bool| {
            self.owners.iter().filter(in_force).find(|cell| wanted(cell))
        };
        find(&|cell| cell.system == system && cell.resource.is_some() && cell.resource.as_deref() == resource)
            .or_else(|| find(&|cell| cell.system == system && cell.resource.is_none()))
            .or_else(|| find(&|cell| cell.system == "*" && cell.resource.is_none()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Domain, OwnerCell, OwnerRegister};

    fn cell(system: &str, resource: Option<&str>, owner: &str, until: Option<&str>) -> OwnerCell {
        OwnerCell {
            domain: Domain::ApplicationEntitlement,
            system: system.to_owned(),
            resource: resource.map(str::to_owned),
            owner: owner.to_owned(),
            email: None,
            contact: None,
            deadline: None,
            escalation: None,
            from: None,
            until: until.map(|t| t.parse().expect("a time")),
        }
    }

    /// Blaming last year's owner is worse than blaming nobody.
    #[test]
    fn the_closest_cell_in_force_answers() {
        let register = OwnerRegister {
            owners: vec![
                cell("*", None, "everything", None),
                cell("github", None, "former", Some("2026-01-01T00:00:00Z")),
                cell("github", None, "platform", None),
                cell("github", Some("github/resource/7"), "payments", None),
            ],
        };
        let at = "2026-11-20T09:00:00Z".parse().expect("a time");
        let owner = |system, resource| {
            register.at(Domain::ApplicationEntitlement, system, resource, at).map(|cell| cell.owner.as_str())
        };
        assert_eq!(owner("github", Some("github/resource/7")), Some("payments"));
        assert_eq!(owner("github", Some("github/resource/8")), Some("platform"));
        assert_eq!(owner("slack", None), Some("everything"));
        assert_eq!(register.at(Domain::IdentityLifecycle, "github", None, at), None);
    }
}
