//! `tp login`: a program asks, a person confirms.

use app::identity::{
    add_membership, approve_grant, deny_grant, insert_workspace, mark_workspace_ready,
};
use domain::ids::{MemberId, UserId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cases::Where,
    support::{Answer, Api, both, one},
    visit::{Browser, somebody},
};

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

/// Somebody who can sign in; the world's people cannot, they have no place in the directory.
#[derive(Clone, Copy)]
struct SignedIn {
    user: UserId,
    member: Uuid,
}

async fn sign_in(api: &Api) -> SignedIn {
    let (app, workspace) = (&api.world.app, api.world.workspace);
    let request = app.new_request();
    let address = app::input::address("email", "somebody@example.com").unwrap();
    let user = app.find_or_create_person(request, address).await.unwrap();
    let member = api.newcomer_who(Where::Here, user).await;
    app.write_directory(request, move |op| {
        insert_workspace(op, workspace)?;
        mark_workspace_ready(op, workspace)?;
        add_membership(op, user, workspace, MemberId::from_uuid(member))
    })
    .await
    .unwrap();
    SignedIn { user, member }
}

async fn approve(api: &Api, grant: &Value, who: SignedIn) {
    let code = grant["user_code"].as_str().unwrap().to_owned();
    let (app, workspace) = (&api.world.app, api.world.workspace);
    app.write_directory(app.new_request(), move |op| {
        approve_grant(op, &code, who.user, workspace, 90)
    })
    .await
    .unwrap();
}

#[test]
fn a_confirmed_program_gets_a_token_once() {
    both(async |api| {
        let somebody = sign_in(&api).await;
        let grant = start(&api).await;
        assert!(grant["verification_url"].as_str().unwrap().ends_with("/device"));
        assert_eq!(grant["interval_s"], 5);
        let pending = collect(&api, &grant).await;
        assert_eq!((pending.outcome().as_str(), pending.header("retry-after")), ("202", "5"));
        assert_eq!(pending.json(), json!({ "state": "pending", "interval_s": 5 }));
        approve(&api, &grant, somebody).await;
        let collected = collect(&api, &grant).await;
        assert_eq!(collected.outcome(), "200", "{}", collected.text());
        let collected = collected.json();
        assert_eq!(collected["workspace_id"], json!(api.world.workspace.uuid()));
        assert_eq!(collected["member_name"], "A newcomer");
        assert_eq!(collected["expires_at"], "2027-02-18T12:00:00Z", "90 days");
        let token = collected["token"].as_str().unwrap();
        let me = format!("/workspaces/{}/me", api.world.workspace);
        let me = api.bare("GET", &me).token(token).send().await.json();
        assert_eq!(me["id"], json!(somebody.member));
        let tokens = format!("/tokens?member_id={}", somebody.member);
        let tokens = api.ask("owner", "GET", &tokens).send().await.json();
        let named = tokens["items"].as_array().unwrap().iter();
        let named = named.filter(|token| token["name"] == "tp on kitchen-laptop");
        assert!(named.map(|token| &token["is_program"]).eq([&json!(true)]));
        assert_eq!(collect(&api, &grant).await.outcome(), "409 grant.not_valid", "once");
    });
}

#[test]
fn denied_expired_and_unknown_ones_get_none() {
    both(async |api| {
        let somebody = sign_in(&api).await;
        let denied = start(&api).await;
        let code = denied["user_code"].as_str().unwrap().to_owned();
        let app = &api.world.app;
        app.write_directory(app.new_request(), move |op| deny_grant(op, &code, somebody.user))
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
        let somebody = sign_in(&api).await;
        let grant = start(&api).await;
        approve(&api, &grant, somebody).await;
        let path = format!("/members/{}", somebody.member);
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

/// The person chooses how long, and the list says whose token it is.
#[test]
fn the_page_that_lets_a_program_in_says_what_it_may_do_and_for_how_long() {
    both(async |api| {
        let ann = somebody(&api, "ann@example.org").await;
        let mut browser = Browser::new(&api);
        browser.sign_in(ann, false).await;
        let grant = start(&api).await;
        let code = grant["user_code"].as_str().unwrap();
        let shown = browser.get(&format!("/device?user_code={code}")).await.text();
        assert!(shown.contains("all that you may in the workspace, from everywhere"), "{shown}");
        assert!(shown.contains("value=\"90\" selected"), "{shown}");
        let workspace = api.world.workspace.to_string();
        let allow = |days: &'static str| {
            [
                ("user_code", code),
                ("workspace", workspace.as_str()),
                ("answer", "allow"),
                ("expires_in_days", days),
            ]
        };
        for days in ["", "0", "367", "for ever"] {
            assert_eq!(browser.post("/device/confirm", &allow(days)).await.status, 422, "{days:?}");
        }
        let allowed = browser.post("/device/confirm", &allow("7")).await;
        assert_eq!(allowed.status, 200, "{}", allowed.text());
        let collected = collect(&api, &grant).await.json();
        assert_eq!(collected["expires_at"], "2026-11-27T12:00:00Z");
        let tokens = browser.page("tokens");
        let tokens = browser.get(&tokens).await.text();
        assert!(tokens.contains("a program let in, such as tp"), "{tokens}");
    });
}
