//! Opening after any end: the journal's frames on top of the public files.

use std::sync::Arc;

use super::frame::{Frame, MAGIC};
use super::{Disk, Overlay};
use crate::VerifierKey;
use crate::checkpoint::SignedCheckpoint;
use crate::ledger::{Ledger, LedgerError, store_error};
use crate::merkle::{ProofError, leaf_hashes};
use crate::tile::{EntryError, split_entries};

/// What was found in the journal when the log was opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Batches that were durable and not yet in tiles.
    pub batches: u64,
    /// Their entries.
    pub entries: u64,
    /// Bytes of a batch that was being written when the writer ended. It was never acknowledged.
    pub unfinished: u64,
}

/// Where the journal goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) length: u64,
    /// Batches in the whole journal.
    pub(super) frames: u32,
    /// Entries in the log.
    pub(super) size: u64,
}

/// Replays the journal, cuts an unfinished batch off, and says where to go on.
pub(super) fn replay<D: Disk>(
    ledger: &mut Ledger<Overlay<D>>,
    disk: &Arc<D>,
) -> Result<(Place, Recovered), LedgerError> {
    let failed = |segment: u64| move |source| store_error(&segment_name(segment), source);
    let segments = disk.segments().map_err(|source| store_error("journal", source))?;
    let mut recovered = Recovered::default();
    let mut place = None;
    let mut all_frames = 0;
    for (nth, segment) in segments.iter().copied().enumerate() {
        let bytes = disk.segment(segment).map_err(failed(segment))?;
        let (length, frames) = replay_segment(ledger, segment, &bytes, &mut recovered)?;
        if length < bytes.len() {
            if nth + 1 < segments.len() {
                let why = "a batch is not whole, and there are later ones".into();
                return Err(LedgerError::Journal { segment, at: length, why });
            }
            recovered.unfinished = (bytes.len() - length) as u64;
            disk.cut(segment, length as u64).map_err(failed(segment))?;
        }
        all_frames += frames;
        place = Some(Place {
            segment,
            length: length as u64,
            frames: all_frames,
            size: ledger.head().checkpoint().size,
        });
    }
    if let Some(place) = place {
        return Ok((place, recovered));
    }
    let segment = ledger.head().checkpoint().size;
    disk.begin(segment).map_err(failed(segment))?;
    Ok((Place { segment, length: 0, frames: 0, size: segment }, recovered))
}

pub(super) fn segment_name(segment: u64) -> String {
    format!("journal/{segment}")
}

/// Gives the bytes that hold, and how many frames they are.
fn replay_segment<D: Disk>(
    ledger: &mut Ledger<Overlay<D>>,
    segment: u64,
    bytes: &[u8],
    recovered: &mut Recovered,
) -> Result<(usize, u32), LedgerError> {
    let (mut at, mut frames) = (0, 0);
    while at < bytes.len() {
        let damaged = |why: String| LedgerError::Journal { segment, at, why };
        let rest = bytes.get(at..).unwrap_or_default();
        let size = ledger.head().checkpoint().size;
        let frame = Frame::read(rest);
        let Some((frame, end)) = frame.and_then(|frame| Some((frame, frame.end()?))) else {
            return unfinished(ledger.key(), rest, "it is not a batch")
                .map_or(Ok((at, frames)), |why| Err(damaged(why)));
        };
        // Batches that are in tiles already are still there if the writer ended before it removed the segment.
        if end > size {
            match adopt(ledger, &frame) {
                Ok(()) => {
                    recovered.batches += 1;
                    recovered.entries += end - size;
                }
                Err(error @ LedgerError::Store { .. }) => return Err(error),
                Err(why) => {
                    return unfinished(ledger.key(), rest, &why.to_string())
                        .map_or(Ok((at, frames)), |why| Err(damaged(why)));
                }
            }
        }
        at += frame.length;
        frames += 1;
    }
    Ok((at, frames))
}

fn adopt<D: Disk>(ledger: &mut Ledger<Overlay<D>>, frame: &Frame<'_>) -> Result<(), LedgerError> {
    let size = ledger.head().checkpoint().size;
    if frame.first != size {
        return Err(ProofError::BeyondTree { index: frame.first, size }.into());
    }
    let entries = split_entries(frame.entries)?;
    if entries.len() as u64 != u64::from(frame.count) {
        return Err(EntryError::Cut { entry: entries.len() }.into());
    }
    let hashes = leaf_hashes(&entries);
    let leaves = entries.into_iter().zip(hashes);
    ledger.adopt(leaves, frame.note)
}

/// A batch that does not hold is the one that was being written, unless a signed one follows it: each is written only
/// after the one before it is durable. Then this says what is wrong.
fn unfinished(key: &VerifierKey, bytes: &[u8], why: &str) -> Option<String> {
    let mut later = bytes.windows(MAGIC.len()).enumerate().skip(1).filter(|(_, window)| *window == MAGIC);
    let signed = |(at, _): (usize, &[u8])| {
        let frame = bytes.get(at..).and_then(Frame::read);
        frame.is_some_and(|frame| SignedCheckpoint::open(frame.note, key, &[]).is_ok())
    };
    later.any(signed).then(|| format!("{why}, and signed batches follow it"))
}
