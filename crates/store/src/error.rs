//! What can go wrong below an operation.

use thiserror::Error;

/// Which kind of rule of the schema a statement broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConstraintKind {
    /// A unique index or primary key.
    Unique,
    /// A foreign key.
    ForeignKey,
    /// A CHECK or NOT NULL.
    Check,
}

/// An error of the database, by what the caller can do about it.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// A rule of the schema refused the statement; nothing was written.
    #[error("constraint {kind:?} broken: {detail}")]
    Constraint {
        /// Which kind.
        kind: ConstraintKind,
        /// The engine's words, for the log.
        detail: String,
    },
    /// The disk is full; nothing was written.
    #[error("disk full: {0}")]
    Full(String),
    /// The database cannot be reached or read now; nothing was written.
    #[error("database unavailable: {0}")]
    Unavailable(String),
    /// The line broke while committing and the outcome could not be learnt.
    #[error("outcome unknown: {0}")]
    OutcomeUnknown(String),
    /// Two transactions met and this one lost; the store runs it again by itself.
    #[error("serialization conflict: {0}")]
    Conflict(String),
    /// The workspace is not here.
    #[error("no such workspace")]
    NoSuchWorkspace,
    /// The database was written by a newer release.
    #[error("schema version {found} is newer than this release knows ({known})")]
    NewerSchema {
        /// What the database says.
        found: i64,
        /// The newest this program can serve.
        known: i64,
    },
    /// The configuration asks for what is not done; a sentence that says what to do.
    #[error("{0}")]
    Refused(String),
    /// A statement or a row is not what the program expects.
    #[error("database bug: {0}")]
    Bug(String),
}

impl StoreError {
    /// Whether the operation may be run again from its beginning at once.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }

    /// Whether a unique rule refused it.
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Constraint { kind: ConstraintKind::Unique, .. })
    }
}

/// The error of an operation: made from a [`StoreError`], and able to show the one inside, so that
/// the store can tell a refusal (final) from a conflict (run again).
pub trait Failure: From<StoreError> + Send + 'static {
    /// The store error inside, if that is what it is.
    fn store_error(&self) -> Option<&StoreError>;
}

impl Failure for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}
