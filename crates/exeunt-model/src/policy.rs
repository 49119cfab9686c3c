//! Policy: the numbers and choices an organisation makes, with defaults that are strict.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::SurvivorKind;
use crate::reference::{Ref, SystemId};
use crate::{Duration, Timestamp};

/// What an organisation decides for itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// How old a read may be when it is judged.
    pub fresh_for: Duration,
    /// How long after departure the directory account may stay enabled.
    pub directory_deadline: Duration,
    /// How long after departure removal may have been requested.
    pub trigger_deadline: Duration,
    /// How long after departure the removals of control points 3 to 8 may take, where the owner's cell does not say less.
    pub deadlines: Vec<Deadline>,
    /// Whether a case without a snapshot from before departure can be clear. Such a case cannot
    /// know of things whose tie to the leaver was cut before we first looked.
    pub require_baseline: bool,
    /// Longer settle times per kind. A shorter one than the manifest's is refused.
    pub settle: BTreeMap<SurvivorKind, Duration>,
    /// The latent things that are accepted as they are.
    pub accept_latent: Vec<AcceptedLatent>,
    /// When the validations after the departure are due.
    pub rechecks: Rechecks,
    /// Identities that nobody may remove or disable, such as emergency accounts: their secrets are rotated.
    pub protected: Vec<Protected>,
    /// Accepted exceptions.
    pub waivers: Vec<Waiver>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fresh_for: Duration::from_hours(24),
            directory_deadline: Duration::from_hours(1),
            trigger_deadline: Duration::from_hours(0),
            deadlines: Vec::new(),
            require_baseline: false,
            settle: BTreeMap::new(),
            accept_latent: Vec::new(),
            rechecks: Rechecks::default(),
            protected: Vec::new(),
            waivers: Vec::new(),
        }
    }
}

impl Policy {
    /// How long after departure the removal at a control point may take: the shortest time that is stated for it.
    #[must_use]
    pub fn deadline(&self, point: u8, privileged: bool) -> Option<Duration> {
        let stated = self.deadlines.iter();
        stated.filter(|d| d.point == point && (privileged || !d.privileged)).map(|d| d.within).min()
    }
}

/// How long the removal at one control point may take.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadline {
    /// The control point, 3 to 8.
    pub point: u8,
    /// Whether it is meant for what is privileged only.
    #[serde(default)]
    pub privileged: bool,
    /// Counted from the departure.
    pub within: Duration,
}

/// A latent thing that is accepted as it is, such as an account that is only disabled because it has to be kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptedLatent {
    /// Of which kind.
    pub kind: SurvivorKind,
    /// In which system; none means everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SystemId>,
    /// Why.
    pub reason: String,
}

/// When the validations after the departure are due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Rechecks {
    /// Counted from the departure, in order. A complete collection made from then until the next one is due is the
    /// validation.
    pub due: Vec<Duration>,
    /// Whether control point 10 fails when one that is not the latest was missed. What it would have seen cannot be seen
    /// any more, but the next one shows what is left.
    pub every_one: bool,
}

impl Default for Rechecks {
    fn default() -> Self {
        let due = [24, 7 * 24, 30 * 24, 90 * 24].map(Duration::from_hours).to_vec();
        Self { due, every_one: false }
    }
}

/// An identity that nobody may remove or disable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Protected {
    /// The account.
    pub object: Ref,
    /// Why.
    pub reason: String,
}

/// An accepted exception.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The obligation's id.
    pub obligation: String,
    /// The case.
    pub case: String,
    /// Who accepted it. Never the leaver; and whoever had to remove it, or says it was removed, needs somebody else beside
    /// them.
    pub approver: String,
    /// Who accepted it as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Why.
    pub reason: String,
    /// Until when. There is no endless waiver.
    pub expires: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::{Deadline, Policy};
    use crate::Duration;

    /// A longer time for ordinary things must not lengthen the time for privileged ones.
    #[test]
    fn the_shortest_stated_time_counts() {
        let deadline =
            |point, privileged, hours| Deadline { point, privileged, within: Duration::from_hours(hours) };
        let policy =
            Policy { deadlines: vec![deadline(5, true, 1), deadline(5, false, 24)], ..Policy::default() };
        assert_eq!(policy.deadline(5, false), Some(Duration::from_hours(24)));
        assert_eq!(policy.deadline(5, true), Some(Duration::from_hours(1)));
        assert_eq!(policy.deadline(4, true), None);
    }
}
