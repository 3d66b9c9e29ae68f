//! The forms of entries and of the timer: what nobody touched stays as it is.

use domain::permission::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    cases::{Where, fresh_id},
    support::{Answer, Api, both, one},
    visitor::{Form, Visitor},
};

async fn entry(visitor: &Visitor<'_>, id: Uuid) -> Value {
    let read = visitor.ask("GET", &format!("/time-entries/{id}")).send().await;
    assert_eq!(read.status, 200, "{}", read.text());
    read.json()
}

async fn form(visitor: &Visitor<'_>, id: Uuid) -> Form {
    visitor.form(&format!("entries/{id}/edit"), &format!("entry-{id}-form")).await
}

async fn list(visitor: &Visitor<'_>) -> Vec<Value> {
    let listed = visitor.ask("GET", "/time-entries?limit=200").send().await.json();
    listed["items"].as_array().unwrap().clone()
}

fn saved(answer: &Answer) {
    assert_eq!(answer.status, 303, "{}", answer.text());
}

/// Entries whose form says less than what is stored.
async fn odd(api: &Api) -> Vec<(&'static str, Value)> {
    let project = api.project(Where::Here).await;
    let path = "/tasks";
    let task = api.make("owner", path, json!({ "project_id": project, "name": "Old work" })).await;
    let tag = api.make("owner", "/tags", json!({ "name": "an old tag" })).await;
    let range = |start: &str, stop: &str| json!({ "started_at": start, "stopped_at": stop });
    let booked = json!({
        "started_at": "2026-11-18T09:00:00Z", "stopped_at": "2026-11-18T10:00:00Z",
        "project_id": project, "task_id": task, "tag_ids": [tag], "billable": true,
    });
    vec![
        (
            "line breaks",
            json!({ "day": "2026-11-18", "duration_s": 60, "note": "one\n\n<two>\tx" }),
        ),
        ("seconds", json!({ "day": "2026-11-18", "duration_s": 5445 })),
        ("less than a minute", json!({ "day": "2026-11-18", "duration_s": 45 })),
        ("nothing", json!({ "day": "2026-11-18", "duration_s": 0 })),
        ("the first of two hours", range("2026-10-25T00:30:00Z", "2026-10-25T00:45:10Z")),
        ("the second of two hours", range("2026-10-25T01:30:00Z", "2026-10-25T01:45:10Z")),
        ("over both", range("2026-10-25T00:50:00Z", "2026-10-25T01:10:00Z")),
        ("over the hour of spring", range("2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z")),
        ("a closed project, an archived task and tag", booked),
    ]
}

