//! Finding and opening what a command works on.

use std::path::PathBuf;
use std::sync::Arc;

use exeunt_service::connectors::clock::Clock;
use exeunt_service::progress::Stop;
use exeunt_service::{FixedClock, LoadedConfig, Service, Surroundings, SystemClock};

use crate::args::Global;
use crate::error::Failure;
use crate::progress::Watched;
use crate::terminal::Terminal;

/// What the machine gives a command: time, and the wish to stop.
#[derive(Clone)]
pub struct Machine {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The wish to stop.
    pub stop: Stop,
}

impl Machine {
    /// The real machine.
    #[must_use]
    pub fn real() -> Self {
        Self { clock: Arc::new(SystemClock), stop: Stop::new() }
    }
}

/// The state folder when none is named.
const STATE: &str = "exeunt-state";

/// The state folder.
#[must_use]
pub fn state(global: &Global) -> PathBuf {
    global.state.clone().unwrap_or_else(|| PathBuf::from(STATE))
}

/// The configuration: the one named; else `exeunt.yaml` of a state folder that was named and has
/// one (as the demo leaves it); else `exeunt.yaml` here; else the one of the state folder.
///
/// # Errors
/// When there is none, or it cannot be used.
pub fn config(global: &Global) -> Result<LoadedConfig, Failure> {
    let here = PathBuf::from("exeunt.yaml");
    let kept = state(global).join("exeunt.yaml");
    let path = match &global.config {
        Some(named) => named.clone(),
        None if global.state.is_some() && kept.is_file() => kept,
        None if !here.is_file() && kept.is_file() => kept,
        None => here,
    };
    Ok(LoadedConfig::read(&path)?)
}

/// The service on the configuration and state of a command.
///
/// # Errors
/// When any part cannot be opened.
pub async fn service(global: &Global, machine: &Machine, terminal: &Terminal) -> Result<Service, Failure> {
    let config = config(global)?;
    let catalogue = exeunt_service::catalogue_for(&config, global.connectors.as_deref())?;
    let clock = match config.config.simulated_time {
        Some(at) => Arc::new(FixedClock(at)),
        None => Arc::clone(&machine.clock),
    };
    let around = Surroundings {
        clock,
        progress: Arc::new(Watched::new(terminal.interactive)),
        stop: machine.stop.clone(),
    };
    Ok(Service::open(config, catalogue, &state(global), around).await?)
}
