//! A valid form for each route of the pages, so that a refusal says who may, and not what was typed.

use serde_json::json;

use crate::{
    cases::{Case, number, unique},
    support::{Answer, Api, set_policy},
    visitor::Visitor,
};

/// What forms about entries need; what a form does not know is ignored.
const COMMON: &str = "note=Hostile&text=15m+hostile&day=2026-11-19&\
                      duration=0%3A10&split_at=2026-11-19T10%3A30";

const SETTINGS: &str = "currency=EUR&bare_number=minutes&second_timer=stops_running&\
                        overlaps=allowed&week_start=monday&zone=Europe%2FBerlin";

const PROFILE: &str = "zone=Europe%2FBerlin&week_start=monday&locale=en-GB&clock_format=12h";

const PROVIDER: &str = "issuer=https%3A%2F%2Fid.example&client_id=timeproof&client_secret=a+secret";

const POLICY: &str = "allows_mail=1&allows_passwords=1&allows_providers=1&second_factor=optional";

/// Kinds of forms that one route takes, where who may send them differs.
pub(crate) fn kinds(route: &str) -> &'static [&'static str] {
    match route {
        "/w/{workspace}/sign-in-policy" => &["preview", "stricter", "more lenient"],
        _ => &[""],
    }
}

/// The fields of a route's form.
pub(crate) fn fields(route: &str, kind: &str, api: &Api) -> String {
    let named = |text: &str, rest: &str| {
        let name = serde_urlencoded::to_string([(text, unique("Hostile"))]).unwrap();
        format!("{name}&{rest}")
    };
    let other = api.world.member("other");
    match route.strip_prefix("/w/{workspace}").unwrap_or(route) {
        "/invitations" => format!("email=hostile{}%40example.com&role=member", number()),
        "/timer/start" => "started_at=2026-11-20T12%3A30".to_owned(),
        "/support/{id}/grant" => "minutes=10".to_owned(),
        "/people/{id}" => "role=auditor".to_owned(),
        "/profile" => named("name", PROFILE),
        "/tokens" => named("name", "scope=read&expires_in_days=30"),
        "/settings" => named("name", SETTINGS),
        "/roles" | "/roles/{id}" => named("name", "right=read_projects"),
        "/providers" => named("label", PROVIDER),
        "/providers/{id}" => named("label", "client_id=timeproof"),
        "/projects/{id}/members" | "/teams/{id}/members" => format!("member={other}"),
        "/sign-in-policy" => match kind {
            "preview" => POLICY.to_owned(),
            "stricter" => format!("{POLICY}&confirmed=1"),
            _ => format!("{POLICY}&allows_passkeys=1&confirmed=1"),
        },
        _ => named("name", COMMON),
    }
}

/// Makes things such that the form has something to do for who may send it.
pub(crate) async fn prepare(api: &Api, me: &Visitor<'_>, route: &str, kind: &str, case: &Case) {
    let route = route.strip_prefix("/w/{workspace}").unwrap_or(route);
    let id = case.id;
    let archived = ["clients", "projects", "tasks", "tags", "teams"]
        .into_iter()
        .find(|things| route == format!("/{things}/{{id}}/restore"));
    if let Some(things) = archived {
        change(api, &format!("/{things}/{id}"), &json!({ "archived": true })).await;
    }
    match route {
        "/timer/start" | "/timer/stop" | "/timer/discard" => {
            let body = json!({ "started_at": "2026-11-20T11:00:00Z" });
            // Who may not has none to stop.
            me.ask("POST", "/timer").json(&body).send().await;
        }
        "/sign-in-policy" => {
            let body = json!({ "allows_passkeys": kind != "more lenient" });
            set_policy(api, &body).await;
        }
        _ => {}
    }
}

async fn change(api: &Api, path: &str, body: &serde_json::Value) {
    let changed = api.ask("owner", "PATCH", path).json(body).send().await;
    assert_eq!(changed.status, 200, "{path}: {}", changed.text());
}

/// The path of a route, with the ids of a case.
pub(crate) fn path(route: &str, case: &Case) -> String {
    let ids = [("workspace", case.workspace), ("id", case.id), ("member", case.member)];
    ids.iter().fold(route.to_owned(), |path, (name, id)| {
        path.replace(&format!("{{{name}}}"), &id.to_string())
    })
}

/// A page, or a route's form as its fields were filled.
pub(crate) async fn send(
    me: &Visitor<'_>,
    method: &str,
    route: &str,
    case: &Case,
    fields: &str,
) -> Answer {
    let path = path(route, case);
    // No form, but what our own script asks while somebody types.
    if route.ends_with("/quick-entry/read") {
        return me.ask_json(&path, r#"{"text":"15m hostile"}"#).await;
    }
    me.ask_anywhere(method, &path, fields).await
}