#[test]
fn a_form_that_is_saved_untouched_changes_nothing() {
    both(async |api| {
        let member = api.visitor(Role::Member).await;
        let mut made = Vec::new();
        for (name, body) in odd(&api).await {
            made.push((name, member.make("/time-entries", body).await));
        }
        let (_, last) = made.last().unwrap();
        let booked = entry(&member, *last).await;
        for (path, body) in [
            (format!("/tasks/{}", text(&booked["task_id"])), json!({ "archived": true })),
            (format!("/tags/{}", text(&booked["tag_ids"][0])), json!({ "archived": true })),
            (format!("/projects/{}", text(&booked["project_id"])), json!({ "open": false })),
        ] {
            let done = api.ask("owner", "PATCH", &path).json(&body).send().await;
            assert_eq!(done.status, 200, "{}", done.text());
        }
        for (name, id) in made {
            let before = entry(&member, id).await;
            let untouched = form(&member, id).await;
            saved(&member.post(&format!("entries/{id}"), &untouched).await);
            assert_eq!(entry(&member, id).await, before, "{name}: {untouched:?}");

            // Browsers leave out seconds that are zero.
            let short = Form(
                untouched
                    .0
                    .iter()
                    .map(|(name, value)| {
                        let is_wall = matches!(name.as_str(), "started_at" | "stopped_at");
                        let cut = value.strip_suffix(":00").filter(|_| is_wall);
                        (name.clone(), cut.unwrap_or(value).to_owned())
                    })
                    .collect(),
            );
            saved(&member.post(&format!("entries/{id}"), &short).await);
            assert_eq!(entry(&member, id).await, before, "{name}");

            // Another note is another note, and nothing else.
            let changed = untouched.with("note", "Written anew");
            saved(&member.post(&format!("entries/{id}"), &changed).await);
            let mut expected = before.clone();
            expected["note"] = json!("Written anew");
            expected["version"] = json!(2);
            assert_eq!(entry(&member, id).await, expected, "{name}");
        }
    });
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[test]
fn what_is_touched_in_the_hour_that_autumn_repeats_stays_in_its_fold() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let body = json!({
            "started_at": "2026-10-25T01:30:00Z", "stopped_at": "2026-10-25T01:50:00Z",
        });
        let id = member.make("/time-entries", body).await;
        let form_now = form(&member, id).await.with("stopped_at", "2026-10-25T02:45");
        saved(&member.post(&format!("entries/{id}"), &form_now).await);
        let stored = entry(&member, id).await;
        assert_eq!(stored["started_at"], "2026-10-25T01:30:00Z");
        assert_eq!(stored["stopped_at"], "2026-10-25T01:45:00Z");

        // Split untouched, in its middle; then at a time that is inside in one fold only.
        let body = json!({
            "started_at": "2026-10-25T00:10:00Z", "stopped_at": "2026-10-25T01:10:00Z",
        });
        let id = member.make("/time-entries", body).await;
        let split = form(&member, id).await;
        assert_eq!(split.get("split_at"), "2026-10-25T02:40:00");
        saved(&member.post(&format!("entries/{id}/split"), &split).await);
        assert_eq!(entry(&member, id).await["stopped_at"], "2026-10-25T00:40:00Z");
        let second = list(&member).await;
        let second = second.iter().find(|e| e["started_at"] == "2026-10-25T00:40:00Z").unwrap();
        let id: Uuid = text(&second["id"]).parse().unwrap();
        let split = form(&member, id).await.with("split_at", "2026-10-25T02:05");
        saved(&member.post(&format!("entries/{id}/split"), &split).await);
        assert_eq!(entry(&member, id).await["stopped_at"], "2026-10-25T01:05:00Z");
    });
}

#[test]
fn the_start_of_a_timer_in_the_repeated_hour_stays_where_it_is() {
    one(async |api| {
        api.world.set_clock("2026-10-25T01:50:00Z");
        let member = api.visitor(Role::Member).await;
        let id = member.make("/timer", json!({ "started_at": "2026-10-25T01:30:00Z" })).await;
        let start = member.form("today", "timer-start").await;
        assert_eq!(start.get("started_at"), "2026-10-25T02:30:00");
        saved(&member.post("timer/start", &start).await);
        assert_eq!(entry(&member, id).await["version"], 1);
        saved(&member.post("timer/start", &start.with("started_at", "2026-10-25T02:20")).await);
        assert_eq!(entry(&member, id).await["started_at"], "2026-10-25T01:20:00Z");
    });
}

#[test]
fn time_by_hand_is_billable_as_the_project_says() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let make = async |billable: bool| {
            let name = format!("Billable {billable}");
            api.make("owner", "/projects", json!({ "name": name, "billable": billable })).await
        };
        let (yes, no) = (make(true).await.to_string(), make(false).await.to_string());
        for (project, typed, expected) in [
            ("", "", false),
            (yes.as_str(), "", true),
            (no.as_str(), "", false),
            (yes.as_str(), "false", false),
            (no.as_str(), "true", true),
        ] {
            let form = member.form("today", "entry-new-form").await;
            assert_eq!(form.get("billable"), "");
            let form = form.with("project", project).with("billable", typed);
            let form = form.with("duration", "0:10").with("note", "By hand");
            saved(&member.post("entries", &form).await);
            let newest = list(&member).await;
            let newest = newest.iter().max_by_key(|e| text(&e["id"]).to_owned()).unwrap();
            assert_eq!(newest["billable"], expected, "{project} {typed:?}");
        }
    });
}

