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
    /// The status of a linked ticket.
    LinkedIssue,
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
    /// The objects of the system that its line names, by login, address or name; none means whatever the leaver has
    /// there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Ref>,
    /// Whether it says "done".
    pub done: bool,
    /// Who said it, and so did it: the author that the system recorded.
    pub by: Option<String>,
    /// The app or automation rule that said it, where it was no person at a keyboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// When, by the clock of the ticket's system.
    pub at: Option<Timestamp>,
    /// Who asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_by: Option<String>,
    /// Who approved the removal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approved_by: Vec<String>,
}

/// How a ticket is read as claims. A field is named by its id; one that stands on a form or in the portal's request by the
/// question's label.
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
    /// Fields that list the systems to be cleared, one a line or with commas between.
    pub systems_fields: Vec<String>,
    /// What each request type of the portal promises.
    pub request_types: Vec<RequestType>,
    /// How a linked ticket must be linked to count as work handed over, such as `is blocked by`; none means any link.
    pub links: Vec<String>,
    /// Which words stand for which system.
    pub claims: Vec<ClaimRule>,
    /// Systems that tickets speak of and that this configuration does not read.
    pub not_read: Vec<SystemId>,
    /// Phrases in a comment that claim removal, compared without regard to case.
    pub done_phrases: Vec<String>,
    /// Phrases in a comment that approve the removal, compared without regard to case.
    pub approval_phrases: Vec<String>,
    /// How long before departure removal has to be requested; zero: by departure.
    pub notice: Duration,
}

/// What a request type of the service portal promises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestType {
    /// Its id or its name.
    pub name: String,
    /// The systems that are to be cleared when somebody asks for this.
    pub systems: Vec<SystemId>,
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
