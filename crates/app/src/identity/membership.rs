//! Which workspaces a person can open. Their role there is known to the workspace alone.

use domain::ids::{MemberId, UserId, WorkspaceId};
use store::Statement;

use super::act::Act;
use crate::{DirectoryOp, Error};

/// A person's place in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Membership {
    /// Where.
    pub workspace: WorkspaceId,
    /// As which member.
    pub member: MemberId,
}

/// The workspaces a person can open, in the order they joined; those still being made are left out.
///
/// Errors: [`Error::Store`].
pub fn list_memberships(op: &mut DirectoryOp, user: UserId) -> Result<Vec<Membership>, Error> {
    let rows = op.query(&LIST, &[user.into()])?;
    rows.iter().map(|row| Ok(Membership { workspace: row.get(0)?, member: row.get(1)? })).collect()
}

/// Lets a person open a workspace; does nothing when they can already, as this member.
///
/// Somebody who was removed and comes back may do so as another member.
///
/// Errors: [`Error::Store`], also when person or workspace are not there.
/// Audit: `membership.added`.
pub fn add_membership(
    op: &mut DirectoryOp,
    user: UserId,
    workspace: WorkspaceId,
    member: MemberId,
) -> Result<(), Error> {
    let values = [user.into(), workspace.into(), member.into(), op.now_us().into()];
    if op.execute(&ADD, &values)? == 0 {
        return Ok(());
    }
    let facts = [("workspace", workspace.uuid().into()), ("member", member.uuid().into())];
    op.record_act(Act::MembershipAdded, Some(user), &facts)
}

/// Closes a workspace to a person; does nothing when it is closed to them.
///
/// Errors: [`Error::Store`]. Audit: `membership.removed`.
pub fn remove_membership(
    op: &mut DirectoryOp,
    user: UserId,
    workspace: WorkspaceId,
) -> Result<(), Error> {
    let values = [user.into(), workspace.into(), op.now_us().into()];
    if op.execute(&REMOVE, &values)? == 0 {
        return Ok(());
    }
    let facts = [("workspace", workspace.uuid().into())];
    op.record_act(Act::MembershipRemoved, Some(user), &facts)
}

/// The primary key of `memberships`.
const LIST: Statement = Statement::new(
    "membership.list",
    "SELECT m.workspace_id, m.member_id
     FROM memberships m JOIN workspaces w ON w.id = m.workspace_id
     WHERE m.user_id = $1 AND m.removed_at IS NULL AND w.state = 'ready'
     ORDER BY m.joined_at, m.workspace_id",
);

const ADD: Statement = Statement::new(
    "membership.add",
    "INSERT INTO memberships (user_id, workspace_id, member_id, joined_at)
     VALUES ($1, $2, $3, $4)
     ON CONFLICT (user_id, workspace_id) DO UPDATE
         SET member_id = excluded.member_id, joined_at = excluded.joined_at, removed_at = NULL
         WHERE memberships.removed_at IS NOT NULL
            OR memberships.member_id <> excluded.member_id",
);

const REMOVE: Statement = Statement::new(
    "membership.remove",
    "UPDATE memberships SET removed_at = $3
     WHERE user_id = $1 AND workspace_id = $2 AND removed_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST, ADD, REMOVE];
