//! The second factor: what somebody shows besides their first one, when they have set one up.
//!
//! | step | browser | server |
//! |---|---|---|
//! | t0 | shows the first factor: a code, a link, a password | writes a *second step*, opens no session |
//! | t1 | sends a code of the app, or a recovery code, with the same login cookie | uses the step up, opens the session |
//!
//! A second step follows the rules of an attempt (see [`sign_in`](super::sign_in)): ten minutes, once,
//! only in the browser that showed the first factor, five wrong codes.

mod enrolled;
mod step;

use store::Statement;

pub use enrolled::{Enrolled, get_enrolled};
pub(super) use step::begin_step;

pub(super) fn statements() -> Vec<Statement> {
    [enrolled::STATEMENTS, step::STATEMENTS].concat()
}
