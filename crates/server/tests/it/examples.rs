//! Every operation works on the demo with its documented example.

use std::sync::Arc;

use serde_json::Value;
use server::{commands::serve, demo, router::router, state::Server};
use wire::demo::SEED;

use crate::support::{Ask, Operation, config, operations};

/// Cannot be shown working by an example: its code would be a secret; and the demo's only owner stays.
const EXCEPTIONS: [(&str, &str); 2] =
    [("collectDeviceGrant", "409 grant.not_valid"), ("leaveWorkspace", "409 member.last_owner")];

#[test]
fn every_operation_works_as_documented() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = config();
    config.data = Some(folder.path().to_owned());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let app = serve::open(&config).await.unwrap();
        demo::prepare(&app, SEED).await.unwrap();
        let token = demo::fresh_token(&app, SEED).await.unwrap();
        let router = router(Server::new(app, Arc::new(config)));
        let document = Ask::new(&router, "GET", "/openapi.json").send().await.json();
        let operations = operations(&document);
        let start = operations.iter().find(|operation| operation.id == "startTimer").unwrap();
        let mut failed = Vec::new();
        for operation in &operations {
            // As the demo stands, the timer runs.
            if operation.path.contains("/timer") && operation.id != "startTimer" {
                request(&router, start).token(&token).send().await;
            }
            let answer = request(&router, operation).token(&token).send().await;
            let expected = EXCEPTIONS.iter().find(|(id, _)| *id == operation.id);
            let is_good = match expected {
                Some((_, outcome)) => answer.outcome() == *outcome,
                None => answer.status.is_success(),
            };
            if !is_good {
                failed.push(format!("{}: {} {}", operation.id, answer.outcome(), answer.text()));
            }
        }
        assert!(failed.is_empty(), "{}", failed.join("\n"));
    });
}

/// An operation with all its examples.
fn request<'a>(router: &'a axum::Router, operation: &Operation) -> Ask<'a> {
    let mut path = operation.path.clone();
    let mut query = Vec::new();
    for parameter in operation.parameters() {
        let name = parameter["name"].as_str().unwrap();
        let example = match &parameter["example"] {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match parameter["in"].as_str().unwrap() {
            "path" => path = path.replace(&format!("{{{name}}}"), &example),
            "query" => query.push(format!("{name}={example}")),
            _ => {}
        }
    }
    if !query.is_empty() {
        path = format!("{path}?{}", query.join("&"));
    }
    let ask = Ask::new(router, &operation.method, &path);
    match operation.example() {
        Some(body) => ask.json(body),
        None => ask,
    }
}
