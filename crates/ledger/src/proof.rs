//! Proofs that a leaf is in a tree (RFC 9162, 2.1.3) and that one tree begins with another (2.1.4).
//!
//! Checking follows the algorithms of the RFC step by step. Making them follows the recursive definitions,
//! with each subtree's hash read or put together from complete ones.

use crate::{
    Hash,
    tree::{NodeId, Nodes, edge_of},
};

/// More hashes than this no proof has: a tree of `u64::MAX` leaves is 64 levels high.
pub const MOST_HASHES: usize = 64;

/// Why a proof proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// There is no such leaf, or the later tree is smaller.
    #[error("the tree is too small")]
    TooSmall,
    /// It has more or fewer hashes than one for these sizes.
    #[error("the proof has not the length of one for these sizes")]
    Length,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    OtherRoot,
}

/// The hashes that lead from a leaf to the root, the leaf's sibling first; nothing, where the tree has no
/// such leaf.
///
/// Errors: those of the nodes.
pub fn inclusion<N: Nodes>(
    index: u64,
    size: u64,
    nodes: &mut N,
) -> Result<Option<Vec<Hash>>, N::Error> {
    if index >= size {
        return Ok(None);
    }
    let mut siblings = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            siblings.push((middle, end));
            end = middle;
        } else {
            siblings.push((start, middle));
            start = middle;
        }
    }
    let hashes = siblings.into_iter().rev().map(|(start, end)| subtree(start, end, nodes));
    hashes.collect::<Result<_, _>>().map(Some)
}

/// The hashes that lead from the root of the first leaves to the root of all; nothing, where the first are
/// more than all. Empty where the sizes are the same or the first are none.
///
/// Errors: those of the nodes.
pub fn consistency<N: Nodes>(
    first: u64,
    size: u64,
    nodes: &mut N,
) -> Result<Option<Vec<Hash>>, N::Error> {
    if first > size {
        return Ok(None);
    }
    if first == 0 || first == size {
        return Ok(Some(Vec::new()));
    }
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, size);
    // As long as the smaller tree ends within this subtree, go to where it ends.
    while end != first {
        let middle = start + split(end - start);
        if first <= middle {
            parts.push((middle, end));
            end = middle;
        } else {
            parts.push((start, middle));
            start = middle;
        }
    }
    // A smaller tree that is a complete subtree from the beginning on is known to who has its root.
    if start != 0 {
        parts.push((start, end));
    }
    let hashes = parts.into_iter().rev().map(|(start, end)| subtree(start, end, nodes));
    hashes.collect::<Result<_, _>>().map(Some)
}

