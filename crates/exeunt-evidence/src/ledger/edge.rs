//! The right edge of the tree: what a log must remember to grow.

use std::io;

use super::{LedgerError, store_error};
use crate::Digest;
use crate::merkle::{node_hash, root_of};
use crate::tile::{EntryError, TILE_WIDTH, TileKind, TilePath, TileStore, push_entry};

/// Levels that a tree of 2^64 entries has.
pub(super) const LEVELS: u8 = 8;

/// An entry and its leaf hash.
pub(crate) type Leaf<'e> = (&'e [u8], Digest);

/// The partial tile of each level, and the partial entry bundle.
#[derive(Clone, Debug, Default)]
pub(super) struct Edge {
    pub(super) size: u64,
    /// At level `l`, the hashes not yet in a full tile: fewer than 256 each.
    pub(super) levels: [Vec<Digest>; LEVELS as usize],
    /// The entries not yet in a full bundle.
    pub(super) entries: Vec<u8>,
}

impl Edge {
    /// Root of the tree: each level's hashes are complete subtrees, larger ones further left.
    pub(super) fn root(&self) -> Digest {
        let mut root = None;
        for hashes in &self.levels {
            let mut rest = hashes.as_slice();
            while !rest.is_empty() {
                // The smallest complete subtree among these hashes is the rightmost.
                let width = 1 << rest.len().trailing_zeros();
                let (left, right) = rest.split_at(rest.len() - width);
                let subtree = root_of(right);
                root = Some(root.map_or(subtree, |right| node_hash(&subtree, &right)));
                rest = left;
            }
        }
        root.unwrap_or_else(|| root_of(&[]))
    }

    /// Adds entries, writing each tile that becomes full and, at the end, the partial tiles that changed. Gives the
    /// tiles that became full.
    pub(super) fn extend<'e>(
        &mut self,
        store: &mut impl TileStore,
        leaves: impl IntoIterator<Item = Leaf<'e>>,
    ) -> Result<Vec<TilePath>, LedgerError> {
        let mut filled = Vec::new();
        // How many levels were touched; those above keep the partial tile they have.
        let mut touched = 0;
        for (entry, hash) in leaves {
            push_entry(&mut self.entries, entry)?;
            touched = touched.max(self.push_leaf(store, hash, &mut filled)?);
        }
        if touched > 0 && !self.size.is_multiple_of(TILE_WIDTH) {
            self.write(store, TileKind::Entries, &self.entries)?;
        }
        for (level, hashes) in (0..LEVELS).zip(&self.levels) {
            if level < touched && !hashes.is_empty() {
                self.write(store, TileKind::Hashes(level), &concatenated(hashes))?;
            }
        }
        Ok(filled)
    }

    /// Adds one leaf; gives the number of levels it changed.
    fn push_leaf(
        &mut self,
        store: &mut impl TileStore,
        leaf: Digest,
        filled: &mut Vec<TilePath>,
    ) -> Result<u8, LedgerError> {
        self.size += 1;
        if self.size.is_multiple_of(TILE_WIDTH) {
            let path = self.write(store, TileKind::Entries, &self.entries)?;
            filled.extend(path);
            self.entries.clear();
        }
        let mut carry = leaf;
        for level in 0..LEVELS {
            let hashes = &mut self.levels[usize::from(level)];
            hashes.push(carry);
            if (hashes.len() as u64) < TILE_WIDTH {
                return Ok(level + 1);
            }
            let full = std::mem::take(hashes);
            carry = root_of(&full);
            let path = self.write(store, TileKind::Hashes(level), &concatenated(&full))?;
            filled.extend(path);
        }
        Ok(LEVELS)
    }

    /// Writes the last tile of a kind, full or partial.
    fn write(
        &self,
        store: &mut impl TileStore,
        kind: TileKind,
        bytes: &[u8],
    ) -> Result<Option<TilePath>, LedgerError> {
        let last = kind.extent(self.size).saturating_sub(1) / TILE_WIDTH;
        let Some(path) = TilePath::in_tree(kind, last, self.size) else {
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
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}
