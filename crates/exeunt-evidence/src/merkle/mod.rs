//! The Merkle tree of RFC 6962 §2.1 over SHA-256: hashing, roots, proofs and their verification.
//!
//! Trees are read through a *node source*: a function that gives the hash of the complete subtree of `2^level`
//! leaves number `index` at that level. A slice of leaf hashes and a folder of tiles are both node sources.

mod consistency;
mod frontier;
mod inclusion;
mod short;

pub use consistency::{consistency_proof, verify_consistency};
pub use frontier::Frontier;
pub use inclusion::{inclusion_proof, inclusion_root, root_when_last, verify_inclusion};

use crate::Digest;

/// Why a proof does not prove what it should, or cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such entry in a tree of this size.
    #[error("the tree has {size} entries, so it has no entry at index {index}")]
    BeyondTree {
        /// Zero-based index asked for.
        index: u64,
        /// Entries in the tree.
        size: u64,
    },
    /// A log only grows, so a newer tree cannot be the smaller one.
    #[error("a tree of {new} entries cannot continue one of {old}: a log never shrinks")]
    Shrunk {
        /// Entries in the older tree.
        old: u64,
        /// Entries in the tree said to be newer.
        new: u64,
    },
    /// More or fewer hashes than a tree of this size needs.
    #[error("the proof has the wrong number of hashes ({found}) for this index and size")]
    WrongLength {
        /// Hashes in the proof.
        found: usize,
    },
    /// The hashes do not lead to the expected root.
    #[error("the proof does not lead to the root hash {root}")]
    WrongRoot {
        /// The root that should have come out.
        root: Digest,
    },
}

/// Hash of one entry: `SHA-256(0x00 || entry)` (RFC 6962 §2.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Digest {
    short::leaf(entry)
}

/// Hash of an inner node: `SHA-256(0x01 || left || right)` (RFC 6962 §2.1).
#[must_use]
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    short::node(left, right)
}

/// Hashes of entries.
#[must_use]
pub fn leaf_hashes(entries: &[impl AsRef<[u8]>]) -> Vec<Digest> {
    entries.iter().map(|entry| leaf_hash(entry.as_ref())).collect()
}

/// Root of the empty tree: `SHA-256("")` (RFC 6962 §2.1).
#[must_use]
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The largest power of two strictly smaller than `count`, where RFC 6962 splits a tree; `count` is at least 2.
pub(crate) fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Root of the leaves `start..end`, where `start` is a multiple of the largest power of two in the range, as it is
/// for every subtree RFC 6962 forms.
///
/// # Errors
/// What the node source reports.
pub fn range_root<E>(
    start: u64,
    end: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Digest, E> {
    let count = end.saturating_sub(start);
    if count == 0 {
        return Ok(empty_root());
    }
    if count.is_power_of_two() {
        let level = count.trailing_zeros();
        return node(level, start >> level);
    }
    let middle = start + split(count);
    let left = range_root(start, middle, node)?;
    let right = range_root(middle, end, node)?;
    Ok(node_hash(&left, &right))
}

/// Root of a tree given by its leaf hashes, or by the hashes of equally large complete subtrees.
#[must_use]
pub fn root_of(hashes: &[Digest]) -> Digest {
    match hashes {
        [] => empty_root(),
        [only] => *only,
        [left, right] => node_hash(left, right),
        _ => {
            let (left, right) = hashes.split_at(1 << (hashes.len() - 1).ilog2());
            node_hash(&root_of(left), &root_of(right))
        }
    }
}
