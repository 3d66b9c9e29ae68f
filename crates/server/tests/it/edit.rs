//! Changes against the version that was read.

use serde_json::{Value, json};

use crate::{
    cases::{Where, case, unique},
    support::{Api, both, document, operations, set_policy},
};

/// Operations that take `If-Match` and a body, and a change that is one.
fn change(operation: &str) -> Option<Value> {
    Some(match operation {
        "changeClient" | "changeProject" | "changeTask" | "changeTag" | "changeTeam"
        | "changeRole" => {
            json!({ "name": unique("Renamed") })
        }
        "changeTimeEntry" => json!({ "note": unique("Rewritten") }),
        "changeWorkspace" | "changeMe" => json!({ "name": unique("Renamed") }),
        "changeProvider" => json!({ "label": unique("ID") }),
        "changeMemberRole" => json!({ "role": "manager" }),
        "changeSignInPolicy" => json!({ "second_factor": "optional" }),
        _ => return None,
    })
}

#[test]
fn a_stale_change_is_refused() {
    both(async |api| {
        for operation in operations(&document()) {
            let takes_version =
                operation.parameters().iter().any(|parameter| parameter["name"] == "If-Match");
            if !takes_version {
                continue;
            }
            let name = operation.id.as_str();
            if name == "changeSignInPolicy" {
                // A token makes it more lenient alone.
                set_policy(&api, &json!({ "second_factor": "required" })).await;
            }
            let case = case(&api, Where::Here, name, "owner").await;
            let path = case.ask(&api, &operation).path().to_owned();
            let send = async |method: &str, version: Option<&str>, body: Option<&Value>| {
                let ask = api.bare(method, &path).token(&api.tokens["owner"]);
                let ask = match version {
                    Some(version) => ask.header("if-match", version),
                    None => ask,
                };
                match body {
                    Some(body) => ask.json(body).send().await,
                    None => ask.send().await,
                }
            };
            let read = send("GET", None, None).await;
            let before = read.header("etag").to_owned();
            assert!(before.starts_with('"'), "{name}: {before}");
            for bad in ["1", "\"x\"", "W/\"1\"", "\"1\", \"2\"", ""] {
                let answer = send(&operation.method, Some(bad), change(name).as_ref()).await;
                assert_eq!(answer.outcome(), "400 if_match.invalid", "{name} {bad}");
            }
            // Which role it names is made for the case.
            let is_made = name == "changeJoinRule";
            let change = |name| if is_made { case.body.clone() } else { change(name) };
            let body = change(name);
            if let Some(body) = &body {
                let changed = send("PATCH", Some(&before), Some(body)).await;
                assert_eq!(changed.outcome(), "200", "{name}: {}", changed.text());
                let after = changed.header("etag").to_owned();
                assert_ne!(after, before, "{name}");
                let read = send("GET", None, None).await;
                assert_eq!((read.header("etag"), read.json()), (after.as_str(), changed.json()));
            } else {
                let rename = api.bare("PATCH", &path).token(&api.tokens["owner"]);
                let field = match name {
                    "deleteTimeEntry" => "note",
                    "deleteProvider" => "label",
                    _ => "name",
                };
                let renamed = rename.json(&json!({ field: unique("Renamed") })).send().await;
                assert_eq!(renamed.outcome(), "200", "{name}");
            }
            let body = change(name);
            let stale = send(&operation.method, Some(&before), body.as_ref()).await;
            assert_eq!(stale.outcome(), "412 stale", "{name}");
            let anyway = send(&operation.method, Some("*"), body.as_ref()).await;
            assert!(anyway.status.is_success(), "{name}: {}", anyway.text());
        }
    });
}

/// Compression does not change what an ETag is.
#[test]
fn etags_hold_through_compression() {
    both(async |api| {
        let id = case(&api, Where::Here, "getTimeEntry", "owner").await.id;
        let path = format!("/time-entries/{id}");
        for encoding in ["gzip", "br", "identity"] {
            let ask = api.ask("owner", "GET", &path).header("accept-encoding", encoding);
            assert_eq!(ask.send().await.header("etag"), "\"1\"", "{encoding}");
        }
    });
}

#[test]
fn fields_that_are_left_out_stay_and_null_clears() {
    both(async |api| {
        let project = api.project(Where::Here).await;
        let task = json!({ "name": unique("Task"), "project_id": project });
        let task = api.make("owner", "/tasks", task).await;
        let tag = api.make("owner", "/tags", json!({ "name": unique("tag") })).await;
        let body = json!({
            "project_id": project, "task_id": task, "tag_ids": [tag], "note": "All of it",
            "day": "2026-11-19", "duration_s": 90,
        });
        let entry = api.make("member", "/time-entries", body).await;
        let after = patch(&api, entry, json!({ "note": "Less" })).await;
        assert_eq!(after["task_id"], json!(task));
        assert_eq!((&after["note"], &after["tag_ids"]), (&json!("Less"), &json!([tag])));
        let after = patch(&api, entry, json!({ "task_id": null })).await;
        assert_eq!((&after["task_id"], &after["project_id"]), (&Value::Null, &json!(project)));
        let after = patch(&api, entry, json!({ "project_id": null, "tag_ids": [] })).await;
        assert_eq!((&after["project_id"], &after["tag_ids"]), (&Value::Null, &json!([])));
        let version = after["version"].clone();
        let same = patch(&api, entry, json!({})).await;
        assert_eq!(same["version"], version, "nothing changed");
    });
}

async fn patch(api: &Api, entry: uuid::Uuid, body: Value) -> Value {
    let path = format!("/time-entries/{entry}");
    let answer = api.ask("member", "PATCH", &path).json(&body).send().await;
    assert_eq!(answer.outcome(), "200", "{}", answer.text());
    answer.json()
}
