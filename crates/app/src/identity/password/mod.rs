//! Passwords: choosing one, changing it, and signing in with it.
//!
//! | step | browser | server |
//! |---|---|---|
//! | t0 | sends address and password with its login cookie | takes a place in the queue, or answers 429 |
//! | t1 | | counts the guess as wrong, reads the hash: one transaction |
//! | t2 | | checks it on a thread of its own, beside a transaction that nobody waits for |
//! | t3 | | gives the guess back and opens the session; or writes the letter of a lock-out |
//!
//! Somebody who has no password, is disabled or is not there is answered after the same steps, with a
//! check that finds nothing; a guess that comes too early too. What a person may choose is said in
//! [`domain::password`], how often somebody may guess in `lockout`, how it is hashed in
//! [`vault::password`].
//!
//! A password shows that somebody knows it, and no more: it is no proof for what gives power away
//! (`crate::proof`), and whoever has a second factor is asked for it afterwards.

mod blocklist;
mod change;
mod door;
mod guess;
mod hasher;
mod names;
mod rate;
mod row;
mod rules;

use store::Statement;

pub use change::{ChangePassword, allow_password_again, flag_password, remove_password};
pub use door::{ChangeAtDoor, PasswordTried, SignInWithPassword};
pub(crate) use hasher::Hasher;
pub use hasher::{Costs, Hashing, LONGEST_QUEUE};
pub use rate::{Rating, rate};
pub use row::{PasswordState, find_password};
pub use rules::GUIDANCE;
pub use vault::{
    Secret,
    password::{Cost, calibrate, work},
};

pub(super) fn statements() -> Vec<Statement> {
    [row::STATEMENTS, guess::STATEMENTS, hasher::STATEMENTS].concat()
}
