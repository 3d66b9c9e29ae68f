//! Requests that make something, sent twice.

use serde_json::{Value, json};

use crate::{
    cases::{Where, case, fresh_id, number},
    support::{Answer, Api, Ask, Operation, both, document, one, operations},
};

/// An operation that makes something, a field, and the value that makes another body of it.
type Making = (&'static str, &'static str, fn() -> Value);

const MAKING: [Making; 14] = [
    ("createClient", "name", || json!("Another")),
    ("createProject", "name", || json!("Another")),
    ("createTask", "name", || json!("Another")),
    ("createTag", "name", || json!("Another")),
    ("createTeam", "name", || json!("Another")),
    ("createRole", "name", || json!("Another")),
    ("createProvider", "label", || json!("Another")),
    ("createTimeEntry", "note", || json!("Another")),
    ("startTimer", "note", || json!("Another")),
    ("createQuickEntry", "text", || json!("20m another")),
    ("createInvitation", "role", || json!("manager")),
    ("duplicateTimeEntry", "", || Value::Null),
    ("continueTimeEntry", "", || Value::Null),
    ("splitTimeEntry", "after_s", || json!(700)),
];

#[test]
fn every_operation_that_makes_is_known_here() {
    let known: Vec<_> = MAKING.iter().map(|(id, ..)| *id).collect();
    for operation in operations(&document()) {
        let makes = operation.described["responses"].get("201").is_some();
        let is_known = known.contains(&operation.id.as_str()) || operation.id == "createToken";
        assert_eq!(makes, is_known, "{}", operation.id);
    }
}

#[test]
fn the_same_id_and_body_twice() {
    both(async |api| {
        twice(&api, |ask, body, id| {
            let mut body = body.clone();
            body["id"] = json!(id);
            ask.json(&body)
        })
        .await;
    });
}

#[test]
fn the_same_idempotency_key_and_body_twice() {
    both(async |api| {
        twice(&api, |ask, body, id| ask.json(body).header("idempotency-key", &id.to_string()))
            .await;
    });
}

async fn twice(api: &Api, write: impl for<'a> Fn(Ask<'a>, &Value, uuid::Uuid) -> Ask<'a>) {
    let operations = operations(&document());
    for (name, field, another) in MAKING {
        let operation = operations.iter().find(|operation| operation.id == name).unwrap();
        let case = case(api, Where::Here, name, "member").await;
        let who = if name.contains("Entry") || name == "startTimer" { "member" } else { "owner" };
        let body = case.body.clone().unwrap();
        let id = fresh_id();
        let send = async |body: &Value| {
            let path = path_of(&case, operation);
            let ask = Ask::new(&api.router, "POST", &path).token(&api.tokens[who]);
            write(ask, body, id).send().await
        };
        let first = send(&body).await;
        assert_eq!(first.outcome(), "201", "{name}: {}", first.text());
        let again = send(&body).await;
        assert_eq!(again.outcome(), "200", "{name} again");
        assert_eq!(first.json(), again.json(), "{name} again");
        assert_eq!(first.header("etag"), again.header("etag"), "{name}");
        assert_readable(api, who, &first).await;
        if !field.is_empty() {
            let mut other = body.clone();
            other[field] = another();
            assert_eq!(send(&other).await.outcome(), "409 id.taken", "{name} with another body");
        }
    }
}

fn path_of(case: &crate::cases::Case, operation: &Operation) -> String {
    let mut path = operation.path.clone();
    for name in operation.path_ids() {
        path = path.replace(&format!("{{{name}}}"), &case.get(name).to_string());
    }
    path
}

/// What was made is readable where `Location` says, which is the collection's path plus its id.
async fn assert_readable(api: &Api, who: &str, made: &Answer) {
    let location = made.header("location").strip_prefix("/api/v1").unwrap().to_owned();
    assert!(location.ends_with(&format!("/{}", made.id())), "{location}");
    let read = api.bare("GET", &location).token(&api.tokens[who]).send().await;
    assert_eq!(read.outcome(), "200", "{location}");
    assert_eq!(read.json(), made.json(), "{location}");
    assert_eq!(read.header("etag"), made.header("etag"), "{location}");
    assert!(!read.header("etag").is_empty());
}

