//! What happened and what was said: documents and events.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::reference::{Ref, Who};
use crate::{IdentityKind, Timestamp};

/// What sort of document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocType {
    /// The offboarding ticket.
    Ticket,
    /// A part of it with a status of its own.
    Subtask,
    /// Another ticket that it is linked to, directly or over one more: work handed to another desk.
    LinkedIssue,
    /// The ticket as the service portal shows it: its request type and what was filled in there.
    Request,
    /// A form on the ticket and its answers.
    Form,
    /// One line of a checklist.
    ChecklistItem,
    /// A comment.
    Comment,
    /// An approval and its decision.
    Approval,
    /// One entry of the change history.
    Change,
}

/// A workflow status: ids decide, names are shown.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DocStatus {
    /// The system's id.
    pub id: String,
    /// The name shown.
    pub name: String,
    /// Whether the workflow counts it as done; `false` also where the source does not say, as in an entry of
    /// the history.
    #[serde(default)]
    pub done: bool,
}

/// Something a person wrote or ticked. All of it is a claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The system's immutable id.
    pub id: Ref,
    /// What sort.
    pub doc_type: DocType,
    /// The key people use, such as `OFF-142`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The document it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Ref>,
    /// Summary or first line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Plain text. Held in memory for matching phrases; never written to a verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Workflow status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DocStatus>,
    /// Ticked, approved (`true`), declined (`false`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<bool>,
    /// Who wrote, ticked or decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Who>,
    /// What sort of actor the author is, where the answer says so beside the author.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_kind: Option<IdentityKind>,
    /// Whom the caller named as the actor, where that is somebody else than the author. The caller may write anything
    /// there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_actor: Option<String>,
    /// What the caller named as what made the change, such as an automation rule. Again anything may stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stated_through: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The tickets it is linked to; how, stands in the field `link.` and the id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Ref>,
    /// Of an entry of the history: the ids of the fields it changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// People named in fields, by field id: the leaver, the manager, the assignee.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, Who>,
    /// Plain fields by id, as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl Document {
    /// Whether it is a ticket with a status of its own: the ticket, a part of it, or one it is linked to.
    #[must_use]
    pub const fn is_issue(&self) -> bool {
        matches!(self.doc_type, DocType::Ticket | DocType::Subtask | DocType::LinkedIssue)
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventAction {
    /// Made.
    Created,
    /// Changed.
    Changed,
    /// Used, signed in, called.
    Used,
    /// Switched off.
    Disabled,
    /// Switched on.
    Enabled,
    /// Revoked, removed, deleted.
    Removed,
    /// Secret replaced.
    Rotated,
}

/// Something that happened, from a log. A log says what was reported: grade E1, no more.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The log's id for it.
    pub id: Ref,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: EventAction,
    /// Who did it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Who>,
    /// To what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Ref>,
    /// In the vendor's words.
    #[serde(default)]
    pub detail: String,
}
