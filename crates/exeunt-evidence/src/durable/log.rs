//! One log, written durably: recover, commit, fold.

use std::sync::Arc;

use super::frame::frame;
use super::replay::{Place, Recovered, replay, segment_name};
use super::{Disk, Fold, FoldLimit, Overlay};
use crate::checkpoint::Checkpoint;
use crate::key::{SigningKey, VerifierKey};
use crate::ledger::{Leaf, Ledger, LedgerError, Partials, read, store_error};
use crate::merkle::leaf_hashes;
use crate::tile::{CHECKPOINT_PATH, EntryError, MAX_ENTRY, push_entry};

/// The one writer of a log.
#[derive(Debug)]
pub struct DurableLog<D> {
    disk: Arc<D>,
    key: SigningKey,
    limit: FoldLimit,
    state: Result<Open<D>, Failed>,
}

#[derive(Debug)]
struct Open<D> {
    ledger: Ledger<Overlay<D>>,
    place: Place,
}

/// Why the log is closed, and the end of the journal before the commit that failed.
#[derive(Debug)]
struct Failed {
    why: String,
    back: Option<Place>,
}

impl<D: Disk> DurableLog<D> {
    /// Opens a log after whatever end, or begins one where there is none.
    ///
    /// # Errors
    /// The public files or the journal are damaged, or the disk failed.
    pub fn open(disk: D, key: SigningKey, limit: FoldLimit) -> Result<(Self, Recovered), LedgerError> {
        let disk = Arc::new(disk);
        let (open, recovered) = recover(&disk, &key)?;
        Ok((Self { disk, key, limit, state: Ok(open) }, recovered))
    }

    /// The log as it is now, for reading: head, entries, proofs.
    ///
    /// # Errors
    /// [`LedgerError::Closed`] after a failure, until the next commit.
    pub fn ledger(&self) -> Result<&Ledger<Overlay<D>>, LedgerError> {
        let closed = |failed: &Failed| LedgerError::Closed { why: failed.why.clone() };
        self.state.as_ref().map(|open| &open.ledger).map_err(closed)
    }

    /// Adds entries as one batch and gives the index of the first. When this returns they are durable.
    ///
    /// # Errors
    /// None of them is in the log: an entry is too long, or the disk failed. The next commit opens the log again first.
    pub fn commit(&mut self, entries: &[impl AsRef<[u8]>]) -> Result<u64, LedgerError> {
        let mut bundle = Vec::new();
        for entry in entries {
            push_entry(&mut bundle, entry.as_ref())?;
        }
        let leaves = entries.iter().map(AsRef::as_ref).zip(leaf_hashes(entries));
        self.commit_leaves(&bundle, leaves)
    }

