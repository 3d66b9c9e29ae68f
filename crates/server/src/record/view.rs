//! What the page of the record shows.

use askama::Template;

use crate::page::{Field, Layout, Select};

/// The record, page by page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "record/list.html")]
pub struct RecordPage {
    /// The frame.
    pub layout: Layout,
    /// Of whom.
    pub members: Select,
    /// What they have to do with it.
    pub sides: Select,
    /// Which part.
    pub parts: Select,
    /// The one thing that was chosen; empty where none was.
    pub things: Select,
    /// From this day on.
    pub first: Field,
    /// Until this day.
    pub last: Field,
    /// What the workspace's log says of itself, if it has begun.
    pub log: Option<LogHead>,
    /// The latest first, by the day they happened on.
    pub days: Vec<RecordDay>,
    /// The page before in time; empty on the last.
    pub older_url: String,
    /// The first page.
    pub newest_url: String,
    /// Whether this is it.
    pub is_newest: bool,
}

/// The last head of the log.
#[derive(Debug, Clone, Default)]
pub struct LogHead {
    /// How many events are under it.
    pub size: String,
    /// When it was signed: `21 Nov 2026, 13:05:09`.
    pub at: String,
    /// When, RFC 3339.
    pub instant: String,
}

/// What happened to one thing.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "record/thing.html")]
pub struct ThingPage {
    /// The frame.
    pub layout: Layout,
    /// Such as `Project`.
    pub kind: &'static str,
    /// What it is called now.
    pub name: String,
    /// Where it is, below the workspace.
    pub back: String,
    /// Oldest first.
    pub events: Vec<HistoryEvent>,
}

/// What happened on a day, where the reader is.
#[derive(Debug, Clone, Default)]
pub struct RecordDay {
    /// `2026-11-21`.
    pub day: String,
    /// `Saturday, 21 November`.
    pub title: String,
    /// The latest first.
    pub rows: Vec<RecordRow>,
}

/// An event of the record.
#[derive(Debug, Clone, Default)]
pub struct RecordRow {
    /// What happened.
    pub event: HistoryEvent,
    /// To what, by its name; may be empty.
    pub thing: String,
    /// Where it is looked at; empty where it has no page.
    pub href: String,
    /// What stands in the link there where the thing has no name.
    pub unnamed: &'static str,
    /// Whose it is, or whom it is about; empty where that is the one who did it.
    pub about: String,
    /// The record of this thing alone.
    pub only_url: String,
}

/// Something that happened.
#[derive(Debug, Clone, Default)]
pub struct HistoryEvent {
    /// Its id.
    pub id: String,
    /// Its place in the log; empty in its first seconds.
    pub place: String,
    /// Who.
    pub actor: String,
    /// What, in the past tense: `changed it`, `started the timer`.
    pub what: String,
    /// When: `21 Nov 2026, 13:05`.
    pub at: String,
    /// When, RFC 3339.
    pub instant: String,
    /// Fields that changed.
    pub changes: Vec<HistoryChange>,
}

/// A field that changed.
#[derive(Debug, Clone, Default)]
pub struct HistoryChange {
    /// Such as `Note`.
    pub field: String,
    /// What it was; may be empty.
    pub before: String,
    /// What it became; may be empty.
    pub after: String,
}
