//! Events: what happened, written in the same transaction as the act.
//!
//! An event's facts are canonical bytes: the same facts always give the same bytes, and a personal
//! text appears in them only as a salted commitment. Salts and words are sealed beside them under
//! the key of the member the event is about (or the workspace's), for the history to read.
//!
//! Canonical form, version 1: `0x01`, the number of changes (u16), then each change in the order
//! the operation gave it: field name (u8 length, ASCII), before, after. A value is `0x00` nothing,
//! `0x01` integer (i64), `0x02` id (16 bytes), `0x03` word (u16 length, UTF-8), `0x04` commitment
//! (32 bytes). All numbers are big-endian.

use domain::ids::{EventId, Id, MemberId};
use jiff::Timestamp;
use store::Statement;
use uuid::Uuid;
use vault::{KeyId, Secret};

use crate::{
    Error, Op,
    actor::Via,
    field,
    op::{instant, word},
};

/// Declares the kinds of events with their stable words.
macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident => $word:literal,)+) => {
        /// What happened.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Kind { $($(#[$meta])* $kind,)+ }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];

            /// The stable word, stored and sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word,)+ }
            }
        }

        impl std::str::FromStr for Kind {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, ()> {
                match text { $($word => Ok(Self::$kind),)+ _ => Err(()) }
            }
        }
    };
}

kinds! {
    /// A workspace was set up.
    WorkspaceCreated => "workspace.created",
    /// Its settings changed.
    WorkspaceChanged => "workspace.changed",
    /// Everything was exported.
    WorkspaceExported => "workspace.exported",
    /// A person joined.
    MemberJoined => "member.joined",
    /// A member changed their profile.
    MemberChanged => "member.changed",
    /// A member's role changed.
    MemberRoleChanged => "member.role_changed",
    /// A member was removed.
    MemberRemoved => "member.removed",
    /// A person was invited.
    InvitationSent => "invitation.sent",
    /// An invitation was taken back.
    InvitationRevoked => "invitation.revoked",
    /// A client was added.
    ClientAdded => "client.added",
    /// A client changed.
    ClientChanged => "client.changed",
    /// A client was deleted.
    ClientDeleted => "client.deleted",
    /// A client was taken out of the trash.
    ClientRestored => "client.restored",
    /// A project was added.
    ProjectAdded => "project.added",
    /// A project changed.
    ProjectChanged => "project.changed",
    /// A project was deleted.
    ProjectDeleted => "project.deleted",
    /// A project was taken out of the trash.
    ProjectRestored => "project.restored",
    /// A member was put on a project, or their place changed.
    ProjectMemberPut => "project.member_put",
    /// A member was taken off a project.
    ProjectMemberRemoved => "project.member_removed",
    /// A task was added.
    TaskAdded => "task.added",
    /// A task changed.
    TaskChanged => "task.changed",
    /// A task was deleted.
    TaskDeleted => "task.deleted",
    /// A task was taken out of the trash.
    TaskRestored => "task.restored",
    /// A tag was added.
    TagAdded => "tag.added",
    /// A tag changed.
    TagChanged => "tag.changed",
    /// A tag was deleted.
    TagDeleted => "tag.deleted",
    /// A tag was taken out of the trash.
    TagRestored => "tag.restored",
    /// A timer was started.
    TimerStarted => "timer.started",
    /// A timer was stopped.
    TimerStopped => "timer.stopped",
    /// A timer was discarded.
    TimerDiscarded => "timer.discarded",
    /// An entry was added.
    TimeEntryAdded => "time_entry.added",
    /// An entry changed.
    TimeEntryChanged => "time_entry.changed",
    /// An entry was split; this is its first part.
    TimeEntrySplit => "time_entry.split",
    /// An entry was deleted.
    TimeEntryDeleted => "time_entry.deleted",
    /// An entry was taken out of the trash.
    TimeEntryRestored => "time_entry.restored",
    /// An entry left the trash for good.
    TimeEntryPurged => "time_entry.purged",
    /// A token was made.
    TokenCreated => "token.created",
    /// A token was revoked.
    TokenRevoked => "token.revoked",
    /// An act of the directory, such as a sign-in.
    DirectoryAct => "directory.act",
}

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
    Ok(Some(vault::commit(&salt, text.as_bytes())))
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

