//! Make a role.

use domain::{
    ids::RoleId,
    permission::{Grants, Relation, Right},
    text::Name,
};
use store::Statement;

use super::{refuse_built_in, require_covers, words};
use crate::{
    Error, Op,
    audit::{Event, Fact, Kind},
    named,
    names::OwnRole,
    time_entry::Added,
};

/// A role to be made.
#[derive(Debug, Clone)]
pub struct AddRole {
    /// Its id, where the caller chose it.
    pub id: Option<RoleId>,
    /// Its name.
    pub name: Name,
    /// What it is built of.
    pub grants: Grants,
    /// A keyed hash of the request, to recognise it when it is sent again.
    pub body: Option<[u8; 32]>,
}

/// Makes a role of the workspace's own.
///
/// Errors: [`Error::Forbidden`], also for who lacks a right that it gives; [`Error::NeedsProof`];
/// [`crate::Refusal::NameTaken`]; [`Error::IdTaken`]. Audit: `role.added`.
pub fn add_role(op: &mut Op, new: AddRole) -> Result<Added<OwnRole>, Error> {
    op.require(Right::ManageRoles, Relation::Workspace)?;
    require_covers(op, None, new.grants)?;
    refuse_built_in(&new.name)?;
    if let Some(before) = named::made_before(op, new.id, new.body)? {
        return Ok(Added::Before(before));
    }
    let id = new.id.unwrap_or_else(|| op.new_id());
    let mut values = named::new_values::<OwnRole>(op, id, named::WORKSPACE, &new.name)?;
    values.push(new.grants.bits().into());
    let event = Event::new(Kind::RoleAdded, "role", id)
        .text("name", None, Some(new.name.as_str()))
        .fact("rights", Fact::None, words(new.grants).as_str());
    named::insert(op, id, &INSERT, &values, event.made_from(new.body)).map(Added::New)
}

/// The index `roles_one_name` refuses a second role of the same name.
const INSERT: Statement = Statement::new(
    "role.insert",
    "INSERT INTO roles (id, name_sealed, name_index, sealed_rev, created_at, version, rights)
     VALUES ($1, $2, $3, 1, $4, 1, $5) ON CONFLICT DO NOTHING",
);

pub(super) const STATEMENTS: &[Statement] = &[INSERT];
