//! Operations, by feature: who may, rule, SQL, event.
//!
//! Everything runs in an [`Op`] (one transaction in a workspace's database, with the actor, their
//! rights, the keys and the clock) or a [`DirectoryOp`] (the same for sign-in and sessions). Without
//! one there is no connection. Entry points are [`App::write`], [`App::read`] and their directory
//! twins; a feature's operations are plain functions over an `Op`, called alike by pages, API,
//! operator commands and tests.
//!
//! Absent on purpose: HTTP, HTML, JSON, the environment and the clock.

#![warn(missing_docs)]

mod act;
pub mod actor;
mod anomaly;
mod app;
pub mod audit;
pub mod clock;
mod copy;
mod error;
mod field;
pub mod input;
pub mod jobs;
pub mod live;
mod named;
pub mod names;
mod op;
pub mod paging;
mod proof;
mod refusal;
mod statements;
mod unprinted;

pub mod client;
pub mod export;
pub mod identity;
pub mod invitation;
pub mod joining;
pub mod ledger;
pub mod member;
pub mod operator;
pub mod project;
pub mod provider;
pub mod record;
pub mod report;
pub mod role;
pub mod security;
pub mod sign_in_policy;
pub mod support;
pub mod tag;
pub mod task;
pub mod team;
pub mod time_entry;
pub mod timer;
pub mod token;
pub mod trash;
pub mod workspace;

pub use act::{
    AddressChanged, CollectedToken, Disabled, Invite, Invitee, JoinByRule, JoinWorkspace, Joinable,
    Joined, NewSupportSession, STEPS, SetUp, SetUpWorkspace, SupportLink,
};
pub use actor::{Actor, Credential};
pub use app::{App, Parts};
pub use copy::Copied;
pub use error::{Error, FieldError, Fields, Trouble};
pub use named::ChangeNamed;
pub use names::Names;
pub use op::{DirectoryOp, Me, Op, Operation, Settings};
pub use refusal::{Refusal, unmet_sentence};
pub use statements::statements;
