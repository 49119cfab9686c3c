//! What ends a service call.

use std::path::Path;

use exeunt_connectors::catalogue::{BadCatalogue, Catalogue};
use exeunt_connectors::shelf::ShelfError;
use exeunt_engine::CaseError;
use exeunt_model::SystemId;
use exeunt_store::StoreError;

use crate::attest::AttestError;
use crate::config::ConfigError;
use crate::key::LedgerKeyError;

/// A service call could not do what it was asked. A system that cannot be read is none of these:
/// that is a fact, with a receipt.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// Configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// One system's configuration.
    #[error("{path}: system `{system}`: {cause}")]
    System {
        /// The file.
        path: String,
        /// The system.
        system: SystemId,
        /// What is wrong, and what to do.
        cause: String,
    },
    /// Manifests.
    #[error(transparent)]
    Catalogue(#[from] BadCatalogue),
    /// State.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What a system answered could not be kept, so it is no fact.
    #[error("stopped, because evidence could not be kept: {0}")]
    Shelf(#[from] ShelfError),
    /// The case could not be made out.
    #[error(transparent)]
    Case(#[from] CaseError),
    /// Ledger.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// The ledger's key.
    #[error(transparent)]
    Key(#[from] LedgerKeyError),
    /// The user stopped it.
    #[error(
        "stopped. Pages that were read whole are kept: the same command goes on from there within \
         the hour"
    )]
    Stopped,
    /// Anything else, said in full.
    #[error("{0}")]
    Other(String),
}

impl ServiceError {
    pub(crate) fn system(system: &SystemId, path: &Path, cause: &dyn std::fmt::Display) -> Self {
        Self::System { path: path.display().to_string(), system: system.clone(), cause: cause.to_string() }
    }

    pub(crate) fn no_connector(system: &SystemId, name: &str, catalogue: &Catalogue, path: &Path) -> Self {
        let known: Vec<&str> = catalogue.names().collect();
        let cause = format!(
            "there is no connector `{name}`; there are {}. More are read from a folder with \
             --connectors DIR",
            known.join(", ")
        );
        Self::system(system, path, &cause)
    }
}
