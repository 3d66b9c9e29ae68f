//! Every collection of the API, page by page.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::permission::Role;
use serde_json::{Value, json};

use crate::{
    cases::{Where, hour_on},
    support::{Answer, Api, both, document, one, operations},
};

/// All pages of a collection, cut at `limit`, with `between` done after the first one.
async fn walk(api: &Api, path: &str, limit: usize, between: impl AsyncFn()) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    for number in 0.. {
        let page = get(api, &format!("{path}?limit={limit}{cursor}")).await.json();
        let items = page["items"].as_array().unwrap();
        assert!(!items.is_empty() && items.len() <= limit, "{path}: {page}");
        all.extend(items.iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
        if number == 0 {
            between().await;
        }
    }
    all
}

async fn get(api: &Api, path: &str) -> Answer {
    let answer = api.ask("owner", "GET", path).send().await;
    assert_eq!(answer.outcome(), "200", "{path}");
    answer
}

/// Five at least of everything there is a collection of, below the workspace.
async fn fill(api: &Api) -> Vec<String> {
    let project = api.project(Where::Here).await;
    let entry = api.make("owner", "/time-entries", hour_on(project)).await;
    let path = format!("/time-entries/{entry}");
    for number in 0..5 {
        // Names that people order otherwise than bytes do, and one moment.
        let name = format!("{} thing {number}", ["Z", "a", "É", "b", "Ö"][number]);
        for collection in ["/clients", "/tags", "/projects"] {
            api.make("owner", collection, json!({ "name": name })).await;
        }
        let task = json!({ "project_id": project, "name": name });
        api.make("owner", "/tasks", task).await;
        let mail = json!({ "email": format!("guest{number}@example.com"), "role": "member" });
        api.make("owner", "/invitations", mail).await;
        let token = json!({ "name": name, "scope": "read", "expires_in_days": 30 });
        api.make("owner", "/tokens", token).await;
        let member = api.newcomer(Where::Here).await;
        let put = format!("/projects/{project}/members/{member}");
        let put = api.ask("owner", "PUT", &put).json(&json!({ "manager": false }));
        assert_eq!(put.send().await.outcome(), "200");
        let note = json!({ "note": name });
        assert_eq!(api.ask("owner", "PATCH", &path).json(&note).send().await.outcome(), "200");
        for (collection, body) in
            [("/time-entries", hour_on(project)), ("/tags", json!({ "name": "gone" }))]
        {
            let gone = api.make("owner", collection, body).await;
            let gone = format!("{collection}/{gone}");
            let deleted = api.ask("owner", "DELETE", &gone).send().await;
            assert!(deleted.status.is_success());
        }
    }
    vec![
        "/clients".to_owned(),
        "/tags".to_owned(),
        "/projects".to_owned(),
        "/tasks".to_owned(),
        "/members".to_owned(),
        "/invitations".to_owned(),
        "/tokens".to_owned(),
        "/trash".to_owned(),
        "/time-entries/trash".to_owned(),
        format!("/projects/{project}/members"),
        format!("{path}/history"),
    ]
}

#[test]
fn pages_of_every_collection_give_everything_once_in_order() {
    both(async |api| {
        for path in fill(&api).await {
            let whole = get(&api, &format!("{path}?limit=200")).await.json();
            assert!(whole["next_cursor"].is_null());
            let whole = whole["items"].as_array().unwrap().clone();
            assert!(whole.len() >= 5, "{path}: {}", whole.len());
            for limit in [1, 2, whole.len() - 1, whole.len()] {
                assert_eq!(walk(&api, &path, limit, async || {}).await, whole, "{path} {limit}");
            }
        }
    });
}

/// What is added, renamed and deleted between two pages neither hides nor repeats what was there.
#[test]
fn a_page_goes_on_where_the_last_one_ended() {
    both(async |api| {
        fill(&api).await;
        for path in ["/clients", "/tags", "/tasks", "/projects"] {
            let whole = get(&api, path).await.json()["items"].as_array().unwrap().clone();
            let (first, last) = (&whole[0], &whole[1]);
            let at = |thing: &Value| format!("{path}/{}", thing["id"].as_str().unwrap());
            let project = &whole[0]["project_id"];
            let walked = walk(&api, path, 2, async || {
                for name in ["0 before all", "zz after all"] {
                    let body = match path {
                        "/tasks" => json!({ "name": name, "project_id": project }),
                        _ => json!({ "name": name }),
                    };
                    api.make("owner", path, body).await;
                }
                // The place is that of the last thing, wherever that is by now.
                let body = json!({ "name": "zzz renamed" });
                let renamed = api.ask("owner", "PATCH", &at(first)).json(&body).send().await;
                assert_eq!(renamed.outcome(), "200");
                let deleted = api.ask("owner", "DELETE", &at(last)).send().await;
                assert_eq!(deleted.outcome(), "204");
            });
            let walked = walked.await;
            let names: Vec<_> = walked.iter().map(|it| it["name"].as_str().unwrap()).collect();
            // A renamed thing is where its name is by now, what is new before the place is not shown.
            let now = get(&api, path).await.json()["items"].as_array().unwrap().clone();
            let now = now.iter().map(|it| it["name"].as_str().unwrap());
            let shown = [first, last].map(|it| it["name"].as_str().unwrap());
            let expected: Vec<_> =
                shown.into_iter().chain(now.filter(|name| *name != "0 before all")).collect();
            assert_eq!(names, expected, "{path}");
            assert_eq!(names.len(), whole.len() + 2);
        }
    });
}

