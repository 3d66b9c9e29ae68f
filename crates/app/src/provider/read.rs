//! What somebody types about a provider, read.

use domain::{
    provider::{Issuer, IssuerError},
    text::Name,
};
use vault::Secret;

use super::NewSettings;
use crate::{Error, FieldError, Fields};

/// The longest label, in characters: it stands on a button.
pub const LONGEST_LABEL: usize = 40;
/// The longest client id.
pub const LONGEST_CLIENT: usize = 255;
/// The longest secret.
pub const LONGEST_SECRET: usize = 1_000;
/// Classes of a provider at most.
pub const MOST_CLASSES: usize = 10;
/// The longest class.
pub const LONGEST_CLASS: usize = 100;

/// Settings as they were typed.
#[derive(Debug, Clone, Copy)]
pub struct Typed<'a> {
    /// Field `label`.
    pub label: &'a str,
    /// Field `client_id`.
    pub client_id: &'a str,
    /// Field `asks_second_factor`.
    pub asks_second: bool,
    /// Field `classes`.
    pub classes: &'a str,
}

/// Reads an issuer.
///
/// Errors: [`Error::Invalid`].
pub fn read_issuer(text: &str) -> Result<Issuer, Error> {
    Issuer::parse(text).map_err(|error| match error {
        IssuerError::InTheClear => {
            Error::invalid("issuer", "not_https", "An issuer has an https address.")
        }
        IssuerError::Unreadable => Error::invalid(
            "issuer",
            "invalid",
            "Write the issuer as the provider does, such as https://accounts.google.com.",
        ),
    })
}

/// Reads a client secret.
///
/// Errors: [`Error::Invalid`].
pub fn read_secret(text: &str) -> Result<Secret<String>, Error> {
    let text = text.trim();
    let is_one = (1..=LONGEST_SECRET).contains(&text.len()) && !text.contains(char::is_control);
    if is_one {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err(Error::invalid(
            "client_secret",
            "invalid",
            "Paste the client secret that the provider shows.",
        ))
    }
}

/// Reads settings; all that is wrong is told at once.
///
/// Errors: [`Error::Invalid`].
pub fn read_settings(typed: Typed<'_>) -> Result<NewSettings, Error> {
    let mut wrong = Vec::new();
    let mut refuse = |field, message: &str| {
        wrong.push(FieldError { field, code: "invalid", message: message.to_owned() });
    };
    let label = Name::parse(typed.label).map(|name| name.as_str().to_owned()).unwrap_or_default();
    if label.is_empty() || label.chars().count() > LONGEST_LABEL {
        refuse("label", "Write what the button says, in 1 to 40 characters.");
    }
    let client_id = typed.client_id.trim();
    let is_plain = client_id.bytes().all(|byte| byte.is_ascii_graphic());
    if client_id.is_empty() || client_id.len() > LONGEST_CLIENT || !is_plain {
        refuse("client_id", "Paste the client id that the provider shows.");
    }
    let classes: Vec<&str> = typed.classes.split_whitespace().collect();
    let is_class = |class: &&str| {
        class.len() <= LONGEST_CLASS && class.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if classes.len() > MOST_CLASSES || !classes.iter().all(is_class) {
        refuse("classes", "Write up to ten classes as the provider does, separated by spaces.");
    }
    let classes = classes.join(" ");
    if wrong.is_empty() {
        let (client_id, asks_second) = (client_id.to_owned(), typed.asks_second);
        Ok(NewSettings { label, client_id, asks_second, classes })
    } else {
        Err(Error::Invalid(Fields(wrong)))
    }
}
