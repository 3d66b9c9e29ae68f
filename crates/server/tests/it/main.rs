//! The server through its whole router, and as a process: stories, tables, the document that
//! describes the API, and hard tests.

mod browser;
mod document;
mod examples;
mod forged;
mod headers;
mod kill;
mod line;
mod live;
mod ott;
mod plaintext;
mod process;
mod slow;
mod support;
