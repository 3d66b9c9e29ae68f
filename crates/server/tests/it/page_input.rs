//! What people type into pages: refused with a sentence where it belongs, and still there.

use domain::permission::Role;
use serde_json::json;
use uuid::Uuid;

use crate::{
    browser::Browser,
    cases::Where,
    process::Place,
    support::one,
    visitor::{Form, Visitor},
};

async fn names(visitor: &Visitor<'_>, path: &str) -> Vec<String> {
    let listed = visitor.ask("GET", path).send().await.json();
    let items = listed["items"].as_array().unwrap().iter();
    items.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// The value of the button that makes what is not known.
fn offered(page: &str) -> Option<String> {
    let rest = &page[page.find("name=\"create\" value=\"")? + 21..];
    Some(rest[..rest.find('"')?].to_owned())
}

#[test]
fn a_line_with_unknown_names_offers_to_make_them_and_makes_nothing_else() {
    one(async |api| {
        let admin = api.visitor(Role::Admin).await;
        let send = async |visitor: &Visitor<'_>, text: &str, create: &str| {
            let form = visitor.form("today", "timer-line").await;
            visitor.post("quick-entry", &form.with("text", text).with("create", create)).await
        };
        let line = "1h Boxes @Acme/\"Big move\" #moving";
        let refused = send(&admin, line, "").await;
        assert_eq!(refused.status, 422);
        let page = refused.text();
        let form = Form::of(&page, "timer-line").unwrap();
        assert_eq!(form.get("text"), line);
        assert!(page.contains("There is no project @Acme/Big move"), "{page}");
        let offer = offered(&page).unwrap();
        assert_eq!(offer, "the project “Big move” (new client “Acme”) and the tag “moving”");
        assert!(page.contains(&format!("Make {offer} and go on")));

        // A line that was changed meanwhile is offered anew.
        let refused = send(&admin, "1h Boxes @Acme/Other", &offer).await;
        assert_eq!(refused.status, 422);
        let other = "the project “Other” (new client “Acme”)";
        assert_eq!(offered(&refused.text()).unwrap(), other);
        for path in ["/clients", "/projects", "/tags"] {
            assert!(names(&admin, path).await.is_empty(), "{path}");
        }

        let form = form.with("create", &offer);
        for _ in 0..2 {
            // The second time its answer was lost.
            let added = admin.post("quick-entry", &form).await;
            assert_eq!(added.status, 303, "{}", added.text());
        }
        assert_eq!(names(&admin, "/clients").await, ["Acme"]);
        assert_eq!(names(&admin, "/projects").await, ["Big move"]);
        assert_eq!(names(&admin, "/tags").await, ["moving"]);
        let entries = admin.ask("GET", "/time-entries").send().await.json();
        assert_eq!(entries["items"].as_array().unwrap().len(), 1);
        assert_eq!(entries["items"][0]["note"], "Boxes");

        // Tags are anyone's to make, projects are not.
        let member = api.visitor(Role::Member).await;
        let page = send(&member, "1h @Hiring", "").await.text();
        assert_eq!(offered(&page), None);
        assert!(page.contains("An admin can make it."), "{page}");
        let forced = send(&member, "1h @Hiring", "the project “Hiring”").await;
        assert_eq!(forced.status, 422);
        let page = send(&member, "1h x #fresh", "").await.text();
        assert!(page.contains("There is no tag #fresh yet."), "{page}");
        assert_eq!(offered(&page).unwrap(), "the tag “fresh”");
        assert_eq!(send(&member, "1h x #fresh", "the tag “fresh”").await.status, 303);
        assert_eq!(names(&admin, "/projects").await, ["Big move"]);
    });
}

#[test]
fn a_program_makes_what_it_says_and_may() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let admin = api.visitor(Role::Admin).await;
        let line = json!({ "text": "1h @Acme/Move #new" });
        let with = |more: serde_json::Value| {
            let mut body = line.clone();
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            body
        };
        let send = async |visitor: &Visitor<'_>, body: serde_json::Value| {
            visitor.ask("POST", "/quick-entries").json(&body).send().await.outcome()
        };
        let all = with(json!({ "create_project": true, "create_tags": true }));
        let project = with(json!({ "create_project": true }));
        assert_eq!(send(&member, line.clone()).await, "422 invalid text.unknown_project");
        assert_eq!(send(&member, all.clone()).await, "403 forbidden");
        let read = admin.ask("POST", "/quick-entries/read").json(&line).send().await.json();
        assert_eq!(read["unknown"], json!(["@Acme/Move", "#new"]));
        assert_eq!(read["offer"], "the project “Move” (new client “Acme”) and the tag “new”");
        assert_eq!(send(&admin, project).await, "422 invalid text.unknown_tag");
        assert!(names(&admin, "/projects").await.is_empty(), "half of it was made");
        assert_eq!(send(&admin, all).await, "201");
        assert_eq!(send(&member, line.clone()).await, "201");
    });
}

