//! What a password has to be, in words.

use domain::password::{
    Expected, LEAST_ALONE, LEAST_WITH_SECOND, MOST_BYTES, Password, PasswordError,
};
use domain::text::EmailAddress;
use vault::Secret;

use super::blocklist::is_common;
use crate::{Error, identity::second::Enrolled};

/// What people sign in to.
const SERVICE: &str = "Timeproof";

/// How to find a good one.
pub const GUIDANCE: &str = "Four or five words that nobody would expect together are easy to keep and \
     hard to guess. Better still: let a password manager make it up. All characters are allowed, \
     spaces too.";

/// How many characters are needed: fewer where an authenticator app is asked for as well. A code by mail
/// is no factor that stands beside a password.
pub(super) fn least(enrolled: &Enrolled) -> usize {
    if enrolled.has_app() { LEAST_WITH_SECOND } else { LEAST_ALONE }
}

/// Names that everybody would try for this address.
pub(super) fn expected_of(expected: &Expected, address: &EmailAddress) -> Expected {
    expected.clone().with_name(SERVICE).with_address(address)
}

/// Reads a password that is to be chosen, in the form that is hashed.
///
/// Errors: [`Error::Invalid`] for `field`, with the reason.
pub(super) fn read_new(
    field: &'static str,
    typed: &str,
    least: usize,
    expected: &Expected,
) -> Result<Secret<String>, Error> {
    let refused = |error| refuse(field, error);
    let password = Password::read(typed).map_err(refused)?;
    password.check(least, expected, is_common).map_err(refused)?;
    Ok(Secret::new(password.into_string()))
}

/// Reads a password that is to be tried, in the form that was hashed. One that cannot be any is as good
/// as a wrong one.
pub(super) fn read_tried(typed: &str) -> Option<Secret<String>> {
    Password::read(typed).ok().map(|password| Secret::new(password.into_string()))
}

fn refuse(field: &'static str, error: PasswordError) -> Error {
    Error::invalid(field, code(error), sentence(error))
}

const fn code(error: PasswordError) -> &'static str {
    match error {
        PasswordError::Empty => "empty",
        PasswordError::TooLong => "too_long",
        PasswordError::TooShort { .. } => "too_short",
        PasswordError::Common => "common",
        PasswordError::Repetitive => "repetitive",
        PasswordError::Sequential => "sequential",
        PasswordError::Expected => "expected",
    }
}

/// Why, and what to do.
pub(super) fn sentence(error: PasswordError) -> String {
    match error {
        PasswordError::Empty => "Choose a password.".to_owned(),
        PasswordError::TooLong => {
            format!("This is too long: {MOST_BYTES} bytes are the most, about as many letters.")
        }
        PasswordError::TooShort { least, actual } => {
            let missing = least.saturating_sub(actual);
            format!("{least} characters are needed, {missing} more than this. Add a word or two.")
        }
        PasswordError::Common => {
            "Many people have this password, so it is among the first that are tried. Choose one \
             that is yours alone."
                .to_owned()
        }
        PasswordError::Repetitive => {
            "This repeats a few characters, which is tried early. Use different words.".to_owned()
        }
        PasswordError::Sequential => {
            "This is a row of letters, digits or keys, which is tried early. Use words that do not \
             follow each other."
                .to_owned()
        }
        PasswordError::Expected => {
            "This is little more than a name, an address or the name of this service: whoever knows \
             you tries these first. Add words that have nothing to do with you."
                .to_owned()
        }
    }
}

/// The new one is the one there is.
pub(super) fn refuse_same(field: &'static str) -> Error {
    Error::invalid(field, "same", "This is the password you have. Choose another one.")
}