    fn commit_leaves<'e>(
        &mut self,
        bundle: &[u8],
        leaves: impl IntoIterator<Item = Leaf<'e>>,
    ) -> Result<u64, LedgerError> {
        let batch = self.prepare(bundle, leaves)?;
        if let Err(error) = batch.write(&*self.disk) {
            self.failed(&error, batch.before);
            return Err(error);
        }
        // Into memory only: what reads through the log needs them.
        self.opened()?.0.ledger.write_partials()?;
        Ok(batch.before.size)
    }

    /// Takes entries into the log in memory and gives what must be written, in this order, to make them durable. Until
    /// it is, nobody may see the new head.
    pub(super) fn prepare<'e>(
        &mut self,
        bundle: &[u8],
        leaves: impl IntoIterator<Item = Leaf<'e>>,
    ) -> Result<Prepared, LedgerError> {
        let (open, _, key) = self.opened()?;
        let before = open.place;
        let prepared = open.ledger.append_leaves(leaves, Partials::Later, key).and_then(|appended| {
            let count =
                u32::try_from(appended.count).map_err(|_| EntryError::TooLong { length: MAX_ENTRY })?;
            let note = open.ledger.head().note().to_string();
            let bytes = if count == 0 { Vec::new() } else { frame(appended.first, count, bundle, &note) };
            Ok(Prepared { before, bytes, count: u64::from(count) })
        });
        match &prepared {
            Ok(Prepared { bytes, count, .. }) => {
                open.place.size += count;
                open.place.length += bytes.len() as u64;
                open.place.frames += u32::from(*count > 0);
            }
            Err(error) => self.failed(error, before),
        }
        prepared
    }

    /// A batch could not be made durable: the log is opened again before the next one, from this place on.
    pub(super) fn failed(&mut self, error: &LedgerError, before: Place) {
        self.state = Err(Failed { why: error.to_string(), back: Some(before) });
    }

    /// Opens the log again if the last commit failed, without what that commit may have left in the journal.
    fn opened(&mut self) -> Result<(&mut Open<D>, &Arc<D>, &SigningKey), LedgerError> {
        if let Err(Failed { back, .. }) = &mut self.state {
            if let Some(Place { segment, length, .. }) = *back {
                let cut = self.disk.cut(segment, length);
                cut.map_err(|source| store_error(&segment_name(segment), source))?;
                *back = None;
            }
            self.state = Ok(recover(&self.disk, &self.key)?.0);
        }
        match &mut self.state {
            Ok(open) => Ok((open, &self.disk, &self.key)),
            Err(failed) => Err(LedgerError::Closed { why: failed.why.clone() }),
        }
    }

    /// The disk.
    pub(super) fn disk(&self) -> Arc<D> {
        Arc::clone(&self.disk)
    }

    /// True when the journal should be folded.
    #[must_use]
    pub fn due(&self) -> bool {
        self.state.as_ref().is_ok_and(|open| {
            open.place.frames >= self.limit.batches || open.ledger.store().bytes() >= self.limit.bytes
        })
    }

    /// Bytes of tiles that wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.state.as_ref().map_or(0, |open| open.ledger.store().bytes())
    }

    /// Begins a folding of everything committed so far; further commits go into a new segment. `None` if there is
    /// nothing to fold. Only one may be under way.
    ///
    /// # Errors
    /// The new segment could not be begun; the journal goes on in the old one.
    pub fn begin_fold(&mut self) -> Result<Option<Fold<D>>, LedgerError> {
        let (open, disk, _) = self.opened()?;
        open.ledger.write_partials()?;
        let size = open.ledger.head().checkpoint().size;
        let note = open.ledger.head().note().to_string();
        let tiles = open.ledger.store().tiles();
        if open.place.frames == 0 && tiles.is_empty() {
            return Ok(None);
        }
        let segments = disk.segments().map_err(|source| store_error("journal", source))?;
        if (open.place.segment, open.place.length) != (size, 0) {
            disk.begin(size).map_err(|source| store_error(&segment_name(size), source))?;
        }
        open.place = Place { segment: size, length: 0, frames: 0, size };
        let segments = segments.into_iter().filter(|first| *first != size).collect();
        Ok(Some(Fold { disk: Arc::clone(disk), tiles, note, segments }))
    }

    /// Lets go of what a folding that succeeded has written.
    pub fn end_fold(&mut self, fold: &Fold<D>) {
        if let Ok(open) = &mut self.state {
            open.ledger.store_mut().let_go(&fold.tiles);
        }
    }

    /// Folds, here and now: when this returns the public files are those of the head.
    ///
    /// # Errors
    /// The disk failed; nothing is lost.
    pub fn fold(&mut self) -> Result<(), LedgerError> {
        if let Some(fold) = self.begin_fold()? {
            fold.run().map_err(|source| store_error("tile", source))?;
            self.end_fold(&fold);
        }
        Ok(())
    }

    /// Adds a witness's cosignature to the head, which is folded first, and publishes it.
    ///
    /// # Errors
    /// The line is not a cosignature of the head by this witness, or the disk failed.
    pub fn cosign(&mut self, line: &str, witness: &VerifierKey) -> Result<(), LedgerError> {
        self.fold()?;
        let (open, disk, _) = self.opened()?;
        open.ledger.cosign(line, witness)?;
        let note = open.ledger.head().note().to_string();
        disk.publish(note.as_bytes()).map_err(|source| store_error(CHECKPOINT_PATH, source))
    }
}

fn recover<D: Disk>(disk: &Arc<D>, key: &SigningKey) -> Result<(Open<D>, Recovered), LedgerError> {
    let overlay = Overlay::new(Arc::clone(disk));
    if read(&overlay, CHECKPOINT_PATH)?.is_none() {
        let segments = disk.segments().map_err(|source| store_error("journal", source))?;
        // A journal that was begun and never written to is what a crash at the very beginning leaves.
        for segment in segments {
            let bytes =
                disk.segment(segment).map_err(|source| store_error(&segment_name(segment), source))?;
            if !bytes.is_empty() {
                return Err(LedgerError::HeadLost { tile: segment_name(segment) });
            }
        }
        Ledger::create(Overlay::new(Arc::clone(disk)), key)?;
        let first = Checkpoint::sign_first(key)?.note().to_string();
        disk.publish(first.as_bytes()).map_err(|source| store_error(CHECKPOINT_PATH, source))?;
    }
    let mut ledger = Ledger::resume(overlay, key.verifier())?;
    let (place, recovered) = replay(&mut ledger, disk)?;
    Ok((Open { ledger, place }, recovered))
}

/// A batch that is in the log in memory and not on the disk.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The end of the journal before it.
    pub(super) before: Place,
    pub(super) count: u64,
    bytes: Vec<u8>,
}

impl Prepared {
    /// Makes the batch durable.
    pub(super) fn write(&self, disk: &impl Disk) -> Result<(), LedgerError> {
        if self.bytes.is_empty() {
            return Ok(());
        }
        let segment = self.before.segment;
        disk.append(segment, &self.bytes).map_err(|source| store_error(&segment_name(segment), source))
    }
}
