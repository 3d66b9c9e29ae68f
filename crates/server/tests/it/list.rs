//! Lists, page by page.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cases::{Where, hour_on},
    support::{Api, both},
};

#[test]
fn pages_give_every_entry_once_newest_first() {
    both(async |api| {
        fill(&api).await;
        let whole = entries(&api, "owner", "?limit=200").await;
        assert_eq!(whole.len(), 1, "one page");
        let whole = whole.concat();
        assert_eq!(whole.len(), 27);
        let order: Vec<_> = whole.iter().map(place).collect();
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "{order:?}");
        for limit in [1, 2, 5, 26, 27, 28] {
            let pages = entries(&api, "owner", &format!("?limit={limit}")).await;
            assert!(pages.iter().all(|page| !page.is_empty() && page.len() <= limit));
            assert_eq!(pages.concat(), whole, "limit {limit}");
        }
        let own: Vec<_> = of_member(&whole, &api, "member");
        assert_eq!(entries(&api, "member", "?limit=4").await.concat(), own);
        let filter = format!("?member_id={}&limit=4", api.world.member("member"));
        assert_eq!(entries(&api, "owner", &filter).await.concat(), own);
        let days = "?first=2026-11-11&last=2026-11-12&limit=3";
        let of_days: Vec<_> = whole
            .iter()
            .filter(|entry| {
                ["2026-11-11", "2026-11-12"].map(|day| json!(day)).contains(&entry["day"])
            })
            .cloned()
            .collect();
        assert!(!of_days.is_empty());
        assert_eq!(entries(&api, "owner", days).await.concat(), of_days);
    });
}

/// Same starts, lengths on days, days in two zones, and a timer that runs.
async fn fill(api: &Api) {
    for nth in 0..8 {
        let day = format!("2026-11-{:02}", 10 + nth / 2);
        for who in ["member", "other"] {
            let entry = json!({
                "started_at": format!("{day}T09:00:00Z"), "stopped_at": format!("{day}T09:30:00Z"),
            });
            api.make(who, "/time-entries", entry).await;
        }
        api.make("member", "/time-entries", json!({ "day": day, "duration_s": nth })).await;
    }
    let zone = json!({ "zone": "Pacific/Kiritimati" });
    assert_eq!(api.ask("other", "PATCH", "/me").json(&zone).send().await.outcome(), "200");
    let late = json!({
        "started_at": "2026-11-11T11:00:00Z", "stopped_at": "2026-11-11T12:00:00Z",
    });
    api.make("other", "/time-entries", late).await;
    api.make("member", "/timer", json!({})).await;
    api.make("manager", "/timer", json!({})).await;
}

fn place(entry: &Value) -> (String, String, String) {
    let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
    (text("day"), text("started_at"), text("id"))
}

fn of_member(entries: &[Value], api: &Api, who: &str) -> Vec<Value> {
    let member = json!(api.world.member(who).uuid());
    entries.iter().filter(|entry| entry["member_id"] == member).cloned().collect()
}

/// All pages.
async fn entries(api: &Api, who: &str, query: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.ask(who, "GET", &format!("/time-entries{query}{cursor}")).send().await;
        assert_eq!(page.outcome(), "200", "{}", page.text());
        let page = page.json();
        pages.push(page["items"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return pages,
        }
    }
}

/// What comes between two pages neither repeats nor hides what was there.
#[test]
fn a_page_goes_on_where_it_stopped() {
    both(async |api| {
        fill(&api).await;
        let whole = entries(&api, "owner", "?limit=200").await.concat();
        let first = api.ask("owner", "GET", "/time-entries?limit=10").send().await.json();
        let last = first["items"][9]["id"].as_str().unwrap().to_owned();
        let newest = json!({ "day": "2026-11-20", "duration_s": 1 });
        api.make("owner", "/time-entries", newest).await;
        let gone = api.ask("owner", "DELETE", &format!("/time-entries/{last}")).send().await;
        assert_eq!(gone.outcome(), "200");
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = entries(&api, "owner", &format!("?limit=200&cursor={cursor}")).await.concat();
        assert_eq!(rest, whole[10..]);
    });
}

