//! Inclusion proofs: an entry is in the tree (RFC 6962 §2.1.1, RFC 9162 §2.1.3).

use super::{ProofError, node_hash, range_root, split};
use crate::Digest;

/// The hashes that lead from the entry at `index` to the root of the tree of `size` entries, from the leaf's
/// sibling upwards (RFC 9162 §2.1.3.1).
///
/// # Errors
/// [`ProofError::BeyondTree`] if there is no such entry; what the node source reports.
pub fn inclusion_proof<E: From<ProofError>>(
    index: u64,
    size: u64,
    mut node: impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    if index >= size {
        return Err(ProofError::BeyondTree { index, size }.into());
    }
    let (mut start, mut end) = (0, size);
    let mut downwards = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            downwards.push(range_root(middle, end, &mut node)?);
            end = middle;
        } else {
            downwards.push(range_root(start, middle, &mut node)?);
            start = middle;
        }
    }
    downwards.reverse();
    Ok(downwards)
}

/// The root that this leaf hash and proof lead to (RFC 9162 §2.1.3.2).
///
/// # Errors
/// The index is beyond the tree, or the proof has too many or too few hashes.
pub fn inclusion_root(leaf: Digest, index: u64, size: u64, proof: &[Digest]) -> Result<Digest, ProofError> {
    if index >= size {
        return Err(ProofError::BeyondTree { index, size });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    let (mut position, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(wrong_length);
        }
        if position & 1 == 1 || position == last {
            hash = node_hash(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        position >>= 1;
        last >>= 1;
    }
    if last == 0 { Ok(hash) } else { Err(wrong_length) }
}

/// The root that the tree had when the entry at `index` was its last, from the proof that it is in a larger one: what
/// stands left of the way up was there already, what stands right of it was not.
///
/// Whether the proof holds is for [`verify_inclusion`] to say; without that this root is nothing.
///
/// # Errors
/// As [`inclusion_root`].
pub fn root_when_last(leaf: Digest, index: u64, size: u64, proof: &[Digest]) -> Result<Digest, ProofError> {
    inclusion_root(leaf, index, size, proof)?;
    let (mut position, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if position & 1 == 1 || position == last {
            hash = node_hash(sibling, &hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        }
        position >>= 1;
        last >>= 1;
    }
    Ok(hash)
}

/// Checks that the entry with this leaf hash is at `index` in the tree with this size and root.
///
/// # Errors
/// What is wrong with the proof.
pub fn verify_inclusion(
    leaf: Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: Digest,
) -> Result<(), ProofError> {
    if inclusion_root(leaf, index, size, proof)? == root {
        Ok(())
    } else {
        Err(ProofError::WrongRoot { root })
    }
}
