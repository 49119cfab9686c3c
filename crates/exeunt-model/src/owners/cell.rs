//! One cell of the register, as somebody writes it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Domain, Owner};
use crate::{Duration, Timestamp};

/// One cell of the register: an owner for a domain on a system, or on one thing in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerCell {
    /// The domain.
    pub domain: Domain,
    /// The system's name in `exeunt.yaml`, or `*` for the default of the domain.
    pub system: String,
    /// One resource of the system that has an owner of its own: its reference, or its name there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// One integration, by reference or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<String>,
    /// One non-human account, by reference or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nhi: Option<String>,
    /// The team or person.
    pub owner: Owner,
    /// Who answers when the owner cannot, first one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deputies: Vec<Owner>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// How long after departure the removal may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Duration>,
    /// Who is asked next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<Escalation>,
    /// In force from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// In force until.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// Who is asked next, and when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// Who.
    pub to: Owner,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// How long after the deadline; at once where nothing is said.
    #[serde(default)]
    pub after: Duration,
}

impl OwnerCell {
    /// The one thing the cell is about; none when it is about the whole system.
    #[must_use]
    pub fn object(&self) -> Option<&str> {
        self.nhi.as_deref().or(self.integration.as_deref()).or(self.resource.as_deref())
    }

    /// What is wrong with the cell by itself, and what to do.
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let things = [&self.resource, &self.integration, &self.nhi];
        let named = things.into_iter().flatten().count();
        if named > 1 {
            return Some(
                "it names more than one of `resource`, `integration` and `nhi`; write a cell for each"
                    .to_owned(),
            );
        }
        if things.into_iter().flatten().any(|thing| thing.trim().is_empty()) {
            return Some("it names a resource, integration or non-human account that is empty".to_owned());
        }
        if self.system == "*" && named > 0 {
            return Some("it names a thing in the system `*`; write the system the thing is in".to_owned());
        }
        match (self.from, self.until) {
            (Some(from), Some(until)) if from >= until => {
                Some(format!("it is in force from {from} until {until}, which is never"))
            }
            _ => None,
        }
    }
}
