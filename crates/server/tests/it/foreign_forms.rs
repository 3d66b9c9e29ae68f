//! Ids in the forms and links of pages: one of another workspace is answered as one that nothing has.
//!
//! What is asked is found in the pages themselves, as an owner sees them: each field, each choice and each
//! parameter of a link that holds an id. So a new one is tested by being there, and one whose kind is not
//! known fails.

use std::collections::{BTreeMap, BTreeSet};

use domain::permission::Role;
use serde_json::json;
use uuid::Uuid;

use crate::{
    cases::{Where, case, fresh_id},
    foreign_pages::{assert_same, of_each_kind, operation},
    forged::page_routes,
    forms,
    page_roles::is_of_a_workspace,
    support::{Answer, Api, both},
    visit::belongs,
    visitor::{Form, PageForm, Visitor, forms_of},
};

/// A place for an id: a field of a form, or a parameter of a link.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct IdPlace {
    /// The route, as the source has it.
    route: String,
    field: String,
    /// What stands before the id: `own:` of a role.
    prefix: String,
}

/// One thing of each kind that a form can name.
struct Things {
    client: Uuid,
    project: Uuid,
    task: Uuid,
    tag: Uuid,
    role: Uuid,
    entry: Uuid,
    provider: Uuid,
    member: Uuid,
    workspace: Uuid,
}

impl Things {
    async fn of(api: &Api, place: Where) -> Self {
        let id_of = async |operation: &str| case(api, place, operation, place.owner()).await.id;
        let (workspace, member) = match place {
            Where::Here => (api.world.workspace, "other"),
            Where::Elsewhere => (api.world.elsewhere, "stranger"),
        };
        let project = api.project(place).await;
        let task = json!({ "project_id": project, "name": "A task" });
        Self {
            client: id_of("getClient").await,
            project,
            task: api.make(place.owner(), "/tasks", task).await,
            tag: id_of("getTag").await,
            role: id_of("getRole").await,
            entry: id_of("getTimeEntry").await,
            provider: id_of("getProvider").await,
            member: api.world.member(member).uuid(),
            workspace: workspace.uuid(),
        }
    }

    fn named(&self, place: &IdPlace) -> Uuid {
        match (place.field.as_str(), place.prefix.as_str()) {
            ("client", "") | ("role", "client:") => self.client,
            ("role", "own:") => self.role,
            ("project", "") => self.project,
            ("task", "") => self.task,
            ("tag", "") => self.tag,
            ("member", "") => self.member,
            ("workspace" | "place", "") => self.workspace,
            ("id", "") => self.provider,
            // A thing of any kind; and what is to be made: its id is free here, whatever it names
            // elsewhere.
            ("object" | "new_id", "") => self.entry,
            _ => panic!("{place:?}: whose id? add it"),
        }
    }
}

/// A form or link with such a place, and what else it sends.
struct Found {
    action: String,
    fields: Vec<(String, String)>,
    is_read: bool,
}

/// Everybody's pages as an owner sees them, with a thing of each kind on them.
async fn pages(api: &Api, me: &Visitor<'_>, mine: &Things) -> Vec<Answer> {
    let root = format!("/w/{}", api.world.workspace);
    let mut paths: Vec<String> =
        ["security", "reports?preset=this-month", "providers?preset=google"]
            .map(|path| format!("{root}/{path}"))
            .to_vec();
    paths.push(format!("{root}/time?member={}", mine.member));
    paths.push(format!("{root}/entries/{}/edit?back=time", mine.entry));
    let grant = api.bare("POST", "/device-grants").json(&json!({ "name": "tp" })).send().await;
    let code = grant.json()["user_code"].as_str().unwrap().to_owned();
    paths.push(format!("/device?user_code={code}"));
    for route in page_routes() {
        if is_of_a_workspace(&route.path) && route.methods.contains(&"GET") {
            for path in of_each_kind(&route.path) {
                let case = case(api, Where::Here, operation(&path), "owner").await;
                paths.push(forms::path(&path, &case));
            }
        }
    }
    let mut pages = Vec::new();
    for path in paths {
        let page = me.ask_anywhere("GET", &path, "").await;
        assert!(page.status.as_u16() < 400, "{path}: {}", page.text());
        pages.push(page);
    }
    pages
}

/// Every place for an id on them, each once.
fn places(pages: &[Answer]) -> BTreeMap<IdPlace, Found> {
    let routes: Vec<String> = page_routes().into_iter().map(|route| route.path).collect();
    let mut found = BTreeMap::new();
    for page in pages {
        for PageForm { action, is_read, values, form, .. } in forms_of(&page.text()) {
            for (field, value) in values {
                let Some(prefix) = before_id(&value) else { continue };
                // Where the form was opened, or the token against forged requests.
                let place = IdPlace { route: route_of(&routes, &action), field, prefix };
                let (action, fields) = (action.clone(), form.0.clone());
                found.insert(place, Found { action, fields, is_read });
            }
        }
        for href in page.text().split("href=\"").skip(1) {
            let href = href.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&");
            let Some((action, query)) = href.split_once('?') else { continue };
            let fields: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap();
            for (field, value) in fields.clone() {
                let Some(prefix) = before_id(&value) else { continue };
                let place = IdPlace { route: route_of(&routes, action), field, prefix };
                let (action, fields) = (action.to_owned(), fields.clone());
                found.insert(place, Found { action, fields, is_read: true });
            }
        }
    }
    found
}