#[test]
fn a_form_sent_again_after_a_lost_answer_makes_nothing_twice() {
    both(async |api| {
        let member = api.visitor(Role::Member).await;
        let count = async || list(&member).await.len();
        let by_hand = member.form("today", "entry-new-form").await;
        let by_hand = by_hand.with("duration", "0:20").with("note", "Once");
        for _ in 0..3 {
            saved(&member.post("entries", &by_hand).await);
        }
        assert_eq!(count().await, 1);
        // Changed after it was sent: nothing is done behind anybody's back, and the next one works.
        let other = by_hand.clone().with("note", "Twice");
        let refused = member.post("entries", &other).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("This form was sent before"), "{}", refused.text());
        let again = Form::of(&refused.text(), "entry-new-form").unwrap();
        assert_eq!(again.get("note"), "Twice");
        saved(&member.post("entries", &again).await);
        assert_eq!(count().await, 2);

        let line = member.form("today", "timer-line").await.with("text", "0:30 From the line");
        for _ in 0..2 {
            saved(&member.post("quick-entry", &line).await);
        }
        assert_eq!(count().await, 3);

        let id: Uuid = text(&list(&member).await[0]["id"]).parse().unwrap();
        let copy = form(&member, id).await;
        for _ in 0..2 {
            saved(&member.post(&format!("entries/{id}/duplicate"), &copy).await);
        }
        assert_eq!(count().await, 4);
        let new_id = Form(vec![("new_id".to_owned(), fresh_id().to_string())]);
        for _ in 0..2 {
            saved(&member.post(&format!("entries/{id}/continue"), &new_id).await);
        }
        assert_eq!(count().await, 5);
    });
}

#[test]
fn a_form_that_is_no_text_is_refused() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        for body in ["note=%FF&day=2026-11-20&duration=1:00", "text=0:30+caf%E9", "%C3=x"] {
            for path in ["entries", "quick-entry", "profile", "trash"] {
                let refused = member.raw(path, body).await;
                // There is no such form.
                let expected = if path == "trash" { 405 } else { 400 };
                assert_eq!(refused.status, expected, "{path} {body}");
            }
        }
        let refused = member.raw("entries", "note=%FF").await;
        assert!(refused.text().contains("The form could not be read."), "{}", refused.text());
        assert!(list(&member).await.is_empty());
    });
}

#[test]
fn a_forgotten_timer_is_noticed_and_never_cut() {
    one(async |api| {
        let mut member = api.visitor(Role::Member).await;
        let id = member.make("/timer", json!({})).await;
        api.world.set_clock("2026-11-20T20:00:00Z");
        member.sign_in().await;
        assert!(!member.get("today").await.text().contains("timer-end"));

        api.world.set_clock("2026-11-21T02:30:00Z");
        member.sign_in().await;
        let page = member.get("projects").await.text();
        assert!(page.contains("This timer has been running for 14 hours."), "{page}");
        let end = Form::of(&page, "timer-end").unwrap();
        let refused = member.post("timer/stop", &end.with("stopped_at", "2026-11-20T12:00")).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("The end is before the start."), "{}", refused.text());
        let end = Form::of(&refused.text(), "timer-end").unwrap();
        assert_eq!(end.get("stopped_at"), "2026-11-20T12:00");
        saved(&member.post("timer/stop", &end.with("stopped_at", "2026-11-20T17:00")).await);
        assert_eq!(entry(&member, id).await["duration_s"], 4 * 3600);

        // After more than 31 days, Stop leads to where its end can be said.
        let id = member.make("/timer", json!({})).await;
        api.world.set_clock("2026-12-25T12:00:00Z");
        member.sign_in().await;
        let stopped = member.post("timer/stop", &Form::default()).await;
        assert_eq!(stopped.status, 303);
        assert!(stopped.header("location").ends_with(&format!("/entries/{id}/edit")));
        let path = format!("entries/{id}/edit");
        let page = member.get(&path).await.text();
        assert!(page.contains("Say when it really ended."), "{page}");
        assert!(!page.contains("/duplicate"), "a running entry cannot be duplicated");
        let end = form(&member, id).await.with("stopped_at", "2026-11-21T06:00");
        saved(&member.post(&format!("entries/{id}"), &end).await);
        assert_eq!(entry(&member, id).await["running"], false);
    });
}

