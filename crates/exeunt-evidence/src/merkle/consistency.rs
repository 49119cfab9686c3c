//! Consistency proofs: a tree continues an older one (RFC 6962 §2.1.2, RFC 9162 §2.1.4).

use super::{ProofError, empty_root, node_hash, range_root, split};
use crate::Digest;

/// The hashes that show the tree of `new` entries to continue the one of `old` entries (RFC 9162 §2.1.4.1).
/// Empty when the sizes are equal or the old tree was empty.
///
/// # Errors
/// [`ProofError::Shrunk`] if `new < old`; what the node source reports.
pub fn consistency_proof<E: From<ProofError>>(
    old: u64,
    new: u64,
    mut node: impl FnMut(u32, u64) -> Result<Digest, E>,
) -> Result<Vec<Digest>, E> {
    if new < old {
        return Err(ProofError::Shrunk { old, new }.into());
    }
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, new);
    let mut downwards = Vec::new();
    while end != old {
        let middle = start + split(end - start);
        if old <= middle {
            downwards.push(range_root(middle, end, &mut node)?);
            end = middle;
        } else {
            downwards.push(range_root(start, middle, &mut node)?);
            start = middle;
        }
    }
    // The verifier knows the old root already; it needs this subtree only if it is not the whole old tree.
    if start != 0 {
        downwards.push(range_root(start, end, &mut node)?);
    }
    downwards.reverse();
    Ok(downwards)
}

/// Checks that the tree (`new_size`, `new_root`) continues the tree (`old_size`, `old_root`) (RFC 9162 §2.1.4.2).
///
/// # Errors
/// What is wrong with the proof: a roll-back is [`ProofError::Shrunk`], a fork [`ProofError::WrongRoot`].
pub fn verify_consistency(
    (old_size, old_root): (u64, Digest),
    (new_size, new_root): (u64, Digest),
    proof: &[Digest],
) -> Result<(), ProofError> {
    if new_size < old_size {
        let (old, new) = (old_size, new_size);
        return Err(ProofError::Shrunk { old, new });
    }
    let wrong_length = ProofError::WrongLength { found: proof.len() };
    if old_size == 0 || old_size == new_size {
        let as_it_must =
            (old_size != 0 || old_root == empty_root()) && (old_size != new_size || old_root == new_root);
        return match (proof.is_empty(), as_it_must) {
            (false, _) => Err(wrong_length),
            (true, false) => Err(ProofError::WrongRoot { root: old_root }),
            (true, true) => Ok(()),
        };
    }
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        let (first, rest) = proof.split_first().ok_or(wrong_length)?;
        (*first, rest)
    };
    let (mut position, mut last) = (old_size - 1, new_size - 1);
    while position & 1 == 1 {
        position >>= 1;
        last >>= 1;
    }
    let (mut old_hash, mut new_hash) = (first, first);
    for hash in rest {
        if last == 0 {
            return Err(wrong_length);
        }
        if position & 1 == 1 || position == last {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            while position & 1 == 0 && position != 0 {
                position >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        position >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(wrong_length);
    }
    for (found, root) in [(old_hash, old_root), (new_hash, new_root)] {
        if found != root {
            return Err(ProofError::WrongRoot { root });
        }
    }
    Ok(())
}
