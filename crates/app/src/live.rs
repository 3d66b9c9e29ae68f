//! What open pages wait for: a word that something in a workspace has changed.
//!
//! The word is sent after the commit, so a page that asks at once sees the change.

use domain::ids::{MemberId, UserId, WorkspaceId};
use tokio::sync::broadcast;

/// Something changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// In a workspace, by or about this member.
    Workspace {
        /// Where.
        workspace: WorkspaceId,
        /// Whose time, or who acted.
        member: MemberId,
    },
    /// Something was recorded in a workspace that no open page shows but the record.
    Recorded {
        /// Where.
        workspace: WorkspaceId,
    },
    /// What was recorded in a workspace has places in its log, under a new head.
    Signed {
        /// Where.
        workspace: WorkspaceId,
    },
    /// Sessions of a person have ended, or have a new secret.
    Sessions {
        /// Whose.
        user: UserId,
    },
    /// There may be mail to send.
    Outbox,
    /// Another node changed something, and what it was did not arrive.
    Missed,
}

impl Change {
    /// The change as a word for other nodes; none for what concerns this one alone.
    pub fn to_word(self) -> Option<String> {
        match self {
            Self::Workspace { workspace, member } => {
                Some(format!("workspace {workspace} {member}"))
            }
            Self::Recorded { workspace } => Some(format!("recorded {workspace}")),
            Self::Signed { workspace } => Some(format!("signed {workspace}")),
            Self::Sessions { user } => Some(format!("sessions {user}")),
            Self::Missed => Some("missed".to_owned()),
            Self::Outbox => None,
        }
    }

    /// Reads what another node said. A word of a newer release is something that was missed.
    pub fn from_word(word: &str) -> Self {
        let mut parts = word.split(' ');
        let read = match (parts.next(), parts.next(), parts.next()) {
            (Some("workspace"), Some(workspace), Some(member)) => {
                let ids = workspace.parse().ok().zip(member.parse().ok());
                ids.map(|(workspace, member)| Self::Workspace { workspace, member })
            }
            (Some("recorded"), Some(workspace), None) => {
                workspace.parse().ok().map(|workspace| Self::Recorded { workspace })
            }
            (Some("signed"), Some(workspace), None) => {
                workspace.parse().ok().map(|workspace| Self::Signed { workspace })
            }
            (Some("sessions"), Some(user), None) => {
                user.parse().ok().map(|user| Self::Sessions { user })
            }
            _ => None,
        };
        read.unwrap_or(Self::Missed)
    }
}

/// Sends and hands out changes.
#[derive(Clone)]
pub struct Live {
    all: broadcast::Sender<Change>,
    own: broadcast::Sender<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Self { all: broadcast::channel(1024).0, own: broadcast::channel(1024).0 }
    }
}

impl Live {
    pub(crate) fn send(&self, change: Change) {
        // Nobody listening is not an error.
        drop(self.own.send(change));
        self.pass_on(change);
    }

    /// Tells the listeners of this node what another one changed.
    pub fn pass_on(&self, change: Change) {
        drop(self.all.send(change));
    }

    /// All changes from now on, other nodes' too. A slow listener is told how many it missed and
    /// should look again.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.all.subscribe()
    }

    /// The changes of this node from now on, for who tells them to the others.
    pub fn listen_to_own(&self) -> broadcast::Receiver<Change> {
        self.own.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn changes_are_words_for_other_nodes() {
        let workspace = WorkspaceId::from_uuid(Uuid::from_u128(1));
        let member = MemberId::from_uuid(Uuid::from_u128(2));
        let user = UserId::from_uuid(Uuid::from_u128(3));
        for change in [
            Change::Workspace { workspace, member },
            Change::Recorded { workspace },
            Change::Signed { workspace },
            Change::Sessions { user },
            Change::Missed,
        ] {
            assert_eq!(Change::from_word(&change.to_word().unwrap()), change);
        }
        assert_eq!(Change::Outbox.to_word(), None, "each node looks for mail itself");
        for strange in ["", "workspace", "workspace 1 2", "sessions x", "newer thing"] {
            assert_eq!(Change::from_word(strange), Change::Missed, "{strange:?}");
        }
    }
}
