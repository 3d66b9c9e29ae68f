//! Deleted clients, projects, tasks and tags: who sees them, how they come back, when they go.

use app::{
    Error, Op,
    audit::Kind,
    client::{add_client, delete_client, list_clients},
    identity::{insert_workspace, mark_workspace_ready},
    names::Tag,
    project::{delete_project, put_project_member},
    tag::{add_tag, delete_tag},
    task::delete_task,
    time_entry::{
        Booking, ChangeTimeEntry, change_time_entry, delete_time_entry, time_entry_history,
    },
    trash::{ThingId, list_trashed, restore},
};
use store::Statement;
use testkit::{World, both};

use crate::steps::{add_project, add_task, book, name, on, outcome, put_on, read, write};

/// What somebody finds in the trash, `kind name (of)`, the latest deleted first.
async fn trash(world: &World, who: &str) -> Vec<String> {
    let listed = read(world, who, list_trashed).await.unwrap();
    let words = |of: Option<String>| of.map(|of| format!(" ({of})")).unwrap_or_default();
    listed
        .into_iter()
        .map(|thing| format!("{} {}{}", thing.id.kind(), thing.name, words(thing.of)))
        .collect()
}

/// The jobs look into workspaces that the directory knows.
async fn known(world: &World) {
    let workspace = world.workspace;
    let insert = world.app.write_directory(world.app.new_request(), move |op| {
        insert_workspace(op, workspace)?;
        mark_workspace_ready(op, workspace)
    });
    insert.await.unwrap();
}

async fn make_tag(world: &World, text: &'static str) -> Tag {
    write(world, "admin", move |op| add_tag(op, None, &name(text), None))
        .await
        .unwrap()
        .into_inner()
}

async fn count(world: &World, what: &'static str) -> i64 {
    let statement = Statement::new("test.count", what);
    let database = world.app.store().workspace(world.workspace).await.unwrap();
    let counted = database.read(move |tx| tx.query(&statement, &[]));
    let rows: Result<Vec<store::Row>, store::StoreError> = counted.await;
    rows.unwrap()[0].get(0).unwrap()
}

/// A client with a project with a task, and a tag: all deleted, a second apart.
async fn deleted(world: &World) -> [ThingId; 4] {
    let client = crate::steps::add_client(world, "Northwind").await.id;
    let project = add_project(world, "Planning", Some(client)).await.id;
    put_on(world, project, "manager", true).await;
    let task = add_task(world, project, "Workshops").await.id;
    let kept = add_task(world, project, "Calls").await;
    let tag = make_tag(world, "late").await.id;
    write(world, "admin", move |op| delete_task(op, task, None)).await.unwrap();
    assert_eq!(trash(world, "manager").await, ["task Workshops (Northwind · Planning)"]);
    assert!(trash(world, "member").await.is_empty());
    world.set_clock("2026-11-20T12:00:01Z");
    write(world, "admin", move |op| delete_project(op, project, None)).await.unwrap();
    world.set_clock("2026-11-20T12:00:02Z");
    write(world, "admin", move |op| delete_tag(op, tag, None)).await.unwrap();
    world.set_clock("2026-11-20T12:00:03Z");
    write(world, "admin", move |op| delete_client(op, client, None)).await.unwrap();
    assert_eq!(kept.name, "Calls");
    [ThingId::Client(client), ThingId::Project(project), ThingId::Task(task), ThingId::Tag(tag)]
}

async fn put_back(world: &World, who: &str, id: ThingId) -> String {
    outcome(&write(world, who, move |op| restore(op, id)).await)
}

#[test]
fn who_may_delete_a_thing_finds_it_in_the_trash_and_takes_it_out_once() {
    both(async |world: World| {
        let [client, project, task, tag] = deleted(&world).await;
        // The task comes back with its project.
        let expected = ["client Northwind", "tag late", "project Planning (Northwind)"];
        assert_eq!(trash(&world, "admin").await, expected);
        for who in ["manager", "member", "other"] {
            assert!(trash(&world, who).await.is_empty(), "{who}");
            assert_eq!(put_back(&world, who, client).await, "forbidden");
            assert_eq!(put_back(&world, who, project).await, "forbidden");
            assert_eq!(put_back(&world, who, tag).await, "forbidden");
            assert_eq!(put_back(&world, who, task).await, "not found");
        }
        assert_eq!(put_back(&world, "admin", project).await, "client.deleted");
        for thing in [client, project, task, tag] {
            assert_eq!(put_back(&world, "admin", thing).await, "ok");
            assert_eq!(put_back(&world, "admin", thing).await, "not found", "once");
        }
        assert!(trash(&world, "admin").await.is_empty());
    });
}

#[test]
fn a_name_that_was_taken_meanwhile_keeps_a_thing_in_the_trash() {
    both(async |world: World| {
        let [client, ..] = deleted(&world).await;
        let ThingId::Client(id) = client else { panic!("{client:?}") };
        let taken = crate::steps::add_client(&world, "northwind").await.id;
        assert_eq!(put_back(&world, "admin", client).await, "name.taken");
        assert_eq!(trash(&world, "admin").await[0], "client Northwind");
        let free = move |op: &mut Op| delete_client(op, taken, None);
        write(&world, "admin", free).await.unwrap();
        assert_eq!(put_back(&world, "admin", client).await, "ok");
        let listed = read(&world, "admin", list_clients).await.unwrap();
        assert_eq!(listed.iter().map(|client| client.id).collect::<Vec<_>>(), [id]);
    });
}

