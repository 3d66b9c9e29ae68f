//! The tables of an export: their columns, how each is read, and the SQL of a page.
//!
//! Every statement pages by key: the first column is the row's id (in tables of pairs the first two
//! are its key), `$1` and `$2` are the key to go on after, the last parameter is the limit. A table
//! with a sealed column, or events, has one more column at the end that the export does not show:
//! the revision, or the sealed words.

use domain::ids::EventId;
use store::{FromColumn, Row, Statement, Value};
use uuid::Uuid;
use vault::Field;

use super::{PAGE_ROWS, Plain};
use crate::{Error, Op, audit, field, op::instant_or_none};

/// A table of an export.
#[derive(Debug)]
pub struct Table {
    /// Its name, as a file would have it.
    pub name: &'static str,
    key: Key,
    columns: &'static [(&'static str, Column)],
    statement: Statement,
}

/// Rows that were read, and the key of the last.
pub(super) struct Batch {
    pub(super) rows: Vec<Vec<Plain>>,
    pub(super) last: Option<[Uuid; 2]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Pair,
}

/// How a column is read; a stored NULL is nothing.
#[derive(Debug, Clone, Copy)]
enum Column {
    Id,
    Int,
    Flag,
    Word,
    Instant,
    Day,
    Sealed(Field),
    Changes,
}

impl Table {
    /// The names of its columns, in the order of its rows.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.columns.iter().map(|(name, _)| *name)
    }

    pub(super) fn statement(&self) -> Statement {
        self.statement
    }

    /// A page of rows after a key.
    pub(super) fn read_after(&self, op: &mut Op, after: [Uuid; 2]) -> Result<Batch, Error> {
        let limit = i64::try_from(PAGE_ROWS).map_err(|_| Error::bug("rows of a page"))?;
        let [first, second] = after;
        let values: Vec<Value> = match self.key {
            Key::Id => vec![first.into(), limit.into()],
            Key::Pair => vec![first.into(), second.into(), limit.into()],
        };
        let rows = op.query(&self.statement, &values)?;
        let last = rows.last().map(|row| self.key_of(row)).transpose()?;
        let rows = rows.iter().map(|row| self.open(op, row));
        Ok(Batch { rows: rows.collect::<Result<_, _>>()?, last })
    }

    fn key_of(&self, row: &Row) -> Result<[Uuid; 2], Error> {
        Ok(match self.key {
            Key::Id => [row.get(0)?, Uuid::nil()],
            Key::Pair => [row.get(0)?, row.get(1)?],
        })
    }

    fn open(&self, op: &Op, row: &Row) -> Result<Vec<Plain>, Error> {
        let hidden = self.columns.len();
        let columns = self.columns.iter().enumerate();
        columns.map(|(index, (_, column))| column.open(op, row, index, hidden)).collect()
    }
}

impl Column {
    fn open(self, op: &Op, row: &Row, index: usize, hidden: usize) -> Result<Plain, Error> {
        Ok(match self {
            Self::Id => plain(row, index, Plain::Id)?,
            Self::Int => plain(row, index, Plain::Int)?,
            Self::Flag => plain(row, index, Plain::Flag)?,
            Self::Word => plain(row, index, Plain::Text)?,
            Self::Instant => instant_or_none(row, index)?.map_or(Plain::None, Plain::Instant),
            Self::Day => {
                let day = domain::day::date_of(row.get(index)?);
                Plain::Day(day.map_err(|_| Error::bug("day out of range"))?)
            }
            Self::Sealed(field) => {
                // A ciphertext is bound to the bytes of its row's id, whatever kind of id it is.
                let id = EventId::from_uuid(row.get(0)?);
                let Some(sealed) = row.get::<Option<Vec<u8>>>(index)? else {
                    return Ok(Plain::None);
                };
                Plain::Text(op.open(field, id, row.get(hidden)?, &sealed)?)
            }
            Self::Changes => {
                let id = EventId::from_uuid(row.get(0)?);
                let facts: Vec<u8> = row.get(index)?;
                Plain::Changes(audit::open_changes(op, id, &facts, row.get(hidden)?)?)
            }
        })
    }
}

fn plain<T: FromColumn>(row: &Row, index: usize, wrap: fn(T) -> Plain) -> Result<Plain, Error> {
    Ok(row.get::<Option<T>>(index)?.map_or(Plain::None, wrap))
}

/// A page of a table whose rows have an id of their own.
macro_rules! page {
    ($columns:literal, $from:literal) => {
        concat!("SELECT ", $columns, " FROM ", $from, " WHERE id > $1 ORDER BY id LIMIT $2")
    };
}