/// Names that are refused, with what is said beside their field.
fn bad_names() -> Vec<(String, &'static str)> {
    vec![
        ("x".repeat(121), "This is 121 characters long; 120 is the limit."),
        ("\u{7}bell".to_owned(), "There is an invisible control character at the beginning."),
        (
            "b\u{7}ell".to_owned(),
            "There is an invisible control character after the first character.",
        ),
        (
            "bell\u{7}ringer".to_owned(),
            "There is an invisible control character after 4 characters.",
        ),
        ("left\u{202e}right".to_owned(), "There is an invisible control character after 4"),
        ("   ".to_owned(), "Please fill this in."),
    ]
}

#[test]
fn names_are_refused_beside_their_field_and_stay() {
    one(async |api| {
        let owner = api.visitor(Role::Owner).await;
        let project = api.project(Where::Here).await;
        let of_project = format!("projects/{project}");
        let tasks = format!("{of_project}/tasks");
        for (page, id, action, dom) in [
            ("clients", "client-add-form", "clients", "client-add"),
            ("projects", "project-add-form", "projects", "project-name"),
            (&of_project, "project-form", &of_project, "project-name"),
            (&of_project, "task-add-form", &tasks, "task-add"),
            ("tags", "tag-add-form", "tags", "tag-add"),
            ("tokens", "token-form", "tokens", "token-name"),
            ("profile", "profile-form", "profile", "profile-name"),
            ("settings", "settings-form", "settings", "settings-name"),
        ] {
            for (typed, sentence) in bad_names() {
                let form = owner.form(page, id).await.with("name", &typed);
                refused(&owner, action, &form, id, (dom, "name", sentence)).await;
            }
        }
        for (page, id, dom, field, typed, sentence) in [
            ("profile", "profile-form", "profile-zone", "zone", "Mars/Olympus", "Europe/Berlin"),
            ("settings", "settings-form", "settings-zone", "zone", "", "Europe/Berlin"),
            ("people", "invite-form", "invite-email", "email", "no address", "not an e-mail"),
            ("people", "invite-form", "invite-email", "email", "a@b\r\nBcc: c@d.e", "invisible"),
        ] {
            let action = if page == "people" { "invitations" } else { page };
            let form = owner.form(page, id).await.with(field, typed);
            refused(&owner, action, &form, id, (dom, field, sentence)).await;
        }
    });
}

/// Sends a form that is refused: the sentence stands beside the field, and everything that was typed
/// is still there.
async fn refused(
    visitor: &Visitor<'_>,
    action: &str,
    form: &Form,
    id: &str,
    (dom, field, sentence): (&str, &str, &str),
) {
    let about = format!("{action} {field} {:?}", form.get(field));
    let answer = visitor.post(action, form).await;
    assert_eq!(answer.status, 422, "{about}: {}", answer.text());
    let page = answer.text();
    let begin = format!("id=\"{dom}-wrong\"");
    let at = page.find(&begin).unwrap_or_else(|| panic!("{about}: {page}"));
    let beside = &page[at..at + page[at..].find("</p>").unwrap()];
    assert!(beside.contains(sentence), "{about}: {beside}");
    let shown = Form::of(&page, id).unwrap();
    for (name, typed) in form.0.iter().filter(|(name, _)| name != "new_id") {
        assert_eq!(shown.get(name), typed, "{about}: {name}");
    }
}

