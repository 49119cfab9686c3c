//! The service: configuration, manifests, state and surroundings, opened together.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use exeunt_connectors::catalogue::Catalogue;
use exeunt_connectors::clock::Clock;
use exeunt_connectors::manifest::Loaded;
use exeunt_connectors::redact::FingerprintKey;
use exeunt_connectors::secret::{HostSecrets, Secrets};
use exeunt_evidence::ledger::Standing;
use exeunt_evidence::{SigningKey, VerifierKey};
use exeunt_model::config::SecretRef;
use exeunt_model::verdict::VerdictDocument;
use exeunt_model::{Digest, Snapshot, SystemId, Timestamp};
use exeunt_store::{SealingKey, SnapshotRow, Store};

use crate::attest::Attestor;
use crate::config::LoadedConfig;
use crate::error::ServiceError;
use crate::key;
use crate::ledger::LedgerPlace;
use crate::progress::{Progress, Stop};

/// What the service is given besides its configuration.
#[derive(Clone)]
pub struct Surroundings {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who is told how far it is.
    pub progress: Arc<dyn Progress>,
    /// Whether to stop.
    pub stop: Stop,
}

/// Configuration, manifests, state and surroundings.
pub struct Service {
    pub(crate) config: LoadedConfig,
    pub(crate) catalogue: Catalogue,
    pub(crate) store: Store,
    pub(crate) key: SigningKey,
    pub(crate) ledger: LedgerPlace,
    pub(crate) fingerprints: FingerprintKey,
    pub(crate) around: Surroundings,
}

impl Service {
    /// Opens everything. Nothing outside this machine is contacted.
    ///
    /// # Errors
    /// When a system names no connector there is, settings do not fit, the state cannot be
    /// opened, or the ledger's key cannot be used.
    pub async fn open(
        config: LoadedConfig,
        catalogue: Catalogue,
        state: &Path,
        around: Surroundings,
    ) -> Result<Self, ServiceError> {
        for (system, said) in &config.config.systems {
            let loaded = catalogue.get(&said.connector).ok_or_else(|| {
                ServiceError::no_connector(system, &said.connector, &catalogue, &config.path)
            })?;
            exeunt_connectors::manifest::fill_settings(&loaded.manifest, &said.settings)
                .map_err(|e| ServiceError::system(system, &config.path, &e))?;
        }
        let mut store = Store::open(state).await?;
        let key = ledger_key(&config, state).await?;
        let ledger = LedgerPlace::of(&config, state.join("ledger"), key.verifier().name()).await?;
        store.unlock(sealing_key(&config, state).await?, key::chance)?;
        let fingerprints = key::kept_fingerprint(state)?;
        Ok(Self { config, catalogue, store, key, ledger, fingerprints, around })
    }

    /// The configuration.
    #[must_use]
    pub const fn config(&self) -> &LoadedConfig {
        &self.config
    }

