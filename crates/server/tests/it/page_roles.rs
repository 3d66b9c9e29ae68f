//! What each page and form answers to each role: a golden file, from the routes in the source, so that a
//! route without a case fails (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! What is somebody's is `member`'s, who is in a team that `leader` manages; `other` is another member,
//! `manager` manages nothing, and `own` has a role without a single right. `client` is a guest of a client
//! that has nothing to do with what is asked about, `guest` one of the client whose it is.
//!
//! Each form is a valid one, so that a row says who may: `303 written` left an event in the
//! workspace or in the directory, `nothing` did not.

use domain::{
    ids::{ClientId, RoleId},
    permission::{Assignment, Role},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    cases::{Case, Where, case, unique},
    foreign_pages::{of_each_kind, operation},
    forged::page_routes,
    forms::{fields, kinds, prepare, send},
    roles::{is_golden, mark, table_row},
    second::{member_of, with_app},
    support::{Api, both, document, operations},
    visitor::Visitor,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/page_roles.golden.txt");

/// Whose columns the page has, and what it calls them.
const COLUMNS: [(&str, &str); 10] = [
    ("own", "role without rights"),
    ("client", "client of others"),
    ("guest", "client of the project"),
    ("other", "another member"),
    ("manager", "another manager"),
    ("leader", "manager of their team"),
    ("accountant", "accountant"),
    ("auditor", "auditor"),
    ("admin", "admin"),
    ("owner", "owner"),
];

/// What people read of it.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/pages.md");

const HEAD: &str = "# Pages

Which page, and which form of a page, each role gets.
This page is written by the test of rights (`crates/server/tests/it/page_roles.rs`) from what the program answers; CI fails when the two differ.
The addresses stand below that of the workspace.
What is somebody’s there belongs to a member in a team that *the manager of their team* manages; *another manager* manages nothing, and the *client of the project* is a guest of the client whose project it is.
What is a person’s own, under *My security*, is theirs whatever their role.
“Yes” means that the page is shown, or the form carried out.

";

/// Routes that are asked elsewhere, with the reason.
pub(crate) const ELSEWHERE: [(&str, &str); 1] =
    [("/w/{workspace}/live", "never ends: see live.rs")];

const ASKING: [&str; 10] = [
    "owner",
    "admin",
    "manager",
    "leader",
    "other",
    "accountant",
    "auditor",
    "client",
    "guest",
    "own",
];

async fn visitor<'a>(api: &'a Api, who: &str, guest_of: Uuid) -> Visitor<'a> {
    let role: Assignment = match who {
        "owner" => Role::Owner.into(),
        "admin" => Role::Admin.into(),
        "manager" | "leader" => Role::Manager.into(),
        "other" => Role::Member.into(),
        "accountant" => Role::Accountant.into(),
        "auditor" => Role::Auditor.into(),
        "client" => {
            let client = json!({ "name": unique("Client") });
            Assignment::guest(ClientId::from_uuid(api.make("owner", "/clients", client).await))
        }
        "guest" => Assignment::guest(ClientId::from_uuid(guest_of)),
        _ => {
            let rights: [&str; 0] = [];
            let role = json!({ "name": unique("Role"), "rights": rights });
            Assignment::own(RoleId::from_uuid(api.make("owner", "/roles", role).await))
        }
    };
    let visitor = api.visitor(role).await;
    if who == "leader" {
        api.lead_the_member(visitor.member).await;
    }
    visitor
}

#[test]
fn the_table_of_pages_is_the_golden_file() {
    both(async |api| {
        let without_step = member_with_app(&api).await;
        let guest_of = api.make("owner", "/clients", json!({ "name": unique("Client") })).await;
        let theirs = json!({ "name": unique("Project"), "client_id": guest_of });
        api.make("owner", "/projects", theirs).await;
        let operations = operations(&document());
        let mut visitors = Vec::new();
        for who in ASKING {
            visitors.push(visitor(&api, who, guest_of).await);
        }
        let mut lines = vec![line("route", &ASKING.map(ToOwned::to_owned))];
        let mut answers = Vec::new();
        for (method, route, kind) in rows() {
            let mut cells = Vec::new();
            for (who, me) in ASKING.iter().zip(&visitors) {
                let mut case = case(&api, Where::Here, operation(&route), "owner").await;
                if route.ends_with("/reset-factors") {
                    case.id = without_step;
                }
                let of = operation(&route);
                // Support access is no operation of the API, and nothing of it is a client's.
                let of = operations.iter().find(|it| it.id == of);
                if let Some(of) = of.filter(|_| *who == "guest") {
                    api.show_to(guest_of, of, &mut case).await;
                }
                prepare(&api, me, &route, kind, &case).await;
                let what = format!("{method} {route} {kind} {who}");
                cells.push(cell(&api, me, (method, &route, kind), &case, &what).await);
            }
            let path = route.strip_prefix("/w/{workspace}").filter(|path| !path.is_empty());
            let path = path.unwrap_or("/");
            lines.push(line(&format!("{method:<5}{path} {kind}"), &cells));
            answers.push((format!("`{method} {path}` {kind}").trim_end().to_owned(), cells));
        }
        let table = lines.join("\n") + "\n";
        is_golden(GOLDEN, &table);
        is_golden(PAGE, &page(&answers));
    });
}