/// What stands before an id: none where the value is no id. Paths with ids are no ids.
fn before_id(value: &str) -> Option<String> {
    let at = value.len().checked_sub(36)?;
    let is_id = value.is_char_boundary(at) && Uuid::try_parse(&value[at..]).is_ok();
    let prefix = value.get(..at).filter(|prefix| is_id && !prefix.contains(['/', '=']))?;
    Some(prefix.to_owned())
}

/// The route that a path goes to.
pub(crate) fn route_of(routes: &[String], path: &str) -> String {
    let is_it = |route: &&String| {
        let (mut parts, mut given) = (route.split('/'), path.split('/'));
        let same = parts.by_ref().zip(given.by_ref()).all(|(part, given)| {
            part == given || part.starts_with('{') && Uuid::try_parse(given).is_ok()
        });
        same && route.split('/').count() == path.split('/').count()
    };
    let found = routes.iter().find(is_it);
    found.unwrap_or_else(|| panic!("{path} is no route")).clone()
}

/// What else a form has to say to be carried out.
fn filled(api: &Api, place: &IdPlace, found: &Found, mine: &Things) -> Vec<(String, String)> {
    let mut fields = found.fields.clone();
    if !found.is_read {
        let kind = forms::kinds(&place.route).last().unwrap();
        let valid = match place.route.as_str() {
            "/device/confirm" => "answer=allow".to_owned(),
            route => forms::fields(route, kind, api),
        };
        let valid: Vec<(String, String)> = serde_urlencoded::from_str(&valid).unwrap();
        fields.retain(|(name, _)| !valid.iter().any(|(filled, _)| filled == name));
        fields.extend(valid);
    }
    if place.field == "task" {
        fields.retain(|(name, _)| name != "project");
        fields.push(("project".to_owned(), mine.project.to_string()));
    }
    // Each request is one of its own, of the thing as it is by then.
    let is_own = |name: &str| name == "version" || name == "new_id";
    fields.retain(|(name, _)| *name != place.field && !is_own(name));
    fields
}

async fn send(
    api: &Api,
    me: &Visitor<'_>,
    place: &IdPlace,
    found: &Found,
    mine: &Things,
    id: Uuid,
) -> Answer {
    let mut fields = filled(api, place, found, mine);
    fields.push((place.field.clone(), format!("{}{id}", place.prefix)));
    let fields = serde_urlencoded::to_string(fields).unwrap();
    if found.is_read {
        return me.ask_anywhere("GET", &format!("{}?{fields}", found.action), "").await;
    }
    me.ask_anywhere("POST", &found.action, &fields).await
}

#[test]
fn foreign_ids_in_forms_and_links_are_as_unknown_ones() {
    both(async |api| {
        let me = api.visitor(Role::Owner).await;
        belongs(&api, me.user, api.world.workspace, me.member).await;
        let mine = Things::of(&api, Where::Here).await;
        let theirs = Things::of(&api, Where::Elsewhere).await;
        let found = places(&pages(&api, &me, &mine).await);
        let mut asked = BTreeSet::new();
        for (place, found) in &found {
            let mut answers = Vec::new();
            let foreign = match place.field.as_str() {
                // Free here, until it is used here.
                "new_id" => case(&api, Where::Elsewhere, "getTimeEntry", "stranger").await.id,
                _ => theirs.named(place),
            };
            for id in [foreign, fresh_id(), mine.named(place)] {
                answers.push(send(&api, &me, place, found, &mine, id).await);
            }
            let what = format!("{} {}{}", place.route, place.field, place.prefix);
            assert_same(&answers[0], &answers[1], &what);
            if place.field == "new_id" {
                assert_eq!(answers[0].status, 303, "{what}: {}", answers[0].text());
            } else {
                let refused = answers[0].status;
                assert!(found.is_read || refused.is_client_error(), "{what}: {refused}");
                assert!(!answers[0].status.is_server_error(), "{what}: {}", answers[0].text());
                // The same with one of here is carried out: it was the id that was refused. A provider of
                // here is asked, and none answers.
                let is_asked = answers[2].status == 502 && place.route.ends_with("/providers");
                assert!(
                    answers[2].status.as_u16() < 400 || is_asked,
                    "{what}: {}",
                    answers[2].text()
                );
            }
            asked.insert(what);
        }
        for wanted in [
            "/w/{workspace}/people/{id} roleown:",
            "/w/{workspace}/people/{id} roleclient:",
            "/w/{workspace}/invitations roleown:",
            "/w/{workspace}/invitations roleclient:",
            "/w/{workspace}/teams/{id}/members member",
            "/w/{workspace}/security/providers place",
            "/w/{workspace}/security/providers id",
            "/w/{workspace}/time member",
            "/w/{workspace}/time project",
            "/device/confirm workspace",
            "/w/{workspace}/entries tag",
        ] {
            assert!(asked.contains(wanted), "no page has {wanted}: {asked:#?}");
        }
        println!("{} places", asked.len());
    });
}

