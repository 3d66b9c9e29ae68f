//! A case for every operation: what it acts on, made afresh, and what it is sent.

use std::sync::atomic::{AtomicU64, Ordering};

use app::{
    Actor, Credential,
    actor::Scope,
    support::{AskSupport, Operator, State, end_support, list_support, refuse_support},
    workspace::Newcomer,
};
use domain::{
    ids::{MemberId, OperatorId, UserId, WorkspaceId},
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Locale},
    support::Areas,
    text::{EmailAddress, Name},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Api, Ask, Operation};

/// One request of an operation.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    /// The workspace in the path.
    pub(crate) workspace: Uuid,
    /// `id` in the path.
    pub(crate) id: Uuid,
    /// `member` in the path.
    pub(crate) member: Uuid,
    pub(crate) query: &'static str,
    pub(crate) body: Option<Value>,
}

impl Case {
    /// Sets a parameter of the path.
    pub(crate) fn set(&mut self, parameter: &str, value: Uuid) {
        *self.parameter(parameter) = value;
    }

    pub(crate) fn get(&self, parameter: &str) -> Uuid {
        *self.clone().parameter(parameter)
    }

    fn parameter(&mut self, name: &str) -> &mut Uuid {
        match name {
            "workspace" => &mut self.workspace,
            "id" => &mut self.id,
            "member" => &mut self.member,
            other => panic!("no parameter {other}"),
        }
    }

    /// The request, without a token.
    pub(crate) fn ask<'a>(&self, api: &'a Api, operation: &Operation) -> Ask<'a> {
        // The first leaf's hash, of every log.
        let path = operation.path.replace("{level}/{index}", "0/000.p/1");
        let mut path = path + self.query;
        for name in operation.path_ids() {
            path = path.replace(&format!("{{{name}}}"), &self.get(name).to_string());
        }
        let ask = Ask::new(&api.router, &operation.method, &path);
        match &self.body {
            Some(body) => ask.json(body),
            None => ask,
        }
    }
}

/// A number that no other case has.
pub(crate) fn number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A name that no other case has.
pub(crate) fn unique(text: &str) -> String {
    format!("{text} {}", number())
}

/// An id that nothing has.
pub(crate) fn fresh_id() -> Uuid {
    let random = u128::from(number()) | u128::from(testkit::seed().0) << 32;
    Uuid::from_u128(0x0193 << 112 | 7 << 76 | 2 << 62 | random & ((1 << 62) - 1))
}

/// Whose workspace a case is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// The world's, with everybody in it.
    Here,
    /// The stranger's.
    Elsewhere,
}

impl Where {
    /// Who owns it, and makes what a case acts on.
    pub(crate) fn owner(self) -> &'static str {
        match self {
            Self::Here => "owner",
            Self::Elsewhere => "stranger",
        }
    }

    /// Whose things the case acts on, where things are somebody's.
    fn subject(self) -> &'static str {
        match self {
            Self::Here => "member",
            Self::Elsewhere => "stranger",
        }
    }
}

/// A request of support that waits, the only one there.
async fn ask_support(api: &Api, workspace: WorkspaceId, owner: &str) -> Uuid {
    // Whatever the sign-in policy of the moment is.
    let (app, user) = (&api.world.app, api.world.people[owner].user);
    let owner = Actor::new(Credential::Approval(user), app.new_request());
    let decide = |op: &mut app::Op| {
        for support in list_support(op)? {
            match support.state(op.now()) {
                State::Asked => drop(refuse_support(op, support.id)?),
                State::Open(_) => end_support(op, support.id)?,
                _ => {}
            }
        }
        Ok(())
    };
    app.write(owner, workspace, decide).await.unwrap();
    let name = |text| Name::parse(text).unwrap();
    let operator = Operator { id: OperatorId::from_bytes([7; 16]), name: "Mara".to_owned() };
    let ask = AskSupport {
        operator,
        reason: name("A reason"),
        ticket: name("T-1"),
        areas: Areas::parse("all").unwrap(),
        minutes: 60,
        may_write: false,
        without_owner: false,
    };
    let asked = app.ask_support(app.new_request(), workspace, ask, "http://localhost").await;
    asked.unwrap().id.uuid()
}

