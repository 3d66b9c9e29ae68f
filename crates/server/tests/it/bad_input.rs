//! Bad input: each gets a problem with its code, and nothing is half done.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cases::{Where, fresh_id, number, unique},
    support::{Api, both, one},
};

#[test]
fn fields_that_are_wrong() {
    both(async |api| {
        let archived = archived_project(&api).await;
        let task_of_archived = new_task(&api, archived).await;
        let (open, archived_task) = archived_task(&api).await;
        let other = api.world.member("other");
        let project = api.project(Where::Here).await;
        let count = count(&api).await;
        let table = [
            // Times.
            (json!({}), "422 invalid started_at.needs_span"),
            (json!({ "started_at": "2026-11-19T09:00:00Z" }), "422 invalid started_at.needs_span"),
            (
                range("2026-11-19T10:00:00Z", "2026-11-19T09:00:00Z"),
                "422 invalid stopped_at.before_start",
            ),
            (
                range("2016-11-19T09:00:00Z", "2026-11-19T09:00:00Z"),
                "422 invalid stopped_at.too_long",
            ),
            (
                range("1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z"),
                "422 invalid started_at.too_early",
            ),
            (
                range("2028-11-19T09:00:00Z", "2028-11-19T10:00:00Z"),
                "422 invalid started_at.too_late",
            ),
            (day("2026-11-19", json!(-60)), "422 invalid duration_s.negative"),
            (day("2026-11-19", json!(i64::MIN)), "422 invalid duration_s.negative"),
            (day("2026-11-19", json!(315_360_000)), "422 invalid duration_s.too_long"),
            (day("2026-11-19", json!(i64::MAX)), "422 invalid duration_s.too_long"),
            (day("1969-12-31", json!(60)), "422 invalid day.out_of_range"),
            (day("2400-01-01", json!(60)), "422 invalid day.too_late"),
            // Shapes.
            (day("2026-02-30", json!(60)), "422 body.shape"),
            (day("2026-11-19", json!("60")), "422 body.shape"),
            (day("2026-11-19", json!(1.5)), "422 body.shape"),
            (day("2026-11-19", json!(1e300)), "422 body.shape"),
            (range("yesterday", "2026-11-19T09:00:00Z"), "422 body.shape"),
            (with("id", json!("not-an-id")), "422 body.shape"),
            (with("colour", json!("red")), "422 body.shape"),
            (json!([]), "422 body.shape"),
            (Value::Null, "422 body.shape"),
            // Texts.
            (with("note", json!("x".repeat(2_001))), "422 invalid note.too_long"),
            (with("note", json!("a\u{0}b")), "422 invalid note.control_character"),
            (with("note", json!("a\u{1b}[31mb")), "422 invalid note.control_character"),
            // Things and people.
            (with("project_id", json!(fresh_id())), "422 invalid project_id.not_found"),
            (with("task_id", json!(fresh_id())), "422 invalid task_id.needs_project"),
            (task(project, fresh_id()), "422 invalid task_id.not_found"),
            (task(project, archived_task), "422 invalid task_id.not_found"),
            (with("tag_ids", json!([fresh_id()])), "422 invalid tag_ids.not_found"),
            (with("member_id", json!(other.uuid())), "422 invalid member_id.not_found"),
            (with("member_id", json!(fresh_id())), "422 invalid member_id.not_found"),
            (with("project_id", json!(archived)), "409 project.archived"),
            (task(archived, task_of_archived), "409 project.archived"),
            (task(open, archived_task), "409 task.archived"),
        ];
        for (body, expected) in table {
            let answer = api.ask("member", "POST", "/time-entries").json(&body).send().await;
            assert_eq!(answer.outcome(), expected, "{body}");
        }
        assert_eq!(self::count(&api).await, count, "nothing was written");
    });
}

fn task(project: Uuid, task: Uuid) -> Value {
    let mut body = with("task_id", json!(task));
    body["project_id"] = json!(project);
    body
}

/// A day with a field more.
fn with(field: &str, value: Value) -> Value {
    let mut body = day("2026-11-19", json!(60));
    body[field] = value;
    body
}

fn day(day: &str, seconds: Value) -> Value {
    json!({ "day": day, "duration_s": seconds })
}

fn range(start: &str, stop: &str) -> Value {
    json!({ "started_at": start, "stopped_at": stop })
}

