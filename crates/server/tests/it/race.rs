//! Requests at once: one of them wins, and the others are told.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    cases::fresh_id,
    support::{Api, both},
};

/// How many at once.
const MANY: usize = 8;

/// Sends the same request many times at once; how often each outcome came.
async fn at_once(
    api: &Api,
    method: &str,
    path: &str,
    body: &Value,
    if_match: Option<&str>,
) -> BTreeMap<String, usize> {
    let sent = (0..MANY).map(|_| {
        let ask = api.ask("member", method, path).json(body);
        match if_match {
            Some(version) => ask.header("if-match", version).send(),
            None => ask.send(),
        }
    });
    let mut outcomes = BTreeMap::new();
    for answer in futures_util::future::join_all(sent).await {
        *outcomes.entry(answer.outcome()).or_default() += 1;
    }
    outcomes
}

fn outcomes<const N: usize>(expected: [(&str, usize); N]) -> BTreeMap<String, usize> {
    expected.map(|(outcome, count)| (outcome.to_owned(), count)).into()
}

async fn running(api: &Api) -> usize {
    let listed = api.ask("member", "GET", "/time-entries?limit=200").send().await.json();
    let items = listed["items"].as_array().unwrap();
    items.iter().filter(|entry| entry["running"] == true).count()
}

#[test]
fn of_many_starts_one_runs() {
    both(async |api| {
        let all = at_once(&api, "POST", "/timer", &json!({}), None).await;
        assert_eq!(all, outcomes([("201", MANY)]), "each stops the one before");
        assert_eq!(running(&api).await, 1);
        assert_eq!(api.ask("member", "POST", "/timer/stop").send().await.outcome(), "200");
        let refuse = json!({ "second_timer": "is_refused" });
        assert_eq!(api.ask("owner", "PATCH", "").json(&refuse).send().await.outcome(), "200");
        let one = at_once(&api, "POST", "/timer", &json!({}), None).await;
        assert_eq!(one, outcomes([("201", 1), ("409 timer.already_running", MANY - 1)]));
        assert_eq!(running(&api).await, 1);
        let stops = at_once(&api, "POST", "/timer/stop", &json!({}), None).await;
        assert_eq!(stops, outcomes([("200", 1), ("409 timer.not_running", MANY - 1)]));
    });
}

#[test]
fn the_same_request_at_once_makes_one_thing() {
    both(async |api| {
        for (path, body) in [
            ("/time-entries", json!({ "day": "2026-11-19", "duration_s": 60 })),
            ("/timer", json!({})),
            ("/tags", json!({ "name": "once" })),
        ] {
            let mut body = body;
            body["id"] = json!(fresh_id());
            let made = at_once(&api, "POST", path, &body, None).await;
            assert_eq!(made, outcomes([("201", 1), ("200", MANY - 1)]), "{path}");
        }
        let names = at_once(&api, "POST", "/tags", &json!({ "name": "first" }), None).await;
        assert_eq!(names, outcomes([("201", 1), ("409 name.taken", MANY - 1)]));
    });
}

#[test]
fn of_many_changes_of_one_version_one_holds() {
    both(async |api| {
        let body = json!({ "day": "2026-11-19", "duration_s": 60 });
        let entry = api.make("member", "/time-entries", body).await;
        let path = format!("/time-entries/{entry}");
        let body = json!({ "note": "Mine" });
        let changed = at_once(&api, "PATCH", &path, &body, Some("\"1\"")).await;
        assert_eq!(changed, outcomes([("200", 1), ("412 stale", MANY - 1)]));
        let gone = at_once(&api, "DELETE", &path, &Value::Null, None).await;
        assert_eq!(gone, outcomes([("200", 1), ("404 not_found", MANY - 1)]));
    });
}