/// A case of an operation; `who` is about to ask. What is somebody's is the member's, on a project
/// that the manager manages.
pub(crate) async fn case(api: &Api, place: Where, operation: &str, who: &str) -> Case {
    let workspace = match place {
        Where::Here => api.world.workspace,
        Where::Elsewhere => api.world.elsewhere,
    };
    let mut case = Case { workspace: workspace.uuid(), body: body(operation), ..Case::default() };
    let owner = place.owner();
    match operation {
        "createDeviceGrant"
        | "collectDeviceGrant"
        | "listWorkspaces"
        | "getWorkspace"
        | "changeWorkspace"
        | "getSignInPolicy"
        | "changeSignInPolicy"
        | "getJoinRule"
        | "listClients"
        | "createClient"
        | "listInvitations"
        | "createInvitation"
        | "getMe"
        | "leaveWorkspace"
        | "changeMe"
        | "listMembers"
        | "listProjects"
        | "createProject"
        | "createQuickEntry"
        | "readQuickEntry"
        | "listTags"
        | "createTag"
        | "listTasks"
        | "listTrash"
        | "listRecord"
        | "settingsHistory"
        | "listTimeEntries"
        | "createTimeEntry"
        | "listDeletedTimeEntries"
        | "getTimer"
        | "startTimer"
        | "listTeams"
        | "createTeam"
        | "listProviders"
        | "createProvider"
        | "listRoles"
        | "createRole"
        | "listTokens"
        | "createToken" => {}
        // No operation of the API: pages and the operator's commands alone know it.
        "support" => case.id = ask_support(api, workspace, owner).await,
        "summaryReport" | "summaryReportCsv" => case.query = "?first=2026-11-01&last=2026-11-30",
        "getLedgerCheckpoint" | "getLedgerTile" | "getLedgerReceipt" => {
            api.world.app.sequence_ledger(workspace, "localhost").await.unwrap();
            let record = api.ask(owner, "GET", "/record?limit=1").send().await.json();
            case.id = record["items"][0]["id"].as_str().unwrap().parse().unwrap();
        }
        "discardTimer" | "changeTimer" | "stopTimer" => {
            api.make(who, "/timer", json!({ "started_at": "2026-11-20T11:00:00Z" })).await;
        }
        "getClient" | "changeClient" | "clientHistory" => {
            case.id = api.client_with_project(place).await;
        }
        "deleteClient" | "restoreClient" => {
            case.id = api.make(owner, "/clients", json!({ "name": unique("Client") })).await;
        }
        "getProject" | "changeProject" | "deleteProject" | "restoreProject"
        | "listProjectMembers" | "projectHistory" => case.id = api.project(place).await,
        "putProjectMember" => {
            case.id = api.project(place).await;
            // Somebody whose role lets them manage it.
            case.member = api.world.member(owner).uuid();
        }
        "removeProjectMember" => {
            case.id = api.project(place).await;
            case.member = api.put_somebody_on(place, case.id).await;
        }
        "createTask" => {
            let project = api.project(place).await;
            case.body = Some(json!({ "project_id": project, "name": unique("Task") }));
        }
        "getTask" | "changeTask" | "deleteTask" | "restoreTask" | "taskHistory" => {
            let body = json!({ "project_id": api.project(place).await, "name": unique("Task") });
            case.id = api.make(owner, "/tasks", body).await;
        }
        "getTag" | "changeTag" | "deleteTag" | "restoreTag" | "tagHistory" => {
            case.id = api.make(owner, "/tags", json!({ "name": unique("tag") })).await;
        }
        "getTeam" | "changeTeam" | "deleteTeam" | "listTeamMembers" | "teamHistory" => {
            case.id = api.make(owner, "/teams", json!({ "name": unique("Team") })).await;
        }
        "putTeamMember" | "removeTeamMember" => {
            case.id = api.make(owner, "/teams", json!({ "name": unique("Team") })).await;
            case.member = api.world.member(owner).uuid();
            if operation == "removeTeamMember" {
                let path = format!("/teams/{}/members/{}", case.id, case.member);
                let put = api.ask(owner, "PUT", &path).json(&json!({ "manager": false }));
                assert_eq!(put.send().await.status, 200);
            }
        }
        "getRole" | "changeRole" | "deleteRole" | "roleHistory" => {
            case.id = api.make(owner, "/roles", body("createRole").unwrap()).await;
        }
        "changeJoinRule" => {
            let role = json!({ "name": unique("Role"), "rights": ["track_time"] });
            let role = api.make(owner, "/roles", role).await;
            case.body = Some(json!({ "role": "own", "role_id": role }));
        }
        "getProvider" | "changeProvider" | "deleteProvider" => {
            case.id = api.provider(owner).await;
        }
        "getTimeEntry" | "changeTimeEntry" | "deleteTimeEntry" | "restoreTimeEntry"
        | "duplicateTimeEntry" | "continueTimeEntry" | "splitTimeEntry" | "timeEntryHistory" => {
            let project = api.project(place).await;
            case.id = api.make(place.subject(), "/time-entries", hour_on(project)).await;
        }
        "getMember" | "changeMemberRole" | "memberHistory" => case.member_of(api, place),
        "removeMember" => case.id = api.newcomer(place).await,
        "getInvitation" | "revokeInvitation" => {
            let body = body("createInvitation").unwrap();
            case.id = api.make(owner, "/invitations", body).await;
        }
        "getToken" | "revokeToken" => {
            let body = body("createToken").unwrap();
            case.id = api.make(place.subject(), "/tokens", body).await;
            case.member = api.world.member(place.subject()).uuid();
        }
        other => panic!("{other} has no case: add one"),
    }
    if operation.starts_with("restore") {
        api.put_in_trash(place, operation, case.id).await;
    }
    case
}

