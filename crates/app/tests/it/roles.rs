//! What the roles may, guests of a client, and roles of a workspace's own.

use app::{
    Actor, Credential,
    actor::Scope,
    client::{change_client, delete_client, list_clients},
    export::begin_export,
    member::{change_role, get_me, get_member, list_members, remove_member_here},
    project::{get_project, list_projects, put_project_member},
    report::{GroupBy, SummaryQuery, summary_file, summary_report},
    role::{AddRole, ChangeRole, add_role, change_own_role, delete_role, get_role, list_roles},
    tag::{add_tag, list_tags},
    time_entry::{
        ChangeTimeEntry, Filter, change_time_entry, delete_time_entry, get_time_entry,
        list_time_entries, time_entry_history,
    },
    timer::{StartTimer, start_timer},
    token::{CreateToken, create_token, parse_token},
    workspace::get_workspace,
};
use domain::{
    ids::{ClientId, RoleId},
    period::Period,
    permission::{Assignment, Grant, Grants, Role},
    text::Note,
};
use testkit::{World, both};

use crate::steps::{
    add_client, add_closed_project, add_project, book, name, on, outcome, read, write,
};

/// Gives somebody a role, as the owner.
async fn give(world: &World, who: &str, role: impl Into<Assignment>) {
    let (member, role) = (world.member(who), role.into());
    write(world, "owner", move |op| change_role(op, member, role, None)).await.unwrap();
}

fn month() -> SummaryQuery {
    SummaryQuery {
        period: Period::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap(),
        group_by: GroupBy::MemberProject,
        member: None,
        project: None,
    }
}

fn by_client() -> SummaryQuery {
    SummaryQuery { group_by: GroupBy::ClientProject, ..month() }
}

fn everybodys() -> Filter {
    Filter { limit: 50, ..Filter::default() }
}

fn a_timer() -> StartTimer {
    StartTimer {
        id: None,
        booking: app::time_entry::Booking::default(),
        note: Note::parse("").unwrap(),
        billable: None,
        started_at: None,
        body: None,
    }
}

async fn seconds(world: &World, who: &str, query: SummaryQuery) -> String {
    let report = read(world, who, move |op| summary_report(op, query)).await;
    report.map_or_else(|error| outcome::<()>(&Err(error)), |report| report.total_s.to_string())
}

async fn own_role(world: &World, text: &str, grants: &[Grant]) -> RoleId {
    let new = AddRole {
        id: None,
        name: name(text),
        grants: Grants::of(grants.iter().copied()),
        body: None,
    };
    let added = write(world, "owner", move |op| add_role(op, new.clone())).await;
    added.unwrap().into_inner().id
}

#[test]
fn what_each_role_sees_and_changes() {
    both(async |world: World| {
        let client = add_client(&world, "Northwind").await.id;
        let project = add_project(&world, "Planning", Some(client)).await.id;
        let entry = book(&world, "member", on(project), 60).await.id;
        for (role, expected) in [
            (
                Assignment::guest(client),
                "time 0, entry not found, history not found, change not found, report 60, \
                 projects 1, members forbidden, tags forbidden, settings forbidden, \
                 timer forbidden, tag forbidden, export forbidden, file ok",
            ),
            (
                Role::Auditor.into(),
                "time 1, entry ok, history ok, change forbidden, report 60, projects 2, \
                 members ok, tags ok, settings ok, timer forbidden, tag forbidden, \
                 export forbidden, file ok",
            ),
            (
                Role::Accountant.into(),
                "time 1, entry ok, history ok, change forbidden, report 60, projects 2, \
                 members ok, tags ok, settings ok, timer ok, tag ok, export forbidden, file ok",
            ),
        ] {
            give(&world, "other", role).await;
            if role.role == Role::Client {
                add_closed_project(&world, "Hidden", None).await;
            }
            let who = "other";
            let time = read(&world, who, |op| list_time_entries(op, everybodys())).await;
            let time = time.map_or(0, |listed| listed.entries.len());
            let seen = read(&world, who, move |op| get_time_entry(op, entry)).await;
            let history = read(&world, who, move |op| time_entry_history(op, entry)).await;
            let note = Some(Note::parse("Changed").unwrap());
            let change = ChangeTimeEntry { note, ..ChangeTimeEntry::default() };
            let changed =
                write(&world, who, move |op| change_time_entry(op, entry, change.clone())).await;
            let projects = read(&world, who, list_projects).await.unwrap().len();
            let tag = format!("tag of {}", role.role);
            let tag = write(&world, who, move |op| add_tag(op, None, &name(&tag), None)).await;
            let answers = [
                format!("time {time}"),
                format!("entry {}", outcome(&seen)),
                format!("history {}", outcome(&history)),
                format!("change {}", outcome(&changed)),
                format!("report {}", seconds(&world, who, by_client()).await),
                format!("projects {projects}"),
                format!("members {}", outcome(&read(&world, who, list_members).await)),
                format!("tags {}", outcome(&read(&world, who, list_tags).await)),
                format!("settings {}", outcome(&read(&world, who, get_workspace).await)),
                format!(
                    "timer {}",
                    outcome(&write(&world, who, |op| start_timer(op, a_timer())).await)
                ),
                format!("tag {}", outcome(&tag)),
                format!("export {}", outcome(&write(&world, who, begin_export).await)),
                format!(
                    "file {}",
                    outcome(&read(&world, who, |op| summary_file(op, by_client())).await)
                ),
            ];
            assert_eq!(answers.join(", "), expected, "{}", role.role);
            // What everybody has.
            assert_eq!(outcome(&read(&world, who, get_me).await), "ok");
        }
        let deleted = write(&world, "other", move |op| delete_time_entry(op, entry, None)).await;
        assert_eq!(outcome(&deleted), "forbidden", "an accountant deletes no time of others");
    });
}

