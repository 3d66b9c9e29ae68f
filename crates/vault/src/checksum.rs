//! SHA-256 over what is written elsewhere, such as the files of an export.

use aws_lc_rs::digest::{Context, SHA256};

/// A running SHA-256 (FIPS 180-4).
///
/// ```
/// let mut checksum = vault::Checksum::new();
/// checksum.update(b"abc");
/// let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
/// assert_eq!(checksum.hex(), hex);
/// ```
pub struct Checksum(Context);

impl Default for Checksum {
    fn default() -> Self {
        Self::new()
    }
}

impl Checksum {
    /// Over nothing yet.
    pub fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The sum of all of them, in small hexadecimal digits.
    pub fn hex(self) -> String {
        let sum = self.0.finish();
        sum.as_ref().iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
    }
}
