//! The hashes of the tree (RFC 9162, 2.1.1): SHA-256, with leaves and nodes told apart by their first
//! byte, so that no node can pass for a leaf.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::text;

/// How many bytes a hash has.
pub const HASH_BYTES: usize = 32;

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The hash of a leaf or of a tree. Its `Display` is base64, as in checkpoints.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; HASH_BYTES]);

impl Hash {
    /// The root of the tree without leaves: the hash of nothing.
    pub fn empty() -> Self {
        of(&[])
    }

    /// The hash of a leaf's bytes.
    pub fn leaf(bytes: &[u8]) -> Self {
        of(&[&[LEAF], bytes])
    }

    /// The hash above two.
    pub fn node(left: &Self, right: &Self) -> Self {
        of(&[&[NODE], &left.0, &right.0])
    }

    /// Reads base64 (RFC 4648, section 4), padded and canonical; nothing for any other text.
    pub fn parse(line: &str) -> Option<Self> {
        text::decode(line)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text::encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hash({self})")
    }
}

/// SHA-256 of the parts, one after the other.
pub(crate) fn of(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut bytes = [0; HASH_BYTES];
    bytes.copy_from_slice(context.finish().as_ref());
    Hash(bytes)
}

/// A SHA-256 of what comes in pieces: of a file, not of the tree.
pub struct Sum(Context);

impl Sum {
    /// Of nothing yet.
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// The next piece.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum.
    pub fn digest(self) -> [u8; HASH_BYTES] {
        let mut bytes = [0; HASH_BYTES];
        bytes.copy_from_slice(self.0.finish().as_ref());
        bytes
    }

    /// The sum in hexadecimal.
    pub fn hex(self) -> String {
        self.digest().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

impl Default for Sum {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_pieces_is_that_of_the_whole() {
        let mut sum = Sum::new();
        sum.update(b"a");
        sum.update(b"bc");
        // FIPS 180-2, appendix B.1.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sum.hex(), abc);
    }

    #[test]
    fn the_published_hashes() {
        let hex = |hash: Hash| {
            hash.0.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
        };
        // RFC 6962's test vectors, as Certificate Transparency's logs use them.
        assert_eq!(
            hex(Hash::empty()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex(Hash::leaf(b"")),
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        );
        assert_eq!(
            hex(Hash::leaf(b"\0")),
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
        );
    }

    #[test]
    fn base64_is_read_as_it_is_written_and_in_no_other_way() {
        let hash = Hash::leaf(b"x");
        let text = hash.to_string();
        assert_eq!(Hash::parse(&text), Some(hash));
        let unpadded = text.trim_end_matches('=');
        let (head, last) = text.split_at(text.len() - 2);
        // The last character but the padding carries two bits that have to be nought.
        let other = (b'A'..=b'z').map(|byte| format!("{head}{}=", char::from(byte)));
        let same = other.filter(|text| Hash::parse(text) == Some(hash)).collect::<Vec<_>>();
        assert_eq!(same, [format!("{head}{last}")]);
        for wrong in ["", unpadded, &format!("{text}\n"), &format!(" {text}"), &text[..40]] {
            assert_eq!(Hash::parse(wrong), None, "{wrong:?}");
        }
    }
}
