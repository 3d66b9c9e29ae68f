//! The texts of an event, as they are sealed beside its facts: each with its salt, so that the commitment
//! in the facts can be shown to be of these words.
//!
//! Bytes: for each text the field's name (u8 length), 0 for what it was or 1 for what it became, the salt
//! (32 bytes), the words (u32 length, UTF-8).

use crate::Error;

/// A text that a person wrote.
pub(super) struct Text {
    pub(super) field: String,
    /// 0 for what it was, 1 for what it became.
    pub(super) side: u8,
    pub(super) salt: [u8; 32],
    pub(super) words: String,
}

pub(super) fn write(texts: &[Text]) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.push(u8::try_from(text.field.len()).map_err(|_| too_long())?);
        bytes.extend_from_slice(text.field.as_bytes());
        bytes.push(text.side);
        bytes.extend_from_slice(&text.salt);
        let length = u32::try_from(text.words.len()).map_err(|_| too_long())?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(text.words.as_bytes());
    }
    Ok(bytes)
}

pub(super) fn read(mut bytes: &[u8]) -> Result<Vec<Text>, Error> {
    let mut texts = Vec::new();
    while !bytes.is_empty() {
        let bytes = &mut bytes;
        let [length] = array(bytes)?;
        let field = words(bytes, usize::from(length))?;
        let [side] = array(bytes)?;
        let salt = array(bytes)?;
        let length = usize::try_from(u32::from_be_bytes(array(bytes)?)).map_err(|_| too_long())?;
        texts.push(Text { field, side, salt, words: words(bytes, length)? });
    }
    Ok(texts)
}

fn array<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Error> {
    let (taken, rest) = bytes.split_first_chunk().ok_or_else(cut_short)?;
    *bytes = rest;
    Ok(*taken)
}

fn words(bytes: &mut &[u8], length: usize) -> Result<String, Error> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or_else(cut_short)?;
    *bytes = rest;
    String::from_utf8(taken.to_vec()).map_err(|_| cut_short())
}

fn too_long() -> Error {
    Error::bug("a text of an event is too long")
}

fn cut_short() -> Error {
    Error::bug("the texts of an event are cut short")
}
