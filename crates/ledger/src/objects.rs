//! What a log's events tell of the things they are about: of each thing the last value of each field, and
//! which event told it.
//!
//! A log has as many things as a workspace has rows, so they are kept in few bytes: of a time entry about
//! 250. Kinds of things and fields are numbers of the caller's own list, since which there are is not the
//! business of this crate.

use std::{collections::HashMap, num::NonZeroU64};

use crate::{
    commitment::SALT_BYTES,
    event::{Id, facts::Value},
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// By which event, from 0.
    pub position: u64,
    /// What it is.
    pub value: Value,
    /// The salt of a text's commitment, where it was not destroyed.
    pub salt: Option<[u8; SALT_BYTES]>,
}

/// All things that were told of.
#[derive(Debug, Default)]
pub struct Objects {
    all: HashMap<Key, Object>,
}

#[derive(Debug, Default)]
struct Object {
    /// By which event it ended, from 1.
    ended: Option<NonZeroU64>,
    is_seen: bool,
    /// The newest event that told anything of it, from 0.
    latest: u64,
    /// Of each field its number, the position (7 bits a byte, the lowest first), and the value.
    told: Box<[u8]>,
}

const NONE: u8 = 0;
const INT: u8 = 1;
const ID: u8 = 2;
const WORD: u8 = 3;
const COMMITMENT: u8 = 4;
const SALTED: u8 = 5;

impl Objects {
    /// The thing is there from the event at this position on. One that had ended begins anew: what was told
    /// of it before is told no more.
    pub fn begin(&mut self, key: Key, position: u64) {
        let object = self.all.entry(key).or_default();
        if object.ended.is_some() {
            *object = Object::default();
        }
        object.latest = object.latest.max(position);
    }

    /// The newest event that told anything of a thing: that it began or ended, or what a field is.
    pub fn latest(&self, key: &Key) -> Option<u64> {
        self.all.get(key).map(|object| object.latest)
    }

    /// A field of the thing has this value now.
    pub fn tell(&mut self, key: Key, field: u8, told: &Told) {
        let object = self.all.entry(key).or_default();
        let mut bytes = Vec::with_capacity(object.told.len() + 48);
        let mut rest = &*object.told;
        while let Some((number, _, after)) = split(rest) {
            if number != field {
                bytes.extend_from_slice(rest.get(..rest.len() - after.len()).unwrap_or(rest));
            }
            rest = after;
        }
        write(&mut bytes, field, told);
        object.told = bytes.into_boxed_slice();
        object.latest = object.latest.max(told.position);
    }

    /// The thing is gone for good, by the event at this position.
    pub fn end(&mut self, key: Key, position: u64) {
        let ended = NonZeroU64::MIN.saturating_add(position);
        let object = self.all.entry(key).or_default();
        object.ended = Some(ended);
        object.latest = object.latest.max(position);
    }

    /// Whether there was such a thing and it is gone for good.
    pub fn has_ended(&self, key: &Key) -> bool {
        self.all.get(key).is_some_and(|object| object.ended.is_some())
    }

    /// What was told of the fields of a thing that has not ended.
    pub fn fields(&self, key: &Key) -> Option<Vec<(u8, Told)>> {
        let object = self.all.get(key).filter(|object| object.ended.is_none())?;
        let mut fields = Vec::new();
        let mut rest = &*object.told;
        while let Some((field, told, after)) = split(rest) {
            fields.push((field, told));
            rest = after;
        }
        Some(fields)
    }

    /// The thing was found where things are kept; whether that is the first time.
    pub fn see(&mut self, key: &Key) -> bool {
        let object = self.all.get_mut(key);
        object.is_some_and(|object| !std::mem::replace(&mut object.is_seen, true))
    }

    /// The things that have not ended and were not found, in order.
    pub fn unseen(&self) -> Vec<Key> {
        self.which(|object| !object.is_seen && object.ended.is_none())
    }

    /// The things that ended by an event from this position on, in order.
    pub fn ended_since(&self, position: u64) -> Vec<Key> {
        self.which(|object| object.ended.is_some_and(|ended| ended.get() > position))
    }

