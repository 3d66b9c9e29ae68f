//! The workspaces of the instance, as the directory knows them: steps of acts over two databases.
//!
//! Events are recorded by those acts, in the workspace.

use domain::ids::{UserId, WorkspaceId};
use store::Statement;

use crate::{DirectoryOp, Error};

/// How far a workspace has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkspaceState {
    /// Its database is being made; nobody can open it.
    Creating,
    /// It can be opened.
    Ready,
}

/// Notes a workspace that is being made; does nothing when it is known.
///
/// Errors: [`Error::Store`].
pub fn insert_workspace(op: &mut DirectoryOp, id: WorkspaceId) -> Result<(), Error> {
    op.execute(&INSERT, &[id.into(), op.now_us().into()])?;
    Ok(())
}

/// A workspace can be opened from now on.
///
/// Errors: [`Error::NotFound`].
pub fn mark_workspace_ready(op: &mut DirectoryOp, id: WorkspaceId) -> Result<(), Error> {
    if op.execute(&MARK_READY, &[id.into()])? == 0 {
        return Err(Error::NotFound);
    }
    Ok(())
}

/// Forgets a workspace whose making is undone, and who could have opened it.
///
/// Errors: [`Error::Store`]. One that is ready is left alone.
pub fn delete_workspace(op: &mut DirectoryOp, id: WorkspaceId) -> Result<(), Error> {
    op.execute(&DELETE_JOIN_DOMAINS, &[id.into()])?;
    op.execute(&DELETE_MEMBERSHIPS, &[id.into()])?;
    op.execute(&DELETE, &[id.into()])?;
    Ok(())
}

/// Whether a workspace can be opened; one that nobody made cannot.
///
/// Errors: [`Error::Store`].
pub(crate) fn is_workspace_ready(op: &mut DirectoryOp, id: WorkspaceId) -> Result<bool, Error> {
    Ok(op.optional(&FIND_READY, &[id.into()])?.is_some())
}

/// All workspaces, oldest first.
///
/// Errors: [`Error::Store`].
pub fn list_workspaces(op: &mut DirectoryOp) -> Result<Vec<(WorkspaceId, WorkspaceState)>, Error> {
    let rows = op.query(&LIST, &[])?;
    rows.iter()
        .map(|row| {
            let state: String = row.get(1)?;
            let state = match state.as_str() {
                "ready" => WorkspaceState::Ready,
                _ => WorkspaceState::Creating,
            };
            Ok((row.get(0)?, state))
        })
        .collect()
}

/// Who belongs, or belonged, to a workspace that can be opened, other than this one; none for one that
/// nobody belongs to.
///
/// Errors: [`Error::Store`].
pub fn list_people_beside(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
) -> Result<Vec<Option<UserId>>, Error> {
    let rows = op.query(&LIST_BESIDE, &[workspace.into()])?;
    rows.iter().map(|row| Ok(row.get(0)?)).collect()
}

const INSERT: Statement = Statement::new(
    "placement.insert",
    "INSERT INTO workspaces (id, state, created_at) VALUES ($1, 'creating', $2)
     ON CONFLICT DO NOTHING",
);

const FIND_READY: Statement = Statement::new(
    "placement.find_ready",
    "SELECT 1 FROM workspaces WHERE id = $1 AND state = 'ready'",
);

const MARK_READY: Statement =
    Statement::new("placement.mark_ready", "UPDATE workspaces SET state = 'ready' WHERE id = $1");

/// Index `memberships_workspace`.
const DELETE_MEMBERSHIPS: Statement = Statement::new(
    "placement.delete_memberships",
    "DELETE FROM memberships
     WHERE workspace_id IN (SELECT id FROM workspaces WHERE id = $1 AND state = 'creating')",
);

/// The primary key.
const DELETE_JOIN_DOMAINS: Statement = Statement::new(
    "placement.delete_join_domains",
    "DELETE FROM join_domains
     WHERE workspace_id IN (SELECT id FROM workspaces WHERE id = $1 AND state = 'creating')",
);

const DELETE: Statement = Statement::new(
    "placement.delete",
    "DELETE FROM workspaces WHERE id = $1 AND state = 'creating'",
);

const LIST: Statement =
    Statement::new("placement.list", "SELECT id, state FROM workspaces ORDER BY created_at, id");

/// All of `workspaces`, each with index `memberships_workspace`: for the demo's start alone.
const LIST_BESIDE: Statement = Statement::new(
    "placement.list_beside",
    "SELECT DISTINCT m.user_id
     FROM workspaces w LEFT JOIN memberships m ON m.workspace_id = w.id
     WHERE w.state = 'ready' AND w.id <> $1",
);

pub(super) const STATEMENTS: &[Statement] = &[
    INSERT,
    FIND_READY,
    MARK_READY,
    DELETE_JOIN_DOMAINS,
    DELETE_MEMBERSHIPS,
    DELETE,
    LIST,
    LIST_BESIDE,
];
