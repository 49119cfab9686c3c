//! Who answers for an obligation, until when, and what else would have caught it: part of the verdict.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::owners::{Domain, OwnerKind};
use crate::{Duration, Text, Timestamp};

/// Who answers, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Accountable {
    /// The domain.
    pub domain: Domain,
    /// The control point that failed in that domain. The first entry's is the break; those of the others failed as
    /// well.
    pub control_point: u8,
    /// The owner when the removal fell due, which is at the departure; none when the register has no cell, which is a
    /// finding of its own. Where two entries of one control point name different owners, neither is chosen.
    pub owner: Option<Text>,
    /// Whether that is a team or a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<OwnerKind>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
    /// The file and line of the register that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<Text>,
    /// The facts that decide it.
    pub why: Text,
    /// Until when they had to be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// By how much that has passed, at the time the verdict is said for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue: Option<Duration>,
    /// Who is asked next, and whether it is time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation: Option<EscalationStep>,
    /// Who answers in the owner's stead, where the owner cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<Acting>,
    /// Who has it now, where that is somebody else; empty otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub now: Vec<OwnerNow>,
}

/// The next one asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EscalationStep {
    /// Who.
    pub to: Text,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
    /// From when on; none without a deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Whether it is time.
    pub due: bool,
}

/// By which right somebody answers in the owner's stead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActingAs {
    /// As deputy.
    Deputy,
    /// As the one the register escalates to.
    Escalation,
    /// Nobody is left.
    Nobody,
}

/// Who answers in the owner's stead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acting {
    /// Who; none when the register names nobody who is still there.
    pub who: Option<String>,
    /// By which right.
    pub right: ActingAs,
    /// Why the owner cannot.
    pub because: String,
}

/// The owner in force now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerNow {
    /// Who.
    pub owner: Text,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Text>,
    /// The file and line of the register that says so.
    pub register: Text,
}

/// Another control that would have caught what one missed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaughtBy {
    /// The control point that failed.
    pub failed: u8,
    /// The one that would have caught it, earlier or later in the chain.
    pub by: u8,
    /// Its name.
    pub name: Text,
    /// How.
    pub how: Text,
}