#[test]
fn a_guest_sees_the_reports_of_their_clients_projects_and_no_other() {
    both(async |world: World| {
        let (mine, theirs) =
            (add_client(&world, "Mine").await.id, add_client(&world, "Theirs").await.id);
        // Closed or open: whose it is counts alone.
        let closed = add_closed_project(&world, "Closed", Some(mine)).await.id;
        let open = add_project(&world, "Open", Some(mine)).await.id;
        let foreign = add_project(&world, "Foreign", Some(theirs)).await.id;
        let nobodys = add_project(&world, "Internal", None).await.id;
        for (project, seconds) in [(closed, 1), (open, 10), (foreign, 100), (nobodys, 1000)] {
            book(&world, "admin", on(project), seconds).await;
        }
        book(&world, "other", on(foreign), 10_000).await;
        give(&world, "other", Assignment::guest(mine)).await;

        assert_eq!(seconds(&world, "other", month()).await, "forbidden", "not who works on them");
        let month = || SummaryQuery { group_by: GroupBy::ClientProject, ..month() };
        assert_eq!(seconds(&world, "other", month()).await, "11", "not their own time either");
        for (project, expected) in
            [(closed, "1"), (open, "10"), (foreign, "not found"), (nobodys, "not found")]
        {
            let query = SummaryQuery { project: Some(project), ..month() };
            assert_eq!(seconds(&world, "other", query).await, expected);
        }
        for (who, project) in [("admin", None), ("other", None), ("admin", Some(open))] {
            let query = SummaryQuery { member: Some(world.member(who)), project, ..month() };
            assert_eq!(seconds(&world, "other", query).await, "forbidden", "{who}");
        }
        let clients = read(&world, "other", list_clients).await.unwrap();
        assert_eq!(clients.iter().map(|client| client.id).collect::<Vec<_>>(), [mine]);
        for (project, expected) in [(closed, "ok"), (foreign, "not found")] {
            let found = read(&world, "other", move |op| get_project(op, project)).await;
            assert_eq!(outcome(&found), expected);
        }
        let admin = world.member("admin");
        let found = read(&world, "other", move |op| get_member(op, admin)).await;
        assert_eq!(outcome(&found), "not found");
        // A project goes to another client, and out of sight with it.
        let moved = app::project::ChangeProject {
            client: Some(Some(theirs)),
            ..app::project::ChangeProject::default()
        };
        write(&world, "admin", move |op| app::project::change_project(op, open, moved.clone()))
            .await
            .unwrap();
        assert_eq!(seconds(&world, "other", month()).await, "1");
        // A client with a guest stays.
        let empty = add_client(&world, "Empty").await.id;
        give(&world, "other", Assignment::guest(empty)).await;
        assert_eq!(seconds(&world, "other", month()).await, "0");
        let deleted = write(&world, "admin", move |op| delete_client(op, empty, None)).await;
        assert_eq!(outcome(&deleted), "still_in_use");
        let archived = app::ChangeNamed { archived: Some(true), ..app::ChangeNamed::default() };
        let archived =
            write(&world, "admin", move |op| change_client(op, empty, archived.clone())).await;
        assert_eq!(outcome(&archived), "ok");
    });
}

