//! The server through its whole router, and as a process: stories, tables, the document that
//! describes the API, and hard tests.

mod document;
mod examples;
mod kill;
mod line;
mod process;
mod support;
