//! What each operation answers to each role and scope: a golden file, from the document, so that an
//! operation without a case fails (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! What is somebody's is `member`'s, on a project that `manager` manages and in a team that `leader`
//! manages; `other` is another member; `own` has a role without a single right. `client` is a guest of
//! a client that has nothing to do with what is asked about.
//! `read` and `track` are the owner's tokens of these scopes, `nobody` has none.

use std::{collections::HashMap, fmt::Write};

use app::actor::Scope;
use domain::{
    ids::{ClientId, RoleId},
    permission::{Assignment, Grant, Grants, Role, Standing},
};
use serde_json::json;
use testkit::World;

use crate::{
    cases::{Where, case, unique},
    support::{Api, both, document, one, operations, set_policy},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/roles.golden.txt");

/// What people read of it.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/roles.md");

const ASKING: [&str; 13] = [
    "owner",
    "admin",
    "manager",
    "leader",
    "member",
    "other",
    "accountant",
    "auditor",
    "client",
    "own",
    "read",
    "track",
    "nobody",
];

#[test]
fn the_table_is_the_golden_file() {
    one(async |api| {
        let read = api.scoped_token(Scope::Read).await;
        let track = api.scoped_token(Scope::Track).await;
        let newcomers = newcomers(&api).await;
        let mut answers = Vec::new();
        let mut lines = vec![line("operation", ASKING.map(ToOwned::to_owned))];
        for operation in operations(&document()) {
            let mut statuses = Vec::new();
            for asking in ASKING {
                // Who leaves is asked in no other row.
                let fresh = match operation.id.as_str() {
                    "leaveWorkspace" => Some(Api::open(World::open("sqlite").await).await),
                    _ => None,
                };
                let (read, track) = match &fresh {
                    Some(api) => {
                        (api.scoped_token(Scope::Read).await, api.scoped_token(Scope::Track).await)
                    }
                    None => (read.clone(), track.clone()),
                };
                let api = fresh.as_ref().unwrap_or(&api);
                let newcomers = match &fresh {
                    Some(api) => &self::newcomers(api).await,
                    None => &newcomers,
                };
                let newcomer = newcomers.get(asking);
                let (who, token) = match asking {
                    _ if newcomer.is_some() => ("owner", newcomer),
                    "read" => ("owner", Some(&read)),
                    "track" => ("owner", Some(&track)),
                    "nobody" => ("owner", None),
                    who => (who, Some(&api.tokens[who])),
                };
                let case = case(api, Where::Here, &operation.id, who).await;
                let ask = case.ask(api, &operation);
                let ask = match token {
                    Some(token) => ask.token(token),
                    None => ask,
                };
                let answer = ask.send().await;
                assert!(!answer.status.is_server_error(), "{} {asking}", operation.id);
                statuses.push(answer.status.as_u16().to_string());
            }
            answers.push((operation.id.clone(), statuses.clone()));
            lines.push(line(&operation.id, statuses.try_into().unwrap()));
        }
        is_golden(PAGE, &page(&answers));
        let table = lines.join("\n") + "\n";
        is_golden(GOLDEN, &table);
    });
}

/// Read, although they are sent by POST; or write to the directory, which has events of its own.
const NO_EVENT: [&str; 3] = ["readQuickEntry", "createDeviceGrant", "collectDeviceGrant"];

/// Every operation that changes a workspace leaves an event there.
#[test]
fn what_is_changed_is_recorded() {
    both(async |api| {
        let workspace = api.world.workspace;
        for operation in operations(&document()) {
            let id = operation.id.as_str();
            if operation.method == "GET" || NO_EVENT.contains(&id) {
                continue;
            }
            // An owner who is the only one stays.
            let who = if id == "leaveWorkspace" { "admin" } else { "owner" };
            let mut case = case(&api, Where::Here, id, who).await;
            // What is as it was is no change.
            case.body = match id {
                "changeWorkspace" => Some(json!({ "name": unique("Workspace") })),
                "changeSignInPolicy" => {
                    set_policy(&api, &json!({ "second_factor": "required" })).await;
                    Some(json!({ "second_factor": "optional" }))
                }
                "changeMe" => Some(json!({ "name": unique("Owner") })),
                "changeMemberRole" => Some(json!({ "role": "manager" })),
                _ => case.body,
            };
            let before = api.world.count_events(workspace).await;
            let answer = case.ask(&api, &operation).token(&api.tokens[who]).send().await;
            assert!(answer.status.is_success(), "{id}: {}", answer.text());
            let after = api.world.count_events(workspace).await;
            assert!(after > before, "{id} recorded nothing");
        }
    });
}

fn is_golden(file: &str, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(file, text).unwrap();
    }
    let golden = std::fs::read_to_string(file).unwrap_or_default();
    assert!(text == golden, "{file}: rights changed: UPDATE_GOLDEN=1, review the diff\n{text}");
}

