//! Figures over all cases: how well the programme of removal works.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::SurvivorKind;
use crate::owners::Domain;
use crate::reference::SystemId;
use crate::verdict::{Cause, Comparison};
use crate::{Duration, Text, Timestamp};

/// Figures over all cases at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeFigures {
    /// Version of this form.
    pub version: u32,
    /// The time they are said for.
    pub as_of: Timestamp,
    /// How the cases stand.
    pub cases: CaseCounts,
    /// Whether leavers' tokens and keys still work.
    pub tokens: TokenFigures,
    /// How long removal took, by control point.
    pub proven: Vec<ProvenFigures>,
    /// How what tickets say compares with the facts.
    pub claims: BTreeMap<Comparison, u64>,
    /// What is left, by who answers, most first.
    pub residual_by_owner: Vec<OwnerFigures>,
    /// What is live or latent, by how long ago its leaver left.
    pub residual_by_age: Vec<AgeFigures>,
    /// Open things that came back, by likely cause.
    pub regressions: BTreeMap<Cause, u64>,
    /// How much of what is in scope was seen, by system.
    pub coverage: BTreeMap<SystemId, CoverageFigures>,
    /// What nobody can see, by size: most cases first.
    pub blind_spots: Vec<BlindSpotFigures>,
    /// Findings about governance by code, and in how many cases.
    pub governance: BTreeMap<String, u64>,
    /// Systems that are named by what others show (a sign-in that goes through them, an account of theirs) and are not read
    /// themselves, and how many accounts and edges name each.
    pub uncovered: BTreeMap<SystemId, u64>,
    /// Control points that failed in no case, and how often they had anything to hold: one that never had is looked at by
    /// nobody.
    pub never_failed: Vec<NeverFailed>,
}

impl ProgrammeFigures {
    /// The version written by this program.
    pub const VERSION: u32 = 1;
}

/// How the cases stand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseCounts {
    /// All of them.
    pub all: u64,
    /// Everything proven gone.
    pub clear: u64,
    /// Something is live or latent.
    pub residual: u64,
    /// Neither.
    pub unproven: u64,
    /// Those that could not be judged.
    pub not_judged: u64,
    /// Those in which something was used after departure.
    pub used_after_departure: u64,
}

/// Whether leavers' tokens and keys still work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenFigures {
    /// Leavers of whom any token or key of their own is known (`token.user`, `token.resource`, `key.asym`).
    pub leavers: u64,
    /// Those of them with at least one that is live.
    pub with_live: u64,
    /// Those with none that is live, and at least one that is latent or cannot be seen.
    pub with_latent_or_unknown: u64,
    /// The tokens and keys.
    pub tokens: u64,
    /// Those that are live.
    pub live: u64,
}

/// How long removal took at one control point: from the departure until everything that falls to it was first read as gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenFigures {
    /// The control point, 2 to 8.
    pub point: u8,
    /// Cases in which everything that falls to it is proven gone.
    pub cases: u64,
    /// Cases in which something that falls to it is not.
    pub open: u64,
    /// Half of the proven cases took no longer.
    pub p50: Option<Duration>,
    /// Nine in ten.
    pub p90: Option<Duration>,
    /// Ninety-nine in a hundred.
    pub p99: Option<Duration>,
}

/// What is left with one owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnerFigures {
    /// The owner; none where the register names nobody.
    pub owner: Option<Text>,
    /// The domain.
    pub domain: Domain,
    /// Live things.
    pub live: u64,
    /// Latent ones.
    pub latent: u64,
    /// Those that could not be seen.
    pub unknown: u64,
    /// In how many cases.
    pub cases: u64,
    /// Since when the longest-gone leaver of them has left.
    pub oldest: Duration,
}

/// What is left of leavers who left that long ago.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgeFigures {
    /// At least so long ago.
    pub from: Duration,
    /// And less than so long; none for the last row.
    pub until: Option<Duration>,
    /// Live things.
    pub live: u64,
    /// Latent ones.
    pub latent: u64,
}

/// How much of one system was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CoverageFigures {
    /// Cases in which every read of it counted.
    pub whole: u64,
    /// Cases in which one did not.
    pub with_gaps: u64,
    /// Lines of all cases.
    pub lines: u64,
    /// Those that are unknown.
    pub unknown: u64,
}

/// What nobody can see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlindSpotFigures {
    /// Where.
    pub system: SystemId,
    /// Of which kind.
    pub kind: SurvivorKind,
    /// What.
    pub what: String,
    /// In how many cases it matters.
    pub cases: u64,
}

/// A control point that failed in no case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeverFailed {
    /// Which.
    pub point: u8,
    /// Its name.
    pub name: String,
    /// Cases in which it held.
    pub held: u64,
    /// Cases in which nothing fell to it.
    pub nothing_to_hold: u64,
    /// Cases in which it could not be decided.
    pub unknown: u64,
}
