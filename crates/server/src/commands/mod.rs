//! What can be typed behind `timeproof`.

pub mod demo;
pub mod link;
pub mod seed;
pub mod serve;

use std::io::Write;

/// Tells the operator what went wrong.
pub fn complain(error: &anyhow::Error) {
    // Nothing can be done when not even the complaint can be written.
    drop(writeln!(std::io::stderr(), "timeproof: {error:#}"));
}

/// Prints a line for the operator or a script.
pub(crate) fn say(line: &str) {
    // A closed pipe must not end the server.
    drop(writeln!(std::io::stdout(), "{line}"));
}
