//! Many wrong passwords at many accounts: the alarm, and what it asks for.
//!
//! Somebody with a list of passwords from elsewhere tries each account once or twice, from many networks:
//! no count of an account or a network sees it. So wrong passwords of all accounts are tallied by the
//! minute, and those of five minutes held against what is usual. During an alarm a password from an
//! unknown browser is looked at only after that browser has done some work: nothing to a person, much to
//! whoever has a million to try. Known browsers and codes by mail go on as always.
//!
//! | step | node | directory |
//! |---|---|---|
//! | a wrong password | adds one to a count in memory | |
//! | one without the work that was asked for | adds one to another, if its network has one left | what its network has left |
//! | every ten seconds | hands its count in, if there is one | the tally of the minute |
//! | | holds five minutes against the median hour of a week | the alarm, for all nodes |
//!
//! So no request writes a row that others write too, and a restart loses ten seconds of a tally.
//!
//! What is sent without work costs its sender nothing. So a network has only so many an hour that count,
//! and they are held against what is usual without ever becoming part of it: an alarm is not held on by
//! one machine, and none is made that the next one does not reach.

mod alarm;
mod puzzle;

use store::Statement;

pub use alarm::Challenges;
pub(crate) use alarm::Guesses;
pub(super) use puzzle::spend;
pub use puzzle::{Puzzle, Solution};

pub(super) fn statements() -> Vec<Statement> {
    [alarm::STATEMENTS, puzzle::STATEMENTS].concat()
}
