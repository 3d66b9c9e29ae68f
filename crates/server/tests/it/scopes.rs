//! Time of others: by tokens of each scope, and on pages by who manages the project.

use app::actor::Scope;
use domain::permission::Role;
use serde_json::json;
use uuid::Uuid;

use crate::{
    cases::{Where, case, hour_on},
    support::{Ask, both},
    visitor::{Form, Visitor},
};

/// What a manager's token of each scope may do with their own time, and with that of a member on a
/// project they manage.
#[test]
fn a_token_reaches_the_time_of_others_with_full_scope_alone() {
    both(async |api| {
        let root = format!("/workspaces/{}", api.world.workspace);
        for (scope, own, theirs) in
            [(Scope::Read, false, false), (Scope::Track, true, false), (Scope::Full, true, true)]
        {
            let token = api.make_token("manager", scope, 30).await;
            let ask = |method: &str, path: &str| {
                Ask::new(&api.router, method, &format!("{root}{path}")).token(&token)
            };
            for (who, may) in [("manager", own), ("member", theirs)] {
                let project = api.project(Where::Here).await;
                let member = api.world.member(who).uuid();
                let mut body = hour_on(project);
                body["member_id"] = json!(member);
                let what = format!("{} {who}", scope.as_str());
                let expect = |is_good: bool, status: u16, act: &str| {
                    let expected = if is_good { 200..300 } else { 403..404 };
                    assert!(expected.contains(&status), "{what}: {act}: {status}");
                };
                let made = ask("POST", "/time-entries").json(&body).send().await;
                expect(may, made.status.as_u16(), "add");
                let id = if may { made.id() } else { api.make(who, "/time-entries", body).await };
                let path = format!("/time-entries/{id}");
                for read in [path.clone(), format!("{path}/history")] {
                    let seen = ask("GET", &read).send().await.status.as_u16();
                    expect(true, seen, &read);
                }
                let listed = format!("/time-entries?project_id={project}");
                let listed = ask("GET", &listed).send().await.json();
                assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{what}: {listed}");
                let version = |answer: &crate::support::Answer| answer.json()["version"].clone();
                let before = version(&ask("GET", &path).send().await);
                for (act, method, more, body) in [
                    ("change", "PATCH", "", json!({ "note": "Changed" })),
                    ("split", "POST", "/split", json!({ "after_s": 600 })),
                    ("delete", "DELETE", "", json!(null)),
                    ("restore", "POST", "/restore", json!(null)),
                ] {
                    if act == "restore" && !may {
                        let gone = api.ask(who, "DELETE", &path).send().await;
                        assert!(gone.status.is_success());
                    }
                    let asked = ask(method, &format!("{path}{more}"));
                    let asked = if body.is_null() { asked } else { asked.json(&body) };
                    expect(may, asked.send().await.status.as_u16(), act);
                    if act == "delete" && !may {
                        let after = version(&ask("GET", &path).send().await);
                        assert_eq!(after, before, "{what}: nothing was changed");
                    }
                }
            }
        }
    });
}

/// A member's token, of any scope, sees nothing of another member's time.
#[test]
fn a_members_token_reaches_nobody_elses_time() {
    both(async |api| {
        let root = format!("/workspaces/{}", api.world.workspace);
        let entry = case(&api, Where::Here, "getTimeEntry", "owner").await.id;
        for scope in [Scope::Read, Scope::Track, Scope::Full] {
            let token = api.make_token("other", scope, 30).await;
            let path = format!("{root}/time-entries/{entry}");
            for (method, more, body) in [
                ("GET", "", json!(null)),
                ("GET", "/history", json!(null)),
                ("PATCH", "", json!({ "note": "Changed" })),
                ("POST", "/split", json!({ "after_s": 600 })),
                ("POST", "/duplicate", json!({})),
                ("POST", "/continue", json!({})),
                ("DELETE", "", json!(null)),
            ] {
                let ask = Ask::new(&api.router, method, &format!("{path}{more}")).token(&token);
                let ask = if body.is_null() { ask } else { ask.json(&body) };
                let status = ask.send().await.status.as_u16();
                let is_read_only = scope == Scope::Read && method != "GET";
                let expected: &[u16] = if is_read_only { &[403, 404] } else { &[404] };
                assert!(expected.contains(&status), "{} {method} {more}: {status}", scope.as_str());
            }
        }
    });
}