#[test]
fn wrong_cursors_and_limits_are_problems() {
    one(async |api| {
        let paths = fill(&api).await;
        let cursor = |page: Value| page["next_cursor"].as_str().unwrap().to_owned();
        let of_name = cursor(get(&api, "/tags?limit=1").await.json());
        let of_time = cursor(get(&api, "/tokens?limit=1").await.json());
        let theirs = {
            for name in ["one", "two"] {
                api.make("stranger", "/tags", json!({ "name": name })).await;
            }
            cursor(api.ask("stranger", "GET", "/tags?limit=1").send().await.json())
        };
        let is_by_name = |path: &str| {
            ["/clients", "/tags", "/projects", "/tasks"].contains(&path)
                || path.ends_with("members")
        };
        for path in paths {
            let others = if is_by_name(&path) { &of_time } else { &of_name };
            let cut = &of_name[..of_name.len() - 2];
            for wrong in ["", "x", "%00", "AAAAAAAA", others, cut, &theirs] {
                let answer =
                    api.ask("owner", "GET", &format!("{path}?cursor={wrong}")).send().await;
                assert_eq!(answer.outcome(), "400 cursor.invalid", "{path} {wrong}");
            }
            for wrong in ["limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "unknown=1"] {
                let answer = api.ask("owner", "GET", &format!("{path}?{wrong}")).send().await;
                assert_eq!(answer.outcome(), "400 query.invalid", "{path} {wrong}");
            }
        }
        for wrong in ["cursor=x", "limit=0"] {
            let answer = api.bare("GET", &format!("/workspaces?{wrong}"));
            let answer = answer.token(&api.tokens["owner"]).send().await;
            assert_eq!(answer.status, 400, "{wrong}");
        }
    });
}

/// A cursor goes on with what it was given for, or nowhere.
#[test]
fn a_cursor_belongs_to_its_collection_and_filter() {
    one(async |api| {
        let mut paths = fill(&api).await;
        paths.push("/time-entries".to_owned());
        let project = api.project(Where::Here).await;
        api.make("owner", "/time-entries", hour_on(project)).await;
        let mut cursors = Vec::new();
        for path in &paths {
            let page = get(&api, &format!("{path}?limit=1")).await.json();
            cursors.push((path, page["next_cursor"].as_str().unwrap().to_owned()));
        }
        let refused = async |address: String| {
            let answer = api.ask("owner", "GET", &address).send().await;
            assert_eq!(answer.outcome(), "400 cursor.invalid", "{address}");
        };
        for (path, cursor) in &cursors {
            get(&api, &format!("{path}?cursor={cursor}&limit=2")).await;
            for (other, _) in cursors.iter().filter(|(other, _)| other != path) {
                refused(format!("{other}?cursor={cursor}")).await;
            }
            for at in [3, cursor.len() / 2, cursor.len() - 3] {
                let letter = if &cursor[at..=at] == "A" { "B" } else { "A" };
                refused(format!("{path}?cursor={}{letter}{}", &cursor[..at], &cursor[at + 1..]))
                    .await;
            }
        }
        for path in ["/time-entries", "/tasks"] {
            let cursor = &cursors.iter().find(|(other, _)| *other == path).unwrap().1;
            refused(format!("{path}?project_id={project}&cursor={cursor}")).await;
        }
        let filter = "first=2020-01-01&last=2030-01-01";
        let page = get(&api, &format!("/time-entries?{filter}&limit=1")).await.json();
        let cursor = page["next_cursor"].as_str().unwrap();
        get(&api, &format!("/time-entries?last=2030-01-01&cursor={cursor}&first=2020-01-01")).await;
        refused(format!("/time-entries?cursor={cursor}&first=2020-01-01")).await;
    });
}

/// Proxies write addresses down.
#[test]
fn cursors_tell_no_names() {
    one(async |api| {
        for name in ["Wombat", "Wombats"] {
            api.make("owner", "/clients", json!({ "name": name })).await;
        }
        let page = get(&api, "/clients?limit=1").await.json();
        let cursor = page["next_cursor"].as_str().unwrap();
        let bytes = URL_SAFE_NO_PAD.decode(cursor).unwrap();
        assert!(!bytes.to_ascii_lowercase().windows(6).any(|part| part == b"wombat"));
    });
}

