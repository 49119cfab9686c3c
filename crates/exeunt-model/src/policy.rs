//! Policy: the numbers and choices an organisation makes, with defaults that are strict.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::SurvivorKind;
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
    /// Whether a case without a snapshot from before departure can be clear. Such a case cannot
    /// know of things whose tie to the leaver was cut before we first looked.
    pub require_baseline: bool,
    /// Longer settle times per kind. A shorter one than the manifest's is refused.
    pub settle: BTreeMap<SurvivorKind, Duration>,
    /// Accepted exceptions.
    pub waivers: Vec<Waiver>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            fresh_for: Duration::from_hours(24),
            directory_deadline: Duration::from_hours(1),
            trigger_deadline: Duration::from_hours(0),
            require_baseline: false,
            settle: BTreeMap::new(),
            waivers: Vec::new(),
        }
    }
}

/// An accepted exception.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The obligation's id.
    pub obligation: String,
    /// The case.
    pub case: String,
    /// Who accepted it: neither the leaver nor the one who had to remove it.
    pub approver: String,
    /// Why.
    pub reason: String,
    /// Until when. There is no endless waiver.
    pub expires: Timestamp,
}
