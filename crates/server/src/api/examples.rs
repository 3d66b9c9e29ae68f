//! x
use serde_json::Value;
pub fn with_examples(d: Value, _n: jiff::Timestamp) -> Value { d }
