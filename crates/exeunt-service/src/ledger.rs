//! Where the ledger is: in the state folder, or shared by several nodes.

use std::path::PathBuf;
use std::time::SystemTime;

use exeunt_connectors::clock::Clock as _;
use exeunt_connectors::secret::{HostSecrets, Secret, Secrets as _};
use exeunt_evidence::durable::{Disk, FolderDisk};
use exeunt_evidence::tile::DirTiles;
use exeunt_model::config::{SecretRef, SharedLedgerConfig};
use exeunt_shared::{Keys, Lease, Objects, Place, SharedDisk};

use crate::attest::AttestError;
use crate::clock::SystemClock;
use crate::config::LoadedConfig;
use crate::error::ServiceError;

/// Milliseconds that a write keeps other nodes away: far longer than it takes, so that only a node that died is waited for.
const KEEP: i64 = 10_000;

/// Where the ledger is.
pub(crate) enum LedgerPlace {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A database and an object store.
    Shared(Box<SharedPlace>),
}

/// What a node needs to take the lease.
pub(crate) struct SharedPlace {
    postgres: Secret,
    objects: Objects,
    /// The address of the objects, as it was configured.
    said: String,
    log: String,
    lease: Lease,
}

impl LedgerPlace {
    /// As it is configured, for the ledger of this origin.
    pub(crate) async fn of(
        config: &LoadedConfig,
        folder: PathBuf,
        origin: &str,
    ) -> Result<Self, ServiceError> {
        let evidence = &config.config.evidence;
        let Some(said) = &evidence.shared else { return Ok(Self::Folder(folder)) };
        if evidence.key.is_none() {
            return Err(ServiceError::Other(
                "a shared ledger needs `evidence.key`: all nodes sign with one key".to_owned(),
            ));
        }
        Ok(Self::Shared(Box::new(SharedPlace::of(config, said, origin).await?)))
    }

    /// For errors.
    pub(crate) fn name(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.clone(),
            Self::Shared(shared) => PathBuf::from(&shared.said),
        }
    }

    /// The disk, to be written by nobody else as long as it is held.
    pub(crate) fn take(&self) -> Result<Box<dyn Disk>, AttestError> {
        let failed = |cause| AttestError::Io { dir: self.name(), cause };
        match self {
            Self::Folder(folder) => Ok(Box::new(FolderDisk::new(DirTiles::writer(folder).map_err(failed)?))),
            Self::Shared(shared) => {
                let SharedPlace { postgres, objects, log, lease, .. } = &**shared;
                let taken = SharedDisk::take(postgres.expose(), log, lease, objects.clone());
                Ok(Box::new(taken.map_err(|cause| failed(cause.into()))?))
            }
        }
    }
}

impl SharedPlace {
    async fn of(
        config: &LoadedConfig,
        said: &SharedLedgerConfig,
        origin: &str,
    ) -> Result<Self, ServiceError> {
        let secrets = HostSecrets::beside(&config.base);
        let secret = async |reference: &SecretRef| {
            let secret = secrets.resolve(reference).await;
            secret.map_err(|e| ServiceError::Other(format!("the shared ledger: {e}")))
        };
        let keys = Keys {
            id: secret(&said.access_key_id).await?.expose().to_owned(),
            secret: secret(&said.secret_access_key).await?.expose().to_owned(),
        };
        let odd = |e: &dyn std::fmt::Display| ServiceError::Other(format!("`evidence.shared.objects`: {e}"));
        let place = Place { url: said.objects.parse().map_err(|e| odd(&e))?, region: said.region.clone() };
        // A signature holds for a quarter of an hour of the store's own clock; a simulated time would be refused.
        let now = || SystemTime::from(SystemClock.now());
        Ok(Self {
            postgres: secret(&said.postgres).await?,
            objects: Objects::connect(place, keys, now).map_err(|e| odd(&e))?,
            said: said.objects.clone(),
            log: origin.to_owned(),
            lease: Lease { holder: said.node.clone(), keep: KEEP },
        })
    }
}
