//! What the ticket says, once it is read: claims, approvals, who said that something is done, and what it promises.

use std::sync::Arc;

use exeunt_model::case::Claim;
use exeunt_model::record::Document;
use exeunt_model::verdict::Remark;
use exeunt_model::{Duration, Ref, SystemId, Timestamp, Who};

use super::history::History;
use super::names::Aim;
use super::promised::Promised;

/// An approval and its decision.
pub(crate) struct Approval<'a> {
    pub document: &'a Ref,
    pub by: Option<&'a Who>,
    /// Approved, declined, or not decided.
    pub decision: Option<bool>,
    pub at: Option<Timestamp>,
}

/// A claim, and what it takes to compare it.
pub(crate) struct Spoken<'a> {
    pub claim: Arc<Claim>,
    pub(super) aim: Aim,
    pub(super) by: Option<&'a Who>,
    pub(super) remarks: Vec<Remark>,
}

/// Everything the ticket says.
#[derive(Default)]
pub(crate) struct Said<'a> {
    pub spoken: Vec<Spoken<'a>>,
    pub approvals: Vec<Approval<'a>>,
    /// Who said that something is done. Apps and rules are not among them.
    pub executors: Vec<&'a Who>,
    /// When the removal was asked for.
    pub requested: Option<Timestamp>,
    /// The ticket itself.
    pub ticket: Option<&'a Document>,
    /// The system that holds it.
    pub system: Option<&'a SystemId>,
    /// How far that system's clock may be from ours.
    pub clock: Option<Duration>,
    /// Whether all of it was read.
    pub whole: bool,
    pub(super) promised: Promised,
    pub(super) documents: Vec<&'a Document>,
    pub(super) history: History<'a>,
}
