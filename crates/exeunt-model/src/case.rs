//! A case: one leaver's offboarding, and what the workflow claims about it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kind::SurvivorKind;
use crate::record::{Email, JoinKey};
use crate::reference::{Ref, SystemId, Who};
use crate::{Duration, Timestamp};

/// The leaver, resolved to one person in the authoritative directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The identity record's reference.
    pub identity: Ref,
    /// The name.
    pub name: String,
    /// Exact keys.
    pub keys: Vec<JoinKey>,
    /// Addresses.
    pub emails: Vec<Email>,
}

/// Who is meant, as an operator or a ticket says it, before anybody was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectClaim {
    /// Any of these that are known; all that are must lead to the same person.
    pub who: Vec<Who>,
    /// Where it was said: `argument`, `field customfield_10050 of OFF-142`.
    pub said_by: String,
}

/// One leaver's offboarding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The ticket's key, or the leaver's identity when there is no ticket.
    pub id: String,
    /// Who leaves, as claimed.
    pub subject: SubjectClaim,
    /// When they left.
    pub departed: Option<Timestamp>,
    /// The system that holds the ticket.
    pub ticket_system: Option<SystemId>,
}

/// What a claim says of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimSource {
    /// The ticket's own status.
    TicketStatus,
    /// A sub-task's status.
    Subtask,
    /// A ticked line.
    Checklist,
    /// An approval.
    Approval,
    /// A comment with a configured phrase.
    Comment,
}

/// Somebody says something was done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// The document that says so.
    pub document: Ref,
    /// How it says so.
    pub source: ClaimSource,
    /// In which words, cut to 120 characters; the text of a comment is never kept, only the
    /// configured phrase that matched.
    pub says: String,
    /// About which system; none means the whole case.
    pub system: Option<SystemId>,
    /// About which kinds; none means all.
    #[serde(default)]
    pub kinds: Vec<SurvivorKind>,
    /// Whether it says "done".
    pub done: bool,
    /// Who said it.
    pub by: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}

/// How a ticket is read as claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Workflow {
    /// The system that holds offboarding tickets.
    pub system: Option<SystemId>,
    /// The field that names the leaver by account (a user picker).
    pub subject_field: Option<String>,
    /// The field with the leaver's employee number.
    pub employee_number_field: Option<String>,
    /// The field with the leaver's address.
    pub email_field: Option<String>,
    /// The field with the time of departure.
    pub departure_field: Option<String>,
    /// The field that holds a checklist: lines that begin with `[x]` or `[ ]`.
    pub checklist_field: Option<String>,
    /// Which words stand for which system.
    pub claims: Vec<ClaimRule>,
    /// Phrases in a comment that claim removal, compared without regard to case.
    pub done_phrases: Vec<String>,
    /// How long before departure removal has to be requested; zero: by departure.
    pub notice: Duration,
}

/// Which words stand for which system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimRule {
    /// A word or phrase, found anywhere in a title or line, without regard to case.
    pub words: String,
    /// The system it stands for.
    pub system: SystemId,
    /// The kinds it covers; none means all.
    #[serde(default)]
    pub kinds: Vec<SurvivorKind>,
}
