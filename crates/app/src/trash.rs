//! The trash of clients, projects, tasks and tags, and what empties it.
//!
//! A thing waits there for 30 days and can be restored by whoever may delete it. Then it is removed,
//! unless something refers to it: time stays readable, so nothing that is booked on ever goes, and a
//! client goes after its projects. What happened to it stays in the history, and an entry that was
//! booked on it once says that it was deleted for good. Entries have a trash of their own, each
//! member their own ([`crate::time_entry::list_trash`]); here they are only removed.

use domain::{
    ids::{ClientId, ProjectId, TagId, TaskId},
    permission::{Relation, Right},
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{Error, Names, Op, client, named::Named, project, tag, task, time_entry};

/// How long deleted things can be restored.
const KEEP_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What waits in the trash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThingId {
    /// A client.
    Client(ClientId),
    /// A project.
    Project(ProjectId),
    /// A task.
    Task(TaskId),
    /// A tag.
    Tag(TagId),
}

impl ThingId {
    /// What [`Self::kind`] can be.
    pub const KINDS: [&str; 4] = ["client", "project", "task", "tag"];

    /// Its kind, one of [`Self::KINDS`].
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Client(_) => "client",
            Self::Project(_) => "project",
            Self::Task(_) => "task",
            Self::Tag(_) => "tag",
        }
    }

    /// Its id.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Client(id) => id.uuid(),
            Self::Project(id) => id.uuid(),
            Self::Task(id) => id.uuid(),
            Self::Tag(id) => id.uuid(),
        }
    }
}

/// A thing in the trash.
#[derive(Debug, Clone)]
pub struct Trashed {
    /// What it is.
    pub id: ThingId,
    /// Its name.
    pub name: String,
    /// The client of a project, the project of a task.
    pub of: Option<String>,
    /// Since when it is there.
    pub deleted_at: Timestamp,
    /// When it goes for good.
    pub purged_at: Timestamp,
}

/// Clients, projects, tasks and tags in the trash that the asking member may restore, the latest
/// deleted first. Tasks of a project in the trash come back with it.
///
/// Errors: [`Error::Store`].
pub fn list_trashed(op: &mut Op) -> Result<Vec<Trashed>, Error> {
    let names = op.names()?;
    let may = |right| op.may(right, Relation::Workspace);
    let mut all = Vec::new();
    if may(Right::ManageClients) {
        all.extend(names.clients.values().filter_map(|it| trashed(it, ThingId::Client, None)));
    }
    if may(Right::ManageProjects) {
        let client = |id| names.clients.get(&id).map(|client| client.name.clone());
        all.extend(
            names
                .projects
                .values()
                .filter_map(|it| trashed(it, ThingId::Project, it.client.and_then(client))),
        );
    }
    if may(Right::ManageTags) {
        all.extend(names.tags.values().filter_map(|it| trashed(it, ThingId::Tag, None)));
    }
    all.extend(trashed_tasks(op, &names));
    all.sort_by_key(|it| std::cmp::Reverse((it.deleted_at, it.id.uuid())));
    Ok(all)
}

fn trashed_tasks<'a>(op: &'a Op, names: &'a Names) -> impl Iterator<Item = Trashed> + 'a {
    names.tasks.values().filter_map(move |task| {
        let project = names.visible_project(op, task.project).ok()?;
        let is_managed = op.may(Right::ManageTasks, project.relation(op.me().member));
        let of = Some(names.project_label(project));
        is_managed.then(|| trashed(task, ThingId::Task, of)).flatten()
    })
}

fn trashed<T: Named>(thing: &T, wrap: fn(T::Id) -> ThingId, of: Option<String>) -> Option<Trashed> {
    let deleted_at = thing.deleted_at()?;
    let purged_at = deleted_at.checked_add(KEEP_FOR).unwrap_or(Timestamp::MAX);
    let (id, name) = (wrap(thing.id()), thing.name().to_owned());
    Some(Trashed { id, name, of, deleted_at, purged_at })
}

/// Takes a thing out of the trash.
///
/// Errors and audit: as the restoring of its kind.
pub fn restore(op: &mut Op, id: ThingId) -> Result<(), Error> {
    match id {
        ThingId::Client(id) => client::restore_client(op, id).map(drop),
        ThingId::Project(id) => project::restore_project(op, id).map(drop),
        ThingId::Task(id) => task::restore_task(op, id).map(drop),
        ThingId::Tag(id) => tag::restore_tag(op, id).map(drop),
    }
}

/// Whether [`purge`] would find anything.
///
/// Errors: [`Error::Store`].
pub fn has_expired(op: &mut Op) -> Result<bool, Error> {
    Ok(time_entry::has_expired_trash(op)?
        || task::has_expired_tasks(op)?
        || project::has_expired_projects(op)?
        || tag::has_expired_tags(op)?
        || client::has_expired_clients(op)?)
}

/// Removes what has been in the trash for 30 days and what nothing refers to, what refers to others
/// first; how many. Some hundreds at a time.
///
/// Errors: [`Error::Store`]. Audit: `time_entry.purged`, `task.purged`, `project.purged`,
/// `tag.purged`, `client.purged`.
pub fn purge(op: &mut Op) -> Result<usize, Error> {
    Ok(time_entry::purge_trash(op)?
        + task::purge_tasks(op)?
        + project::purge_projects(op)?
        + tag::purge_tags(op)?
        + client::purge_clients(op)?)
}

/// The instant, in microseconds, before which what was deleted goes for good.
pub(crate) fn oldest_kept(op: &Op) -> i64 {
    op.now().as_microsecond() - i64::try_from(KEEP_FOR.as_micros()).unwrap_or(i64::MAX)
}
