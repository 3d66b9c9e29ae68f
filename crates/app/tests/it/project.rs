//! Projects, their members, their tasks.

use app::{
    ChangeNamed,
    member::change_role,
    project::{
        AddProject, ChangeProject, ProjectMember, add_project, change_project, delete_project,
        get_project, list_project_members, list_projects, put_project_member,
        remove_project_member, restore_project,
    },
    role::{AddRole, add_role},
    tag::{add_tag, change_tag, delete_tag, restore_tag},
    task::{add_task, change_task, delete_task, get_task, list_tasks, restore_task},
    time_entry::{Booking, delete_time_entry, restore_time_entry},
};
use domain::{
    ids::{ClientId, MemberId, ProjectId},
    permission::{Assignment, Grant, Grants, Role},
    preference::Hue,
};
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{self, add_closed_project, book, name, new_project, on, outcome, put_on, read, write},
};

#[test]
fn a_name_is_unique_within_its_client() {
    both(async |world: World| {
        let north = steps::add_client(&world, "North").await.id;
        let south = steps::add_client(&world, "South").await.id;
        let first = steps::add_project(&world, "Planning", Some(north)).await;
        steps::add_project(&world, "Planning", Some(south)).await;
        let free = steps::add_project(&world, "Planning", None).await;
        assert_eq!((first.hue, free.hue, first.is_billable, first.is_open), (1, 3, true, true));
        let add = async |client: Option<ClientId>| {
            let command = AddProject { client, ..new_project("planning") };
            write(&world, "admin", move |op| add_project(op, command.clone())).await
        };
        assert_eq!(outcome(&add(Some(north)).await), "name.taken");
        assert_eq!(outcome(&add(None).await), "name.taken");
        let move_to = async |client: Option<ClientId>, text: &'static str| {
            let change = ChangeProject {
                client: Some(client),
                name: Some(name(text)),
                ..ChangeProject::default()
            };
            write(&world, "admin", move |op| change_project(op, first.id, change.clone())).await
        };
        assert_eq!(outcome(&move_to(Some(south), "Planning").await), "name.taken");
        assert_eq!(outcome(&move_to(None, "Planning").await), "name.taken");
        let moved = move_to(Some(south), "Planning two").await.unwrap();
        assert_eq!((moved.client, moved.version), (Some(south), 2));
        // What it left is free again.
        assert_eq!(outcome(&add(Some(north)).await), "ok");
        assert_eq!(outcome(&move_to(None, "Planning two").await), "ok");
    });
}

#[test]
fn a_project_changes_field_by_field() {
    both(async |world: World| {
        let project = steps::add_project(&world, "Planning", None).await.id;
        let change = ChangeProject {
            hue: Some(Hue::new(7).unwrap()),
            billable: Some(false),
            open: Some(false),
            archived: Some(true),
            expected_version: Some(1),
            ..ChangeProject::default()
        };
        let again = change.clone();
        let changed = write(&world, "admin", move |op| change_project(op, project, change.clone()));
        let changed = changed.await.unwrap();
        assert_eq!((changed.hue, changed.is_billable, changed.is_open), (7, false, false));
        assert_eq!((changed.name.as_str(), changed.version), ("Planning", 2));
        assert!(changed.archived_at.is_some());
        let stale = write(&world, "admin", move |op| change_project(op, project, again.clone()));
        assert_eq!(outcome(&stale.await), "stale");
        let nowhere = ChangeProject {
            client: Some(Some(ClientId::from_bytes([7; 16]))),
            ..ChangeProject::default()
        };
        let unknown =
            write(&world, "admin", move |op| change_project(op, project, nowhere.clone()));
        assert_eq!(outcome(&unknown.await), "invalid client_id");
    });
}

#[test]
fn a_project_with_time_stays_also_when_the_time_is_in_the_trash() {
    both(async |world: World| {
        let project = steps::add_project(&world, "Planning", None).await.id;
        let delete =
            async || write(&world, "admin", move |op| delete_project(op, project, None)).await;
        let entry = book(&world, "member", on(project), 60).await.id;
        assert_eq!(outcome(&delete().await), "still_in_use");
        write(&world, "member", move |op| delete_time_entry(op, entry, None)).await.unwrap();
        assert_eq!(outcome(&delete().await), "still_in_use");
        write(&world, "member", move |op| restore_time_entry(op, entry)).await.unwrap();
        let empty = steps::add_project(&world, "Empty", None).await.id;
        write(&world, "admin", move |op| delete_project(op, empty, None)).await.unwrap();
        let twice = write(&world, "admin", move |op| delete_project(op, empty, None)).await;
        assert_eq!(outcome(&twice), "not found");
        assert_eq!(read(&world, "admin", list_projects).await.unwrap().len(), 1);
        let back = write(&world, "admin", move |op| restore_project(op, empty)).await.unwrap();
        assert_eq!(back.name, "Empty");
        let twice = write(&world, "admin", move |op| restore_project(op, empty)).await;
        assert_eq!(outcome(&twice), "not found");
    });
}

