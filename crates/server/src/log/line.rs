//! A line: time, level, the fields that are known, where it comes from.

use std::{borrow::Cow, error::Error, fmt::Debug};

use domain::ids::RequestId;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tracing::{
    Event, Level,
    field::{Field, Visit},
};

use super::scrub::{LEFT_OUT, Scrubber};

/// The fields that are written. Each holds an id, a number, a word of the program or of an error: nothing
/// that somebody typed. Others are named, and their value is left out.
pub(super) const FIELDS: &[&str] = &[
    "actor",
    "actor_kind",
    "backtrace",
    "code",
    "command",
    "connections",
    "count",
    "detail",
    "directive",
    "error",
    "facts",
    "failure",
    "intention",
    "job",
    "kind",
    "letter",
    "memory_kib",
    "message",
    "object",
    "object_kind",
    "passes",
    "path",
    "place",
    "request_id",
    "schema",
    "status",
    "unwritten",
    "user",
    "usual",
    "what",
    "why",
    "witness",
    "words",
    "workspace",
    "wrong",
];

/// The request, as a field.
const REQUEST_ID: &str = "request_id";

/// What the bridge from the crate `log` says of where a line comes from.
const BRIDGED: &str = "log.";

/// A line of the log, scrubbed.
#[derive(Serialize)]
pub(super) struct Line {
    timestamp: String,
    level: &'static str,
    fields: Fields,
    target: String,
    #[serde(skip)]
    severity: Level,
}

struct Fields(Vec<(&'static str, Value)>);

#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Whole(i64),
    Count(u64),
    Part(f64),
    Flag(bool),
}

impl Line {
    /// Of an event; `request` is the one that is worked for.
    pub(super) fn of(
        event: &Event,
        at: Timestamp,
        request: Option<RequestId>,
        scrubber: &Scrubber,
    ) -> Self {
        let mut seen = Seen { fields: Vec::new(), target: None, scrubber };
        event.record(&mut seen);
        let Seen { mut fields, target, .. } = seen;
        if let Some(request) = request
            && !fields.iter().any(|(name, _)| *name == REQUEST_ID)
        {
            fields.push((REQUEST_ID, Value::Text(request.to_string())));
        }
        let metadata = event.metadata();
        let target = target.unwrap_or_else(|| metadata.target().to_owned());
        Self::new(at, *metadata.level(), Fields(fields), target)
    }

    /// About the log itself, which cannot be told by an event.
    pub(super) fn ours(at: Timestamp, message: &str, path: &str, scrubber: &Scrubber) -> Self {
        let text = |text| Value::Text(scrubber.scrub(text).into_owned());
        let fields = Fields(vec![("message", text(message)), ("path", text(path))]);
        Self::new(at, Level::WARN, fields, module_path!().to_owned())
    }

    fn new(at: Timestamp, level: Level, fields: Fields, target: String) -> Self {
        Self {
            timestamp: format!("{at:.6}"),
            level: level.as_str(),
            fields,
            target,
            severity: level,
        }
    }

    pub(super) fn target(&self) -> String {
        self.target.clone()
    }

    pub(super) fn level(&self) -> Level {
        self.severity
    }

    /// The line as JSON, without its end.
    pub(super) fn render(&self) -> String {
        // Only a key that is no text, or a writer, could fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Fields as they are met, each scrubbed at once.
struct Seen<'a> {
    fields: Vec<(&'static str, Value)>,
    target: Option<String>,
    scrubber: &'a Scrubber,
}

impl Seen<'_> {
    fn text(&mut self, field: &Field, text: &str) {
        let name = field.name();
        if name.starts_with(BRIDGED) {
            if name == "log.target" {
                self.target = Some(self.scrubber.scrub(text).into_owned());
            }
            return;
        }
        let text = if FIELDS.contains(&name) {
            self.scrubber.scrub(text)
        } else {
            Cow::Owned(LEFT_OUT.to_string())
        };
        self.fields.push((name, Value::Text(text.into_owned())));
    }

    /// A number: it has no words, but may be that of a card, and one with an unknown name may be a code.
    fn number(&mut self, field: &Field, digits: &str, value: Value) {
        let name = field.name();
        if FIELDS.contains(&name) && Scrubber::keeps_number(digits) {
            self.fields.push((name, value));
        } else {
            self.text(field, &LEFT_OUT.to_string());
        }
    }
}

impl Visit for Seen<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.text(field, &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.text(field, &value.to_string());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, &value.to_string(), Value::Whole(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, &value.to_string(), Value::Count(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.number(field, &value.to_string(), Value::Part(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.number(field, "", Value::Flag(value));
    }
}
