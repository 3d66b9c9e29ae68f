//! The canonical bytes of events: the same facts always give the same bytes.
//!
//! Version 1: `0x01`, the number of changes (u16), then each change in the order
//! the operation gave it: field name (u8 length, ASCII), before, after. A value is `0x00` nothing,
//! `0x01` integer (i64), `0x02` id (16 bytes), `0x03` word (u16 length, UTF-8), `0x04` commitment
//! (32 bytes). All numbers are big-endian.

use super::Fact;
use crate::Error;

#[derive(Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn u16(&mut self, number: usize) -> Result<&mut Self, Error> {
        let number = u16::try_from(number).map_err(|_| too_long())?;
        Ok(self.bytes(&number.to_be_bytes()))
    }

    pub(super) fn name(&mut self, name: &str) -> Result<&mut Self, Error> {
        let length = u8::try_from(name.len()).map_err(|_| too_long())?;
        Ok(self.bytes(&[length]).bytes(name.as_bytes()))
    }

    pub(super) fn long(&mut self, text: &str) -> Result<&mut Self, Error> {
        let length = u32::try_from(text.len()).map_err(|_| too_long())?;
        Ok(self.bytes(&length.to_be_bytes()).bytes(text.as_bytes()))
    }

    pub(super) fn fact(&mut self, fact: &Fact) -> Result<&mut Self, Error> {
        match fact {
            Fact::None => Ok(self.bytes(&[0])),
            Fact::Int(number) => Ok(self.bytes(&[1]).bytes(&number.to_be_bytes())),
            Fact::Id(id) => Ok(self.bytes(&[2]).bytes(id.as_bytes())),
            Fact::Word(word) => Ok(self.bytes(&[3]).u16(word.len())?.bytes(word.as_bytes())),
        }
    }

    pub(super) fn commitment(&mut self, commitment: Option<[u8; 32]>) -> &mut Self {
        match commitment {
            None => self.bytes(&[0]),
            Some(commitment) => self.bytes(&[4]).bytes(&commitment),
        }
    }
}

pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| cut_short())
    }

    pub(super) fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(super) fn name(&mut self) -> Result<String, Error> {
        let length = self.u8()?;
        self.text(usize::from(length))
    }

    pub(super) fn long(&mut self) -> Result<String, Error> {
        let length = u32::from_be_bytes(self.array()?);
        self.text(usize::try_from(length).map_err(|_| too_long())?)
    }

    pub(super) fn text(&mut self, length: usize) -> Result<String, Error> {
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| cut_short())
    }
}

fn too_long() -> Error {
    Error::bug("an event's field is too long")
}

fn cut_short() -> Error {
    Error::bug("an event is cut short")
}
