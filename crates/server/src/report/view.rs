//! What the report page shows.

use askama::Template;

use crate::page::{Field, Layout, Select, chart::StackedChart};

/// Totals of a range of days, grouped.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "report/summary.html")]
pub struct ReportPage {
    /// The frame.
    pub layout: Layout,
    /// `Hours by client`.
    pub heading: String,
    /// `28 September – 22 November 2026 · everyone`, and the rule that days are counted by.
    pub summary: String,
    /// Ranges to choose at once.
    pub presets: Vec<Preset>,
    /// The first day.
    pub first: Field,
    /// The last day.
    pub last: Field,
    /// By what it is grouped: field `group`.
    pub group: Select,
    /// `376:10`; empty when the range was refused, and there is nothing to show.
    pub total: String,
    /// `318:45`.
    pub billable: String,
    /// `85 %`; empty of nothing.
    pub billable_share: String,
    /// The range as bars.
    pub chart: StackedChart,
    /// `Hours a week`, what the bars are.
    pub chart_title: String,
    /// `Client ▸ Project`, above the names.
    pub group_title: String,
    /// Rows, a group followed by its parts.
    pub rows: Vec<ReportRow>,
    /// The same as a file; empty when the range was refused.
    pub csv_url: String,
}

/// A range to choose.
#[derive(Debug, Clone, Default)]
pub struct Preset {
    /// `This week`.
    pub label: String,
    /// The report over it.
    pub href: String,
    /// Whether it is the one shown.
    pub is_current: bool,
}

/// A group, or a part of the group above it.
#[derive(Debug, Clone, Default)]
pub struct ReportRow {
    /// Its name; `No client`, `No project` for none.
    pub name: String,
    /// Its entries, for those who may see them; empty where there is no such page.
    pub href: String,
    /// 1 to 12; 0 for no colour.
    pub hue: u8,
    /// Whether it is a part.
    pub is_part: bool,
    /// `180:00`.
    pub total: String,
    /// `48 %`.
    pub share: String,
    /// The same as a number, 0 to 100.
    pub percent: i64,
    /// `176:30`; a dash for none.
    pub billable: String,
}