/// What a form of the timer does not know is of no use in it either.
#[test]
fn what_a_form_does_not_know_changes_nothing() {
    both(async |api| {
        let me = api.visitor(Role::Member).await;
        let theirs = Things::of(&api, Where::Elsewhere).await;
        let body = json!({ "started_at": "2026-11-20T11:00:00Z" });
        let timer = me.make("/timer", body).await;
        for (field, id) in [("project", theirs.project), ("task", theirs.task), ("tag", theirs.tag)]
        {
            let mut answers = Vec::new();
            for id in [id, fresh_id()] {
                let fields = format!("started_at=2026-11-20T12%3A30&{field}={id}");
                answers.push(me.raw("timer/start", &fields).await);
            }
            assert_same(&answers[0], &answers[1], field);
        }
        let entry = me.ask("GET", &format!("/time-entries/{timer}")).send().await.json();
        assert_eq!(
            (&entry["project_id"], &entry["tag_ids"]),
            (&json!(null), &json!([])),
            "{entry}"
        );
    });
}

/// Where a list goes on is signed for that list.
#[test]
fn cursors_of_another_workspace_are_as_unknown_ones() {
    both(async |api| {
        let me = api.visitor(Role::Owner).await;
        for _ in 0..2 {
            case(&api, Where::Elsewhere, "getTimeEntry", "stranger").await;
            case(&api, Where::Elsewhere, "restoreTimeEntry", "stranger").await;
        }
        for (list, page) in [("/time-entries", "time"), ("/time-entries/trash", "trash")] {
            let listed = api.ask("stranger", "GET", &format!("{list}?limit=1")).send().await;
            let cursor = listed.json()["next_cursor"].as_str().map(ToOwned::to_owned);
            let cursor = cursor.unwrap_or_else(|| panic!("{list}: {}", listed.text()));
            let unknown: String =
                cursor.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
            let mut answers = Vec::new();
            for cursor in [&cursor, &unknown] {
                answers.push(me.get(&format!("{page}?cursor={cursor}")).await);
            }
            assert!(answers[0].status.is_client_error(), "{page}: {}", answers[0].text());
            let told = |answer: &Answer| answer.text().contains(&cursor);
            assert!(!told(&answers[1]), "{page}");
            assert_same(&answers[0], &answers[1], page);
        }
    });
}

/// The cookie that remembers where somebody was going leads to a foreign workspace as to none.
#[test]
fn a_foreign_place_in_a_cookie_leads_to_nothing() {
    both(async |api| {
        let address = "ann@example.org";
        crate::visit::somebody(&api, address).await;
        let mut answers = Vec::new();
        for workspace in [api.world.elsewhere.uuid(), fresh_id()] {
            let mut browser = crate::visit::Browser::new(&api);
            let path = serde_urlencoded::to_string([("path", format!("/w/{workspace}/today"))]);
            browser.jar.put("next-8420", &path.unwrap());
            browser.sign_in_by_mail(&api, address, false).await;
            let page = browser.get(&format!("/w/{workspace}/today")).await;
            assert_eq!(page.status, 404, "{}", page.text());
            answers.push(page);
            crate::visit::wait_s(&api, crate::visit::HOUR);
        }
        assert_same(&answers[0], &answers[1], "next");
    });
}

/// A form as a page shows it is what a browser sends: the reading of it is held here.
#[test]
fn forms_are_found_with_their_ids() {
    let id = Uuid::from_u128(7);
    let page = format!(
        "<form method=\"post\" action=\"/w/{id}/x\"><input name=\"csrf\" value=\"t\">\
         <select name=\"role\"><option value=\"member\">M</option><option value=\"own:{id}\" selected>\
         O</option></select><input type=\"hidden\" name=\"next\" value=\"/w/{id}\"></form>\
         <form method=\"get\" action=\"/y\"><input name=\"member\" value=\"{id}\"></form>"
    );
    let found = forms_of(&page);
    assert_eq!(found.len(), 2);
    assert!(!found[0].is_read && found[1].is_read);
    let ids: Vec<_> = found[0].values.iter().filter_map(|(_, value)| before_id(value)).collect();
    assert_eq!(ids, ["own:"]);
    assert_eq!(Form(found[1].form.0.clone()).get("member"), id.to_string());
}
