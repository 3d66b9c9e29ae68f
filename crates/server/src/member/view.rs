//! What the page of people shows.

use askama::Template;

use crate::page::{Field, Layout, Select};

/// Members and invitations.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "member/list.html")]
pub struct PeoplePage {
    /// The frame.
    pub layout: Layout,
    /// What was refused and has no place in a form; else empty.
    pub error: String,
    /// The members, by name.
    pub members: Vec<MemberRow>,
    /// Open invitations; shown to those who may invite.
    pub invitations: Vec<InvitationRow>,
    /// What each role may: name and sentence; shown to those who may give one.
    pub roles: Vec<(String, String)>,
    /// To invite somebody; none for those who may not.
    pub invite: Option<InviteForm>,
}

/// A member.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stands for a part of the row")]
pub struct MemberRow {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// One or two capitals.
    pub initials: String,
    /// The colour of their face.
    pub hue: u8,
    /// Their address, where one may see it; else empty.
    pub email: String,
    /// `Owner`.
    pub role: String,
    /// Whether it is oneself.
    pub is_me: bool,
    /// To change their role: field `role`; none where one may not.
    pub roles: Option<Select>,
    /// The version they were read at.
    pub version: String,
    /// Whether one may remove them.
    pub can_remove: bool,
    /// Whether one may have their second factors reset.
    pub can_reset: bool,
    /// When their second factors are taken away, unless it is stopped; else empty.
    pub reset_due: String,
    /// Whether one may see and revoke their API tokens.
    pub can_see_tokens: bool,
    /// Whether the form is open, since it was refused.
    pub is_open: bool,
}

/// An open invitation.
#[derive(Debug, Clone, Default)]
pub struct InvitationRow {
    /// Its id.
    pub id: String,
    /// To whom.
    pub email: String,
    /// `Member · invited by Ann · until 28 November`.
    pub remark: String,
    /// Whether the one who looks may send it again and take it back.
    pub can_change: bool,
}

/// To invite somebody.
#[derive(Debug, Clone, Default)]
pub struct InviteForm {
    /// Their address.
    pub email: Field,
    /// As what: field `role`.
    pub role: Select,
    /// Where mail goes while developing; empty when it is sent.
    pub mail_note: String,
}

/// Asks once more before somebody leaves.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "member/leave.html")]
pub struct LeavePage {
    /// The frame.
    pub layout: Layout,
    /// The one who would leave.
    pub id: String,
    /// The workspace.
    pub workspace: String,
}
