//! Invitations: the workspace's part of letting a person in by e-mail. The whole act, with the mail
//! and the directory, is in `act`.

mod accept;
mod list;
mod revoke;
mod send;

pub use accept::InvitationFound;
pub use list::{Invitation, get_invitation, list_invitations};
pub use revoke::revoke_invitation;
pub use send::{NewInvitation, insert_invitation};

pub(crate) use accept::{accept, is_open, look_at_invitation, record_acceptance};
pub(crate) use list::get_written;
pub(crate) use revoke::revoke_sent_by;
pub(crate) use send::require_may_invite;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [accept::STATEMENTS, list::STATEMENTS, revoke::STATEMENTS, send::STATEMENTS].concat()
}
