//! Roles of a workspace's own: a name and the single rights it is built of.
//!
//! Who makes one has all that it gives, so that nobody comes by a right that they lack. What only
//! owners may is in none. A role that somebody has stays until they have another one.

mod add;
mod delete;
mod edit;
mod list;

use domain::{
    permission::{Grant, Grants, Role, Standing},
    text::{Name, fold},
};

pub use add::{AddRole, add_role};
pub use delete::delete_role;
pub use edit::{ChangeRole, change_own_role};
pub use list::{get_role, list_roles};

use crate::{Error, Op, Refusal, proof};

/// Refuses who lacks what a role gives, or gave.
fn require_covers(op: &Op, before: Option<Grants>, after: Grants) -> Result<(), Error> {
    let (before, after) = (before.map(Standing::of), Standing::of(after));
    let me = op.me().standing;
    if !me.covers(after) || before.is_some_and(|before| !me.covers(before)) {
        return Err(Error::Forbidden);
    }
    proof::require(op, proof::Grave::ChangeRole { before, after })
}

/// Refuses a name that every workspace has a role of already.
fn refuse_built_in(name: &Name) -> Result<(), Error> {
    let is_taken = Role::ALL.iter().any(|role| fold(role.title()) == fold(name.as_str()));
    if is_taken { Err(Refusal::NameTaken.into()) } else { Ok(()) }
}

/// The words of what a role is built of, for its events.
fn words(grants: Grants) -> String {
    grants.iter().map(Grant::as_str).collect::<Vec<_>>().join(" ")
}

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [add::STATEMENTS, delete::STATEMENTS, edit::STATEMENTS].concat()
}
