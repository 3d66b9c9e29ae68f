//! The API through the whole router: stories, tables, and the document that describes it.

mod bad_input;
mod cases;
mod create;
mod document;
mod edit;
mod examples;
mod grant;
mod hostile;
mod list;
mod race;
mod report;
mod roles;
mod support;
mod token;