#[test]
fn things_go_for_good_after_thirty_days_once() {
    both(async |world: World| {
        known(&world).await;
        let [client, project, task, tag] = deleted(&world).await;
        let kept = crate::steps::add_client(&world, "Kept").await.id;
        world.set_clock("2026-12-20T12:00:00Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 0);
        world.set_clock("2026-12-20T12:00:03Z");
        let purged = world.app.purge_all_trash().await.unwrap();
        assert_eq!(purged, 3, "not yet the client, which was deleted last");
        assert_eq!(trash(&world, "admin").await, ["client Northwind"]);
        world.set_clock("2026-12-20T12:00:04Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 1);
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 0, "once");
        for thing in [client, project, task, tag] {
            assert_eq!(put_back(&world, "admin", thing).await, "not found");
        }
        for (all, left) in [
            ("SELECT COUNT(*) FROM clients", 1),
            ("SELECT COUNT(*) FROM projects", 0),
            ("SELECT COUNT(*) FROM project_members", 0),
            ("SELECT COUNT(*) FROM tasks", 0),
            ("SELECT COUNT(*) FROM tags", 0),
        ] {
            assert_eq!(count(&world, all).await, left, "{all}");
        }
        let purged = "SELECT COUNT(*) FROM events WHERE kind IN
            ('client.purged', 'project.purged', 'task.purged', 'tag.purged')";
        // Both tasks, the one that went with its project too.
        assert_eq!(count(&world, purged).await, 5);
        // The name and the id are free again.
        let ThingId::Client(id) = client else { panic!("{client:?}") };
        let add = move |op: &mut Op| add_client(op, Some(id), &name("Northwind"), None);
        assert!(write(&world, "admin", add).await.is_ok());
        let listed = read(&world, "admin", list_clients).await.unwrap();
        assert!(listed.iter().any(|client| client.id == kept));
    });
}

/// What refers to a thing keeps it: the database would refuse to remove it, and is not asked to.
#[test]
fn what_time_refers_to_is_never_removed() {
    both(async |world: World| {
        known(&world).await;
        let project = add_project(&world, "Planning", None).await.id;
        let entry = book(&world, "member", on(project), 60).await.id;
        let refused = write(&world, "admin", move |op| delete_project(op, project, None)).await;
        assert_eq!(outcome(&refused), "still_in_use");
        // As a release with another rule could have left it.
        let database = world.app.store().workspace(world.workspace).await.unwrap();
        let spoil = Statement::new("test.spoil", "UPDATE projects SET deleted_at = 1");
        let spoiled = database.write(move |tx| tx.execute(&spoil, &[]));
        let spoiled: Result<u64, store::StoreError> = spoiled.await;
        assert_eq!(spoiled.unwrap(), 1);
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 0, "and it ends");
        assert_eq!(count(&world, "SELECT COUNT(*) FROM projects").await, 1);
        let delete = move |op: &mut Op| delete_time_entry(op, entry, None).map(drop);
        write(&world, "member", delete).await.unwrap();
        world.set_clock("2026-12-21T12:00:00Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 2, "the entry, then its project");
    });
}

/// An entry that was moved away before stays readable, its history too.
#[test]
fn the_history_says_what_was_deleted_for_good() {
    both(async |world: World| {
        known(&world).await;
        let project = add_project(&world, "Planning", None).await.id;
        let task = add_task(&world, project, "Calls").await.id;
        let tag = make_tag(&world, "late").await.id;
        let booking = Booking { project: Some(project), task: Some(task), tags: vec![tag] };
        let entry = book(&world, "member", booking, 60).await.id;
        let moved = ChangeTimeEntry {
            project: Some(None),
            task: Some(None),
            tags: Some(Vec::new()),
            ..ChangeTimeEntry::default()
        };
        let change = move |op: &mut Op| change_time_entry(op, entry, moved.clone()).map(drop);
        write(&world, "member", change).await.unwrap();
        let delete = move |op: &mut Op| -> Result<(), Error> {
            delete_tag(op, tag, None)?;
            delete_project(op, project, None)
        };
        write(&world, "admin", delete).await.unwrap();
        world.set_clock("2026-12-21T12:00:00Z");
        assert_eq!(world.app.purge_all_trash().await.unwrap(), 2);
        let events = read(&world, "member", move |op| time_entry_history(op, entry)).await.unwrap();
        let changed = events.iter().find(|event| event.kind == Kind::TimeEntryChanged).unwrap();
        let before = |field: &str| {
            let change = changed.changes.iter().find(|change| change.field == field).unwrap();
            change.before.as_ref().unwrap().to_string()
        };
        for field in ["project", "task", "tags"] {
            assert_eq!(before(field), "(deleted for good)", "{field}");
        }
    });
}

/// A project that goes while somebody is put on it: one of them is first.
#[test]
fn a_project_in_the_trash_takes_nobody_on() {
    both(async |world: World| {
        known(&world).await;
        let [_, project, ..] = deleted(&world).await;
        let ThingId::Project(id) = project else { panic!("{project:?}") };
        let member = world.member("member");
        let put = move |op: &mut Op| put_project_member(op, id, member, false).map(drop);
        world.set_clock("2026-12-21T12:00:00Z");
        let (put, purged) = tokio::join!(write(&world, "admin", put), world.app.purge_all_trash());
        assert_eq!(outcome(&put), "not found");
        assert_eq!(purged.unwrap(), 4);
    });
}
