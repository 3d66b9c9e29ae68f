//! What the pages of an entry show: its form, its history, the trash.

use askama::Template;

use crate::{
    page::{Chip, Field, Layout, Select},
    record::view::HistoryEvent,
};

/// The form of an entry, in place and on a page of its own.
#[derive(Debug, Clone, Default)]
pub struct EntryForm {
    /// The entry's id; empty for one to be added.
    pub id: String,
    /// `entry-` and the id, or `entry-new`: the form's id and what its fields' ids begin with.
    pub dom_id: String,
    /// The version it was read at.
    pub version: String,
    /// Of what the form makes: a new entry, or a copy of this one. Sent again after a lost answer, it
    /// makes nothing twice.
    pub new_id: String,
    /// Where it leads when it is done, below the workspace; Today when empty.
    pub back: String,
    /// A sentence about the whole; empty when nothing is wrong.
    pub error: String,
    /// What was done.
    pub note: Field,
    /// Projects by client; fields `project`.
    pub projects: Select,
    /// Tasks by project, each group with its project's id.
    pub tasks: Select,
    /// All tags to choose from.
    pub tags: Vec<TagChoice>,
    /// What is wrong with the tags; empty when nothing is.
    pub tags_error: String,
    /// Whose a new entry is, field `member`; without choices it is one's own.
    pub members: Select,
    /// Whether it can be billed.
    pub is_billable: bool,
    /// Of a new entry: as the project says, yes or no.
    pub billable: Select,
    /// How its time is entered.
    pub time: EntryTime,
    /// What a length can look like, with what a bare number means here.
    pub length_hint: String,
    /// `Wall time of Europe/London`, where that is not the member's own zone; else empty.
    pub zone: String,
    /// What happened to it, oldest first.
    pub events: Vec<HistoryEvent>,
    /// Whether the asking member may change it; otherwise the form is only read.
    pub is_locked: bool,
}

/// How the time of an entry is entered.
#[derive(Debug, Clone)]
pub enum EntryTime {
    /// From one wall time to another: `started_at`, `stopped_at` as `2026-11-21T13:05:12`.
    Interval {
        /// Its start.
        start: Field,
        /// Its end.
        stop: Field,
        /// Where it would be split: `split_at`, the middle at first.
        split: Field,
    },
    /// Still running: `started_at`, and `stopped_at` to end it at another time than now.
    Running {
        /// Its start.
        start: Field,
        /// Its end; empty while it runs.
        stop: Field,
    },
    /// So much on a day: `day`, `duration`.
    Duration {
        /// `2026-11-21`.
        day: Field,
        /// `1:30`.
        duration: Field,
    },
    /// Of a new entry, either: `day`, then `start` and `stop` as `13:05`, or `duration`.
    Either {
        /// `2026-11-21`.
        day: Field,
        /// `13:05`, may be empty.
        start: Field,
        /// `14:10`, may be empty.
        stop: Field,
        /// `1:30`, may be empty.
        duration: Field,
    },
}

impl Default for EntryTime {
    fn default() -> Self {
        Self::Either {
            day: Field::default(),
            start: Field::default(),
            stop: Field::default(),
            duration: Field::default(),
        }
    }
}

/// A tag to choose.
#[derive(Debug, Clone, Default)]
pub struct TagChoice {
    /// What is sent, as `tag`, once for each chosen.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// An entry on a page of its own.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "time_entry/edit.html")]
pub struct EditEntryPage {
    /// The frame.
    pub layout: Layout,
    /// `Edit entry` or `Add time`.
    pub heading: String,
    /// Whose it is, when it is not one's own; else empty.
    pub whose: String,
    /// Where it was opened.
    pub back: String,
    /// The form.
    pub form: EntryForm,
}

/// What happened to an entry.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "time_entry/history.html")]
pub struct HistoryPage {
    /// The frame.
    pub layout: Layout,
    /// The entry's id.
    pub id: String,
    /// What it is about: note, project and day in a line.
    pub about: String,
    /// Whether it is in the trash.
    pub is_deleted: bool,
    /// What happened, oldest first.
    pub events: Vec<HistoryEvent>,
}

/// What was deleted in the last 30 days.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "time_entry/trash.html")]
pub struct TrashPage {
    /// The frame.
    pub layout: Layout,
    /// The entries, latest deleted first.
    pub entries: Vec<TrashedEntry>,
    /// Clients, projects, tasks and tags that one may restore, latest deleted first; on the first
    /// page.
    pub things: Vec<TrashedThing>,
    /// To the entries that were deleted before these; may be empty.
    pub older_url: String,
    /// Back to the first page; empty on it.
    pub newest_url: String,
}

/// A deleted client, project, task or tag.
#[derive(Debug, Clone, Default)]
pub struct TrashedThing {
    /// Its id.
    pub id: String,
    /// `client`, `project`, `task` or `tag`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The client of a project, the project of a task; may be empty.
    pub of: String,
    /// `Goes for good on 20 December`.
    pub remark: String,
}

/// A deleted entry.
#[derive(Debug, Clone, Default)]
pub struct TrashedEntry {
    /// Its id.
    pub id: String,
    /// What was done; may be empty.
    pub note: String,
    /// What it was booked on.
    pub project: Option<Chip>,
    /// `20 Nov, 13:05 – 14:10`.
    pub when: String,
    /// `1:05`.
    pub duration: String,
    /// `Goes for good on 20 December`.
    pub remark: String,
}

/// Entries of others, newest first.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "time_entry/time.html")]
pub struct TimePage {
    /// The frame.
    pub layout: Layout,
    /// Whether everybody's time is seen, or only that on projects one manages.
    pub sees_everything: bool,
    /// Whether one manages a team.
    pub leads: bool,
    /// Field `project`.
    pub projects: Select,
    /// Field `member`.
    pub members: Select,
    /// The first day; may be empty.
    pub first: Field,
    /// The last day; may be empty.
    pub last: Field,
    /// To add an entry by hand, for others too.
    pub by_hand: EntryForm,
    /// Days with their entries.
    pub days: Vec<crate::timer::view::DayCard>,
    /// What the address of an entry's form ends with, so that it leads back here.
    pub query: String,
    /// The next page; empty on the last one.
    pub older_url: String,
    /// The first page; empty on it.
    pub newest_url: String,
}