#[test]
fn an_edit_over_a_newer_one_shows_both() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let body = json!({ "day": "2026-11-19", "duration_s": 3600, "note": "Before" });
        let id = member.make("/time-entries", body).await;
        let mine = form(&member, id).await.with("note", "Mine");
        let theirs = json!({ "note": "Theirs", "duration_s": 7200 });
        let path = format!("/time-entries/{id}");
        api.ask("owner", "PATCH", &path).json(&theirs).send().await;

        let both = member.post(&format!("entries/{id}"), &mine).await;
        assert_eq!(both.status, 409);
        let page = both.text();
        for words in ["Mine", "Theirs", "1:00", "2:00", "Nothing of yours is saved yet"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(entry(&member, id).await["note"], "Theirs");
        let at = page.find("Save mine").unwrap();
        let begin = page[..at].rfind("<form").unwrap();
        let page = format!("<form id=\"x\" {}", &page[begin + 5..]);
        saved(&member.post(&format!("entries/{id}"), &Form::of(&page, "x").unwrap()).await);
        let now = entry(&member, id).await;
        assert_eq!((&now["note"], &now["duration_s"]), (&json!("Mine"), &json!(3600)));

        // Both say the same: nothing to decide.
        let same = form(&member, id).await.with("note", "The same");
        api.ask("owner", "PATCH", &path).json(&json!({ "note": "The same" })).send().await;
        saved(&member.post(&format!("entries/{id}"), &same).await);
    });
}

#[test]
fn refusals_stand_where_they_belong() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let settings = json!({ "overlaps": "forbidden" });
        let workspace = format!("/workspaces/{}", api.world.workspace);
        let ask = api.bare("PATCH", &workspace).token(&api.tokens["owner"]);
        let changed = ask.json(&settings).send().await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        let body = json!({
            "started_at": "2026-11-19T09:00:00Z", "stopped_at": "2026-11-19T10:00:00Z",
        });
        let id = member.make("/time-entries", body).await;

        let new = member.form("today", "entry-new-form").await;
        let new = new.with("day", "2026-11-19").with("start", "10:30").with("stop", "11:30");
        let refused = member.post("entries", &new).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("id=\"entry-new-start-wrong\""), "{}", refused.text());

        // A copy would lie over its original.
        let path = format!("entries/{id}/duplicate");
        let refused = member.post(&path, &form(&member, id).await).await;
        assert_eq!(refused.status, 422);
        let wrong = format!("id=\"entry-{id}-started-at-wrong\"");
        assert!(refused.text().contains(&wrong), "{}", refused.text());

        let project = api.project(Where::Here).await;
        let form_before = form(&member, id).await.with("project", &project.to_string());
        let path = format!("/projects/{project}");
        api.ask("owner", "PATCH", &path).json(&json!({ "archived": true })).send().await;
        let refused = member.post(&format!("entries/{id}"), &form_before).await;
        assert_eq!(refused.status, 422);
        let wrong = format!("id=\"entry-{id}-project-wrong\"");
        assert!(refused.text().contains(&wrong), "{}", refused.text());

        // Without a form of its own, a sentence above the page.
        let running = member.make("/timer", json!({})).await;
        let settings = json!({ "second_timer": "is_refused" });
        let ask = api.bare("PATCH", &workspace).token(&api.tokens["owner"]);
        let changed = ask.json(&settings).send().await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        let refused = member.post(&format!("entries/{id}/continue"), &Form::default()).await;
        assert_eq!(refused.status, 422);
        let page = refused.text();
        assert!(page.contains("data-page=\"today\""), "{page}");
        assert!(page.contains("class=\"notice bad\" role=\"alert\""), "{page}");
        assert!(page.contains(&running.to_string()));
    });
}

