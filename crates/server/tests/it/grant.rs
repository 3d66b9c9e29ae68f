//! `tp login`: a program asks, a person confirms.

use app::identity::{approve_grant, deny_grant};
use serde_json::{Value, json};

use crate::support::{Answer, Api, both, one};

async fn start(api: &Api) -> Value {
    let body = json!({ "name": "tp on kitchen-laptop" });
    let answer = api.bare("POST", "/device-grants").json(&body).send().await;
    assert_eq!(answer.outcome(), "200");
    answer.json()
}

async fn collect(api: &Api, grant: &Value) -> Answer {
    let body = json!({ "device_code": grant["device_code"] });
    api.bare("POST", "/device-grants/collect").json(&body).send().await
}

async fn approve(api: &Api, grant: &Value, who: &str) {
    let code = grant["user_code"].as_str().unwrap().to_owned();
    let (user, workspace) = (api.world.people[who].user, api.world.workspace);
    let app = &api.world.app;
    app.write_directory(app.new_request(), move |op| approve_grant(op, &code, user, workspace))
        .await
        .unwrap();
}

/// The world's people have no row in the directory; somebody who signs in does.
async fn signs_in(api: &Api, who: &'static str) {
    let app = &api.world.app;
    let (workspace, member) = (api.world.workspace, api.world.member(who));
    let user = api.world.people[who].user;
    app.write_directory(app.new_request(), move |op| {
        app::identity::insert_workspace(op, workspace)?;
        app::identity::mark_workspace_ready(op, workspace)?;
        app::identity::add_membership(op, user, workspace, member)
    })
    .await
    .unwrap();
}

#[test]
fn a_confirmed_program_gets_a_token_once() {
    both(async |api| {
        signs_in(&api, "member").await;
        let grant = start(&api).await;
        assert!(grant["verification_url"].as_str().unwrap().ends_with("/device"));
        assert_eq!(grant["interval_s"], 5);
        assert_eq!(collect(&api, &grant).await.outcome(), "409 grant.pending");
        approve(&api, &grant, "member").await;
        let collected = collect(&api, &grant).await;
        assert_eq!(collected.outcome(), "200", "{}", collected.text());
        let collected = collected.json();
        assert_eq!(collected["workspace_id"], json!(api.world.workspace.uuid()));
        assert_eq!(collected["member_name"], "The member");
        assert_eq!(collected["expires_at"], "2027-11-21T12:00:00Z");
        let token = collected["token"].as_str().unwrap();
        let me = format!("/workspaces/{}/me", api.world.workspace);
        let me = api.bare("GET", &me).token(token).send().await.json();
        assert_eq!(me["id"], json!(api.world.member("member").uuid()));
        let tokens = api.ask("member", "GET", "/tokens").send().await.json();
        let named = tokens["items"].as_array().unwrap().iter();
        assert_eq!(named.filter(|token| token["name"] == "tp on kitchen-laptop").count(), 1);
        assert_eq!(collect(&api, &grant).await.outcome(), "409 grant.not_valid", "once");
    });
}

#[test]
fn denied_expired_and_unknown_ones_get_none() {
    both(async |api| {
        signs_in(&api, "member").await;
        let denied = start(&api).await;
        let code = denied["user_code"].as_str().unwrap().to_owned();
        let user = api.world.people["member"].user;
        let app = &api.world.app;
        app.write_directory(app.new_request(), move |op| deny_grant(op, &code, user))
            .await
            .unwrap();
        assert_eq!(collect(&api, &denied).await.outcome(), "409 grant.not_valid");
        let late = start(&api).await;
        api.world.set_clock("2026-11-20T12:10:00Z");
        assert_eq!(collect(&api, &late).await.outcome(), "409 grant.not_valid");
        for unknown in ["", "x", &"A".repeat(43)] {
            let grant = json!({ "device_code": unknown });
            assert_eq!(collect(&api, &grant).await.outcome(), "409 grant.not_valid");
        }
        for (body, expected) in [
            (json!({}), "422 body.shape"),
            (json!({ "name": "" }), "422 invalid name.empty"),
            (json!({ "name": "x".repeat(121) }), "422 invalid name.too_long"),
        ] {
            let answer = api.bare("POST", "/device-grants").json(&body).send().await;
            assert_eq!(answer.outcome(), expected);
        }
    });
}

/// Confirmed, and removed from the workspace before the program asked again.
#[test]
fn a_removed_members_program_gets_none() {
    both(async |api| {
        signs_in(&api, "member").await;
        let grant = start(&api).await;
        approve(&api, &grant, "member").await;
        let path = format!("/members/{}", api.world.member("member"));
        assert_eq!(api.ask("owner", "DELETE", &path).send().await.outcome(), "204");
        assert_eq!(collect(&api, &grant).await.outcome(), "409 grant.not_valid");
    });
}

#[test]
fn a_network_may_ask_twenty_times_an_hour() {
    one(async |api| {
        for _ in 0..20 {
            start(&api).await;
        }
        let body = json!({ "name": "tp" });
        let refused = api.bare("POST", "/device-grants").json(&body).send().await;
        assert_eq!(refused.outcome(), "429 too_many_requests");
        assert_eq!(refused.header("retry-after"), "3600");
        api.world.set_clock("2026-11-20T13:00:00Z");
        start(&api).await;
    });
}
