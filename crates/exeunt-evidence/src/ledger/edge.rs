//! The right edge of the tree: what a log must remember to grow.

use std::io;

use super::{LedgerError, store_error};
use crate::Digest;
use crate::merkle::{Frontier, root_of};
use crate::tile::{EntryError, TILE_WIDTH, TileKind, TilePath, TileStore, push_entry};

/// Levels that a tree of 2^64 entries has.
pub(super) const LEVELS: u8 = 8;

/// An entry and its leaf hash.
pub(crate) type Leaf<'e> = (&'e [u8], Digest);

/// Whether an append writes the tiles that are not full yet. Every head that others may read needs them; of many heads in
/// one process only the last one's are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Partials {
    Now,
    Later,
}

/// The partial tile of each level, and the partial entry bundle.
#[derive(Clone, Debug, Default)]
pub(super) struct Edge {
    tree: Frontier,
    /// At level `l`, the hashes not yet in a full tile: fewer than 256 each.
    pub(super) levels: [Vec<Digest>; LEVELS as usize],
    /// The entries not yet in a full bundle.
    pub(super) entries: Vec<u8>,
}

impl Edge {
    /// The edge of a tree of this size with these partial tiles: each level's hashes are complete subtrees, larger ones
    /// further left. `None` if there are too few or too many of them.
    pub(super) fn of(size: u64, levels: [Vec<Digest>; LEVELS as usize]) -> Option<Self> {
        let mut subtrees = Vec::new();
        for hashes in levels.iter().rev() {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                let (left, right) = rest.split_at(1 << rest.len().ilog2());
                subtrees.push(root_of(left));
                rest = right;
            }
        }
        let tree = Frontier::of(size, subtrees)?;
        Some(Self { tree, levels, entries: Vec::new() })
    }

    pub(super) const fn size(&self) -> u64 {
        self.tree.size()
    }

    pub(super) fn root(&self) -> Digest {
        self.tree.root()
    }

    /// The tree, and since [`extend`](Self::extend) what it was grown from.
    pub(super) const fn tree(&self) -> &Frontier {
        &self.tree
    }

    /// Adds entries, writing each tile that becomes full. Gives those tiles.
    pub(super) fn extend<'e>(
        &mut self,
        store: &mut impl TileStore,
        leaves: impl IntoIterator<Item = Leaf<'e>>,
    ) -> Result<Vec<TilePath>, LedgerError> {
        let mut filled = Vec::new();
        self.tree.begin();
        for (entry, hash) in leaves {
            push_entry(&mut self.entries, entry)?;
            self.push_leaf(store, hash, &mut filled)?;
        }
        Ok(filled)
    }

    /// Writes the partial tiles that are not as they were when the tree had this size.
    pub(super) fn write_partials(&self, store: &mut impl TileStore, since: u64) -> Result<(), LedgerError> {
        let changed = |kind: TileKind| kind.extent(since) != kind.extent(self.size());
        if changed(TileKind::Entries) && !self.entries.is_empty() {
            self.write(store, TileKind::Entries, &self.entries)?;
        }
        for (level, hashes) in (0..LEVELS).zip(&self.levels) {
            if changed(TileKind::Hashes(level)) && !hashes.is_empty() {
                self.write(store, TileKind::Hashes(level), &concatenated(hashes))?;
            }
        }
        Ok(())
    }

    /// Adds one leaf. A tile becomes full when the subtree over it does.
    fn push_leaf(
        &mut self,
        store: &mut impl TileStore,
        leaf: Digest,
        filled: &mut Vec<TilePath>,
    ) -> Result<(), LedgerError> {
        let mut above = [None; LEVELS as usize];
        self.tree.push(leaf, |height, root| {
            if height.is_multiple_of(8)
                && let Some(place) = above.get_mut(height as usize / 8 - 1)
            {
                *place = Some(root);
            }
        });
        if self.size().is_multiple_of(TILE_WIDTH) {
            filled.extend(self.write(store, TileKind::Entries, &self.entries)?);
            self.entries.clear();
        }
        let mut hash = leaf;
        for (level, above) in (0..LEVELS).zip(above) {
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(hash);
            let Some(above) = above else { break };
            let full = std::mem::take(hashes);
            filled.extend(self.write(store, TileKind::Hashes(level), &concatenated(&full))?);
            hash = above;
        }
        Ok(())
    }

    /// Writes the last tile of a kind, full or partial.
    fn write(
        &self,
        store: &mut impl TileStore,
        kind: TileKind,
        bytes: &[u8],
    ) -> Result<Option<TilePath>, LedgerError> {
        let last = kind.extent(self.size()).saturating_sub(1) / TILE_WIDTH;
        let Some(path) = TilePath::in_tree(kind, last, self.size()) else {
            return Ok(None);
        };
        let name = path.to_string();
        let written: io::Result<()> = store.write(&name, bytes);
        written.map_err(|source| store_error(&name, source))?;
        Ok(Some(path))
    }
}

/// Checks lengths before anything is written, so that a refused batch leaves no trace.
pub(super) fn check_lengths(entries: &[impl AsRef<[u8]>]) -> Result<(), EntryError> {
    let lengths = entries.iter().map(|entry| entry.as_ref().len());
    match lengths.max().filter(|length| *length > crate::tile::MAX_ENTRY) {
        Some(length) => Err(EntryError::TooLong { length }),
        None => Ok(()),
    }
}

fn concatenated(hashes: &[Digest]) -> Vec<u8> {
    let bytes: Vec<[u8; 32]> = hashes.iter().map(|hash| *hash.as_bytes()).collect();
    bytes.into_flattened()
}
