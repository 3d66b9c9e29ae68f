//! What was just done, told by the address of the next page: a word of ours and an id, never a text.

use uuid::Uuid;

use crate::page::Toast;

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flash {
    /// An entry went to the trash.
    EntryDeleted(Uuid),
    /// A running entry went to the trash.
    TimerDiscarded(Uuid),
    /// A client went to the trash.
    ClientDeleted(Uuid),
    /// A project went to the trash.
    ProjectDeleted(Uuid),
    /// A task went to the trash.
    TaskDeleted(Uuid),
    /// A tag went to the trash.
    TagDeleted(Uuid),
    /// Something new is there.
    Added,
    /// Something is gone for good.
    Deleted,
    /// Something was archived.
    Archived,
    /// Something came back from the trash.
    Restored,
    /// Settings, a profile or a role were saved.
    Saved,
    /// An invitation is on its way.
    Invited,
    /// An invitation no longer works.
    Withdrawn,
    /// Other browsers were signed out.
    SignedOut,
    /// A member was removed.
    MemberRemoved,
    /// A reset of somebody's second factors was announced.
    ResetAnnounced,
    /// One was announced before, and nothing was done now.
    ResetOpen,
    /// A reset of somebody's second factors was stopped.
    ResetStopped,
    /// A token was revoked.
    TokenRevoked,
    /// The person has left a workspace.
    Left,
    /// Support access is over.
    SupportEnded,
}

impl Flash {
    /// As a word of an address.
    pub(super) fn write(self) -> String {
        match self {
            Self::EntryDeleted(id) => format!("entry.{id}"),
            Self::TimerDiscarded(id) => format!("timer.{id}"),
            Self::ClientDeleted(id) => format!("client.{id}"),
            Self::ProjectDeleted(id) => format!("project.{id}"),
            Self::TaskDeleted(id) => format!("task.{id}"),
            Self::TagDeleted(id) => format!("tag.{id}"),
            Self::Added => "added".to_owned(),
            Self::Deleted => "deleted".to_owned(),
            Self::Archived => "archived".to_owned(),
            Self::Restored => "restored".to_owned(),
            Self::Saved => "saved".to_owned(),
            Self::Invited => "invited".to_owned(),
            Self::Withdrawn => "withdrawn".to_owned(),
            Self::SignedOut => "signed-out".to_owned(),
            Self::MemberRemoved => "removed".to_owned(),
            Self::ResetAnnounced => "reset-announced".to_owned(),
            Self::ResetOpen => "reset-open".to_owned(),
            Self::ResetStopped => "reset-stopped".to_owned(),
            Self::TokenRevoked => "revoked".to_owned(),
            Self::Left => "left".to_owned(),
            Self::SupportEnded => "support-ended".to_owned(),
        }
    }

    /// From an address; what is not ours is nothing.
    pub(super) fn read(text: &str) -> Option<Self> {
        if let Some((word, id)) = text.split_once('.') {
            let id = Uuid::try_parse(id).ok()?;
            return match word {
                "entry" => Some(Self::EntryDeleted(id)),
                "timer" => Some(Self::TimerDiscarded(id)),
                "client" => Some(Self::ClientDeleted(id)),
                "project" => Some(Self::ProjectDeleted(id)),
                "task" => Some(Self::TaskDeleted(id)),
                "tag" => Some(Self::TagDeleted(id)),
                _ => None,
            };
        }
        match text {
            "added" => Some(Self::Added),
            "deleted" => Some(Self::Deleted),
            "archived" => Some(Self::Archived),
            "restored" => Some(Self::Restored),
            "saved" => Some(Self::Saved),
            "invited" => Some(Self::Invited),
            "withdrawn" => Some(Self::Withdrawn),
            "signed-out" => Some(Self::SignedOut),
            "removed" => Some(Self::MemberRemoved),
            "reset-announced" => Some(Self::ResetAnnounced),
            "reset-open" => Some(Self::ResetOpen),
            "reset-stopped" => Some(Self::ResetStopped),
            "revoked" => Some(Self::TokenRevoked),
            "left" => Some(Self::Left),
            "support-ended" => Some(Self::SupportEnded),
            _ => None,
        }
    }

    /// The sentence with its undo, for pages below `root`.
    pub fn toast(self, root: &str) -> Toast {
        let (text, undo) = match self {
            Self::EntryDeleted(id) => ("Entry deleted.", Some(format!("entries/{id}/restore"))),
            Self::TimerDiscarded(id) => ("Timer discarded.", Some(format!("entries/{id}/restore"))),
            Self::ClientDeleted(id) => ("Client deleted.", Some(format!("clients/{id}/restore"))),
            Self::ProjectDeleted(id) => {
                ("Project deleted.", Some(format!("projects/{id}/restore")))
            }
            Self::TaskDeleted(id) => ("Task deleted.", Some(format!("tasks/{id}/restore"))),
            Self::TagDeleted(id) => ("Tag deleted.", Some(format!("tags/{id}/restore"))),
            Self::Added => ("Added.", None),
            Self::Deleted => ("Deleted.", None),
            Self::Archived => ("Archived. What is booked on it stays.", None),
            Self::Restored => ("Restored.", None),
            Self::Saved => ("Saved.", None),
            Self::Invited => ("The invitation is on its way.", None),
            Self::Withdrawn => ("The invitation no longer works.", None),
            Self::SignedOut => ("Signed out there.", None),
            Self::MemberRemoved => ("The member was removed. Their time stays.", None),
            Self::ResetOpen => (
                "That was announced before. It takes force 24 hours after that, unless somebody stops it.",
                None,
            ),
            Self::ResetAnnounced => (
                "Announced by mail to them and all owners. It takes force in 24 hours, unless \
                 somebody stops it.",
                None,
            ),
            Self::ResetStopped => ("Their second step stays.", None),
            Self::TokenRevoked => ("The token was revoked.", None),
            Self::Left => ("You have left the workspace. Your time stays there.", None),
            Self::SupportEnded => ("Support access has ended.", None),
        };
        let undo_url = undo.map(|path| format!("{root}/{path}")).unwrap_or_default();
        Toast { text: text.to_owned(), undo_url }
    }
}
