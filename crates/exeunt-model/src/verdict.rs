//! The verdict document: what is said about one case, and what it rests on.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::case::{Claim, Subject};
use crate::kind::{Grade, LinkStrength, State, SurvivorKind};
use crate::owners::Domain;
use crate::reference::{Ref, SystemId};
use crate::{Digest, Duration, PartialReason, Text, Timestamp};

pub use crate::accountable::{Accountable, Acting, ActingAs, CaughtBy, EscalationStep, OwnerNow};

/// What is said of the whole case. No default, no conversion from a bool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Everything is proven gone (or waived), every read was complete and fresh, every control
    /// point holds.
    Clear,
    /// Something is live or latent.
    Residual,
    /// Neither.
    Unproven,
}

/// Everything said about one case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VerdictDocument {
    /// Version of this form.
    pub version: u32,
    /// The case.
    pub case: String,
    /// The leaver.
    pub subject: Subject,
    /// When they left.
    pub departed: Timestamp,
    /// What is said.
    pub verdict: Conclusion,
    /// The time it is said for.
    pub as_of: Timestamp,
    /// The chain of control, in order.
    pub control_points: Vec<ControlPoint>,
    /// Everything that could act for the leaver, worst first.
    pub obligations: Vec<Obligation>,
    /// What cannot be seen in the systems of the case.
    pub blind_spots: Vec<CaseBlindSpot>,
    /// Reads that were not complete, not fresh or not shown able to see.
    pub gaps: Vec<Gap>,
    /// What is wrong with the governance: owners, approvals, claims without an object.
    pub governance: Vec<Finding>,
    /// Accounts that match more than one person, or match the leaver by name only.
    pub disputed: Vec<Disputed>,
    /// Digests of everything judged from.
    pub inputs: Inputs,
    /// Where the evidence is.
    pub evidence: BTreeMap<String, Digest>,
}

impl VerdictDocument {
    /// The version written by this program.
    pub const VERSION: u32 = 1;
}

/// Whether one control point holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It holds.
    Holds,
    /// It failed.
    Failed,
    /// It could not be decided.
    Unknown,
    /// Nothing in this case falls to it.
    NothingToHold,
    /// It is not judged by this version.
    NotJudged,
}

/// One step of the chain of removal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ControlPoint {
    /// 1 to 10.
    pub number: u8,
    /// Its name.
    pub name: String,
    /// Its domain; none for proof, which belongs to what is unproven.
    pub domain: Option<Domain>,
    /// Whether it holds.
    pub standing: Standing,
    /// The facts that decide it, one sentence each.
    pub because: Vec<String>,
    /// What those facts rest on.
    pub evidence: Vec<Arc<Cite>>,
}

/// A thing that could act for the leaver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Obligation {
    /// Stable across runs.
    pub id: String,
    /// The system.
    pub system: SystemId,
    /// The canonical kind.
    pub kind: SurvivorKind,
    /// What it is.
    pub item: Item,
    /// Its state.
    pub state: State,
    /// The lowest grade it rests on.
    pub grade: Grade,
    /// Why it is in that state, one sentence.
    pub because: Text,
    /// What would change that.
    pub would_change: Text,
    /// How the leaver reaches it, step by step; the first step begins at the leaver.
    pub path: Vec<Arc<Step>>,
    /// Why it is the leaver's.
    pub link: LinkStrength,
    /// Whether it is privileged.
    pub privileged: bool,
    /// The control point whose step removes it.
    pub falls_to: u8,
    /// The first control point that failed for it; none when it is gone, or blocked where that is all its step asks for.
    pub control_point: Option<u8>,
    /// Who answers for it: for the break first, then for what failed earlier as well.
    pub accountable: Vec<Accountable>,
    /// Which other controls would have caught it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caught_by: Vec<CaughtBy>,
    /// What the ticket says of it, and how that compares.
    pub claims: Vec<ClaimCheck>,
    /// What happened when.
    pub timeline: Vec<Moment>,
    /// When it was used after departure, if it was.
    pub used_after_departure: Option<Timestamp>,
    /// Since when it is known to be gone, at the latest; none while it is not.
    pub gone_since: Option<Timestamp>,
    /// That it came back after it had been gone or blocked, and the likely cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regression: Option<Regression>,
    /// What became of it, where it is not human.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<NhiOutcome>,
    /// What this line rests on.
    pub evidence: Vec<Arc<Cite>>,
    /// What to do next.
    pub next_step: Text,
}

/// Something that came back after the departure.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Regression {
    /// When a read showed it gone or blocked.
    pub missing: Timestamp,
    /// When it was seen able to act again.
    pub again: Timestamp,
    /// What most likely brought it back.
    pub cause: Cause,
    /// The facts that say so, one sentence.
    pub why: String,
}

/// What brings removed access back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Provisioning from a directory or identity provider put it back.
    Provisioning,
    /// A sign-in made it anew (just-in-time provisioning).
    SignIn,
    /// A rule or a sync fills the group.
    GroupRule,
    /// A non-human identity put it back: infrastructure code, a script.
    Automation,
    /// The same object is back: restored from a copy, or its removal undone.
    Restore,
    /// The person is employed again.
    Rehire,
    /// Somebody put it back by hand.
    ByHand,
    /// Nothing shows why.
    Unknown,
}

