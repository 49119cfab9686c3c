//! State: a folder with one SQLite database, content-addressed blobs, and the notes of
//! collections under way. No service is needed.
//!
//! The database says what there is; blobs hold it. Blobs are on the disk before the row that names
//! them, so a crash leaves at worst blobs nobody names.

mod blobs;
mod cases;
mod database;
mod error;
mod held;
mod journal;
mod keyring;
mod packs;
mod sealing;

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

pub use blobs::Blobs;
pub use cases::CaseRow;
pub use database::{LedgerRow, SnapshotRow, VerdictRow};
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
        let id = self.blobs.keep_packed(&bytes)?;
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

    /// A kept snapshot without the records that have parts of their own.
    fn at_rest(&self, id: &Digest) -> Result<Snapshot, StoreError> {
        let bytes = self.blobs.get(id)?;
        let damaged = |cause: String| StoreError::Damaged {
            path: self.blobs.path(id),
            cause,
            next: "take a new snapshot with `exeunt collect`",
        };
        let snapshot: Snapshot = serde_json::from_slice(&bytes).map_err(|e| damaged(e.to_string()))?;
        if snapshot.version != Snapshot::VERSION {
            return Err(damaged(format!("it has version {}", snapshot.version)));
        }
        Ok(snapshot)
    }

    /// What snapshots there are, oldest first, of one system or of all.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn snapshots(&self, system: Option<&SystemId>) -> Result<Vec<SnapshotRow>, StoreError> {
        self.database.snapshots(system).await
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

    /// The number and the key's name of each pack that holds a part of a snapshot.
    pub(crate) fn packs_of(&self, id: &Digest) -> Result<BTreeSet<(u32, [u8; 32])>, StoreError> {
        let snapshot = self.at_rest(id)?;
        let reads = snapshot.reads.iter();
        let parts =
            reads.flat_map(|read| read.kept.iter().map(|chunk| &chunk.digest).chain(&read.receipt.exchanges));
        let mut packs = BTreeSet::new();
        for digest in std::iter::once(id).chain(parts) {
            let pack = self.blobs.packs().pack_of(digest);
            packs.extend(pack.map_err(|e| StoreError::io("find a blob", &self.dir, e))?);
        }
        Ok(packs)
    }

    /// Destroys the keys of collections from before a time, with those of runs that ended without a snapshot. What a case
    /// rests on can still be read, through the case alone; what none does is removed. Gives how many collections went.
    ///
    /// # Errors
    /// When a snapshot cannot be read or a key not be destroyed; do it again then.
    pub async fn retire(&self, before: Timestamp) -> Result<usize, StoreError> {
        let Some(keys) = self.blobs.keys() else { return Ok(0) };
        let failed = |e| StoreError::io("list the collections", &self.dir, e);
        let (mut first, mut seen) = (u32::MAX, BTreeSet::new());
        // Packs are numbered as time goes: those before the first that is still wanted are wanted no more.
        for row in self.database.snapshots(None).await?.iter().filter(|row| row.ended >= before) {
            if seen.insert(row.system.clone()) {
                first = self.packs_of(&row.id)?.iter().map(|(pack, _)| *pack).fold(first, u32::min);
            }
        }
        let mut retired = Vec::new();
        let all = self.blobs.packs().all().map_err(failed)?;
        for (pack, name) in all.into_iter().filter(|(pack, _)| first != u32::MAX && *pack < first) {
            let name = KeyName::from_bytes(name);
            keys.destroy(&name)?;
            if !keys.is_held(&name)? {
                retired.push((pack, name));
            }
        }
        self.forget(&retired).await?;
        Ok(retired.len())
    }

    /// Removes packs that nobody can open any more, and the snapshots in them.
    pub(crate) async fn forget(&self, packs: &[(u32, KeyName)]) -> Result<(), StoreError> {
        let failed = |e| StoreError::io("remove a collection", &self.dir, e);
        let mut lost = Vec::new();
        for row in self.database.snapshots(None).await? {
            let pack = self.blobs.packs().pack_of(&row.id).map_err(failed)?;
            if pack.is_some_and(|(pack, _)| packs.iter().any(|(gone, _)| *gone == pack)) {
                lost.push(row.id);
            }
        }
        self.database.forget_snapshots(&lost).await?;
        for (pack, _) in packs {
            self.blobs.packs().remove(*pack).map_err(failed)?;
        }
        Ok(())
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
