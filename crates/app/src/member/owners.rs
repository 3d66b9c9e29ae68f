//! Who owns the workspace.

use domain::ids::UserId;
use store::{Row, Statement};

use crate::{Error, Op};

/// The owners, as people: for what the directory tells them.
///
/// Errors: [`Error::Store`].
pub(crate) fn list_owners(op: &mut Op) -> Result<Vec<UserId>, Error> {
    let read = |row: &Row| Ok(row.get(0)?);
    op.query(&LIST_OWNERS, &[])?.iter().map(read).collect()
}

const LIST_OWNERS: Statement = Statement::new(
    "member.list_owners",
    "SELECT user_id FROM members WHERE role = 'owner' AND removed_at IS NULL ORDER BY id",
);

pub(super) const STATEMENTS: &[Statement] = &[LIST_OWNERS];
