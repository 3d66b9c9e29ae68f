//! What is answered by the routes that stand in no workspace, or are a person's own there, whatever their
//! role: to who is signed out, to a member, to one whose role gives no right, and to somebody who is
//! signed in and belongs to another workspace. A golden file, from the routes in the source, so that a
//! route without a row fails (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! Forms are empty: what each of them does is in the tests of its feature. What an address names is not
//! there; that another person's things are as those is in `foreign_pages.rs`.

use domain::{ids::RoleId, permission::Assignment};
use serde_json::json;

use crate::{
    cases::{number, unique},
    forged::{concrete, page_routes},
    page_roles::{ELSEWHERE, is_of_a_workspace},
    roles::is_golden,
    support::{Answer, Api, both},
    visit::{Browser, somebody},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/doors.golden.txt");

const ASKING: [&str; 4] = ["signed out", "member", "own", "stranger"];

#[test]
fn the_table_of_doors_is_the_golden_file() {
    both(async |api| {
        let mut lines = vec![line("route", &ASKING.map(ToOwned::to_owned))];
        let routes = page_routes().into_iter().filter(|route| {
            !is_of_a_workspace(&route.path)
                && !ELSEWHERE.iter().any(|(path, _)| *path == route.path)
        });
        for route in routes {
            for method in &route.methods {
                let mut cells = Vec::new();
                for who in ASKING {
                    let mut browser = browser(&api, who).await;
                    let path = concrete(&route.path, browser.page("").trim_end_matches('/'));
                    let answer = match *method {
                        "POST" => browser.post(&path, &[]).await,
                        _ => browser.get(&path).await,
                    };
                    let what = format!("{method} {} {who}", route.path);
                    assert!(!answer.status.is_server_error(), "{what}: {}", answer.text());
                    cells.push(cell(&answer));
                }
                lines.push(line(&format!("{method:<5}{}", route.path), &cells));
            }
        }
        is_golden(GOLDEN, &(lines.join("\n") + "\n"));
    });
}

/// A browser of their own for each request: some of them end the session.
async fn browser<'a>(api: &'a Api, who: &str) -> Browser<'a> {
    let address = format!("door{}@example.com", number());
    let mut browser = Browser::new(api);
    match who {
        "member" => {
            browser.sign_in(somebody(api, &address).await, false).await;
        }
        "own" => {
            let rights: [&str; 0] = [];
            let role = json!({ "name": unique("Role"), "rights": rights });
            let role = RoleId::from_uuid(api.make("owner", "/roles", role).await);
            browser = api.visitor(Assignment::own(role)).await.browser();
        }
        "stranger" => {
            let address = app::input::address("email", &address).unwrap();
            let app = &api.world.app;
            let user = app.find_or_create_person(app.new_request(), address).await.unwrap();
            browser.sign_in(user, false).await;
        }
        _ => {}
    }
    // For the token of its forms.
    let page = match who {
        "signed out" => "/sign-in".to_owned(),
        "stranger" => "/security".to_owned(),
        _ => browser.page("security"),
    };
    assert_eq!(browser.get(&page).await.status, 200, "{who}");
    browser
}

/// The status, and where it leads.
fn cell(answer: &Answer) -> String {
    let place = answer.header("location").split('?').next().unwrap_or_default();
    let place: Vec<&str> = place
        .split('/')
        .map(|part| if uuid::Uuid::try_parse(part).is_ok() { "ID" } else { part })
        .collect();
    format!("{} {}", answer.status.as_u16(), place.join("/")).trim_end().to_owned()
}

fn line(route: &str, cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<31} ")).collect();
    format!("{route:<55}{}", cells.concat()).trim_end().to_owned()
}
