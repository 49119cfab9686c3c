//! Does every file of a log match its signed checkpoint, and if not, which does not?
//!
//! Trust flows from the root downwards: the tiles on the right edge must hash to the signed root; each hash in a tile
//! that is vouched for must be the root of the full tile below it, so a tile that differs is certainly the changed one.

use super::edge::{Edge, LEVELS};
use super::reader::Reader;
use super::{LedgerError, missing_is};
use crate::Digest;
use crate::checkpoint::Checkpoint;
use crate::merkle::{leaf_hashes, root_of};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, TileStore, push_entry};

/// Reads the right edge and checks it against the signed root.
pub(super) fn read_edge<S: TileStore>(store: &S, head: &Checkpoint) -> Result<Edge, LedgerError> {
    let reader = Reader::new(store, head.size);
    let mut levels: [Vec<Digest>; LEVELS as usize] = Default::default();
    for (level, hashes) in (0..LEVELS).zip(&mut levels) {
        if let Some(path) = last_partial(TileKind::Hashes(level), head.size) {
            *hashes = reader.hashes(path)?;
        }
    }
    // Each level has as many hashes as the size says, since the reader cuts tiles to their width.
    let mut edge = Edge::of(head.size, levels).ok_or(LedgerError::NoCheckpoint)?;
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

/// Checks the hash tiles above the lowest level, from the top down.
pub(super) fn check_upper<S: TileStore>(store: &S, size: u64) -> Result<(), LedgerError> {
    let reader = Reader::new(store, size);
    for level in (2..LEVELS).rev() {
        for path in TilePath::all(TileKind::Hashes(level), size) {
            let hashes = reader.hashes(path)?;
            for (index, hash) in (path.index() * TILE_WIDTH..).zip(&hashes) {
                let below = TilePath::in_tree(TileKind::Hashes(level - 1), index, size);
                let below = below.ok_or_else(|| missing_is(path))?;
                check_tile(below, &reader.hashes(below)?, *hash)?;
            }
        }
    }
    Ok(())
}

/// How many tiles of the lowest level there are.
pub(super) fn lowest_tiles(size: u64) -> u64 {
    size.div_ceil(TILE_WIDTH)
}

/// Checks tiles of the lowest level, which are nearly all of a log, and their entries: each file is read once.
pub(super) fn check_lowest<S: TileStore>(
    store: &S,
    size: u64,
    tiles: std::ops::Range<u64>,
) -> Result<(), LedgerError> {
    let reader = Reader::new(store, size);
    let mut above: Option<(TilePath, Vec<Digest>)> = None;
    for index in tiles {
        let tile = TilePath::in_tree(TileKind::Hashes(0), index, size).ok_or(LedgerError::NoCheckpoint)?;
        let hashes = reader.hashes(tile)?;
        if tile.is_full() {
            let parent = TilePath::in_tree(TileKind::Hashes(1), index / TILE_WIDTH, size);
            let parent = parent.ok_or_else(|| missing_is(tile))?;
            let known = match above.take() {
                Some((path, known)) if path == parent => known,
                _ => reader.hashes(parent)?,
            };
            let place = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
            let hash = known.get(place).copied().ok_or_else(|| missing_is(parent))?;
            check_tile(tile, &hashes, hash)?;
            above = Some((parent, known));
        }
        let bundle = TilePath::in_tree(TileKind::Entries, index, size).ok_or_else(|| missing_is(tile))?;
        reader.with_entries(bundle, |entries| check_entries(bundle, entries, &hashes))??;
    }
    Ok(())
}

fn check_tile(path: TilePath, hashes: &[Digest], above: Digest) -> Result<(), LedgerError> {
    if root_of(hashes) == above {
        return Ok(());
    }
    Err(LedgerError::WrongTile {
        tile: path.to_string(),
        why: "its hashes do not lead to the hash above them".into(),
    })
}

/// The partial tile at the right end, if this kind has one.
fn last_partial(kind: TileKind, size: u64) -> Option<TilePath> {
    TilePath::in_tree(kind, kind.extent(size) / TILE_WIDTH, size)
}

fn check_entries(path: TilePath, entries: &[impl AsRef<[u8]>], hashes: &[Digest]) -> Result<(), LedgerError> {
    let first = path.index() * TILE_WIDTH;
    for ((index, found), hash) in (first..).zip(leaf_hashes(entries)).zip(hashes) {
        if found != *hash {
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
        return Ok(leaf_hashes(&entries));
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
