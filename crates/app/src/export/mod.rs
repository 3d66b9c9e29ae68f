//! Export: everything of a workspace, opened into plain tables.
//!
//! [`begin_export`] records that somebody takes everything away. Then [`export_workspace`] walks
//! all tables in one transaction, over one consistent state, and [`export_page`] does so a page at a
//! time. Both keep at most [`PAGE_ROWS`] rows in memory. Rendering (JSON, CSV) is the server's.

mod tables;

use domain::permission::{Relation, Right};
use jiff::{Timestamp, civil::Date};
use uuid::Uuid;

pub use tables::Table;
pub use vault::Checksum;

use crate::{
    Error, Op,
    audit::{Event, Kind, RecordedChange},
};

/// The most rows of a page.
pub const PAGE_ROWS: usize = 1_000;

/// A value of a plain table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plain {
    /// Nothing.
    None,
    /// A number.
    Int(i64),
    /// Yes or no.
    Flag(bool),
    /// An id of this workspace.
    Id(Uuid),
    /// A word, or what a person typed.
    Text(String),
    /// An instant, UTC.
    Instant(Timestamp),
    /// A civil day.
    Day(Date),
    /// What changed in an event, with its words.
    Changes(Vec<RecordedChange>),
}

/// A place between two rows of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportCursor {
    table: usize,
    after: [Uuid; 2],
}

impl ExportCursor {
    /// Before everything.
    pub const START: Self = Self::before(0);

    const fn before(table: usize) -> Self {
        Self { table, after: [Uuid::nil(); 2] }
    }
}

/// Rows of one table.
#[derive(Debug, Clone)]
pub struct ExportPage {
    /// The table.
    pub table: &'static Table,
    /// Its rows, each in the order of the table's columns; none for an empty table.
    pub rows: Vec<Vec<Plain>>,
    /// Where the next page begins; none on the last one.
    pub next: Option<ExportCursor>,
}

/// The tables of an export, in its order: what a row refers to comes before it.
pub fn export_tables() -> &'static [Table] {
    tables::ALL
}

/// Records that the asking member takes everything away.
///
/// Errors: [`Error::Forbidden`]. Audit: `workspace.exported`.
pub fn begin_export(op: &mut Op) -> Result<(), Error> {
    op.require(Right::ExportWorkspace, Relation::Workspace)?;
    op.record(Event::new(Kind::WorkspaceExported, "workspace", op.workspace()))
}

/// Rows from a place on, all of one table.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`] past the last table.
pub fn export_page(op: &mut Op, cursor: &ExportCursor) -> Result<ExportPage, Error> {
    op.require(Right::ExportWorkspace, Relation::Workspace)?;
    let table = tables::ALL.get(cursor.table).ok_or(Error::NotFound)?;
    let tables::Batch { rows, last } = table.read_after(op, cursor.after)?;
    let next = match last {
        Some(after) if rows.len() >= PAGE_ROWS => Some(ExportCursor { table: cursor.table, after }),
        _ => {
            let next = cursor.table + 1;
            (next < tables::ALL.len()).then(|| ExportCursor::before(next))
        }
    };
    Ok(ExportPage { table, rows, next })
}

/// Hands every page to `visit`, in order, over one consistent state.
///
/// Like every operation it may be run again from the start; a page at [`ExportCursor::START`] then
/// tells `visit` to forget what it had.
///
/// Errors: [`Error::Forbidden`]; what `visit` returns.
pub fn export_workspace(
    op: &mut Op,
    visit: &mut dyn FnMut(&ExportCursor, ExportPage) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut next = Some(ExportCursor::START);
    while let Some(cursor) = next {
        let page = export_page(op, &cursor)?;
        next = page.next;
        visit(&cursor, page)?;
    }
    Ok(())
}

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    tables::ALL.iter().map(Table::statement).collect()
}
