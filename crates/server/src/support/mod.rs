//! Support access: what who runs the instance may look at, and the page on which owners decide.
//!
//! [`access`] knows a support session in a browser, [`pages`] what it may open and how that stands in the
//! record, [`web`] the pages.

mod access;
mod pages;
mod present;
pub mod view;
pub mod web;

pub(crate) use access::{Access, Found, SupportVisit, find, signed_in};
pub(crate) use pages::told_page;
pub(crate) use present::{areas_words, bars};
