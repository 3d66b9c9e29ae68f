//! Who asks.

use std::net::IpAddr;

use domain::{
    Choice,
    ids::{MemberId, ProviderId, RequestId, SupportId, TokenId, UserId, WorkspaceId},
    permission::Right,
    sign_in_policy::{FirstFactor, SecondFactor, Shown},
    support::Areas,
};
use jiff::Timestamp;

/// Who asks, and with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// What was shown.
    pub credential: Credential,
    /// The request, for the log and the events.
    pub request: RequestId,
    /// How and from where, for the sign-in policy of the workspace.
    pub came: Came,
}

impl Actor {
    /// Somebody of whom no more is known: any restriction of a sign-in policy keeps them out, but the
    /// program itself.
    pub fn new(credential: Credential, request: RequestId) -> Self {
        Self { credential, request, came: Came::default() }
    }
}

/// How somebody has signed in, and from where they ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Came {
    /// With which factors; none for what is no session.
    pub factors: Option<(FirstFactor, Option<SecondFactor>)>,
    /// Since when; none for what is no session.
    pub since: Option<Since>,
    /// Which provider has opened the session, if one has.
    pub provider: Option<CameBy>,
    /// The address that the request comes from, where it came by a connection.
    pub from: Option<IpAddr>,
    /// Whether they ask for no more than their own account: that is put right at the door, before one
    /// comes in. There they have no rights in the workspace.
    pub stays_at_door: bool,
}

/// When somebody has signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// When they have shown who they are.
    pub at: Timestamp,
    /// Whether their browser has signed in by itself since.
    pub is_remembered: bool,
}

impl Since {
    /// How long ago that is, for a sign-in policy.
    pub(crate) fn shown(self, now: Timestamp) -> Shown {
        let age_s = now.as_second().saturating_sub(self.at.as_second());
        Shown { age_s, is_remembered: self.is_remembered }
    }
}

/// Whose provider has opened a session: that decides what it opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CameBy {
    /// One of the operator's: every workspace that allows providers.
    Instance,
    /// One of a workspace: this one alone, for as long as the provider is there.
    Workspace(WorkspaceId, ProviderId),
}

/// What an actor has shown. It is looked up in the workspace's own database inside the transaction,
/// so a change of rights is in force on the next request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    /// A person who is signed in, and has shown just now who they are.
    Session(UserId),
    /// A person who is signed in since a while, or in a remembered browser.
    UnprovenSession(UserId),
    /// A person who has let a program in, in a session that met the sign-in policy then.
    Approval(UserId),
    /// The hash of an API token's secret.
    Token([u8; 32]),
    /// The hash of the secret of a support session: who runs the instance, let in by an owner. Only
    /// [`crate::App::read_as_support`] and [`crate::App::write_as_support`] take it, since every look is
    /// an event.
    Support([u8; 32]),
    /// The program itself, in the name of a member: the demo's seed, the sweeper.
    System(MemberId),
}

/// What a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Read what the member may read.
    Read,
    /// Read, and change the member's own time.
    Track,
    /// All that the member may.
    Full,
}

impl Scope {
    /// The word stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Track => "track",
            Self::Full => "full",
        }
    }

    /// Whether a token of this scope may use a right its member has.
    pub const fn covers(self, right: Right) -> bool {
        let is_read = matches!(
            right,
            Right::ReadOwnTime
                | Right::ReadTime
                | Right::ReadProjects
                | Right::ReadTasks
                | Right::ReadProjectMembers
                | Right::ReadClients
                | Right::ReadTags
                | Right::ReadMembers
                | Right::ReadAddresses
                | Right::ReadTeams
                | Right::ReadRoles
                | Right::ReadReports
                | Right::ExportReports
                | Right::ReadHistory
                | Right::ReadRecord
                | Right::ReadSettings
                | Right::ExportOwnData
        );
        let is_tracking = matches!(right, Right::TrackTime | Right::EditOwnTime | Right::CreateTag);
        match self {
            Self::Full => true,
            Self::Track => is_read || is_tracking,
            Self::Read => is_read,
        }
    }

    /// Every scope, the narrowest first.
    pub const ALL: &'static [Self] = &[Self::Read, Self::Track, Self::Full];

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scope| scope.as_str() == text)
    }
}

impl Choice for Scope {
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().copied().map(Self::as_str).collect()
    }
}

impl std::str::FromStr for Scope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::parse(text).ok_or(())
    }
}

/// How the actor came in, after the look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A session in a browser, just opened.
    Session,
    /// A session in a browser, opened a while ago or by the browser itself.
    UnprovenSession,
    /// An API token.
    Token(TokenId, Scope),
    /// A support session, which reaches these areas and no more.
    Support(SupportId, Areas, MayWrite),
    /// The program itself.
    System,
}

/// Whether support may change what it reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MayWrite(pub bool);
