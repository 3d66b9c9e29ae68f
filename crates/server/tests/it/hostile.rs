//! Ids of another workspace: the same answer as for ids that nothing has.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cases::{Where, case, fresh_id},
    choices::fields,
    support::{Answer, Api, Operation, both, document, operations},
};

#[test]
fn foreign_ids_in_paths_are_as_unknown_ones() {
    both(async |api| {
        for operation in operations(&document()) {
            for parameter in operation.path_ids() {
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

/// Things of the other workspace, for every name that a field or a parameter of an id has.
struct Theirs {
    client: Uuid,
    project: Uuid,
    task: Uuid,
    tag: Uuid,
    role: Uuid,
    entry: Uuid,
    member: Uuid,
}

impl Theirs {
    async fn of(api: &Api) -> Self {
        let id_of =
            async |operation: &str| case(api, Where::Elsewhere, operation, "stranger").await.id;
        Self {
            client: id_of("getClient").await,
            project: id_of("getProject").await,
            task: id_of("getTask").await,
            tag: id_of("getTag").await,
            role: id_of("getRole").await,
            entry: id_of("getTimeEntry").await,
            member: api.world.member("stranger").uuid(),
        }
    }

    fn named(&self, field: &str) -> Uuid {
        match field {
            "client_id" => self.client,
            "project_id" => self.project,
            "task_id" => self.task,
            "tag_ids" => self.tag,
            "role_id" => self.role,
            "member_id" => self.member,
            // What is to be stopped, and a thing of any kind.
            "id" | "object_id" => self.entry,
            other => panic!("{other}: whose id? add it"),
        }
    }
}

/// Whether it is the caller's own choice of an id, which is free in each workspace: see below.
fn is_new_id(operation: &Operation, field: &str) -> bool {
    field == "id" && operation.id != "stopTimer"
}

fn is_id(schema: &Value) -> bool {
    schema["format"] == "uuid" || schema["items"]["format"] == "uuid"
}

#[test]
fn foreign_ids_in_bodies_are_as_unknown_ones() {
    both(async |api| {
        let theirs = Theirs::of(&api).await;
        let mine = api.project(Where::Here).await;
        let document = document();
        let mut places = BTreeSet::new();
        for operation in operations(&document) {
            for (field, schema) in fields(&document, &operation) {
                if !is_id(&schema) || is_new_id(&operation, &field) {
                    continue;
                }
                let mut answers = Vec::new();
                for id in [theirs.named(&field), fresh_id()] {
                    let mut case = case(&api, Where::Here, &operation.id, "owner").await;
                    let mut body = case.body.take().unwrap_or_else(|| json!({}));
                    body[&field] = if field == "tag_ids" { json!([id]) } else { json!(id) };
                    // What the field is nothing without.
                    match field.as_str() {
                        "task_id" => body["project_id"] = json!(mine),
                        "client_id" if body["role"].is_string() => body["role"] = json!("client"),
                        "role_id" => body["role"] = json!("own"),
                        "id" => {
                            let timer = json!({ "started_at": "2026-11-20T11:00:00Z" });
                            api.ask("owner", "POST", "/timer").json(&timer).send().await;
                        }
                        _ => {}
                    }
                    case.body = Some(body);
                    let ask = case.ask(&api, &operation).token(&api.tokens["owner"]);
                    answers.push(ask.send().await);
                }
                let what = format!("{}.{field}", operation.id);
                assert!(answers[0].status.is_client_error(), "{what}: {}", answers[0].text());
                assert!(answers[0].text().len() < 1_000, "{what}");
                assert_same(&answers, &what);
                places.insert(what);
            }
        }
        assert!(places.len() >= 18, "{places:?}");
    });
}

#[test]
fn foreign_ids_in_queries_are_as_unknown_ones() {
    both(async |api| {
        let theirs = Theirs::of(&api).await;
        let mut places = BTreeSet::new();
        for operation in operations(&document()) {
            let parameters = operation.parameters().iter();
            let ids = parameters.filter(|it| it["in"] == "query" && is_id(&it["schema"]));
            for name in ids.map(|it| it["name"].as_str().unwrap()) {
                let mut answers = Vec::new();
                for id in [theirs.named(name), fresh_id()] {
                    let case = case(&api, Where::Here, &operation.id, "owner").await;
                    let path = case.ask(&api, &operation).path().to_owned();
                    let sign = if path.contains('?') { '&' } else { '?' };
                    let ask = api.bare(&operation.method, &format!("{path}{sign}{name}={id}"));
                    answers.push(ask.token(&api.tokens["owner"]).send().await);
                }
                let what = format!("{}?{name}", operation.id);
                assert!(answers[0].status.as_u16() < 500, "{what}");
                if answers[0].status.is_success() {
                    assert_eq!(answers[0].text(), answers[1].text(), "{what}");
                    assert_eq!(names(&answers[0]), names(&answers[1]), "{what}");
                } else {
                    assert_same(&answers, &what);
                }
                places.insert(what);
            }
        }
        assert!(places.len() >= 8, "{places:?}");
    });
}

/// A token of another workspace opens this one as little as one that is not there; a version or a key
/// that somebody uses there means nothing here.
#[test]
fn foreign_headers_are_as_unknown_ones() {
    both(async |api| {
        for operation in operations(&document()) {
            if !operation.path.contains("{workspace}") {
                continue;
            }
            let here = case(&api, Where::Here, &operation.id, "owner").await;
            let mut nowhere = here.clone();
            nowhere.set("workspace", fresh_id());
            let mut answers = Vec::new();
            for case in [here, nowhere] {
                let ask = case.ask(&api, &operation).token(&api.tokens["stranger"]);
                answers.push(ask.send().await);
            }
            assert_eq!(answers[0].outcome(), "404 not_found", "{}", operation.id);
            assert_same(&answers, &operation.id);
        }
        // A version that is right there says nothing of a thing here.
        let tag = case(&api, Where::Elsewhere, "getTag", "stranger").await.id;
        let change = json!({ "name": "Changed" });
        let mut answers = Vec::new();
        for (id, version) in [(tag, "\"1\""), (fresh_id(), "\"1\""), (tag, "\"7\"")] {
            let path = format!("/tags/{id}");
            let ask = api.ask("owner", "PATCH", &path).json(&change).header("if-match", version);
            answers.push(ask.send().await);
        }
        assert_eq!(answers[0].outcome(), "404 not_found");
        assert_same(&answers[..2], "If-Match");
        assert_same(&answers[1..], "If-Match");
        let body = json!({ "name": "With a key" });
        for who in ["stranger", "owner"] {
            let made = api.ask(who, "POST", "/tags").json(&body).header("idempotency-key", "a-key");
            assert_eq!(made.send().await.outcome(), "201", "{who}");
        }
    });
}

/// Databases are apart: an id that is taken elsewhere is free here, and nobody learns of it.
#[test]
fn an_id_that_is_taken_elsewhere_is_free_here() {
    both(async |api| {
        let document = document();
        let mut places = BTreeSet::new();
        for operation in operations(&document) {
            let is_new = |(field, _): &(String, Value)| is_new_id(&operation, field);
            if !fields(&document, &operation).iter().any(is_new) {
                continue;
            }
            let get = getter(&operation.id);
            let taken = case(&api, Where::Elsewhere, get, "stranger").await.id;
            let before = theirs(&api, get, taken).await;
            let mut outcomes = Vec::new();
            for id in [taken, fresh_id()] {
                let mut case = case(&api, Where::Here, &operation.id, "owner").await;
                let mut body = case.body.take().unwrap_or_else(|| json!({}));
                body["id"] = json!(id);
                case.body = Some(body);
                let made = case.ask(&api, &operation).token(&api.tokens["owner"]).send().await;
                assert!(made.status.is_success(), "{}: {}", operation.id, made.text());
                assert!(made.text().contains(&id.to_string()), "{}", operation.id);
                outcomes.push((made.outcome(), names(&made)));
            }
            assert_eq!(outcomes[0], outcomes[1], "{}", operation.id);
            assert_eq!(theirs(&api, get, taken).await, before, "{}", operation.id);
            places.insert(operation.id);
        }
        assert!(places.len() >= 12, "{places:?}");
    });
}

/// The thing as its workspace has it.
async fn theirs(api: &Api, get: &str, id: Uuid) -> Value {
    let operations = operations(&document());
    let operation = operations.iter().find(|operation| operation.id == get).unwrap();
    let path = operation.path.strip_prefix("/workspaces/{workspace}").unwrap();
    let path = path.replace("{id}", &id.to_string());
    let found = api.ask("stranger", "GET", &path).send().await;
    assert_eq!(found.status, 200, "{get}: {}", found.text());
    found.json()
}

/// How what an operation makes is read.
fn getter(operation: &str) -> &'static str {
    match operation {
        "createClient" => "getClient",
        "createProject" => "getProject",
        "createTask" => "getTask",
        "createTag" => "getTag",
        "createTeam" => "getTeam",
        "createRole" => "getRole",
        "createProvider" => "getProvider",
        "createInvitation" => "getInvitation",
        "createToken" => "getToken",
        "createTimeEntry" | "createQuickEntry" | "startTimer" | "duplicateTimeEntry"
        | "continueTimeEntry" | "splitTimeEntry" => "getTimeEntry",
        other => panic!("{other} makes what? add it"),
    }
}

fn assert_same(answers: &[Answer], what: &str) {
    assert_eq!(answers[0].status, answers[1].status, "{what}");
    assert_eq!(answers[0].anonymous(), answers[1].anonymous(), "{what}");
    assert_eq!(names(&answers[0]), names(&answers[1]), "{what}");
    let length = |answer: &Answer| answer.header("content-length").to_owned();
    assert_eq!(length(&answers[0]), length(&answers[1]), "{what}");
}

/// The names of its headers.
fn names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
    names.sort();
    names
}