#[test]
fn who_sees_and_changes_a_project() {
    both(async |world: World| {
        let project = add_closed_project(&world, "Planning", None).await.id;
        let get = async |who| read(&world, who, move |op| get_project(op, project)).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: not found, member: not found, stranger: not found",
            get
        );
        put_on(&world, project, "manager", true).await;
        put_on(&world, project, "member", false).await;
        assert_roles!("owner: ok, admin: ok, manager: ok, member: ok, stranger: not found", get);
        let change = async |who| {
            write(&world, who, move |op| change_project(op, project, ChangeProject::default()))
                .await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            change
        );
        let add = async |who: &'static str| {
            write(&world, who, move |op| add_project(op, new_project(who))).await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            add
        );
        let members =
            async |who| read(&world, who, move |op| list_project_members(op, project)).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: ok, member: forbidden, stranger: not found",
            members
        );
        let tasks = async |who: &'static str| {
            write(&world, who, move |op| add_task(op, None, project, &name(who), None)).await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: ok, member: forbidden, stranger: not found",
            tasks
        );
    });
}

#[test]
fn members_of_a_project() {
    both(async |world: World| {
        let project = add_closed_project(&world, "Planning", None).await.id;
        let foreign = add_closed_project(&world, "Foreign", None).await.id;
        let open = steps::add_project(&world, "Open", None).await.id;
        put_on(&world, project, "manager", true).await;
        let put = async |who: &'static str, project: ProjectId, member: MemberId, flag: bool| {
            let put = write(&world, who, move |op| put_project_member(op, project, member, flag));
            outcome(&put.await)
        };
        let (manager, member) = (world.member("manager"), world.member("member"));
        // A manager puts people on what they manage, and nobody, themselves least, elsewhere.
        assert_eq!(put("manager", project, member, false).await, "ok");
        assert_eq!(put("manager", project, member, false).await, "ok");
        assert_eq!(put("manager", project, member, true).await, "invalid manager", "not the role");
        assert_eq!(put("manager", foreign, manager, true).await, "not found");
        assert_eq!(put("manager", open, manager, true).await, "forbidden");
        // Who is a plain member again manages nothing any more.
        let roles = async |role| {
            let changed =
                write(&world, "owner", move |op| app::member::change_role(op, member, role, None));
            changed.await.unwrap();
        };
        roles(Role::Manager).await;
        assert_eq!(put("manager", project, member, true).await, "ok");
        roles(Role::Member).await;
        assert_eq!(put("manager", project, member, true).await, "invalid manager");
        let other = world.member("other");
        assert_eq!(put("member", project, other, false).await, "forbidden");
        assert_eq!(put("member", project, member, false).await, "forbidden");
        let stranger = world.member("stranger");
        assert_eq!(put("admin", project, stranger, false).await, "not found");
        let listed = read(&world, "manager", move |op| list_project_members(op, project));
        let place = |member, is_manager| ProjectMember { member, is_manager };
        assert_eq!(listed.await.unwrap(), [place(manager, true), place(member, false)]);
        let remove = async || {
            let gone =
                write(&world, "manager", move |op| remove_project_member(op, project, member));
            outcome(&gone.await)
        };
        assert_eq!(remove().await, "ok");
        assert_eq!(remove().await, "not found");
        let gone = read(&world, "member", move |op| get_project(op, project)).await;
        assert_eq!(outcome(&gone), "not found");
    });
}

