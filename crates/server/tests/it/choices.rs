//! What the document says can be sent: the words of choices, which who gives another one is told, and
//! how long and how large everything else may be.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wire::problem::{FieldProblem, Problem};

use crate::{
    cases::fresh_id,
    support::{Api, Ask, Operation, document, one, operations},
};

/// A word that nobody offers.
const NONE: &str = "wombat";

/// The fields of an operation's body, with what the document says of them.
pub(crate) fn fields(document: &Value, operation: &Operation) -> Vec<(String, Value)> {
    let schema = operation.described.pointer("/requestBody/content/application~1json/schema");
    let Some(reference) = schema.and_then(|schema| schema["$ref"].as_str()) else {
        return Vec::new();
    };
    let schema = document.pointer(reference.strip_prefix('#').unwrap()).unwrap();
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties.map(|(name, field)| (name.clone(), field.clone())).collect()
}

fn words(schema: &Value) -> Option<Vec<&str>> {
    Some(schema["enum"].as_array()?.iter().filter_map(Value::as_str).collect())
}

/// What the owner is told who gives that word in one field of the example; none where it is taken, or
/// where something else is wrong.
async fn refusal(api: &Api, operation: &Operation, field: &str) -> Option<String> {
    let error = errors(api, operation, field, json!(NONE)).await;
    let error = error.into_iter().find(|error| error.field == field)?;
    (error.code == "not_a_choice").then_some(error.message)
}

/// What is said to be wrong with the example when a field has that value.
async fn errors(api: &Api, operation: &Operation, field: &str, value: Value) -> Vec<FieldProblem> {
    let mut body = operation.example().unwrap().clone();
    body[field] = value;
    // Instead of an interval, and on nothing that only the demo has.
    let others: &[&str] = match field {
        "duration_s" => &["started_at", "stopped_at", "project_id", "task_id", "tag_ids"],
        "tag_ids" => &["project_id", "task_id"],
        _ => &[],
    };
    body.as_object_mut().unwrap().retain(|name, _| !others.contains(&name.as_str()));
    if field == "duration_s" {
        body["day"] = json!("2026-11-20");
    }
    let mut path = operation.path.replace("{workspace}", &api.world.workspace.to_string());
    while let Some((before, rest)) = path.split_once('{') {
        path = format!("{before}{}{}", fresh_id(), rest.split_once('}').unwrap().1);
    }
    let ask = Ask::new(&api.router, &operation.method, &path).token(&api.tokens["owner"]);
    let answer = ask.json(&body).send().await;
    serde_json::from_slice(&answer.body).map_or_else(|_| Vec::new(), |said: Problem| said.errors)
}

#[test]
fn what_is_chosen_is_listed_in_the_document_and_in_the_refusal() {
    one(async |api| {
        let document = document();
        let mut chosen = BTreeSet::new();
        for operation in operations(&document) {
            for (field, schema) in fields(&document, &operation) {
                let name = format!("{}.{field}", operation.id);
                let words = words(&schema);
                match (refusal(&api, &operation, &field).await, words) {
                    (None, None) => {}
                    (None, Some(_)) => panic!("{name} takes any word"),
                    (Some(_), None) => panic!("{name} is a choice, and the document lists nothing"),
                    (Some(message), Some(words)) => {
                        assert!(words.len() > 1, "{name}: {words:?}");
                        assert!(
                            words.iter().all(|word| message.contains(word)),
                            "{name}: {message}"
                        );
                        assert!(schema["description"].is_string(), "{name} says what it is");
                        chosen.insert(field);
                    }
                }
            }
        }
        assert_eq!(chosen.len(), 11, "{chosen:?}");
        // What is chosen in a request is listed in answers too.
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            for (field, described) in schema["properties"].as_object().into_iter().flatten() {
                let is_listed = words(described).is_some();
                assert!(is_listed || !chosen.contains(field), "{name}.{field}");
            }
        }
    });
}

/// A value just beyond the limit that the document states; none where it states none.
fn beyond(schema: &Value) -> Option<Value> {
    let number = |name: &str| schema[name].as_i64();
    if let Some(longest) = number("maxLength") {
        return Some(json!("x".repeat(usize::try_from(longest).unwrap() + 1)));
    }
    if let Some(largest) = number("maximum") {
        return Some(json!(largest + 1));
    }
    let most = usize::try_from(number("maxItems")?).unwrap();
    let is_id = schema["items"]["format"] == "uuid";
    let item = || if is_id { fresh_id().to_string() } else { "x".to_owned() };
    Some((0..=most).map(|_| item()).collect())
}

/// Every field of a body states its limit, and means it.
#[test]
fn limits_are_stated_in_the_document_and_held() {
    one(async |api| {
        let document = document();
        let mut held = BTreeSet::new();
        for operation in operations(&document) {
            for (field, schema) in fields(&document, &operation) {
                let name = format!("{}.{field}", operation.id);
                let is_formatted = schema["format"].is_string() && schema["format"] != "int64";
                let is_boolean = schema["type"].to_string().contains("boolean");
                // Any line is read, and is told what is wrong with it.
                if operation.id == "readQuickEntry" {
                    continue;
                }
                if field == "device_code" {
                    // Any text that is not one of ours is answered alike.
                    assert!(beyond(&schema).is_some(), "{name}");
                } else if let Some(value) = beyond(&schema) {
                    let errors = errors(&api, &operation, &field, value).await;
                    if errors.is_empty() && operation.path.contains("{id}") {
                        // There is no such thing, which is looked at first.
                        continue;
                    }
                    let is_named = errors.iter().any(|error| error.field.starts_with(&field));
                    assert!(is_named, "{name} beyond its limit: {errors:?}");
                    held.insert(field);
                } else {
                    let is_limited = is_formatted || is_boolean || schema["enum"].is_array();
                    assert!(is_limited, "{name} states no limit: {schema}");
                }
            }
        }
        assert!(held.len() >= 10, "{held:?}");
    });
}

#[test]
fn a_choice_in_a_query_is_listed_and_refused_by_name() {
    one(async |api| {
        let document = document();
        let operations = operations(&document);
        let report = operations.iter().find(|operation| operation.id == "summaryReport").unwrap();
        let parameters = report.parameters();
        let group_by = parameters.iter().find(|one| one["name"] == "group_by").unwrap();
        assert_eq!(words(&group_by["schema"]).unwrap(), ["client,project", "member,project"]);
        let path = "/reports/summary?first=2026-11-20&last=2026-11-20&group_by=wombat";
        let refused = api.ask("owner", "GET", path).send().await;
        assert_eq!(refused.outcome(), "400 query.invalid");
        for word in ["client,project", "member,project"] {
            assert!(refused.text().contains(word), "{}", refused.text());
        }
    });
}
