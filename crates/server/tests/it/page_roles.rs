//! What each page and form answers to each role: a golden file, from the routes in the source, so that a
//! route without a case fails (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! What is somebody's is `member`'s, who is in a team that `leader` manages; `other` is another member,
//! `manager` manages nothing, and `own` has a role without a single right. `client` is a guest of a client
//! that has nothing to do with what is asked about.

use domain::{
    ids::{ClientId, RoleId},
    permission::{Assignment, Role},
};
use serde_json::json;

use crate::{
    cases::{Where, case, unique},
    foreign_pages::{ask, of_each_kind, operation},
    forged::page_routes,
    support::{Api, one},
    visitor::Visitor,
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/page_roles.golden.txt");

/// Routes that are asked elsewhere, with the reason.
const ELSEWHERE: [(&str, &str); 2] = [
    ("/w/{workspace}/live", "never ends: see live.rs"),
    ("/w/{workspace}/security", "a person's own, whatever their role: see foreign_pages.rs"),
];

const ASKING: [&str; 9] =
    ["owner", "admin", "manager", "leader", "other", "accountant", "auditor", "client", "own"];

async fn visitor<'a>(api: &'a Api, who: &str) -> Visitor<'a> {
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
        _ => {
            let rights: [&str; 0] = [];
            let role = json!({ "name": unique("Role"), "rights": rights });
            Assignment::own(RoleId::from_uuid(api.make("owner", "/roles", role).await))
        }
    };
    let visitor = api.visitor(role).await;
    if who == "leader" {
        let team = api.make("owner", "/teams", json!({ "name": unique("Team") })).await;
        for (member, manager) in [(visitor.member, true), (api.world.member("member"), false)] {
            let path = format!("/teams/{team}/members/{member}");
            let put = api.ask("owner", "PUT", &path).json(&json!({ "manager": manager }));
            assert_eq!(put.send().await.status, 200);
        }
    }
    visitor
}

#[test]
fn the_table_of_pages_is_the_golden_file() {
    one(async |api| {
        let mut visitors = Vec::new();
        for who in ASKING {
            visitors.push(visitor(&api, who).await);
        }
        let mut lines = vec![line("route", &ASKING.map(ToOwned::to_owned))];
        for route in page_routes() {
            let is_elsewhere = ELSEWHERE.iter().any(|(path, _)| {
                route.path == *path || route.path.starts_with(&format!("{path}/"))
            });
            if is_elsewhere || !route.path.starts_with("/w/{workspace}") {
                continue;
            }
            for path in of_each_kind(&route.path) {
                for method in &route.methods {
                    let mut statuses = Vec::new();
                    for (who, known) in ASKING.iter().zip(&visitors) {
                        // Who leaves is asked in no other row.
                        let leaves = path.ends_with("/leave");
                        let fresh = if leaves { Some(visitor(&api, who).await) } else { None };
                        let case = case(&api, Where::Here, operation(&path), "owner").await;
                        let me = fresh.as_ref().unwrap_or(known);
                        let answer = ask(me, method, &path, &case).await;
                        assert!(!answer.status.is_server_error(), "{method} {path} {who}");
                        statuses.push(answer.status.as_u16().to_string());
                    }
                    let path = path.strip_prefix("/w/{workspace}").unwrap_or(&path);
                    lines.push(line(&format!("{method:<5}{path}"), &statuses));
                }
            }
        }
        let table = lines.join("\n") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(GOLDEN, &table).unwrap();
        }
        let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
        assert!(table == golden, "rights changed: UPDATE_GOLDEN=1, review the diff\n{table}");
    });
}

fn line(route: &str, cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<11}")).collect();
    format!("{route:<44}{}", cells.concat()).trim_end().to_owned()
}
