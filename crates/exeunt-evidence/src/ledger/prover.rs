//! Many proofs from one log: the tiles that were read once are kept, with the subtrees inside them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::LedgerError;
use super::reader::Reader;
use crate::Digest;
use crate::bundle::BundleEntry;
use crate::checkpoint::Checkpoint;
use crate::merkle::{ProofError, inclusion_proof, leaf_hash, node_hash, verify_inclusion};
use crate::tile::{TILE_WIDTH, TileKind, TilePath, TileStore};

/// Tiles that are kept: 16 KiB each with their subtrees, so 64 MiB at most.
const KEPT: usize = 4096;

/// Level and index of a tile.
type Place = (u8, u64);

/// Proves entries of a log at one head, which may be an earlier one than the log has by now.
pub struct Prover<'a, S> {
    reader: Reader<'a, S>,
    head: &'a Checkpoint,
    /// Entries the log has.
    size: u64,
    trees: RefCell<HashMap<Place, Rc<Tree>>>,
    /// The tile last looked into: most steps of a proof are in the same one.
    last: RefCell<Option<(Place, Rc<Tree>)>>,
}

/// A tile and the roots of the complete subtrees in it, one level after the other.
struct Tree {
    nodes: Vec<Digest>,
    width: usize,
}

impl Tree {
    fn of(hashes: Vec<Digest>) -> Self {
        let (width, mut nodes) = (hashes.len(), hashes);
        let (mut start, mut end) = (0, width);
        while end - start > 1 {
            for at in (start..end - 1).step_by(2) {
                nodes.push(node_hash(&nodes[at], &nodes[at + 1]));
            }
            (start, end) = (end, nodes.len());
        }
        Self { nodes, width }
    }

    /// The root of the complete subtree of `2^height` hashes at this place among its like.
    fn node(&self, height: u32, place: usize) -> Option<Digest> {
        let before: usize = (0..height).map(|level| self.width >> level).sum();
        let there = place < self.width >> height;
        there.then(|| self.nodes.get(before + place).copied()).flatten()
    }
}

impl<'a, S: TileStore> Prover<'a, S> {
    pub(super) fn new(store: &'a S, size: u64, head: &'a Checkpoint) -> Self {
        Self {
            reader: Reader::new(store, size),
            head,
            size,
            trees: RefCell::default(),
            last: RefCell::default(),
        }
    }

    /// The hashes that lead from the entry at this index to the root (RFC 9162 §2.1.3.1).
    ///
    /// # Errors
    /// There is no such entry, or a tile could not be read.
    pub fn proof(&self, index: u64) -> Result<Vec<Digest>, LedgerError> {
        inclusion_proof(index, self.head.size, |level, place| self.node(level, place))
    }

    /// The entry with its proof and, if it may be shown, its body, as a bundle carries it; proven before it is given out.
    ///
    /// # Errors
    /// There is no such entry, or what is stored is not what was logged.
    pub fn bundle_entry(&self, index: u64, body: Option<Vec<u8>>) -> Result<BundleEntry, LedgerError> {
        let record = self.reader.entry(index)?;
        let proof = self.proof(index)?;
        verify_inclusion(leaf_hash(&record), index, self.head.size, &proof, self.head.root)?;
        Ok(BundleEntry { index, record, proof, body })
    }

    fn node(&self, level: u32, index: u64) -> Result<Digest, LedgerError> {
        let beyond = ProofError::BeyondTree { index, size: self.size };
        // Eight levels of the tree are one level of tiles.
        let (tile_level, height) = (u8::try_from(level / 8).unwrap_or(u8::MAX), level % 8);
        let width = TILE_WIDTH >> height;
        let (tile, place) = (index / width, usize::try_from(index % width).unwrap_or(usize::MAX));
        let wanted = (tile_level, tile);
        let mut last = self.last.borrow_mut();
        let tree = match &*last {
            Some((known, tree)) if *known == wanted => tree,
            _ => &last.insert((wanted, self.tree(wanted)?)).1,
        };
        tree.node(height, place).ok_or(LedgerError::Proof(beyond))
    }

    fn tree(&self, (level, tile): Place) -> Result<Rc<Tree>, LedgerError> {
        let mut trees = self.trees.borrow_mut();
        if let Some(known) = trees.get(&(level, tile)) {
            return Ok(Rc::clone(known));
        }
        let path = TilePath::in_tree(TileKind::Hashes(level), tile, self.size);
        let beyond = ProofError::BeyondTree { index: tile, size: self.size };
        let tree = Rc::new(Tree::of(self.reader.hashes(path.ok_or(beyond)?)?));
        if trees.len() >= KEPT {
            trees.clear();
        }
        trees.insert((level, tile), Rc::clone(&tree));
        Ok(tree)
    }
}