#[test]
fn overlaps_are_shown_and_what_is_restored_from_the_trash_leads_back_there() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let add = async |start: &str, stop: &str| {
            let body = json!({ "started_at": start, "stopped_at": stop });
            member.make("/time-entries", body).await
        };
        add("2026-11-19T09:00:00Z", "2026-11-19T10:00:00Z").await;
        add("2026-11-19T10:00:00Z", "2026-11-19T11:00:00Z").await;
        assert!(!member.get("today").await.text().contains("overlaps"));
        let id = add("2026-11-19T10:30:00Z", "2026-11-19T11:30:00Z").await;
        assert_eq!(member.get("today").await.text().matches("overlaps").count(), 2);

        saved(&member.post(&format!("entries/{id}/delete"), &form(&member, id).await).await);
        assert!(!member.get("today").await.text().contains("overlaps"));
        let trash = member.get("trash").await.text();
        let restore = format!("/entries/{id}/restore");
        assert!(trash[trash.find(&restore).unwrap()..].contains("name=\"from\" value=\"trash\""));
        let from = Form(vec![("from".to_owned(), "trash".to_owned())]);
        let back = member.post(&format!("entries/{id}/restore"), &from).await;
        assert!(back.header("location").contains("/trash?"), "{}", back.header("location"));
    });
}

