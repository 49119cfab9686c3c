//! State: a folder with one SQLite database, content-addressed blobs, and the notes of
//! collections under way. No service is needed.
//!
//! The database says what there is; blobs hold it. Blobs are on the disk before the row that names
//! them, so a crash leaves at worst blobs nobody names.

mod blobs;
mod database;
mod error;
mod journal;
mod keyring;
mod packs;
mod sealing;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

pub use blobs::Blobs;
pub use database::{CaseRow, LedgerRow, SnapshotRow, VerdictRow};
pub use error::StoreError;
pub use journal::Journal;
pub use keyring::{KeyName, Keyring};
pub use sealing::{Chance, NotOpened, SealingKey};

use database::Database;
use exeunt_model::{Digest, RecordChunk, Snapshot, SystemId, Timestamp};

/// The state folder, opened and locked.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    database: Database,
    blobs: Blobs,
    // Held for as long as the store is open; the operating system lets go of it when the process
    // ends in any way.
    lock: File,
}

/// The lock is given back in so many words. Closing the file is not enough: a program that is being started at this
/// very moment holds a copy of every open file until it runs, and the lock with it.
impl Drop for Store {
    fn drop(&mut self) {
        // Nothing to do about a refusal: the file is closed next, which gives the lock back as well.
        let _ = self.lock.unlock();
    }
}

impl Store {
    /// Opens the state in `dir`, making it when there is none.
    ///
    /// # Errors
    /// When the folder cannot be made or written, another process has it open, or the database
    /// is damaged or from a newer version. Nothing is changed then.
    pub async fn open(dir: &Path) -> Result<Self, StoreError> {
        make_private(dir).map_err(|e| StoreError::io("make the state folder", dir, e))?;
        let lock = lock(&dir.join("lock"))?;
        let database = Database::open(&dir.join("state.db")).await?;
        let blobs = Blobs::open(&dir.join("blobs"))?;
        Ok(Self { dir: dir.to_owned(), database, blobs, lock })
    }

    /// From now on, bodies of a case are sealed with its key, and those that are sealed can be opened.
    ///
    /// # Errors
    /// When the folder of keys cannot be made.
    pub fn unlock(&mut self, wrapping: SealingKey, chance: Chance) -> Result<(), StoreError> {
        self.blobs.unlock(Keyring::open(&self.dir.join("keys"), wrapping, chance)?);
        Ok(())
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The blobs.
    #[must_use]
    pub const fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// The notes of the collection of `system` under way, from which a killed run goes on.
    ///
    /// # Errors
    /// When the folder for them cannot be made.
    pub fn journal(&self, name: &str) -> Result<Journal, StoreError> {
        Journal::open(&self.dir.join("collecting").join(name))
    }

    /// Keeps a snapshot and returns its id. Keeping the same one twice is once.
    ///
    /// # Errors
    /// When the blob or the row cannot be written.
    pub async fn put_snapshot(&self, snapshot: &Snapshot) -> Result<Digest, StoreError> {
        let bytes = snapshot
            .at_rest()
            .map_err(|e| StoreError::Unserialisable { what: "a snapshot", cause: e.to_string() })?;
        let id = self.blobs.keep(&bytes)?;
        self.blobs.settle()?;
        let row = SnapshotRow {
            id,
            system: snapshot.system.clone(),
            started: snapshot.started,
            ended: snapshot.ended,
            complete: snapshot.is_complete(),
        };
        self.database.put_snapshot(&row).await?;
        Ok(id)
    }

    /// A kept snapshot.
    ///
    /// # Errors
    /// When it is not there, damaged, or not a snapshot of this version.
    pub fn snapshot(&self, id: &Digest) -> Result<Snapshot, StoreError> {
        snapshot_from(id, &|digest| self.blobs.get(digest), &|digest| self.blobs.path(digest))
    }

    /// What snapshots there are, oldest first, of one system or of all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn snapshots(&self, system: Option<&SystemId>) -> Result<Vec<SnapshotRow>, StoreError> {
        self.database.snapshots(system).await
    }

