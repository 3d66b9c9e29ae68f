//! What the document says of how long and how large things may be: the limits of `domain` and `app`.

use std::collections::BTreeSet;

use app::{
    paging,
    provider::{LONGEST_CLASS, LONGEST_CLIENT, LONGEST_LABEL, LONGEST_SECRET, MOST_CLASSES},
    time_entry::MOST_TAGS,
    token::MOST_DAYS,
};
use domain::{
    Choice,
    day::Zone,
    duration::MAX_ENTRY_S,
    joining::JoinRule,
    permission::Grant,
    preference::Hue,
    provider::LONGEST_ISSUER,
    quick_entry,
    sign_in_policy::SignInPolicy,
    text::{EmailAddress, Name, Note},
};
use serde_json::{Map, Value, json};

use super::{USUAL_PAGE, document::merge};
use crate::extract::LONGEST_KEY;

/// A code or a key that this server gave is far shorter.
const LONGEST_CODE: usize = 200;

/// The longest IPv6 address with its prefix, in characters.
const LONGEST_NETWORK: usize = 49;

/// States the limits of what is sent: the fields of bodies, and parameters.
pub(super) fn state(document: &mut Value) {
    let sent = bodies(document);
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    // A line that is only read may be anything: what is wrong with it is the answer.
    let is_limited = |name: &String| sent.contains(name) && name != "ReadQuickEntry";
    for (_, schema) in schemas.into_iter().flatten().filter(|(name, _)| is_limited(name)) {
        let fields = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (field, described) in fields.into_iter().flatten() {
            limit(field, described);
        }
    }
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut());
    for operation in operations.flat_map(Map::values_mut) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let Some(schema) = parameter.get_mut("schema") {
                limit(&name, schema);
            }
        }
    }
}

/// The schemas of bodies. Those of answers state no limit: what is read may have been written under
/// another one.
fn bodies(document: &Value) -> BTreeSet<String> {
    let paths = document.get("paths").and_then(Value::as_object);
    let operations = paths.into_iter().flatten().filter_map(|(_, item)| item.as_object());
    let references = operations.flat_map(Map::values).filter_map(|operation| {
        let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref")?;
        schema.as_str()?.rsplit('/').next()
    });
    references.map(str::to_owned).collect()
}

fn limit(field: &str, schema: &mut Value) {
    let stated = match field {
        "name" => json!({ "minLength": 1, "maxLength": Name::MAX_CHARS }),
        "note" => json!({ "maxLength": Note::MAX_CHARS }),
        "text" => json!({ "maxLength": quick_entry::MAX_CHARS }),
        "zone" => json!({ "minLength": 1, "maxLength": Zone::MAX_CHARS }),
        "email" => json!({ "format": "email", "maxLength": EmailAddress::MAX_BYTES }),
        "device_code" => json!({ "minLength": 1, "maxLength": LONGEST_CODE }),
        "Idempotency-Key" => {
            json!({ "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$" })
        }
        "If-Match" => json!({ "pattern": "^(\\*|\"[0-9]+\")$" }),
        "duration_s" => json!({ "minimum": 0, "maximum": MAX_ENTRY_S }),
        "after_s" => json!({ "minimum": 1, "maximum": MAX_ENTRY_S }),
        "hue" => json!({ "minimum": 1, "maximum": Hue::COUNT }),
        "expires_in_days" => json!({ "minimum": 1, "maximum": MOST_DAYS }),
        "limit" => json!({ "minimum": 1, "maximum": paging::MOST, "default": USUAL_PAGE }),
        "tag_ids" => json!({ "maxItems": MOST_TAGS }),
        "networks" => json!({
            "maxItems": SignInPolicy::MOST_NETWORKS,
            "items": { "minLength": 1, "maxLength": LONGEST_NETWORK },
        }),
        "domains" => json!({
            "maxItems": JoinRule::MOST_DOMAINS,
            "items": { "minLength": 1, "maxLength": EmailAddress::MAX_BYTES },
        }),
        "rights" => json!({ "maxItems": Grant::ALL.len(), "items": { "enum": Grant::words() } }),
        "label" => json!({ "minLength": 1, "maxLength": LONGEST_LABEL }),
        "issuer" => json!({ "minLength": 1, "maxLength": LONGEST_ISSUER }),
        // Also the id of a client, which says its form itself.
        "client_id" if schema.get("format").is_none() => {
            json!({ "minLength": 1, "maxLength": LONGEST_CLIENT })
        }
        "client_secret" => json!({ "minLength": 1, "maxLength": LONGEST_SECRET }),
        "classes" => json!({
            "maxItems": MOST_CLASSES,
            "items": { "minLength": 1, "maxLength": LONGEST_CLASS },
        }),
        "project_path" => json!({
            "maxItems": quick_entry::MAX_SEGMENTS,
            "items": { "minLength": 1, "maxLength": Name::MAX_CHARS },
        }),
        _ => return,
    };
    merge(schema, &stated);
}