    fn which(&self, is_meant: impl Fn(&Object) -> bool) -> Vec<Key> {
        let meant = self.all.iter().filter(|(_, object)| is_meant(object));
        let mut keys: Vec<Key> = meant.map(|(key, _)| *key).collect();
        keys.sort_unstable();
        keys
    }
}

fn write(bytes: &mut Vec<u8>, field: u8, told: &Told) {
    bytes.push(field);
    let mut position = told.position;
    while position > 0x7f {
        bytes.push(low_bits(position) | 0x80);
        position >>= 7;
    }
    bytes.push(low_bits(position));
    match (&told.value, &told.salt) {
        (Value::None, _) => bytes.push(NONE),
        (Value::Int(number), _) => {
            bytes.push(INT);
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        (Value::Id(id), _) => {
            bytes.push(ID);
            bytes.extend_from_slice(id);
        }
        (Value::Word(word), _) => {
            // As long as in an event: a word there has a length of two bytes.
            let length = u16::try_from(word.len()).unwrap_or(u16::MAX);
            bytes.push(WORD);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend(word.bytes().take(usize::from(length)));
        }
        (Value::Commitment(commitment), None) => {
            bytes.push(COMMITMENT);
            bytes.extend_from_slice(commitment);
        }
        (Value::Commitment(commitment), Some(salt)) => {
            bytes.push(SALTED);
            bytes.extend_from_slice(commitment);
            bytes.extend_from_slice(salt);
        }
    }
}

/// The first field, and the bytes after it.
fn split(bytes: &[u8]) -> Option<(u8, Told, &[u8])> {
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
    let (tag, rest) = rest.split_first()?;
    let (value, salt, rest) = match *tag {
        INT => rest
            .split_first_chunk()
            .map(|(number, rest)| (Value::Int(i64::from_be_bytes(*number)), None, rest))?,
        ID => rest.split_first_chunk().map(|(id, rest)| (Value::Id(*id), None, rest))?,
        WORD => {
            let (length, rest) = rest.split_first_chunk()?;
            let (word, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
            (Value::Word(String::from_utf8_lossy(word).into_owned()), None, rest)
        }
        COMMITMENT => {
            let (commitment, rest) = rest.split_first_chunk()?;
            (Value::Commitment(*commitment), None, rest)
        }
        SALTED => {
            let (commitment, rest) = rest.split_first_chunk()?;
            let (salt, rest) = rest.split_first_chunk()?;
            (Value::Commitment(*commitment), Some(*salt), rest)
        }
        _ => (Value::None, None, rest),
    };
    Some((*field, Told { position, value, salt }, rest))
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn key(id: u8) -> Key {
        Key { kind: 1, id: [id; 16], other: [0; 16] }
    }

    #[test]
    fn a_thing_that_ended_is_told_of_no_more_until_it_begins_anew() {
        let mut objects = Objects::default();
        let told = Told { position: 7, value: Value::Int(1), salt: None };
        objects.begin(key(1), 6);
        objects.tell(key(1), 3, &told);
        assert_eq!(objects.fields(&key(1)), Some(vec![(3, told.clone())]));
        objects.begin(key(1), 9);
        assert_eq!(objects.fields(&key(1)), Some(vec![(3, told)]));
        objects.end(key(1), 8);
        assert_eq!((objects.ended_since(8), objects.ended_since(9)), (vec![key(1)], vec![]));
        assert!(objects.has_ended(&key(1)) && !objects.has_ended(&key(2)));
        assert_eq!((objects.fields(&key(1)), objects.unseen()), (None, vec![]));
        objects.begin(key(1), 9);
        assert_eq!(objects.fields(&key(1)), Some(vec![]));
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
            acts in prop::collection::vec((0_u8..4, 0_u8..6, any::<u64>(), value()), 0..60),
        ) {
            let mut objects = Objects::default();
            let mut plain: BTreeMap<(u8, u8), Told> = BTreeMap::new();
            for (id, field, position, (value, salt)) in acts {
                let told = Told { position, value, salt };
                objects.tell(key(id), field, &told);
                plain.insert((id, field), told);
            }
            for id in 0..4 {
                let mut fields = objects.fields(&key(id)).unwrap_or_default();
                fields.sort_by_key(|(field, _)| *field);
                let expected: Vec<_> = plain
                    .range((id, 0)..(id + 1, 0))
                    .map(|((_, field), told)| (*field, told.clone()))
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
