//! Bytes written and read, all numbers big-endian.

use super::{NotCanonical, TooLong};

/// How many bytes an id has.
const ID_BYTES: usize = 16;

#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn u16(&mut self, number: usize) -> Result<&mut Self, TooLong> {
        let number = u16::try_from(number).map_err(|_| TooLong)?;
        Ok(self.bytes(&number.to_be_bytes()))
    }

    pub(super) fn i64(&mut self, number: i64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// A word of the program's own: its length in a byte, and ASCII.
    pub(super) fn name(&mut self, name: &str) -> Result<&mut Self, TooLong> {
        let length = u8::try_from(name.len()).map_err(|_| TooLong)?;
        if !is_name(name.as_bytes()) {
            return Err(TooLong);
        }
        Ok(self.bytes(&[length]).bytes(name.as_bytes()))
    }

    /// `0x00`, or `0x01` and the id.
    pub(super) fn id_or_none(&mut self, id: Option<[u8; ID_BYTES]>) -> &mut Self {
        match id {
            None => self.bytes(&[0]),
            Some(id) => self.bytes(&[1]).bytes(&id),
        }
    }

    /// A length of four bytes, and the bytes.
    pub(super) fn long(&mut self, bytes: &[u8]) -> Result<&mut Self, TooLong> {
        let length = u32::try_from(bytes.len()).map_err(|_| TooLong)?;
        Ok(self.bytes(&length.to_be_bytes()).bytes(bytes))
    }
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], NotCanonical> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(NotCanonical)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], NotCanonical> {
        self.take(N)?.try_into().map_err(|_| NotCanonical)
    }

    pub(super) fn u8(&mut self) -> Result<u8, NotCanonical> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, NotCanonical> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, NotCanonical> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    pub(super) fn i64(&mut self) -> Result<i64, NotCanonical> {
        Ok(i64::from_be_bytes(self.array()?))
    }

    pub(super) fn name(&mut self) -> Result<&'a str, NotCanonical> {
        let length = usize::from(self.u8()?);
        let bytes = self.take(length)?;
        if is_name(bytes) { text(bytes) } else { Err(NotCanonical) }
    }

    pub(super) fn id_or_none(&mut self) -> Result<Option<[u8; ID_BYTES]>, NotCanonical> {
        match self.u8()? {
            0 => Ok(None),
            1 => Ok(Some(self.array()?)),
            _ => Err(NotCanonical),
        }
    }

    pub(super) fn long(&mut self) -> Result<&'a [u8], NotCanonical> {
        let length = u32::from_be_bytes(self.array()?);
        self.take(usize::try_from(length).map_err(|_| NotCanonical)?)
    }

    /// Nothing follows: what somebody hung on would be signed with the rest.
    pub(super) fn end(&self) -> Result<(), NotCanonical> {
        if self.0.is_empty() { Ok(()) } else { Err(NotCanonical) }
    }
}

pub(super) fn text(bytes: &[u8]) -> Result<&str, NotCanonical> {
    std::str::from_utf8(bytes).map_err(|_| NotCanonical)
}

fn is_name(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().all(u8::is_ascii_graphic)
}
