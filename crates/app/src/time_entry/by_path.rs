//! What an entry is booked on, said by names as behind `@` in a line. What is not there is made, in the
//! transaction of the entry: together with it, or not at all.

use domain::ids::TimeEntryId;

use super::{
    Booking, made_before,
    quick::{Found, find_target, which_one},
    unknown,
};
use crate::{Error, Op, input};

/// The field of the names.
const FIELD: &str = "project_path";

/// A booking with what its path leads to, for an entry of this id and request: where that request
/// made the entry before, nothing is looked up or made anew.
///
/// Errors: [`Error::Invalid`] for `project_path`, also for what is not there and not the asking
/// member's to make; [`Error::IdTaken`]; [`crate::Refusal::ProjectArchived`];
/// [`crate::Refusal::TaskArchived`]; those of making it. Audit: what is made.
pub fn booking_by_path(
    op: &mut Op,
    id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
    path: &[String],
    booking: Booking,
) -> Result<Booking, Error> {
    if path.is_empty() || made_before(op, id, body)?.is_some() {
        return Ok(booking);
    }
    if booking.project.is_some() || booking.task.is_some() {
        let message = "Give either project_path, or project_id and task_id.";
        return Err(Error::invalid(FIELD, "invalid", message));
    }
    let (project, task) = find_or_make(op, path).map_err(of_the_path)?;
    Ok(Booking { project, task, tags: booking.tags })
}

fn find_or_make(op: &mut Op, path: &[String]) -> Result<super::unknown::Target, Error> {
    // An empty name would be the beginning of every other.
    for name in path {
        input::name(FIELD, name)?;
    }
    let names = op.names()?;
    match find_target(op, &names, path) {
        Found::One(project, task) => Ok((Some(project), task)),
        Found::Several(labels) => Err(which_one(&labels)),
        Found::Nothing => {
            let may = unknown::may_make_target(op, &names, path);
            unknown::make_target(op, &names, path, may)
        }
    }
}

/// The rules of lines name the line's field.
fn of_the_path(error: Error) -> Error {
    let Error::Invalid(mut fields) = error else { return error };
    for wrong in &mut fields.0 {
        wrong.field = FIELD;
    }
    Error::Invalid(fields)
}
