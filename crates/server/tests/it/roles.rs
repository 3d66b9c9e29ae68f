//! What each operation answers to each role and scope: a golden file, from the document, so that an
//! operation without a case fails (`UPDATE_GOLDEN=1` writes it anew; review the diff).
//!
//! What is somebody's is `member`'s, on a project that `manager` manages; `other` is another member.
//! `read` and `track` are the owner's tokens of these scopes, `nobody` has none.

use app::actor::Scope;
use serde_json::json;
use testkit::World;

use crate::{
    cases::{Where, case, unique},
    support::{Api, both, document, one, operations},
};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/roles.golden.txt");

const ASKING: [&str; 8] =
    ["owner", "admin", "manager", "member", "other", "read", "track", "nobody"];

#[test]
fn the_table_is_the_golden_file() {
    one(async |api| {
        let read = api.scoped_token(Scope::Read).await;
        let track = api.scoped_token(Scope::Track).await;
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
                let (who, token) = match asking {
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
            lines.push(line(&operation.id, statuses.try_into().unwrap()));
        }
        let table = lines.join("\n") + "\n";
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(GOLDEN, &table).unwrap();
        }
        let golden = std::fs::read_to_string(GOLDEN).unwrap_or_default();
        assert!(table == golden, "rights changed: UPDATE_GOLDEN=1, review the diff\n{table}");
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
                "changeSignInPolicy" => Some(json!({ "second_factor": "required" })),
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

fn line(operation: &str, cells: [String; 8]) -> String {
    let cells = cells.map(|cell| format!("{cell:<9}"));
    format!("{operation:<24}{}", cells.concat()).trim_end().to_owned()
}