/// Whose columns the page has, and what it calls them.
const COLUMNS: [(&str, &str); 9] = [
    ("client", "client"),
    ("other", "another member"),
    ("member", "the member"),
    ("leader", "manager of their team"),
    ("manager", "manager of the project"),
    ("accountant", "accountant"),
    ("auditor", "auditor"),
    ("admin", "admin"),
    ("owner", "owner"),
];

const HEAD: &str = "# Roles

What each role may.
This page is written by the test of rights (`crates/server/tests/it/roles.rs`) from what the program answers; CI fails when the two differ.
The rules behind it are one table in the crate `domain`, right by right and by how the target relates to who asks.

";

const RULES: &str = "
## What holds beside the table

- Nobody gives a right that they lack, and nobody takes one away: not by a role, an invitation, a team or a project, nor by the end of one of these, and an admin neither changes, nor removes, nor sees the API tokens of, an owner.
- What makes the sign-in policy stricter is an owner’s act, and no API token’s ([ways in](ways-in.md)).
- An invitation is worth what the one who sent it may give at the moment it is accepted. Who is a member already, by another address, stays what they are when they accept one: role, teams and projects.
- Whoever manages a team or project manages it by their role. A role that manages nothing ends that, and leaving does too; it does not come back by itself.
- Guests of a client see all time on its projects, by client and project and not by person. So a project is moved to a client with guests by who may invite guests.
- Whoever may track time no more has their timer stopped.
";

const OPERATIONS: &str = "
## Operations of the API

What is somebody's here belongs to *the member*, is booked on a project that *the manager of the project* manages, and the member is in a team that *the manager of their team* manages.
The client is a guest of a client that has nothing to do with it.
“Yes” means that the operation is done, or refused for another reason than a missing right.

";

/// The page `docs/roles.md`.
fn page(answers: &[(String, Vec<String>)]) -> String {
    let mut text = HEAD.to_owned();
    for role in Role::ALL.iter().filter(|role| **role != Role::Own) {
        let _ = writeln!(text, "- **{role}**: {}", role.sentence());
    }
    let built_in: Vec<Role> =
        Role::ALL.iter().copied().filter(|r| !matches!(r, Role::Own | Role::Client)).collect();
    text += "\n## Right by right\n\nRoles of a workspace's own are built of these.\n\n";
    table_row(&mut text, "right", built_in.iter().map(|role| role.as_str()));
    table_row(&mut text, "---", built_in.iter().map(|_| "---"));
    for grant in Grant::ALL {
        let alone = Standing::of(Grants::of([*grant]));
        let marks = built_in.iter().map(|role| mark(Standing::from(*role).covers(alone)));
        table_row(&mut text, grant.sentence(), marks);
    }
    text += RULES;
    text += OPERATIONS;
    table_row(&mut text, "operation", COLUMNS.iter().map(|(_, title)| *title));
    table_row(&mut text, "---", COLUMNS.iter().map(|_| "---"));
    for (operation, statuses) in answers {
        let marks = COLUMNS.iter().map(|(who, _)| {
            let at = ASKING.iter().position(|asking| asking == who).unwrap();
            mark(!["401", "403", "404", "422"].contains(&statuses[at].as_str()))
        });
        table_row(&mut text, &format!("`{operation}`"), marks);
    }
    text
}

fn mark(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "" }
}

fn table_row<'a>(text: &mut String, first: &str, cells: impl Iterator<Item = &'a str>) {
    let cells: Vec<&str> = cells.collect();
    let _ = writeln!(text, "| {first} | {} |", cells.join(" | "));
}

/// Tokens of members with roles that the world has nobody of.
async fn newcomers(api: &Api) -> HashMap<&'static str, String> {
    let client = api.make("owner", "/clients", json!({ "name": unique("Client") })).await;
    let rights: [&str; 0] = [];
    let role = json!({ "name": unique("Role"), "rights": rights });
    let role = api.make("owner", "/roles", role).await;
    let mut tokens = HashMap::new();
    for (who, given) in [
        ("leader", Role::Manager.into()),
        ("accountant", Role::Accountant.into()),
        ("auditor", Role::Auditor.into()),
        ("client", Assignment::guest(ClientId::from_uuid(client))),
        ("own", Assignment::own(RoleId::from_uuid(role))),
    ] {
        let visitor = api.visitor(given).await;
        if who == "leader" {
            let team = api.make("owner", "/teams", json!({ "name": unique("Team") })).await;
            for (member, manager) in [(visitor.member, true), (api.world.member("member"), false)] {
                let path = format!("/teams/{team}/members/{member}");
                let put = api.ask("owner", "PUT", &path).json(&json!({ "manager": manager }));
                assert_eq!(put.send().await.status, 200);
            }
        }
        tokens.insert(who, visitor.token());
    }
    tokens
}

fn line(operation: &str, cells: [String; 13]) -> String {
    let cells = cells.map(|cell| format!("{cell:<11}"));
    format!("{operation:<24}{}", cells.concat()).trim_end().to_owned()
}