    /// The manifests.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The present time: the simulated one if the configuration has it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.config.config.simulated_time.unwrap_or_else(|| self.around.clock.now())
    }

    /// The manifest of each configured system.
    pub(crate) fn manifests(&self) -> BTreeMap<SystemId, &Loaded> {
        let systems = self.config.config.systems.iter();
        systems.filter_map(|(id, said)| Some((id.clone(), self.catalogue.get(&said.connector)?))).collect()
    }

    /// The names of systems as the user wrote them; none means all.
    pub(crate) fn systems(&self, names: &[String]) -> Result<Vec<SystemId>, ServiceError> {
        let known = || self.config.config.systems.keys();
        if names.is_empty() {
            return Ok(known().cloned().collect());
        }
        names
            .iter()
            .map(|name| {
                known().find(|id| id.as_str() == name).cloned().ok_or_else(|| {
                    let known: Vec<&str> = known().map(SystemId::as_str).collect();
                    ServiceError::Other(format!(
                        "no system `{name}` in {}; there are {}",
                        self.config.path.display(),
                        known.join(", ")
                    ))
                })
            })
            .collect()
    }

    pub(crate) const fn attestor(&self) -> Attestor<'_> {
        Attestor { store: &self.store, key: &self.key, place: &self.ledger }
    }

    /// Keeps a snapshot and logs its receipts.
    ///
    /// # Errors
    /// When state or ledger cannot be written.
    pub async fn keep_snapshot(&self, snapshot: &Snapshot) -> Result<Digest, ServiceError> {
        let id = self.store.put_snapshot(snapshot).await?;
        self.attestor().snapshot(id, snapshot, self.now()).await?;
        Ok(id)
    }

    /// Kept snapshots, oldest first: of the systems named, or of all there are.
    ///
    /// # Errors
    /// When one cannot be read.
    pub async fn kept_snapshots(
        &self,
        systems: &[String],
        newest: bool,
    ) -> Result<Vec<Snapshot>, ServiceError> {
        let rows = self.store.snapshots(None).await?;
        let of =
            |row: &&SnapshotRow| systems.is_empty() || systems.iter().any(|name| name == row.system.as_str());
        let mut wanted: Vec<&SnapshotRow> = rows.iter().filter(of).collect();
        if newest {
            let last: BTreeMap<&SystemId, &SnapshotRow> =
                wanted.iter().map(|row| (&row.system, *row)).collect();
            wanted = last.into_values().collect();
        }
        wanted.into_iter().map(|row| Ok(self.store.snapshot(&row.id)?)).collect()
    }

    /// The newest verdict of a case.
    ///
    /// # Errors
    /// When there is none.
    pub async fn latest_verdict(&self, case: &str) -> Result<VerdictDocument, ServiceError> {
        Ok(self.attestor().latest(case).await?)
    }

    /// The file an auditor takes away; with its basis it holds everything the verdict was judged by, and so what systems
    /// answered about everybody.
    ///
    /// # Errors
    /// When there is no verdict, or the ledger or what was kept cannot be read.
    pub async fn bundle(&self, case: &str, with_basis: bool) -> Result<Vec<u8>, ServiceError> {
        let basis = if with_basis { self.basis_bodies(case).await? } else { Vec::new() };
        let said = self.config.config.evidence.witnesses.iter();
        let witnesses: Vec<VerifierKey> = said.filter_map(|witness| witness.key.parse().ok()).collect();
        Ok(self.attestor().bundle(case, basis, &witnesses).await?)
    }

    /// Destroys the key of a case's bodies, so that nobody can read them any more, and logs that it was done. The log
    /// verifies as before: it holds digests only.
    ///
    /// # Errors
    /// When nothing of this case was ever kept, or the erasure cannot be logged; then nothing is destroyed.
    pub async fn erase(&self, case: &str) -> Result<u64, ServiceError> {
        let index = self.attestor().erase(case, self.now()).await?;
        self.ask_witnesses().await?;
        Ok(index)
    }

    /// Wraps all keys of bodies by another key, and gives how many.
    ///
    /// # Errors
    /// When the new key cannot be had, or a key cannot be written; run it again then.
    pub async fn rotate_sealing_key(&self, to: &SecretRef) -> Result<usize, ServiceError> {
        let new = sealing_key_at(&self.config, to).await?;
        let keys = self.store.blobs().keys();
        Ok(keys.map(|keys| keys.rotate(&new)).transpose()?.unwrap_or(0))
    }

    /// How signed heads that were kept elsewhere stand to the ledger: whether it was rolled back or rewritten since.
    ///
    /// # Errors
    /// When one is not a head of this ledger, or the ledger cannot be read.
    pub async fn compare(&self, heads: &[String]) -> Result<Vec<Standing>, ServiceError> {
        Ok(self.attestor().compare(heads).await?)
    }

    /// The signed head of the ledger, as a note.
    ///
    /// # Errors
    /// When the ledger cannot be opened.
    pub async fn checkpoint(&self) -> Result<String, ServiceError> {
        Ok(self.attestor().head().await?.note().to_string())
    }

    /// The proof that one entry is in the ledger.
    ///
    /// # Errors
    /// When there is no such entry.
    pub async fn prove(&self, index: u64) -> Result<String, ServiceError> {
        Ok(self.attestor().prove(index).await?)
    }
}

/// The key behind a reference, or the one in the state folder.
async fn sealing_key(config: &LoadedConfig, state: &Path) -> Result<SealingKey, ServiceError> {
    match &config.config.evidence.sealing_key {
        None => Ok(key::kept_sealing(state)?),
        Some(reference) => sealing_key_at(config, reference).await,
    }
}

async fn sealing_key_at(config: &LoadedConfig, reference: &SecretRef) -> Result<SealingKey, ServiceError> {
    let secret = HostSecrets::beside(&config.base).resolve(reference).await;
    let secret = secret.map_err(|e| ServiceError::Other(format!("the sealing key: {e}")))?;
    Ok(key::parse_sealing(secret.expose(), &reference.to_string())?)
}

async fn ledger_key(config: &LoadedConfig, state: &Path) -> Result<SigningKey, ServiceError> {
    let said = &config.config.evidence;
    let domain = config.config.organisation.domains.first();
    let origin = said
        .origin
        .clone()
        .unwrap_or_else(|| format!("{}/exeunt", domain.map_or("organisation.invalid", String::as_str)));
    match &said.key {
        None => Ok(key::kept(state, &origin)?),
        Some(reference) => {
            let secret = HostSecrets::beside(&config.base)
                .resolve(reference)
                .await
                .map_err(|e| ServiceError::Other(format!("the ledger's key: {e}")))?;
            Ok(key::parse(secret.expose(), &reference.to_string(), &origin)?)
        }
    }
}