#[test]
fn a_role_needs_what_it_names() {
    both(async |world: World| {
        let gone = add_client(&world, "Gone").await.id;
        write(&world, "admin", move |op| delete_client(op, gone, None)).await.unwrap();
        let (client, role) = (ClientId::from_bytes([7; 16]), RoleId::from_bytes([8; 16]));
        let other = world.member("other");
        for (role, expected) in [
            (Assignment::guest(client), "invalid client_id"),
            (Assignment::guest(gone), "invalid client_id"),
            (Role::Client.into(), "invalid client_id"),
            (Assignment::own(role), "invalid role_id"),
            (Role::Own.into(), "invalid role_id"),
            (Assignment { own: Some(role), ..Role::Member.into() }, "invalid role_id"),
        ] {
            let changed =
                write(&world, "owner", move |op| change_role(op, other, role, None)).await;
            assert_eq!(outcome(&changed), expected, "{role:?}");
        }
    });
}

#[test]
fn a_changed_role_is_in_force_for_sessions_and_tokens_at_once() {
    both(async |world: World| {
        let token = CreateToken {
            id: None,
            name: name("A program"),
            scope: Scope::Full,
            expires_in_days: 30,
            networks: Vec::new(),
            body: None,
        };
        let made = write(&world, "other", move |op| create_token(op, token.clone())).await.unwrap();
        let (_, hash) = parse_token(made.secret.expose()).unwrap();
        let program = Actor::new(Credential::Token(hash), world.app.new_request());
        let list = async || {
            let by_program = world.app.read(program, world.workspace, list_members).await;
            let by_session = read(&world, "other", list_members).await;
            [outcome(&by_program), outcome(&by_session)]
        };
        for (role, expected) in [
            (Role::Admin, "ok"),
            (Role::Member, "forbidden"),
            (Role::Auditor, "ok"),
            (Role::Member, "forbidden"),
            (Role::Accountant, "ok"),
            (Role::Member, "forbidden"),
            (Role::Manager, "ok"),
        ] {
            give(&world, "other", role).await;
            assert_eq!(list().await, [expected, expected], "{role}");
        }
        // So is what a role of the workspace's own is built of.
        let role = own_role(&world, "Reader", &[Grant::ReadMembers]).await;
        give(&world, "other", Assignment::own(role)).await;
        assert_eq!(list().await, ["ok", "ok"]);
        let change = ChangeRole { grants: Some(Grants::default()), ..ChangeRole::default() };
        write(&world, "owner", move |op| change_own_role(op, role, change.clone())).await.unwrap();
        assert_eq!(list().await, ["forbidden", "forbidden"]);
        let change =
            ChangeRole { grants: Some(Grants::of([Grant::ReadMembers])), ..ChangeRole::default() };
        write(&world, "owner", move |op| change_own_role(op, role, change.clone())).await.unwrap();
        assert_eq!(list().await, ["ok", "ok"], "also what is given again");
        // Who is removed is nobody here, with whatever.
        let other = world.member("other");
        let removed =
            write(&world, "owner", move |op| app::member::remove_member_here(op, other).map(drop));
        removed.await.unwrap();
        assert_eq!(list().await, ["signed out", "not found"]);
    });
}

#[test]
fn nobody_gives_or_takes_away_what_they_lack() {
    both(async |world: World| {
        let people =
            [Grant::ReadMembers, Grant::ChangeRoles, Grant::ManageRoles, Grant::InviteMembers];
        let boss = own_role(&world, "People", &people).await;
        let timed = own_role(&world, "Timekeeper", &[Grant::ReadAllTime]).await;
        let less = own_role(&world, "Less", &[Grant::ReadMembers]).await;
        give(&world, "manager", Assignment::own(boss)).await;
        let change = async |of: &str, role: Assignment| {
            let member = world.member(of);
            outcome(&write(&world, "manager", move |op| change_role(op, member, role, None)).await)
        };
        // They have no time to give, and members have some.
        assert_eq!(change("other", Role::Member.into()).await, "forbidden");
        assert_eq!(change("other", Assignment::own(less)).await, "forbidden");
        give(&world, "other", Assignment::own(less)).await;
        assert_eq!(change("other", Assignment::own(timed)).await, "forbidden");
        assert_eq!(change("other", Role::Admin.into()).await, "forbidden");
        assert_eq!(change("other", Assignment::own(boss)).await, "ok");
        assert_eq!(change("other", Assignment::own(less)).await, "ok");
        assert_eq!(change("manager", Role::Admin.into()).await, "forbidden");
        // Nor do they build a role of it, their own the least.
        let build = async |grants: &[Grant]| {
            let grants = Grants::of(grants.iter().copied());
            let new = AddRole { id: None, name: name("Built"), grants, body: None };
            outcome(&write(&world, "manager", move |op| add_role(op, new.clone())).await)
        };
        assert_eq!(build(&[Grant::EditAllTime]).await, "forbidden");
        assert_eq!(build(&[Grant::ReadMembers]).await, "ok");
        let more = |grants: &[Grant]| ChangeRole {
            grants: Some(Grants::of(grants.iter().copied())),
            ..ChangeRole::default()
        };
        for (role, grants, expected) in [
            (boss, &[Grant::ManageRoles, Grant::ManageSignIn][..], "forbidden"),
            (timed, &[], "forbidden"),
            (less, &[Grant::InviteMembers], "ok"),
            (boss, &people, "ok"),
        ] {
            let change = more(grants);
            let changed =
                write(&world, "manager", move |op| change_own_role(op, role, change.clone())).await;
            assert_eq!(outcome(&changed), expected, "{grants:?}");
        }
        // Who lacks what an owner or admin has removes neither.
        let remover = own_role(&world, "Remover", &[Grant::RemoveMembers]).await;
        give(&world, "manager", Assignment::own(remover)).await;
        for (of, expected) in
            [("owner", "forbidden"), ("admin", "forbidden"), ("member", "forbidden")]
        {
            let member = world.member(of);
            let removed = write(&world, "manager", move |op| remove_member_here(op, member)).await;
            assert_eq!(outcome(&removed), expected, "{of}");
        }
    });
}

