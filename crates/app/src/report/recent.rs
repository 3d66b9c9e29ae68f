//! What the asking member did last, to be started again with one press.

use domain::{
    ids::{ProjectId, TagId, TaskId, TimeEntryId},
    permission::{Relation, Right},
};

use crate::{
    Error, Names, Op,
    time_entry::{Filter, TimeEntry, list_time_entries},
};

/// How many of the newest entries are looked at.
const MOST_ENTRIES: i64 = 100;

/// Something done lately.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    /// The latest entry of this kind: continue this one.
    pub entry: TimeEntryId,
    /// What was done.
    pub note: String,
    /// On what.
    pub project: Option<ProjectId>,
    /// On which part of it.
    pub task: Option<TaskId>,
    /// Its labels, in the order of their ids.
    pub tags: Vec<TagId>,
    /// Whether it could be billed.
    pub is_billable: bool,
}

/// The last `count` distinct things the asking member did, newest first: without the running one,
/// without entries that say nothing, and without what can no longer be booked on. Looks at the 100
/// newest entries only.
///
/// Errors: [`Error::Store`].
pub fn recent(op: &mut Op, count: usize) -> Result<Vec<Recent>, Error> {
    op.require(Right::ReadOwnTime, Relation::Own)?;
    let filter = Filter { member: Some(op.me().member), limit: MOST_ENTRIES, ..Filter::default() };
    let entries = list_time_entries(op, filter)?.entries;
    let names = op.names()?;
    let mut found: Vec<Recent> = Vec::new();
    for entry in entries {
        if found.len() >= count {
            break;
        }
        if !entry.is_running() && says_something(&entry) && is_bookable(op, &names, &entry) {
            let is_known = found.iter().any(|recent| is_same(recent, &entry));
            if !is_known {
                found.push(Recent {
                    entry: entry.id,
                    note: entry.note,
                    project: entry.project,
                    task: entry.task,
                    tags: entry.tags,
                    is_billable: entry.is_billable,
                });
            }
        }
    }
    Ok(found)
}

fn says_something(entry: &TimeEntry) -> bool {
    !entry.note.is_empty() || entry.project.is_some()
}

fn is_same(recent: &Recent, entry: &TimeEntry) -> bool {
    recent.note == entry.note
        && recent.project == entry.project
        && recent.task == entry.task
        && recent.tags == entry.tags
        && recent.is_billable == entry.is_billable
}

fn is_bookable(op: &Op, names: &Names, entry: &TimeEntry) -> bool {
    let me = op.me().member;
    let project = entry.project.is_none_or(|id| {
        let project = names.projects.get(&id).filter(|project| project.is_live());
        project.is_some_and(|project| op.may(Right::ReadProjects, project.relation(me)))
    });
    let task = entry.task.is_none_or(|id| {
        let task = names.tasks.get(&id);
        task.is_some_and(|task| task.deleted_at.is_none() && task.archived_at.is_none())
    });
    let tags = entry.tags.iter().all(|id| {
        let tag = names.tags.get(id);
        tag.is_some_and(|tag| tag.deleted_at.is_none() && tag.archived_at.is_none())
    });
    project && task && tags
}
