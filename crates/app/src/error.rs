//! What an operation answers when it does not do what was asked.

use store::{Failure, StoreError};
use thiserror::Error;
use vault::VaultError;

use crate::Refusal;

/// Why an operation did nothing.
#[derive(Debug, Error)]
pub enum Error {
    /// The rules refuse it.
    #[error("refused: {0:?}")]
    Refused(Refusal),
    /// Not there, or not yours: the same answer.
    #[error("not found")]
    NotFound,
    /// Yours to see, not to do.
    #[error("forbidden")]
    Forbidden,
    /// Yours to do, once you have shown anew who you are (see [`crate::proof`]).
    #[error("needs a fresh proof")]
    NeedsProof,
    /// Nobody is signed in, or the session or token has ended.
    #[error("not signed in")]
    SignedOut,
    /// Fields are wrong.
    #[error("invalid: {0:?}")]
    Invalid(Fields),
    /// The thing has changed since it was read; its version now.
    #[error("stale, version is {0}")]
    Stale(i64),
    /// The id is taken by a thing made from another body.
    #[error("id taken")]
    IdTaken,
    /// The database cannot serve now, or met a rule of the schema that the operation did not expect.
    #[error(transparent)]
    Store(StoreError),
    /// The program is wrong.
    #[error("bug: {0}")]
    Bug(String),
}

/// Fields that are wrong, in the order of the form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Vec<FieldError>);

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name in the command.
    pub field: &'static str,
    /// A stable code, such as `too_long`.
    pub code: &'static str,
    /// A sentence for people.
    pub message: String,
}

impl Error {
    /// One wrong field.
    pub fn invalid(field: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(Fields(vec![FieldError { field, code, message: message.into() }]))
    }

    /// A state the program believed impossible.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::Bug(what.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// What is wrong with the database, for whoever tells the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full; nothing was written.
    Full,
    /// It cannot be reached now; nothing was written.
    Unavailable,
    /// The line broke while committing.
    OutcomeUnknown,
    /// It is not the database.
    None,
}

impl Error {
    /// What is wrong with the database, if it is that.
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Store(StoreError::Full(_)) => Trouble::Full,
            Self::Store(
                StoreError::Unavailable(_)
                | StoreError::Conflict(_)
                | StoreError::NewerSchema { .. },
            ) => Trouble::Unavailable,
            Self::Store(StoreError::OutcomeUnknown(_)) => Trouble::OutcomeUnknown,
            _ => Trouble::None,
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchWorkspace => Self::NotFound,
            error => Self::Store(error),
        }
    }
}

impl Failure for Error {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}

impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        Self::Bug(format!("vault: {error}"))
    }
}

impl From<vault::SealError> for Error {
    fn from(error: vault::SealError) -> Self {
        Self::Bug(format!("vault: {error}"))
    }
}

impl From<vault::OpenError> for Error {
    fn from(error: vault::OpenError) -> Self {
        Self::Bug(format!("vault: {error}"))
    }
}
