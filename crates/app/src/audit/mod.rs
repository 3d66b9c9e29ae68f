//! Events: what happened, written in the same transaction as the act.
//!
//! An event's facts are canonical bytes: the same facts always give the same bytes, and a personal
//! text appears in them only as a salted commitment. Salts and words are sealed beside them under
//! the key of the member the event is about (or the workspace's), for the history to read.

mod bytes;
mod history;
mod kind;

use domain::ids::{EventId, Id, MemberId};
use jiff::Timestamp;
use store::Statement;
use uuid::Uuid;
use vault::{KeyId, Secret};

pub use history::{Recorded, RecordedChange, RecordedValue};
pub(crate) use history::{history, open_changes, workspace_of};
pub use kind::Kind;

use crate::{Error, Op, actor::Via, field};
use bytes::{Reader, Writer};

/// An event to be recorded.
#[must_use]
pub struct Event {
    kind: Kind,
    object_kind: &'static str,
    object: Uuid,
    subject: Option<Subject>,
    body: Option<[u8; 32]>,
    changes: Vec<Change>,
}

/// The member an event is about, and the key its words are sealed under.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject {
    pub(crate) member: MemberId,
    pub(crate) key: KeyId,
}

struct Change {
    field: &'static str,
    what: What,
}

enum What {
    Fact { before: Fact, after: Fact },
    Text { before: Option<String>, after: Option<String> },
}

/// A value that is not personal text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// Nothing.
    None,
    /// A number, an instant in microseconds, a day, a flag.
    Int(i64),
    /// An id.
    Id(Uuid),
    /// A word of the program's own vocabulary, a zone name.
    Word(String),
}

impl From<i64> for Fact {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Fact {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<Timestamp> for Fact {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_microsecond())
    }
}

impl From<&str> for Fact {
    fn from(value: &str) -> Self {
        Self::Word(value.to_owned())
    }
}

impl From<Uuid> for Fact {
    fn from(value: Uuid) -> Self {
        Self::Id(value)
    }
}

impl<T: Into<Self>> From<Option<T>> for Fact {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None, Into::into)
    }
}

impl Event {
    /// Something happened to an object.
    pub(crate) fn new(kind: Kind, object_kind: &'static str, object: impl Id) -> Self {
        let object = object.uuid();
        Self { kind, object_kind, object, subject: None, body: None, changes: Vec::new() }
    }

    /// It is about this member: its words are sealed under their key.
    pub(crate) fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The keyed hash of the request that made the object.
    pub(crate) fn made_from(mut self, body: Option<[u8; 32]>) -> Self {
        self.body = body;
        self
    }

    /// A field changed; nothing is noted when it stayed as it was.
    pub(crate) fn fact(
        mut self,
        field: &'static str,
        before: impl Into<Fact>,
        after: impl Into<Fact>,
    ) -> Self {
        let (before, after) = (before.into(), after.into());
        if before != after {
            self.changes.push(Change { field, what: What::Fact { before, after } });
        }
        self
    }

    /// A personal text changed; nothing is noted when it stayed as it was.
    pub(crate) fn text(
        mut self,
        field: &'static str,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Self {
        if before != after {
            let (before, after) = (before.map(str::to_owned), after.map(str::to_owned));
            self.changes.push(Change { field, what: What::Text { before, after } });
        }
        self
    }

    /// Whether any field changed.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }
}

