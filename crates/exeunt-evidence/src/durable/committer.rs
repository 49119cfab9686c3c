//! Group commit: whoever submits hands entries over and waits; one thread commits all that came in meanwhile.
//!
//! Batches form by themselves: while one is on its way to the disk, the next stands ready for the moment the disk is free,
//! and the one after gathers. An index is given when entries are handed over, an acknowledgement when the head that covers
//! them is durable.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use super::log::Prepared;
use super::state::{Batch, State};
use super::{Disk, DurableLog};
use crate::ledger::LedgerError;
use crate::merkle::leaf_hashes;
use crate::tile::{EntryError, push_entry, split_entries};

/// Entries that may wait to be committed; a submitter that would exceed it waits. At four batches a hundredth of a
/// second, a typical `fdatasync`, this is some 800,000 entries a second, and bounds the time any of them waits.
const QUEUE: usize = 8192;
/// Tiles that may wait to be written before commits wait for the folding: 256 MiB.
const BEHIND: usize = 256 << 20;

/// Entries are not in the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the entries were not logged: {why}; submit them again when the cause is mended")]
pub struct NotLogged {
    /// Why.
    pub why: String,
}

/// A log that any number of threads append to.
pub struct Committer<D: Disk + 'static> {
    shared: Arc<Shared<D>>,
    threads: Vec<JoinHandle<()>>,
}

/// Entries that were handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Index that the first of them will have.
    pub first: u64,
    end: u64,
    failures: usize,
}

struct Shared<D> {
    state: Mutex<State<D>>,
    /// Something came in, or a folding ended.
    work: Condvar,
    /// A batch is durable, or failed.
    done: Condvar,
    /// What was waiting was taken, after it had been too much.
    room: Condvar,
    /// There is something to write.
    to_write: Condvar,
    /// There is something to fold.
    to_fold: Condvar,
}

impl<D: Disk + 'static> Committer<D> {
    /// Starts the committing thread and the folding one.
    ///
    /// # Errors
    /// The log is closed after a failure.
    pub fn start(log: DurableLog<D>) -> Result<Self, LedgerError> {
        let size = log.ledger()?.head().checkpoint().size;
        let shared = Arc::new(Shared {
            state: Mutex::new(State::of(size)),
            work: Condvar::new(),
            done: Condvar::new(),
            room: Condvar::new(),
            to_write: Condvar::new(),
            to_fold: Condvar::new(),
        });
        let (committing, folding, writing) = (Arc::clone(&shared), Arc::clone(&shared), Arc::clone(&shared));
        let disk = log.disk();
        let threads = vec![
            std::thread::spawn(move || writing.write_all(&*disk)),
            std::thread::spawn(move || committing.commit_all(log)),
            std::thread::spawn(move || folding.fold_all()),
        ];
        Ok(Self { shared, threads })
    }

    /// Hands entries over, which will stand together and in this order. Waits only if too much is waiting already.
    ///
    /// # Errors
    /// An entry is too long; nothing was handed over.
    pub fn submit(&self, entries: &[impl AsRef<[u8]>]) -> Result<Ticket, EntryError> {
        // Hashing is the submitters' work: it is done on their threads, outside the lock.
        let mut bundle = Vec::new();
        for entry in entries {
            push_entry(&mut bundle, entry.as_ref())?;
        }
        let hashes = leaf_hashes(entries);
        let mut state = self.shared.lock();
        while state.waiting.hashes.len() >= QUEUE && !state.ended {
            state = wait(&self.shared.room, state);
        }
        state.waiting.bundle.extend_from_slice(&bundle);
        state.waiting.hashes.extend_from_slice(&hashes);
        let first = state.next;
        state.next += hashes.len() as u64;
        // Nobody takes it before the writing thread has taken what is ready, and says so.
        if state.ready.is_none() {
            self.shared.work.notify_one();
        }
        Ok(Ticket { first, end: state.next, failures: state.failures.len() })
    }

    /// Waits until these entries are durable, and gives the index of the first.
    ///
    /// # Errors
    /// They are not in the log.
    pub fn wait(&self, ticket: Ticket) -> Result<u64, NotLogged> {
        let mut state = self.shared.lock();
        loop {
            match state.failures.get(ticket.failures) {
                Some((durable, _)) if ticket.end <= *durable => return Ok(ticket.first),
                Some((_, why)) => return Err(NotLogged { why: why.clone() }),
                None if ticket.end <= state.durable => return Ok(ticket.first),
                None if state.ended => return Err(NotLogged { why: "the log was closed".into() }),
                None => state = wait(&self.shared.done, state),
            }
        }
    }

    /// Hands entries over and waits until they are durable.
    ///
    /// # Errors
    /// They are not in the log.
    pub fn append(&self, entries: &[impl AsRef<[u8]>]) -> Result<u64, NotLogged> {
        let ticket = self.submit(entries).map_err(|error| NotLogged { why: error.to_string() })?;
        self.wait(ticket)
    }

    /// Batches that were made durable, which is how often the disk was asked to sync.
    #[must_use]
    pub fn batches(&self) -> u64 {
        self.shared.lock().batches
    }

    /// Commits what is waiting, folds, and ends.
    pub fn close(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has ended too; whoever waits for it hears that the log was closed.
            let _ = thread.join();
        }
    }
}

impl<D: Disk + 'static> Drop for Committer<D> {
    fn drop(&mut self) {
        self.end();
    }
}

