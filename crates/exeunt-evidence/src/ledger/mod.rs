//! The append-only log: entries in, signed checkpoints and proofs out (RFC 6962 hashing, C2SP tlog-tiles storage).
//!
//! An append writes entry bundles, then hash tiles, then the checkpoint, each whole or not at all. Only the
//! checkpoint makes entries part of the log: **what no checkpoint covers was never logged**. A crash before the
//! checkpoint leaves tiles that are ignored when the ledger is opened again and replaced by the next append; a crash after
//! it leaves superseded partial tiles, which do no harm.

mod audit;
mod compare;
mod edge;
mod error;
mod prover;
mod reader;

use std::io;

pub use compare::{Seen, Standing};
pub(crate) use edge::{Leaf, Partials};
pub use error::LedgerError;
use error::missing_is;
pub(crate) use error::store_error;
pub use prover::Prover;

use crate::Digest;
use crate::bundle::BundleEntry;
use crate::checkpoint::{Checkpoint, SignedCheckpoint};
use crate::key::{SigningKey, VerifierKey};
use crate::merkle::{
    ProofError, consistency_proof, inclusion_proof, leaf_hash, leaf_hashes, verify_consistency,
    verify_inclusion,
};
use crate::tile::{CHECKPOINT_PATH, MemoryTiles, TILE_WIDTH, TileKind, TilePath, TileStore};
use crate::tlog_proof::TlogProof;
use edge::Edge;
use reader::Reader;

/// An open log.
#[derive(Debug)]
pub struct Ledger<S> {
    store: S,
    key: VerifierKey,
    head: SignedCheckpoint,
    edge: Edge,
    /// The size for which the partial tiles were last written.
    partials: u64,
}

/// What an append did.
#[derive(Debug)]
pub struct Appended {
    /// Index of the first entry added; the others follow it.
    pub first: u64,
    /// How many were added.
    pub count: u64,
    /// Partial tiles that are of no use any more but could not be removed. They do no harm.
    pub not_removed: Vec<(TilePath, io::Error)>,
}

impl<S: TileStore> Ledger<S> {
    /// Begins a log: signs the checkpoint of the empty tree. The log's origin is the key's name.
    ///
    /// # Errors
    /// [`LedgerError::Exists`], [`LedgerError::HeadLost`] if tiles lie there without a checkpoint, or the store failed.
    pub fn create(mut store: S, key: &SigningKey) -> Result<Self, LedgerError> {
        if read(&store, CHECKPOINT_PATH)?.is_some() {
            return Err(LedgerError::Exists);
        }
        for width in 1..=TILE_WIDTH {
            let Some(path) = TilePath::in_tree(TileKind::Hashes(0), 0, width) else {
                continue;
            };
            let tile = path.to_string();
            if read(&store, &tile)?.is_some() {
                return Err(LedgerError::HeadLost { tile });
            }
        }
        let head = Checkpoint::sign_first(key)?;
        publish(&mut store, None, &head)?;
        Ok(Self { store, key: key.verifier().clone(), head, edge: Edge::default(), partials: 0 })
    }

    /// Opens a log and checks **every** tile and entry against its signed checkpoint.
    ///
    /// # Errors
    /// The checkpoint does not verify with this key, or a file differs or is missing; the error names it.
    pub fn open(store: S, key: &VerifierKey) -> Result<Self, LedgerError> {
        let ledger = Self::resume(store, key)?;
        ledger.audit()?;
        Ok(ledger)
    }

    /// Opens a log and checks its right edge only: enough to append, a few reads however large the log is. Entries
    /// and proofs are checked against the checkpoint whenever they are read.
    ///
    /// # Errors
    /// As [`open`](Self::open), as far as the edge goes.
    pub fn resume(store: S, key: &VerifierKey) -> Result<Self, LedgerError> {
        let note = read(&store, CHECKPOINT_PATH)?.ok_or(LedgerError::NoCheckpoint)?;
        let head = SignedCheckpoint::open(&String::from_utf8_lossy(&note), key, &[])?;
        let edge = audit::read_edge(&store, head.checkpoint())?;
        let partials = edge.size();
        Ok(Self { store, key: key.clone(), head, edge, partials })
    }

    /// Checks every tile and entry against the signed checkpoint.
    ///
    /// # Errors
    /// The first file that differs or is missing.
    pub fn audit(&self) -> Result<(), LedgerError> {
        audit::read_edge(&self.store, self.head.checkpoint())?;
        audit::check_upper(&self.store, self.edge.size())?;
        audit::check_lowest(&self.store, self.edge.size(), 0..audit::lowest_tiles(self.edge.size()))
    }

