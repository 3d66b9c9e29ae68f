//! What an entry is booked on, checked.

use domain::{
    ids::{MemberId, ProjectId, TagId, TaskId},
    permission::{Relation, Right},
};

use crate::{Error, Op, Refusal};

/// What an entry is booked on, as asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Booking {
    /// The project, or none.
    pub project: Option<ProjectId>,
    /// A task of that project; needs the project.
    pub task: Option<TaskId>,
    /// Labels; the order and repetitions do not matter.
    pub tags: Vec<TagId>,
}

/// A booking that may be written.
#[derive(Debug, Clone)]
pub(crate) struct CheckedBooking {
    pub(crate) project: Option<ProjectId>,
    pub(crate) task: Option<TaskId>,
    pub(crate) tags: Vec<TagId>,
    /// What the project says about new entries.
    pub(crate) is_billable: bool,
}

/// Most tags an entry can have.
pub const MOST_TAGS: usize = 20;

/// How an entry of `member` on `project` stands to the asking member.
///
/// Errors: [`Error::Store`].
pub fn relation_of(
    op: &mut Op,
    member: MemberId,
    project: Option<ProjectId>,
) -> Result<Relation, Error> {
    let me = op.me().member;
    if member == me {
        return Ok(Relation::Own);
    }
    let names = op.names()?;
    let of_member = names.relation_of_members(me, member);
    let of_project = project.and_then(|id| names.projects.get(&id)).map(|it| it.relation(me));
    // Time on a project is somebody's: that one may book there oneself gives nothing.
    let of_project = of_project.filter(|relation| *relation == Relation::ManagedProject);
    Ok(of_project.map_or(of_member, |relation| relation.min(of_member)))
}

/// Checks that `member`'s time may be booked there by the asking member. What `kept` names already
/// stands in the entry and may stay, archived or not.
///
/// Errors: [`Error::Invalid`] for what is not there; [`Refusal::ProjectArchived`];
/// [`Refusal::TaskArchived`]; [`Error::Forbidden`].
pub(crate) fn check_booking(
    op: &mut Op,
    member: MemberId,
    booking: &Booking,
    kept: Option<&CheckedBooking>,
) -> Result<CheckedBooking, Error> {
    let names = op.names()?;
    let project = match booking.project {
        None => None,
        Some(id) => {
            let project = names.projects.get(&id).filter(|project| project.deleted_at.is_none());
            let is_kept = kept.is_some_and(|kept| kept.project == Some(id));
            // The member must be able to book there; the asking one must be able to see it.
            let project = project
                .filter(|p| is_kept || op.may(Right::ReadProjects, p.relation(op.me().member)))
                .ok_or_else(|| unknown("project_id", "project"))?;
            if project.archived_at.is_some() && !is_kept {
                return Err(Refusal::ProjectArchived(id).into());
            }
            if !is_kept && !can_book(op, member, project.relation(member)) {
                return Err(unknown("project_id", "project"));
            }
            Some(project)
        }
    };
    let task = match (booking.task, project) {
        (None, _) => None,
        (Some(_), None) => {
            return Err(Error::invalid("task_id", "needs_project", "A task needs its project."));
        }
        (Some(id), Some(project)) => {
            let task = names.tasks.get(&id).filter(|task| task.deleted_at.is_none());
            let task = task.filter(|task| task.project == project.id);
            let task = task.ok_or_else(|| unknown("task_id", "task"))?;
            if task.archived_at.is_some() && kept.is_none_or(|kept| kept.task != Some(id)) {
                return Err(Refusal::TaskArchived(id).into());
            }
            Some(id)
        }
    };
    let tags = tag_set(&booking.tags)?;
    for tag in &tags {
        let is_kept = kept.is_some_and(|kept| kept.tags.contains(tag));
        let found = names.tags.get(tag).filter(|tag| tag.deleted_at.is_none());
        if found.is_none_or(|tag| tag.archived_at.is_some() && !is_kept) {
            return Err(unknown("tag_ids", "tag"));
        }
    }
    Ok(CheckedBooking {
        project: project.map(|project| project.id),
        task,
        tags,
        is_billable: project.is_some_and(|project| project.is_billable),
    })
}

/// Whether `member` may book on a project that stands so to them. Admins may book everywhere; so
/// may whoever books for somebody else with the right to.
fn can_book(op: &Op, member: MemberId, relation: Relation) -> bool {
    if member == op.me().member {
        op.may(Right::TrackTime, relation)
    } else {
        relation != Relation::Other || op.may(Right::EditTime, Relation::Other)
    }
}

/// Tags in the order of their ids, each once.
///
/// Errors: [`Error::Invalid`] when there are more than 20.
pub(crate) fn tag_set(tags: &[TagId]) -> Result<Vec<TagId>, Error> {
    let mut set = tags.to_vec();
    set.sort_unstable();
    set.dedup();
    if set.len() > MOST_TAGS {
        return Err(too_many_tags("tag_ids"));
    }
    Ok(set)
}

pub(super) fn too_many_tags(field: &'static str) -> Error {
    let message = format!("An entry can have {MOST_TAGS} tags at most.");
    Error::invalid(field, "too_many", message)
}

fn unknown(field: &'static str, what: &str) -> Error {
    Error::invalid(field, "not_found", format!("There is no such {what} that you can book on."))
}
