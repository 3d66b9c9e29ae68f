//! Fields of a change that may be left out, set, or set to null.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there: `null` becomes `Some(None)`. With `#[serde(default)]` a field that
/// is left out stays `None`.
pub fn present<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
