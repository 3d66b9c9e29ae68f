//! The document describes the router, all of it, and is a document.

use std::{collections::HashSet, path::Path};

use serde_json::Value;

use crate::support::{Ask, document, one, operations};

/// Its id is one of `listRecord`: no event is made with an id that is known before.
const FROM_THE_RECORD: &str = "getLedgerReceipt";

#[test]
fn operations_have_ids_words_and_examples() {
    let document = document();
    let operations = operations(&document);
    let mut ids = HashSet::new();
    for operation in &operations {
        let id = operation.id.as_str();
        assert!(ids.insert(id), "{id} twice");
        assert!(!id.is_empty(), "{} {}", operation.method, operation.path);
        assert!(operation.described["summary"].is_string(), "{id} says what it does");
        assert!(operation.described["tags"].is_array(), "{id} has a tag");
        assert_eq!(operation.has_body(), operation.example().is_some(), "{id} has an example");
        let mut described: Vec<_> = operation.path_parameters();
        described.retain(|name| {
            !operation.parameters().iter().any(|parameter| {
                parameter["name"] == *name
                    && parameter["in"] == "path"
                    && parameter["required"] == true
            })
        });
        assert!(described.is_empty(), "{id} does not describe {described:?}");
        for parameter in operation.parameters() {
            let needs_example = parameter["required"] == true && id != FROM_THE_RECORD;
            assert!(!needs_example || !parameter["example"].is_null(), "{id}: {parameter}");
        }
    }
    for id in ["startTimer", "stopTimer", "createTimeEntry", "listTimeEntries", "summaryReport"] {
        assert!(ids.contains(id), "{id}");
    }
    assert!(operations.len() >= 60, "{}", operations.len());
}

/// What OpenAPI 3.1 requires of the objects that we use.
#[test]
fn it_is_a_document() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    for field in ["/info/title", "/info/version", "/servers/0/url"] {
        assert!(document.pointer(field).is_some_and(Value::is_string), "{field}");
    }
    for operation in operations(&document) {
        let id = &operation.id;
        let answers = operation.described["responses"].as_object().unwrap();
        assert!(answers.contains_key("default"), "{id}");
        for (status, answer) in answers {
            let is_problem = answer["$ref"] == "#/components/responses/Problem";
            let is_good = status.starts_with('2');
            assert_ne!(is_problem, is_good, "{id} {status}");
            assert!(is_problem || answer["description"].is_string(), "{id} {status}");
        }
        assert!(answers.keys().any(|status| status.starts_with('2')), "{id}");
        for requirement in operation.described["security"].as_array().into_iter().flatten() {
            for scheme in requirement.as_object().unwrap().keys() {
                let scheme = format!("/components/securitySchemes/{scheme}");
                assert!(document.pointer(&scheme).is_some(), "{id}: {scheme}");
            }
        }
    }
    let mut references = HashSet::new();
    gather_references(&document, &mut references);
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for kind in ["schemas", "responses"] {
        for name in document["components"][kind].as_object().unwrap().keys() {
            let reference = format!("#/components/{kind}/{name}");
            assert!(references.contains(&reference), "{reference} is not used");
        }
    }
}

fn gather_references(value: &Value, into: &mut HashSet<String>) {
    match value {
        Value::Object(object) => {
            into.extend(object.get("$ref").and_then(Value::as_str).map(ToOwned::to_owned));
            object.values().for_each(|value| gather_references(value, into));
        }
        Value::Array(values) => values.iter().for_each(|value| gather_references(value, into)),
        _ => {}
    }
}

#[test]
fn the_router_answers_what_is_described_and_no_other_method() {
    one(async |api| {
        let document = document();
        let described: HashSet<_> = operations(&document)
            .into_iter()
            .map(|operation| (operation.method, operation.path))
            .collect();
        for (_, path) in &described {
            let concrete = path.replace(['{', '}'], "");
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let answer = Ask::new(&api.router, method, &concrete).send().await;
                let is_there = !["404 path.unknown", "405 method.not_allowed"]
                    .contains(&answer.outcome().as_str());
                let is_described = described.contains(&(method.to_owned(), path.clone()));
                assert_eq!(is_there, is_described, "{method} {path}: {}", answer.outcome());
                assert!(
                    is_there || answer.outcome() == "405 method.not_allowed",
                    "{method} {path}"
                );
            }
        }
        let served = api.bare("GET", "/openapi.json").send().await;
        assert_eq!(served.json(), document);
    });
}

/// Routes get into the API through `OpenApiRouter` alone, which describes them.
#[test]
fn no_route_is_added_beside_the_document() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("api.rs") || path.ends_with("api/mod.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let count = text.matches(".route(").count() + text.matches(".nest(").count();
                let name = path.strip_prefix(&source).unwrap().display().to_string();
                found.extend((count > 0).then_some((name, count)));
            }
        }
    }
    // The document itself.
    assert_eq!(found, [("api/mod.rs".to_owned(), 1)]);
}
