//! Rename a role, and change what it gives.

use domain::{
    ids::{MemberId, RoleId},
    permission::{Grants, Relation, Right, Standing},
    text::Name,
};
use store::Statement;

use super::{get_role, refuse_built_in, require_covers, words};
use crate::{
    Error, Op,
    audit::Kind,
    member::settle,
    named::{self, Rename, check_version},
    names::OwnRole,
};

/// Changes a role; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ChangeRole {
    /// A new name.
    pub name: Option<Name>,
    /// What it is built of from now on.
    pub grants: Option<Grants>,
    /// The version it was read at; refused when it has changed since.
    pub expected_version: Option<i64>,
}

/// Changes a role of the workspace's own; in force for who has it with their next request.
///
/// Errors: [`Error::NotFound`]; [`Error::Forbidden`], also for who lacks a right that it gives or
/// gave, or would give who manages a team or project with it; [`Error::NeedsProof`]; [`Error::Stale`];
/// [`crate::Refusal::NameTaken`]. Audit: `role.changed`, and those of what hangs on it for who has the
/// role (timers, invitations, what they manage).
pub fn change_own_role(op: &mut Op, id: RoleId, change: ChangeRole) -> Result<OwnRole, Error> {
    let before = get_role(op, id)?;
    op.require(Right::ManageRoles, Relation::Workspace)?;
    let grants = change.grants.unwrap_or(before.grants);
    require_covers(op, Some(before.grants), grants)?;
    change.name.iter().try_for_each(refuse_built_in)?;
    check_version(change.expected_version, before.version)?;
    let rename = Rename {
        kind: Kind::RoleChanged,
        parent: named::WORKSPACE,
        name: change.name,
        archived: None,
    };
    let (event, mut values) = named::changed_values(op, &before, rename)?;
    // A role has no archive: its place among the values is that of the rights.
    if let Some(place) = values.get_mut(4) {
        *place = grants.bits().into();
    }
    if grants != before.grants {
        settle_holders(op, id, Standing::of(before.grants), Standing::of(grants))?;
    }
    let event = event.fact("rights", words(before.grants).as_str(), words(grants).as_str());
    named::update(op, before, &UPDATE, &values, event)
}

/// Settles what hangs on what each member who has the role may.
fn settle_holders(
    op: &mut Op,
    role: RoleId,
    before: Standing,
    after: Standing,
) -> Result<(), Error> {
    let names = op.names()?;
    let holders = names.members.values().filter(|it| it.removed_at.is_none());
    let mut holders: Vec<MemberId> =
        holders.filter(|it| it.own_role == Some(role)).map(|it| it.id).collect();
    holders.sort();
    holders.into_iter().try_for_each(|holder| settle(op, holder, before, after))
}

const UPDATE: Statement = Statement::new(
    "role.update",
    "UPDATE roles SET name_sealed = $2, name_index = $3, sealed_rev = $4, rights = $5,
                      version = version + 1
     WHERE id = $1 AND version = $6 AND deleted_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] = &[UPDATE];
