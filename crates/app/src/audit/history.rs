//! Events read again, with their words where they can be opened.

use domain::ids::{EventId, Id, MemberId};
use jiff::Timestamp;
use store::{Row, Statement};
use uuid::Uuid;

use super::{
    Canonical, Fact, Kind,
    texts::{self, Text},
};
use crate::{
    Error, Op, field,
    ledger::unsigned,
    op::{instant, word},
};

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
    /// The member it is about, if it is about one.
    pub subject: Option<MemberId>,
    /// Its place in the ledger, once it has one.
    pub place: Option<u64>,
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
                subject: row.get(7)?,
                place: place(row, 8)?,
                changes: open_changes(op, id, &facts, row.get(6)?)?,
            })
        })
        .collect()
}

/// The place of an event in the ledger, once it has one.
pub(crate) fn place(row: &Row, index: usize) -> Result<Option<u64>, Error> {
    row.get::<Option<i64>>(index)?.map(unsigned).transpose()
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

/// Of which workspace an act of the directory is, where it is of one alone.
///
/// Errors: [`Error::Bug`] for bytes that are no facts.
pub(crate) fn workspace_of(facts: &[u8]) -> Result<Option<Uuid>, Error> {
    let changes = read_changes(facts, &[])?;
    let named = changes.into_iter().find(|change| change.field == "workspace");
    Ok(named.and_then(|change| match change.after {
        RecordedValue::Fact(Fact::Id(id)) => Some(id),
        _ => None,
    }))
}

/// Words of an event, with the salt that shows what has committed to them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// The field.
    pub field: String,
    /// Whether it became so; else it was so.
    pub is_after: bool,
    /// The salt.
    pub salt: [u8; 32],
    /// The words.
    pub text: String,
}

/// The words of an event; none where their key is destroyed.
pub(crate) fn open_words(
    op: &Op,
    id: EventId,
    sealed: Option<Vec<u8>>,
) -> Result<Vec<Words>, Error> {
    let words = |text: Text| Words {
        field: text.field,
        is_after: text.side == 1,
        salt: text.salt,
        text: text.words,
    };
    Ok(open_texts(op, id, sealed)?.into_iter().map(words).collect())
}

/// None where their key is destroyed.
fn open_texts(op: &Op, id: EventId, sealed: Option<Vec<u8>>) -> Result<Vec<Text>, Error> {
    let Some(sealed) = sealed else {
        return Ok(Vec::new());
    };
    let place = op.place(field::EVENT_TEXTS, id, 0);
    let key = vault::Sealed::<String>::from_bytes(sealed.clone()).key_id()?;
    if !op.vault().holds(key) {
        return Ok(Vec::new());
    }
    texts::read(&op.vault().sealing_key(key)?.open(&place, &sealed)?)
}

fn read_changes(facts: &[u8], texts: &[Text]) -> Result<Vec<RecordedChange>, Error> {
    let changes = super::read(facts)?.into_iter().map(|change| {
        let before = in_words(change.before, texts, &change.field, 0);
        let after = in_words(change.after, texts, &change.field, 1);
        RecordedChange { field: change.field, before, after }
    });
    Ok(changes.collect())
}

fn in_words(value: Canonical, texts: &[Text], field: &str, side: u8) -> RecordedValue {
    RecordedValue::Fact(match value {
        Canonical::None => Fact::None,
        Canonical::Int(number) => Fact::Int(number),
        Canonical::Id(id) => Fact::Id(Uuid::from_bytes(id)),
        Canonical::Word(word) => Fact::Word(word),
        Canonical::Commitment(_) => {
            let found = texts.iter().find(|text| text.field == field && text.side == side);
            return found
                .map_or(RecordedValue::Erased, |text| RecordedValue::Text(text.words.clone()));
        }
    })
}

/// Index `events_object`. Of what came in one millisecond the ledger knows the order; what has no place yet
/// came after what has one.
const LIST_OF_OBJECT: Statement = Statement::new(
    "audit.list_of_object",
    "SELECT e.id, e.at, e.actor_kind, e.actor_id, e.kind, e.facts, e.texts_sealed, e.subject_id,
            l.position
     FROM events e LEFT JOIN ledger_leaves l ON l.event_id = e.id
     WHERE e.object_id = $1 AND e.object_kind = $2
     ORDER BY e.at / 1000, COALESCE(l.position, 9223372036854775807), e.at, e.id",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_OF_OBJECT];
