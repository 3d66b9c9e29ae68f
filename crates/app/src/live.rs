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
    /// Sessions of a person have ended.
    Sessions {
        /// Whose.
        user: UserId,
    },
    /// There may be mail to send.
    Outbox,
}

/// Sends and hands out changes of this process.
#[derive(Clone)]
pub struct Live {
    sender: broadcast::Sender<Change>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::channel(1024).0 }
    }
}

impl Live {
    pub(crate) fn send(&self, change: Change) {
        // Nobody listening is not an error.
        drop(self.sender.send(change));
    }

    /// All changes from now on. A slow listener is told how many it missed and should look again.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }
}
