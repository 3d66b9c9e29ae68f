//! What happened to one thing, on its page and in the API.

use domain::permission::Role;
use serde_json::{Value, json};

use crate::{
    cases::{Where, unique},
    second::member_of,
    support::{Api, both},
    visit::{Browser, somebody, wait_s},
};

/// The kinds of events of a thing, oldest first, as the API tells somebody.
async fn kinds(api: &Api, who: &str, path: &str) -> Vec<String> {
    let answer = api.ask(who, "GET", path).send().await;
    assert_eq!(answer.status, 200, "{who} {path}: {}", answer.text());
    let items = answer.json()["items"].as_array().unwrap().clone();
    items.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

/// Changes something a second later, so that the order is that of the clock.
async fn change(api: &Api, path: &str, body: Value) {
    wait_s(api, 1);
    let changed = api.ask("owner", "PATCH", path).json(&body).send().await;
    assert_eq!(changed.status, 200, "{path}: {}", changed.text());
}

#[test]
fn a_thing_tells_what_happened_to_it_and_what_it_was_before() {
    both(async |api| {
        for (path, page, word) in [
            ("clients", "clients", "client"),
            ("projects", "projects", "project"),
            ("tags", "tags", "tag"),
            ("teams", "teams", "team"),
        ] {
            let [before, after] = ["Before", "After"].map(unique);
            let id = api.make("owner", &format!("/{path}"), json!({ "name": before })).await;
            change(&api, &format!("/{path}/{id}"), json!({ "name": after })).await;
            let events = kinds(&api, "owner", &format!("/{path}/{id}/history")).await;
            let expected = [format!("{word}.added"), format!("{word}.changed")];
            assert_eq!(events, expected);
            let auditor = api.visitor(Role::Auditor).await;
            let shown = auditor.get(&format!("{page}/{id}/history")).await;
            assert_eq!(shown.status, 200);
            let text = shown.text();
            assert!(text.contains(&format!("<del>{before}</del> → <ins>{after}</ins>")), "{text}");
            assert!(text.contains(&format!("changed the {word}")), "{text}");
            // Another thing's events are its own.
            let other = json!({ "name": unique("Other") });
            let other = api.make("owner", &format!("/{path}"), other).await;
            let events = kinds(&api, "owner", &format!("/{path}/{other}/history")).await;
            assert_eq!(events, [format!("{word}.added")]);
        }
    });
}

#[test]
fn who_sees_a_thing_and_not_its_history_is_told_so_and_strangers_find_nothing() {
    both(async |api| {
        let project = api.project(Where::Here).await;
        let path = format!("/projects/{project}/history");
        for who in ["owner", "manager"] {
            let mut events = kinds(&api, who, &path).await;
            // Made in one moment.
            events.sort();
            assert_eq!(events, ["project.added", "project.member_put"], "{who}");
        }
        let refused = api.ask("member", "GET", &path).send().await;
        let seen = api.ask("member", "GET", &format!("/projects/{project}")).send().await;
        let expected = if seen.status == 200 { "403 forbidden" } else { "404 not_found" };
        assert_eq!(refused.outcome(), expected);
        let theirs = api.project(Where::Elsewhere).await;
        let foreign = api.ask("owner", "GET", &format!("/projects/{theirs}/history")).send().await;
        assert_eq!(foreign.outcome(), "404 not_found");
        // An id of one kind is none of another.
        let confused = api.ask("owner", "GET", &format!("/tags/{project}/history")).send().await;
        assert_eq!(confused.outcome(), "404 not_found");
    });
}

#[test]
fn the_settings_and_a_membership_have_a_history() {
    both(async |api| {
        change(&api, "", json!({ "currency": "CHF" })).await;
        let settings = kinds(&api, "owner", "/settings/history").await;
        assert_eq!(settings.last().map(String::as_str), Some("workspace.changed"), "{settings:?}");
        let denied = api.ask("member", "GET", "/settings/history").send().await;
        assert_eq!(denied.outcome(), "403 forbidden");

        let member = api.world.member("member");
        let role = format!("/members/{member}");
        let path = format!("{role}/history");
        let before = kinds(&api, "member", &path).await;
        change(&api, &role, json!({ "role": "accountant" })).await;
        let after = kinds(&api, "member", &path).await;
        let expected = [before, vec!["member.role_changed".to_owned()]].concat();
        assert_eq!(after, expected, "one's own is one's own to read");
        let other = api.world.member("other");
        let theirs = format!("/members/{other}/history");
        assert_eq!(kinds(&api, "owner", &theirs).await, ["member.joined"]);
    });
}

/// Who may look at somebody's time sees not when they sign in.
#[test]
fn acts_of_an_account_are_for_its_person_and_who_reads_the_record() {
    both(async |api| {
        somebody(&api, "ann@example.org").await;
        let mut ann = Browser::new(&api);
        ann.sign_in_by_mail(&api, "ann@example.org", true).await;
        while api.world.app.relay_directory_events().await.unwrap() > 0 {}
        let (_, member) = member_of(&api, ann.who().await.unwrap()).await;
        let told = "noted of the account";
        let page = format!("people/{}/history", member.uuid());
        for (role, is_told) in
            [(Role::Accountant, false), (Role::Auditor, true), (Role::Owner, true)]
        {
            let shown = api.visitor(role).await.get(&page).await;
            assert_eq!(shown.status, 200, "{role}: {}", shown.text());
            assert_eq!(shown.text().contains(told), is_told, "{role}: {}", shown.text());
        }
        let own = ann.page(&page);
        assert!(ann.get(&own).await.text().contains(told));
    });
}

#[test]
fn a_history_comes_in_pages_and_is_offered_where_its_thing_is() {
    both(async |api| {
        let name = unique("Tag");
        let tag = api.make("owner", "/tags", json!({ "name": name })).await;
        for _ in 0..4 {
            change(&api, &format!("/tags/{tag}"), json!({ "name": unique("Tag") })).await;
        }
        let mut path = format!("/tags/{tag}/history?limit=2");
        let mut lengths = Vec::new();
        loop {
            let page = api.ask("owner", "GET", &path).send().await.json();
            lengths.push(page["items"].as_array().unwrap().len());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            path = format!("/tags/{tag}/history?limit=2&cursor={cursor}");
        }
        assert_eq!(lengths, [2, 2, 1]);
        let admin = api.visitor(Role::Admin).await;
        let link = format!("/tags/{tag}/history\"");
        assert!(admin.get("tags").await.text().contains(&link));
        assert!(admin.get("settings").await.text().contains("/settings/history\""));
        let member = api.visitor(Role::Member).await;
        assert!(!member.get("tags").await.text().contains("/history\""), "it is not offered");
    });
}
