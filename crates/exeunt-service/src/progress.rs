//! How far a run is, told to whoever watches.

use exeunt_connectors::collect;
use exeunt_model::{ReadReceipt, Snapshot, SystemId};

use crate::witnesses::WitnessReport;

pub use exeunt_connectors::collect::Stop;

/// Is told how far a run is.
pub trait Progress: Send + Sync {
    /// The collection of a system begins.
    fn system_begins(&self, system: &SystemId);
    /// A system is asked what it lets us see.
    fn check_begins(&self, system: &SystemId) {
        let _ = system;
    }
    /// It answered, or did not.
    fn check_ended(&self, system: &SystemId) {
        let _ = system;
    }
    /// A page of a read was kept.
    fn page(&self, system: &SystemId, read: &str, rows: u64);
    /// A read of one scope ended.
    fn read_ended(&self, system: &SystemId, receipt: &ReadReceipt);
    /// The collection of a system ended.
    fn system_ended(&self, snapshot: &Snapshot);
    /// A witness was asked to cosign the ledger.
    fn witnessed(&self, report: &WitnessReport) {
        let _ = report;
    }
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn system_begins(&self, _: &SystemId) {}
    fn page(&self, _: &SystemId, _: &str, _: u64) {}
    fn read_ended(&self, _: &SystemId, _: &ReadReceipt) {}
    fn system_ended(&self, _: &Snapshot) {}
}

/// One system's part of the progress.
pub(crate) struct Of<'a> {
    pub(crate) system: &'a SystemId,
    pub(crate) told: &'a dyn Progress,
}

impl collect::Progress for Of<'_> {
    fn begins(&self, _: &str, _: usize) {}

    fn page(&self, read: &str, _: &str, rows: u64) {
        self.told.page(self.system, read, rows);
    }

    fn ended(&self, receipt: &ReadReceipt) {
        self.told.read_ended(self.system, receipt);
    }
}
