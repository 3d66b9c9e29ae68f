//! What people type into pages: refused with a sentence where it belongs, and still there.

use domain::permission::Role;
use serde_json::json;

use crate::{
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