#[test]
fn a_name_that_is_taken_is_refused_beside_its_field() {
    one(async |api| {
        let admin = api.visitor(Role::Admin).await;
        let client = admin.make("/clients", json!({ "name": "Acme" })).await;
        let project = admin.make("/projects", json!({ "name": "Move", "client_id": client })).await;
        let of_project = format!("projects/{project}");
        let task = json!({ "project_id": project, "name": "Packing" });
        admin.make("/tasks", task).await;
        admin.make("/tags", json!({ "name": "fragile" })).await;
        let task = json!({ "project_id": project, "name": "Unpacking" });
        let task = admin.make("/tasks", task).await;
        let tag = admin.make("/tags", json!({ "name": "heavy" })).await;
        let other = admin.make("/clients", json!({ "name": "Zenith" })).await;
        for (page, id, action, dom, name) in [
            (
                "clients",
                "client-add-form".to_owned(),
                "clients".to_owned(),
                "client-add".to_owned(),
                " ACME ",
            ),
            (
                "clients",
                format!("client-{other}-form"),
                format!("clients/{other}"),
                format!("client-{other}-name"),
                "acme",
            ),
            (
                &of_project,
                "task-add-form".to_owned(),
                format!("{of_project}/tasks"),
                "task-add".to_owned(),
                "packing",
            ),
            (
                &of_project,
                format!("task-{task}-form"),
                format!("tasks/{task}"),
                format!("task-{task}-name"),
                "Packing",
            ),
            ("tags", "tag-add-form".to_owned(), "tags".to_owned(), "tag-add".to_owned(), "Fragile"),
            (
                "tags",
                format!("tag-{tag}-form"),
                format!("tags/{tag}"),
                format!("tag-{tag}-name"),
                "fragile",
            ),
        ] {
            let form = admin.form(page, &id).await.with("name", name);
            refused(&admin, &action, &form, &id, (&dom, "name", "This name is taken.")).await;
        }
        let form = admin.form("projects", "project-add-form").await.with("name", "move");
        let form = form.with("client", &client.to_string());
        let about = ("project-name", "name", "This name is taken.");
        refused(&admin, "projects", &form, "project-add-form", about).await;
        let form = form.with("client", &other.to_string());
        assert_eq!(admin.post("projects", &form).await.status, 303, "of another client it is free");
    });
}

#[test]
fn what_an_entry_cannot_be_is_said_beside_its_field() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let body = json!({
            "started_at": "2026-11-19T09:00:00Z", "stopped_at": "2026-11-19T10:00:00Z",
        });
        let entry = member.make("/time-entries", body).await;
        let body = json!({ "day": "2026-11-19", "duration_s": 3600 });
        let length = member.make("/time-entries", body).await;
        let project = api.project(Where::Here).await;
        let gone = api.make("owner", "/projects", json!({ "name": "Archived soon" })).await;
        let task = json!({ "project_id": project, "name": "Archived task" });
        let task = api.make("owner", "/tasks", task).await;
        let closed = json!({ "name": "Closed to members", "open": false });
        let closed = api.make("owner", "/projects", closed).await;
        let today = member.form("today", "entry-new-form").await.with("duration", "1:00");
        let open = async |id: Uuid| {
            member.form(&format!("entries/{id}/edit"), &format!("entry-{id}-form")).await
        };
        let (edited, timed) = (open(entry).await, open(length).await);
        for path in [format!("/projects/{gone}"), format!("/tasks/{task}")] {
            let archived = json!({ "archived": true });
            let done = api.ask("owner", "PATCH", &path).json(&archived).send().await;
            assert_eq!(done.status, 200, "{}", done.text());
        }

        let (new, kept) = ("entry-new".to_owned(), format!("entry-{entry}"));
        let (fixed, long) = (format!("entry-{length}"), "x".repeat(2001));
        let here = format!("entries/{entry}");
        let there = format!("entries/{length}");
        let line = "There is an invisible control character";
        let cases: Vec<(&str, &str, &Form, &str, &str, &str, &str)> = vec![
            ("entries", &new, &today, "note", "note", &long, "2001 characters long; 2000 is"),
            ("entries", &new, &today, "note", "note", "bell\u{7}", line),
            ("entries", &new, &today, "duration", "duration", "-15m", "cannot be negative"),
            ("entries", &new, &today, "duration", "duration", "87600h", "31 days"),
            ("entries", &new, &today, "duration", "duration", "soon", "Write a duration"),
            ("entries", &new, &today, "day", "day", "2026-02-30", "Write a day"),
            (&here, &kept, &edited, "note", "note", &long, "2001 characters long; 2000 is"),
            (&here, &kept, &edited, "stopped_at", "stopped-at", "2026-11-19T09:00", "before"),
            (&here, &kept, &edited, "stopped_at", "stopped-at", "2026-12-31T09:00", "31 days"),
            (&here, &kept, &edited, "started_at", "started-at", "yesterday", "Write a"),
            (&there, &fixed, &timed, "duration", "duration", "-1:00", "cannot be negative"),
            (&there, &fixed, &timed, "duration", "duration", "745h", "31 days"),
            (&there, &fixed, &timed, "day", "day", "2028-01-01", "a year ahead"),
        ];
        for (action, dom, form, field, part, typed, sentence) in cases {
            let form = form.clone().with(field, typed);
            let (id, dom) = (format!("{dom}-form"), format!("{dom}-{part}"));
            refused(&member, action, &form, &id, (&dom, field, sentence)).await;
        }
        // What cannot be chosen any more has no place in the choice; what else was typed stays.
        for (fields, part, sentence) in [
            (vec![("project", gone.to_string())], "project", "This project is archived."),
            (vec![("project", closed.to_string())], "project", "no such project"),
            (vec![("project", "nonsense".to_owned())], "project", "no such thing"),
            (
                vec![("project", project.to_string()), ("task", task.to_string())],
                "task",
                "This task is archived.",
            ),
            (vec![("tag", "nonsense".to_owned())], "tags", "no such tag"),
        ] {
            let typed =
                fields.iter().fold(today.clone().with("note", "Still here"), |form, field| {
                    form.with(field.0, &field.1)
                });
            let answer = member.post("entries", &typed).await;
            assert_eq!(answer.status, 422, "{fields:?}: {}", answer.text());
            let page = answer.text();
            let at = page.find(&format!("id=\"entry-new-{part}-wrong\""));
            let at = at.unwrap_or_else(|| panic!("{fields:?}: {page}"));
            assert!(page[at..].split("</p>").next().unwrap().contains(sentence), "{fields:?}");
            let shown = Form::of(&page, "entry-new-form").unwrap();
            assert_eq!((shown.get("note"), shown.get("duration")), ("Still here", "1:00"));
        }
        // The line: too long, or with what cannot be kept.
        for (text, sentence) in
            [("x".repeat(501), "501 characters long; 500"), ("1h bell\u{7}".to_owned(), line)]
        {
            let form = member.form("today", "timer-line").await.with("text", &text);
            refused(&member, "quick-entry", &form, "timer-line", ("line", "text", sentence)).await;
        }
        let entries = member.ask("GET", "/time-entries").send().await.json();
        assert_eq!(entries["items"].as_array().unwrap().len(), 2);
    });
}

