//! Events: what happened, written in the same transaction as the act.
//!
//! An event's facts are canonical bytes: the same facts always give the same bytes, and a personal
//! text appears in them only as a salted commitment. Salts and words are sealed beside them under
//! the key of the member the event is about (or the workspace's), for the history to read.

mod history;
mod kind;
mod looks;
mod texts;

use domain::ids::{EventId, Id, MemberId, OperatorId, SupportId};
use jiff::Timestamp;
use ledger::event::{
    MOST_FACTS_BYTES,
    facts::{self, Value as Canonical},
};
use store::Statement;
use uuid::Uuid;
use vault::{KeyId, Secret};

pub use history::{Recorded, RecordedChange, RecordedValue, Words};
pub(crate) use history::{history, open_changes, open_words, place, workspace_of};
pub use kind::Kind;
pub(crate) use looks::{Look, Looks, record_looks, viewer};

use crate::{Error, Op, actor::Via, field, security::Happened};
use texts::Text;

/// An event to be recorded.
#[must_use]
pub struct Event {
    kind: Kind,
    object_kind: &'static str,
    object: Uuid,
    subject: Option<Subject>,
    body: Option<[u8; 32]>,
    /// Who acts, where it is not the asking member.
    actor: Option<(&'static str, Uuid)>,
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

impl From<Fact> for Canonical {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::None => Self::None,
            Fact::Int(number) => Self::Int(number),
            Fact::Id(id) => Self::Id(id.into_bytes()),
            Fact::Word(word) => Self::Word(word),
        }
    }
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
        let (subject, body, actor) = (None, None, None);
        Self { kind, object_kind, object, subject, body, actor, changes: Vec::new() }
    }

    /// An operator did it, at the server: the program acts in the name of a member, who did not. Their
    /// name is in the event, as the text `operator`.
    pub(crate) fn by_operator(mut self, operator: OperatorId) -> Self {
        self.actor = Some(("operator", operator.uuid()));
        self
    }

    /// Support did it, or it happened to what support was given, while nobody of the workspace asked.
    pub(crate) fn by_support(mut self, support: SupportId) -> Self {
        self.actor = Some(("support", support.uuid()));
        self
    }

    fn actor(&self, op: &Op) -> (&'static str, Uuid) {
        self.actor.unwrap_or_else(|| actor_of(op))
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

    /// What the log of security is told of it, where it concerns that.
    pub(crate) fn of_security(&self, op: &Op) -> Option<Happened> {
        let happened = Happened {
            workspace: Some(op.workspace()),
            actor: Some(self.actor(op)),
            object: Some((self.object_kind, self.object)),
            ..Happened::to(self.kind.as_str(), op.request(), None)
        };
        self.kind.is_of_security().then_some(happened)
    }

    /// Whether any field changed.
    pub(crate) fn has_changes(&self) -> bool {
        !self.changes.is_empty()
    }
}

pub(crate) fn insert(op: &mut Op, event: Event) -> Result<(), Error> {
    let id: EventId = op.new_id();
    let (actor_kind, actor) = event.actor(op);
    let mut texts = Vec::new();
    let changes = event.changes.into_iter().map(|change| canonical(op, change, &mut texts));
    let facts = written(&changes.collect::<Vec<_>>())?;
    let sealed = seal_texts(op, id, event.subject, &texts)?;
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
        facts.into(),
        sealed.into(),
        event.body.into(),
    ];
    op.execute(&INSERT, &values)?;
    op.execute(&AWAIT_LEAF, &[id.into()])?;
    Ok(())
}

/// Who acts, as events and the log name them.
fn actor_of(op: &Op) -> (&'static str, Uuid) {
    match op.me().via {
        Via::Session | Via::UnprovenSession => ("member", op.me().member.uuid()),
        Via::Token(token, _) => ("token", token.uuid()),
        Via::Support(support, ..) => ("support", support.uuid()),
        Via::System => ("system", op.me().member.uuid()),
    }
}

