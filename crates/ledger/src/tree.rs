//! A tree that grows at its right edge.
//!
//! Only *complete* subtrees have a hash that never changes: `2^level` leaves from `index * 2^level` on.
//! Whoever keeps a log keeps those ([`Grown::completed`]), and from them every root and every proof of
//! every earlier size can be made again. To append, only the edge is needed: the [`Frontier`].

use crate::Hash;

/// A complete subtree: the `index`-th of those with `2^level` leaves, from the left, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// 0 for leaves, at most 63.
    pub level: u8,
    /// From 0.
    pub index: u64,
}

/// Where the hashes of complete subtrees are read from.
pub trait Nodes {
    /// Why one could not be read.
    type Error;

    /// The hash of a complete subtree.
    ///
    /// Errors: it is not there, or could not be read.
    fn read(&mut self, node: NodeId) -> Result<Hash, Self::Error>;
}

/// The right edge of a tree: its complete subtrees, the largest first. A tree of `size` leaves has as many
/// as `size` has ones in binary.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    edge: Vec<Hash>,
}

/// What appending a leaf has completed: the leaf itself first, then each subtree it was the last of.
pub type Grown = Vec<(NodeId, Hash)>;

impl Frontier {
    /// The edge of a tree of this size, read from its nodes.
    ///
    /// Errors: those of the nodes.
    pub fn read<N: Nodes>(size: u64, nodes: &mut N) -> Result<Self, N::Error> {
        let edge = edge_of(size).map(|node| nodes.read(node)).collect::<Result<_, _>>()?;
        Ok(Self { size, edge })
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf by its hash; the complete subtrees that are new, to be kept.
    ///
    /// A tree has at most `u64::MAX` leaves: nobody lives to append them.
    pub fn append(&mut self, leaf: Hash) -> Grown {
        let mut node = NodeId { level: 0, index: self.size };
        let mut hash = leaf;
        let mut grown = vec![(node, hash)];
        // Each one at the end of the size's binary digits is a subtree that now gets its right half.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.edge.pop() else { break };
            hash = Hash::node(&left, &hash);
            node = NodeId { level: node.level + 1, index: node.index / 2 };
            grown.push((node, hash));
        }
        self.edge.push(hash);
        self.size = self.size.saturating_add(1);
        grown
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        let folded =
            self.edge.iter().rev().copied().reduce(|right, left| Hash::node(&left, &right));
        folded.unwrap_or_else(Hash::empty)
    }
}

/// The complete subtrees that make up a tree of this size, the largest and leftmost first.
pub fn edge_of(size: u64) -> impl Iterator<Item = NodeId> {
    let levels = (0..64_u8).rev().filter(move |level| size >> level & 1 == 1);
    // The leaves to the left of a subtree are those of the larger ones.
    levels.map(move |level| NodeId { level, index: (size >> level) - 1 })
}

/// The root of a tree of this size, from its complete subtrees.
///
/// Errors: those of the nodes.
pub fn root<N: Nodes>(size: u64, nodes: &mut N) -> Result<Hash, N::Error> {
    Frontier::read(size, nodes).map(|edge| edge.root())
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The definition of RFC 9162, 2.1.1, word for word: what everything else is held against.
    pub(crate) fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::empty(),
            [one] => *one,
            many => {
                let half = many.len().next_power_of_two() / 2;
                Hash::node(&defined(&many[..half]), &defined(&many[half..]))
            }
        }
    }

    pub(crate) struct Kept(pub(crate) BTreeMap<NodeId, Hash>);

    impl Nodes for Kept {
        type Error = NodeId;
        fn read(&mut self, node: NodeId) -> Result<Hash, NodeId> {
            self.0.get(&node).copied().ok_or(node)
        }
    }

    /// Leaves, and all that appending them completes.
    pub(crate) fn grown(size: u64) -> (Vec<Hash>, Kept) {
        let leaves: Vec<Hash> = (0..size).map(|at| Hash::leaf(&at.to_be_bytes())).collect();
        let mut edge = Frontier::default();
        let kept = leaves.iter().flat_map(|leaf| edge.append(*leaf)).collect();
        (leaves, Kept(kept))
    }

    #[test]
    fn every_root_is_that_of_the_definition() {
        let (leaves, mut kept) = grown(300);
        let mut edge = Frontier::default();
        for size in 0..=300_u64 {
            let expected = defined(&leaves[..usize::try_from(size).unwrap()]);
            assert_eq!(edge.root(), expected, "{size}");
            assert_eq!(root(size, &mut kept), Ok(expected), "{size}");
            assert_eq!(Frontier::read(size, &mut kept).unwrap(), edge, "{size}");
            if let Some(leaf) = leaves.get(usize::try_from(size).unwrap()) {
                edge.append(*leaf);
            }
        }
    }

    #[test]
    fn each_complete_subtree_is_told_once_and_is_what_the_definition_says() {
        let (leaves, kept) = grown(257);
        let expected: usize = (0..9).map(|level| 257 >> level).sum();
        assert_eq!(kept.0.len(), expected);
        for (node, hash) in &kept.0 {
            let width = 1 << node.level;
            let first = usize::try_from(node.index).unwrap() * width;
            assert_eq!(*hash, defined(&leaves[first..first + width]), "{node:?}");
        }
    }
}
