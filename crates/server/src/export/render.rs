//! The values of an export, as JSON and as cells of a spreadsheet.

use app::{
    audit::{Fact, RecordedChange, RecordedValue},
    export::Plain,
};
use serde_json::{Value, json};

use crate::report::csv;

/// Tells spreadsheets that a CSV file is UTF-8.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Instants as RFC 3339 in UTC, days as `2026-11-20`, ids as UUIDs.
pub(super) fn json(value: &Plain) -> Value {
    match value {
        Plain::None => Value::Null,
        Plain::Int(number) => json!(number),
        Plain::Flag(flag) => json!(flag),
        Plain::Id(id) => json!(id.to_string()),
        Plain::Text(text) => json!(text),
        Plain::Instant(at) => json!(at.to_string()),
        Plain::Day(day) => json!(day.to_string()),
        Plain::Changes(changes) => changes.iter().map(change).collect(),
    }
}

/// The same as text; nothing is an empty cell, and no text is taken for a formula.
pub(super) fn cell(value: &Plain) -> String {
    match json(value) {
        Value::Null => String::new(),
        Value::String(text) => csv::cell(&text).into_owned(),
        other => other.to_string(),
    }
}

fn change(change: &RecordedChange) -> Value {
    json!({
        "field": change.field,
        "before": recorded(&change.before),
        "after": recorded(&change.after),
    })
}

/// A text that was erased is told from one that was never there.
fn recorded(value: &RecordedValue) -> Value {
    match value {
        RecordedValue::Text(text) | RecordedValue::Fact(Fact::Word(text)) => json!(text),
        RecordedValue::Fact(Fact::Int(number)) => json!(number),
        RecordedValue::Fact(Fact::Id(id)) => json!(id.to_string()),
        RecordedValue::Fact(Fact::None) => Value::Null,
        RecordedValue::Erased => json!({ "erased": true }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_in_both_forms() {
        let at = Plain::Instant("2026-11-20T12:00:00.000001Z".parse().unwrap());
        let changes = Plain::Changes(vec![RecordedChange {
            field: "note".to_owned(),
            before: RecordedValue::Erased,
            after: RecordedValue::Text("a \"b\"".to_owned()),
        }]);
        let wanted = [
            (Plain::None, "null", ""),
            (Plain::Int(-3), "-3", "-3"),
            (Plain::Flag(true), "true", "true"),
            (Plain::Text("=1+1".to_owned()), "\"=1+1\"", "'=1+1"),
            (Plain::Text("null".to_owned()), "\"null\"", "null"),
            (at, "\"2026-11-20T12:00:00.000001Z\"", "2026-11-20T12:00:00.000001Z"),
            (
                changes,
                r#"[{"after":"a \"b\"","before":{"erased":true},"field":"note"}]"#,
                r#"[{"after":"a \"b\"","before":{"erased":true},"field":"note"}]"#,
            ),
        ];
        // Maps of JSON keep the order of a build: another crate may ask for the one they were made in.
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
        for (value, as_json, as_cell) in wanted {
            assert_eq!(Some(json(&value)), read(as_json));
            let is_same = cell(&value) == as_cell;
            assert!(is_same || read(&cell(&value)) == read(as_cell) && as_cell.starts_with('['));
        }
    }
}