/// The canonical bytes of changes without personal text, for the events of the directory.
pub(crate) fn facts(changes: &[(&str, Fact, Fact)]) -> Result<Vec<u8>, Error> {
    let changes = changes.iter().map(|(field, before, after)| facts::Change {
        field: (*field).to_owned(),
        before: before.clone().into(),
        after: after.clone().into(),
    });
    written(&changes.collect::<Vec<_>>())
}

/// The facts of a directory's event as the workspace keeps them: which act it was, and its facts.
pub(crate) fn relayed_facts(act: &str, facts: &[u8]) -> Result<Vec<u8>, Error> {
    let act = Canonical::Word(act.to_owned());
    let act = facts::Change { field: "act".to_owned(), before: Canonical::None, after: act };
    let mut changes = vec![act];
    changes.extend(read(facts)?);
    written(&changes)
}

/// Which act of the directory the facts of an event tell, as [`relayed_facts`] has written them.
///
/// Errors: a bug, where they tell none.
pub(crate) fn act_of(facts: &[u8]) -> Result<String, Error> {
    let first = read(facts)?.into_iter().next().filter(|change| change.field == "act");
    let act = first.and_then(|change| match change.after {
        Canonical::Word(act) => Some(act),
        _ => None,
    });
    act.ok_or_else(|| Error::bug("an event of the directory that tells no act"))
}

/// The changes in canonical bytes.
fn read(facts: &[u8]) -> Result<Vec<facts::Change>, Error> {
    facts::parse(facts).map_err(|error| Error::bug(format!("the facts of an event: {error}")))
}

/// The canonical bytes of changes, if they fit into a leaf of the ledger.
fn written(changes: &[facts::Change]) -> Result<Vec<u8>, Error> {
    let facts = facts::write(changes).map_err(|error| Error::bug(error.to_string()))?;
    if facts.len() > MOST_FACTS_BYTES { Err(Error::bug("an event is too long")) } else { Ok(facts) }
}

/// A change as the canonical bytes have it; its texts are kept for sealing.
fn canonical(op: &Op, change: Change, texts: &mut Vec<Text>) -> facts::Change {
    let field = change.field.to_owned();
    match change.what {
        What::Fact { before, after } => {
            facts::Change { field, before: before.into(), after: after.into() }
        }
        What::Text { before, after } => {
            let mut commit = |side, words: Option<String>| {
                words
                    .map_or(Canonical::None, |words| commit(op, texts, (change.field, side), words))
            };
            facts::Change { field, before: commit(0, before), after: commit(1, after) }
        }
    }
}

/// Draws a salt, keeps it with the words for sealing, and gives the commitment.
fn commit(
    op: &Op,
    texts: &mut Vec<Text>,
    (field, side): (&'static str, u8),
    words: String,
) -> Canonical {
    let mut salt = [0; 32];
    op.random().fill(&mut salt);
    let commitment = ledger::commit(&salt, words.as_bytes());
    texts.push(Text { field: field.to_owned(), side, salt, words });
    Canonical::Commitment(commitment)
}

fn seal_texts(
    op: &Op,
    id: EventId,
    subject: Option<Subject>,
    texts: &[Text],
) -> Result<Option<Vec<u8>>, Error> {
    if texts.is_empty() {
        return Ok(None);
    }
    let texts = Secret::new(texts::write(texts)?);
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

/// In the transaction of the event: so every event becomes a leaf of the ledger.
pub(crate) const AWAIT_LEAF: Statement =
    Statement::new("audit.await_leaf", "INSERT INTO ledger_pending (event_id) VALUES ($1)");

/// Index `events_object`.
const FIND_BODY: Statement = Statement::new(
    "audit.find_body",
    "SELECT body_mac FROM events
     WHERE object_id = $1 AND object_kind = $2 AND body_mac IS NOT NULL ORDER BY id LIMIT 1",
);

/// All statements about events.
pub(crate) fn statements() -> Vec<Statement> {
    [&[INSERT, AWAIT_LEAF, FIND_BODY], history::STATEMENTS].concat()
}
