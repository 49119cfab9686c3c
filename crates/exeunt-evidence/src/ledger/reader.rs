//! Reading the tiles of a log at one size: hashes, subtrees and entries.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{LedgerError, store_error};
use crate::Digest;
use crate::merkle::{ProofError, root_of};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, TileStore, split_entries};

/// The tiles of a tree of `size` entries. What it gives is only as good as the store: callers check it against a
/// signed root.
pub(super) struct Reader<'a, S> {
    store: &'a S,
    size: u64,
    /// A proof looks several times into the same few tiles.
    seen: RefCell<HashMap<TilePath, Vec<Digest>>>,
}

impl<'a, S: TileStore> Reader<'a, S> {
    pub(super) fn new(store: &'a S, size: u64) -> Self {
        Self { store, size, seen: RefCell::default() }
    }

    /// The bytes of a tile. A partial tile that was removed is the beginning of the full one.
    fn bytes(&self, path: TilePath) -> Result<Vec<u8>, LedgerError> {
        for candidate in [path, path.filled()] {
            let name = candidate.to_string();
            let found = self.store.read(&name);
            if let Some(bytes) = found.map_err(|source| store_error(&name, source))? {
                return Ok(bytes);
            }
        }
        Err(LedgerError::MissingTile { tile: path.to_string() })
    }

    /// The hashes of a tile.
    pub(super) fn hashes(&self, path: TilePath) -> Result<Vec<Digest>, LedgerError> {
        let bytes = self.bytes(path)?;
        let (hashes, rest) = bytes.as_chunks::<32>();
        let wanted = usize::try_from(path.width()).unwrap_or(usize::MAX);
        if !rest.is_empty() || hashes.len() < wanted {
            return Err(LedgerError::WrongTile {
                tile: path.to_string(),
                why: format!("{} bytes where {} are due", bytes.len(), wanted * 32),
            });
        }
        let hashes = hashes.iter().take(wanted);
        Ok(hashes.map(|hash| Digest::from_bytes(*hash)).collect())
    }

    /// The entries of a bundle.
    pub(super) fn entries(&self, path: TilePath) -> Result<Vec<Vec<u8>>, LedgerError> {
        self.with_entries(path, |entries| entries.iter().map(|entry| entry.to_vec()).collect())
    }

    /// Does something with the entries of a bundle where they lie.
    pub(super) fn with_entries<T>(
        &self,
        path: TilePath,
        act: impl FnOnce(&[&[u8]]) -> T,
    ) -> Result<T, LedgerError> {
        let wrong = |why: String| LedgerError::WrongTile { tile: path.to_string(), why };
        let bytes = self.bytes(path)?;
        let entries = split_entries(&bytes).map_err(|error| wrong(error.to_string()))?;
        let wanted = usize::try_from(path.width()).unwrap_or(usize::MAX);
        match entries.get(..wanted) {
            Some(entries) => Ok(act(entries)),
            None => Err(wrong(format!("{} entries where {wanted} are due", entries.len()))),
        }
    }

    /// One entry.
    pub(super) fn entry(&self, index: u64) -> Result<Vec<u8>, LedgerError> {
        let beyond = ProofError::BeyondTree { index, size: self.size };
        let path = TilePath::in_tree(TileKind::Entries, index / TILE_WIDTH, self.size);
        let mut entries = self.entries(path.ok_or(beyond)?)?;
        let place = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
        if place < entries.len() { Ok(entries.swap_remove(place)) } else { Err(beyond.into()) }
    }

    /// The node source of [`crate::merkle`]: the root of a complete subtree of `2^level` leaves. Eight levels of the
    /// tree are one level of tiles.
    pub(super) fn node(&self, level: u32, index: u64) -> Result<Digest, LedgerError> {
        let beyond = ProofError::BeyondTree { index, size: self.size };
        let (tile_level, height) = (level / 8, level % 8);
        let kind = TileKind::Hashes(u8::try_from(tile_level).unwrap_or(u8::MAX));
        let first = index.checked_shl(height).ok_or(beyond)?;
        let path = TilePath::in_tree(kind, first / TILE_WIDTH, self.size).ok_or(beyond)?;
        let mut seen = self.seen.borrow_mut();
        let hashes = match seen.entry(path) {
            std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => place.insert(self.hashes(path)?),
        };
        let start = usize::try_from(first % TILE_WIDTH).unwrap_or(usize::MAX);
        let subtree = hashes.get(start..start.saturating_add(1 << height));
        subtree.map(root_of).ok_or(LedgerError::Proof(beyond))
    }
}