#[test]
fn who_runs_projects_makes_nobody_see_time_that_they_do_not_see() {
    both(async |world: World| {
        let project = add_project(&world, "Planning", None).await.id;
        let runs = [Grant::RunAllProjects, Grant::ReadManagedTime, Grant::EditManagedTime];
        let role = own_role(&world, "Runner", &runs).await;
        give(&world, "other", Assignment::own(role)).await;
        let (me, manager) = (world.member("other"), world.member("manager"));
        let put = async |who: &'static str, member, is_manager| {
            let put =
                write(&world, who, move |op| put_project_member(op, project, member, is_manager));
            outcome(&put.await)
        };
        assert_eq!(put("other", me, true).await, "forbidden", "themselves");
        assert_eq!(put("other", manager, true).await, "forbidden", "somebody else");
        assert_eq!(put("other", manager, false).await, "ok");
        assert_eq!(put("admin", manager, true).await, "ok");
        assert_eq!(put("admin", me, true).await, "ok");
        assert_eq!(put("other", me, true).await, "ok", "as it is");
        assert_eq!(put("manager", world.member("admin"), true).await, "ok", "who manages it");
    });
}

#[test]
fn roles_are_made_changed_and_deleted() {
    both(async |world: World| {
        let role = own_role(&world, "Bookkeeper", &[Grant::ReadAllReports]).await;
        for (who, expected) in
            [("admin", "name.taken"), ("manager", "forbidden"), ("stranger", "not found")]
        {
            let new = AddRole {
                id: None,
                name: name("BOOKKEEPER"),
                grants: Grants::default(),
                body: None,
            };
            let added = write(&world, who, move |op| add_role(op, new.clone())).await;
            assert_eq!(outcome(&added), expected, "{who}");
        }
        give(&world, "other", Assignment::own(role)).await;
        let project = add_project(&world, "Planning", None).await.id;
        book(&world, "member", on(project), 60).await;
        assert_eq!(seconds(&world, "other", month()).await, "60");
        let me = read(&world, "other", get_me).await.unwrap();
        assert_eq!(me.role, Assignment::own(role));
        let listed = read(&world, "owner", list_members).await.unwrap();
        let other = listed.iter().find(|member| member.id == me.id).unwrap();
        assert_eq!(other.role_name, "Bookkeeper");

        let rename = ChangeRole { name: Some(name("Books")), ..ChangeRole::default() };
        let renamed =
            write(&world, "admin", move |op| change_own_role(op, role, rename.clone())).await;
        let renamed = renamed.unwrap();
        assert_eq!((renamed.name.as_str(), renamed.version), ("Books", 2));
        assert_eq!(renamed.grants, Grants::of([Grant::ReadAllReports]));
        let stale = ChangeRole { expected_version: Some(1), ..ChangeRole::default() };
        let stale =
            write(&world, "admin", move |op| change_own_role(op, role, stale.clone())).await;
        assert_eq!(outcome(&stale), "stale");

        let delete =
            async || outcome(&write(&world, "admin", move |op| delete_role(op, role, None)).await);
        assert_eq!(delete().await, "role.in_use");
        give(&world, "other", Role::Member).await;
        assert_eq!(delete().await, "ok");
        assert_eq!(delete().await, "not found");
        assert_eq!(
            outcome(&read(&world, "admin", move |op| get_role(op, role)).await),
            "not found"
        );
        assert!(read(&world, "member", list_roles).await.unwrap().is_empty());
        // Its name is free again.
        own_role(&world, "Books", &[]).await;
    });
}