/// Checks that a leaf of this hash is in the tree, at this place (RFC 9162, 2.1.3.2).
///
/// Errors: it is not proven.
pub fn check_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::TooSmall);
    }
    let (mut at, mut last) = (index, size - 1);
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            hash = Hash::node(sibling, &hash);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            hash = Hash::node(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if hash == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// Checks that the tree of `size` leaves begins with all the leaves of the first one, in their order
/// (RFC 9162, 2.1.4.2). The proof for equal sizes, and for an empty first tree, has no hashes.
///
/// Errors: it is not proven.
pub fn check_consistency(
    first: (u64, &Hash),
    second: (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    let ((smaller, first_root), (size, root)) = (first, second);
    if smaller > size {
        return Err(ProofError::TooSmall);
    }
    if smaller == size || smaller == 0 {
        return check_trivial(first, second, proof);
    }
    // The root of a complete first tree is where the proof begins, and so stands not in it.
    let begins_whole = smaller.is_power_of_two();
    let mut hashes = begins_whole.then_some(first_root).into_iter().chain(proof).copied();
    let begin = hashes.next().ok_or(ProofError::Length)?;
    let shift = (smaller - 1).trailing_ones();
    let (mut at, mut last) = (shr(smaller - 1, shift), shr(size - 1, shift));
    let (mut old, mut new) = (begin, begin);
    for hash in hashes {
        if last == 0 {
            return Err(ProofError::Length);
        }
        if at & 1 == 1 || at == last {
            (old, new) = (Hash::node(&hash, &old), Hash::node(&hash, &new));
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            new = Hash::node(&new, &hash);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    if last != 0 {
        return Err(ProofError::Length);
    }
    if old == *first_root && new == *root { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// What needs no hashes: the same tree, and the empty one, whose root everybody knows.
fn check_trivial(
    first: (u64, &Hash),
    second: (u64, &Hash),
    proof: &[Hash],
) -> Result<(), ProofError> {
    if !proof.is_empty() {
        return Err(ProofError::Length);
    }
    let is_same = first == second;
    let begins_empty = first.0 == 0 && *first.1 == Hash::empty() && second.0 > 0;
    if is_same || begins_empty { Ok(()) } else { Err(ProofError::OtherRoot) }
}

/// A shift by 64 gives nothing.
fn shr(number: u64, by: u32) -> u64 {
    number.checked_shr(by).unwrap_or(0)
}

/// Where a tree of so many leaves, at least two, divides: the largest power of two below.
fn split(size: u64) -> u64 {
    1 << (u64::BITS - 1 - (size - 1).leading_zeros())
}

/// The hash of the leaves from `start` to `end`: `start` is a multiple of what they would be when full.
fn subtree<N: Nodes>(start: u64, end: u64, nodes: &mut N) -> Result<Hash, N::Error> {
    let mut hash = None;
    let parts: Vec<NodeId> = edge_of(end - start).collect();
    for part in parts.into_iter().rev() {
        let index = part.index + (start >> part.level);
        let left = nodes.read(NodeId { index, ..part })?;
        hash = Some(hash.map_or(left, |right| Hash::node(&left, &right)));
    }
    Ok(hash.unwrap_or_else(Hash::empty))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tree::{
        root,
        tests::{defined, grown},
    };

    fn at(leaves: &[Hash], index: u64) -> Hash {
        leaves[usize::try_from(index).unwrap()]
    }

    #[test]
    fn every_leaf_of_every_tree_is_proven_and_nothing_else_is() {
        let (leaves, mut nodes) = grown(70);
        for size in 1..=70 {
            let top = root(size, &mut nodes).unwrap();
            for index in 0..size {
                let proof = inclusion(index, size, &mut nodes).unwrap().unwrap();
                let leaf = at(&leaves, index);
                assert_eq!(check_inclusion(&leaf, index, size, &proof, &top), Ok(()));
                for other in (0..size).filter(|other| *other != index) {
                    assert!(check_inclusion(&leaf, other, size, &proof, &top).is_err());
                }
                let stranger = Hash::leaf(b"another");
                let told = check_inclusion(&stranger, index, size, &proof, &top);
                assert_eq!(told, Err(ProofError::OtherRoot));
                assert_changed(&proof, |proof| check_inclusion(&leaf, index, size, proof, &top));
            }
            assert_eq!(inclusion(size, size, &mut nodes), Ok(None));
        }
    }

    #[test]
    fn every_tree_is_proven_to_begin_with_every_earlier_one() {
        let (leaves, mut nodes) = grown(70);
        for size in 0..=70_u64 {
            let top = defined(&leaves[..usize::try_from(size).unwrap()]);
            for first in 0..=size {
                let before = root(first, &mut nodes).unwrap();
                let proof = consistency(first, size, &mut nodes).unwrap().unwrap();
                let check =
                    |proof: &[Hash]| check_consistency((first, &before), (size, &top), proof);
                assert_eq!(check(&proof), Ok(()), "{first} of {size}");
                assert_changed(&proof, check);
                if first > 0 {
                    let forged = Hash::leaf(b"another history");
                    let told = check_consistency((first, &forged), (size, &top), &proof);
                    assert_eq!(told, Err(ProofError::OtherRoot), "{first} of {size}");
                }
            }
            assert_eq!(consistency(size + 1, size, &mut nodes), Ok(None));
        }
    }

    /// A proof with a hash more, fewer or another proves nothing.
    fn assert_changed(proof: &[Hash], check: impl Fn(&[Hash]) -> Result<(), ProofError>) {
        let longer = [proof, &[Hash::empty()]].concat();
        assert!(check(&longer).is_err());
        if let Some((_, shorter)) = proof.split_last() {
            assert_eq!(check(shorter), Err(ProofError::Length));
        }
        for place in 0..proof.len() {
            let mut other = proof.to_vec();
            other[place] = Hash::leaf(b"forged");
            assert_eq!(check(&other), Err(ProofError::OtherRoot));
        }
    }

    #[test]
    fn a_rewritten_history_is_consistent_with_no_earlier_head() {
        let (leaves, mut nodes) = grown(41);
        let mut other = leaves.clone();
        other[7] = Hash::leaf(b"never happened so");
        for first in 8..=41_u64 {
            let before = root(first, &mut nodes).unwrap();
            let proof = consistency(first, 41, &mut nodes).unwrap().unwrap();
            let forged = defined(&other);
            assert!(check_consistency((first, &before), (41, &forged), &proof).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_is_no_proof_is_refused_and_ends(
            index: u64, size: u64, first: u64, leaf: [u8; 32], top: [u8; 32],
            hashes in prop::collection::vec(any::<[u8; 32]>(), 0..80),
        ) {
            let proof: Vec<Hash> = hashes.into_iter().map(Hash).collect();
            let (leaf, top) = (Hash(leaf), Hash(top));
            prop_assert!(check_inclusion(&leaf, index, size, &proof, &top).is_err());
            prop_assert!(check_consistency((first, &leaf), (size, &top), &proof).is_err());
        }

        #[test]
        fn the_split_is_the_largest_power_of_two_below(size in 2_u64..) {
            let half = split(size);
            prop_assert!(half.is_power_of_two() && half < size && half >= size.div_ceil(2));
        }
    }
}
