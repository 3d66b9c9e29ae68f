//! What an operation answers when it does not do what was asked.

use std::io;

use domain::sign_in_policy::Unmet;
use store::{Failure, StoreError};
use thiserror::Error;
use vault::{OpenError, Place, SealError, VaultError};

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
    /// Yours, once you come in as the workspace's sign-in policy asks.
    #[error("kept out by the sign-in policy: {0}")]
    KeptOut(Unmet),
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
    /// The database or the keyring cannot serve now, or a rule of the schema was met that the operation
    /// did not expect.
    #[error(transparent)]
    Store(StoreError),
    /// A sealed text does not open: it was altered, moved or put back from before, or its key is not
    /// here. Or the ledger is not what was signed. Which one, for the log.
    #[error("damaged: {0}")]
    Damaged(String),
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

    /// The keyring lacks a key that was made with what needs it.
    pub(crate) fn key_missing(kind: vault::KeyKind) -> Self {
        Self::Damaged(format!(
            "the keyring holds no key of the kind {kind:?} here: it may be older than the databases"
        ))
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

/// What is wrong with the database or the keyring, for whoever tells the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The disk is full; nothing was written.
    Full,
    /// It cannot be reached now; nothing was written.
    Unavailable,
    /// The line broke while committing.
    OutcomeUnknown,
    /// It is neither.
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

/// What the file system refuses is trouble as with a database, and passes; a key that is not there was
/// lost; all else is a bug.
impl From<VaultError> for Error {
    fn from(error: VaultError) -> Self {
        match error.io_kind() {
            Some(io::ErrorKind::StorageFull) => Self::Store(StoreError::Full(error.in_full())),
            Some(_) => Self::Store(StoreError::Unavailable(error.in_full())),
            None if error.is_missing_key() => Self::Damaged(format!(
                "vault: {}; the keyring may be older than the databases",
                error.in_full()
            )),
            None => Self::Bug(format!("vault: {}", error.in_full())),
        }
    }
}

impl From<SealError> for Error {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Key(error) => error.into(),
            error => Self::Bug(format!("vault: {error}")),
        }
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Keyring(why) => Self::Store(StoreError::Unavailable(why)),
            error => Self::Damaged(error.to_string()),
        }
    }
}

impl Error {
    /// Why a sealed text did not open, and where it lies.
    pub(crate) fn unopened(error: OpenError, place: &Place) -> Self {
        let hex = |id: [u8; 16]| uuid::Uuid::from_bytes(id);
        match error.into() {
            Self::Damaged(why) => Self::Damaged(format!(
                "{:?} of row {} in workspace {}: {why}",
                place.field,
                hex(place.row),
                hex(place.workspace)
            )),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use vault::KeyringError;

    use super::*;

    fn refused(kind: io::ErrorKind) -> VaultError {
        let (action, path) = ("write to", "/data/keyring-a/1.keys".into());
        let source = KeyringError::Io { action, path, source: kind.into() };
        VaultError::Keyring { copy: "folder /data/keyring-a".to_owned(), source }
    }

    #[test]
    fn a_full_disk_below_the_keyring_is_one() {
        let full = || refused(io::ErrorKind::StorageFull);
        for error in [Error::from(full()), SealError::Key(full()).into()] {
            assert_eq!(error.trouble(), Trouble::Full);
            let text = error.to_string();
            assert!(text.contains("/data/keyring-a/1.keys: no storage space"), "{text}");
        }
        let denied = Error::from(refused(io::ErrorKind::PermissionDenied));
        assert_eq!(denied.trouble(), Trouble::Unavailable);
        let unread = Error::from(OpenError::Keyring("permission denied".to_owned()));
        assert_eq!(unread.trouble(), Trouble::Unavailable);
        assert_eq!(Error::from(VaultError::NoCopies).trouble(), Trouble::None);
    }
}