#[test]
fn who_may_see_the_time_of_others_has_a_page_of_it() {
    both(async |api| {
        let member = api.visitor(Role::Member).await;
        let manager = api.visitor(Role::Manager).await;
        let admin = api.visitor(Role::Admin).await;
        let project = api.project(Where::Here).await;
        let path = format!("/projects/{project}/members/{}", manager.member);
        let put = api.ask("owner", "PUT", &path).json(&json!({ "manager": true })).send().await;
        assert_eq!(put.status, 200, "{}", put.text());
        let hour = |note: &str, project: Option<Uuid>| json!({ "day": "2026-11-19", "duration_s": 3600, "note": note, "project_id": project });
        let id = member.make("/time-entries", hour("On the project", Some(project))).await;
        let other = member.make("/time-entries", hour("On none", None)).await;

        // A member has no such page, and no link to it.
        assert_eq!(member.get("time").await.status, 404);
        assert!(!member.get("today").await.text().contains("/time\""));
        // A manager sees the project they manage, an admin everything.
        let page = manager.get("time").await.text();
        assert!(page.contains("On the project") && !page.contains("On none"), "{page}");
        assert!(page.contains("A visiting member") && page.contains("/time\""), "{page}");
        assert_eq!(
            manager.get(&format!("time?member={}&project=", member.member)).await.status,
            200
        );
        let page = admin.get("time").await.text();
        assert!(page.contains("On the project") && page.contains("On none"), "{page}");
        let page = admin.get(&format!("time?project={project}&first=2026-11-20")).await.text();
        assert!(page.contains("No entries here."), "{page}");
        for (query, sentence) in [
            ("first=soon", "Write a day"),
            ("first=2026-11-20&last=2026-11-19", "The last day is before the first."),
            ("project=x", "There is no such thing to choose."),
        ] {
            let refused = admin.get(&format!("time?{query}")).await;
            assert_eq!(refused.status, 422, "{query}");
            assert!(refused.text().contains(sentence), "{query}: {}", refused.text());
        }
        assert_eq!(admin.get("time?cursor=nonsense").await.status, 400);

        // Changed in place, it leads back.
        let back = format!("time?project={project}");
        let query = serde_urlencoded::to_string([("back", &back)]).unwrap();
        let path = format!("entries/{id}/edit?{query}");
        assert!(manager.get(&back).await.text().contains(&query.replace('&', "&#38;")));
        let form = manager.form(&path, &format!("entry-{id}-form")).await;
        let saved = manager.post(&format!("entries/{id}"), &form.with("note", "Seen")).await;
        let place = saved.header("location").to_owned();
        assert!(place.ends_with(&format!("/{back}&done=saved")), "{place}");
        assert_eq!(entry(&member, id).await["note"], "Seen");
        assert_eq!(manager.get(&format!("entries/{other}/edit")).await.status, 404);
        // Somewhere else it does not lead.
        for away in ["//evil.example", "time?x=\\evil", "https://evil.example", "today?x"] {
            let form = manager.form(&path, &format!("entry-{id}-form")).await;
            let saved = manager.post(&format!("entries/{id}"), &form.with("back", away)).await;
            assert!(saved.header("location").contains("/today?done"), "{away}");
        }

        // By hand for somebody else, where the right allows it.
        let form = manager.form(&back, "entry-new-form").await.with("duration", "9-10:30");
        let form = form.with("day", "2026-11-18").with("member", &member.member.to_string());
        let refused = manager.post("entries", &form).await;
        // Time without a project is not the manager's to add.
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("id=\"entry-new-member-wrong\""), "{}", refused.text());
        let form = form.with("project", &project.to_string()).with("note", "For somebody");
        let added = manager.post("entries", &form).await;
        assert!(added.header("location").contains("/time?"), "{}", added.text());
        let added = list(&member).await;
        let added = added.iter().find(|entry| entry["note"] == "For somebody").unwrap();
        assert_eq!(
            (&added["duration_s"], &added["started_at"]),
            (&json!(5400), &json!("2026-11-18T08:00:00Z"),)
        );

        // Page by page, each entry once.
        for number in 0..60 {
            let body = json!({
                "day": "2026-11-10", "duration_s": 60, "note": format!("Number {number:02}."),
            });
            member.make("/time-entries", body).await;
        }
        let mut seen = String::new();
        let mut next = "time".to_owned();
        for _ in 0..2 {
            let page = admin.get(&next).await.text();
            seen.push_str(&page[page.find("id=\"day-").unwrap()..]);
            next = page
                .split("href=\"")
                .find_map(|link| {
                    let link = link.split('"').next().unwrap();
                    link.contains("cursor=")
                        .then(|| link[link.find("/time").unwrap() + 1..].to_owned())
                })
                .unwrap_or_default()
                .replace("&#38;", "&");
        }
        assert!(next.is_empty(), "{next}");
        for number in 0..60 {
            assert_eq!(seen.matches(&format!(">Number {number:02}.<")).count(), 1, "{number}");
        }
    });
}

#[test]
fn a_line_completes_tasks_and_says_the_day() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let client = api.make("owner", "/clients", json!({ "name": "Northwind" })).await;
        let body = json!({ "name": "Planning", "client_id": client });
        let project = api.make("owner", "/projects", body).await;
        for name in ["Design", "Final review"] {
            api.make("owner", "/tasks", json!({ "project_id": project, "name": name })).await;
        }
        let read = async |text: &str| {
            let body = json!({ "text": text, "cursor": text.chars().count() });
            member.ask("POST", "/quick-entries/read").json(&body).send().await.json()
        };
        let texts = |reading: &Value| -> Vec<String> {
            let found = reading["completions"].as_array().unwrap().iter();
            found.map(|one| text(&one["text"]).to_owned()).collect()
        };
        for (line, expected) in [
            ("1h @plan", vec!["1h @Northwind/Planning "]),
            (
                "1h @northwind/planning/",
                vec!["1h @Northwind/Planning/Design ", "1h @Northwind/Planning/\"Final review\" "],
            ),
            ("1h @planning/fin", vec!["1h @Northwind/Planning/\"Final review\" "]),
            ("1h @planning/x", vec![]),
        ] {
            assert_eq!(texts(&read(line).await), expected, "{line}");
        }
        let reading = read("1h @planning/\"Final review\" x").await;
        assert_eq!(reading["target"], "Northwind · Planning · Final review");
    });
}