/// The page `docs/pages.md`.
fn page(answers: &[(String, Vec<String>)]) -> String {
    let mut text = HEAD.to_owned();
    table_row(&mut text, "page or form", COLUMNS.iter().map(|(_, title)| *title));
    table_row(&mut text, "---", COLUMNS.iter().map(|_| "---"));
    for (route, cells) in answers {
        let is_done = |cell: &str| cell.starts_with('2') || cell.starts_with('3');
        let marks = COLUMNS.iter().map(|(who, _)| {
            let at = ASKING.iter().position(|asking| asking == who).unwrap();
            mark(is_done(&cells[at]))
        });
        table_row(&mut text, route, marks);
    }
    text
}

/// Every route of a workspace, for each thing and each kind of form.
fn rows() -> Vec<(&'static str, String, &'static str)> {
    let routes = page_routes();
    for (path, reason) in ELSEWHERE {
        let is_there = routes.iter().any(|route| route.path == path);
        assert!(is_there, "{path} ({reason}) is no route any more: take it off the list");
    }
    assert!(
        ELSEWHERE.len() <= 1,
        "the list only shrinks: a page in no table is one that nobody checks"
    );
    let mut rows = Vec::new();
    for route in routes.iter().filter(|route| is_of_a_workspace(&route.path)) {
        for path in of_each_kind(&route.path) {
            for method in &route.methods {
                let kinds = if *method == "POST" { kinds(&path) } else { &[""] };
                rows.extend(kinds.iter().map(|kind| (*method, path.clone(), *kind)));
            }
        }
    }
    rows
}

/// Whether a route has a row here: the others are in the table of doors.
pub(crate) fn is_of_a_workspace(route: &str) -> bool {
    let is_own = route.starts_with("/w/{workspace}/security");
    let is_elsewhere = ELSEWHERE.iter().any(|(path, _)| *path == route);
    route.starts_with("/w/{workspace}") && !is_own && !is_elsewhere
}

/// What somebody is answered, and whether it left anything behind. Who may not send a form is not told
/// what is wrong with it.
async fn cell(
    api: &Api,
    me: &Visitor<'_>,
    (method, route, kind): (&str, &str, &str),
    case: &Case,
    what: &str,
) -> String {
    let is_form = method == "POST";
    let events = async || {
        let here = api.world.count_events(api.world.workspace).await;
        here + api.world.count_directory_events().await
    };
    let before = events().await;
    let answer = send(me, method, route, case, &fields(route, kind, api)).await;
    let is_written = events().await > before;
    assert!(!answer.status.is_server_error(), "{what}: {}", answer.text());
    let is_refused = [403, 404].contains(&answer.status.as_u16());
    if is_form && is_refused {
        let empty = send(me, method, route, case, "").await;
        assert_eq!(empty.status, answer.status, "{what}: an empty form: {}", empty.text());
    }
    let is_done = answer.status.as_u16() < 400;
    assert!(!is_written || is_form && is_done, "{what}: {} and written", answer.status);
    match (is_form && is_done, is_written) {
        (false, _) => answer.status.as_u16().to_string(),
        (true, true) => format!("{} written", answer.status.as_u16()),
        (true, false) => format!("{} nothing", answer.status.as_u16()),
    }
}

/// Somebody who has a second step, and so can have lost it.
async fn member_with_app(api: &Api) -> Uuid {
    let (browser, _) = with_app(api).await;
    let user = browser.who().await.unwrap();
    member_of(api, user).await.1.uuid()
}

fn line(route: &str, cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<13}")).collect();
    format!("{route:<44}{}", cells.concat()).trim_end().to_owned()
}
