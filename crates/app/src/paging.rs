//! Collections, page by page: a page begins after the last thing of the one before.
//!
//! A cursor holds the place of that thing in the collection's order, not its number: what is added,
//! changed or deleted between two pages neither hides a thing that was there nor shows one twice. The
//! place is a name with an id, or an instant with an id, so that it stays where it was also when the
//! thing itself is renamed or gone. Addresses are written down by proxies, so a name in a cursor is
//! sealed.
//!
//! Named things and members are in memory already ([`crate::names`]) and are cut here; time entries
//! grow without end, and are cut by the database.

use std::cmp::Reverse;

use domain::ids::Id;
use jiff::Timestamp;
use uuid::Uuid;
use vault::{decode_base64url, encode_base64url};

use crate::{Error, Op, Refusal, field, names::fold};

/// The most things on a page.
pub const MOST: usize = 200;

/// Which page is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    cursor: Option<String>,
    limit: usize,
}

impl Asked {
    /// The page after `cursor` (the first when none) with up to `limit` things, 1 to [`MOST`].
    pub fn new(cursor: Option<String>, limit: usize) -> Self {
        Self { cursor, limit: limit.clamp(1, MOST) }
    }

    /// How many things the page holds at most.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// The instant and id that the page begins after.
    ///
    /// Errors: [`Refusal::CursorNotValid`].
    pub(crate) fn instant(&self) -> Result<Option<(i64, Uuid)>, Error> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let bytes = decode_base64url(text).map_err(|_| Refusal::CursorNotValid)?;
        let (at, id) = bytes.split_first_chunk::<8>().ok_or(Refusal::CursorNotValid)?;
        let id = Uuid::from_slice(id).map_err(|_| Refusal::CursorNotValid)?;
        Ok(Some((i64::from_be_bytes(*at), id)))
    }

    /// The folded name and id that the page begins after.
    ///
    /// Errors: [`Refusal::CursorNotValid`].
    fn name<I: Id>(&self, op: &Op) -> Result<Option<(String, I)>, Error> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let bytes = decode_base64url(text).map_err(|_| Refusal::CursorNotValid)?;
        let (id, sealed) = bytes.split_first_chunk::<16>().ok_or(Refusal::CursorNotValid)?;
        let id = I::from_uuid(Uuid::from_bytes(*id));
        let name = op.open(field::CURSOR_NAME, id, 1, sealed);
        Ok(Some((name.map_err(|_| Refusal::CursorNotValid)?, id)))
    }
}

/// A page.
#[derive(Debug, Clone)]
pub struct Paged<T> {
    /// The things, in the collection's order.
    pub items: Vec<T>,
    /// The cursor of the next page; none on the last one.
    pub next: Option<String>,
}

/// A page of things in the order of their names as people compare them, then of their ids.
///
/// Errors: [`Refusal::CursorNotValid`].
pub fn by_name<T, I: Id>(
    op: &Op,
    asked: &Asked,
    things: Vec<T>,
    place: impl Fn(&T) -> (&str, I),
) -> Result<Paged<T>, Error> {
    let after = asked.name::<I>(op)?.map(|(name, id)| (name, id.uuid()));
    let key = |thing: &T| {
        let (name, id) = place(thing);
        (fold(name), id.uuid())
    };
    let (items, last) = cut(things, after, asked.limit, key);
    let next = last.map(|(name, id)| {
        let id = I::from_uuid(id);
        let sealed = op.seal(op.settings().text_key, field::CURSOR_NAME, id, 1, &name)?;
        Ok::<_, Error>(encode_base64url(&[id.uuid().as_bytes().as_slice(), &sealed].concat()))
    });
    Ok(Paged { items, next: next.transpose()? })
}

/// A page of things, the latest first.
///
/// Errors: [`Refusal::CursorNotValid`].
pub fn newest_first<T>(
    asked: &Asked,
    things: Vec<T>,
    place: impl Fn(&T) -> (Timestamp, Uuid),
) -> Result<Paged<T>, Error> {
    let key = |thing: &T| {
        let (at, id) = place(thing);
        Reverse((at.as_microsecond(), id))
    };
    let (items, last) = cut(things, asked.instant()?.map(Reverse), asked.limit, key);
    Ok(Paged { items, next: last.map(|Reverse((at, id))| instant_cursor(at, id)) })
}

/// A page of things, the earliest first.
///
/// Errors: [`Refusal::CursorNotValid`].
pub fn oldest_first<T>(
    asked: &Asked,
    things: Vec<T>,
    place: impl Fn(&T) -> (Timestamp, Uuid),
) -> Result<Paged<T>, Error> {
    let key = |thing: &T| {
        let (at, id) = place(thing);
        (at.as_microsecond(), id)
    };
    let (items, last) = cut(things, asked.instant()?, asked.limit, key);
    Ok(Paged { items, next: last.map(|(at, id)| instant_cursor(at, id)) })
}

/// The cursor of the page after an instant in microseconds and an id.
pub(crate) fn instant_cursor(at: i64, id: Uuid) -> String {
    encode_base64url(&[at.to_be_bytes().as_slice(), id.as_bytes()].concat())
}

/// The things after a place, in order, and the place of the last one unless nothing follows it.
fn cut<T, K: Ord>(
    things: Vec<T>,
    after: Option<K>,
    limit: usize,
    key: impl Fn(&T) -> K,
) -> (Vec<T>, Option<K>) {
    let mut placed: Vec<(K, T)> = things.into_iter().map(|thing| (key(&thing), thing)).collect();
    if let Some(after) = after {
        placed.retain(|(place, _)| *place > after);
    }
    placed.sort_by(|(one, _), (other, _)| one.cmp(other));
    let is_last = placed.len() <= limit;
    placed.truncate(limit);
    let (mut places, items): (Vec<K>, Vec<T>) = placed.into_iter().unzip();
    (items, if is_last { None } else { places.pop() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_cut_after_a_place() {
        let cut_after = |after| cut(vec![5, 1, 3, 2, 4], after, 2, |thing| *thing);
        assert_eq!(cut_after(None), (vec![1, 2], Some(2)));
        assert_eq!(cut_after(Some(2)), (vec![3, 4], Some(4)));
        assert_eq!(cut_after(Some(3)), (vec![4, 5], None));
        assert_eq!(cut_after(Some(9)), (vec![], None));
    }

    #[test]
    fn cursors_of_instants_are_read_again() {
        let id = Uuid::from_u128(7);
        let asked = |text: &str| Asked::new(Some(text.to_owned()), 0);
        let cursor = instant_cursor(-5, id);
        assert_eq!(asked(&cursor).instant().unwrap(), Some((-5, id)));
        assert_eq!(asked(&cursor).limit(), 1);
        for bad in ["", "x", "AAAA", &cursor[1..], &format!("{cursor}AAAA"), "ä"] {
            assert!(asked(bad).instant().is_err(), "{bad}");
        }
    }
}
