//! The summary report: a period, grouped at two levels, with its days.

use domain::{
    ids::{MemberId, ProjectId},
    period::Period,
    permission::Right,
};
use jiff::civil::Date;

use super::{
    group::{Group, GroupBy, Total, group},
    reach::Reach,
};
use crate::{Error, Op, audit::Look};

/// What to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryQuery {
    /// Its days, both ends included.
    pub period: Period,
    /// Its two levels.
    pub group_by: GroupBy,
    /// One member's time only.
    pub member: Option<MemberId>,
    /// Time on one project only.
    pub project: Option<ProjectId>,
}

/// The seconds of a period. The sum of the groups, the sum of the days and the total are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its days, both ends included.
    pub period: Period,
    /// Its two levels.
    pub group_by: GroupBy,
    /// All of it.
    pub total_s: i64,
    /// Of these, billable.
    pub billable_s: i64,
    /// By the first level, and in each by the second; the longest first, unnamed last.
    pub groups: Vec<Group>,
    /// Days that have any time, in order.
    pub days: Vec<DayTotal>,
}

/// What a day got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTotal {
    /// The civil day, in the zone of each entry.
    pub day: Date,
    /// Whole seconds.
    pub seconds: i64,
}

/// One line of the report as a flat table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SummaryRow<'a> {
    /// The name at the first level.
    pub group: &'a str,
    /// The name at the second level.
    pub subgroup: &'a str,
    /// Whole seconds.
    pub seconds: i64,
    /// Of these, billable.
    pub billable_s: i64,
}

impl Summary {
    /// The report as a flat table, in its order: what a CSV file holds.
    pub fn rows(&self) -> impl Iterator<Item = SummaryRow<'_>> {
        self.groups.iter().flat_map(|outer| {
            outer.groups.iter().map(|inner| SummaryRow {
                group: &outer.name,
                subgroup: &inner.name,
                seconds: inner.seconds,
                billable_s: inner.billable_s,
            })
        })
    }
}

/// Sums up a period to be taken away as a file.
///
/// Errors: as [`summary_report`].
pub fn summary_file(op: &mut Op, query: SummaryQuery) -> Result<Summary, Error> {
    op.require_somewhere(Right::ExportReports)?;
    let summary = summary_report(op, query)?;
    op.looks(Look::ReportFile(query.period));
    Ok(summary)
}

/// Sums up a period, running entries up to now included.
///
/// A member's report is of their own time; a manager's of theirs, that of their teams and all time on
/// the projects they manage; a guest's of their client's projects; of who sees all time, of everything.
///
/// Errors: [`Error::Forbidden`] for a member whose time the asking one may not see,
/// and for a guest who asks for people;
/// [`Error::NotFound`] for a project or member that is not there.
pub fn summary_report(op: &mut Op, query: SummaryQuery) -> Result<Summary, Error> {
    let reach = Reach::choose(op, query.group_by, query.member, query.project)?;
    let mut totals = reach.totals(op, query.period)?;
    let mut days = reach.days(op, query.period)?;
    for running in reach.running(op, query.period)? {
        let seconds = running.days.iter().map(|(_, seconds)| seconds).sum();
        let total = Total { seconds, billable_s: if running.is_billable { seconds } else { 0 } };
        totals.entry((running.project, running.member)).or_default().add(total);
        for (day, seconds) in running.days {
            *days.entry(day).or_default() += seconds;
        }
    }
    let groups = group(&totals, query.group_by, &*op.names()?)?;
    let total_s = groups.iter().map(|group| group.seconds).sum();
    if days.values().sum::<i64>() != total_s {
        return Err(Error::bug("the days of a report do not add up to its total"));
    }
    Ok(Summary {
        period: query.period,
        group_by: query.group_by,
        total_s,
        billable_s: groups.iter().map(|group| group.billable_s).sum(),
        groups,
        days: days
            .into_iter()
            .filter(|(_, seconds)| *seconds > 0)
            .map(|(day, seconds)| DayTotal { day, seconds })
            .collect(),
    })
}
