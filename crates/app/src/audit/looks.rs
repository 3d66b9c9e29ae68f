//! Looks at somebody else's time: recorded before the answer is given, so that without the event there
//! is none. Who reads a list page by page is recorded once an hour, on each node.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::{day::epoch_day, ids::MemberId, period::Period};
use uuid::Uuid;

use super::{Event, Kind, actor_of};
use crate::{Error, Op};

/// So many looks are remembered; who looks more is recorded more often.
const MOST: usize = 100_000;

/// What somebody was shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Look {
    /// Entries of another member.
    TimeOf(MemberId),
    /// A report, to be taken away as a file.
    ReportFile(Period),
}

/// Where, and by whom: a member, or one of their programs.
type Viewer = (Uuid, Uuid);

/// The looks of this hour that are recorded already. Nothing is wrong when it forgets.
#[derive(Default)]
pub(crate) struct Looks(Mutex<Hour>);

#[derive(Default)]
struct Hour {
    /// Hours since 1970.
    number: i64,
    recorded: HashSet<(Viewer, Look)>,
}

impl Looks {
    /// Those that are to be recorded.
    pub(crate) fn unrecorded(&self, hour: i64, viewer: Viewer, looks: Vec<Look>) -> Vec<Look> {
        let hours = self.of(hour);
        let is_new = |look: &Look| {
            matches!(look, Look::ReportFile(_)) || !hours.recorded.contains(&(viewer, *look))
        };
        looks.into_iter().filter(is_new).collect()
    }

    /// These are recorded.
    pub(crate) fn keep(&self, hour: i64, viewer: Viewer, looks: &[Look]) {
        let mut hours = self.of(hour);
        if hours.recorded.len() > MOST {
            hours.recorded.clear();
        }
        hours.recorded.extend(looks.iter().map(|look| (viewer, *look)));
    }

    /// A clock that was set back begins anew, too.
    fn of(&self, hour: i64) -> MutexGuard<'_, Hour> {
        let mut hours = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if hours.number != hour {
            *hours = Hour { number: hour, recorded: HashSet::new() };
        }
        hours
    }
}

/// Who looks, as events name them.
pub(crate) fn viewer(op: &Op) -> Viewer {
    (op.workspace().uuid(), actor_of(op).1)
}

/// Records what was shown.
///
/// Errors: [`Error::Store`]. Audit: `time.seen`, `report.exported`.
pub(crate) fn record_looks(op: &mut Op, looks: &[Look]) -> Result<(), Error> {
    for look in looks {
        let event = match look {
            Look::TimeOf(member) => {
                let subject = op.names()?.subject(*member)?;
                Event::new(Kind::TimeSeen, "time", *member).about(subject)
            }
            Look::ReportFile(period) => Event::new(Kind::ReportExported, "report", op.workspace())
                .fact("first_day", None::<i64>, epoch_day(period.first()))
                .fact("last_day", None::<i64>, epoch_day(period.last())),
        };
        op.record(event)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_recorded_once_an_hour_and_a_file_always() {
        let looks = Looks::default();
        let viewer = (Uuid::from_u128(1), Uuid::from_u128(2));
        let anna = Look::TimeOf(MemberId::from_bytes([3; 16]));
        let day = jiff::civil::date(2026, 11, 23);
        let file = Look::ReportFile(Period::new(day, day).unwrap());
        assert_eq!(looks.unrecorded(7, viewer, vec![anna, file]), [anna, file]);
        looks.keep(7, viewer, &[anna, file]);
        assert_eq!(looks.unrecorded(7, viewer, vec![anna, file]), [file]);
        let other = (viewer.0, Uuid::from_u128(4));
        assert_eq!(looks.unrecorded(7, other, vec![anna]), [anna]);
        assert_eq!(looks.unrecorded(6, viewer, vec![anna]), [anna], "set back");
        assert_eq!(looks.unrecorded(7, viewer, vec![anna]), [anna]);
    }
}
