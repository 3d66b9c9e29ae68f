//! Rows, read by position.

use crate::{StoreError, Value};

/// One row of an answer; columns are read by position in the order of the SELECT list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub(crate) values: Vec<Value>,
}

/// A type that can be read from a column.
pub trait FromColumn: Sized {
    /// Reads it.
    ///
    /// Errors: the reason, when the column holds something else.
    fn from_column(value: &Value) -> Result<Self, &'static str>;
}

impl Row {
    /// The column at `index`, counted from 0.
    ///
    /// Errors: [`StoreError::Bug`] when there is none, or it holds another type.
    pub fn get<T: FromColumn>(&self, index: usize) -> Result<T, StoreError> {
        let value = self
            .values
            .get(index)
            .ok_or_else(|| StoreError::Bug(format!("row has no column {index}")))?;
        T::from_column(value).map_err(|reason| StoreError::Bug(format!("column {index}: {reason}")))
    }
}

impl FromColumn for i64 {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Int(value) => Ok(*value),
            _ => Err("not an integer"),
        }
    }
}

impl FromColumn for bool {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Int(0) => Ok(false),
            Value::Int(1) => Ok(true),
            _ => Err("not 0 or 1"),
        }
    }
}

impl FromColumn for String {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Text(value) => Ok(value.clone()),
            _ => Err("not text"),
        }
    }
}

impl FromColumn for Vec<u8> {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Bytes(value) => Ok(value.clone()),
            Value::Id(value) => Ok(value.to_vec()),
            _ => Err("not bytes"),
        }
    }
}

impl FromColumn for [u8; 32] {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Bytes(value) => value.as_slice().try_into().map_err(|_| "not 32 bytes"),
            _ => Err("not bytes"),
        }
    }
}

impl FromColumn for uuid::Uuid {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Id(value) => Ok(Self::from_bytes(*value)),
            Value::Bytes(value) => Self::from_slice(value).map_err(|_| "not an id"),
            _ => Err("not an id"),
        }
    }
}

impl<T: FromColumn> FromColumn for Option<T> {
    fn from_column(value: &Value) -> Result<Self, &'static str> {
        match value {
            Value::Null => Ok(None),
            value => T::from_column(value).map(Some),
        }
    }
}