/// Ranges that end before they begin are refused alike, and in our words.
#[test]
fn ranges_of_days_are_refused_in_words() {
    one(async |api| {
        for (address, expected) in [
            ("/time-entries?first=2026-11-20&last=2026-11-01", "The last day is before the first."),
            (
                "/reports/summary?first=2026-11-20&last=2026-11-01",
                "The last day is before the first.",
            ),
            ("/reports/summary?first=1970-01-01&last=2199-12-31", "is the limit."),
            ("/reports/summary?first=1969-01-01&last=1970-01-01", "Choose days from 1970 to 2200."),
            ("/reports/summary?first=2026-11-20", "A parameter is missing: last."),
            ("/time-entries?frist=2026-11-20", "There is no parameter of this name: frist."),
        ] {
            let answer = api.ask("owner", "GET", address).send().await;
            assert_eq!(answer.outcome(), "400 query.invalid", "{address}");
            let detail = answer.json()["detail"].as_str().unwrap().to_owned();
            assert!(detail.ends_with(expected), "{address}: {detail}");
        }
    });
}

/// Who has a thing already is told so, and gets the new one when it changed.
#[test]
fn a_thing_that_has_not_changed_is_not_sent_again() {
    one(async |api| {
        let client = api.make("owner", "/clients", json!({ "name": "Wombat" })).await;
        let path = format!("/clients/{client}");
        let ask = async |had: &str| {
            api.ask("owner", "GET", &path).header("if-none-match", had).send().await
        };
        for had in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
            let answer = ask(had).await;
            assert_eq!((answer.status.as_u16(), answer.text().as_str()), (304, ""), "{had}");
        }
        assert_eq!(ask("\"2\"").await.status, 200);
        let renamed = api.ask("owner", "PATCH", &path).header("if-none-match", "\"2\"");
        let renamed = renamed.json(&json!({ "name": "Wombats" })).send().await;
        assert_eq!(renamed.outcome(), "200");
        assert_eq!(ask("\"1\"").await.json()["name"], "Wombats");
    });
}

#[test]
fn every_collection_of_the_document_has_pages() {
    let document = document();
    for operation in operations(&document) {
        let schema = &operation.described["responses"]["200"]["content"]["application/json"];
        let schema = schema["schema"]["$ref"].as_str().unwrap_or_default();
        let has = |name: &str| {
            operation.parameters().iter().any(|it| it["name"] == name && it["in"] == "query")
        };
        let is_paged = schema.starts_with("#/components/schemas/Page_");
        assert_eq!(is_paged, has("cursor") && has("limit"), "{}", operation.id);
    }
}

/// A page of the trash in a browser ends with a way to what is older.
#[test]
fn the_page_of_the_trash_goes_on() {
    one(async |api| {
        let visitor = api.visitor(Role::Admin).await;
        let mut ids = Vec::new();
        for _ in 0..51 {
            let entry = json!({ "day": "2026-11-19", "duration_s": 60 });
            let entry = visitor.make("/time-entries", entry).await;
            let path = format!("/time-entries/{entry}");
            assert_eq!(visitor.ask("DELETE", &path).send().await.outcome(), "200");
            ids.push(entry.to_string());
        }
        let first = visitor.get("trash").await.text();
        let link = first.split("href=\"").find(|part| part.contains("trash?cursor=")).unwrap();
        let link = link.split('"').next().unwrap().rsplit('/').next().unwrap();
        let second = visitor.get(link).await.text();
        let shown = |id: &String| (first.contains(id.as_str()), second.contains(id.as_str()));
        assert_eq!(ids.iter().filter(|id| shown(id) == (true, false)).count(), 50);
        assert_eq!(ids.iter().filter(|id| shown(id) == (false, true)).count(), 1);
        assert!(!second.contains("trash?cursor="));
        assert_eq!(visitor.get("trash?cursor=x").await.status, 400);
    });
}

/// Deleted things are restored from the page of the trash; a name that is taken is said above it.
#[test]
fn things_come_back_from_the_page_of_the_trash() {
    both(async |api| {
        let visitor = api.visitor(Role::Admin).await;
        let client = visitor.make("/clients", json!({ "name": "Old Mill" })).await;
        let path = format!("/clients/{client}");
        assert_eq!(visitor.ask("DELETE", &path).send().await.outcome(), "204");
        let restore = format!("trash/client/{client}/restore");
        assert!(visitor.get("trash").await.text().contains(&restore));
        let member = api.visitor(Role::Member).await;
        assert!(!member.get("trash").await.text().contains(&restore));
        assert_eq!(member.raw(&restore, "").await.status, 403);

        let taken = visitor.make("/clients", json!({ "name": "old mill" })).await;
        let refused = visitor.raw(&restore, "").await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("This name is taken") && refused.text().contains(&restore));
        let free = format!("/clients/{taken}");
        assert_eq!(visitor.ask("DELETE", &free).send().await.outcome(), "204");
        assert_eq!(visitor.raw(&restore, "").await.status, 303);
        assert_eq!(visitor.ask("GET", &path).send().await.outcome(), "200");
        assert_eq!(visitor.raw(&restore, "").await.status, 404, "once");
        assert_eq!(visitor.raw(&format!("trash/wombat/{client}/restore"), "").await.status, 404);
        assert_eq!(visitor.raw("trash/client/x/restore", "").await.status, 404);
    });
}
