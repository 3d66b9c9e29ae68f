//! What is in a leaf: an event of a workspace, an act of the instance, or the head of a workspace's log.
//!
//! The first byte says which, so that bytes have one reading whichever log they are found in. What a
//! person wrote is in them as a salted commitment alone, and what is sealed not at all: erasing a person
//! or sealing anew with other keys changes no leaf.
//!
//! | first byte | leaf | in the log of |
//! |---|---|---|
//! | `0x01` | [`Event`] | a workspace |
//! | `0x02` | [`Head`] | the instance |
//! | `0x03` | [`Act`] | the instance |
//!
//! All numbers are big-endian, and nothing follows the last field. A *name* is a length (u8, at least 1)
//! and so many graphic ASCII characters. An id that may be missing is `0x00`, or `0x01` and 16 bytes.
//!
//! Deliberately absent: which kinds of events there are, which is the business of features.

mod bytes;
pub mod facts;
#[cfg(test)]
mod tests;

use crate::{Hash, tile::MOST_ENTRY_BYTES};
use bytes::{Reader, Writer};

/// 16 bytes, as a UUID has them.
pub type Id = [u8; 16];

/// Facts that are longer might not fit into a leaf.
pub const MOST_FACTS_BYTES: usize = 64_000;

const EVENT: u8 = 1;
const HEAD: u8 = 2;
const ACT: u8 = 3;

/// The leaf is longer than the files of a log hold, or has a name that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an event's field is too long, or is no name")]
pub struct TooLong;

/// The bytes are not exactly those that such a thing is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these bytes are not canonical")]
pub struct NotCanonical;

/// What is in a leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leaf {
    /// Something happened in a workspace.
    Event(Event),
    /// The log of a workspace had this head.
    Head(Head),
    /// Something happened on the instance.
    Act(Act),
}

/// Something happened in a workspace.
///
/// `0x01`; id; at (i64); actor kind (name); actor id or none; kind (name); object kind (name); object id;
/// subject or none; request id; facts (u32 length and so many bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: Id,
    /// When, in microseconds since 1970 (UTC).
    pub at: i64,
    /// `member`, `token` or `system`.
    pub actor_kind: String,
    /// Who.
    pub actor: Option<Id>,
    /// What happened.
    pub kind: String,
    /// To what kind of thing.
    pub object_kind: String,
    /// To which.
    pub object: Id,
    /// The member it is about.
    pub subject: Option<Id>,
    /// The request that did it.
    pub request: Id,
    /// What changed: see [`facts`].
    pub facts: Vec<u8>,
}

/// An [`Event`] where it stands, in the bytes of its leaf: whoever reads a million copies nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventRef<'a> {
    /// Its id.
    pub id: Id,
    /// When, in microseconds since 1970 (UTC).
    pub at: i64,
    /// `member`, `token` or `system`.
    pub actor_kind: &'a str,
    /// Who.
    pub actor: Option<Id>,
    /// What happened.
    pub kind: &'a str,
    /// To what kind of thing.
    pub object_kind: &'a str,
    /// To which.
    pub object: Id,
    /// The member it is about.
    pub subject: Option<Id>,
    /// The request that did it.
    pub request: Id,
    /// What changed: see [`facts`].
    pub facts: &'a [u8],
}

/// The log of a workspace had this head.
///
/// `0x02`; workspace id; size (u64); root (32 bytes); at (i64).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Whose log.
    pub workspace: Id,
    /// How many leaves it had.
    pub size: u64,
    /// The root of its tree.
    pub root: Hash,
    /// When the head was signed, in microseconds since 1970 (UTC).
    pub at: i64,
}

/// Something happened on the instance: a sign-in, a membership, an operator's command.
///
/// `0x03`; id; at (i64); kind (name); user id or none; request id; facts (u32 length and so many bytes).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Its id.
    pub id: Id,
    /// When, in microseconds since 1970 (UTC).
    pub at: i64,
    /// What happened.
    pub kind: String,
    /// The person it is about.
    pub user: Option<Id>,
    /// The request that did it.
    pub request: Id,
    /// What changed: see [`facts`].
    pub facts: Vec<u8>,
}