impl<D: Disk> Shared<D> {
    fn lock(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what is waiting into the log in memory, while the batch before is on its way to the disk.
    fn commit_all(&self, mut log: DurableLog<D>) {
        let ended = Ended(self);
        let mut batch = Batch::default();
        loop {
            let mut state = self.lock();
            loop {
                if let Some((fold, true)) = state.folded.take() {
                    log.end_fold(&fold);
                }
                if let Some((error, before)) = state.broken.take() {
                    log.failed(&error, before);
                }
                let folding = state.fold.is_some();
                // A batch that is taken later is larger, and one that is ready is soon enough.
                let may = !state.waiting.hashes.is_empty()
                    && state.ready.is_none()
                    && (!folding || log.waiting() < BEHIND);
                if may || (state.closed && !folding && state.idle()) {
                    break;
                }
                state = self.next_work(state);
            }
            let untold = std::mem::take(&mut state.untold);
            batch.bundle.clear();
            batch.hashes.clear();
            std::mem::swap(&mut batch, &mut state.waiting);
            let failures = state.failures.len();
            drop(state);
            if untold {
                self.done.notify_all();
            }
            if batch.hashes.len() >= QUEUE {
                self.room.notify_all();
            }
            if batch.hashes.is_empty() {
                break;
            }
            let prepared = prepare(&mut log, &batch);
            self.hand_over(prepared, failures);
            if log.due() {
                self.begin_fold(&mut log);
            }
        }
        // What cannot be folded now is folded by whoever opens the log next.
        let _ = log.fold();
        drop(ended);
    }

    /// Gives a batch to the writing thread, unless a batch before it failed meanwhile.
    fn hand_over(&self, prepared: Result<Prepared, LedgerError>, failures: usize) {
        let mut state = self.lock();
        while !state.idle_but_for(prepared.is_ok()) && state.failures.len() == failures {
            state = self.next_work(state);
        }
        if state.failures.len() != failures {
            return;
        }
        match prepared {
            Ok(prepared) => {
                state.ready = Some(prepared);
                self.to_write.notify_one();
            }
            Err(error) => {
                state.fail(&error);
                self.done.notify_all();
                self.room.notify_all();
            }
        }
    }

    /// Begins to fold when nothing is on its way to the disk. That it cannot begin now (a full disk) costs nothing: the
    /// journal goes on, and the next batch tries.
    fn begin_fold(&self, log: &mut DurableLog<D>) {
        let mut state = self.lock();
        if state.fold.is_some() || state.folded.is_some() {
            return;
        }
        while !state.idle() {
            state = self.next_work(state);
        }
        if state.broken.is_none()
            && let Ok(Some(fold)) = log.begin_fold()
        {
            state.fold = Some(Arc::new(fold));
            self.to_fold.notify_one();
        }
    }

    /// Waits for something to do; or tells those who wait for a batch that it is durable, which is to do first.
    fn next_work<'a>(&'a self, mut state: MutexGuard<'a, State<D>>) -> MutexGuard<'a, State<D>> {
        if !state.untold {
            state = wait(&self.work, state);
        }
        if std::mem::take(&mut state.untold) {
            drop(state);
            self.done.notify_all();
            state = self.lock();
        }
        state
    }

    /// Makes one batch after the other durable. The lock is let go before anybody is woken, who would only wait for it.
    ///
    /// Who is woken may take this thread's core before the next batch is on its way, and the disk would idle as long as
    /// they compute. So while a batch is ready only the committing thread is woken, which wakes the rest: it has
    /// nothing else to do then, since it takes no batch before the one that is ready is taken.
    fn write_all(&self, disk: &D) {
        let mut next = None;
        loop {
            let Some(prepared) = next.take() else {
                let mut state = self.lock();
                while state.ready.is_none() && !state.ended {
                    state = wait(&self.to_write, state);
                }
                next = state.take_ready();
                drop(state);
                if next.is_none() {
                    return;
                }
                self.work.notify_one();
                continue;
            };
            let written = prepared.write(disk);
            let mut state = self.lock();
            match written {
                Ok(()) => {
                    state.durable += prepared.count;
                    state.batches += 1;
                }
                Err(error) => {
                    state.fail(&error);
                    state.broken = Some((error, prepared.before));
                    self.room.notify_all();
                }
            }
            next = state.take_ready();
            state.untold = next.is_some();
            drop(state);
            if next.is_none() {
                self.done.notify_all();
            }
            self.work.notify_one();
        }
    }

    fn fold_all(&self) {
        let mut state = self.lock();
        while !state.ended {
            let Some(fold) = state.fold.clone() else {
                state = wait(&self.to_fold, state);
                continue;
            };
            drop(state);
            let good = fold.run().is_ok();
            state = self.lock();
            state.fold = None;
            state.folded = Some((fold, good));
            self.work.notify_one();
        }
    }
}

fn prepare<D: Disk>(log: &mut DurableLog<D>, batch: &Batch) -> Result<Prepared, LedgerError> {
    let entries = split_entries(&batch.bundle)?;
    let leaves = entries.into_iter().zip(batch.hashes.iter().copied());
    log.prepare(&batch.bundle, leaves)
}

fn wait<'a, T>(on: &Condvar, state: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    on.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// Tells everybody who waits that nobody commits any more, also when the committing thread panicked.
struct Ended<'a, D: Disk>(&'a Shared<D>);

impl<D: Disk> Drop for Ended<'_, D> {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.done.notify_all();
        self.0.room.notify_all();
        self.0.to_fold.notify_all();
        self.0.to_write.notify_all();
    }
}
