//! What clients, projects, tasks, tags, teams and roles have in common: a sealed name that is unique
//! among its siblings and a version, and most of them an archive and a trash.
//!
//! Who may, what is visible and what counts as "in use" differ, and stay with each feature; so does
//! all SQL but what puts a row in the trash and takes it out. The unique indexes hold the rule about
//! names, also for two requests at once.

use domain::{
    ids::{ClientId, Id, ProjectId, RoleId, TagId, TaskId, TeamId},
    text::Name,
};
use jiff::Timestamp;
use store::{FromColumn, Statement, StoreError, Value};
use vault::Field;

use crate::{
    Error, Names, Op, Refusal, audit,
    audit::{Event, Kind},
    field,
    names::{Client, OwnRole, Project, Tag, Task, Team},
    trash::oldest_kept,
};

/// The parent of a name that is unique in the whole workspace.
pub(crate) const WORKSPACE: [u8; 16] = [0; 16];

/// A thing with a name, as [`Names`] holds it.
pub(crate) trait Named: Clone {
    /// Its id.
    type Id: Id + Into<Value> + FromColumn;
    /// Its word in events and in the index of names.
    const KIND: &'static str;
    /// Its sealed name's number.
    const FIELD: Field;
    fn find(names: &Names, id: Self::Id) -> Option<&Self>;
    fn id(&self) -> Self::Id;
    fn name(&self) -> &str;
    fn sealed_rev(&self) -> i64;
    /// None for what has no archive.
    fn archived_at(&self) -> Option<Timestamp> {
        None
    }
    /// None for what has no trash.
    fn deleted_at(&self) -> Option<Timestamp> {
        None
    }
    fn version(&self) -> i64;
}

macro_rules! named {
    ($($thing:ident, $id:ident, $kind:literal, $field:ident, $map:ident, $($since:ident)+;)+) => {$(
        impl Named for $thing {
            type Id = $id;
            const KIND: &'static str = $kind;
            const FIELD: Field = field::$field;

            fn find(names: &Names, id: $id) -> Option<&Self> {
                names.$map.get(&id)
            }

            fn id(&self) -> $id {
                self.id
            }

            fn name(&self) -> &str {
                &self.name
            }

            fn sealed_rev(&self) -> i64 {
                self.sealed_rev
            }

            $(fn $since(&self) -> Option<Timestamp> {
                self.$since
            })+

            fn version(&self) -> i64 {
                self.version
            }
        }
    )+};
}

named! {
    Client, ClientId, "client", CLIENT_NAME, clients, archived_at deleted_at;
    Project, ProjectId, "project", PROJECT_NAME, projects, archived_at deleted_at;
    Task, TaskId, "task", TASK_NAME, tasks, archived_at deleted_at;
    Tag, TagId, "tag", TAG_NAME, tags, archived_at deleted_at;
    Team, TeamId, "team", TEAM_NAME, teams, archived_at;
    OwnRole, RoleId, "role", ROLE_NAME, roles, deleted_at;
}

/// The thing that the same request made before.
///
/// Errors: [`Error::IdTaken`] when the id is taken by anything else.
pub(crate) fn made_before<T: Named>(
    op: &mut Op,
    id: Option<T::Id>,
    body: Option<[u8; 32]>,
) -> Result<Option<T>, Error> {
    let Some(id) = id else { return Ok(None) };
    let names = op.names()?;
    let Some(thing) = T::find(&names, id) else {
        return Ok(None);
    };
    if body.is_some() && audit::body_of(op, T::KIND, id)? == body {
        Ok(Some(thing.clone()))
    } else {
        Err(Error::IdTaken)
    }
}

/// Refuses an act on a thing that has changed since it was read.
///
/// Errors: [`Error::Stale`].
pub(crate) fn check_version(expected: Option<i64>, found: i64) -> Result<(), Error> {
    if expected.is_some_and(|expected| expected != found) {
        return Err(Error::Stale(found));
    }
    Ok(())
}

/// The first columns of every insert: id, sealed name, name index, instant.
pub(crate) fn new_values<T: Named>(
    op: &Op,
    id: T::Id,
    parent: [u8; 16],
    name: &Name,
) -> Result<Vec<Value>, Error> {
    let [sealed, index] = name_values::<T>(op, id, parent, 1, name)?;
    Ok(vec![id.into(), sealed, index, op.now().as_microsecond().into()])
}

