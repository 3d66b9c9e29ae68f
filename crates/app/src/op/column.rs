//! Values of columns that many tables have.

use domain::day::Zone;
use jiff::Timestamp;
use store::Row;
use vault::KeyId;

use crate::Error;

/// Reads a word of the program's own vocabulary.
pub(crate) fn word<T: std::str::FromStr>(row: &Row, index: usize) -> Result<T, Error> {
    let text: String = row.get(index)?;
    text.parse().map_err(|_| Error::bug(format!("unknown word {text:?} in column {index}")))
}

/// Reads a word that may be absent.
pub(crate) fn optional_word<T: std::str::FromStr>(
    row: &Row,
    index: usize,
) -> Result<Option<T>, Error> {
    match row.get::<Option<String>>(index)? {
        Some(_) => word(row, index).map(Some),
        None => Ok(None),
    }
}

/// Reads a key's id.
pub(crate) fn key(number: i64) -> Result<KeyId, Error> {
    KeyId::new(number).ok_or_else(|| Error::bug("a key id is not positive"))
}

/// Reads a zone. One that the bundled database no longer knows is a bug, not a default.
pub(crate) fn zone(row: &Row, index: usize) -> Result<Zone, Error> {
    let text: String = row.get(index)?;
    Zone::parse(&text).map_err(|_| Error::bug(format!("unknown zone {text:?}")))
}

/// Reads an instant.
pub(crate) fn instant(row: &Row, index: usize) -> Result<Timestamp, Error> {
    to_instant(row.get(index)?)
}

/// Reads an instant that may be absent.
pub(crate) fn instant_or_none(row: &Row, index: usize) -> Result<Option<Timestamp>, Error> {
    row.get::<Option<i64>>(index)?.map(to_instant).transpose()
}

/// The instant of so many microseconds since 1970.
pub(crate) fn to_instant(microseconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(microseconds).map_err(|_| Error::bug("instant out of range"))
}
