//! Examples of every operation, which work on the demo as it stands (`demo`, seed 1).
//!
//! Ids are the demo's; those that an example deletes or takes out of the trash are there for that
//! alone (`demo/spare.rs`). Days and instants are near the reader's now, as the demo's are. No example
//! carries an id of its own, so it can be sent again; a name can be taken once.

use jiff::{SignedDuration, Timestamp, ToSpan, civil::Date, tz::TimeZone};
use serde_json::{Map, Value, json};
use uuid::Uuid;
use wire::demo::{Kind, SEED, id};

use crate::demo::spare;

/// The document with examples in it: bodies, and parameters of path and query.
pub fn with_examples(mut document: Value, now: Timestamp) -> Value {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let operations = paths.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut);
    for operation in operations.flat_map(Map::values_mut) {
        add_examples(operation, now);
    }
    document
}

fn add_examples(operation: &mut Value, now: Timestamp) {
    let name = operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let content = operation.pointer_mut("/requestBody/content/application~1json");
    if let (Some(content), Some(body)) = (content.and_then(Value::as_object_mut), body(&name, now))
    {
        content.insert("example".to_owned(), body);
    }
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten().filter_map(Value::as_object_mut) {
        let of = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some(example) = parameter_of(&name, of, now) {
            parameter.insert("example".to_owned(), example);
        }
    }
}

/// The example of a parameter; none for those that only the last answer can fill.
fn parameter_of(operation: &str, parameter: &str, now: Timestamp) -> Option<Value> {
    let today = today(now);
    Some(match parameter {
        "workspace" => json!(of(Kind::Workspace, 1)),
        "id" => json!(target(operation)?),
        "member" if operation == "removeProjectMember" => json!(of(Kind::Member, 4)),
        "member" if operation == "removeTeamMember" => json!(of(Kind::Member, 6)),
        "member" => json!(of(Kind::Member, 5)),
        "first" => json!(back(today, 27)),
        "last" => json!(today),
        "group_by" => json!("client,project"),
        "member_id" => json!(of(Kind::Member, 1)),
        "project_id" => json!(of(Kind::Project, 1)),
        "limit" => json!(50),
        "level" => json!("0"),
        "index" => json!("000.p/1"),
        "If-Match" => json!("*"),
        _ => return None,
    })
}

/// What an operation on one thing acts on.
fn target(operation: &str) -> Option<Uuid> {
    Some(match operation {
        "getClient" | "changeClient" => of(Kind::Client, 1),
        "deleteClient" => of(Kind::Client, spare::UNUSED_CLIENT),
        "restoreClient" => of(Kind::Client, spare::DELETED_CLIENT),
        "getProject" | "changeProject" | "listProjectMembers" | "putProjectMember" => {
            of(Kind::Project, 1)
        }
        "removeProjectMember" => of(Kind::Project, 6),
        "deleteProject" => of(Kind::Project, spare::UNUSED_PROJECT),
        "restoreProject" => of(Kind::Project, spare::DELETED_PROJECT),
        "getTask" | "changeTask" => of(Kind::Task, 1),
        "deleteTask" => of(Kind::Task, spare::UNUSED_TASK),
        "restoreTask" => of(Kind::Task, spare::DELETED_TASK),
        "getTag" | "changeTag" => of(Kind::Tag, 1),
        "deleteTag" => of(Kind::Tag, spare::UNUSED_TAG),
        "restoreTag" => of(Kind::Tag, spare::DELETED_TAG),
        "getTimeEntry" | "timeEntryHistory" => of(Kind::TimeEntry, 1),
        "changeTimeEntry" => of(Kind::TimeEntry, 2),
        "deleteTimeEntry" => of(Kind::TimeEntry, 3),
        "duplicateTimeEntry" => of(Kind::TimeEntry, 4),
        "continueTimeEntry" => of(Kind::TimeEntry, 5),
        "splitTimeEntry" => of(Kind::TimeEntry, 6),
        "restoreTimeEntry" => of(Kind::TimeEntry, spare::DELETED_ENTRY),
        "getMember" => of(Kind::Member, 2),
        "changeMemberRole" => of(Kind::Member, 7),
        "removeMember" => of(Kind::Member, 8),
        "getInvitation" => of(Kind::Invitation, 1),
        "revokeInvitation" => of(Kind::Invitation, 2),
        "getTeam" | "changeTeam" | "listTeamMembers" | "putTeamMember" | "removeTeamMember" => {
            of(Kind::Team, 1)
        }
        "deleteTeam" => of(Kind::Team, spare::UNUSED_TEAM),
        "getRole" | "changeRole" => of(Kind::Role, 1),
        "deleteRole" => of(Kind::Role, spare::UNUSED_ROLE),
        "getProvider" | "changeProvider" => of(Kind::Provider, 1),
        "deleteProvider" => of(Kind::Provider, spare::UNUSED_PROVIDER),
        "getToken" => of(Kind::Token, 1),
        "revokeToken" => of(Kind::Token, 2),
        _ => return None,
    })
}

