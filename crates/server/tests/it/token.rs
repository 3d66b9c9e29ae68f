//! Who a token lets in, and until when.

use app::actor::Scope;
use domain::permission::Role;
use serde_json::json;

use crate::{
    support::{Api, both},
    visit::wait_s,
    visitor::Form,
};

async fn me(api: &Api, token: &str) -> String {
    let path = format!("/workspaces/{}/me", api.world.workspace);
    api.bare("GET", &path).token(token).send().await.outcome()
}

#[test]
fn without_a_token_that_works_nobody_gets_in() {
    both(async |api| {
        let good = api.tokens["member"].clone();
        assert_eq!(me(&api, &good).await, "200");
        let last = if good.ends_with('A') { 'E' } else { 'A' };
        let other_secret = format!("{}{last}", &good[..good.len() - 1]);
        for bad in ["", "x", "tp1", &other_secret, &format!("{good}x"), &good.to_uppercase()] {
            assert_eq!(me(&api, bad).await, "401 signed_out", "{bad}");
        }
        let path = format!("/workspaces/{}/me", api.world.workspace);
        for header in [format!("Basic {good}"), good.clone(), "Bearer".to_owned()] {
            let answer = api.bare("GET", &path).header("authorization", &header).send().await;
            assert_eq!(answer.outcome(), "401 signed_out", "{header}");
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
        let bare = api.bare("GET", &path);
        let cookie = bare.header("cookie", &format!("sid={good}")).send().await;
        assert_eq!(cookie.outcome(), "401 signed_out", "cookies do not count");
    });
}

#[test]
fn a_token_ends() {
    both(async |api| {
        let token = api.make_token("member", Scope::Full, 30).await;
        api.world.set_clock("2026-12-20T11:59:59Z");
        assert_eq!(me(&api, &token).await, "200");
        api.world.set_clock("2026-12-20T12:00:00Z");
        assert_eq!(me(&api, &token).await, "401 signed_out");
    });
}

#[test]
fn a_revoked_token_and_a_removed_members_are_out_at_once() {
    both(async |api| {
        let mine = api.tokens["member"].clone();
        let body = json!({ "name": "tp", "scope": "full", "expires_in_days": 1 });
        let made = api.ask("member", "POST", "/tokens").json(&body).send().await;
        let token = made.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(me(&api, &token).await, "200");
        let path = format!("/tokens/{}", made.id());
        assert_eq!(api.ask("other", "DELETE", &path).send().await.outcome(), "404 not_found");
        assert_eq!(api.ask("member", "DELETE", &path).send().await.outcome(), "204");
        assert_eq!(me(&api, &token).await, "401 signed_out");
        assert_eq!(api.ask("member", "GET", &path).send().await.outcome(), "404 not_found");
        assert_eq!(api.ask("member", "DELETE", &path).send().await.outcome(), "404 not_found");
        api.make("member", "/timer", json!({ "started_at": "2026-11-20T11:00:00Z" })).await;
        let path = format!("/members/{}", api.world.member("member"));
        assert_eq!(api.ask("owner", "DELETE", &path).send().await.outcome(), "204");
        assert_eq!(me(&api, &mine).await, "401 signed_out");
        let removed = api.ask("owner", "GET", &path).send().await.json();
        assert!(removed["removed_at"].is_string(), "their time still says whose it is: {removed}");
        assert_eq!(api.ask("owner", "DELETE", &path).send().await.outcome(), "404 not_found");
        let entries = api.ask("owner", "GET", "/time-entries").send().await.json();
        assert_eq!(entries["items"][0]["duration_s"], 3_600, "their timer has stopped");
    });
}

#[test]
fn the_last_owner_stays() {
    both(async |api| {
        let path = format!("/members/{}", api.world.member("owner"));
        let step_down = api.ask("owner", "PATCH", &path).json(&json!({ "role": "admin" }));
        assert_eq!(step_down.send().await.outcome(), "409 member.last_owner");
        for who in ["owner", "admin", "manager"] {
            let remove = api.ask(who, "DELETE", &path).send().await;
            assert_eq!(remove.outcome(), "403 forbidden", "{who}");
        }
        let crown = json!({ "role": "owner" });
        let admin = format!("/members/{}", api.world.member("admin"));
        let own = api.ask("admin", "PATCH", &admin).json(&crown).send().await;
        assert_eq!(own.outcome(), "403 forbidden", "an admin makes no owners");
        let invite = json!({ "email": "x@example.com", "role": "owner" });
        let invite = api.ask("admin", "POST", "/invitations").json(&invite).send().await;
        assert_eq!(invite.outcome(), "403 forbidden");
        assert_eq!(api.ask("owner", "PATCH", &admin).json(&crown).send().await.outcome(), "200");
        let step_down = api.ask("owner", "PATCH", &path).json(&json!({ "role": "member" }));
        assert_eq!(step_down.send().await.outcome(), "200");
    });
}

#[test]
fn a_token_opens_its_own_workspace_and_no_other() {
    both(async |api| {
        for (who, workspace) in [("owner", api.world.workspace), ("stranger", api.world.elsewhere)]
        {
            let token = &api.tokens[who];
            let listed = api.bare("GET", "/workspaces").token(token).send().await.json();
            let ids: Vec<_> = listed["items"].as_array().unwrap().iter().collect();
            assert_eq!(ids.len(), 1);
            assert_eq!(ids[0]["id"], json!(workspace.uuid()));
            assert_eq!(ids[0]["role"], "owner");
        }
        assert_eq!(me(&api, &api.tokens["stranger"]).await, "404 not_found");
        let none = api.bare("GET", "/workspaces").send().await;
        assert_eq!(none.outcome(), "401 signed_out");
    });
}

#[test]
fn the_last_use_is_noted_once_an_hour() {
    both(async |api| {
        let body = json!({ "name": "tp", "scope": "read", "expires_in_days": 30 });
        let made = api.ask("member", "POST", "/tokens").json(&body).send().await;
        let token = made.json()["token"].as_str().unwrap().to_owned();
        let path = format!("/tokens/{}", made.id());
        let last_use =
            async || api.ask("member", "GET", &path).send().await.json()["last_used_at"].clone();
        assert!(last_use().await.is_null());
        for (now, expected) in [
            ("2026-11-20T12:10:00Z", "2026-11-20T12:10:00Z"),
            ("2026-11-20T13:09:59Z", "2026-11-20T12:10:00Z"),
            ("2026-11-20T13:10:00Z", "2026-11-20T13:10:00Z"),
        ] {
            api.world.set_clock(now);
            assert_eq!(me(&api, &token).await, "200");
            // Noted in the background: it is there soon.
            let mut looks = 0;
            while last_use().await != expected {
                looks += 1;
                assert!(looks < 500, "not noted at {now}");
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
        }
    });
}

/// What opens nothing any more is answered as what never did.
#[test]
fn a_token_that_has_ended_is_as_one_that_never_was() {
    both(async |api| {
        let path = format!("/workspaces/{}/me", api.world.workspace);
        let answer = async |token: &str| {
            let answer = api.bare("GET", &path).token(token).send().await;
            let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort();
            let problem = (answer.status != 200).then(|| answer.anonymous());
            (answer.outcome(), problem, names, answer.body.len())
        };
        let made = api.make_token("member", Scope::Full, 30).await;
        let never = made[..made.len() - 4].to_owned() + "AAAA";
        let expected = answer(&never).await;
        assert_eq!(expected.0, "401 signed_out");

        let body = json!({ "name": "tp", "scope": "read", "expires_in_days": 30 });
        let revoked = api.ask("member", "POST", "/tokens").json(&body).send().await;
        let path = format!("/tokens/{}", revoked.id());
        assert_eq!(api.ask("member", "DELETE", &path).send().await.outcome(), "204");
        let revoked = revoked.json()["token"].as_str().unwrap().to_owned();
        assert_eq!(answer(&revoked).await, expected, "revoked");

        let theirs = api.make_token("other", Scope::Full, 366).await;
        let path = format!("/members/{}", api.world.member("other"));
        assert_eq!(api.ask("owner", "DELETE", &path).send().await.outcome(), "204");
        assert_eq!(answer(&theirs).await, expected, "of a removed member");

        let short = api.make_token("member", Scope::Track, 1).await;
        api.world.set_clock("2026-11-21T12:00:00Z");
        assert_eq!(answer(&short).await, expected, "expired");
        assert_eq!(answer(&made).await.0, "200");
    });
}

#[test]
fn a_token_for_some_addresses_is_refused_from_others() {
    both(async |api| {
        let body = json!({
            "name": "tp", "scope": "full", "expires_in_days": 30,
            "networks": ["203.0.113.0/24", "2001:db8:77::/48"],
        });
        let made = api.ask("member", "POST", "/tokens").json(&body).send().await;
        assert_eq!(made.status, 201, "{}", made.text());
        let token = made.json()["token"].as_str().unwrap().to_owned();
        let path = format!("/workspaces/{}", api.world.workspace);
        let ask =
            |method: &str, more: &str| api.bare(method, &format!("{path}{more}")).token(&token);
        for inside in ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8:77::1"] {
            assert_eq!(ask("GET", "/me").from(inside).send().await.outcome(), "200", "{inside}");
        }
        for outside in ["203.0.114.9", "2001:db8:78::1", "127.0.0.1"] {
            let refused = ask("GET", "/me").from(outside).send().await;
            assert_eq!(refused.outcome(), "403 token.network", "{outside}");
            let tag = json!({ "name": format!("From {outside}") });
            let refused = ask("POST", "/tags").json(&tag).from(outside).send().await;
            assert_eq!(refused.outcome(), "403 token.network", "{outside}");
        }
        // From nowhere that is known, and in a workspace that is not its own.
        assert_eq!(ask("GET", "/me").send().await.outcome(), "403 token.network");
        let path = format!("/workspaces/{}/me", api.world.elsewhere);
        let elsewhere = api.bare("GET", &path).token(&token).from("127.0.0.1").send().await;
        assert_eq!(elsewhere.outcome(), "404 not_found");
        let tags = api.ask("member", "GET", "/tags").send().await.json();
        assert_eq!(tags["items"].as_array().unwrap().len(), 0, "nothing was made");
    });
}

/// Whoever may revoke the tokens of others has a page for it; each of them asks for a fresh proof.
#[test]
fn the_tokens_of_others_are_seen_and_revoked_on_a_page() {
    both(async |api| {
        let owner = api.visitor(Role::Owner).await;
        let bob = api.visitor(Role::Member).await;
        let made = json!({ "name": "Nightly job", "scope": "read", "expires_in_days": 30 });
        let id = bob.make("/tokens", made).await;
        let people = owner.get("people").await.text();
        let path = format!("people/{}/tokens", bob.member);
        assert!(people.contains(&format!("/{path}\"")), "{people}");
        let shown = owner.get(&path).await;
        assert_eq!(shown.status, 200, "{}", shown.text());
        for part in ["API tokens of A visiting member", "Nightly job", "reads", "not used yet"] {
            assert!(shown.text().contains(part), "{part}: {}", shown.text());
        }
        // Not by the page of somebody else, nor by who has no right to it.
        let revoke = |member| format!("people/{member}/tokens/{id}/revoke");
        let nothing = Form::default();
        assert_eq!(owner.post(&revoke(owner.member), &nothing).await.status, 404);
        let other = api.visitor(Role::Member).await;
        assert_eq!(other.get(&path).await.status, 404);
        assert_eq!(other.post(&revoke(bob.member), &nothing).await.status, 404);
        let admin = api.visitor(Role::Admin).await;
        let owners = format!("people/{}/tokens", owner.member);
        assert_eq!(admin.get(&owners).await.status, 403, "who has more rights");
        for _ in 0..2 {
            let revoked = admin.post(&revoke(bob.member), &nothing).await;
            assert_eq!(revoked.status, 303, "another tab was faster: {}", revoked.text());
        }
        let gone = bob.ask("GET", &format!("/tokens/{id}")).send().await;
        assert_eq!(gone.status, 404);
        // A session that is not fresh is asked for a proof first.
        let id = bob
            .make("/tokens", json!({ "name": "Another", "scope": "read", "expires_in_days": 30 }))
            .await;
        wait_s(&api, 20 * 60);
        let asked =
            admin.post(&format!("people/{}/tokens/{id}/revoke", bob.member), &nothing).await;
        assert_eq!(asked.status, 403, "{}", asked.text());
        assert!(asked.text().contains("revoke an API token of a member"), "{}", asked.text());
        let own = bob.post(&format!("tokens/{id}/revoke"), &nothing).await;
        assert_eq!(own.status, 303, "one's own");
    });
}
