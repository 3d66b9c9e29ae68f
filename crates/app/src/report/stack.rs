//! What each day of a report got of each of its groups: the bars of its chart.

use std::collections::BTreeMap;

use domain::ids::{Id, ProjectId};
use jiff::civil::Date;
use uuid::Uuid;

use super::{GroupBy, SummaryQuery, reach::Reach};
use crate::{Error, Names, Op};

/// What a day got of a group of the first level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StackPart {
    /// The civil day, in the zone of each entry.
    pub day: Date,
    /// The client or member; none for time without a client.
    pub group: Option<Uuid>,
    /// Whole seconds, more than none.
    pub seconds: i64,
}

/// The days of a report with the groups of its first level, in order of days; the same seconds as
/// [`summary_report`](super::summary_report) in the same state.
///
/// Errors: as there.
pub fn stacked_days(op: &mut Op, query: SummaryQuery) -> Result<Vec<StackPart>, Error> {
    let reach = Reach::choose(op, query.group_by, query.member, query.project)?;
    let names = op.names()?;
    let mut parts: BTreeMap<(Date, Option<Uuid>), i64> = BTreeMap::new();
    match query.group_by {
        GroupBy::ClientProject => {
            for (day, project, seconds) in reach.project_days(op, query.period)? {
                *parts.entry((day, client_of(&names, project))).or_default() += seconds;
            }
        }
        GroupBy::MemberProject => {
            for (day, member, seconds) in reach.member_days(op, query.period)? {
                *parts.entry((day, Some(member.uuid()))).or_default() += seconds;
            }
        }
    }
    for running in reach.running(op, query.period)? {
        let group = match query.group_by {
            GroupBy::ClientProject => client_of(&names, running.project),
            GroupBy::MemberProject => Some(running.member.uuid()),
        };
        for (day, seconds) in running.days {
            *parts.entry((day, group)).or_default() += seconds;
        }
    }
    let parts = parts.into_iter().filter(|(_, seconds)| *seconds > 0);
    Ok(parts.map(|((day, group), seconds)| StackPart { day, group, seconds }).collect())
}

fn client_of(names: &Names, project: Option<ProjectId>) -> Option<Uuid> {
    let project = names.projects.get(&project?)?;
    project.client.map(Id::uuid)
}