/// All tables: what a row refers to comes before it.
pub(super) const ALL: &[Table] = &[
    Table {
        name: "workspace",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("name", Column::Sealed(field::WORKSPACE_NAME)),
            ("currency", Column::Word),
            ("bare_number", Column::Word),
            ("second_timer", Column::Word),
            ("overlaps", Column::Word),
            ("week_start", Column::Word),
            ("zone", Column::Word),
            ("created_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.workspace",
            page!(
                "id, name_sealed, currency, bare_number, second_timer, overlap_rule, week_start,
                 zone, created_at, version, sealed_rev",
                "workspace"
            ),
        ),
    },
    Table {
        name: "clients",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("name", Column::Sealed(field::CLIENT_NAME)),
            ("created_at", Column::Instant),
            ("archived_at", Column::Instant),
            ("deleted_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.clients",
            page!(
                "id, name_sealed, created_at, archived_at, deleted_at, version, sealed_rev",
                "clients"
            ),
        ),
    },
    Table {
        name: "roles",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("name", Column::Sealed(field::ROLE_NAME)),
            ("rights", Column::Int),
            ("created_at", Column::Instant),
            ("deleted_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.roles",
            page!("id, name_sealed, rights, created_at, deleted_at, version, sealed_rev", "roles"),
        ),
    },
    Table {
        name: "members",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("user_id", Column::Id),
            ("name", Column::Sealed(field::MEMBER_NAME)),
            ("email", Column::Sealed(field::MEMBER_ADDRESS)),
            ("role", Column::Word),
            ("zone", Column::Word),
            ("week_start", Column::Word),
            ("locale", Column::Word),
            ("clock_format", Column::Word),
            ("joined_at", Column::Instant),
            ("removed_at", Column::Instant),
            ("version", Column::Int),
            ("role_id", Column::Id),
            ("client_id", Column::Id),
        ],
        statement: Statement::new(
            "export.members",
            page!(
                "id, user_id, name_sealed, address_sealed, role, zone, week_start, locale,
                 clock_format, joined_at, removed_at, version, role_id, client_id, sealed_rev",
                "members"
            ),
        ),
    },
    Table {
        name: "invitations",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("email", Column::Sealed(field::INVITATION_ADDRESS)),
            ("role", Column::Word),
            ("invited_by", Column::Id),
            ("created_at", Column::Instant),
            ("expires_at", Column::Instant),
            ("accepted_at", Column::Instant),
            ("accepted_by", Column::Id),
            ("revoked_at", Column::Instant),
            ("version", Column::Int),
            ("role_id", Column::Id),
            ("client_id", Column::Id),
        ],
        statement: Statement::new(
            "export.invitations",
            page!(
                "id, address_sealed, role, invited_by, created_at, expires_at, accepted_at,
                 accepted_by, revoked_at, version, role_id, client_id, sealed_rev",
                "invitations"
            ),
        ),
    },
    Table {
        name: "api_tokens",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("member_id", Column::Id),
            ("name", Column::Sealed(field::TOKEN_NAME)),
            ("scope", Column::Word),
            ("created_at", Column::Instant),
            ("expires_at", Column::Instant),
            ("last_used_at", Column::Instant),
            ("revoked_at", Column::Instant),
        ],
        statement: Statement::new(
            "export.api_tokens",
            page!(
                "id, member_id, name_sealed, scope, created_at, expires_at, last_used_at,
                 revoked_at, sealed_rev",
                "api_tokens"
            ),
        ),
    },
    Table {
        name: "teams",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("name", Column::Sealed(field::TEAM_NAME)),
            ("created_at", Column::Instant),
            ("archived_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.teams",
            page!("id, name_sealed, created_at, archived_at, version, sealed_rev", "teams"),
        ),
    },
    Table {
        name: "team_members",
        key: Key::Pair,
        columns: &[("team_id", Column::Id), ("member_id", Column::Id), ("manager", Column::Flag)],
        statement: Statement::new(
            "export.team_members",
            "SELECT team_id, member_id, is_manager FROM team_members
             WHERE team_id >= $1 AND (team_id > $1 OR member_id > $2)
             ORDER BY team_id, member_id LIMIT $3",
        ),
    },
    Table {
        name: "projects",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("client_id", Column::Id),
            ("name", Column::Sealed(field::PROJECT_NAME)),
            ("hue", Column::Int),
            ("billable", Column::Flag),
            ("open", Column::Flag),
            ("created_at", Column::Instant),
            ("archived_at", Column::Instant),
            ("deleted_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.projects",
            page!(
                "id, client_id, name_sealed, hue, is_billable, is_open, created_at, archived_at,
                 deleted_at, version, sealed_rev",
                "projects"
            ),
        ),
    },
    Table {
        name: "project_members",
        key: Key::Pair,
        columns: &[
            ("project_id", Column::Id),
            ("member_id", Column::Id),
            ("manager", Column::Flag),
        ],
        statement: Statement::new(
            "export.project_members",
            "SELECT project_id, member_id, is_manager FROM project_members
             WHERE project_id >= $1 AND (project_id > $1 OR member_id > $2)
             ORDER BY project_id, member_id LIMIT $3",
        ),
    },
    Table {
        name: "tasks",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("project_id", Column::Id),
            ("name", Column::Sealed(field::TASK_NAME)),
            ("created_at", Column::Instant),
            ("archived_at", Column::Instant),
            ("deleted_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.tasks",
            page!(
                "id, project_id, name_sealed, created_at, archived_at, deleted_at, version,
                 sealed_rev",
                "tasks"
            ),
        ),
    },
    Table {
        name: "tags",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("name", Column::Sealed(field::TAG_NAME)),
            ("created_at", Column::Instant),
            ("archived_at", Column::Instant),
            ("deleted_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.tags",
            page!(
                "id, name_sealed, created_at, archived_at, deleted_at, version, sealed_rev",
                "tags"
            ),
        ),
    },
    Table {
        name: "time_entries",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("member_id", Column::Id),
            ("project_id", Column::Id),
            ("task_id", Column::Id),
            ("note", Column::Sealed(field::TIME_ENTRY_NOTE)),
            ("billable", Column::Flag),
            ("started_at", Column::Instant),
            ("stopped_at", Column::Instant),
            ("duration_s", Column::Int),
            ("day", Column::Day),
            ("zone", Column::Word),
            ("created_at", Column::Instant),
            ("deleted_at", Column::Instant),
            ("version", Column::Int),
        ],
        statement: Statement::new(
            "export.time_entries",
            page!(
                "id, member_id, project_id, task_id, note_sealed, is_billable, started_at,
                 stopped_at, duration_s, first_day, zone, created_at, deleted_at, version,
                 sealed_rev",
                "time_entries"
            ),
        ),
    },
    Table {
        name: "entry_tags",
        key: Key::Pair,
        columns: &[("entry_id", Column::Id), ("tag_id", Column::Id)],
        statement: Statement::new(
            "export.entry_tags",
            "SELECT entry_id, tag_id FROM entry_tags
             WHERE entry_id >= $1 AND (entry_id > $1 OR tag_id > $2)
             ORDER BY entry_id, tag_id LIMIT $3",
        ),
    },
    Table {
        name: "support_requests",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("operator_id", Column::Id),
            ("operator", Column::Sealed(field::SUPPORT_OPERATOR)),
            ("reason", Column::Sealed(field::SUPPORT_REASON)),
            ("ticket", Column::Sealed(field::SUPPORT_TICKET)),
            ("areas", Column::Int),
            ("minutes", Column::Int),
            ("may_write", Column::Flag),
            ("without_owner", Column::Flag),
            ("asked_at", Column::Instant),
            ("lapses_at", Column::Instant),
            ("confirmed_at", Column::Instant),
            ("confirmer_id", Column::Id),
            ("confirmer", Column::Sealed(field::SUPPORT_CONFIRMER)),
            ("opens_at", Column::Instant),
            ("granted_at", Column::Instant),
            ("granted_by", Column::Id),
            ("ends_at", Column::Instant),
            ("opened_at", Column::Instant),
            ("used_at", Column::Instant),
            ("refused_at", Column::Instant),
            ("refused_by", Column::Id),
            ("ended_at", Column::Instant),
            ("ended_by", Column::Word),
        ],
        statement: Statement::new(
            "export.support_requests",
            page!(
                "id, operator_id, operator_sealed, reason_sealed, ticket_sealed, areas, minutes,
                 may_write, without_owner, asked_at, lapses_at, confirmed_at, confirmer_id,
                 confirmer_sealed, opens_at, granted_at, granted_by, ends_at, opened_at, used_at,
                 refused_at, refused_by, ended_at, ended_by, sealed_rev",
                "support_requests"
            ),
        ),
    },
    Table {
        name: "events",
        key: Key::Id,
        columns: &[
            ("id", Column::Id),
            ("at", Column::Instant),
            ("actor_kind", Column::Word),
            ("actor_id", Column::Id),
            ("kind", Column::Word),
            ("object_kind", Column::Word),
            ("object_id", Column::Id),
            ("subject_id", Column::Id),
            ("request_id", Column::Id),
            ("changes", Column::Changes),
        ],
        statement: Statement::new(
            "export.events",
            page!(
                "id, at, actor_kind, actor_id, kind, object_kind, object_id, subject_id,
                 request_id, facts, texts_sealed",
                "events"
            ),
        ),
    },
];
