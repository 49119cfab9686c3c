//! The pipeline: collect, correlate, resolve, judge, attest, report, and what surrounds them.

mod attest;
mod clock;
mod collecting;
pub mod columns;
pub mod config;
mod error;
mod etags;
mod intake;
pub mod key;
mod ledger;
mod owners;
pub mod pipeline;
pub mod progress;
pub mod records;
mod replay;
mod service;
mod shelf;
mod timestamps;
pub mod traps;
mod witnesses;

pub use attest::AttestError;
pub use clock::{FixedClock, SystemClock};
pub use collecting::{SystemCheck, catalogue, catalogue_for};
pub use config::{ConfigError, LoadedConfig};
pub use error::ServiceError;
pub use exeunt_connectors as connectors;
pub use exeunt_engine as engine;
pub use replay::{Replayed, replay_bundle};
pub use service::{Service, Surroundings};
pub use witnesses::{WitnessOutcome, WitnessReport};