/// What became of a non-human identity or integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NhiOutcome {
    /// It was removed or is dead.
    Retired,
    /// It has a new living owner, and every secret the leaver could have known was replaced.
    Reassigned,
    /// It has a new living owner, and kept a secret that the leaver could know.
    HandedOverOnly,
    /// It is the leaver's still.
    StillTheLeavers,
    /// It could not be seen.
    Unknown,
}

/// What an obligation is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its reference, or for an edge the key of the record.
    pub key: String,
    /// The vendor's word for it.
    pub native_type: Text,
    /// Its name.
    pub name: Text,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// From whom or what.
    pub from: String,
    /// How: `owns`, `is a member of`, `holds`, `can assume`, `has admin on`.
    pub how: String,
    /// To what.
    pub to: String,
    /// Names for people, from and to.
    pub names: (String, String),
}

/// How a claim compares with the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Claimed done, and proven gone.
    Confirmed,
    /// Claimed done, and observed live or latent.
    Contradicted,
    /// Claimed done, and could not be observed.
    Unobservable,
    /// Proven gone, and claimed done only after the deadline.
    Late,
    /// Claimed done while it was still seen; gone since.
    Premature,
    /// Claimed done of another object: one that is not the leaver's.
    WrongObject,
    /// It was out of action once, and is back.
    DoneThenUndone,
    /// Claimed done, and seen before and after the claim in one unchanged state, with nothing in between.
    NeverAttempted,
    /// Said to be open still.
    Open,
}

/// What is to be known of a claim beside what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remark {
    /// Whoever says it was done approved it as well.
    ApproverIsExecutor,
    /// An app or a rule said it, and nobody looked.
    Automation,
    /// The history shows somebody else as the actor than its author.
    ForgedActor,
    /// What it stands in was changed after it was closed.
    EditedAfterClosing,
}

/// A claim and how it compares.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimCheck {
    /// The claim.
    pub claim: Arc<Claim>,
    /// The comparison.
    pub comparison: Comparison,
    /// What else is to be known of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<Remark>,
}

/// Whose clock a moment was read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Ours: when a read of ours ended.
    Ours,
    /// A system's.
    System(SystemId),
    /// Nobody's: a time that somebody wrote down.
    Stated,
}

/// Something that happened, at a time, and how well we know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Moment {
    /// When, as that clock had it.
    pub at: Timestamp,
    /// What, one sentence.
    pub what: Text,
    /// How well we know.
    pub grade: Grade,
    /// Whose clock.
    pub clock: Clock,
    /// How far that may be from our clock: of a system's clock by the dates in its answers, of a read by how long it took.
    /// None when that clock was never compared with ours.
    pub uncertain: Option<Duration>,
    /// Whether the next moment is nearer than that, so that which of the two came first is not decided.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub order_undecided: bool,
}

/// A pointer to what something rests on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cite {
    /// The system.
    pub system: SystemId,
    /// The snapshot.
    pub snapshot: Digest,
    /// The read, with its scope.
    pub read: String,
    /// When that read ended.
    pub at: Timestamp,
    /// The raw bodies of that read.
    #[serde(default)]
    pub exchanges: Vec<Digest>,
}

/// A blind spot of a system of the case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseBlindSpot {
    /// The system.
    pub system: SystemId,
    /// The kind.
    pub kind: SurvivorKind,
    /// What cannot be seen.
    pub what: String,
    /// What ends it all the same.
    pub bound: String,
}

/// Why a read does not count in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// It was partial.
    Partial(PartialReason),
    /// It is older than policy allows.
    Stale,
    /// It was not shown able to see such objects.
    NoPositiveControl,
    /// The system has no snapshot.
    NeverRead,
    /// There is no snapshot from before departure.
    NoBaseline,
}

/// A read that does not count in full.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// The system.
    pub system: SystemId,
    /// The read, with its scope; empty for the whole system.
    pub read: String,
    /// Why.
    pub kind: GapKind,
    /// In words.
    pub detail: String,
    /// What would let us see.
    pub next_step: String,
    /// Whether it keeps the case from being clear.
    pub blocks: bool,
}

/// Something wrong with the governance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// A short stable name: `owner_missing`, `owner_left`, `owner_is_leaver`, `owner_overlap`, `approver_is_executor`,
    /// `claim_without_object`, `never_claimed`, `promised_not_observed`, `wrong_object`, `forged_actor`,
    /// `ticket_edited_after_closing`, `used_after_departure`, `recheck_missed`, `removed_late`.
    pub code: String,
    /// One sentence.
    pub says: String,
}

/// An account that nobody may be given silently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disputed {
    /// The account.
    pub account: Ref,
    /// Its login.
    pub login: String,
    /// The people it could be.
    pub candidates: Vec<Ref>,
    /// Why.
    pub because: String,
}

/// Digests of everything a verdict was judged from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    /// Snapshots, by system, oldest first.
    pub snapshots: BTreeMap<SystemId, Vec<Digest>>,
    /// The ticket, as read.
    pub ticket: Option<Digest>,
    /// Policy.
    pub policy: Digest,
    /// Owners.
    pub owners: Digest,
    /// Manifests, by connector.
    pub manifests: BTreeMap<String, Digest>,
}
