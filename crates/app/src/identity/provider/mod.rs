//! Signing in by a provider (OpenID Connect): the way there and back, and whose account it is.
//!
//! | step | browser | server | provider |
//! |---|---|---|---|
//! | t0 | follows a link | writes a *journey*: state, nonce, PKCE verifier, bound to the login cookie | |
//! | t1 | goes to the provider | | asks who it is |
//! | t2 | comes back with state and code | uses the journey up, fetches the token, checks it | |
//! | t3 | | a *link* of that account to a person opens a session | |
//!
//! What a provider says counts where it was set up. An account there is joined to a person only by a
//! link, and a link is made by the person alone: signed in otherwise, or by a code that is mailed to
//! the address that the provider tells. A session by the provider of a workspace opens that workspace
//! and nothing else, and is no proof for changing the account.
//!
//! Deliberately absent: HTTP and tokens, which are the server's.

mod arrive;
mod journey;
mod link;
mod logout;

use domain::ids::{ProviderId, WorkspaceId};
use store::{Row, Statement};

use crate::Error;

pub(in crate::identity) use arrive::confirm;
pub use arrive::{Arrival, Arrived, arrive};
pub use journey::{Journey, NewJourney, Taken, begin_journey, take_journey};
pub use link::{Link, connect, disconnect, list_links};
pub use logout::{Logout, log_out};

/// Which provider, and whose: the instance's own has no workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Which {
    /// Its id.
    pub id: ProviderId,
    /// The workspace that has set it up.
    pub workspace: Option<WorkspaceId>,
}

impl Which {
    /// Reads an id and a workspace, in column `at` and the next one; none where there is no id.
    pub(super) fn read(row: &Row, at: usize) -> Result<Option<Self>, Error> {
        let Some(id) = row.get(at)? else { return Ok(None) };
        Ok(Some(Self { id, workspace: row.get(at + 1)? }))
    }

    /// Whose provider it is and which, in one: an id is drawn by whoever sets the provider up, and may be
    /// one that another workspace or the operator has.
    fn as_bytes(&self) -> Vec<u8> {
        let owner = self.workspace.map_or([0; 16], WorkspaceId::as_bytes);
        [self.id.as_bytes().as_slice(), owner.as_slice()].concat()
    }
}

/// Somebody's account at a provider, as the provider tells.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Which provider.
    pub provider: Which,
    /// What the provider calls them, for ever (`sub`).
    pub subject: String,
}

/// Who it is is nobody's business in a log.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Account({})", self.provider.id)
    }
}

pub(super) fn statements() -> Vec<Statement> {
    [arrive::STATEMENTS, journey::STATEMENTS, link::STATEMENTS, logout::STATEMENTS].concat()
}
