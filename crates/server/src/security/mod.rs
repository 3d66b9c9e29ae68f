//! My security: how one signs in, and where one is signed in.
//!
//! The page is one address; each section of it has a file with its forms and its view, and a template.
//! What belongs to the account alone can also be reached outside of any workspace, at `/security`.
//! A section that refuses a form shows the whole page again, with what was typed.

pub(crate) mod address;
mod passkey;
pub(crate) mod password;
mod provider_names;
mod providers;
mod qr;
mod second;
mod sessions;
pub mod view;
pub mod web;

pub(crate) use sessions::method_words;