#[test]
fn a_form_that_is_too_large_is_refused_with_a_page() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let note = "x".repeat(256 * 1024);
        let form = member.form("today", "entry-new-form").await.with("note", &note);
        let answer = member.post("entries", &form.with("duration", "1:00")).await;
        assert_eq!(answer.status, 413);
        assert!(answer.text().contains("what you typed is still there"), "{}", answer.text());
        let entries = member.ask("GET", "/time-entries").send().await.json();
        assert!(entries["items"].as_array().unwrap().is_empty());
    });
}

#[test]
fn the_zone_of_a_timer_is_named_where_it_is_not_ones_own() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        member.make("/timer", json!({ "started_at": "2026-11-19T12:00:00Z" })).await;
        let named = async || {
            let page = member.get("projects").await.text();
            page.matches("Wall time of Europe/Berlin").count()
        };
        assert_eq!(named().await, 0);
        let moved = member.ask("PATCH", "/me").json(&json!({ "zone": "Europe/London" }));
        assert_eq!(moved.send().await.status, 200);
        assert_eq!(named().await, 2, "the start, and the end of one that runs long");
    });
}

#[test]
fn the_code_page_says_where_mail_goes_unless_it_is_sent() {
    let smtp = ["--smtp", "smtp-plain://127.0.0.1:1", "--mail-from", "time@example.com"];
    for (arguments, is_said) in [(&[][..], true), (&smtp[..], false)] {
        let server = Place::sqlite().start(arguments);
        let page = Browser::new(&server).ask_for_code("somebody@example.com");
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains("Look into your mail"), "{}", page.text());
        assert_eq!(page.text().contains("in the “mail” folder of its data"), is_said);
    }
}

#[test]
fn what_is_usual_by_now_is_told_once_enough_is_known() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let usual = async || {
            let page = member.get("today").await.text();
            let at = page.find("You usually have ")?;
            Some(page[at..].split('.').next().unwrap().to_owned())
        };
        assert_eq!(usual().await, None);
        // It is 13:00 in Berlin, on a Friday: four hours until now of each of these days.
        for day in ["2026-11-11", "2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"] {
            let (start, stop) = (format!("{day}T08:00:00Z"), format!("{day}T15:00:00Z"));
            let body = json!({ "started_at": start, "stopped_at": stop });
            member.make("/time-entries", body).await;
        }
        assert_eq!(usual().await, None, "nothing on a Friday");
        // A length without times counts whole; older than four weeks and today do not.
        for (day, seconds) in [("2026-11-13", 7_200), ("2026-10-22", 36_000), ("2026-11-20", 60)] {
            member.make("/time-entries", json!({ "day": day, "duration_s": seconds })).await;
        }
        assert_eq!(usual().await.as_deref(), Some("You usually have 3 h 40 min by now"));
    });
}

