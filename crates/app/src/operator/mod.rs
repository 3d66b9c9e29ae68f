//! Who runs the instance, by name, and what they do on workspaces.
//!
//! An operator has no right in any workspace. They ask to look into one ([`crate::support`]), or open a
//! *run-book*: for a few hours the commands that reach workspaces work, each with a name, a reason and a
//! ticket in the records of those it reaches.
//!
//! An operator's secret is printed once, and its hash kept. Whoever has the account of the machine can
//! add operators, too: names tell who did what among people who do not deceive, and bind nobody who has
//! the machine. That is written in `docs/operating/support.md`. [`crate::App::reach_workspace`] and its
//! twin for a person are what each command that reaches a workspace begins with.

mod add;
mod command;
mod run_book;

use store::Statement;

pub use add::{add_operator, authenticate_operator, list_operators, remove_operator};
pub use run_book::{
    OpenRunBook, RUN_BOOK_HOURS, RunBook, close_run_book, find_run_book, open_run_book,
};

pub use crate::support::Operator;

/// All statements of this feature.
pub fn statements() -> Vec<Statement> {
    [add::STATEMENTS, run_book::STATEMENTS].concat()
}
