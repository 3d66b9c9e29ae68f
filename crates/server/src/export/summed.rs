//! A writer that knows how much went through it, and its SHA-256.

use std::io::{self, Write};

use app::export::Checksum;

pub(super) struct Summed<W> {
    inner: W,
    size_bytes: u64,
    digest: Checksum,
}

impl<W: Write> Summed<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, size_bytes: 0, digest: Checksum::new() }
    }

    /// What was written to, how many bytes, and their SHA-256 in hexadecimal.
    pub(super) fn finish(self) -> (W, u64, String) {
        (self.inner, self.size_bytes, self.digest.hex())
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.digest.update(bytes.get(..written).unwrap_or(bytes));
        self.size_bytes += u64::try_from(written).unwrap_or(u64::MAX);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_what_went_through() {
        let mut summed = Summed::new(Vec::new());
        summed.write_all(b"a").unwrap();
        summed.write_all(b"bc").unwrap();
        let (bytes, size_bytes, sha256) = summed.finish();
        assert_eq!((bytes.as_slice(), size_bytes), (b"abc".as_slice(), 3));
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