async fn archived_project(api: &Api) -> Uuid {
    let project = api.project(Where::Here).await;
    let path = format!("/projects/{project}");
    let body = json!({ "archived": true });
    assert_eq!(api.ask("owner", "PATCH", &path).json(&body).send().await.outcome(), "200");
    project
}

async fn new_task(api: &Api, project: Uuid) -> Uuid {
    let body = json!({ "name": unique("Task"), "project_id": project });
    api.make("owner", "/tasks", body).await
}

/// An archived task, with its project, which is not.
async fn archived_task(api: &Api) -> (Uuid, Uuid) {
    let project = api.project(Where::Here).await;
    let task = new_task(api, project).await;
    let path = format!("/tasks/{task}");
    let body = json!({ "archived": true });
    assert_eq!(api.ask("owner", "PATCH", &path).json(&body).send().await.outcome(), "200");
    (project, task)
}

async fn count(api: &Api) -> usize {
    let listed = api.ask("owner", "GET", "/time-entries?limit=200").send().await;
    listed.json()["items"].as_array().unwrap().len()
}

#[test]
fn names_choices_and_zones() {
    both(async |api| {
        let long = "x".repeat(121);
        for path in ["/clients", "/projects", "/tags"] {
            for (name, expected) in [
                (json!(""), "422 invalid name.empty"),
                (json!("   "), "422 invalid name.empty"),
                (json!(long), "422 invalid name.too_long"),
                (json!("a\nb"), "422 invalid name.control_character"),
                (json!("a\u{202e}b\u{7}"), "422 invalid name.control_character"),
                (json!(5), "422 body.shape"),
                (Value::Null, "422 body.shape"),
            ] {
                let ask = api.ask("owner", "POST", path).json(&json!({ "name": name }));
                assert_eq!(ask.send().await.outcome(), expected, "{path} {name}");
            }
        }
        let project = api.project(Where::Here).await;
        let project = format!("/projects/{project}");
        let token = |scope: &str, days: i64| json!({ "name": "x", "scope": scope, "expires_in_days": days });
        let invite = |email: &str, role: &str| json!({ "email": email, "role": role });
        let table = [
            ("PATCH", "", json!({ "zone": "Mars/Olympus" }), "422 invalid zone.unknown_zone"),
            ("PATCH", "", json!({ "currency": "euro" }), "422 invalid currency.not_a_choice"),
            ("PATCH", "", json!({ "second_timer": "x" }), "422 invalid second_timer.not_a_choice"),
            ("PATCH", "", json!({ "name": "" }), "422 invalid name.empty"),
            ("PATCH", "/me", json!({ "zone": "" }), "422 invalid zone.unknown_zone"),
            ("PATCH", "/me", json!({ "zone": "../etc/passwd" }), "422 invalid zone.unknown_zone"),
            ("PATCH", "/me", json!({ "locale": "xx" }), "422 invalid locale.not_a_choice"),
            (
                "PATCH",
                "/me",
                json!({ "week_start": "Monday" }),
                "422 invalid week_start.not_a_choice",
            ),
            (
                "PATCH",
                "/me",
                json!({ "clock_format": "25h" }),
                "422 invalid clock_format.not_a_choice",
            ),
            ("PATCH", "/me", json!({ "role": "owner" }), "422 body.shape"),
            ("PATCH", &project, json!({ "hue": 13 }), "422 invalid hue.not_a_choice"),
            ("PATCH", &project, json!({ "hue": -1 }), "422 invalid hue.not_a_choice"),
            ("POST", "/tokens", token("all", 30), "422 invalid scope.not_a_choice"),
            ("POST", "/tokens", token("read", 0), "422 invalid expires_in_days.out_of_range"),
            ("POST", "/tokens", token("read", 367), "422 invalid expires_in_days.out_of_range"),
            (
                "POST",
                "/tokens",
                token("read", i64::MAX),
                "422 invalid expires_in_days.out_of_range",
            ),
            ("POST", "/invitations", invite("nobody", "member"), "422 invalid email.invalid"),
            (
                "POST",
                "/invitations",
                invite("a@b\r\nBcc: x@y.example", "member"),
                "422 invalid email.control_character",
            ),
            (
                "POST",
                "/invitations",
                invite("a@example.com", "king"),
                "422 invalid role.not_a_choice",
            ),
            (
                "POST",
                "/quick-entries",
                json!({ "text": "1:30 x @nowhere" }),
                "422 invalid text.unknown_project",
            ),
            (
                "POST",
                "/quick-entries",
                json!({ "text": "x".repeat(501) }),
                "422 invalid text.not_readable",
            ),
            (
                "POST",
                "/timer",
                json!({ "started_at": "2026-11-20T12:00:01Z" }),
                "422 invalid started_at.in_future",
            ),
            (
                "POST",
                "/timer",
                json!({ "started_at": "2026-10-01T12:00:00Z" }),
                "422 invalid started_at.too_long",
            ),
            ("POST", "/timer/stop", json!({}), "409 timer.not_running"),
            (
                "PATCH",
                "/timer",
                json!({ "started_at": "2026-11-20T11:00:00Z" }),
                "409 timer.not_running",
            ),
            ("DELETE", "/timer", Value::Null, "409 timer.not_running"),
        ];
        for (method, path, body, expected) in table {
            let ask = api.ask("owner", method, path);
            let ask = if body.is_null() { ask } else { ask.json(&body) };
            assert_eq!(ask.send().await.outcome(), expected, "{method} {path} {body}");
        }
    });
}

