//! The pipeline: collect, correlate, resolve, judge, attest, report, and what surrounds them.

mod attest;
pub mod clock;
pub mod config;
pub mod key;
pub mod records;
mod shelf;

pub use attest::AttestError;
pub use config::{ConfigError, LoadedConfig};
