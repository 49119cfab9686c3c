//! What a verdict is judged from, all of it.

use std::collections::BTreeMap;

use exeunt_model::case::{Case, Workflow};
use exeunt_model::config::ManualLink;
use exeunt_model::manifest::Manifest;
use exeunt_model::owners::OwnerRegister;
use exeunt_model::policy::Policy;
use exeunt_model::{Digest, Snapshot, SystemId, Timestamp};

/// A manifest and the digest of the file it was read from.
#[derive(Debug, Clone, Copy)]
pub struct ManifestInUse<'a> {
    /// The manifest.
    pub manifest: &'a Manifest,
    /// Its digest, as cited in the verdict.
    pub digest: Digest,
}

/// Everything a verdict is judged from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The case: who leaves, as claimed, and when, if it is known.
    pub case: &'a Case,
    /// The authoritative directory; one of `in_scope`.
    pub directory: &'a SystemId,
    /// The systems that are judged, and the page that says how each works.
    pub in_scope: &'a BTreeMap<SystemId, ManifestInUse<'a>>,
    /// All kept snapshots of all systems, in any order, the present ones included. Snapshots of other systems
    /// than those in scope, and those that ended after `as_of`, are left aside.
    pub history: &'a [Snapshot],
    /// The ids of `history`, in the same order, where the caller has them. Empty: they are computed, which is
    /// the larger part of the work on a large estate.
    pub ids: &'a [Digest],
    /// The reads of the ticket: document records.
    pub ticket: Option<&'a Snapshot>,
    /// How the ticket is read as claims.
    pub workflow: &'a Workflow,
    /// Who answers for what.
    pub owners: &'a OwnerRegister,
    /// Policy.
    pub policy: &'a Policy,
    /// Accounts tied to people by hand.
    pub links: &'a [ManualLink],
    /// The organisation's mail domains: one local part is one person in all of them.
    pub domains: &'a [String],
    /// The time the verdict is said for.
    pub as_of: Timestamp,
}
