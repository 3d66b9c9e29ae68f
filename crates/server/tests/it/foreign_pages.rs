//! Pages that are asked for with ids of another workspace, or of another person: the same answer as
//! for ids that nothing has.

use domain::permission::Role;
use uuid::Uuid;

use crate::{
    cases::{Case, Where, case, fresh_id},
    forged::page_routes,
    forms,
    support::{Answer, both, one},
    visitor::Visitor,
};

/// Of which operation's case a route's ids are.
pub(crate) fn operation(route: &str) -> &'static str {
    let kinds = [
        ("/projects/{id}/members/{member}", "removeProjectMember"),
        ("/projects/{id}", "getProject"),
        ("/clients/{id}/delete", "deleteClient"),
        ("/clients/{id}", "getClient"),
        ("/tasks/{id}", "getTask"),
        ("/tags/{id}", "getTag"),
        ("/teams/{id}/members/{member}", "removeTeamMember"),
        ("/teams/{id}", "getTeam"),
        ("/roles/{id}", "getRole"),
        ("/providers/{id}", "getProvider"),
        ("/entries/{id}/restore", "restoreTimeEntry"),
        ("/entries/{id}", "getTimeEntry"),
        ("/people/{member}/tokens", "getToken"),
        ("/people/{id}", "removeMember"),
        ("/support/{id}", "support"),
        ("/invitations/{id}", "getInvitation"),
        ("/tokens/{id}", "getToken"),
        ("/record/receipts/{id}", "getLedgerReceipt"),
        ("/record/head", "getLedgerCheckpoint"),
        ("/record/key", "getLedgerCheckpoint"),
        ("/trash/client/{id}", "restoreClient"),
        ("/trash/project/{id}", "restoreProject"),
        ("/trash/task/{id}", "restoreTask"),
        ("/trash/tag/{id}", "restoreTag"),
    ];
    let found = kinds.iter().find(|(part, _)| route.contains(part));
    assert!(found.is_some() || !route.contains("{id}"), "{route}: whose id? add it");
    found.map_or("listClients", |(_, operation)| operation)
}

/// A route for each kind of thing that its address can name.
pub(crate) fn of_each_kind(path: &str) -> Vec<String> {
    if !path.contains("{kind}") {
        return vec![path.to_owned()];
    }
    ["client", "project", "task", "tag"].map(|kind| path.replace("{kind}", kind)).to_vec()
}

async fn ask(me: &Visitor<'_>, method: &str, route: &str, case: &Case) -> Answer {
    let kind = *forms::kinds(route).last().unwrap();
    forms::send(me, method, route, case, &forms::fields(route, kind, me.api)).await
}

#[test]
fn foreign_ids_in_addresses_are_as_unknown_ones() {
    both(async |api| {
        let me = api.visitor(Role::Owner).await;
        let routes = page_routes();
        let routes = routes.iter().filter(|route| {
            // Those are a person's, not a workspace's: see foreign_account.rs.
            route.path.starts_with("/w/{workspace}") && !route.path.contains("/security/")
        });
        let mut places = 0;
        let asked = routes.flat_map(|route| {
            of_each_kind(&route.path).into_iter().map(move |path| (path, &route.methods))
        });
        for (path, methods) in asked {
            let of = operation(&path);
            for method in methods {
                let what = format!("{method} {path}");
                let foreign = case(&api, Where::Elsewhere, of, "stranger").await;
                let unknown = Case {
                    workspace: fresh_id(),
                    id: fresh_id(),
                    member: fresh_id(),
                    ..Case::default()
                };
                let there = ask(&me, method, &path, &foreign).await;
                let nowhere = ask(&me, method, &path, &unknown).await;
                let expected = match path.as_str() {
                    // Leads on to Today, whatever is there.
                    "/w/{workspace}" => 303,
                    _ => 404,
                };
                assert_eq!(there.status, expected, "{what}: {}", there.text());
                assert_same(&there, &nowhere, &what);
                places += 1;
                for parameter in ["id", "member"] {
                    if !path.contains(&format!("{{{parameter}}}")) {
                        continue;
                    }
                    let what = format!("{what}: {parameter}");
                    let mut answers = Vec::new();
                    for id in [Some(foreign.get(parameter)), Some(fresh_id()), None] {
                        let mut own = case(&api, Where::Here, of, "owner").await;
                        if let Some(id) = id {
                            own.set(parameter, id);
                        }
                        answers.push(ask(&me, method, &path, &own).await);
                    }
                    assert_eq!(answers[0].status, expected, "{what}: {}", answers[0].text());
                    assert_same(&answers[0], &answers[1], &what);
                    // With a good one, the same request comes further.
                    let own = &answers[2];
                    assert!(
                        own.status != 404 && own.status.as_u16() < 500,
                        "{what}: {}",
                        own.text()
                    );
                    places += 1;
                }
            }
        }
        assert!(places >= 90, "only {places} places");
    });
}

pub(crate) fn assert_same(there: &Answer, nowhere: &Answer, what: &str) {
    let headers = |answer: &Answer| {
        let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        names.sort();
        names
    };
    assert_eq!(there.status, nowhere.status, "{what}");
    assert_eq!(headers(there), headers(nowhere), "{what}");
    let place = |answer: &Answer| without_ids(answer.header("location"));
    assert_eq!(place(there), place(nowhere), "{what}");
    assert_eq!(anonymous(there), anonymous(nowhere), "{what}");
}

/// The page without ids, the number of a name, and what is drawn for each answer.
pub(crate) fn anonymous(answer: &Answer) -> String {
    let text = without_ids(&answer.text());
    let mut parts = text.split("nonce=\"");
    let first = parts.next().unwrap_or_default().to_owned();
    let text =
        parts.fold(first, |text, part| text + part.split_once('"').map_or("", |(_, rest)| rest));
    ["Hostile ", "hostile"].iter().fold(text, |text, word| {
        let mut parts = text.split(word);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
        })
    })
}

fn without_ids(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let id = rest.get(..36).filter(|part| Uuid::try_parse(part).is_ok());
        plain.push_str(if id.is_some() { "ID" } else { &rest[..c.len_utf8()] });
        rest = &rest[if id.is_some() { 36 } else { c.len_utf8() }..];
    }
    plain
}

#[test]
fn a_path_says_which_methods_it_answers_and_what_is_no_page_is_told_to_programs() {
    one(async |api| {
        let member = api.visitor(Role::Member).await;
        for (method, path, allowed) in [
            ("GET", "/sign-out", "POST"),
            ("GET", "/proof", "POST"),
            ("POST", "/device", "GET,HEAD"),
        ] {
            let answer = member.ask_anywhere(method, path, "").await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
            assert!(answer.text().contains("This page is not here"), "{method} {path}");
        }
        for path in ["/api/", "/api/v2/workspaces", "/api/v1x"] {
            for method in ["GET", "POST"] {
                let answer = member.ask_anywhere(method, path, "").await;
                assert_eq!(answer.outcome(), "404 path.unknown", "{method} {path}");
                assert_eq!(answer.header("set-cookie"), "", "{method} {path}");
            }
        }
    });
}
