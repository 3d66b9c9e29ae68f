//! Ids of another workspace: the same answer as for ids that nothing has.

use serde_json::{Value, json};

use crate::{
    cases::{Where, case, fresh_id},
    support::{Answer, both, document, operations},
};

#[test]
fn foreign_ids_in_paths_are_as_unknown_ones() {
    both(async |api| {
        for operation in operations(&document()) {
            for parameter in operation.path_parameters() {
                let foreign = case(&api, Where::Elsewhere, &operation.id, "stranger").await;
                let mut answers = Vec::new();
                for id in [foreign.get(parameter), fresh_id()] {
                    let mut case = case(&api, Where::Here, &operation.id, "owner").await;
                    case.set(parameter, id);
                    let ask = case.ask(&api, &operation).token(&api.tokens["owner"]);
                    answers.push(ask.send().await);
                }
                let what = format!("{} {parameter}", operation.id);
                assert_eq!(answers[0].outcome(), "404 not_found", "{what}");
                assert_same(&answers, &what);
            }
        }
    });
}

#[test]
fn foreign_ids_in_bodies_and_queries_are_as_unknown_ones() {
    both(async |api| {
        let id_of =
            async |operation: &str| case(&api, Where::Elsewhere, operation, "stranger").await.id;
        let (client, project) = (id_of("getClient").await, id_of("getProject").await);
        let (task, tag) = (id_of("getTask").await, id_of("getTag").await);
        let member = api.world.member("stranger").uuid();
        let entry = case(&api, Where::Here, "getTimeEntry", "owner").await.id;
        let entry = format!("/time-entries/{entry}");
        let mine = api.project(Where::Here).await;
        let day = |field: &str, value: Value| {
            let mut body = json!({ "day": "2026-11-19", "duration_s": 60 });
            body[field] = value;
            body
        };
        for (method, path, field, foreign) in [
            ("POST", "/time-entries", "project_id", project),
            ("POST", "/time-entries", "task_id", task),
            ("POST", "/time-entries", "tag_ids", tag),
            ("POST", "/time-entries", "member_id", member),
            ("POST", "/timer", "project_id", project),
            ("POST", "/timer", "task_id", task),
            ("POST", "/timer", "tag_ids", tag),
            ("PATCH", &entry, "project_id", project),
            ("PATCH", &entry, "task_id", task),
            ("PATCH", &entry, "tag_ids", tag),
            ("POST", "/projects", "client_id", client),
            ("PATCH", &format!("/projects/{mine}"), "client_id", client),
            ("POST", "/tasks", "project_id", project),
        ] {
            let mut answers = Vec::new();
            for id in [foreign, fresh_id()] {
                let value = if field == "tag_ids" { json!([id]) } else { json!(id) };
                let mut body = match path {
                    "/time-entries" => day(field, value),
                    "/projects" | "/tasks" => json!({ "name": "Hostile", field: value }),
                    _ => json!({ field: value }),
                };
                if field == "task_id" {
                    body["project_id"] = json!(mine);
                }
                answers.push(api.ask("owner", method, path).json(&body).send().await);
            }
            let what = format!("{method} {path} {field}");
            assert!(answers[0].status.is_client_error(), "{what}: {}", answers[0].text());
            assert_same(&answers, &what);
        }
        let days = "first=2026-11-01&last=2026-11-30";
        for (path, foreign) in [
            (format!("/reports/summary?{days}&member_id="), member),
            (format!("/reports/summary?{days}&project_id="), project),
            (format!("/reports/summary.csv?{days}&member_id="), member),
            (format!("/reports/summary.csv?{days}&project_id="), project),
            ("/time-entries?member_id=".to_owned(), member),
            ("/time-entries?project_id=".to_owned(), project),
            ("/tasks?project_id=".to_owned(), project),
            ("/tokens?member_id=".to_owned(), member),
        ] {
            let foreign = api.ask("owner", "GET", &format!("{path}{foreign}")).send().await;
            let unknown = api.ask("owner", "GET", &format!("{path}{}", fresh_id())).send().await;
            assert!(foreign.status.as_u16() < 500, "{path}");
            if foreign.status.is_success() {
                assert_eq!(foreign.json(), unknown.json(), "{path}");
            } else {
                assert_same(&[foreign, unknown], &path);
            }
        }
    });
}

/// Databases are apart: an id that is taken elsewhere is free here, and nobody learns of it.
#[test]
fn an_id_that_is_taken_elsewhere_is_free_here() {
    both(async |api| {
        let id = case(&api, Where::Elsewhere, "getTag", "stranger").await.id;
        let made = api.ask("owner", "POST", "/tags").json(&json!({ "id": id, "name": "mine" }));
        assert_eq!(made.send().await.outcome(), "201");
        let theirs = api.ask("stranger", "GET", &format!("/tags/{id}")).send().await;
        assert_ne!(theirs.json()["name"], "mine");
    });
}

fn assert_same(answers: &[Answer], what: &str) {
    assert_eq!(answers[0].status, answers[1].status, "{what}");
    assert_eq!(answers[0].anonymous(), answers[1].anonymous(), "{what}");
    let names = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(names(&answers[0]), names(&answers[1]), "{what}");
}
