//! What the bar of the timer and the Today page show.

use askama::Template;

use crate::{
    page::{Chip, Field, Layout, chart::WeekChart},
    time_entry::view::EntryForm,
};

/// The bar above every page: what runs, and the line.
#[derive(Debug, Clone, Default)]
pub struct TimerBar {
    /// The one-line entry, with what was typed when it was refused.
    pub line: Field,
    /// What a button makes of the names in the line that are not known: `the tag “retro”`; without
    /// one, empty.
    pub offer: String,
    /// Of what the line makes: sent again after a lost answer, it makes nothing twice.
    pub new_id: String,
    /// What runs.
    pub running: Option<Running>,
    /// Whether there is no bar: for who tracks no time.
    pub is_hidden: bool,
}

/// The running entry.
#[derive(Debug, Clone, Default)]
pub struct Running {
    /// The entry's id.
    pub id: String,
    /// What is being done; may be empty.
    pub note: String,
    /// Names, without `#`.
    pub tags: Vec<String>,
    /// What it is booked on.
    pub project: Option<Chip>,
    /// Its start, RFC 3339.
    pub started_at: String,
    /// Its start as people say it: `13:05`.
    pub since: String,
    /// So far, as `1:12:48`.
    pub elapsed: String,
    /// Its start to be changed: `2026-11-21T13:05:12`, wall time of its zone.
    pub start: Field,
    /// `Wall time of Europe/London`, where that is not the member's own zone; else empty.
    pub zone: String,
    /// Whether the form for that is open, since it was refused.
    pub is_open: bool,
    /// `It has been running for 14 h.`, when it runs so long that it may have been forgotten; else
    /// empty.
    pub is_long: String,
    /// Its end to be given then: `2026-11-21T18:00:00`.
    pub end: Field,
}

/// One's own days, with today first.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "timer/today.html")]
pub struct TodayPage {
    /// The frame.
    pub layout: Layout,
    /// The day in full: `Saturday, 21 November`.
    pub heading: String,
    /// `4 h 8 min`.
    pub so_far: String,
    /// Counts it on while an entry of today runs.
    pub so_far_counting: Option<Counting>,
    /// A sentence: `You usually have 5 h 20 min by now.`; empty where not enough is known.
    pub usual: String,
    /// To add an entry by hand.
    pub by_hand: EntryForm,
    /// Whether that form is open.
    pub is_by_hand_open: bool,
    /// Days that have entries, newest first; today always.
    pub days: Vec<DayCard>,
    /// The week.
    pub week: WeekChart,
    /// Its total: `27:40`.
    pub week_total: String,
    /// Counts it on while an entry runs.
    pub week_counting: Option<Counting>,
    /// What to continue.
    pub recent: Vec<Recent>,
    /// The page with earlier days; empty when there are none.
    pub earlier_url: String,
    /// Back to today; empty on the first page.
    pub later_url: String,
    /// Whether there is no entry at all, ever.
    pub is_new: bool,
}

/// A day and its entries.
#[derive(Debug, Clone, Default)]
pub struct DayCard {
    /// The date, ISO 8601.
    pub day: String,
    /// `Today`, `Yesterday`, or the day.
    pub title: String,
    /// `4:08`.
    pub total: String,
    /// Counts the total on while an entry of this day runs.
    pub counting: Option<Counting>,
    /// Its entries, in the order shown.
    pub entries: Vec<EntryRow>,
}

/// A number that counts up in the browser.
#[derive(Debug, Clone, Default)]
pub struct Counting {
    /// From when, RFC 3339.
    pub started_at: String,
    /// On top of so many seconds.
    pub base_s: i64,
}

/// An entry, or a day's share of it.
#[derive(Debug, Clone, Default)]
pub struct EntryRow {
    /// The entry's id.
    pub id: String,
    /// What was done; may be empty.
    pub note: String,
    /// Names, without `#`.
    pub tags: Vec<String>,
    /// What it is booked on, with its task.
    pub project: Option<Chip>,
    /// `13:05 – 14:10`, `13:05 – now`; empty for a duration on a day.
    pub span: String,
    /// This day's share: `1:12`.
    pub duration: String,
    /// Counts the share on while it runs.
    pub counting: Option<Counting>,
    /// Whether it can be billed.
    pub is_billable: bool,
    /// What else is to be said: `overlaps`; may be empty.
    pub remark: String,
    /// Whose it is, where it is not one's own; else empty.
    pub member: String,
    /// The id of a timer that goes on with it; empty where one cannot.
    pub again_id: String,
}

/// Something to continue.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    /// The entry that is continued.
    pub id: String,
    /// Its note, or its project's name.
    pub label: String,
    /// Its project's colour; 0 without one.
    pub hue: u8,
    /// The id of a timer that goes on with it.
    pub again_id: String,
}
