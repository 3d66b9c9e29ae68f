//! The server through its whole router, and as a process: stories, tables, the document that
//! describes the API, and hard tests.

mod browser;
mod document;
mod examples;
mod kill;
mod line;
mod plaintext;
mod process;
mod slow;
mod support;
