//! Which fields of each answer each role gets: a golden file of roles and field paths, from real answers
//! (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! `yes` is a field that says something, `null` one that is kept from them or says nothing; where nothing
//! stands, they do not get it. A list without anything in it says `none`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    cases::{Where, case, hour_on, unique},
    roles::{is_golden, newcomers},
    support::{Api, both, document, operations},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/role_fields.golden.txt");

const ASKING: [&str; 11] = [
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
];

type Fields = BTreeMap<String, &'static str>;

#[test]
fn the_table_of_fields_is_the_golden_file() {
    both(async |api| {
        let newcomers = newcomers(&api).await;
        furnish(&api).await;
        let mut lines = vec![line("field", &ASKING)];
        for operation in operations(&document()) {
            if operation.method != "GET" || operation.id.ends_with("Csv") {
                continue;
            }
            let mut answers = Vec::new();
            for who in ASKING {
                let mut case = case(&api, Where::Here, &operation.id, "owner").await;
                if who == "guest" {
                    api.show_to(newcomers.guest_of, &operation, &mut case).await;
                }
                let token = newcomers.tokens.get(who).unwrap_or_else(|| &api.tokens[who]);
                let answer = case.ask(&api, &operation).token(token).send().await;
                let mut fields = Fields::new();
                if answer.status.is_success() {
                    collect(&mut fields, operation.id.clone(), &answer.json());
                }
                answers.push(fields);
            }
            let mut paths: Vec<&String> = answers.iter().flat_map(Fields::keys).collect();
            paths.sort();
            paths.dedup();
            for path in paths {
                let cells: Vec<&str> =
                    answers.iter().map(|fields| fields.get(path).copied().unwrap_or("")).collect();
                lines.push(line(path, &cells));
            }
        }
        is_golden(GOLDEN, &(lines.join("\n") + "\n"));
    });
}

/// One of each kind, all of whose fields say something.
async fn furnish(api: &Api) {
    let client = api.make("owner", "/clients", json!({ "name": unique("Client") })).await;
    let project = api.project(Where::Here).await;
    let of_client = json!({ "client_id": client });
    let path = format!("/projects/{project}");
    assert_eq!(api.ask("owner", "PATCH", &path).json(&of_client).send().await.status, 200);
    let task = json!({ "project_id": project, "name": unique("Task") });
    let task = api.make("owner", "/tasks", task).await;
    let tag = api.make("owner", "/tags", json!({ "name": unique("tag") })).await;
    for who in ["owner", "admin", "manager", "member", "other"] {
        let mut hour = hour_on(project);
        hour["task_id"] = json!(task);
        hour["tag_ids"] = json!([tag]);
        api.make(who, "/time-entries", hour).await;
        api.make(who, "/timer", json!({ "started_at": "2026-11-20T11:00:00Z" })).await;
        case(api, Where::Here, "getToken", who).await;
    }
    case(api, Where::Here, "getInvitation", "owner").await;
    case(api, Where::Here, "getProvider", "owner").await;
    case(api, Where::Here, "getRole", "owner").await;
    case(api, Where::Here, "removeTeamMember", "owner").await;
    for restore in ["restoreClient", "restoreProject", "restoreTask", "restoreTag"] {
        case(api, Where::Here, restore, "owner").await;
    }
}

/// The paths of an answer. What several things of a list say counts once: a field that one of them has.
fn collect(fields: &mut Fields, path: String, value: &Value) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                collect(fields, format!("{path}.{name}"), value);
            }
        }
        Value::Array(items) if items.is_empty() => note(fields, path, "none"),
        Value::Array(items) => {
            for item in items {
                collect(fields, format!("{path}[]"), item);
            }
        }
        Value::Null => note(fields, path, "null"),
        _ => note(fields, path, "yes"),
    }
}

fn note(fields: &mut Fields, path: String, what: &'static str) {
    let found = fields.entry(path).or_insert(what);
    if what == "yes" {
        *found = what;
    }
}

fn line(path: &str, cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:<11}")).collect();
    format!("{path:<48}{}", cells.concat()).trim_end().to_owned()
}