#[test]
fn lists_of_things_are_by_name_and_what_one_may_see() {
    both(async |api| {
        for name in ["émile", "Zoe", "anna", "Ödön", "Bert"] {
            api.make("owner", "/clients", json!({ "name": name })).await;
        }
        let names = async |who: &str| {
            let listed = api.ask(who, "GET", "/clients").send().await.json();
            let items = listed["items"].as_array().unwrap().clone();
            items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let all = names("owner").await;
        assert_eq!(all.len(), 5);
        assert_eq!((all[0].as_str(), all[1].as_str()), ("anna", "Bert"));
        assert!(names("member").await.is_empty(), "clients without a project of theirs");
        assert!(names("stranger").await.is_empty());
        let members = api.ask("manager", "GET", "/members").send().await.json();
        let shown: BTreeMap<_, _> = members["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|m| (m["name"].as_str().unwrap(), m.get("email").is_some()))
            .collect();
        let expected = [
            ("The admin", false),
            ("The manager", true),
            ("The member", false),
            ("The other", false),
            ("The owner", false),
        ];
        assert_eq!(shown, BTreeMap::from(expected), "addresses are for admins and oneself");
    });
}

#[test]
fn deleted_entries_come_back_from_the_trash() {
    both(async |api| {
        let project = api.project(Where::Here).await;
        let tag = api.make("member", "/tags", json!({ "name": "late" })).await;
        let mut body = hour_on(project);
        body["tag_ids"] = json!([tag]);
        let entry = api.make("member", "/time-entries", body).await;
        api.world.set_clock("2026-11-20T12:00:01Z");
        let path = format!("/time-entries/{entry}");
        assert_eq!(api.ask("member", "DELETE", &path).send().await.outcome(), "200");
        assert_eq!(api.ask("member", "GET", &path).send().await.outcome(), "404 not_found");
        assert_eq!(api.ask("member", "DELETE", &path).send().await.outcome(), "404 not_found");
        let trash = api.ask("member", "GET", "/time-entries/trash").send().await.json();
        assert_eq!(trash["items"][0]["id"], json!(entry));
        assert_eq!(trash["items"][0]["tag_ids"], json!([tag]));
        api.world.set_clock("2026-11-20T12:00:02Z");
        let theirs = api.ask("other", "GET", "/time-entries/trash").send().await.json();
        assert_eq!(theirs["items"], json!([]));
        let restore = format!("{path}/restore");
        assert_eq!(api.ask("other", "POST", &restore).send().await.outcome(), "404 not_found");
        assert_eq!(api.ask("member", "POST", &restore).send().await.outcome(), "200");
        assert_eq!(api.ask("member", "POST", &restore).send().await.outcome(), "404 not_found");
        let history = api.ask("member", "GET", &format!("{path}/history")).send().await.json();
        let kinds = history["items"].as_array().unwrap().iter().map(|event| &event["kind"]);
        let expected = ["time_entry.added", "time_entry.deleted", "time_entry.restored"];
        assert_eq!(kinds.collect::<Vec<_>>(), expected);
    });
}

/// What a manager sees of somebody's time on the pages and in reports, programs get too: what is on the
/// projects that they manage.
#[test]
fn a_manager_lists_of_others_what_is_on_their_projects() {
    both(async |api| {
        let (mine, foreign) = (api.project(Where::Here).await, api.project(Where::Here).await);
        let manager = api.world.member("manager");
        let path = format!("/projects/{foreign}/members/{manager}");
        assert_eq!(api.ask("owner", "DELETE", &path).send().await.outcome(), "204");
        let tag = api.make("member", "/tags", json!({ "name": "late" })).await;
        let mut expected = Vec::new();
        for nth in 0..5 {
            for project in [Some(mine), Some(foreign), None] {
                let body = json!({
                    "project_id": project, "day": "2026-11-19", "duration_s": nth, "tag_ids": [tag],
                });
                let id = api.make("member", "/time-entries", body).await;
                expected.extend((project == Some(mine)).then_some(json!(id)));
            }
        }
        let member = api.world.member("member");
        let filter = format!("?member_id={member}&limit=2");
        let pages = entries(&api, "manager", &filter).await;
        assert_eq!(pages.len(), 3);
        let listed = pages.concat();
        assert!(listed.iter().all(|entry| entry["tag_ids"] == json!([tag])), "{listed:?}");
        let mut ids: Vec<_> = listed.iter().map(|entry| entry["id"].clone()).collect();
        ids.sort_by_key(Value::to_string);
        expected.sort_by_key(Value::to_string);
        assert_eq!(ids, expected);
        // Nobody else sees more than before.
        let path = format!("/time-entries?member_id={member}");
        assert_eq!(api.ask("other", "GET", &path).send().await.outcome(), "403 forbidden");
        let unknown = format!("/time-entries?member_id={}", Uuid::from_u128(7));
        for who in ["owner", "manager"] {
            let asked = api.ask(who, "GET", &unknown).send().await;
            assert_eq!(asked.outcome(), "404 not_found", "{who}");
        }
    });
}

/// Their time is listed, so programs can name them.
#[test]
fn who_was_removed_can_be_named() {
    both(async |api| {
        let other = api.world.member("other");
        let path = format!("/members/{other}");
        let here = api.ask("owner", "GET", &path).send().await.json();
        assert!(here.get("removed_at").is_none(), "{here}");
        assert_eq!(api.ask("owner", "DELETE", &path).send().await.outcome(), "204");
        let names = async |query: &str| {
            let listed = api.ask("manager", "GET", &format!("/members{query}")).send().await.json();
            let items = listed["items"].as_array().unwrap().clone();
            let one = |item: &Value| (item["name"].clone(), item.get("removed_at").is_some());
            items.iter().map(one).collect::<Vec<_>>()
        };
        let gone = (json!("The other"), true);
        for query in ["", "?with_removed=false"] {
            assert!(!names(query).await.contains(&gone), "{query}");
        }
        let all = names("?with_removed=true").await;
        assert!(all.contains(&gone), "{all:?}");
        assert_eq!(all.iter().filter(|(_, is_removed)| *is_removed).count(), 1);
        for who in ["owner", "manager"] {
            let named = api.ask(who, "GET", &path).send().await;
            assert_eq!(named.outcome(), "200");
            assert_eq!(named.json()["name"], "The other");
            assert!(named.json()["removed_at"].is_string());
        }
        assert_eq!(api.ask("member", "GET", &path).send().await.outcome(), "404 not_found");
        let role = api.ask("owner", "PATCH", &path).json(&json!({ "role": "admin" })).send().await;
        assert_eq!(role.outcome(), "404 not_found", "there is nothing to change");
    });
}
