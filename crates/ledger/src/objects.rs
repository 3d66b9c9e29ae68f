//! What a log's events tell of the things they are about: of each thing the last value of each field, and
//! which event told it.
//!
//! A log has as many things as a workspace has rows, so they are kept in few bytes: of a time entry about
//! 250. Kinds of things and fields are numbers of the caller's own list, since which there are is not the
//! business of this crate.

use std::{
    collections::HashMap,
    num::NonZeroU64,
    sync::atomic::{AtomicBool, Ordering},
};

use crate::{
    commitment::SALT_BYTES,
    event::{Id, facts::ValueRef},
};

/// Which thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Of which kind, by a number of the caller's.
    pub kind: u8,
    /// Its id.
    pub id: Id,
    /// The second id of a thing that is a pair, such as a member of a team; else noughts.
    pub other: Id,
}

/// What was told of a field last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'a> {
    /// By which event, from 0.
    pub position: u64,
    /// What it is.
    pub value: ValueRef<'a>,
    /// The salt of a text's commitment, where it was not destroyed.
    pub salt: Option<[u8; SALT_BYTES]>,
}

/// What one event tells of a thing: fields and their values, each field once. It is gathered without the
/// other events, so that many can be at once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Telling {
    /// Of each field its number, and the value.
    told: Vec<u8>,
    /// Fields that keep the value they have.
    first: Vec<u8>,
    /// A bit for each field that may be among them: fields 64 apart share one.
    fields: u64,
}

/// All things that were told of.
#[derive(Debug, Default)]
pub struct Objects {
    all: HashMap<Key, Object>,
}

#[derive(Debug, Default)]
struct Object {
    /// By which event it ended last, from 1.
    ended: Option<NonZeroU64>,
    /// Whether it has begun anew since.
    is_back: bool,
    is_seen: AtomicBool,
    /// The newest event that told anything of it, from 0.
    latest: u64,
    /// Of each field its number, the position (7 bits a byte, the lowest first), and the value.
    told: Box<[u8]>,
}

impl Telling {
    /// The field has this value now, whatever this event has told of it before.
    pub fn tell(&mut self, field: u8, value: ValueRef<'_>, salt: Option<&[u8; SALT_BYTES]>) {
        if self.has(field) {
            let told = std::mem::take(&mut self.told);
            each(&told, |number, whole, _| {
                if number != field {
                    self.told.extend_from_slice(whole);
                }
            });
        }
        self.fields |= bit(field);
        self.told.push(field);
        write(&mut self.told, value, salt);
    }

    /// The field has this value, unless an earlier event has told of one that is not nothing.
    pub fn tell_first(&mut self, field: u8, value: ValueRef<'_>) {
        self.tell(field, value, None);
        self.first.push(field);
    }

    /// Whether it tells nothing.
    pub fn is_empty(&self) -> bool {
        self.told.is_empty()
    }

    fn has(&self, field: u8) -> bool {
        if self.fields & bit(field) == 0 {
            return false;
        }
        let mut is_told = false;
        each(&self.told, |number, _, _| is_told |= number == field);
        is_told
    }
}

const NONE: u8 = 0;
const INT: u8 = 1;
const ID: u8 = 2;
const WORD: u8 = 3;
const COMMITMENT: u8 = 4;
const SALTED: u8 = 5;

/// Room is made for so many.
const USUAL_FIELDS: usize = 16;

impl Objects {
    /// The thing is there from the event at this position on. One that had ended begins anew: what was told
    /// of it before is told no more.
    pub fn begin(&mut self, key: Key, position: u64) {
        let object = self.all.entry(key).or_default();
        if object.has_ended() {
            *object = Object { ended: object.ended, is_back: true, ..Object::default() };
        }
        object.latest = object.latest.max(position);
    }

    /// The newest event that told anything of a thing: that it began or ended, or what a field is.
    pub fn latest(&self, key: &Key) -> Option<u64> {
        self.all.get(key).map(|object| object.latest)
    }

