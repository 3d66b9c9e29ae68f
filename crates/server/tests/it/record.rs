//! The record, on its page and in the API.

use domain::permission::Role;
use serde_json::json;
use testkit::log::ledger::{Verifier, receipt::Receipt};

use crate::{
    cases::unique,
    support::{Api, both, set_policy},
    visit::{Browser, somebody},
};

const HOST: &str = "time.example";

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
            ("side=behind", "record-side"),
            ("object=7", "record-object"),
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

/// What the program has as numbers and words of its own, people read as theirs.
#[test]
fn days_colours_choices_and_flags_are_told_in_words() {
    both(async |api| {
        let auditor = api.visitor(Role::Auditor).await;
        let file = auditor.get("reports.csv?first=2026-11-01&last=2026-11-20").await;
        assert_eq!(file.status, 200, "{}", file.text());
        let project = json!({ "name": unique("Planning"), "hue": 5 });
        api.make("owner", "/projects", project).await;
        let settings = json!({ "second_timer": "is_refused", "week_start": "sunday" });
        let changed = api.ask("owner", "PATCH", "").json(&settings).send().await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        set_policy(&api, &json!({ "allows_passwords": false, "longest_session": "7_days" })).await;
        for (part, told) in [
            ("time", "<dt>From</dt><dd><ins>1 Nov 2026</ins>"),
            ("time", "<dt>Until</dt><dd><ins>20 Nov 2026</ins>"),
            ("work", "<dt>Colour</dt><dd><ins>Green</ins>"),
            ("workspace", "<del>Stops the one that runs</del> → <ins>Is refused</ins>"),
            ("workspace", "<del>Monday</del> → <ins>Sunday</ins>"),
            ("sign_in", "<dt>Passwords</dt><dd><del>yes</del> → <ins>no</ins>"),
            ("sign_in", "<del>30 days</del> → <ins>7 days</ins>"),
            ("people", "<dt>Role</dt><dd><ins>Auditor</ins>"),
        ] {
            let page = auditor.get(&format!("record?part={part}")).await;
            assert_eq!(page.status, 200);
            assert!(page.text().contains(told), "{told}: {}", page.text());
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
        let of_it = format!("?object_id={}", items[0]["object_id"].as_str().unwrap());
        assert_eq!(asked(&api, "owner", &of_it).await["items"], theirs["items"]);
        let side = async |side: &str| {
            let query = format!("?member_id={member}&part=work&side={side}");
            asked(&api, "owner", &query).await["items"].as_array().unwrap().len()
        };
        assert_eq!([side("by").await, side("about").await], [1, 0]);
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
            ("?side=behind", "400 query.invalid"),
            ("?object_id=5", "400 query.invalid"),
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

/// An auditor takes along what a program that knows nothing of this server can check.
#[test]
fn receipts_the_head_and_its_key_are_taken_along_from_the_page() {
    both(async |api| {
        let tag = api.make("owner", "/tags", json!({ "name": unique("tag") })).await;
        let auditor = api.visitor(Role::Auditor).await;
        let before = auditor.get("record").await.text();
        assert!(before.contains("Not yet under a head"), "{before}");
        assert!(before.contains("The log begins in a few seconds"), "{before}");
        assert!(!before.contains("/record/receipts/"), "{before}");
        let waiting = asked(&api, "owner", &format!("?object_id={tag}")).await;
        assert_eq!(waiting["items"][0]["place"], json!(null));
        let id = waiting["items"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("record/receipts/{id}");
        for early in [path.as_str(), "record/head", "record/key"] {
            assert_eq!(auditor.get(early).await.status, 404, "{early}");
        }

        api.world.app.sequence_ledger(api.world.workspace, HOST).await.unwrap();
        let page = auditor.get(&format!("record?object={tag}")).await.text();
        assert!(page.contains(&format!("/{path}\"")), "{page}");
        assert!(!page.contains("Not yet under a head"), "{page}");
        let told = asked(&api, "owner", &format!("?object_id={tag}")).await;
        let place = told["items"][0]["place"].as_u64().unwrap();
        assert!(page.contains(&format!("Place {place} ")), "{page}");
        // The history beside the thing says the same, to who may see the record.
        let history = format!("tags/{tag}/history");
        assert!(auditor.get(&history).await.text().contains(&format!("/{path}\"")));
        let accountant = api.visitor(Role::Accountant).await;
        let theirs = accountant.get(&history).await.text();
        assert!(theirs.contains("added the tag") && !theirs.contains("/record/receipts/"));

        let file = auditor.get(&path).await;
        let name = format!("attachment; filename=\"event-{id}.tlog-proof\"");
        assert_eq!(
            (file.status.as_u16(), file.header("content-disposition")),
            (200, name.as_str())
        );
        let same = api.ask("owner", "GET", &format!("/ledger/receipts/{id}")).send().await;
        assert_eq!(file.text(), same.text());
        let key = auditor.get("record/key").await;
        assert!(key.header("content-disposition").ends_with("filename=\"ledger-keys.txt\""));
        let key = Verifier::parse(key.text().trim_end()).unwrap();
        let receipt = Receipt::parse(&file.text()).unwrap();
        assert_eq!(receipt.index, place);
        let leaf = receipt.extra.clone().unwrap();
        let log = format!("{HOST}/ledger/{}", api.world.workspace);
        receipt.check(&leaf, &log, std::slice::from_ref(&key)).unwrap();
        let head = auditor.get("record/head").await;
        let checkpoint = api.ask("owner", "GET", "/ledger/checkpoint").send().await.text();
        assert_eq!(head.text(), checkpoint);
        let size = checkpoint.lines().nth(1).unwrap();
        let name = format!("attachment; filename=\"checkpoint-{size}.txt\"");
        assert_eq!(head.header("content-disposition"), name);
        assert!(page.contains(&format!("{size} events have a place in the log")), "{page}");

        for who in [Role::Member, Role::Manager, Role::Accountant] {
            let me = api.visitor(who).await;
            for refused in [path.as_str(), "record/head", "record/key"] {
                assert_eq!(me.get(refused).await.status, 403, "{who} {refused}");
            }
        }
    });
}
