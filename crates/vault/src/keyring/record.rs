//! The bytes of a segment: a head and entries, each 128 bytes, so that none straddles a sector.
//!
//! | entry | bytes |
//! |---|---|
//! | key id, big-endian | 8 |
//! | kind | 1 |
//! | owner | 16 |
//! | wrapped key | 40 |
//! | commitment | 32 |
//! | zeros | 15 |
//! | checksum: the first 16 bytes of SHA-256 over segment, index and the first 97 bytes | 16 |
//!
//! The checksum finds torn writes and rot. It is not a defence against an author: what protects a
//! key from being changed or exchanged is its wrapping and its commitment.

use aws_lc_rs::digest;

use super::{KeyId, KeyKind, WrappedKey};

pub(super) const ENTRY_LEN: usize = 128;
pub(super) const ENTRY_LEN_U64: u64 = 128;
const CHECKSUM_LEN: usize = 16;
const BODY_LEN: usize = 97;
const HEAD_LABEL: &[u8; 24] = b"timeproof-key-segment v1";

/// What an entry's place in a segment holds.
pub(super) enum Slot {
    Key(WrappedKey),
    /// Wrong checksum, or cut off.
    Damaged,
    /// Intact, but with a kind or id that this version does not know.
    Unknown,
}

/// The head of a segment; entries follow it with index 1 onwards.
pub(super) fn head(epoch: u32, segment: u32) -> Vec<u8> {
    let mut head = HEAD_LABEL.to_vec();
    head.extend_from_slice(&epoch.to_be_bytes());
    head.extend_from_slice(&segment.to_be_bytes());
    head.resize(ENTRY_LEN - CHECKSUM_LEN, 0);
    let checksum = digest::digest(&digest::SHA256, &head);
    head.extend(checksum.as_ref().iter().take(CHECKSUM_LEN));
    head
}

/// The bytes of a key at a place.
pub(super) fn encode(key: &WrappedKey, segment: u32, index: u32) -> Vec<u8> {
    let mut entry = Vec::with_capacity(ENTRY_LEN);
    entry.extend_from_slice(&key.id.get().to_be_bytes());
    entry.push(key.kind.number());
    entry.extend_from_slice(&key.owner);
    entry.extend_from_slice(&key.wrapped);
    entry.extend_from_slice(&key.commitment);
    let checksum = checksum(&entry, segment, index);
    entry.resize(ENTRY_LEN - CHECKSUM_LEN, 0);
    entry.extend_from_slice(&checksum);
    entry
}

/// What the bytes at a place hold.
pub(super) fn decode(entry: &[u8], segment: u32, index: u32) -> Slot {
    let Some((body, padding)) = split_intact(entry, segment, index) else {
        return Slot::Damaged;
    };
    if padding.iter().any(|byte| *byte != 0) {
        return Slot::Damaged;
    }
    key(body).map_or(Slot::Unknown, Slot::Key)
}

/// Body and padding of an entry with the right length and checksum.
fn split_intact(entry: &[u8], segment: u32, index: u32) -> Option<(&[u8], &[u8])> {
    let entry: &[u8; ENTRY_LEN] = entry.try_into().ok()?;
    let (rest, found) = entry.split_last_chunk::<CHECKSUM_LEN>()?;
    let (body, padding) = rest.split_at_checked(BODY_LEN)?;
    (checksum(body, segment, index) == *found).then_some((body, padding))
}

fn key(body: &[u8]) -> Option<WrappedKey> {
    let (id, rest) = body.split_first_chunk::<8>()?;
    let (kind, rest) = rest.split_first()?;
    let (owner, rest) = rest.split_first_chunk::<16>()?;
    let (wrapped, rest) = rest.split_first_chunk::<40>()?;
    let (commitment, _) = rest.split_first_chunk::<32>()?;
    Some(WrappedKey {
        id: KeyId::new(i64::from_be_bytes(*id))?,
        kind: KeyKind::from_number(*kind)?,
        owner: *owner,
        wrapped: *wrapped,
        commitment: *commitment,
    })
}

fn checksum(body: &[u8], segment: u32, index: u32) -> [u8; CHECKSUM_LEN] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(&segment.to_be_bytes());
    context.update(&index.to_be_bytes());
    context.update(body);
    let mut checksum = [0; CHECKSUM_LEN];
    for (to, from) in checksum.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    checksum
}

/// The checksum of an entry that a test has changed.
#[cfg(test)]
pub(super) fn encode_checksum_for_tests(entry: &[u8], segment: u32, index: u32) -> [u8; 16] {
    checksum(&entry[..BODY_LEN], segment, index)
}