/// Writes a new thing with its event.
///
/// Errors: [`Refusal::NameTaken`].
pub(crate) fn insert<T: Named>(
    op: &mut Op,
    id: T::Id,
    statement: &Statement,
    values: &[Value],
    event: Event,
) -> Result<T, Error> {
    let inserted = op.execute(statement, values);
    written(inserted, Refusal::NameTaken.into())?;
    op.touch_names()?;
    op.record(event)?;
    reload(op, id)
}

/// What may be changed of a thing that is little more than its name; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeNamed {
    /// A new name.
    pub name: Option<Name>,
    /// Archived, or restored. What belongs to it stays as it is.
    pub archived: Option<bool>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes a thing that is little more than its name.
///
/// Errors: [`Refusal::NameTaken`]; [`Error::Stale`].
pub(crate) fn change<T: Named>(
    op: &mut Op,
    before: T,
    parent: [u8; 16],
    change: ChangeNamed,
    (kind, statement): (Kind, &Statement),
) -> Result<T, Error> {
    check_version(change.expected_version, before.version())?;
    let ChangeNamed { name, archived, .. } = change;
    let (event, values) = changed_values(op, &before, Rename { kind, parent, name, archived })?;
    update(op, before, statement, &values, event)
}

/// What every change of a named thing may set; what is `None` stays.
pub(crate) struct Rename {
    pub(crate) kind: Kind,
    pub(crate) parent: [u8; 16],
    pub(crate) name: Option<Name>,
    pub(crate) archived: Option<bool>,
}

/// The event and the first columns of every update: id, sealed name, name index, sealed_rev,
/// archived_at, version before.
pub(crate) fn changed_values<T: Named>(
    op: &Op,
    before: &T,
    change: Rename,
) -> Result<(Event, Vec<Value>), Error> {
    let name = match change.name {
        Some(name) => name,
        None => crate::input::name("name", before.name())?,
    };
    let was_archived = before.archived_at().is_some();
    let is_archived = change.archived.unwrap_or(was_archived);
    let event = Event::new(change.kind, T::KIND, before.id())
        .text("name", Some(before.name()), Some(name.as_str()))
        .fact("archived", was_archived, is_archived);
    let sealed_rev = before.sealed_rev() + i64::from(name.as_str() != before.name());
    let [sealed, index] = name_values::<T>(op, before.id(), change.parent, sealed_rev, &name)?;
    let archived_at = is_archived.then(|| before.archived_at().unwrap_or(op.now()));
    let values = vec![
        before.id().into(),
        sealed,
        index,
        sealed_rev.into(),
        archived_at.map(Timestamp::as_microsecond).into(),
        before.version().into(),
    ];
    Ok((event, values))
}

/// Writes a changed thing with its event; nothing when nothing changed.
///
/// Errors: [`Refusal::NameTaken`]; [`Error::Stale`].
pub(crate) fn update<T: Named>(
    op: &mut Op,
    before: T,
    statement: &Statement,
    values: &[Value],
    event: Event,
) -> Result<T, Error> {
    if !event.has_changes() {
        return Ok(before);
    }
    let updated = op.execute(statement, values);
    written(updated, Error::Stale(before.version()))?;
    op.touch_names()?;
    op.record(event)?;
    reload(op, before.id())
}

/// How a kind of thing goes into the trash and out of it, again or for good.
pub(crate) struct Trash {
    /// `$1` the id: a row when something still uses it.
    pub(crate) find_use: Statement,
    /// `$1` the id, `$2` the instant.
    pub(crate) delete: Statement,
    /// `$1` the id.
    pub(crate) restore: Statement,
    /// `$1` an instant: ids of those deleted before it that nothing refers to.
    pub(crate) list_expired: Statement,
    /// `$1` the id.
    pub(crate) purge: Statement,
    pub(crate) deleted: Kind,
    pub(crate) restored: Kind,
    pub(crate) purged: Kind,
}

