//! One's own seconds day by day, for the chart beside the day's entries.

use domain::{
    period::Period,
    permission::{Relation, Right},
};

use super::{DayTotal, reach::Reach};
use crate::{Error, Op};

/// What each day of a period got of the asking member's own time, empty days included; the running
/// entry counts up to now.
///
/// Errors: [`Error::Store`].
pub fn week_totals(op: &mut Op, period: Period) -> Result<Vec<DayTotal>, Error> {
    op.require(Right::ReadOwnTime, Relation::Own)?;
    let reach = Reach::Member(op.me().member);
    let mut days = reach.days(op, period)?;
    for running in reach.running(op, period)? {
        for (day, seconds) in running.days {
            *days.entry(day).or_default() += seconds;
        }
    }
    Ok(period
        .iter()
        .map(|day| DayTotal { day, seconds: days.get(&day).copied().unwrap_or(0) })
        .collect())
}