async fn entry_form(visitor: &Visitor<'_>, id: Uuid) -> Form {
    visitor.form(&format!("entries/{id}/edit"), &format!("entry-{id}-form")).await
}

async fn version(visitor: &Visitor<'_>, id: Uuid) -> i64 {
    let read = visitor.ask("GET", &format!("/time-entries/{id}")).send().await;
    read.json()["version"].as_i64().unwrap_or_default()
}

#[test]
fn a_manager_changes_the_time_on_their_projects_by_pages_and_no_other() {
    both(async |api| {
        let manager = api.visitor(Role::Manager).await;
        let (mine, foreign) = (api.project(Where::Here).await, api.project(Where::Here).await);
        let put = format!("/projects/{mine}/members/{}", manager.member);
        let put = api.ask("owner", "PUT", &put).json(&json!({ "manager": true })).send().await;
        assert_eq!(put.status, 200, "{}", put.text());
        let member = api.world.member("member");
        let theirs = api.make("member", "/time-entries", hour_on(mine)).await;
        let hidden = api.make("member", "/time-entries", hour_on(foreign)).await;

        // On their project: read, change, split, delete, restore.
        let form = entry_form(&manager, theirs);
        let form = form.await.with("note", "Changed by who manages it");
        let saved = manager.post(&format!("entries/{theirs}"), &form).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        assert_eq!(version(&manager, theirs).await, 2);
        let history = manager.get(&format!("entries/{theirs}/history")).await;
        assert_eq!(history.status, 200);
        assert!(history.text().contains("Changed by who manages it"));
        let time = manager.get(&format!("time?member={member}&project={mine}")).await.text();
        assert!(time.contains("Changed by who manages it"));
        for act in ["delete", "restore"] {
            let done = manager.raw(&format!("entries/{theirs}/{act}"), "").await;
            assert_eq!(done.status, 303, "{act}: {}", done.text());
        }
        let new = "day=2026-11-18&duration=0%3A30&note=For+them";
        let body = format!("{new}&member={member}&project={mine}");
        let added = manager.raw("entries", &body).await;
        assert_eq!(added.status, 303, "{}", added.text());

        // On another one: not there, and nothing is changed.
        let before = api.ask("member", "GET", &format!("/time-entries/{hidden}")).send().await;
        for page in ["edit", "history"] {
            assert_eq!(
                manager.get(&format!("entries/{hidden}/{page}")).await.status,
                404,
                "{page}"
            );
        }
        for act in ["", "/split", "/duplicate", "/continue", "/delete", "/restore"] {
            let body = "version=1&note=Mine&split_at=2026-11-19T10%3A30";
            let done = manager.raw(&format!("entries/{hidden}{act}"), body).await;
            assert_eq!(done.status, 404, "{act}: {}", done.text());
        }
        let after = api.ask("member", "GET", &format!("/time-entries/{hidden}")).send().await;
        assert_eq!(after.json(), before.json());
        let body = format!("{new}&member={member}&project={foreign}");
        let refused = manager.raw("entries", &body).await;
        assert!(refused.status.is_client_error(), "{}", refused.status);
        // Nor can what is theirs be moved out of sight.
        let form = entry_form(&manager, theirs);
        let form = form.await.with("project", &foreign.to_string());
        let moved = manager.post(&format!("entries/{theirs}"), &form).await;
        assert!(moved.status.is_client_error(), "{}: {}", moved.status, moved.text());
        let listed = api.ask("member", "GET", &format!("/time-entries?project_id={foreign}"));
        assert_eq!(listed.send().await.json()["items"].as_array().unwrap().len(), 1);
    });
}
