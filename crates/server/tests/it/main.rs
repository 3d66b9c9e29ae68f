//! The server through its whole router, and as a process: stories, tables, the document that
//! describes the API, and hard tests.

mod bad_input;
mod browser;
mod cases;
mod create;
mod document;
mod edit;
mod examples;
mod grant;
mod hostile;
mod kill;
mod line;
mod list;
mod mail;
mod plaintext;
mod process;
mod race;
mod report;
mod roles;
mod slow;
mod support;
mod token;
