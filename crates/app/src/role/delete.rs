//! Delete a role that nobody has.

use domain::{
    ids::RoleId,
    permission::{Relation, Right},
};
use store::Statement;

use super::{get_role, require_covers};
use crate::{
    Error, Op, Refusal,
    audit::{Event, Kind},
    named::check_version,
};

/// Deletes a role of the workspace's own. Its row stays for those who had it before they left.
///
/// Errors: [`Refusal::RoleInUse`] while a member has it, or an open invitation or the rule about mail
/// domains gives it; [`Error::NotFound`]; [`Error::Forbidden`]; [`Error::NeedsProof`]; [`Error::Stale`]. Audit:
/// `role.deleted`.
pub fn delete_role(op: &mut Op, id: RoleId, expected_version: Option<i64>) -> Result<(), Error> {
    let before = get_role(op, id)?;
    op.require(Right::ManageRoles, Relation::Workspace)?;
    require_covers(op, None, before.grants)?;
    check_version(expected_version, before.version)?;
    let now = op.now().as_microsecond();
    if op.optional(&FIND_USE, &[id.into(), now.into()])?.is_some() {
        return Err(Refusal::RoleInUse.into());
    }
    op.execute(&DELETE, &[id.into(), now.into()])?;
    op.touch_names()?;
    let event = Event::new(Kind::RoleDeleted, "role", id)
        .text("name", Some(&before.name), None)
        .fact("deleted", false, true);
    op.record(event)
}

/// Indexes `members_role` and `invitations_role`.
const FIND_USE: Statement = Statement::new(
    "role.find_use",
    "SELECT id FROM members WHERE role_id = $1 AND removed_at IS NULL
     UNION ALL SELECT id FROM invitations
               WHERE role_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL
                 AND expires_at > $2
     UNION ALL SELECT role_id FROM join_rule
               WHERE role_id = $1 AND domains_sealed IS NOT NULL
     LIMIT 1",
);

const DELETE: Statement = Statement::new(
    "role.delete",
    "UPDATE roles SET deleted_at = $2, version = version + 1
     WHERE id = $1 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND_USE, DELETE];
