//! Acts that wait to be sent: one file each, on the disk before anything goes to the server, and
//! there until the server has given a final answer.
//!
//! | | what happened | what is on the disk | when the power goes now |
//! |---|---|---|---|
//! | t0 | a person typed a line | nothing | nothing was acknowledged |
//! | t1 | the act is written, fsynced, renamed, folder fsynced | the act | it is sent later |
//! | t2 | the request is put down as it will be sent, every time | the act and its request | the same request is sent later |
//! | t3 | the request is sent | the same | the server knows the id and makes nothing twice |
//! | t4 | the answer came | the same | the same |
//! | t5 | the file is removed | nothing | done |
//!
//! Two locks: `lock` is held for the moment of a change to the folder, `sending` by the one process
//! that sends. `act` says what an act is, `store` keeps them, `replaced` ends what a
//! start was to end, `send` sends them (`request`, `stop`), `view` says what they mean for the timer.

mod act;
mod replaced;
mod request;
mod send;
mod stop;
mod store;
mod view;

#[cfg(test)]
mod tests;

pub(crate) use act::{
    Account, Act, Draft, FORMAT, Frozen, Question, Span, TagRef, Target, Waiting,
};
pub(crate) use send::{Refresh, Report, Sender};
pub(crate) use store::{Spool, Spooled};
pub(crate) use view::{LocalTimer, local_timer};