/// An event as the history shows it.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its id; ids rise with time.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// `member`, `token` or `system`.
    pub actor_kind: String,
    /// The member, or the token.
    pub actor: Option<Uuid>,
    /// What happened.
    pub kind: Kind,
    /// The fields that changed.
    pub changes: Vec<RecordedChange>,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedChange {
    /// The field.
    pub field: String,
    /// What it was.
    pub before: RecordedValue,
    /// What it became.
    pub after: RecordedValue,
}

/// A value, with words where they could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordedValue {
    /// Not a personal text.
    Fact(Fact),
    /// A personal text.
    Text(String),
    /// A personal text whose words are gone.
    Erased,
}

/// What happened to an object, oldest first. Its kind is part of the question: ids may be chosen by
/// whoever makes a thing, so things of two kinds can have the same one.
///
/// Errors: [`Error::Store`]; the caller has asked for the right to see it.
pub(crate) fn history(
    op: &mut Op,
    object_kind: &'static str,
    object: impl Id,
) -> Result<Vec<Recorded>, Error> {
    let rows = op.query(&LIST_OF_OBJECT, &[object.uuid().into(), object_kind.into()])?;
    rows.iter()
        .map(|row| {
            let id: EventId = row.get(0)?;
            let facts: Vec<u8> = row.get(5)?;
            Ok(Recorded {
                id,
                at: instant(row, 1)?,
                actor_kind: row.get(2)?,
                actor: row.get(3)?,
                kind: word(row, 4)?,
                changes: open_changes(op, id, &facts, row.get(6)?)?,
            })
        })
        .collect()
}

