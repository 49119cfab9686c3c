//! A slice of a history: only the records that can matter for some cases.
//!
//! The verdict on each of the cases is, byte for byte, the one over the whole history. Receipts stay as they are, and so do
//! the ids of the snapshots, which are given apart ([`crate::Inputs::ids`]). Everything is looked at twice: once to find out
//! what names and leads to what, as numbers, and once to take what counts. So a history need not fit into memory.
//!
//! Keeping too much is sound. What is kept: everything a leaver or whoever shares a key, an address or a link by hand with
//! them leads to, over any edge; whoever owns, opens or acts as such a thing, upward over owners, and the members of
//! groups that own; the people behind all of these and their accounts in the directory; everybody with a name that decides
//! whose an account may be; and whoever or whatever a ticket, the register of owners or a log names.

mod closure;
mod facts;
mod index;
mod keep;
mod key;
mod seeds;
#[cfg(test)]
mod tangled;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;

use exeunt_model::case::Case;
use exeunt_model::{Noun, Read, Record, Ref, Snapshot, SystemId};

use crate::CaseError;
use crate::both;
use crate::inputs::Inputs;
use closure::{Closure, Marks};
use facts::{Facts, Found};
use keep::keeps;
use key::Keys;
use seeds::Called;

/// A history in parts that are read one by one, each as often as it is asked for.
pub trait Parts: Sync {
    /// Why a part cannot be read.
    type Error: Send;

    /// All snapshots with their receipts; their records are not looked at.
    fn snapshots(&self) -> &[Snapshot];

    /// For each part, the reads that show its records: the places of the snapshot and of the read in it. A part that was
    /// shown alike by several stands once.
    fn shown_by(&self) -> &[Vec<(usize, usize)>];

    /// Gives all records of a part.
    ///
    /// # Errors
    /// When the part cannot be read.
    fn each(&self, part: usize, take: &mut dyn FnMut(&Record)) -> Result<(), Self::Error>;
}

/// A history in memory: each read is a part.
#[derive(Debug)]
pub struct InMemory<'h> {
    history: &'h [Snapshot],
    reads: Vec<Vec<(usize, usize)>>,
}

impl<'h> InMemory<'h> {
    /// Takes a history.
    #[must_use]
    pub fn new(history: &'h [Snapshot]) -> Self {
        let reads = history.iter().enumerate();
        let reads =
            reads.flat_map(|(at, snapshot)| (0..snapshot.reads.len()).map(move |read| vec![(at, read)]));
        Self { history, reads: reads.collect() }
    }
}

impl Parts for InMemory<'_> {
    type Error = Infallible;

    fn snapshots(&self) -> &[Snapshot] {
        self.history
    }

    fn shown_by(&self) -> &[Vec<(usize, usize)>] {
        &self.reads
    }

    fn each(&self, part: usize, take: &mut dyn FnMut(&Record)) -> Result<(), Infallible> {
        let places = self.reads.get(part).into_iter().flatten();
        let reads = places.filter_map(|(at, read)| self.history.get(*at)?.reads.get(*read));
        reads.flat_map(|read| &read.records).for_each(take);
        Ok(())
    }
}