    /// As [`audit`](Self::audit), on several threads.
    ///
    /// # Errors
    /// The first file, from the left, that differs or is missing.
    pub fn audit_on(&self, threads: u64) -> Result<(), LedgerError>
    where
        S: Sync,
    {
        audit::read_edge(&self.store, self.head.checkpoint())?;
        audit::check_upper(&self.store, self.edge.size())?;
        let (store, size, tiles) = (&self.store, self.edge.size(), audit::lowest_tiles(self.edge.size()));
        let share = tiles.div_ceil(threads.max(1)).max(1);
        std::thread::scope(|scope| {
            let starts = (0..tiles).step_by(usize::try_from(share).unwrap_or(usize::MAX));
            let check =
                |start: u64| move || audit::check_lowest(store, size, start..tiles.min(start + share));
            let running: Vec<_> = starts.map(|start| scope.spawn(check(start))).collect();
            let ended = running.into_iter().map(|thread| match thread.join() {
                Ok(checked) => checked,
                Err(panicked) => std::panic::resume_unwind(panicked),
            });
            ended.collect()
        })
    }

    /// The signed head.
    #[must_use]
    pub const fn head(&self) -> &SignedCheckpoint {
        &self.head
    }

    /// The log's key.
    #[must_use]
    pub const fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The store, to look at.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// Gives the store back.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }

    /// Adds entries and signs the new head; when this returns, they are logged. All or none.
    ///
    /// # Errors
    /// An entry is too long, the key is not the log's, another writer moved the head, or the store failed. After a
    /// failure of the store it is not known whether the head moved: open the ledger again.
    pub fn append(
        &mut self,
        entries: &[impl AsRef<[u8]>],
        key: &SigningKey,
    ) -> Result<Appended, LedgerError> {
        if key.verifier() != &self.key {
            return Err(LedgerError::WrongKey {
                log: Box::new(self.key.clone()),
                given: Box::new(key.verifier().clone()),
            });
        }
        edge::check_lengths(entries)?;
        let leaves = entries.iter().map(AsRef::as_ref).zip(leaf_hashes(entries));
        self.append_leaves(leaves, Partials::Now, key)
    }