/// What an operation is sent.
fn body(operation: &str, now: Timestamp) -> Option<Value> {
    time_body(operation, now).or_else(|| thing_body(operation)).or_else(|| people_body(operation))
}

fn time_body(operation: &str, now: Timestamp) -> Option<Value> {
    let yesterday = back(today(now), 1);
    Some(match operation {
        "startTimer" => json!({
            "project_id": of(Kind::Project, 1),
            "task_id": of(Kind::Task, 1),
            "tag_ids": [of(Kind::Tag, 2)],
            "note": "Review the quarterly forecast",
        }),
        "changeTimer" => json!({ "started_at": earlier(now, 30) }),
        "stopTimer" | "duplicateTimeEntry" | "continueTimeEntry" => json!({}),
        "createTimeEntry" => json!({
            "project_id": of(Kind::Project, 1),
            "tag_ids": [of(Kind::Tag, 1)],
            "note": "Workshop with the finance team",
            "started_at": format!("{yesterday}T09:00:00Z"),
            "stopped_at": format!("{yesterday}T10:30:00Z"),
        }),
        "changeTimeEntry" => json!({ "note": "Prepare the scenario deck", "billable": false }),
        "splitTimeEntry" => json!({ "after_s": 300 }),
        "createQuickEntry" => json!({ "text": "1:30 standup @northwind/planning #meeting $" }),
        "readQuickEntry" => json!({ "text": "1:30 standup @northw", "cursor": 20 }),
        _ => return None,
    })
}

fn thing_body(operation: &str) -> Option<Value> {
    Some(match operation {
        "createClient" => json!({ "name": "Example client" }),
        "changeClient" => json!({ "name": "Northwind Traders" }),
        "createProject" => json!({
            "client_id": of(Kind::Client, 1),
            "name": "Example project",
            "hue": 4,
            "billable": true,
            "open": true,
        }),
        "changeProject" => json!({ "hue": 9, "billable": true }),
        "putProjectMember" | "putTeamMember" => json!({ "manager": false }),
        "createTeam" => json!({ "name": "Example team" }),
        "changeTeam" => json!({ "name": "Design" }),
        "createTask" => json!({ "project_id": of(Kind::Project, 1), "name": "Example task" }),
        "changeTask" => json!({ "name": "Workshops and interviews" }),
        "createTag" => json!({ "name": "example" }),
        "changeTag" => json!({ "archived": false }),
        _ => return None,
    })
}

fn people_body(operation: &str) -> Option<Value> {
    Some(match operation {
        "changeSignInPolicy" => json!({ "second_factor": "optional", "networks": [] }),
        "changeJoinRule" => json!({ "domains": ["lantern.example"], "role": "member" }),
        "createProvider" => json!({
            "label": "Google",
            "issuer": "https://accounts.google.com",
            "client_id": "1234.apps.googleusercontent.com",
            "client_secret": "as the provider shows it",
        }),
        "changeProvider" => json!({ "label": "Example ID", "asks_second_factor": true }),
        "changeWorkspace" => json!({ "currency": "EUR", "second_timer": "stops_running" }),
        "changeMe" => json!({ "zone": "Europe/Berlin", "clock_format": "24h" }),
        "changeMemberRole" => json!({ "role": "manager" }),
        "createRole" => {
            json!({ "name": "Example role", "rights": ["track_time", "read_all_reports"] })
        }
        "changeRole" => json!({ "rights": ["track_time", "read_projects", "read_all_reports"] }),
        "createInvitation" => json!({ "email": "noor@lantern.example", "role": "member" }),
        "createToken" => json!({ "name": "Weekly report", "scope": "read", "expires_in_days": 90 }),
        "createDeviceGrant" => json!({ "name": "tp on kitchen-laptop" }),
        "collectDeviceGrant" => json!({ "device_code": spare::DEVICE_CODE }),
        _ => return None,
    })
}

fn of(kind: Kind, number: u32) -> Uuid {
    id(kind, SEED, number)
}

fn today(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

fn back(day: Date, days: i64) -> Date {
    day.saturating_sub(days.days())
}

fn earlier(now: Timestamp, minutes: i64) -> Timestamp {
    let at = now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(now);
    domain::interval::truncate_to_second(at)
}
