//! Does every file of a log match its signed checkpoint, and if not, which does not?
//!
//! Trust flows from the root downwards: the tiles on the right edge must hash to the signed root; each hash in a tile
//! that is vouched for must be the root of the full tile below it, so a tile that differs is certainly the changed one.

use super::edge::{Edge, LEVELS};
use super::reader::Reader;
use super::{LedgerError, missing_is};
use crate::Digest;
use crate::checkpoint::Checkpoint;
use crate::merkle::{leaf_hash, root_of};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, TileStore, push_entry};

/// Reads the right edge and checks it against the signed root.
pub(super) fn read_edge<S: TileStore>(store: &S, head: &Checkpoint) -> Result<Edge, LedgerError> {
    let reader = Reader::new(store, head.size);
    let mut edge = Edge { size: head.size, ..Edge::default() };
    for level in 0..LEVELS {
        if let Some(path) = last_partial(TileKind::Hashes(level), head.size) {
            edge.levels[usize::from(level)] = reader.hashes(path)?;
        }
    }
    let found = edge.root();
    if found != head.root {
        return Err(blame_edge(&reader, head, &edge, found));
    }
    if let Some(path) = last_partial(TileKind::Entries, head.size) {
        let entries = reader.entries(path)?;
        check_entries(path, &entries, &edge.levels[0])?;
        for entry in &entries {
            push_entry(&mut edge.entries, entry)?;
        }
    }
    Ok(edge)
}

/// Checks everything below the edge, from the top down.
pub(super) fn check_all<S: TileStore>(store: &S, size: u64) -> Result<(), LedgerError> {
    let reader = Reader::new(store, size);
    for level in (1..LEVELS).rev() {
        for path in TilePath::all(TileKind::Hashes(level), size) {
            let hashes = reader.hashes(path)?;
            for (index, hash) in (path.index() * TILE_WIDTH..).zip(&hashes) {
                let below = TilePath::in_tree(TileKind::Hashes(level - 1), index, size);
                let below = below.ok_or_else(|| missing_is(path))?;
                if root_of(&reader.hashes(below)?) != *hash {
                    return Err(LedgerError::WrongTile {
                        tile: below.to_string(),
                        why: "its hashes do not lead to the hash above them".into(),
                    });
                }
            }
        }
    }
    for path in TilePath::all(TileKind::Hashes(0), size) {
        let bundle = TilePath::in_tree(TileKind::Entries, path.index(), size);
        let bundle = bundle.ok_or_else(|| missing_is(path))?;
        check_entries(bundle, &reader.entries(bundle)?, &reader.hashes(path)?)?;
    }
    Ok(())
}

/// The partial tile at the right end, if this kind has one.
fn last_partial(kind: TileKind, size: u64) -> Option<TilePath> {
    TilePath::in_tree(kind, kind.extent(size) / TILE_WIDTH, size)
}

fn check_entries(path: TilePath, entries: &[Vec<u8>], hashes: &[Digest]) -> Result<(), LedgerError> {
    let first = path.index() * TILE_WIDTH;
    for ((index, entry), hash) in (first..).zip(entries).zip(hashes) {
        if leaf_hash(entry) != *hash {
            return Err(LedgerError::WrongTile {
                tile: path.to_string(),
                why: format!("the entry at index {index} is not the one that was logged"),
            });
        }
    }
    Ok(())
}

/// The edge does not lead to the signed root: the edge tile that also disagrees with what lies below it was changed.
/// If none does, the tiles are whole but of another log.
fn blame_edge<S: TileStore>(
    reader: &Reader<'_, S>,
    head: &Checkpoint,
    edge: &Edge,
    found: Digest,
) -> LedgerError {
    for (level, hashes) in (0..LEVELS).zip(&edge.levels) {
        let kind = TileKind::Hashes(level);
        let Some(path) = last_partial(kind, head.size) else {
            continue;
        };
        match below(reader, path, head.size) {
            Err(error) => return error,
            Ok(expected) if expected != *hashes => {
                return LedgerError::WrongTile {
                    tile: path.to_string(),
                    why: "it leads to another root hash, and not from what lies below it".into(),
                };
            }
            Ok(_) => {}
        }
    }
    LedgerError::WrongRoot { signed: head.root, found }
}

/// What the hashes of a tile should be, from the tiles or entries below it.
fn below<S: TileStore>(
    reader: &Reader<'_, S>,
    path: TilePath,
    size: u64,
) -> Result<Vec<Digest>, LedgerError> {
    let TileKind::Hashes(level @ 1..) = path.kind() else {
        let bundle = TilePath::in_tree(TileKind::Entries, path.index(), size);
        let entries = reader.entries(bundle.ok_or_else(|| missing_is(path))?)?;
        return Ok(entries.iter().map(|entry| leaf_hash(entry)).collect());
    };
    let first = path.index() * TILE_WIDTH;
    let children = first..first + path.width();
    let child = |index| {
        let path = TilePath::in_tree(TileKind::Hashes(level - 1), index, size);
        let hashes = reader.hashes(path.ok_or(LedgerError::NoCheckpoint)?)?;
        Ok(root_of(&hashes))
    };
    children.map(child).collect()
}
