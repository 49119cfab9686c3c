//! One read of one scope on given answers, as the collector runs it.

use std::collections::BTreeMap;
use std::sync::Arc;

use exeunt_model::manifest::ReadRule;
use exeunt_model::receipt::Outcome;
use exeunt_model::{Record, SystemId};

use super::memory::{FixedClock, MemoryShelf};
use crate::collect::{Edges, Job, Quiet, Stop, first_ask, run_scope};
use crate::manifest::{Loaded, filled_settings};
use crate::protocol::{Ask, Protocol};

/// The ticket of reads of a ticket.
pub(super) const ISSUE: &str = "OFF-142";

/// A read of a manifest, in one scope, with the operator's settings.
#[derive(Debug, Clone, Copy)]
pub struct Played<'a> {
    /// The manifest.
    pub loaded: &'a Loaded,
    /// The read's name.
    pub read: &'a str,
    /// Its rule.
    pub rule: &'a ReadRule,
    /// Whether it is a read of a ticket.
    pub ticket: bool,
    /// What `each` bound.
    pub bound: &'a BTreeMap<String, String>,
    /// The operator's settings.
    pub settings: &'a BTreeMap<String, String>,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Ended {
    /// How it ended.
    pub outcome: Outcome,
    /// The rows of its pages.
    pub rows: u64,
    /// The records they became.
    pub records: Vec<Record>,
    /// The pages that were read.
    pub pages: u32,
}

impl Played<'_> {
    fn issue(&self) -> Option<&'static str> {
        self.ticket.then_some(ISSUE)
    }

    /// The request for the first page, filled in.
    ///
    /// # Errors
    /// When a setting is missing, or a value would change the request's form.
    pub fn first_ask(&self) -> Result<Ask, String> {
        let filled = filled_settings(&self.loaded.manifest, self.settings);
        first_ask(self.rule, &filled, self.bound, self.issue())
    }

    /// Runs the read on what this protocol answers.
    ///
    /// # Errors
    /// When the connector's name is no name of a system, or the read has no programs.
    pub async fn on(&self, protocol: &dyn Protocol) -> Result<Ended, String> {
        let (shelf, clock, stop) = (Arc::new(MemoryShelf::default()), FixedClock::default(), Stop::new());
        let none = BTreeMap::new();
        let home =
            SystemId::new(self.loaded.manifest.connector.clone()).map_err(|error| error.to_string())?;
        let edges = Edges { protocol, shelf, clock: &clock, progress: &Quiet, stop: &stop };
        let job = Job::new(self.loaded, &home, self.settings, &none, edges);
        let scoped = run_scope(&job, self.issue(), self.read, self.bound).await.map_err(|e| e.to_string())?;
        let receipt = scoped.receipt;
        Ok(Ended {
            outcome: receipt.outcome,
            rows: receipt.rows,
            records: scoped.records,
            pages: receipt.pages,
        })
    }
}