/// What changed in an event, with its words.
pub(crate) fn open_changes(
    op: &Op,
    id: EventId,
    facts: &[u8],
    sealed: Option<Vec<u8>>,
) -> Result<Vec<RecordedChange>, Error> {
    let texts = open_texts(op, id, sealed)?;
    read_changes(facts, &texts)
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

struct Text {
    field: String,
    side: u8,
    words: String,
}

fn open_texts(op: &Op, id: EventId, sealed: Option<Vec<u8>>) -> Result<Vec<Text>, Error> {
    let Some(sealed) = sealed else {
        return Ok(Vec::new());
    };
    let place = op.place(field::EVENT_TEXTS, id, 0);
    let key = vault::Sealed::<String>::from_bytes(sealed.clone()).key_id()?;
    let opened = op.vault().sealing_key(key)?.open(&place, &sealed)?;
    let mut reader = Reader(&opened);
    let mut texts = Vec::new();
    while !reader.0.is_empty() {
        let field = reader.name()?;
        let side = reader.u8()?;
        reader.take(32)?;
        texts.push(Text { field, side, words: reader.long()? });
    }
    Ok(texts)
}

fn read_changes(facts: &[u8], texts: &[Text]) -> Result<Vec<RecordedChange>, Error> {
    let mut reader = Reader(facts);
    if reader.u8()? != 1 {
        return Err(Error::bug("event of an unknown version"));
    }
    let count = reader.u16()?;
    (0..count)
        .map(|_| {
            let field = reader.name()?;
            let before = reader.value(texts, &field, 0)?;
            let after = reader.value(texts, &field, 1)?;
            Ok(RecordedChange { field, before, after })
        })
        .collect()
}

#[derive(Default)]
struct Writer(Vec<u8>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn u16(&mut self, number: usize) -> Result<&mut Self, Error> {
        let number = u16::try_from(number).map_err(|_| too_long())?;
        Ok(self.bytes(&number.to_be_bytes()))
    }

    fn name(&mut self, name: &str) -> Result<&mut Self, Error> {
        let length = u8::try_from(name.len()).map_err(|_| too_long())?;
        Ok(self.bytes(&[length]).bytes(name.as_bytes()))
    }

    fn long(&mut self, text: &str) -> Result<&mut Self, Error> {
        let length = u32::try_from(text.len()).map_err(|_| too_long())?;
        Ok(self.bytes(&length.to_be_bytes()).bytes(text.as_bytes()))
    }

    fn fact(&mut self, fact: &Fact) -> Result<&mut Self, Error> {
        match fact {
            Fact::None => Ok(self.bytes(&[0])),
            Fact::Int(number) => Ok(self.bytes(&[1]).bytes(&number.to_be_bytes())),
            Fact::Id(id) => Ok(self.bytes(&[2]).bytes(id.as_bytes())),
            Fact::Word(word) => Ok(self.bytes(&[3]).u16(word.len())?.bytes(word.as_bytes())),
        }
    }

    fn commitment(&mut self, commitment: Option<[u8; 32]>) -> &mut Self {
        match commitment {
            None => self.bytes(&[0]),
            Some(commitment) => self.bytes(&[4]).bytes(&commitment),
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(cut_short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| cut_short())
    }

    fn u8(&mut self) -> Result<u8, Error> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    fn u16(&mut self) -> Result<u16, Error> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    fn name(&mut self) -> Result<String, Error> {
        let length = self.u8()?;
        self.text(usize::from(length))
    }

    fn long(&mut self) -> Result<String, Error> {
        let length = u32::from_be_bytes(self.array()?);
        self.text(usize::try_from(length).map_err(|_| too_long())?)
    }

    fn text(&mut self, length: usize) -> Result<String, Error> {
        String::from_utf8(self.take(length)?.to_vec()).map_err(|_| cut_short())
    }

    fn value(&mut self, texts: &[Text], field: &str, side: u8) -> Result<RecordedValue, Error> {
        Ok(RecordedValue::Fact(match self.u8()? {
            0 => Fact::None,
            1 => Fact::Int(i64::from_be_bytes(self.array()?)),
            2 => Fact::Id(Uuid::from_bytes(self.array()?)),
            3 => {
                let length = self.u16()?;
                Fact::Word(self.text(usize::from(length))?)
            }
            4 => {
                self.take(32)?;
                let found = texts.iter().find(|text| text.field == field && text.side == side);
                return Ok(found.map_or(RecordedValue::Erased, |text| {
                    RecordedValue::Text(text.words.clone())
                }));
            }
            other => return Err(Error::bug(format!("event value of kind {other}"))),
        }))
    }
}

fn too_long() -> Error {
    Error::bug("an event's field is too long")
}

fn cut_short() -> Error {
    Error::bug("an event is cut short")
}

const INSERT: Statement = Statement::new(
    "audit.insert",
    "INSERT INTO events (id, at, actor_kind, actor_id, kind, object_kind, object_id, subject_id,
                         request_id, facts, texts_sealed, body_mac)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
);

/// Index `events_object`. Ids are UUIDv7, whose time is in milliseconds: `at` tells more.
const LIST_OF_OBJECT: Statement = Statement::new(
    "audit.list_of_object",
    "SELECT id, at, actor_kind, actor_id, kind, facts, texts_sealed
     FROM events WHERE object_id = $1 AND object_kind = $2 ORDER BY at, id",
);

/// Index `events_object`.
const FIND_BODY: Statement = Statement::new(
    "audit.find_body",
    "SELECT body_mac FROM events
     WHERE object_id = $1 AND object_kind = $2 AND body_mac IS NOT NULL ORDER BY id LIMIT 1",
);

/// All statements of this file, for the tests that prepare each on both engines.
pub const STATEMENTS: &[Statement] = &[INSERT, LIST_OF_OBJECT, FIND_BODY];