    /// As [`append`](Self::append), of entries that fit and whose hashes are known.
    pub(crate) fn append_leaves<'e>(
        &mut self,
        leaves: impl IntoIterator<Item = Leaf<'e>>,
        partials: Partials,
        key: &SigningKey,
    ) -> Result<Appended, LedgerError> {
        self.check_unmoved()?;
        let old = self.head.checkpoint();
        let mut edge = self.edge.clone();
        let filled = edge.extend(&mut self.store, leaves)?;
        let appended = Appended { first: old.size, count: edge.size() - old.size, not_removed: Vec::new() };
        if appended.count == 0 {
            return Ok(appended);
        }
        let head = old.sign_grown(edge.tree(), key)?;
        if partials == Partials::Now {
            edge.write_partials(&mut self.store, self.partials)?;
        }
        publish(&mut self.store, Some(&self.head), &head)?;
        self.head = head;
        self.edge = edge;
        if partials == Partials::Now {
            self.partials = self.edge.size();
        }
        let mut not_removed = Vec::new();
        for path in filled {
            if let Err(error) = self.store.remove_partials(&path.to_string()) {
                not_removed.push((path, error));
            }
        }
        Ok(Appended { not_removed, ..appended })
    }

    /// Writes the partial tiles that were left for later.
    pub(crate) fn write_partials(&mut self) -> Result<(), LedgerError> {
        self.edge.write_partials(&mut self.store, self.partials)?;
        self.partials = self.edge.size();
        Ok(())
    }

    /// Takes over a batch that was signed before: these leaves lead to the head in this note, or nothing changes.
    pub(crate) fn adopt<'e>(
        &mut self,
        leaves: impl IntoIterator<Item = Leaf<'e>>,
        note: &str,
    ) -> Result<(), LedgerError> {
        let head = SignedCheckpoint::open(note, &self.key, &[])?;
        let mut edge = self.edge.clone();
        let mut staged = MemoryTiles::default();
        edge.extend(&mut staged, leaves)?;
        let (signed, found) = (head.checkpoint().root, edge.root());
        if (head.checkpoint().size, signed) != (edge.size(), found) {
            return Err(LedgerError::WrongRoot { signed, found });
        }
        edge.write_partials(&mut staged, self.partials)?;
        for (path, bytes) in &staged.files {
            self.store.write(path, bytes).map_err(|source| store_error(path, source))?;
        }
        publish(&mut self.store, Some(&self.head), &head)?;
        self.head = head;
        self.partials = edge.size();
        self.edge = edge;
        Ok(())
    }

    /// The store, to write down what it holds.
    pub(crate) const fn store_mut(&mut self) -> &mut S {
        &mut self.store
    }

    /// Adds a witness's cosignature line to the head.
    ///
    /// # Errors
    /// The line is not a cosignature of the head by this witness, another writer moved the head, or the store failed.
    pub fn cosign(&mut self, line: &str, witness: &VerifierKey) -> Result<(), LedgerError> {
        let head = self.head.with_cosignature(line, witness)?;
        publish(&mut self.store, Some(&self.head), &head)?;
        self.head = head;
        Ok(())
    }

    /// One entry, checked against the signed head.
    ///
    /// # Errors
    /// There is no such entry, or what is stored is not what was logged.
    pub fn entry(&self, index: u64) -> Result<Vec<u8>, LedgerError> {
        self.proven(index).map(|(entry, _)| entry)
    }

    /// The proof that the entry is in the log, for a `.tlog-proof` file.
    ///
    /// # Errors
    /// As [`entry`](Self::entry).
    pub fn prove(&self, index: u64) -> Result<TlogProof, LedgerError> {
        let (_, hashes) = self.proven(index)?;
        Ok(TlogProof { extra: None, index, hashes, checkpoint: self.head.note().to_string() })
    }

    /// The entry with its proof and, if it may be shown, its body, as a bundle carries it.
    ///
    /// # Errors
    /// As [`entry`](Self::entry).
    pub fn bundle_entry(&self, index: u64, body: Option<Vec<u8>>) -> Result<BundleEntry, LedgerError> {
        let (record, proof) = self.proven(index)?;
        Ok(BundleEntry { index, record, proof, body })
    }

    /// For many proofs: what was read for one is kept for the next.
    #[must_use]
    pub fn prover(&self) -> Prover<'_, S> {
        Prover::new(&self.store, self.edge.size(), self.head.checkpoint())
    }

    /// As [`prover`](Self::prover), of proofs that lead to an earlier head of this log.
    ///
    /// # Errors
    /// [`LedgerError::NotContinued`] if it is not one.
    pub fn prover_at<'a>(&'a self, head: &'a Checkpoint) -> Result<Prover<'a, S>, LedgerError> {
        self.consistency(head, self.head.checkpoint())?;
        Ok(Prover::new(&self.store, self.edge.size(), head))
    }

    /// The proof that the later of two heads of this log continues the earlier one; both are checked to be heads of
    /// this log. With the present head as the later one this is how a log proves that it was not rolled back or
    /// rewritten since a head was posted elsewhere.
    ///
    /// # Errors
    /// [`LedgerError::NotContinued`] if a head is not of this log as it is now.
    pub fn consistency(&self, old: &Checkpoint, new: &Checkpoint) -> Result<Vec<Digest>, LedgerError> {
        let head = self.head.checkpoint();
        let reader = Reader::new(&self.store, head.size);
        for known in [old, new] {
            self.proof_between(&reader, known, head)?;
        }
        self.proof_between(&reader, old, new)
    }

    /// The proof that the head continues this log as it was at a smaller size, for a witness: it knows the root of then,
    /// and checks it.
    ///
    /// # Errors
    /// The log never had this size, or a tile could not be read.
    pub fn proof_from(&self, size: u64) -> Result<Vec<Digest>, LedgerError> {
        let head = self.head.checkpoint();
        let reader = Reader::new(&self.store, head.size);
        consistency_proof(size, head.size, |l, i| reader.node(l, i))
    }

    fn proof_between(
        &self,
        reader: &Reader<'_, S>,
        old: &Checkpoint,
        new: &Checkpoint,
    ) -> Result<Vec<Digest>, LedgerError> {
        let not_continued = |why| LedgerError::NotContinued { size: old.size, root: old.root, why };
        if new.size < old.size {
            let (old, new) = (old.size, new.size);
            return Err(not_continued(ProofError::Shrunk { old, new }));
        }
        let proof = consistency_proof(old.size, new.size, |l, i| reader.node(l, i))?;
        match verify_consistency((old.size, old.root), (new.size, new.root), &proof) {
            Ok(()) => Ok(proof),
            Err(why) => {
                // Either that head is not ours, or our own tiles were changed: the audit tells the two apart.
                self.audit()?;
                Err(not_continued(why))
            }
        }
    }

    fn proven(&self, index: u64) -> Result<(Vec<u8>, Vec<Digest>), LedgerError> {
        let head = self.head.checkpoint();
        let reader = Reader::new(&self.store, head.size);
        let entry = reader.entry(index)?;
        let proof = inclusion_proof(index, head.size, |l, i| reader.node(l, i))?;
        match verify_inclusion(leaf_hash(&entry), index, head.size, &proof, head.root) {
            Ok(()) => Ok((entry, proof)),
            Err(why) => {
                self.audit()?;
                Err(why.into())
            }
        }
    }

    /// Tiles are written before the checkpoint, so a ledger that is behind must not begin to write.
    fn check_unmoved(&self) -> Result<(), LedgerError> {
        let stored = read(&self.store, CHECKPOINT_PATH)?;
        if stored == Some(self.head.note().to_string().into_bytes()) {
            Ok(())
        } else {
            Err(LedgerError::Moved)
        }
    }
}

pub(crate) fn read(store: &impl TileStore, path: &str) -> Result<Option<Vec<u8>>, LedgerError> {
    store.read(path).map_err(|source| store_error(path, source))
}

fn publish(
    store: &mut impl TileStore,
    old: Option<&SignedCheckpoint>,
    new: &SignedCheckpoint,
) -> Result<(), LedgerError> {
    let old = old.map(|head| head.note().to_string());
    let new = new.note().to_string();
    let replaced = store.publish(old.as_deref().map(str::as_bytes), new.as_bytes());
    if replaced.map_err(|source| store_error(CHECKPOINT_PATH, source))? {
        Ok(())
    } else {
        Err(LedgerError::Moved)
    }
}