    /// The event at this position tells this of a thing.
    pub fn tell(&mut self, key: Key, position: u64, telling: &Telling) {
        if telling.is_empty() {
            return;
        }
        let object = self.all.entry(key).or_default();
        let stays = |field| telling.first.contains(&field) && object.has(field);
        let mut bytes = Vec::with_capacity(object.told.len() + 2 * telling.told.len());
        let mut rest = &*object.told;
        while let Some((number, _, after)) = split(rest) {
            if !telling.has(number) || stays(number) {
                bytes.extend_from_slice(rest.get(..rest.len() - after.len()).unwrap_or(rest));
            }
            rest = after;
        }
        each(&telling.told, |field, _, value| {
            if !stays(field) {
                bytes.push(field);
                write_position(&mut bytes, position);
                bytes.extend_from_slice(value);
            }
        });
        object.told = bytes.into_boxed_slice();
        object.latest = object.latest.max(position);
    }

    /// The thing is gone for good, by the event at this position.
    pub fn end(&mut self, key: Key, position: u64) {
        let ended = NonZeroU64::MIN.saturating_add(position);
        let object = self.all.entry(key).or_default();
        object.ended = Some(ended);
        object.is_back = false;
        object.latest = object.latest.max(position);
    }

    /// By which event a thing ended last, from 0, whether it has begun anew since or not.
    pub fn last_end(&self, key: &Key) -> Option<u64> {
        Some(self.all.get(key)?.ended?.get() - 1)
    }

    /// Whether there was such a thing and it is gone for good.
    pub fn has_ended(&self, key: &Key) -> bool {
        self.all.get(key).is_some_and(Object::has_ended)
    }

    /// What was told of the fields of a thing that has not ended.
    pub fn fields(&self, key: &Key) -> Option<Vec<(u8, Told<'_>)>> {
        let object = self.all.get(key).filter(|object| !object.has_ended())?;
        let mut fields = Vec::with_capacity(USUAL_FIELDS);
        let mut rest = &*object.told;
        while let Some((field, told, after)) = split(rest) {
            fields.push((field, told));
            rest = after;
        }
        Some(fields)
    }

    /// Whether any thing of this kind was told of.
    pub fn has_any(&self, kind: u8) -> bool {
        self.all.keys().any(|key| key.kind == kind)
    }

    /// The thing was found where things are kept; whether that is the first time.
    pub fn see(&self, key: &Key) -> bool {
        let object = self.all.get(key);
        object.is_some_and(|object| !object.is_seen.swap(true, Ordering::Relaxed))
    }

    /// The things that have not ended and were not found, in order.
    pub fn unseen(&self) -> Vec<Key> {
        self.which(|object| !object.is_seen.load(Ordering::Relaxed) && !object.has_ended())
    }

    /// The things that ended by an event from this position on, in order.
    pub fn ended_since(&self, position: u64) -> Vec<Key> {
        let is_since = |ended: NonZeroU64| ended.get() > position;
        self.which(|object| object.has_ended() && object.ended.is_some_and(is_since))
    }

    fn which(&self, is_meant: impl Fn(&Object) -> bool) -> Vec<Key> {
        let meant = self.all.iter().filter(|(_, object)| is_meant(object));
        let mut keys: Vec<Key> = meant.map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    }
}

impl Object {
    fn has_ended(&self) -> bool {
        self.ended.is_some() && !self.is_back
    }

    /// Whether a field has a value that is not nothing.
    fn has(&self, field: u8) -> bool {
        let mut rest = &*self.told;
        while let Some((number, told, after)) = split(rest) {
            if number == field {
                return told.value != ValueRef::None;
            }
            rest = after;
        }
        false
    }
}

fn bit(field: u8) -> u64 {
    1 << (field % 64)
}

fn write_position(bytes: &mut Vec<u8>, position: u64) {
    let mut position = position;
    while position > 0x7f {
        bytes.push(low_bits(position) | 0x80);
        position >>= 7;
    }
    bytes.push(low_bits(position));
}

