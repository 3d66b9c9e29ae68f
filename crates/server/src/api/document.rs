//! The OpenAPI document: what utoipa gathered from the handlers, with title, security and examples.

use serde_json::{Value, json};
use utoipa::openapi::OpenApi;

/// The document as served.
pub fn document(described: OpenApi) -> Value {
    let mut document = serde_json::to_value(described).unwrap_or(Value::Null);
    merge(&mut document, &heading());
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
                application/problem+json (RFC 9457) with a stable `code`.",
            "license": { "name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later" }
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "token": [] }],
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } }
        }
    })
}

/// Lays `over` on top of `base`.
fn merge(base: &mut Value, over: &Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            for (key, value) in over {
                merge(base.entry(key.clone()).or_insert(Value::Null), value);
            }
        }
        (base, over) => *base = over.clone(),
    }
}
