//! What durable appends ask of a disk, asked of a database and an object store.

use std::io;
use std::sync::{Mutex, PoisonError};

use exeunt_evidence::durable::Disk;
use exeunt_evidence::tile::CHECKPOINT_PATH;

use crate::database::{Change, Database};
use crate::lease::{self, Lease};
use crate::worker::Worker;
use crate::{Objects, SharedError};

/// The ledger of many nodes, as the one that has the lease writes it.
#[derive(Debug)]
pub struct SharedDisk {
    worker: Worker,
    database: Database,
    objects: Objects,
    held: Mutex<Held>,
}

/// What this node has.
#[derive(Debug)]
struct Held {
    epoch: i64,
    /// False when it is not known what became of the last change.
    sure: bool,
    /// The segment that is written, and where it ends.
    end: Option<(i64, i64)>,
}

impl SharedDisk {
    /// Takes the lease of a log, making its tables if need be.
    ///
    /// # Errors
    /// [`SharedError::Busy`] while another node has it; the database cannot be reached.
    pub fn take(postgres: &str, log: &str, lease: &Lease, objects: Objects) -> Result<Self, SharedError> {
        let gone = |cause| SharedError::Database { attempted: "ask", cause: sqlx::Error::Io(cause) };
        let worker = Worker::start().map_err(gone)?;
        let (postgres, log, lease) = (postgres.to_owned(), log.to_owned(), lease.clone());
        let taken = worker.ask(async move {
            let database = Database::open(&postgres, &log, lease.keep).await?;
            let epoch = lease::take(&database.pool, &log, &lease).await?;
            Ok((database, epoch))
        });
        let (database, epoch) = taken.map_err(gone)??;
        Ok(Self { worker, database, objects, held: Mutex::new(Held { epoch, sure: true, end: None }) })
    }

    fn ask<T: Send + 'static>(
        &self,
        what: impl Future<Output = Result<T, SharedError>> + Send + 'static,
    ) -> io::Result<T> {
        Ok(self.worker.ask(what)??)
    }

    /// The key of a log's tile.
    fn key(&self, path: &str) -> String {
        format!("{}/{path}", self.database.log)
    }

    /// Makes a change as the holder of the lease. After one of which nothing was heard, the next begins with a new epoch,
    /// so that the lost one cannot come after it.
    fn change(&self, change: impl FnOnce(&Held) -> io::Result<Change>) -> io::Result<()> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.sure {
            let Database { pool, log, keep } = self.database.clone();
            let epoch = held.epoch;
            held.epoch = self.ask(async move { lease::retake(&pool, &log, epoch, keep).await })?;
            held.sure = true;
        }
        let change = change(&held)?;
        let end = match &change {
            Change::Append { first, at, bytes } => Some((*first, *at + length(bytes.len())?)),
            Change::Begin { first } => Some((*first, 0)),
            Change::Cut { first, length } => Some((*first, *length)),
            Change::Drop { .. } | Change::Publish { .. } => None,
        };
        let (database, epoch) = (self.database.clone(), held.epoch);
        held.sure = false;
        self.ask(database.change(epoch, change))?;
        held.sure = true;
        if end.is_some() {
            held.end = end;
        }
        Ok(())
    }
}

impl Drop for SharedDisk {
    fn drop(&mut self) {
        let Database { pool, log, .. } = self.database.clone();
        let epoch = self.held.lock().unwrap_or_else(PoisonError::into_inner).epoch;
        // A lease that is not given back runs out.
        let _ = self.worker.ask(async move { lease::give_back(&pool, &log, epoch).await });
    }
}

impl Disk for SharedDisk {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        if path == CHECKPOINT_PATH {
            return self.ask(self.database.clone().head());
        }
        self.ask(self.objects.clone().get(self.key(path)))
    }

    fn write(&self, path: &str, bytes: &[u8]) -> io::Result<()> {
        self.ask(self.objects.clone().put(self.key(path), bytes.to_vec()))
    }

    /// An object that was written is durable.
    fn settle(&self) -> io::Result<()> {
        Ok(())
    }

    fn publish(&self, checkpoint: &[u8]) -> io::Result<()> {
        self.change(|_| Ok(Change::Publish { note: checkpoint.to_vec() }))
    }

    /// They stay: removing them would need a list of them, and a node that was paused could still ask for one.
    fn remove_partials(&self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn segments(&self) -> io::Result<Vec<u64>> {
        self.ask(self.database.clone().segments())
    }

    fn segment(&self, first: u64) -> io::Result<Vec<u8>> {
        let first = index(first)?;
        let bytes = self.ask(self.database.clone().segment(first))?;
        let bytes = bytes.ok_or(io::ErrorKind::NotFound)?;
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.end = Some((first, length(bytes.len())?));
        Ok(bytes)
    }

    fn begin(&self, first: u64) -> io::Result<()> {
        let first = index(first)?;
        self.change(|_| Ok(Change::Begin { first }))
    }

    fn append(&self, first: u64, bytes: &[u8]) -> io::Result<()> {
        let first = index(first)?;
        self.change(|held| {
            let at = held.end.filter(|(segment, _)| *segment == first).map(|(_, at)| at);
            let at = at.ok_or_else(|| io::Error::other("the segment was neither begun nor read"))?;
            Ok(Change::Append { first, at, bytes: bytes.to_vec() })
        })
    }

    fn cut(&self, first: u64, length: u64) -> io::Result<()> {
        let (first, length) = (index(first)?, index(length)?);
        self.change(|_| Ok(Change::Cut { first, length }))
    }

    fn drop_segment(&self, first: u64) -> io::Result<()> {
        let first = index(first)?;
        self.change(|_| Ok(Change::Drop { first }))
    }
}

fn index(number: u64) -> io::Result<i64> {
    i64::try_from(number).map_err(io::Error::other)
}

fn length(bytes: usize) -> io::Result<i64> {
    i64::try_from(bytes).map_err(io::Error::other)
}
