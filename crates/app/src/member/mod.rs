//! Members: look them up, their roles, one's own profile, leaving and being removed.
//!
//! A workspace keeps at least one owner: whoever takes the role from an owner looks for another one
//! in the same transaction. On SQLite writers queue; on PostgreSQL transactions are serializable, so
//! two owners who step down at once cannot both find the other.

mod list;
mod managing;
mod owners;
mod profile;
mod remove;
mod reset_factors;
mod role;

pub use list::{VisibleMember, get_any_member, get_member, list_all_members, list_members};
pub(crate) use owners::list_owners;
pub(crate) use profile::readdress_here;
pub use profile::{ChangeMe, Profile, change_me, get_me};
pub use remove::{Removal, leave_here, remove_member_here};
pub(crate) use reset_factors::{list_resettable, require_reset, require_stop};
pub use role::change_role;

pub(crate) use managing::end_managing;
pub(crate) use role::{checked_standing, settle};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [owners::STATEMENTS, profile::STATEMENTS, remove::STATEMENTS, role::STATEMENTS].concat()
}