/// Why there is no slice.
#[derive(Debug, thiserror::Error)]
pub enum SliceError<E> {
    /// A part could not be read.
    #[error(transparent)]
    Part(E),
    /// A document cannot be written as JSON, which its types rule out.
    #[error(transparent)]
    Form(#[from] serde_json::Error),
}

impl From<SliceError<Infallible>> for CaseError {
    fn from(error: SliceError<Infallible>) -> Self {
        match error {
            SliceError::Form(error) => Self::from(error),
            SliceError::Part(never) => match never {},
        }
    }
}

/// The slice of a history for some cases, snapshot by snapshot as they stand there. The history, case and ticket of the
/// inputs play no part.
///
/// # Errors
/// When a part cannot be read.
pub fn slice<P: Parts>(
    inputs: &Inputs<'_>,
    cases: &[(&Case, Option<&Snapshot>)],
    parts: &P,
) -> Result<Vec<Snapshot>, SliceError<P::Error>> {
    let keys = Keys::new(inputs.directory, inputs.domains);
    let called = Called::new(&keys, cases)?;
    let marks = {
        let mut facts: Vec<Facts> = over(parts, &|part, facts: &mut Facts| {
            let systems = systems(parts, part);
            let mut take = |record: &Record| {
                for system in &systems {
                    facts.take(&keys, &called, system, record);
                }
            };
            parts.each(part, &mut take)
        })?;
        let mut tied = Facts::default();
        for (place, link) in inputs.links.iter().enumerate() {
            tied.tie(keys.object(&link.object), keys.object(&link.person), keys.link(place));
            // The directory's own account and its identity are one: a link of either is one of both.
            if link.object.noun == Noun::Account && link.object.system == *inputs.directory {
                let identity = Ref { noun: Noun::Identity, ..link.object.clone() };
                tied.tie(keys.object(&identity), keys.object(&link.person), keys.link(place));
            }
        }
        facts.push(tied);
        let found = Found::new(&facts);
        drop(facts);
        let mut closure = Closure::new(&found);
        seeds::mark(&mut closure, &keys, inputs, cases, &called)?;
        closure.run()
    };
    let mut taken: Vec<Taken> =
        over(parts, &|part, all: &mut Vec<Taken>| take(parts, part, &marks, &keys, all))?
            .into_iter()
            .flatten()
            .collect();
    // Which worker took a part is chance.
    taken.sort_by_key(|taken| (taken.snapshot, taken.read, taken.part));
    let mut history: Vec<Snapshot> = parts.snapshots().iter().map(without_records).collect();
    for Taken { snapshot, read, records, .. } in taken {
        if let Some(read) = history.get_mut(snapshot).and_then(|snapshot| snapshot.reads.get_mut(read)) {
            if read.records.is_empty() {
                read.records = records;
            } else {
                read.records.extend(records);
            }
        }
    }
    Ok(history)
}

/// What counts of a part, for one of the reads that show it.
struct Taken {
    snapshot: usize,
    read: usize,
    part: usize,
    records: Vec<Record>,
}

fn take<P: Parts>(
    parts: &P,
    part: usize,
    marks: &Marks,
    keys: &Keys<'_>,
    all: &mut Vec<Taken>,
) -> Result<(), P::Error> {
    let mut by_system: BTreeMap<&SystemId, Vec<(usize, usize)>> = BTreeMap::new();
    for place in parts.shown_by().get(part).into_iter().flatten() {
        if let Some(snapshot) = parts.snapshots().get(place.0) {
            by_system.entry(&snapshot.system).or_default().push(*place);
        }
    }
    for (system, places) in by_system {
        let mut records = Vec::new();
        parts.each(part, &mut |record| {
            if keeps(marks, keys, system, record) {
                records.push(record.clone());
            }
        })?;
        let Some(((snapshot, read), others)) = places.split_last() else { continue };
        for (snapshot, read) in others {
            all.push(Taken { snapshot: *snapshot, read: *read, part, records: records.clone() });
        }
        all.push(Taken { snapshot: *snapshot, read: *read, part, records });
    }
    Ok(())
}

/// The systems that showed a part.
fn systems<P: Parts>(parts: &P, part: usize) -> BTreeSet<&SystemId> {
    let places = parts.shown_by().get(part).into_iter().flatten();
    places.filter_map(|(at, _)| parts.snapshots().get(*at)).map(|snapshot| &snapshot.system).collect()
}

fn without_records(snapshot: &Snapshot) -> Snapshot {
    let Snapshot { version, system, connector, manifest, started, ended, reads } = snapshot;
    let bare = |read: &Read| Read { receipt: read.receipt.clone(), records: Vec::new(), kept: Vec::new() };
    Snapshot {
        version: *version,
        system: system.clone(),
        connector: connector.clone(),
        manifest: *manifest,
        started: *started,
        ended: *ended,
        reads: reads.iter().map(bare).collect(),
    }
}

/// Does something over one part, and notes in its own `T` what it found.
type Work<'x, T, E> = dyn Fn(usize, &mut T) -> Result<(), E> + Sync + 'x;

fn over<P: Parts, T: Default + Send>(
    parts: &P,
    work: &Work<'_, T, P::Error>,
) -> Result<Vec<T>, SliceError<P::Error>> {
    both::over(parts.shown_by().len(), work).map_err(SliceError::Part)
}