impl Case {
    fn member_of(&mut self, api: &Api, place: Where) {
        let name = if place == Where::Here { "other" } else { "stranger" };
        self.id = api.world.member(name).uuid();
    }
}

/// An hour of the day before the test's.
pub(crate) fn hour_on(project: Uuid) -> Value {
    json!({
        "project_id": project,
        "note": "An hour",
        "started_at": "2026-11-19T09:00:00Z",
        "stopped_at": "2026-11-19T10:00:00Z",
    })
}

/// What an operation is sent, where that does not depend on what there is.
fn body(operation: &str) -> Option<Value> {
    Some(match operation {
        "createDeviceGrant" => json!({ "name": "tp on kitchen-laptop" }),
        "collectDeviceGrant" => json!({ "device_code": "0".repeat(43) }),
        "changeSignInPolicy" => json!({ "second_factor": "optional" }),
        "changeWorkspace" => json!({ "currency": "EUR" }),
        "createClient" => json!({ "name": unique("Client") }),
        "changeClient" | "changeProject" | "changeTask" | "changeTag" | "changeTeam"
        | "changeRole" => json!({ "name": unique("Changed") }),
        "createProject" => json!({ "name": unique("Project") }),
        "putProjectMember" | "putTeamMember" => json!({ "manager": true }),
        "createTeam" => json!({ "name": unique("Team") }),
        "createRole" => json!({ "name": unique("Role"), "rights": ["read_projects"] }),
        "createTag" => json!({ "name": unique("tag") }),
        "createProvider" => json!({
            "label": unique("ID"),
            "issuer": "https://id.example",
            "client_id": "timeproof",
            "client_secret": "a secret",
        }),
        "changeProvider" => json!({ "label": unique("ID") }),
        "createInvitation" => {
            json!({ "email": format!("n{}@example.com", number()), "role": "member" })
        }
        "changeMe" => json!({ "clock_format": "24h" }),
        "changeMemberRole" => json!({ "role": "member" }),
        "createQuickEntry" | "readQuickEntry" => json!({ "text": "15m stand-up" }),
        "createTimeEntry" => json!({ "day": "2026-11-19", "duration_s": 60 }),
        "changeTimeEntry" => json!({ "note": "Changed" }),
        "duplicateTimeEntry" | "continueTimeEntry" | "startTimer" | "stopTimer" => json!({}),
        "splitTimeEntry" => json!({ "after_s": 600 }),
        "changeTimer" => json!({ "started_at": "2026-11-20T11:30:00Z" }),
        "createToken" => json!({ "name": "A program", "scope": "read", "expires_in_days": 30 }),
        _ => return None,
    })
}