impl Leaf {
    /// The canonical bytes: what the leaf's hash is of.
    ///
    /// Errors: [`TooLong`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, TooLong> {
        let mut bytes = Writer::default();
        match self {
            Self::Event(event) => event.write(&mut bytes)?,
            Self::Head(head) => head.write(&mut bytes),
            Self::Act(act) => act.write(&mut bytes)?,
        }
        if bytes.0.len() > MOST_ENTRY_BYTES { Err(TooLong) } else { Ok(bytes.0) }
    }

    /// Reads canonical bytes; [`Leaf::to_bytes`] gives the same bytes again.
    ///
    /// Errors: [`NotCanonical`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NotCanonical> {
        if bytes.len() > MOST_ENTRY_BYTES {
            return Err(NotCanonical);
        }
        let mut reader = Reader(bytes);
        let leaf = match reader.u8()? {
            EVENT => Self::Event(EventRef::read(&mut reader)?.to_event()),
            HEAD => Self::Head(Head::read(&mut reader)?),
            ACT => Self::Act(Act::read(&mut reader)?),
            _ => return Err(NotCanonical),
        };
        reader.end()?;
        Ok(leaf)
    }
}

impl Event {
    fn write(&self, bytes: &mut Writer) -> Result<(), TooLong> {
        bytes.bytes(&[EVENT]).bytes(&self.id).i64(self.at);
        bytes.name(&self.actor_kind)?.id_or_none(self.actor);
        bytes.name(&self.kind)?.name(&self.object_kind)?.bytes(&self.object);
        bytes.id_or_none(self.subject).bytes(&self.request).long(&self.facts)?;
        Ok(())
    }
}

impl<'a> EventRef<'a> {
    /// Reads the canonical bytes of a leaf that is an event.
    ///
    /// Errors: [`NotCanonical`], also for other leaves.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NotCanonical> {
        let mut reader = Reader(bytes);
        if bytes.len() > MOST_ENTRY_BYTES || reader.u8()? != EVENT {
            return Err(NotCanonical);
        }
        let event = Self::read(&mut reader)?;
        reader.end()?;
        Ok(event)
    }

    /// The same, kept.
    pub fn to_event(self) -> Event {
        Event {
            id: self.id,
            at: self.at,
            actor_kind: self.actor_kind.to_owned(),
            actor: self.actor,
            kind: self.kind.to_owned(),
            object_kind: self.object_kind.to_owned(),
            object: self.object,
            subject: self.subject,
            request: self.request,
            facts: self.facts.to_vec(),
        }
    }

    fn read(reader: &mut Reader<'a>) -> Result<Self, NotCanonical> {
        Ok(Self {
            id: reader.array()?,
            at: reader.i64()?,
            actor_kind: reader.name()?,
            actor: reader.id_or_none()?,
            kind: reader.name()?,
            object_kind: reader.name()?,
            object: reader.array()?,
            subject: reader.id_or_none()?,
            request: reader.array()?,
            facts: reader.long()?,
        })
    }
}

impl Head {
    fn write(&self, bytes: &mut Writer) {
        bytes.bytes(&[HEAD]).bytes(&self.workspace).bytes(&self.size.to_be_bytes());
        bytes.bytes(&self.root.0).i64(self.at);
    }

    fn read(reader: &mut Reader) -> Result<Self, NotCanonical> {
        Ok(Self {
            workspace: reader.array()?,
            size: reader.u64()?,
            root: Hash(reader.array()?),
            at: reader.i64()?,
        })
    }
}

impl Act {
    fn write(&self, bytes: &mut Writer) -> Result<(), TooLong> {
        bytes.bytes(&[ACT]).bytes(&self.id).i64(self.at).name(&self.kind)?;
        bytes.id_or_none(self.user).bytes(&self.request).long(&self.facts)?;
        Ok(())
    }

    fn read(reader: &mut Reader) -> Result<Self, NotCanonical> {
        Ok(Self {
            id: reader.array()?,
            at: reader.i64()?,
            kind: reader.name()?.to_owned(),
            user: reader.id_or_none()?,
            request: reader.array()?,
            facts: reader.long()?.to_vec(),
        })
    }
}
