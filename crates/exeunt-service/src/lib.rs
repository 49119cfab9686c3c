//! The pipeline: collect, correlate, resolve, judge, attest, report, and what surrounds them.

pub mod config;

pub use config::{ConfigError, LoadedConfig};
