//! Statements and the values bound to them.

/// One SQL text for both engines, named for logs and plans.
///
/// Parameters are `$1`, `$2`, … and each may appear more than once. The portable subset is written
/// down in `docs/sql.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// `feature.verb`, unique in the program.
    pub name: &'static str,
    /// The text.
    pub sql: &'static str,
}

impl Statement {
    /// Names a text.
    pub const fn new(name: &'static str, sql: &'static str) -> Self {
        Self { name, sql }
    }
}

/// A value bound to a parameter or read from a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// Integers, instants (microseconds UTC), days since 1970, booleans as 0 and 1.
    Int(i64),
    /// An id: BLOB of 16 bytes in SQLite, `uuid` in PostgreSQL.
    Id([u8; 16]),
    /// Ciphertext, hashes, canonical bytes.
    Bytes(Vec<u8>),
    /// Words of the program's own vocabulary and zone names; never what a person typed.
    Text(String),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(i64::from(value))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<[u8; 32]> for Value {
    fn from(value: [u8; 32]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<uuid::Uuid> for Value {
    fn from(id: uuid::Uuid) -> Self {
        Self::Id(*id.as_bytes())
    }
}
