//! What a password has to be: long enough, and not one that everybody would try first.
//!
//! | rule | why |
//! |---|---|
//! | 15 characters where it is all that is asked for, 8 beside a second factor | guessing gets harder with length alone |
//! | at most 1 KiB, every character kept, also spaces at the ends | nothing is cut off without a word |
//! | compared in NFC | one keyboard writes `é` as one character, another as two |
//! | not on the list of common ones, no pattern, no name that is known of the person | these are tried first |
//!
//! Deliberately absent: rules about capitals, digits and signs, an age, hints and questions. They make
//! passwords that people write down and programs guess.
//!
//! Source: NIST SP 800-63B-4, 3.1.1.2.

mod pattern;

use std::collections::BTreeSet;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::text::{EmailAddress, fold};

/// The most bytes of UTF-8 that a password has, as typed and normalised.
pub const MOST_BYTES: usize = 1024;
/// The fewest characters of a password that is all that is asked for.
pub const LEAST_ALONE: usize = 15;
/// The fewest characters of a password beside a second factor.
pub const LEAST_WITH_SECOND: usize = 8;

/// A name shorter than this is found in too many words.
const SHORTEST_NAME: usize = 3;
/// Different characters that have to be there beside names and digits, and in all.
const LEAST_DIFFERENT: usize = 4;

/// Why a password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Nothing was typed.
    #[error("empty")]
    Empty,
    /// More than [`MOST_BYTES`].
    #[error("longer than {MOST_BYTES} bytes")]
    TooLong,
    /// Fewer characters than are needed.
    #[error("{actual} characters, {least} are needed")]
    TooShort {
        /// How many are needed.
        least: usize,
        /// How many there are.
        actual: usize,
    },
    /// On the list of passwords that many people have.
    #[error("common")]
    Common,
    /// A few characters over and over.
    #[error("repetitive")]
    Repetitive,
    /// Rows of the alphabet, of digits or of the keyboard.
    #[error("sequential")]
    Sequential,
    /// Little but names that are known of the person.
    #[error("expected")]
    Expected,
}

/// A password as it is hashed: in NFC, and otherwise as it was typed.
///
/// ```
/// use domain::password::Password;
/// let password = Password::read(" Cafe\u{301} au lait ")?;
/// assert_eq!(password.as_str(), " Caf\u{e9} au lait ");
/// assert_eq!(password.count(), 14);
/// # Ok::<(), domain::password::PasswordError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Normalises what was typed.
    ///
    /// Errors: [`PasswordError::Empty`], [`PasswordError::TooLong`].
    pub fn read(typed: &str) -> Result<Self, PasswordError> {
        if typed.is_empty() {
            return Err(PasswordError::Empty);
        }
        refuse_more_bytes(typed)?;
        let text: String = typed.nfc().collect();
        refuse_more_bytes(&text)?;
        Ok(Self(text))
    }

    /// What is hashed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What is hashed, for whoever wipes it.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Its length: each code point counts once.
    pub fn count(&self) -> usize {
        self.0.chars().count()
    }

    /// Whether it may be chosen.
    ///
    /// `least` is [`LEAST_ALONE`] or [`LEAST_WITH_SECOND`]; `is_common` tells whether a text in small
    /// letters is on the list of common passwords.
    ///
    /// Errors: what is wrong with it, length first.
    pub fn check(
        &self,
        least: usize,
        expected: &Expected,
        is_common: impl Fn(&str) -> bool,
    ) -> Result<(), PasswordError> {
        let actual = self.count();
        if actual < least {
            return Err(PasswordError::TooShort { least, actual });
        }
        let small = self.0.to_lowercase();
        let unit = pattern::unit(&small);
        if different(small.chars()) < LEAST_DIFFERENT || unit.chars().count() < LEAST_WITH_SECOND {
            return Err(PasswordError::Repetitive);
        }
        if pattern::is_sequential(&small) {
            return Err(PasswordError::Sequential);
        }
        // Its words are as common with something between them.
        let joined: String = small.chars().filter(|c| !is_between_words(*c)).collect();
        if is_common(&small) || is_common(&unit) || is_common(&joined) {
            return Err(PasswordError::Common);
        }
        if expected.is_all_of(&small) {
            return Err(PasswordError::Expected);
        }
        Ok(())
    }
}

/// Nothing of it is printed, not even its length.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Names that are tried first, since they are known of a person: their own, their address, where they
/// work, what they sign in to.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Expected(BTreeSet<String>);

impl Expected {
    /// With a name, as a whole and by its words.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        let folded = fold(name);
        self.0.extend(folded.split(|c: char| !c.is_alphanumeric()).map(str::to_owned));
        self.0.insert(folded.chars().filter(|c| c.is_alphanumeric()).collect());
        self.0.retain(|word| word.chars().count() >= SHORTEST_NAME);
        self
    }

    /// With an address and its parts.
    #[must_use]
    pub fn with_address(self, address: &EmailAddress) -> Self {
        self.with_name(address.as_str()).with_name(address.normalised())
    }

    /// The names in small letters.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether a password in small letters is made of these names, digits, and hardly anything else.
    fn is_all_of(&self, small: &str) -> bool {
        let mut words: Vec<&str> = self.words().collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        let rest = words.iter().fold(small.to_owned(), |rest, word| rest.replace(word, " "));
        let is_said = |c: &char| !c.is_whitespace() && !c.is_numeric();
        rest != small && different(rest.chars().filter(is_said)) < LEAST_DIFFERENT
    }
}

/// Names are personal.
impl fmt::Debug for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expected({} words)", self.0.len())
    }
}

const fn is_between_words(c: char) -> bool {
    matches!(c, ' ' | '-' | '_' | '.' | ',')
}

fn refuse_more_bytes(text: &str) -> Result<(), PasswordError> {
    if text.len() > MOST_BYTES { Err(PasswordError::TooLong) } else { Ok(()) }
}

fn different(characters: impl Iterator<Item = char>) -> usize {
    characters.collect::<BTreeSet<_>>().len()
}

#[cfg(test)]
mod tests;