    /// Keeps what is known of a case: its intake and the time of departure.
    ///
    /// # Errors
    /// When the row cannot be written.
    pub async fn put_case(&self, case: &CaseRow) -> Result<(), StoreError> {
        self.database.put_case(case).await
    }

    /// A case.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn case(&self, id: &str) -> Result<Option<CaseRow>, StoreError> {
        self.database.case(id).await
    }

    /// All cases, by id.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn cases(&self) -> Result<Vec<CaseRow>, StoreError> {
        self.database.cases().await
    }

    /// Keeps a verdict's bytes and returns their digest.
    ///
    /// # Errors
    /// When the blob or the row cannot be written.
    pub async fn put_verdict(
        &self,
        case: &str,
        as_of: Timestamp,
        conclusion: &str,
        bytes: &[u8],
    ) -> Result<Digest, StoreError> {
        let id = self.blobs.keep_for(case, bytes)?;
        self.blobs.settle()?;
        let row = VerdictRow { id, case: case.to_owned(), as_of, conclusion: conclusion.to_owned() };
        self.database.put_verdict(&row).await?;
        Ok(id)
    }

    /// Destroys the key of a case's bodies and forgets what is known of its leaver.
    ///
    /// # Errors
    /// When the key cannot be destroyed or the row not removed; do it again then.
    pub async fn erase_case(&self, case: &str) -> Result<(), StoreError> {
        if let Some(keys) = self.blobs.keys() {
            keys.destroy(&KeyName::of_case(case))?;
        }
        self.database.forget_case(case).await
    }

    /// The verdicts of a case, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verdicts(&self, case: &str) -> Result<Vec<VerdictRow>, StoreError> {
        self.database.verdicts(case).await
    }

    /// Notes what entries of the ledger are about: all of them or none.
    ///
    /// # Errors
    /// When the rows cannot be written.
    pub async fn put_ledger_rows(&self, rows: &[LedgerRow]) -> Result<(), StoreError> {
        self.blobs.settle()?;
        self.database.put_ledger_rows(rows).await
    }

    /// The ledger entries about a case or a snapshot, by index.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn ledger_rows(&self, about: &str) -> Result<Vec<LedgerRow>, StoreError> {
        self.database.ledger_rows(about).await
    }

    /// How many entries of the ledger the database knows of: one past the highest index.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn ledger_size(&self) -> Result<u64, StoreError> {
        self.database.ledger_size().await
    }
}

/// Makes the folder for its owner only: what systems answered is in it. One that exists is left as it is.
fn make_private(dir: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn lock(path: &Path) -> Result<File, StoreError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(|e| StoreError::io("open the lock", path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { path: path.to_owned() }),
        Err(TryLockError::Error(e)) => Err(StoreError::io("lock", path, e)),
    }
}

/// A snapshot from wherever its bytes and those of its parts are kept; `place` names them in errors.
///
/// # Errors
/// When a part is not there, or is not what was kept.
pub fn snapshot_from(
    id: &Digest,
    get: &dyn Fn(&Digest) -> Result<Vec<u8>, StoreError>,
    place: &dyn Fn(&Digest) -> PathBuf,
) -> Result<Snapshot, StoreError> {
    let damaged = |digest: &Digest, cause: String| StoreError::Damaged {
        path: place(digest),
        cause,
        next: "take a new snapshot with `exeunt collect`",
    };
    let mut snapshot: Snapshot = serde_json::from_slice(&get(id)?).map_err(|e| damaged(id, e.to_string()))?;
    if snapshot.version != Snapshot::VERSION {
        return Err(damaged(id, format!("it has version {}", snapshot.version)));
    }
    for read in &mut snapshot.reads {
        for RecordChunk { digest, records } in &read.kept {
            let bytes = get(digest)?;
            let before = read.records.len();
            for record in serde_json::Deserializer::from_slice(&bytes).into_iter() {
                read.records.push(record.map_err(|e| damaged(digest, e.to_string()))?);
            }
            let found = read.records.len() - before;
            if found != *records as usize {
                return Err(damaged(digest, format!("it has {found} records where there were {records}")));
            }
        }
    }
    Ok(snapshot.in_order())
}