fn write(bytes: &mut Vec<u8>, value: ValueRef<'_>, salt: Option<&[u8; SALT_BYTES]>) {
    match (value, salt) {
        (ValueRef::None, _) => bytes.push(NONE),
        (ValueRef::Int(number), _) => {
            bytes.push(INT);
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        (ValueRef::Id(id), _) => {
            bytes.push(ID);
            bytes.extend_from_slice(&id);
        }
        (ValueRef::Word(word), _) => {
            // As long as in an event: a word there has a length of two bytes.
            let length = u16::try_from(word.len()).unwrap_or(u16::MAX);
            bytes.push(WORD);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(word.as_bytes().get(..usize::from(length)).unwrap_or_default());
        }
        (ValueRef::Commitment(commitment), None) => {
            bytes.push(COMMITMENT);
            bytes.extend_from_slice(&commitment);
        }
        (ValueRef::Commitment(commitment), Some(salt)) => {
            bytes.push(SALTED);
            bytes.extend_from_slice(&commitment);
            bytes.extend_from_slice(salt);
        }
    }
}

/// Each field of a telling: its number, all its bytes, and those of its value.
fn each(told: &[u8], mut visit: impl FnMut(u8, &[u8], &[u8])) {
    let mut rest = told;
    while let Some((field, value)) = rest.split_first() {
        let Some((_, _, after)) = read(value) else { return };
        let whole = rest.get(..rest.len() - after.len()).unwrap_or(rest);
        visit(*field, whole, whole.get(1..).unwrap_or_default());
        rest = after;
    }
}

/// The first field, and the bytes after it.
fn split(bytes: &[u8]) -> Option<(u8, Told<'_>, &[u8])> {
    let (field, mut rest) = bytes.split_first()?;
    let (mut position, mut shift) = (0_u64, 0_u32);
    loop {
        let (byte, after) = rest.split_first()?;
        position |= u64::from(byte & 0x7f).checked_shl(shift)?;
        (rest, shift) = (after, shift + 7);
        if byte & 0x80 == 0 {
            break;
        }
    }
    let (value, salt, rest) = read(rest)?;
    Some((*field, Told { position, value, salt }, rest))
}

/// A value, its salt, and the bytes after it.
type Read<'a> = (ValueRef<'a>, Option<[u8; SALT_BYTES]>, &'a [u8]);

fn read(bytes: &[u8]) -> Option<Read<'_>> {
    let (tag, rest) = bytes.split_first()?;
    Some(match *tag {
        INT => rest
            .split_first_chunk()
            .map(|(number, rest)| (ValueRef::Int(i64::from_be_bytes(*number)), None, rest))?,
        ID => rest.split_first_chunk().map(|(id, rest)| (ValueRef::Id(*id), None, rest))?,
        WORD => {
            let (length, rest) = rest.split_first_chunk()?;
            let (word, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            (ValueRef::Word(std::str::from_utf8(word).ok()?), None, rest)
        }
        COMMITMENT => {
            let (commitment, rest) = rest.split_first_chunk()?;
            (ValueRef::Commitment(*commitment), None, rest)
        }
        SALTED => {
            let (commitment, rest) = rest.split_first_chunk()?;
            let (salt, rest) = rest.split_first_chunk()?;
            (ValueRef::Commitment(*commitment), Some(*salt), rest)
        }
        _ => (ValueRef::None, None, rest),
    })
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::event::facts::Value;

    fn key(id: u8) -> Key {
        Key { kind: 1, id: [id; 16], other: [0; 16] }
    }

    fn telling(field: u8, value: ValueRef<'_>) -> Telling {
        let mut telling = Telling::default();
        telling.tell(field, value, None);
        telling
    }

    #[test]
    fn a_thing_that_ended_is_told_of_no_more_until_it_begins_anew() {
        let mut objects = Objects::default();
        let told = Told { position: 7, value: ValueRef::Int(1), salt: None };
        objects.begin(key(1), 6);
        objects.tell(key(1), 7, &telling(3, told.value));
        assert_eq!(objects.fields(&key(1)), Some(vec![(3, told)]));
        objects.begin(key(1), 9);
        assert_eq!(objects.fields(&key(1)), Some(vec![(3, told)]));
        objects.end(key(1), 8);
        assert_eq!((objects.ended_since(8), objects.ended_since(9)), (vec![key(1)], vec![]));
        assert!(objects.has_ended(&key(1)) && !objects.has_ended(&key(2)));
        assert_eq!((objects.fields(&key(1)), objects.unseen()), (None, vec![]));
        objects.begin(key(1), 9);
        assert_eq!(objects.fields(&key(1)), Some(vec![]));
        // That it had ended once is still known.
        assert_eq!((objects.last_end(&key(1)), objects.last_end(&key(2))), (Some(8), None));
        assert_eq!((objects.has_ended(&key(1)), objects.ended_since(0)), (false, vec![]));
    }

    #[test]
    fn what_was_not_found_is_known() {
        let mut objects = Objects::default();
        for id in [3, 1, 2] {
            objects.begin(key(id), 9);
        }
        assert!(objects.see(&key(1)));
        assert!(!objects.see(&key(1)), "twice");
        assert!(!objects.see(&key(9)), "never told of");
        assert_eq!(objects.unseen(), [key(2), key(3)]);
        assert!(objects.has_any(1) && !objects.has_any(2));
    }

    #[test]
    fn what_is_told_first_stays_until_nothing_or_an_end_comes() {
        let mut objects = Objects::default();
        let mut first = |position: u64, value: i64| {
            let mut telling = Telling::default();
            telling.tell_first(3, ValueRef::Int(value));
            objects.tell(key(1), position, &telling);
            objects
                .fields(&key(1))
                .map(|fields| fields.iter().map(|(_, told)| told.position).collect())
        };
        assert_eq!(first(1, 10), Some(vec![1]));
        assert_eq!(first(2, 11), Some(vec![1]));
        objects.tell(key(1), 3, &telling(3, ValueRef::None));
        let mut again = Telling::default();
        again.tell_first(3, ValueRef::Int(12));
        objects.tell(key(1), 4, &again);
        let told = Told { position: 4, value: ValueRef::Int(12), salt: None };
        assert_eq!(objects.fields(&key(1)), Some(vec![(3, told)]));
        assert_eq!(objects.latest(&key(1)), Some(4));
    }

    fn value() -> impl Strategy<Value = (Value, Option<[u8; 32]>)> {
        prop_oneof![
            Just((Value::None, None)),
            any::<i64>().prop_map(|number| (Value::Int(number), None)),
            any::<[u8; 16]>().prop_map(|id| (Value::Id(id), None)),
            any::<String>().prop_map(|word| (Value::Word(word), None)),
            any::<([u8; 32], Option<[u8; 32]>)>()
                .prop_map(|(commitment, salt)| (Value::Commitment(commitment), salt)),
        ]
    }

    proptest! {
        #[test]
        fn the_last_value_of_each_field_is_kept(
            acts in prop::collection::vec(
                (0_u8..4, any::<u64>(), prop::collection::vec((0_u8..6, value()), 0..4)),
                0..40,
            ),
        ) {
            let mut objects = Objects::default();
            let mut plain: BTreeMap<(u8, u8), Told<'_>> = BTreeMap::new();
            for (id, position, told) in &acts {
                let mut telling = Telling::default();
                for (field, (value, salt)) in told {
                    let value = value.as_value_ref();
                    telling.tell(*field, value, salt.as_ref());
                    let told = Told { position: *position, value, salt: *salt };
                    plain.insert((*id, *field), told);
                }
                objects.tell(key(*id), *position, &telling);
            }
            for id in 0..4 {
                let mut fields = objects.fields(&key(id)).unwrap_or_default();
                fields.sort_by_key(|(field, _)| *field);
                let expected: Vec<_> = plain
                    .range((id, 0)..(id + 1, 0))
                    .map(|((_, field), told)| (*field, *told))
                    .collect();
                prop_assert_eq!(fields, expected);
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            let _ = split(&bytes);
        }
    }
}