#[test]
fn a_token_is_shown_once() {
    both(async |api| {
        for by_key in [false, true] {
            let id = fresh_id();
            let send = async |days: i64| {
                let mut body = json!({ "name": "tp", "scope": "track", "expires_in_days": days });
                let ask = api.ask("member", "POST", "/tokens");
                if by_key {
                    return ask.json(&body).header("idempotency-key", "k1").send().await;
                }
                body["id"] = json!(id);
                ask.json(&body).send().await
            };
            let made = send(30).await;
            assert_eq!(made.outcome(), "201");
            let secret = made.json()["token"].as_str().unwrap().to_owned();
            assert_eq!(send(30).await.outcome(), "409 token.shown_once");
            assert_eq!(send(31).await.outcome(), "409 id.taken");
            let path = made.header("location").strip_prefix("/api/v1").unwrap().to_owned();
            let read = api.bare("GET", &path).token(&secret).send().await;
            assert_eq!(read.outcome(), "404 not_found", "a track token sees no tokens");
            let read = api.bare("GET", &path).token(&api.tokens["member"]).send().await;
            assert_eq!(read.outcome(), "200");
            assert!(!read.text().contains(&secret), "never again");
            let me = api.bare("GET", &format!("/workspaces/{}/me", api.world.workspace));
            assert_eq!(me.token(&secret).send().await.outcome(), "200");
        }
    });
}

/// Two people, or two operations, with the same key do not meet.
#[test]
fn idempotency_keys_are_one_persons_and_one_operations() {
    both(async |api| {
        let send = async |who: &str, path: &str, body: Value| {
            api.ask(who, "POST", path).json(&body).header("idempotency-key", "1").send().await
        };
        let body = json!({ "day": "2026-11-19", "duration_s": 60 });
        let mine = send("member", "/time-entries", body.clone()).await;
        let theirs = send("other", "/time-entries", body).await;
        assert_eq!((mine.outcome().as_str(), theirs.outcome().as_str()), ("201", "201"));
        assert_ne!(mine.id(), theirs.id());
        let quick = send("member", "/quick-entries", json!({ "text": "10m tea" })).await;
        assert_eq!(quick.outcome(), "201");
        let long = "k".repeat(201);
        for key in ["", &long] {
            let ask = api.ask("member", "POST", "/tags").json(&json!({ "name": "x" }));
            let answer = ask.header("idempotency-key", key).send().await;
            assert_eq!(answer.outcome(), "400 idempotency_key.invalid");
        }
    });
}

/// A name is taken also where the id is another.
#[test]
fn names_are_taken_once() {
    both(async |api| {
        let project = api.project(Where::Here).await;
        let name = format!("Überfall {}", number());
        for (path, body) in [
            ("/clients", json!({ "name": name })),
            ("/projects", json!({ "name": name })),
            ("/tasks", json!({ "name": name, "project_id": project })),
            ("/tags", json!({ "name": name })),
        ] {
            api.make("owner", path, body.clone()).await;
            let mut shouted = body.clone();
            shouted["name"] = json!(name.to_uppercase());
            for body in [body, shouted] {
                let again = api.ask("owner", "POST", path).json(&body).send().await;
                assert_eq!(again.outcome(), "409 name.taken", "{path} {body}");
            }
        }
        let invitation = json!({ "email": "Noor@example.com", "role": "member" });
        api.make("owner", "/invitations", invitation).await;
        for email in ["noor@example.com", "member@example.com"] {
            let body = json!({ "email": email, "role": "member" });
            let again = api.ask("owner", "POST", "/invitations").json(&body).send().await;
            assert_eq!(again.outcome(), "409 invitation.already_invited", "{email}");
        }
    });
}

/// Whoever refuses every form of an answer gets the plain one: what was made is told as made.
#[test]
fn what_is_made_is_told_whatever_form_is_asked_for() {
    one(async |api| {
        for (number, refuses) in
            ["identity;q=0", "*;q=0", "gzip;q=0, identity;q=0"].iter().enumerate()
        {
            let tag = json!({ "name": format!("Tag {number}") });
            let made = api.ask("owner", "POST", "/tags").header("accept-encoding", refuses);
            let made = made.json(&tag).send().await;
            assert_eq!(made.status, 201, "{refuses}: {}", made.text());
            assert_eq!(made.header("content-encoding"), "", "{refuses}");
        }
    });
}