/// A [`Trash`]: `$kind` is the word of its statements' names, `$table` the table.
macro_rules! trash {
    ($kind:literal, $table:literal, $($differs:tt)+) => {
        $crate::named::Trash {
            delete: store::Statement::new(
                concat!($kind, ".delete"),
                concat!(
                    "UPDATE ", $table, " SET deleted_at = $2, version = version + 1
                     WHERE id = $1 AND deleted_at IS NULL"
                ),
            ),
            restore: store::Statement::new(
                concat!($kind, ".restore"),
                concat!(
                    "UPDATE ", $table, " SET deleted_at = NULL, version = version + 1
                     WHERE id = $1 AND deleted_at IS NOT NULL"
                ),
            ),
            purge: store::Statement::new(
                concat!($kind, ".purge"),
                concat!("DELETE FROM ", $table, " WHERE id = $1"),
            ),
            $($differs)+
        }
    };
}
pub(crate) use trash;

impl Trash {
    pub(crate) const fn statements(&self) -> [Statement; 5] {
        [self.find_use, self.delete, self.restore, self.list_expired, self.purge]
    }
}

/// Puts a thing in the trash.
///
/// Errors: [`Error::Stale`]; [`Refusal::StillInUse`].
pub(crate) fn delete<T: Named>(
    op: &mut Op,
    before: &T,
    expected_version: Option<i64>,
    trash: &Trash,
) -> Result<(), Error> {
    check_version(expected_version, before.version())?;
    let id = before.id();
    if op.optional(&trash.find_use, &[id.into()])?.is_some() {
        return Err(Refusal::StillInUse.into());
    }
    op.execute(&trash.delete, &[id.into(), op.now().as_microsecond().into()])?;
    op.touch_names()?;
    op.record(Event::new(trash.deleted, T::KIND, id).fact("deleted", false, true))
}

/// Takes a thing out of the trash.
///
/// Errors: [`Error::NotFound`] when it is not there; [`Refusal::NameTaken`].
pub(crate) fn restore<T: Named>(op: &mut Op, id: T::Id, trash: &Trash) -> Result<T, Error> {
    let restored = op.execute(&trash.restore, &[id.into()]);
    written(restored, Error::NotFound)?;
    op.touch_names()?;
    op.record(Event::new(trash.restored, T::KIND, id).fact("deleted", true, false))?;
    reload(op, id)
}

/// Whether [`purge`] would find anything.
pub(crate) fn has_expired(op: &mut Op, trash: &Trash) -> Result<bool, Error> {
    let oldest = oldest_kept(op);
    Ok(!op.query(&trash.list_expired, &[oldest.into()])?.is_empty())
}

/// Removes for good what has been in the trash for its time and what nothing refers to; how many.
/// What hangs on a thing goes before it.
pub(crate) fn purge<T: Named>(
    op: &mut Op,
    trash: &Trash,
    purge_hanging: fn(&mut Op, T::Id) -> Result<(), Error>,
) -> Result<usize, Error> {
    let oldest = oldest_kept(op);
    let rows = op.query(&trash.list_expired, &[oldest.into()])?;
    for row in &rows {
        let id: T::Id = row.get(0)?;
        purge_hanging(op, id)?;
        op.execute(&trash.purge, &[id.into()])?;
        op.record(Event::new(trash.purged, T::KIND, id))?;
    }
    if !rows.is_empty() {
        op.touch_names()?;
    }
    Ok(rows.len())
}

/// Sealed name and name index.
fn name_values<T: Named>(
    op: &Op,
    id: T::Id,
    parent: [u8; 16],
    sealed_rev: i64,
    name: &Name,
) -> Result<[Value; 2], Error> {
    let key = op.settings().text_key;
    let sealed = op.seal(key, T::FIELD, id, sealed_rev, name.as_str())?;
    let index = op.name_index(T::KIND, parent, name)?;
    Ok([sealed.into(), index.into()])
}

/// One row was written: a name that is taken and no row at all are refusals.
fn written(outcome: Result<u64, Error>, if_none: Error) -> Result<(), Error> {
    match outcome {
        Ok(0) => Err(if_none),
        Ok(_) => Ok(()),
        Err(Error::Store(error)) if StoreError::is_duplicate(&error) => {
            Err(Refusal::NameTaken.into())
        }
        Err(error) => Err(error),
    }
}

fn reload<T: Named>(op: &mut Op, id: T::Id) -> Result<T, Error> {
    let names = op.names()?;
    T::find(&names, id).cloned().ok_or_else(|| Error::bug("what was just written is not there"))
}
