//! The API through the whole router: stories, tables, and the document that describes it.

mod document;
mod examples;
mod support;
