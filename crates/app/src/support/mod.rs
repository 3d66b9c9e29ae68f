//! Support access: who runs the instance looks into a workspace, because an owner lets them.
//!
//! | step | operator, at the server | owner | workspace |
//! |---|---|---|---|
//! | t0 | asks, with a reason, a ticket, areas and minutes ([`ask`]) | all are told by mail | a request |
//! | t1 | | gives it, after a fresh proof, for as many minutes at most; or refuses ([`decide`]) | open until then |
//! | t2 | has a link printed, and opens it ([`enter`]) | | a session of its own kind |
//! | t3 | looks ([`seen`]) | sees a banner, and every look in the record | an event for each |
//! | t4 | | ends it, or the time does ([`end`]) | over |
//!
//! Where no owner can be reached, a second operator confirms the request ([`confirm`]), and a day later
//! the first one may open it, to read only; until then, and after, any owner refuses or ends it.
//!
//! All of it lies in the workspace, so what an owner does is in force on the next request. An operator
//! is no member: they have what [`domain::support::Areas`] reaches, and nothing of their own.

mod ask;
mod confirm;
mod decide;
mod end;
mod enter;
mod list;
mod row;
mod seen;

use domain::{
    ids::{MemberId, OperatorId, SupportId},
    support::Areas,
};
use jiff::Timestamp;
use store::Statement;

use crate::identity::policy::CLOCK_SKEW_US;
pub use ask::{AskSupport, MOST_MINUTES};
pub(crate) use ask::{ask_support, check_ask};
pub(crate) use confirm::{check_confirm, confirm_support};
pub use decide::{GrantSupport, grant_support, refuse_support};
pub use end::end_support;
pub(crate) use end::{end_as_operator, expire_support, has_expired};
pub(crate) use enter::{EnteredSupport, enter_support, make_link};
pub(crate) use list::find_open_for;
pub(crate) use list::own_support;
pub use list::{LiveSupport, OwnSupport, get_support, list_support, live_support};
pub(crate) use row::find_support;
pub use seen::{Asked, Seen};
pub(crate) use seen::{is_new_request, mark_seen};

/// An operator who has shown their secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Which.
    pub id: OperatorId,
    /// What they are called.
    pub name: String,
}

/// Support access: what was asked for, and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Support {
    /// Its id.
    pub id: SupportId,
    /// Who asked.
    pub operator: Operator,
    /// Why.
    pub reason: String,
    /// Where that is written down.
    pub ticket: String,
    /// What it reaches.
    pub areas: Areas,
    /// For how long, once it is given.
    pub minutes: i64,
    /// Whether it may change what it reaches.
    pub may_write: bool,
    /// Whether it was asked for because no owner can be reached.
    pub without_owner: bool,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when somebody can decide on it.
    pub lapses_at: Timestamp,
    /// The second operator, where one has confirmed it.
    pub confirmed: Option<Confirmed>,
    /// What was given.
    pub granted: Option<Granted>,
    /// Who refused it, and when.
    pub refused: Option<(MemberId, Timestamp)>,
    /// When support came in first.
    pub opened_at: Option<Timestamp>,
    /// When it ended, and by what.
    pub ended: Option<(Ended, Timestamp)>,
    /// How many requests of it were answered.
    pub seen: i64,
}

/// That a second operator has confirmed a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    /// What they are called.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// From when on it can be opened, if nobody refuses it.
    pub opens_at: Timestamp,
}

/// What was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// By which owner; none where two operators waited a day.
    pub by: Option<MemberId>,
    /// When.
    pub at: Timestamp,
    /// Until when.
    pub ends_at: Timestamp,
}

/// By what support access ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// An owner ended it.
    Owner,
    /// An operator did, at the server.
    Operator,
    /// Who looked did.
    Support,
    /// Its time was over.
    Time,
}

impl Ended {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Owner, Self::Operator, Self::Support, Self::Time];

    /// The stable word, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Support => "support",
            Self::Time => "time",
        }
    }
}

impl std::str::FromStr for Ended {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|ended| ended.as_str() == text).ok_or(())
    }
}

/// Where support access stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// An owner, or a second operator, is asked.
    Asked,
    /// Two operators have asked: it can be opened from then on, unless an owner refuses.
    Waits(Timestamp),
    /// Two operators have asked, and nobody refused it for a day.
    Ready,
    /// It is given until then.
    Open(Timestamp),
    /// An owner refused it.
    Refused,
    /// Nobody decided in time.
    Lapsed,
    /// It is over.
    Ended,
}

impl Support {
    /// Where it stands at this instant.
    pub fn state(&self, now: Timestamp) -> State {
        if self.refused.is_some() {
            return State::Refused;
        }
        if let Some(granted) = &self.granted {
            // What was given in the future was given before the clock was set back: it opens nothing.
            let is_early = granted.at.as_microsecond() > now.as_microsecond() + CLOCK_SKEW_US;
            let is_over = self.ended.is_some() || granted.ends_at <= now || is_early;
            return if is_over { State::Ended } else { State::Open(granted.ends_at) };
        }
        if self.lapses_at <= now {
            return State::Lapsed;
        }
        match &self.confirmed {
            Some(confirmed) if confirmed.opens_at <= now => State::Ready,
            Some(confirmed) => State::Waits(confirmed.opens_at),
            None => State::Asked,
        }
    }
}

/// All statements of this feature.
pub fn statements() -> Vec<Statement> {
    [
        ask::STATEMENTS,
        confirm::STATEMENTS,
        decide::STATEMENTS,
        end::STATEMENTS,
        enter::STATEMENTS,
        list::STATEMENTS,
        row::STATEMENTS,
        seen::STATEMENTS,
    ]
    .concat()
}
