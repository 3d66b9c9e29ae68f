//! Collections, page by page: a page begins after the last thing of the one before.
//!
//! A cursor holds the place of that thing in the collection's order, not its number: what is added,
//! changed or deleted between two pages neither hides a thing that was there nor shows one twice. The
//! place is a name with an id, or an instant with an id, so that it stays where it was also when the
//! thing itself is renamed or gone. Addresses are written down by proxies, so the place is sealed, with
//! what the pages are of: a cursor of another collection, or one that was changed, is none of ours.
//!
//! Named things and members are in memory already ([`crate::names`]) and are cut here; time entries
//! grow without end, and are cut by the database.

use std::cmp::Ordering;

use domain::ids::{Id, TimeEntryId};
use jiff::Timestamp;
use uuid::Uuid;
use vault::{decode_base64url, encode_base64url};

use crate::{Error, Op, Refusal, field, names::fold};

/// The most things on a page.
pub const MOST: usize = 200;

/// Which page is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    of: String,
    cursor: Option<String>,
    limit: usize,
}

impl Asked {
    /// The page after `cursor` (the first when none) with up to `limit` things, 1 to [`MOST`]. `of`
    /// says which collection and which of its things; a cursor is good for the same again.
    pub fn new(of: impl Into<String>, cursor: Option<String>, limit: usize) -> Self {
        Self { of: of.into(), cursor, limit: limit.clamp(1, MOST) }
    }

    /// How many things the page holds at most.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// The place that the page begins after: the id, and what it is ordered by before that.
    ///
    /// The key is the one that seals cursors here, never the one that the bytes name: whoever sends
    /// them could name any, and have the keyring searched for it.
    ///
    /// Errors: [`Refusal::CursorNotValid`].
    fn place(&self, op: &Op) -> Result<Option<(String, Uuid)>, Error> {
        let Some(text) = &self.cursor else { return Ok(None) };
        let key = op.vault().sealing_key(op.settings().text_key)?;
        let read = || {
            let bytes = decode_base64url(text).ok()?;
            let (id, sealed) = bytes.split_first_chunk::<16>()?;
            let id = Uuid::from_bytes(*id);
            let place = op.place(field::CURSOR, TimeEntryId::from_uuid(id), 1);
            let opened = String::from_utf8(key.open(&place, sealed).ok()?).ok()?;
            let place = opened.strip_prefix(self.of.as_str())?.strip_prefix('\n')?;
            Some((place.to_owned(), id))
        };
        Ok(Some(read().ok_or(Refusal::CursorNotValid)?))
    }

    /// The numbers and the id that the page begins after.
    ///
    /// Errors: [`Refusal::CursorNotValid`].
    pub(crate) fn numbers<const N: usize>(
        &self,
        op: &Op,
    ) -> Result<Option<([i64; N], Uuid)>, Error> {
        let Some((place, id)) = self.place(op)? else { return Ok(None) };
        let numbers: Result<Vec<i64>, _> = place.split(' ').map(str::parse).collect();
        let numbers = numbers.ok().and_then(|numbers| numbers.try_into().ok());
        Ok(Some((numbers.ok_or(Refusal::CursorNotValid)?, id)))
    }

    /// The cursor of the page after a place.
    fn cursor(&self, op: &Op, place: &str, id: Uuid) -> Result<String, Error> {
        let row = TimeEntryId::from_uuid(id);
        let text = format!("{}\n{place}", self.of);
        let sealed = op.seal(op.settings().text_key, field::CURSOR, row, 1, &text)?;
        Ok(encode_base64url(&[id.as_bytes().as_slice(), &sealed].concat()))
    }

    /// The cursor of the page after numbers and an id.
    pub(crate) fn cursor_of_numbers(
        &self,
        op: &Op,
        numbers: &[i64],
        id: Uuid,
    ) -> Result<String, Error> {
        let words: Vec<String> = numbers.iter().map(i64::to_string).collect();
        self.cursor(op, &words.join(" "), id)
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
    let key = |thing: &T| {
        let (name, id) = place(thing);
        (fold(name), id.uuid())
    };
    let (items, last) = cut(things, asked.place(op)?, asked.limit, key, Ord::cmp);
    let next = last.map(|(name, id)| asked.cursor(op, &name, id));
    Ok(Paged { items, next: next.transpose()? })
}

/// A page of things, the latest first.
///
/// Errors: [`Refusal::CursorNotValid`].
pub fn newest_first<T>(
    op: &Op,
    asked: &Asked,
    things: Vec<T>,
    place: impl Fn(&T) -> (Timestamp, Uuid),
) -> Result<Paged<T>, Error> {
    by_instant(op, asked, things, place, |one, other| other.cmp(one))
}

/// A page of things, the earliest first.
///
/// Errors: [`Refusal::CursorNotValid`].
pub fn oldest_first<T>(
    op: &Op,
    asked: &Asked,
    things: Vec<T>,
    place: impl Fn(&T) -> (Timestamp, Uuid),
) -> Result<Paged<T>, Error> {
    by_instant(op, asked, things, place, Ord::cmp)
}

/// An instant in microseconds, and an id.
type At = ([i64; 1], Uuid);

fn by_instant<T>(
    op: &Op,
    asked: &Asked,
    things: Vec<T>,
    place: impl Fn(&T) -> (Timestamp, Uuid),
    order: impl Fn(&At, &At) -> Ordering,
) -> Result<Paged<T>, Error> {
    let key = |thing: &T| {
        let (at, id) = place(thing);
        ([at.as_microsecond()], id)
    };
    let (items, last) = cut(things, asked.numbers(op)?, asked.limit, key, order);
    let next = last.map(|(at, id)| asked.cursor_of_numbers(op, &at, id));
    Ok(Paged { items, next: next.transpose()? })
}

/// The things after a place, in order, and the place of the last one unless nothing follows it.
fn cut<T, K>(
    things: Vec<T>,
    after: Option<K>,
    limit: usize,
    key: impl Fn(&T) -> K,
    order: impl Fn(&K, &K) -> Ordering,
) -> (Vec<T>, Option<K>) {
    let mut placed: Vec<(K, T)> = things.into_iter().map(|thing| (key(&thing), thing)).collect();
    if let Some(after) = after {
        placed.retain(|(place, _)| order(place, &after).is_gt());
    }
    placed.sort_by(|(one, _), (other, _)| order(one, other));
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
        let things = || vec![5, 1, 3, 2, 4];
        let cut_after = |after| cut(things(), after, 2, |thing| *thing, i32::cmp);
        assert_eq!(cut_after(None), (vec![1, 2], Some(2)));
        assert_eq!(cut_after(Some(2)), (vec![3, 4], Some(4)));
        assert_eq!(cut_after(Some(3)), (vec![4, 5], None));
        assert_eq!(cut_after(Some(9)), (vec![], None));
        let backwards = |one: &i32, other: &i32| other.cmp(one);
        let cut_before = |after| cut(things(), after, 2, |thing| *thing, backwards);
        assert_eq!(cut_before(None), (vec![5, 4], Some(4)));
        assert_eq!(cut_before(Some(4)), (vec![3, 2], Some(2)));
        assert_eq!(cut_before(Some(2)), (vec![1], None));
    }
}
