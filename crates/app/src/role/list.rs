//! Look roles up.

use domain::{
    ids::RoleId,
    permission::{Relation, Right},
};

use crate::{
    Error, Op,
    names::{OwnRole, fold},
};

/// Roles of the workspace's own, by name.
///
/// Errors: [`Error::Forbidden`].
pub fn list_roles(op: &mut Op) -> Result<Vec<OwnRole>, Error> {
    op.require(Right::ReadRoles, Relation::Workspace)?;
    let names = op.names()?;
    let live = names.roles.values().filter(|role| role.deleted_at.is_none());
    let mut roles: Vec<OwnRole> = live.cloned().collect();
    roles.sort_by_cached_key(|role| (fold(&role.name), role.id));
    Ok(roles)
}

/// A role of the workspace's own.
///
/// Errors: [`Error::Forbidden`]; [`Error::NotFound`].
pub fn get_role(op: &mut Op, id: RoleId) -> Result<OwnRole, Error> {
    op.require(Right::ReadRoles, Relation::Workspace)?;
    let names = op.names()?;
    let role = names.roles.get(&id).filter(|role| role.deleted_at.is_none());
    role.cloned().ok_or(Error::NotFound)
}