#[test]
fn tasks_live_and_die_with_their_project() {
    both(async |world: World| {
        let project = steps::add_project(&world, "Planning", None).await.id;
        let other = steps::add_project(&world, "Other", None).await.id;
        let task = steps::add_task(&world, project, "Review").await;
        steps::add_task(&world, other, "Review").await;
        let again =
            write(&world, "admin", move |op| add_task(op, None, project, &name("review"), None));
        assert_eq!(outcome(&again.await), "name.taken");
        let unknown = ProjectId::from_bytes([9; 16]);
        let nowhere =
            write(&world, "admin", move |op| add_task(op, None, unknown, &name("x"), None));
        assert_eq!(outcome(&nowhere.await), "invalid project_id");
        let id = task.id;
        let rename = ChangeNamed { name: Some(name("Read")), ..ChangeNamed::default() };
        let renamed = write(&world, "admin", move |op| change_task(op, id, rename.clone())).await;
        assert_eq!(renamed.unwrap().version, 2);
        let listed = read(&world, "member", move |op| list_tasks(op, Some(project))).await.unwrap();
        assert_eq!(listed.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["Read"]);
        assert_eq!(read(&world, "member", |op| list_tasks(op, None)).await.unwrap().len(), 2);
        let booking = Booking { project: Some(project), task: Some(id), tags: vec![] };
        book(&world, "member", booking, 60).await;
        let used = write(&world, "admin", move |op| delete_task(op, id, None)).await;
        assert_eq!(outcome(&used), "still_in_use");
        let free = steps::add_task(&world, project, "Write").await.id;
        write(&world, "admin", move |op| delete_task(op, free, Some(1))).await.unwrap();
        let gone = read(&world, "admin", move |op| get_task(op, free)).await;
        assert_eq!(outcome(&gone), "not found");
        let twice = write(&world, "admin", move |op| delete_task(op, free, None)).await;
        assert_eq!(outcome(&twice), "not found");
        let restore = async |who| write(&world, who, move |op| restore_task(op, free)).await;
        assert_eq!(outcome(&restore("member").await), "forbidden");
        assert_eq!(restore("admin").await.unwrap().name, "Write");
        assert_eq!(outcome(&restore("admin").await), "not found");
        // Out of sight with its project.
        let hide = ChangeProject { open: Some(false), ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, project, hide.clone())).await.unwrap();
        let hidden = read(&world, "member", move |op| get_task(op, id)).await;
        assert_eq!(outcome(&hidden), "not found");
        assert_eq!(read(&world, "member", |op| list_tasks(op, None)).await.unwrap().len(), 1);
    });
}

#[test]
fn tags_come_from_members_and_are_kept_by_admins() {
    both(async |world: World| {
        let tag = write(&world, "member", |op| add_tag(op, None, &name("meeting"), None)).await;
        let tag = tag.unwrap().into_inner().id;
        let again = write(&world, "other", |op| add_tag(op, None, &name("Meeting"), None)).await;
        assert_eq!(outcome(&again), "name.taken");
        let change = async |who| {
            let change = ChangeNamed { archived: Some(true), ..ChangeNamed::default() };
            write(&world, who, move |op| change_tag(op, tag, change.clone())).await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            change
        );
        let unarchive = ChangeNamed { archived: Some(false), ..ChangeNamed::default() };
        write(&world, "admin", move |op| change_tag(op, tag, unarchive.clone())).await.unwrap();
        let booking = Booking { tags: vec![tag], ..Booking::default() };
        book(&world, "member", booking, 60).await;
        let used = write(&world, "admin", move |op| delete_tag(op, tag, None)).await;
        assert_eq!(outcome(&used), "still_in_use");
        let free = write(&world, "member", |op| add_tag(op, None, &name("free"), None)).await;
        let free = free.unwrap().into_inner().id;
        write(&world, "admin", move |op| delete_tag(op, free, None)).await.unwrap();
        let twice = write(&world, "admin", move |op| delete_tag(op, free, None)).await;
        assert_eq!(outcome(&twice), "not found");
        write(&world, "admin", move |op| restore_tag(op, free)).await.unwrap();
        let twice = write(&world, "admin", move |op| restore_tag(op, free)).await;
        assert_eq!(outcome(&twice), "not found");
    });
}

/// Whoever runs projects without seeing the time on them makes no managers, and takes none away.
#[test]
fn nobody_takes_from_managers_of_projects_what_they_lack() {
    both(async |world: World| {
        let grants = Grants::of([Grant::RunAllProjects]);
        let new = AddRole { id: None, name: name("Runs"), grants, body: None };
        let role = write(&world, "owner", move |op| add_role(op, new.clone())).await.unwrap();
        let (role, other) = (Assignment::own(role.into_inner().id), world.member("other"));
        write(&world, "owner", move |op| change_role(op, other, role, None)).await.unwrap();
        let project = steps::add_project(&world, "Planning", None).await.id;
        let manager = world.member("manager");
        let put = async |who: &str, is_manager| {
            let put =
                write(&world, who, move |op| put_project_member(op, project, manager, is_manager));
            outcome(&put.await)
        };
        let remove = async |who: &str| {
            outcome(
                &write(&world, who, move |op| remove_project_member(op, project, manager)).await,
            )
        };
        assert_eq!([put("other", false).await, remove("other").await], ["ok", "ok"]);
        assert_eq!(put("other", true).await, "forbidden");
        assert_eq!(put("admin", true).await, "ok");
        assert_eq!([put("other", false).await, remove("other").await], ["forbidden", "forbidden"]);
        // One manager and another are equals, and everybody may step down.
        assert_eq!(put("manager", false).await, "ok");
        assert_eq!(remove("other").await, "ok");
    });
}
