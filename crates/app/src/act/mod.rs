//! Acts over two databases: set a workspace up, invite, join, say who joins by themselves, remove, change
//! one's address, make or collect a token.
//!
//! Each follows one order and survives a crash at every step: keys durable in the keyring, the
//! intention in the directory, the workspace, then what the directory owes and the end of the
//! intention, in one transaction. [`App::sweep_intentions`] finishes or undoes what stopped
//! between. A test stops each act after each of its [`STEPS`].

mod address;
mod by_rule;
mod checkpoint;
mod collect;
mod disable;
mod export;
mod invite;
mod join;
mod join_rule;
mod make_token;
mod open_policy;
mod recover;
mod remove;
mod reset_factors;
mod set_up;
mod support;
mod sweep;

pub use address::AddressChanged;
pub use by_rule::{JoinByRule, Joinable};
pub use checkpoint::STEPS;
pub(crate) use checkpoint::Stop;
pub use collect::CollectedToken;
pub use disable::Disabled;
pub use invite::Invite;
pub use join::{Invitee, JoinWorkspace, Joined};
pub use set_up::{SetUp, SetUpWorkspace};
pub use support::{NewSupportSession, SupportLink};

use crate::{Error, Trouble};

/// What the intentions are called.
mod kind {
    pub(super) const SET_UP: &str = "workspace.set_up";
    pub(super) const INVITE: &str = "member.invite";
    pub(super) const JOIN: &str = "member.join";
    pub(super) const REMOVE: &str = "member.remove";
    pub(super) const JOIN_RULE: &str = "join_rule.change";
}

/// Fields of an intention's payload, one a line, in the order the act wrote them. None of them can
/// hold a line break: they are ids, addresses, tokens and names.
fn payload(fields: &[&str]) -> String {
    fields.join("\n")
}

/// What became of an act's step in the workspace, once that is known: done, or refused.
///
/// Errors: trouble of the database. Then nobody knows, and the intention is left to the sweeper.
fn known<T>(outcome: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match outcome {
        Err(error) if error.trouble() != Trouble::None => Err(error),
        outcome => Ok(outcome),
    }
}

fn fields<const N: usize>(payload: &str) -> Result<[&str; N], Error> {
    let fields: Vec<&str> = payload.split('\n').collect();
    fields.try_into().map_err(|_| Error::bug("an intention of another shape"))
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::bug("an intention of another shape"))
}
