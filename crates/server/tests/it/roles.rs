//! What each operation answers to each role and scope: a golden file, from the document, so that an
//! operation without a case fails (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! What is somebody's is `member`'s, on a project that `manager` manages and in a team that `leader`
//! manages; `other` is another member; `own` has a role without a single right. `client` is a guest of
//! a client that has nothing to do with what is asked about, `guest` one of the client whose it is.
//! `read` and `track` are the owner's tokens of these scopes, `nobody` has none.

use std::{collections::HashMap, fmt::Write};

use app::actor::Scope;
use domain::{
    ids::{ClientId, MemberId, RoleId},
    permission::{Assignment, Grant, Grants, OF_OWNERS, Role, Standing},
};
use serde_json::json;
use testkit::World;
use uuid::Uuid;

use crate::{
    cases::{Case, Where, case, unique},
    support::{Api, Operation, both, document, operations, set_policy},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/roles.golden.txt");

/// What people read of it.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/roles.md");

const ASKING: [&str; 14] = [
    "owner",
    "admin",
    "manager",
    "leader",
    "member",
    "other",
    "accountant",
    "auditor",
    "client",
    "guest",
    "own",
    "read",
    "track",
    "nobody",
];

/// What needs a timer that runs.
const TIMED: [&str; 3] = ["discardTimer", "changeTimer", "stopTimer"];

#[test]
fn the_table_is_the_golden_file() {
    both(async |api| {
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
                    "leaveWorkspace" => Some(Api::open(World::open(api.world.engine).await).await),
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
                let newcomer = newcomers.tokens.get(asking);
                let (who, token) = match asking {
                    _ if newcomer.is_some() => ("owner", newcomer),
                    "read" => ("owner", Some(&read)),
                    "track" => ("owner", Some(&track)),
                    "nobody" => ("owner", None),
                    who => (who, Some(&api.tokens[who])),
                };
                let mut case = case(api, Where::Here, &operation.id, who).await;
                if asking == "guest" {
                    api.show_to(newcomers.guest_of, &operation, &mut case).await;
                }
                if let Some(token) = newcomer.filter(|_| TIMED.contains(&operation.id.as_str())) {
                    // Theirs runs too, where they may start one.
                    let body = json!({ "started_at": "2026-11-20T11:00:00Z" });
                    let path = format!("/workspaces/{}/timer", api.world.workspace);
                    api.bare("POST", &path).token(token).json(&body).send().await;
                }
                let ask = case.ask(api, &operation);
                let ask = match token {
                    Some(token) => ask.token(token),
                    None => ask,
                };
                let answer = ask.send().await;
                assert!(!answer.status.is_server_error(), "{} {asking}", operation.id);
                statuses.push(answer.outcome());
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

pub(crate) fn is_golden(file: &str, text: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(file, text).unwrap();
    }
    let golden = std::fs::read_to_string(file).unwrap_or_default();
    assert!(text == golden, "{file}: rights changed: UPDATE_GOLDEN=1, review the diff\n{text}");
}

/// Whose columns the page has, and what it calls them.
const COLUMNS: [(&str, &str); 11] = [
    ("own", "role without rights"),
    ("client", "client of others"),
    ("guest", "client of the project"),
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
- Taking a whole workspace away as files, its keys and its end are the operator’s, so no role has them.

## What asks for a fresh proof

What gives power away, takes it from others, or cannot be undone is done by who has shown within 15 minutes who they are ([ADR 0007](adr/0007-fresh-proof.md)):

- giving, taking or changing a role with power, also by an invitation: one that runs the workspace, people or teams, or sees or changes everybody’s time;
- making somebody the manager of a team or a project;
- removing somebody, or having their second step taken away;
- revoking API tokens of others, and making a token that may do all;
- changing how people may sign in, providers, and settings;
- letting who runs the server look into the workspace;
- deleting a team.

Projects, clients, tasks and time that are deleted can be restored for 30 days, so they ask for nothing.
";

const OPERATIONS: &str = "
## Operations of the API

What is somebody's here belongs to *the member*, is booked on a project that *the manager of the project* manages, and the member is in a team that *the manager of their team* manages.
The *client of the project* is a guest of the client whose project it is, the *client of others* one of a client that has nothing to do with it.
The *role without rights* is one of the workspace’s own of which nothing is ticked: what each right adds to it stands above.
“Yes” means that the operation is done, or refused for another reason than a missing right.
Which page and form each role gets is in [pages.md](pages.md).

";

const TOKENS: &str = "
## Tokens

A token may what its member may, and of that only what its scope covers: `read` reads, `track` also changes the member’s own time, `full` does everything. Entries stand here for somebody else’s, which `track` leaves alone.
Here the member is an owner.

";

/// The page `docs/roles.md`.
fn page(answers: &[(String, Vec<String>)]) -> String {
    let mut text = HEAD.to_owned();
    for role in Role::ALL.iter().filter(|role| **role != Role::Own) {
        let _ = writeln!(text, "- **{role}**: {}", role.sentence());
    }
    let built_in: Vec<Role> =
        Role::ALL.iter().copied().filter(|r| !matches!(r, Role::Own | Role::Client)).collect();
    text += "\n## Right by right\n\nRoles of a workspace's own are built of these, but for the last four.\n\n";
    table_row(&mut text, "right", built_in.iter().map(|role| role.as_str()));
    table_row(&mut text, "---", built_in.iter().map(|_| "---"));
    for grant in Grant::ALL {
        let alone = Standing::of(Grants::of([*grant]));
        let marks = built_in.iter().map(|role| mark(Standing::from(*role).covers(alone)));
        table_row(&mut text, grant.sentence(), marks);
    }
    for (right, sentence) in OF_OWNERS {
        let marks = built_in.iter().map(|role| mark(Standing::from(*role).allows_somewhere(right)));
        table_row(&mut text, sentence, marks);
    }
    text += RULES;
    text += OPERATIONS;
    table_row(&mut text, "operation", COLUMNS.iter().map(|(_, title)| *title));
    table_row(&mut text, "---", COLUMNS.iter().map(|_| "---"));
    for (operation, statuses) in answers {
        let marks = COLUMNS.iter().map(|(who, _)| {
            let at = ASKING.iter().position(|asking| asking == who).unwrap();
            mark(may(&statuses[at]))
        });
        table_row(&mut text, &format!("`{operation}`"), marks);
    }
    text += TOKENS;
    table_row(&mut text, "operation", ["read", "track", "full"].into_iter());
    table_row(&mut text, "---", ["---"; 3].into_iter());
    for (operation, statuses) in answers {
        let marks = ["read", "track", "owner"].map(|who| {
            let at = ASKING.iter().position(|asking| *asking == who).unwrap();
            mark(may(&statuses[at]))
        });
        table_row(&mut text, &format!("`{operation}`"), marks.into_iter());
    }
    text
}

/// Whether an outcome is no lack of a right. What somebody may not see is not there for them, also where
/// a field names it.
fn may(outcome: &str) -> bool {
    let is_refused = ["401", "403", "404"].iter().any(|status| outcome.starts_with(status));
    !is_refused && !outcome.ends_with(".not_found") && !outcome.ends_with(".forbidden")
}

pub(crate) fn mark(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "" }
}

pub(crate) fn table_row<'a>(text: &mut String, first: &str, cells: impl Iterator<Item = &'a str>) {
    let cells: Vec<&str> = cells.collect();
    let _ = writeln!(text, "| {first} | {} |", cells.join(" | "));
}

/// Members with roles that the world has nobody of.
pub(crate) struct Newcomers {
    pub(crate) tokens: HashMap<&'static str, String>,
    /// The client whose guest is `guest`.
    pub(crate) guest_of: Uuid,
}

pub(crate) async fn newcomers(api: &Api) -> Newcomers {
    let client = api.make("owner", "/clients", json!({ "name": unique("Client") })).await;
    let guest_of = api.make("owner", "/clients", json!({ "name": unique("Client") })).await;
    let project = json!({ "name": unique("Project"), "client_id": guest_of });
    api.make("owner", "/projects", project).await;
    let rights: [&str; 0] = [];
    let role = json!({ "name": unique("Role"), "rights": rights });
    let role = api.make("owner", "/roles", role).await;
    let mut tokens = HashMap::new();
    for (who, given) in [
        ("leader", Role::Manager.into()),
        ("accountant", Role::Accountant.into()),
        ("auditor", Role::Auditor.into()),
        ("client", Assignment::guest(ClientId::from_uuid(client))),
        ("guest", Assignment::guest(ClientId::from_uuid(guest_of))),
        ("own", Assignment::own(RoleId::from_uuid(role))),
    ] {
        let visitor = api.visitor(given).await;
        if who == "leader" {
            api.lead_the_member(visitor.member).await;
        }
        tokens.insert(who, visitor.token());
    }
    Newcomers { tokens, guest_of }
}

impl Api {
    /// Makes a team of the member, which somebody manages.
    pub(crate) async fn lead_the_member(&self, manager: MemberId) {
        let team = self.make("owner", "/teams", json!({ "name": unique("Team") })).await;
        for (member, is_manager) in [(manager, true), (self.world.member("member"), false)] {
            let path = format!("/teams/{team}/members/{member}");
            let put = self.ask("owner", "PUT", &path).json(&json!({ "manager": is_manager }));
            assert_eq!(put.send().await.status, 200);
        }
    }

    /// Makes what a case acts on a client's: its project, or the client itself.
    pub(crate) async fn show_to(&self, client: Uuid, operation: &Operation, case: &mut Case) {
        let things = operation.path.split('/').nth(3).unwrap_or_default();
        let project = match things {
            "clients" if !operation.path.ends_with("/restore") => {
                case.set("id", client);
                return;
            }
            "projects" => case.id,
            "tasks" | "time-entries" => {
                let found = self.ask("owner", "GET", &format!("/{things}/{}", case.id));
                let found = found.send().await.json();
                let named = case.body.as_ref().and_then(|body| body["project_id"].as_str());
                let project = found["project_id"].as_str().or(named);
                project.map_or(Uuid::nil(), |project| project.parse().unwrap())
            }
            _ => return,
        };
        let body = json!({ "client_id": client });
        let shown = self.ask("owner", "PATCH", &format!("/projects/{project}")).json(&body);
        // What is in the trash, or not made yet, is nobody's to see.
        let shown = shown.send().await.status;
        assert!([200, 404].contains(&shown.as_u16()), "{}: {shown}", operation.id);
    }
}

fn line(operation: &str, cells: [String; 14]) -> String {
    let cells = cells.map(|cell| format!("{cell:<15} "));
    format!("{operation:<24}{}", cells.concat()).trim_end().to_owned()
}
