//! What tests of programs and files share: one collection of a system in a folder of its own.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]
#![expect(clippy::needless_pass_by_value, reason = "tests write JSON in place")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use exeunt_connectors::collect::{Edges, Job, Quiet, Stop, collect};
use exeunt_connectors::conformance::{FixedClock, MemoryShelf};
use exeunt_connectors::manifest::{Loaded, load};
use exeunt_connectors::protocol::Protocol;
use exeunt_connectors::protocol::connect::{ConnectError, connect};
use exeunt_connectors::secret::HostSecrets;
use exeunt_model::config::SystemConfig;
use exeunt_model::{Outcome, PartialReason, Read, Snapshot, SystemId};

/// When tests collect: a day after the departure of whom they are about.
pub const NOW: &str = "2026-11-21T09:00:00Z";

/// A system whose manifest, configuration and files are a test's own.
pub struct Door {
    pub loaded: Loaded,
    pub system: SystemConfig,
    pub folder: tempfile::TempDir,
}

/// A connector's folder in this repository.
pub fn connector(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../connectors").join(name)
}

impl Door {
    /// A system read by the built-in manifest of this name.
    pub fn built_in(name: &str, settings: Value, auth: Value) -> Self {
        let text = std::fs::read_to_string(connector(name).join("manifest.yaml")).expect("a manifest");
        Self::by(&text, settings, auth)
    }

    pub fn by(manifest: &str, settings: Value, auth: Value) -> Self {
        let loaded = load(manifest, "manifest.yaml").unwrap_or_else(|errors| panic!("{errors}"));
        let system = json!({"connector": loaded.manifest.connector, "settings": settings, "auth": auth});
        Self {
            system: serde_json::from_value(system).expect("a system"),
            loaded,
            folder: tempfile::tempdir().expect("a folder"),
        }
    }

    /// Puts a file beside the configuration, written when tests collect.
    pub fn file(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).expect("written");
        self.touch(name, NOW);
    }

    pub fn touch(&self, name: &str, at: &str) {
        let at: exeunt_model::Timestamp = at.parse().expect("a time");
        let file = std::fs::File::options().write(true).open(self.folder.path().join(name)).expect("opens");
        file.set_modified(at.into()).expect("a file system with times");
    }

    pub async fn connect(&self) -> Result<Arc<dyn Protocol>, ConnectError> {
        let clock = Arc::new(FixedClock(NOW.parse().expect("a time")));
        connect(&self.loaded.manifest, &self.system, &HostSecrets::beside(self.folder.path()), clock).await
    }

    pub async fn collect(&self) -> Snapshot {
        self.collect_on(&Arc::new(MemoryShelf::default())).await
    }

    /// A collection that goes on from what the shelf has.
    pub async fn collect_on(&self, shelf: &Arc<MemoryShelf>) -> Snapshot {
        let protocol = self.connect().await.unwrap_or_else(|error| panic!("{error}"));
        let (clock, stop) = (FixedClock(NOW.parse().expect("a time")), Stop::new());
        let home = SystemId::new("payroll").expect("a name");
        let none = BTreeMap::new();
        let edges = Edges {
            protocol: &*protocol,
            shelf: Arc::<MemoryShelf>::clone(shelf),
            clock: &clock,
            progress: &Quiet,
            stop: &stop,
        };
        collect(&Job::new(&self.loaded, &home, &self.system.settings, &none, edges))
            .await
            .expect("a snapshot")
    }

    /// One read of a collection.
    pub async fn read(&self, name: &str) -> Read {
        read(self.collect().await, name)
    }
}

pub fn read(snapshot: Snapshot, name: &str) -> Read {
    snapshot.reads.into_iter().find(|read| read.receipt.read == name).expect("the read")
}

/// Why a read is not whole; panics when it is.
pub fn partial(read: &Read) -> (PartialReason, &str) {
    match &read.receipt.outcome {
        Outcome::Partial { reason, detail } => (*reason, detail),
        Outcome::Complete => panic!("complete with {} records, and must not be", read.records.len()),
    }
}

/// Fails with the receipt's words when a read is not whole.
pub fn whole(read: &Read) {
    assert_eq!(read.receipt.outcome, Outcome::Complete, "{}", read.receipt.read);
}
