//! The facts of an event: which fields changed, from what to what. The same facts always give the same
//! bytes, and bytes have one reading.
//!
//! Version 1: `0x01`, the number of changes (u16), then each change in the order the act gave it: the
//! field's name (u8 length, ASCII), before, after. A value is `0x00` nothing, `0x01` integer (i64),
//! `0x02` id (16 bytes), `0x03` word (u16 length, UTF-8), `0x04` commitment (32 bytes). All numbers are
//! big-endian.

use super::{
    Id, NotCanonical, TooLong,
    bytes::{Reader, Writer, text},
};

const VERSION: u8 = 1;

/// Room is made for so many; bytes may say that there are more than there are.
const USUAL_CHANGES: u16 = 16;

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it became.
    pub after: Value,
}

/// What a field was or became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    None,
    /// A number, an instant in microseconds, a day since 1970-01-01, a flag as 0 or 1.
    Int(i64),
    /// An id.
    Id(Id),
    /// A word of the program's own vocabulary.
    Word(String),
    /// A text that a person wrote: see [`commit`](crate::commit). Whoever is given salt and text can
    /// check it; once they are erased nobody can guess.
    Commitment([u8; 32]),
}

/// A [`Change`] where it stands, in the bytes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangeRef<'a> {
    /// Its name.
    pub field: &'a str,
    /// What it was.
    pub before: ValueRef<'a>,
    /// What it became.
    pub after: ValueRef<'a>,
}

/// A [`Value`] where it stands, in the bytes of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueRef<'a> {
    /// Nothing.
    None,
    /// A number.
    Int(i64),
    /// An id.
    Id(Id),
    /// A word.
    Word(&'a str),
    /// A text that a person wrote.
    Commitment([u8; 32]),
}

impl Value {
    /// The same, where it is kept.
    pub fn as_value_ref(&self) -> ValueRef<'_> {
        match self {
            Self::None => ValueRef::None,
            Self::Int(number) => ValueRef::Int(*number),
            Self::Id(id) => ValueRef::Id(*id),
            Self::Word(word) => ValueRef::Word(word),
            Self::Commitment(commitment) => ValueRef::Commitment(*commitment),
        }
    }
}

impl ChangeRef<'_> {
    /// The same, kept.
    pub fn to_change(self) -> Change {
        let (before, after) = (self.before.to_value(), self.after.to_value());
        Change { field: self.field.to_owned(), before, after }
    }
}

impl ValueRef<'_> {
    /// The same, kept.
    pub fn to_value(self) -> Value {
        match self {
            Self::None => Value::None,
            Self::Int(number) => Value::Int(number),
            Self::Id(id) => Value::Id(id),
            Self::Word(word) => Value::Word(word.to_owned()),
            Self::Commitment(commitment) => Value::Commitment(commitment),
        }
    }
}

/// The canonical bytes of changes.
///
/// Errors: [`TooLong`].
pub fn write(changes: &[Change]) -> Result<Vec<u8>, TooLong> {
    let mut bytes = Writer::default();
    bytes.bytes(&[VERSION]).u16(changes.len())?;
    for change in changes {
        bytes.name(&change.field)?;
        write_value(&mut bytes, &change.before)?;
        write_value(&mut bytes, &change.after)?;
    }
    Ok(bytes.0)
}

/// Reads the canonical bytes of changes; [`write`] gives the same bytes again.
///
/// Errors: [`NotCanonical`].
pub fn parse(bytes: &[u8]) -> Result<Vec<Change>, NotCanonical> {
    Ok(parse_refs(bytes)?.into_iter().map(ChangeRef::to_change).collect())
}

/// The same, where they stand.
///
/// Errors: [`NotCanonical`].
pub fn parse_refs(bytes: &[u8]) -> Result<Vec<ChangeRef<'_>>, NotCanonical> {
    let mut reader = Reader(bytes);
    if reader.u8()? != VERSION {
        return Err(NotCanonical);
    }
    let count = reader.u16()?;
    let mut changes = Vec::with_capacity(usize::from(count.min(USUAL_CHANGES)));
    for _ in 0..count {
        let field = reader.name()?;
        let before = read_value(&mut reader)?;
        changes.push(ChangeRef { field, before, after: read_value(&mut reader)? });
    }
    reader.end()?;
    Ok(changes)
}

fn write_value(bytes: &mut Writer, value: &Value) -> Result<(), TooLong> {
    match value {
        Value::None => bytes.bytes(&[0]),
        Value::Int(number) => bytes.bytes(&[1]).i64(*number),
        Value::Id(id) => bytes.bytes(&[2]).bytes(id),
        Value::Word(word) => bytes.bytes(&[3]).u16(word.len())?.bytes(word.as_bytes()),
        Value::Commitment(commitment) => bytes.bytes(&[4]).bytes(commitment),
    };
    Ok(())
}

fn read_value<'a>(reader: &mut Reader<'a>) -> Result<ValueRef<'a>, NotCanonical> {
    Ok(match reader.u8()? {
        0 => ValueRef::None,
        1 => ValueRef::Int(reader.i64()?),
        2 => ValueRef::Id(reader.array()?),
        3 => {
            let length = usize::from(reader.u16()?);
            ValueRef::Word(text(reader.take(length)?)?)
        }
        4 => ValueRef::Commitment(reader.array()?),
        _ => return Err(NotCanonical),
    })
}
