//! How far a run is, on stderr: a redrawn line on a terminal, a line for each system elsewhere.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use exeunt_model::{Outcome, ReadReceipt, Snapshot, SystemId};
use exeunt_service::WitnessReport;
use exeunt_service::progress::Progress;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// How often a line moves while nothing is heard.
const TICK: std::time::Duration = std::time::Duration::from_millis(120);

/// Progress of a collection.
#[derive(Default)]
pub struct Watched {
    interactive: bool,
    all: MultiProgress,
    systems: Mutex<BTreeMap<SystemId, Counted>>,
}

struct Counted {
    bar: ProgressBar,
    rows: u64,
}

impl Watched {
    /// Redraws lines if `interactive`, otherwise says one line for each system that ended.
    #[must_use]
    pub fn new(interactive: bool) -> Self {
        Self { interactive, ..Self::default() }
    }

    fn with(&self, system: &SystemId, change: impl FnOnce(&mut Counted)) {
        let mut systems = self.systems.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counted) = systems.get_mut(system) {
            change(counted);
        }
    }

    /// A line of its own, where lines are not redrawn.
    fn say(&self, said: std::fmt::Arguments<'_>) {
        if !self.interactive {
            // Diagnostics to a closed stream are no reason to stop working.
            let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{said}\n"));
        }
    }
}

impl Progress for Watched {
    fn system_begins(&self, system: &SystemId) {
        let bar =
            if self.interactive { self.all.add(ProgressBar::new_spinner()) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template("{spinner} {prefix:<18} {msg}") {
            bar.set_style(style);
        }
        bar.set_prefix(system.to_string());
        let mut systems = self.systems.lock().unwrap_or_else(PoisonError::into_inner);
        systems.insert(system.clone(), Counted { bar, rows: 0 });
    }

    fn check_begins(&self, system: &SystemId) {
        self.system_begins(system);
        self.with(system, |counted| {
            counted.bar.set_message("asking what it shows");
            counted.bar.enable_steady_tick(TICK);
        });
        self.say(format_args!("{:<18} asking what it shows", system.as_str()));
    }

    fn check_ended(&self, system: &SystemId) {
        self.with(system, |counted| counted.bar.finish_and_clear());
    }

    fn page(&self, system: &SystemId, read: &str, rows: u64) {
        self.with(system, |counted| {
            counted.rows += rows;
            counted.bar.set_message(format!("{} rows, {read}", counted.rows));
            counted.bar.tick();
        });
    }

    fn read_ended(&self, system: &SystemId, receipt: &ReadReceipt) {
        if let Outcome::Partial { reason, .. } = &receipt.outcome {
            self.with(system, |counted| {
                counted.bar.set_message(format!("{}: {}", receipt.title(), reason.words()));
            });
        }
    }

    fn witnessed(&self, report: &WitnessReport) {
        // Diagnostics to a closed stream are no reason to stop working.
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{report}\n"));
    }

    fn system_ended(&self, snapshot: &Snapshot) {
        let partial = snapshot.reads.iter().filter(|r| !r.receipt.outcome.is_complete()).count();
        let records: usize = snapshot.reads.iter().map(exeunt_model::Read::shown).sum();
        let said = if partial == 0 {
            format!("{records} records, every read complete")
        } else {
            format!("{records} records, {partial} of {} reads not complete", snapshot.reads.len())
        };
        self.say(format_args!("{:<18} {said}", snapshot.system.as_str()));
        self.with(&snapshot.system, |counted| counted.bar.finish_with_message(said));
    }
}
