//! What a tree must remember to grow: the complete subtrees it is made of, the largest and leftmost first.

use super::{empty_root, node_hash};
use crate::Digest;

/// The complete subtrees of a tree, one for each bit of its size. It only grows, leaf by leaf: whatever it becomes
/// continues the tree it [began](Self::begin) as, without a proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    subtrees: Vec<Digest>,
    begun: (u64, Digest),
}

impl Default for Frontier {
    /// The empty tree.
    fn default() -> Self {
        Self { size: 0, subtrees: Vec::new(), begun: (0, empty_root()) }
    }
}

impl Frontier {
    /// The tree of this size with these complete subtrees; `None` if it has not that many.
    #[must_use]
    pub fn of(size: u64, subtrees: Vec<Digest>) -> Option<Self> {
        let fits = size.count_ones() as usize == subtrees.len();
        fits.then(|| {
            let root = folded(&subtrees);
            Self { size, subtrees, begun: (size, root) }
        })
    }

    /// Leaves in the tree.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree.
    #[must_use]
    pub fn root(&self) -> Digest {
        folded(&self.subtrees)
    }

    /// Size and root of the tree this one was grown from.
    #[must_use]
    pub const fn begun(&self) -> (u64, Digest) {
        self.begun
    }

    /// Takes the tree as it is for the one that is grown from.
    pub fn begin(&mut self) {
        self.begun = (self.size, self.root());
    }

    /// Adds a leaf, and tells of every subtree that it completes: its height, from 1, and its root.
    pub fn push(&mut self, leaf: Digest, mut completed: impl FnMut(u32, Digest)) {
        let mut hash = leaf;
        self.size += 1;
        for height in 1..=self.size.trailing_zeros() {
            if let Some(left) = self.subtrees.pop() {
                hash = node_hash(&left, &hash);
            }
            completed(height, hash);
        }
        self.subtrees.push(hash);
    }
}

fn folded(subtrees: &[Digest]) -> Digest {
    let root = subtrees.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
    root.unwrap_or_else(empty_root)
}

#[cfg(test)]
mod tests {
    use super::Frontier;
    use crate::Digest;
    use crate::merkle::{leaf_hash, root_of};

    /// Heads are signed for these roots: each must be the one that everybody else computes, and every completed subtree
    /// too, since tiles are made of them.
    #[test]
    fn every_root_and_subtree_is_that_of_the_leaves() {
        let leaves: Vec<Digest> = (0..300_u32).map(|n| leaf_hash(&n.to_be_bytes())).collect();
        let mut tree = Frontier::default();
        assert_eq!(tree.root(), root_of(&[]));
        for (size, leaf) in (1..).zip(&leaves) {
            let begun = tree.clone();
            tree.begin();
            tree.push(*leaf, |height, root| {
                assert_eq!(root, root_of(&leaves[size - (1 << height)..size]), "height {height} at {size}");
            });
            assert_eq!((tree.size(), tree.root()), (size as u64, root_of(&leaves[..size])));
            assert_eq!(tree.begun(), (begun.size(), begun.root()));
        }
        assert!(Frontier::of(3, vec![leaves[0]]).is_none());
    }
}