#[test]
fn split_points() {
    both(async |api| {
        let entry = json!({
            "started_at": "2026-11-19T09:00:00Z", "stopped_at": "2026-11-19T10:00:00Z",
        });
        let range = api.make("member", "/time-entries", entry).await;
        let length = json!({ "day": "2026-11-19", "duration_s": 60 });
        let length = api.make("member", "/time-entries", length).await;
        for (entry, body, expected) in [
            (range, json!({}), "422 invalid at.needs_point"),
            (
                range,
                json!({ "at": "2026-11-19T09:30:00Z", "after_s": 5 }),
                "422 invalid at.needs_point",
            ),
            (range, json!({ "after_s": 0 }), "409 time_entry.split_outside"),
            (range, json!({ "after_s": 3_600 }), "409 time_entry.split_outside"),
            (range, json!({ "after_s": -1 }), "409 time_entry.split_outside"),
            (range, json!({ "after_s": i64::MAX }), "409 time_entry.split_outside"),
            (range, json!({ "at": "2026-11-19T10:00:00Z" }), "409 time_entry.split_outside"),
            (length, json!({ "after_s": 5 }), "409 time_entry.not_splittable"),
            (length, json!({ "at": "2026-11-19T09:30:00Z" }), "409 time_entry.not_splittable"),
            (range, json!({ "after_s": 600 }), "201"),
            (range, json!({ "at": "2026-11-19T09:05:00Z" }), "201"),
        ] {
            let path = format!("/time-entries/{entry}/split");
            let answer = api.ask("member", "POST", &path).json(&body).send().await;
            assert_eq!(answer.outcome(), expected, "{body}");
        }
        let listed = api.ask("member", "GET", "/time-entries").send().await.json();
        let lengths = listed["items"].as_array().unwrap().iter().map(|entry| &entry["duration_s"]);
        assert_eq!(lengths.collect::<Vec<_>>(), [3_000, 300, 300, 60]);
    });
}

