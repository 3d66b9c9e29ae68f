//! The server through its whole router, and as a process: stories, tables, the document that
//! describes the API, and hard tests.

mod bad_input;
mod cases;
mod create;
mod browser;
mod document;
mod edit;
mod examples;
mod grant;
mod hostile;
mod list;
mod race;
mod report;
mod roles;
mod kill;
mod line;
mod plaintext;
mod process;
mod slow;
mod support;
mod token;
