//! The record, on its page and in the API.

use domain::permission::Role;
use serde_json::json;

use crate::{
    cases::unique,
    support::{Api, both},
    visit::{Browser, somebody},
};

/// What the API says of it to somebody.
async fn asked(api: &Api, who: &str, query: &str) -> serde_json::Value {
    let answer = api.ask(who, "GET", &format!("/record{query}")).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn what_was_done_stands_on_the_page_with_who_did_it_and_what_it_was_before() {
    both(async |api| {
        let [before, after] = ["Northwind", "Northwind and sons"].map(unique);
        let client = api.make("owner", "/clients", json!({ "name": before })).await;
        let project = json!({ "name": unique("Planning"), "client_id": client });
        let project = api.make("owner", "/projects", project).await;
        let renamed = api.ask("owner", "PATCH", &format!("/clients/{client}"));
        assert_eq!(renamed.json(&json!({ "name": after })).send().await.status, 200);

        let auditor = api.visitor(Role::Auditor).await;
        let page = auditor.get("record?part=work").await;
        assert_eq!(page.status, 200);
        let text = page.text();
        assert!(text.contains("The owner (by a program)</b> changed the client"), "{text}");
        assert!(text.contains(&format!("<del>{before}</del> → <ins>{after}</ins>")), "{text}");
        assert!(!text.contains("joined"), "of one part");
        // What it leads to is there.
        let link = format!("/projects/{project}");
        assert!(text.contains(&format!("{link}\"")), "{text}");
        assert_eq!(auditor.get(link.trim_start_matches('/')).await.status, 200);
        assert!(!text.contains("href=\"/w/") || !text.contains(&format!("/clients/{client}\"")));

        for (query, field) in [
            ("first=9999-12-31", "record-first"),
            ("last=1969-12-31", "record-last"),
            ("last=9999-12-31", "record-last"),
            ("first=yesterday", "record-first"),
            ("part=everything", "record-part"),
            ("member=somebody", "record-member"),
        ] {
            let wrong = auditor.get(&format!("record?{query}")).await;
            assert_eq!(wrong.status, 422, "{query}");
            assert!(
                wrong.text().contains(&format!("id=\"{field}-wrong\"")),
                "{query}: {}",
                wrong.text()
            );
        }
        let member = api.visitor(Role::Member).await;
        assert_eq!(member.get("record").await.status, 403);
        assert!(!member.get("today").await.text().contains("/record\""), "it is not offered");
    });
}

#[test]
fn acts_of_an_account_are_told_in_words_and_without_numbers() {
    both(async |api| {
        let auditor = api.visitor(Role::Auditor).await;
        somebody(&api, "ann@example.org").await;
        Browser::new(&api).sign_in_by_mail(&api, "ann@example.org", true).await;
        while api.world.app.relay_directory_events().await.unwrap() > 0 {}
        let events = asked(&api, "owner", "?part=sign_in").await;
        let acts = events["items"].as_array().unwrap().iter();
        assert!(acts.filter(|event| event["kind"] == "directory.act").count() > 0, "{events}");
        let text = auditor.get("record?part=sign_in").await.text();
        for told in ["signed in", "with a code from a mail"] {
            assert!(text.contains(told), "{told}: {text}");
        }
        for raw in ["membership.added", "session.opened", "<dt>session</dt>", "<dt>family</dt>"] {
            assert!(!text.contains(raw), "{raw}: {text}");
        }
    });
}

#[test]
fn the_api_chooses_by_person_part_and_days_and_refuses_what_is_none() {
    both(async |api| {
        let tag = unique("boxes");
        api.make("member", "/tags", json!({ "name": tag })).await;
        let member = api.world.member("member");
        let theirs = asked(&api, "owner", &format!("?member_id={member}&part=work")).await;
        let items = theirs["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{theirs}");
        assert_eq!((&items[0]["kind"], &items[0]["thing"]), (&json!("tag.added"), &json!(tag)));
        assert_eq!(items[0]["changes"][0]["after"], json!(tag));
        let none = asked(&api, "owner", "?part=work&last=2026-11-19").await;
        assert_eq!((&none["items"], &none["next_cursor"]), (&json!([]), &json!(null)));
        for (query, outcome) in [
            ("?part=all", "400 query.invalid"),
            ("?first=9999-12-31", "422 invalid first.out_of_range"),
            ("?last=9999-12-31", "422 invalid last.out_of_range"),
            ("?member_id=5", "400 query.invalid"),
            ("?first=2026-13-01", "400 query.invalid"),
            ("?limit=201", "400 query.invalid"),
            ("?cursor=x", "400 cursor.invalid"),
            ("?of=me", "400 query.invalid"),
        ] {
            let answer = api.ask("owner", "GET", &format!("/record{query}")).send().await;
            assert_eq!(answer.outcome(), outcome, "{query}");
        }
        for who in ["member", "manager"] {
            let answer = api.ask(who, "GET", "/record").send().await;
            assert_eq!(answer.outcome(), "403 forbidden", "{who}");
        }
    });
}