#[test]
fn bodies() {
    one(async |api| {
        let big = format!("{{\"name\": \"{}\"}}", "x".repeat(1_048_576));
        let nested = "[".repeat(100_000);
        let table: [(&str, &[u8], &str); 12] = [
            ("application/json", b"{\"name\": ", "400 body.not_json"),
            ("application/json", b"hello", "400 body.not_json"),
            ("application/json", b"{\"name\": \"\xff\xfe\"}", "400 body.not_json"),
            ("application/json", b"{\"name\": \"\\ud800\"}", "400 body.not_json"),
            ("application/json", b"{\"name\": \"a\"} {}", "400 body.not_json"),
            ("application/json", b"{\"name\": \"a\", \"name\": \"b\"}", "422 body.shape"),
            ("application/json", nested.as_bytes(), "400 body.not_json"),
            ("application/json", big.as_bytes(), "413 body.too_large"),
            ("application/json", b"", "422 body.shape"),
            ("text/plain", b"{\"name\": \"a\"}", "415 body.not_json"),
            ("application/x-www-form-urlencoded", b"name=a", "415 body.not_json"),
            ("application/jsonx", b"{\"name\": \"a\"}", "415 body.not_json"),
        ];
        for (kind, body, expected) in table {
            let answer = api.ask("owner", "POST", "/tags").raw(kind, body).send().await;
            let shown = String::from_utf8_lossy(body.get(..40).unwrap_or(body)).into_owned();
            assert_eq!(answer.outcome(), expected, "{kind} {shown}");
        }
        let fine = api.ask("owner", "POST", "/tags");
        let fine = fine.raw("Application/JSON; charset=utf-8", "{\"name\":\"a\"}".as_bytes());
        assert_eq!(fine.send().await.outcome(), "201");
        let tags = api.ask("owner", "GET", "/tags").send().await.json();
        assert_eq!(tags["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn queries_paths_and_methods() {
    one(async |api| {
        let range = "/reports/summary?first=2026-11-01&last=2026-11-30";
        let week = "first=2026-11-01&last=2026-11-07";
        let bad = "400 query.invalid";
        let table = [
            ("GET", "/time-entries?limit=0".to_owned(), bad),
            ("GET", "/time-entries?limit=201".to_owned(), bad),
            ("GET", "/time-entries?limit=many".to_owned(), bad),
            ("GET", "/time-entries?first=2026-13-01".to_owned(), bad),
            ("GET", "/time-entries?member_id=5".to_owned(), bad),
            ("GET", "/time-entries?colour=red".to_owned(), bad),
            ("GET", "/time-entries?cursor=x".to_owned(), "400 cursor.invalid"),
            ("GET", "/time-entries?cursor=AAAA".to_owned(), "400 cursor.invalid"),
            ("GET", "/tasks?project=1".to_owned(), bad),
            ("GET", "/reports/summary".to_owned(), bad),
            ("GET", format!("/reports/summary?{week}&group_by=colour"), bad),
            ("GET", "/reports/summary?first=2026-11-30&last=2026-11-01".to_owned(), bad),
            ("GET", "/reports/summary?first=2000-01-01&last=2026-11-01".to_owned(), bad),
            ("GET", "/reports/summary?first=1960-01-01&last=1960-01-02".to_owned(), bad),
            ("GET", format!("{range}&first=2026-11-02"), bad),
            ("GET", "/nothing".to_owned(), "404 path.unknown"),
            ("GET", "/tags/".to_owned(), "404 path.unknown"),
            ("GET", "/tags/not-an-id".to_owned(), "404 not_found"),
            ("GET", "/tags/%ff%fe".to_owned(), "404 not_found"),
            ("GET", "/tags/..%2f..%2fhealthz".to_owned(), "404 not_found"),
            ("PUT", "/tags".to_owned(), "405 method.not_allowed"),
            ("DELETE", "/tags".to_owned(), "405 method.not_allowed"),
            ("TRACE", "/tags".to_owned(), "405 method.not_allowed"),
            ("BREW", "/tags".to_owned(), "405 method.not_allowed"),
            ("GET", format!("/tags?x={}", "x".repeat(9_000)), "414 uri.too_long"),
        ];
        for (method, path, expected) in table {
            let answer = api.ask("owner", method, &path).send().await;
            let shown = path.get(..80).unwrap_or(&path);
            assert_eq!(answer.outcome(), expected, "{method} {shown}");
        }
        for path in ["", "/", "/workspace", "/workspaces/", "/openapi.yaml"] {
            let answer = api.bare("GET", path).token(&api.tokens["owner"]).send().await;
            assert_eq!(answer.outcome(), "404 path.unknown", "{path:?}");
        }
        let allowed = api.ask("owner", "PUT", "/tags").send().await;
        assert_eq!(allowed.header("allow"), "GET,HEAD,POST");
    });
}

/// What was typed in other writing systems comes back as it was.
#[test]
fn texts_of_all_kinds_come_back() {
    both(async |api| {
        for note in [
            "Zoë – “naïve” café",
            "日本語のメモ",
            "مرحبا بالعالم",
            "👩🏽‍💻 pairing",
            "<script>alert(1)</script> & \"quotes\" 'more'",
            "'; DROP TABLE time_entries; --",
            "first line\nsecond line",
            &"ü".repeat(2_000),
        ] {
            let body = json!({ "day": "2026-11-19", "duration_s": 60, "note": note });
            let made = api.ask("member", "POST", "/time-entries").json(&body).send().await;
            assert_eq!(made.outcome(), "201", "{note}");
            let read = api.ask("member", "GET", &format!("/time-entries/{}", made.id()));
            assert_eq!(read.send().await.json()["note"], note);
        }
        let name = format!("  Café  Ω {}  ", number());
        let tag = api.make("member", "/tags", json!({ "name": name })).await;
        let read = api.ask("member", "GET", &format!("/tags/{tag}")).send().await;
        assert_eq!(read.json()["name"].as_str().unwrap(), name.trim());
    });
}