impl Api {
    /// A project of its own that everybody may book on and the manager manages.
    pub(crate) async fn project(&self, place: Where) -> Uuid {
        let body = json!({ "name": unique("Project") });
        let project = self.make(place.owner(), "/projects", body).await;
        if place == Where::Here {
            let manager = self.world.member("manager");
            self.put_on(place, project, manager.uuid(), true).await;
        }
        project
    }

    async fn client_with_project(&self, place: Where) -> Uuid {
        let owner = place.owner();
        let client = self.make(owner, "/clients", json!({ "name": unique("Client") })).await;
        let body = json!({ "name": unique("Project"), "client_id": client });
        self.make(owner, "/projects", body).await;
        client
    }

    async fn put_on(&self, place: Where, project: Uuid, member: Uuid, manager: bool) {
        let path = format!("/projects/{project}/members/{member}");
        let ask = self.ask(place.owner(), "PUT", &path).json(&json!({ "manager": manager }));
        let put = ask.send().await;
        assert_eq!(put.status, 200, "{}", put.text());
    }

    async fn put_somebody_on(&self, place: Where, project: Uuid) -> Uuid {
        let name = if place == Where::Here { "other" } else { "stranger" };
        let member = self.world.member(name).uuid();
        self.put_on(place, project, member, false).await;
        member
    }

    async fn put_in_trash(&self, place: Where, restore: &str, id: Uuid) {
        let collection = match restore {
            "restoreClient" => "clients",
            "restoreProject" => "projects",
            "restoreTask" => "tasks",
            "restoreTag" => "tags",
            "restoreTimeEntry" => "time-entries",
            other => panic!("{other} restores what?"),
        };
        let path = format!("/{collection}/{id}");
        let deleted = self.ask(place.owner(), "DELETE", &path).send().await;
        assert!(deleted.status.is_success(), "{path}: {}", deleted.text());
    }

    /// A provider of sign-ins: one that is there, since there are few.
    async fn provider(&self, owner: &str) -> Uuid {
        let found = self.ask(owner, "GET", "/providers").send().await.json();
        match found["items"].as_array().unwrap().first() {
            Some(provider) => provider["id"].as_str().unwrap().parse().unwrap(),
            None => self.make(owner, "/providers", body("createProvider").unwrap()).await,
        }
    }

    /// A member of their own.
    pub(crate) async fn newcomer(&self, place: Where) -> Uuid {
        self.newcomer_who(place, UserId::from_uuid(fresh_id())).await
    }

    /// A member who is somebody.
    pub(crate) async fn newcomer_who(&self, place: Where, user: UserId) -> Uuid {
        let member = MemberId::from_uuid(fresh_id());
        let workspace = match place {
            Where::Here => self.world.workspace,
            Where::Elsewhere => self.world.elsewhere,
        };
        let newcomer = Newcomer {
            user,
            member,
            name: Name::parse("A newcomer").unwrap(),
            address: EmailAddress::parse(&format!("new{}@example.com", number())).unwrap(),
            zone: app::input::zone("zone", "Europe/Berlin").unwrap(),
            week_start: WeekStart::Monday,
            locale: Locale::EnGb,
            clock_format: ClockFormat::H24,
        };
        let app = &self.world.app;
        app.admit(app.new_request(), workspace, newcomer, Role::Member).await.unwrap();
        member.uuid()
    }

    /// A token of the owner with less scope.
    pub(crate) async fn scoped_token(&self, scope: Scope) -> String {
        self.make_token("owner", scope, 30).await
    }
}
