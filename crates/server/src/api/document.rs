//! The OpenAPI document: what utoipa gathered from the handlers, with title, security and what every
//! operation has in common.

use app::{actor::Scope, report::GroupBy, trash::ThingId};
use domain::{
    Choice,
    duration::BareNumber,
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Currency, Locale, Overlaps, SecondTimer},
    sign_in_policy::{LongestSession, SecondFactorRule},
};
use serde_json::{Map, Value, json};
use utoipa::openapi::OpenApi;

use super::limits;

/// The document, without examples.
pub fn document(described: OpenApi) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or(Value::Null);
    merge(&mut document, &heading());
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        name_items(name, schema);
        offer(name, schema);
    }
    limits::state(&mut document);
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    if let Some(paths) = paths {
        // The router's mark for a parameter that goes on over slashes is none of OpenAPI.
        let named = std::mem::take(paths).into_iter();
        paths.extend(named.map(|(path, item)| (path.replace("{*", "{"), item)));
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for operation in item.as_object_mut().into_iter().flat_map(Map::values_mut) {
            complete(path, operation);
            offer_parameters(operation);
        }
    }
    document
}

fn heading() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Timeproof",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Instants are RFC 3339, days YYYY-MM-DD, durations whole seconds. \
                Send a personal access token as `Authorization: Bearer …`. Errors are \
                application/problem+json (RFC 9457) with a stable `code`; its \
                `type` is a path of this server that says what the code means.\n\n\
                Collections come in pages: give `next_cursor` as `cursor` for the next one. What is \
                added, changed or deleted between two pages neither hides a thing that was there \
                nor shows it twice; one that is renamed stands where its new name is. A cursor is \
                good for the same collection and filter only.\n\n\
                One thing comes with an `ETag`: give it as `If-None-Match` to be answered 304 while \
                nothing changed, as `If-Match` to change that version only.\n\n\
                The examples work on the demo as it stands (`timeproof demo`). There a timer runs, \
                which `changeTimer`, `stopTimer` and `discardTimer` act on; once it is stopped or \
                discarded, `startTimer` comes first. What an example deletes or takes out of the \
                trash is there for that alone, once.",
            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" }
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "token": [] }],
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": {
                "Problem": {
                    "description": "A problem (RFC 9457); its `code` is stable.",
                    "content": {
                        "application/problem+json": {
                            "schema": { "$ref": "#/components/schemas/Problem" }
                        }
                    }
                }
            }
        }
    })
}

/// Items of a page are named, not spelled out again.
fn name_items(name: &str, schema: &mut Value) {
    let items = schema.pointer_mut("/properties/items/items");
    if let (Some(thing), Some(items)) = (name.strip_prefix("Page_"), items) {
        *items = json!({ "$ref": format!("#/components/schemas/{thing}") });
    }
}

/// The words offered for a field that is a choice, wherever it stands; none for other fields.
fn offered(schema: &str, field: &str) -> Option<Vec<&'static str>> {
    Some(match field {
        "bare_number" => BareNumber::words(),
        "clock_format" => ClockFormat::words(),
        "currency" => Currency::words(),
        "group_by" => GroupBy::words(),
        "locale" => Locale::words(),
        "longest_session" => LongestSession::words(),
        "overlaps" => Overlaps::words(),
        "role" => Role::words(),
        "scope" => Scope::words(),
        "second_timer" => SecondTimer::words(),
        "second_factor" => SecondFactorRule::words(),
        "week_start" => WeekStart::words(),
        "kind" if schema == "TrashedThing" => ThingId::KINDS.to_vec(),
        _ => return None,
    })
}

/// Says what can be chosen for the fields of a schema.
fn offer(name: &str, schema: &mut Value) {
    let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (field, described) in fields.into_iter().flatten() {
        if let Some(words) = offered(name, field) {
            set_words(described, words);
        }
    }
}

/// Says what can be chosen for the parameters of a query.
fn offer_parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let words =
            parameter.get("name").and_then(Value::as_str).and_then(|name| offered("", name));
        if let (Some(words), Some(schema)) = (words, parameter.get_mut("schema")) {
            set_words(schema, words);
        }
    }
}

fn set_words(schema: &mut Value, words: Vec<&'static str>) {
    let is_optional = schema.get("type").is_some_and(Value::is_array);
    let mut words: Vec<Value> = words.into_iter().map(Value::from).collect();
    words.extend(is_optional.then_some(Value::Null));
    merge(schema, &json!({ "enum": words }));
}

/// What handlers need not say: the words of answers, and the problems any operation may answer with.
fn complete(path: &str, operation: &mut Value) {
    let has_body = operation.get("requestBody").is_some();
    let is_open = operation.get("security").is_some();
    let Some(answers) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for (status, answer) in answers.iter_mut() {
        let words = match status.as_str() {
            "200" if has_body => "Done, or done before by the same request.",
            "200" => "As asked.",
            "201" => "Made now; `Location` says where it can be read.",
            "202" => "Not decided yet: ask again.",
            _ => "Done.",
        };
        merge(answer, &json!({ "description": words }));
    }
    let problem = json!({ "$ref": "#/components/responses/Problem" });
    let mut problems = vec!["400", "409", "429", "default"];
    problems.extend((!is_open).then_some("401"));
    problems.extend((!is_open).then_some("403"));
    problems.extend(path.contains('{').then_some("404"));
    problems.extend(has_body.then_some("422"));
    for status in problems {
        answers.insert(status.to_owned(), problem.clone());
    }
}

/// Lays `over` on top of `base`.
pub(super) fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}
