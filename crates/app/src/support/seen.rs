//! What support looks at: one event for each request, in the transaction that reads.
//!
//! The event says which page, which thing or list, and what was asked of the list: ids, days and words
//! of the program. What somebody typed to search for is said to be there, and not what it was.

use domain::ids::{RequestId, SupportId};
use jiff::civil::Date;
use store::Statement;
use uuid::Uuid;

use crate::{
    Error, Op,
    audit::{Event, Fact, Kind},
};

/// What a request shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The page, as the pattern of its address.
    pub page: &'static str,
    /// The thing it is about: its kind and its id; none for a list.
    pub object: Option<(&'static str, Uuid)>,
    /// What was asked of it.
    pub asked: Vec<(&'static str, Asked)>,
}

/// What was asked for, as far as it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// A thing.
    Id(Uuid),
    /// A civil day.
    Day(Date),
    /// A word of the program.
    Word(&'static str),
    /// A text of one's own, which is not told.
    Text,
}

impl Asked {
    fn fact(self) -> Fact {
        match self {
            Self::Id(id) => id.into(),
            Self::Day(day) => Fact::Word(day.to_string()),
            Self::Word(word) => word.into(),
            Self::Text => "(text)".into(),
        }
    }
}

/// Notes that a request of support is answered; whether it is the first time that it reads.
///
/// Errors: [`Error::Store`].
pub(crate) fn is_new_request(op: &mut Op, support: SupportId) -> Result<bool, Error> {
    let request: RequestId = op.request();
    let now = op.now().as_microsecond();
    let is_new = op.execute(&INSERT, &[request.into(), support.into(), now.into()])? > 0;
    if is_new {
        op.execute(&USE, &[support.into(), now.into()])?;
    }
    Ok(is_new)
}

/// Records what it shows.
///
/// Errors: [`Error::Store`]. Audit: `support.seen`.
pub(crate) fn mark_seen(op: &mut Op, support: SupportId, seen: &Seen) -> Result<(), Error> {
    let (kind, object) = seen.object.unwrap_or(("support", support.uuid()));
    let event = Event::new(Kind::SupportSeen, kind, SupportId::from_uuid(object)).fact(
        "page",
        None::<i64>,
        seen.page,
    );
    let asked = seen.asked.iter();
    op.record(asked.fold(event, |event, (name, asked)| event.fact(name, Fact::None, asked.fact())))
}

const INSERT: Statement = Statement::new(
    "support.insert_view",
    "INSERT INTO support_views (request_id, support_id, at) VALUES ($1, $2, $3)
     ON CONFLICT (request_id) DO NOTHING",
);

/// It never goes back.
const USE: Statement = Statement::new(
    "support.use",
    "UPDATE support_requests SET used_at = $2 WHERE id = $1 AND used_at < $2",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT, USE];