pub(crate) fn insert(op: &mut Op, event: Event) -> Result<(), Error> {
    let id: EventId = op.new_id();
    let mut facts = Writer::default();
    let mut texts = Writer::default();
    facts.bytes(&[1]).u16(event.changes.len())?;
    for change in &event.changes {
        facts.name(change.field)?;
        match &change.what {
            What::Fact { before, after } => facts.fact(before)?.fact(after)?,
            What::Text { before, after } => {
                let before = commit(op, &mut texts, change.field, 0, before.as_deref())?;
                let after = commit(op, &mut texts, change.field, 1, after.as_deref())?;
                facts.commitment(before).commitment(after)
            }
        };
    }
    let sealed = seal_texts(op, id, event.subject, texts)?;
    let (actor_kind, actor) = match op.me().via {
        Via::Session | Via::UnprovenSession => ("member", op.me().member.uuid()),
        Via::Token(token, _) => ("token", token.uuid()),
        Via::System => ("system", op.me().member.uuid()),
    };
    let values = [
        id.into(),
        op.now().as_microsecond().into(),
        actor_kind.into(),
        actor.into(),
        event.kind.as_str().into(),
        event.object_kind.into(),
        event.object.into(),
        event.subject.map(|subject| subject.member).into(),
        op.request().into(),
        facts.0.into(),
        sealed.into(),
        event.body.into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(())
}

/// The canonical bytes of changes without personal text, for the events of the directory.
pub(crate) fn facts(changes: &[(&str, Fact, Fact)]) -> Result<Vec<u8>, Error> {
    let mut facts = Writer::default();
    facts.bytes(&[1]).u16(changes.len())?;
    for (field, before, after) in changes {
        facts.name(field)?.fact(before)?.fact(after)?;
    }
    Ok(facts.0)
}

/// The facts of a directory's event as the workspace keeps them: which act it was, and its facts.
pub(crate) fn relayed_facts(act: &str, facts: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader(facts);
    if reader.u8()? != 1 {
        return Err(Error::bug("an event of an unknown version"));
    }
    let count = usize::from(reader.u16()?);
    let mut relayed = Writer::default();
    relayed.bytes(&[1]).u16(count + 1)?;
    relayed.name("act")?.fact(&Fact::None)?.fact(&act.into())?;
    relayed.bytes(reader.0);
    Ok(relayed.0)
}

/// Draws a salt, keeps it with the text for sealing, and gives the commitment.
fn commit(
    op: &Op,
    texts: &mut Writer,
    field: &'static str,
    side: u8,
    text: Option<&str>,
) -> Result<Option<[u8; 32]>, Error> {
    let Some(text) = text else { return Ok(None) };
    let mut salt = [0; 32];
    op.random().fill(&mut salt);
    texts.name(field)?.bytes(&[side]).bytes(&salt).long(text)?;
    Ok(Some(ledger::commit(&salt, text.as_bytes())))
}

fn seal_texts(
    op: &Op,
    id: EventId,
    subject: Option<Subject>,
    texts: Writer,
) -> Result<Option<Vec<u8>>, Error> {
    if texts.0.is_empty() {
        return Ok(None);
    }
    let texts = Secret::new(texts.0);
    let key = subject.map_or(op.settings().text_key, |subject| subject.key);
    let place = op.place(field::EVENT_TEXTS, id, 0);
    let sealed = op.vault().sealing_key(key)?.seal(&place, texts.expose(), op.random())?;
    Ok(Some(sealed))
}

/// The request that made an object, if it was kept.
pub(crate) fn body_of(
    op: &mut Op,
    object_kind: &'static str,
    object: impl Id,
) -> Result<Option<[u8; 32]>, Error> {
    let rows = op.query(&FIND_BODY, &[object.uuid().into(), object_kind.into()])?;
    rows.first().map_or(Ok(None), |row| Ok(row.get(0)?))
}

const INSERT: Statement = Statement::new(
    "audit.insert",
    "INSERT INTO events (id, at, actor_kind, actor_id, kind, object_kind, object_id, subject_id,
                         request_id, facts, texts_sealed, body_mac)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);

/// Index `events_object`.
const FIND_BODY: Statement = Statement::new(
    "audit.find_body",
    "SELECT body_mac FROM events
     WHERE object_id = $1 AND object_kind = $2 AND body_mac IS NOT NULL ORDER BY id LIMIT 1",
);

/// All statements about events.
pub(crate) fn statements() -> Vec<Statement> {
    [&[INSERT, FIND_BODY], history::STATEMENTS].concat()
}