#[test]
fn a_planned_entry_keeps_nobody_in_the_workspace() {
    one(async |api| {
        let owner = api.visitor(Role::Owner).await;
        let (removed, left) = (api.visitor(Role::Member).await, api.visitor(Role::Member).await);
        let workspace = format!("/workspaces/{}", api.world.workspace);
        let ask = api.bare("PATCH", &workspace).token(&api.tokens["owner"]);
        let changed = ask.json(&json!({ "overlaps": "forbidden" })).send().await;
        assert_eq!(changed.status, 200, "{}", changed.text());
        for member in [&removed, &left] {
            let plan = json!({
                "started_at": "2026-11-20T12:05:00Z", "stopped_at": "2026-11-20T12:10:00Z",
            });
            member.make("/time-entries", plan).await;
            member.make("/timer", json!({})).await;
        }
        api.world.set_clock("2026-11-20T12:07:00Z");
        for (who, member) in [(&owner, &removed), (&left, &left)] {
            let path = format!("people/{}/remove", member.member);
            let gone = who.post(&path, &Form::default()).await;
            assert_eq!(gone.status, 303, "{}", gone.text());
            let asked = member.ask("GET", "/timer").send().await;
            assert_eq!(asked.status, 401, "their tokens no longer work");
        }
    });
}

/// The nil and the max id stand before and after every list of rows, where no export looks.
#[test]
fn a_form_makes_nothing_under_an_id_that_names_nothing() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let entry = json!({ "started_at": "2026-11-02T08:00:00Z",
            "stopped_at": "2026-11-02T09:00:00Z" });
        let id = member.make("/time-entries", entry).await;
        let by_hand = member.form("today", "entry-new-form").await.with("duration", "1:00");
        let line = member.form("today", "timer-line").await.with("text", "1h Boxes");
        let split = Form::default().with("split_at", "2026-11-02T09:30");
        let forms = [
            ("entries".to_owned(), by_hand),
            ("quick-entry".to_owned(), line),
            (format!("entries/{id}/duplicate"), Form::default()),
            (format!("entries/{id}/split"), split),
            (format!("entries/{id}/continue"), Form::default()),
        ];
        for (path, form) in forms {
            for bad in [Uuid::nil().to_string(), Uuid::max().to_string(), "7".to_owned()] {
                let answer = member.post(&path, &form.clone().with("new_id", &bad)).await;
                assert_eq!(answer.status, 422, "{path} {bad}: {}", answer.text());
                assert!(answer.text().contains("Choose a random id"), "{path} {bad}");
            }
        }
        let entries = member.ask("GET", "/time-entries").send().await.json();
        assert_eq!(entries["items"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn a_time_that_the_clock_leaves_out_is_named() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        let form = member.form("today", "entry-new-form").await.with("day", "2026-03-29");
        for form in [
            form.clone().with("start", "02:45").with("stop", "03:15"),
            form.clone().with("duration", "2:45-3:15"),
        ] {
            let answer = member.post("entries", &form).await;
            assert_eq!(answer.status, 422, "{}", answer.text());
            let sentence = "There is no 02:45 on 2026-03-29 in Europe/Berlin";
            assert!(answer.text().contains(sentence), "{}", answer.text());
        }
    });
}

#[test]
fn somebody_who_cannot_be_put_on_a_project_stays_chosen() {
    one(async |api| {
        let admin = api.visitor(Role::Admin).await;
        let id = admin.make("/projects", json!({ "name": "Move", "open": false })).await;
        let page = format!("projects/{id}");
        let form = admin.form(&page, "project-member-add").await;
        let form = form.with("member", "").with("manager", "true");
        let answer = admin.post(&format!("{page}/members"), &form).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        let again = Form::of(&answer.text(), "project-member-add").unwrap();
        assert_eq!(again.get("manager"), "true", "the tick");
        // Also who would be a manager in name only.
        let plain = api.world.member("member").to_string();
        let form = form.with("member", &plain);
        let answer = admin.post(&format!("{page}/members"), &form).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        assert!(answer.text().contains("needs the role of a manager"), "{}", answer.text());
        let again = Form::of(&answer.text(), "project-member-add").unwrap();
        assert_eq!((again.get("member"), again.get("manager")), (plain.as_str(), "true"));
        assert_eq!(
            admin.post(&format!("{page}/members"), &form.with("manager", "")).await.status,
            303
        );
        let shown = admin.get(&page).await.text();
        assert!(!shown.contains("Let manage it"), "it is not offered: {shown}");
    });
}
