//! What submitters and the threads that commit, write and fold share.

use std::sync::Arc;

use super::Fold;
use super::log::Prepared;
use super::replay::Place;
use crate::Digest;
use crate::ledger::LedgerError;

/// All of it, under one lock.
pub(super) struct State<D> {
    pub(super) waiting: Batch,
    /// Index of the next entry handed over.
    pub(super) next: u64,
    /// What of the log is durable.
    pub(super) durable: u64,
    /// For each failure: what was durable then, and why the rest was not.
    pub(super) failures: Vec<(u64, String)>,
    /// The batch that is written next.
    pub(super) ready: Option<Prepared>,
    pub(super) writing: bool,
    /// A batch is durable, and whoever waits for it was not woken yet.
    pub(super) untold: bool,
    /// Where the batch that could not be written begins, and why.
    pub(super) broken: Option<(LedgerError, Place)>,
    pub(super) fold: Option<Arc<Fold<D>>>,
    pub(super) folded: Option<(Arc<Fold<D>>, bool)>,
    pub(super) batches: u64,
    pub(super) closed: bool,
    /// Nobody commits any more.
    pub(super) ended: bool,
}

/// Entries and their leaf hashes.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) bundle: Vec<u8>,
    pub(super) hashes: Vec<Digest>,
}

impl<D> State<D> {
    /// Nothing is under way on a log of this size.
    pub(super) const fn of(size: u64) -> Self {
        Self {
            waiting: Batch { bundle: Vec::new(), hashes: Vec::new() },
            next: size,
            durable: size,
            failures: Vec::new(),
            ready: None,
            writing: false,
            untold: false,
            broken: None,
            fold: None,
            folded: None,
            batches: 0,
            closed: false,
            ended: false,
        }
    }

    /// Takes the batch that is written next, if there is one.
    pub(super) const fn take_ready(&mut self) -> Option<Prepared> {
        let ready = self.ready.take();
        self.writing = ready.is_some();
        ready
    }

    /// Nothing is on its way to the disk.
    pub(super) const fn idle(&self) -> bool {
        self.ready.is_none() && !self.writing
    }

    /// There is room for a batch; or, for what is not one, nothing is on its way.
    pub(super) const fn idle_but_for(&self, batch: bool) -> bool {
        if batch { self.ready.is_none() } else { self.idle() }
    }

    /// What is not durable is not logged: also what was handed over meanwhile and counted on it to be before it.
    pub(super) fn fail(&mut self, error: &LedgerError) {
        self.waiting = Batch::default();
        self.ready = None;
        self.next = self.durable;
        self.failures.push((self.durable, error.to_string()));
    }
}
