//! Clients.

use app::{
    ChangeNamed,
    client::{add_client, change_client, delete_client, get_client, list_clients, restore_client},
    project::{ChangeProject, change_project, delete_project, restore_project},
    time_entry::Added,
};
use domain::ids::ClientId;
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{self, add_closed_project, add_project, name, outcome, put_on, read, write},
};

#[test]
fn a_name_is_taken_once_in_any_spelling() {
    both(async |world: World| {
        let client = steps::add_client(&world, "Northwind").await;
        assert_eq!((client.name.as_str(), client.version), ("Northwind", 1));
        let again = write(&world, "admin", |op| add_client(op, None, &name(" NORTHWIND "), None));
        assert_eq!(outcome(&again.await), "name.taken");
        let second = steps::add_client(&world, "Southwind").await.id;
        let rename = ChangeNamed { name: Some(name("northwind")), ..ChangeNamed::default() };
        let taken = write(&world, "admin", move |op| change_client(op, second, rename.clone()));
        assert_eq!(outcome(&taken.await), "name.taken");
        // One's own name in another spelling is free.
        let rename = ChangeNamed { name: Some(name("NorthWind")), ..ChangeNamed::default() };
        let id = client.id;
        let renamed = write(&world, "admin", move |op| change_client(op, id, rename.clone()));
        assert_eq!(renamed.await.unwrap().name, "NorthWind");
    });
}

#[test]
fn the_same_request_twice_makes_one() {
    both(async |world: World| {
        let id: ClientId = steps::add_client(&world, "First").await.id;
        let id = ClientId::from_uuid(uuid::Uuid::from_u128(id.uuid().as_u128() ^ 1));
        let add = async |text: &'static str, body: u8| {
            write(&world, "admin", move |op| {
                add_client(op, Some(id), &name(text), Some([body; 32]))
            })
            .await
        };
        assert!(matches!(add("Second", 1).await, Ok(Added::New(_))));
        assert!(matches!(add("Second", 1).await, Ok(Added::Before(_))));
        assert_eq!(outcome(&add("Third", 2).await), "id taken");
    });
}

#[test]
fn changes_keep_to_versions_and_say_nothing_new_quietly() {
    both(async |world: World| {
        let client = steps::add_client(&world, "Northwind").await;
        let id = client.id;
        let change = async |archived: Option<bool>, expected_version: Option<i64>| {
            let change = ChangeNamed { name: None, archived, expected_version };
            write(&world, "admin", move |op| change_client(op, id, change.clone())).await
        };
        let archived = change(Some(true), Some(1)).await.unwrap();
        assert!(archived.archived_at.is_some());
        assert_eq!(archived.version, 2);
        assert_eq!(outcome(&change(Some(false), Some(1)).await), "stale");
        assert_eq!(change(Some(true), Some(2)).await.unwrap().version, 2);
        assert_eq!(change(None, None).await.unwrap().version, 2);
        let back = change(Some(false), Some(2)).await.unwrap();
        assert!(back.archived_at.is_none());
    });
}

#[test]
fn a_client_with_projects_stays() {
    both(async |world: World| {
        let client = steps::add_client(&world, "Northwind").await.id;
        let project = add_project(&world, "Planning", Some(client)).await.id;
        let delete =
            async || write(&world, "admin", move |op| delete_client(op, client, None)).await;
        let restore = async || write(&world, "admin", move |op| restore_client(op, client)).await;
        assert_eq!(outcome(&delete().await), "still_in_use");
        write(&world, "admin", move |op| delete_project(op, project, None)).await.unwrap();
        assert_eq!(outcome(&restore().await), "not found");
        delete().await.unwrap();
        assert_eq!(outcome(&delete().await), "not found");
        assert!(read(&world, "admin", list_clients).await.unwrap().is_empty());
        let early = write(&world, "admin", move |op| restore_project(op, project)).await;
        assert_eq!(outcome(&early), "client.deleted");
        // Its name is free until it comes back.
        let other = steps::add_client(&world, "Northwind").await.id;
        assert_eq!(outcome(&restore().await), "name.taken");
        write(&world, "admin", move |op| delete_client(op, other, None)).await.unwrap();
        assert_eq!(restore().await.unwrap().version, 3);
        let back = write(&world, "admin", move |op| restore_project(op, project)).await;
        assert_eq!(back.unwrap().client, Some(client));
    });
}

#[test]
fn who_sees_and_changes_a_client() {
    both(async |world: World| {
        let client = steps::add_client(&world, "Northwind").await.id;
        let project = add_closed_project(&world, "Planning", Some(client)).await.id;
        let get = async |who| read(&world, who, move |op| get_client(op, client)).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: not found, member: not found, stranger: not found",
            get
        );
        put_on(&world, project, "member", false).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: not found, member: ok, stranger: not found",
            get
        );
        assert_eq!(read(&world, "member", list_clients).await.unwrap().len(), 1);
        assert!(read(&world, "other", list_clients).await.unwrap().is_empty());
        let change = async |who| {
            write(&world, who, move |op| change_client(op, client, ChangeNamed::default())).await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: not found, member: forbidden, stranger: not found",
            change
        );
        let open = ChangeProject { open: Some(true), ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, project, open.clone())).await.unwrap();
        let delete =
            async |who| write(&world, who, move |op| delete_client(op, client, None)).await;
        assert_roles!(
            "owner: still_in_use, admin: still_in_use, manager: forbidden, member: forbidden, \
             stranger: not found",
            delete
        );
        let add = async |who: &'static str| {
            write(&world, who, move |op| add_client(op, None, &name(who), None)).await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            add
        );
        let elsewhere = world
            .app
            .read(world.actor("stranger"), world.elsewhere, move |op| get_client(op, client));
        assert_eq!(outcome(&elsewhere.await), "not found");
    });
}

#[test]
fn two_at_once_cannot_both_have_the_name() {
    both(async |world: World| {
        let mut adds = Vec::new();
        for _ in 0..6 {
            let (app, me, place) = (world.app.clone(), world.actor("admin"), world.workspace);
            adds.push(tokio::spawn(async move {
                app.write(me, place, |op| add_client(op, None, &name("Northwind"), None)).await
            }));
        }
        let mut answers = Vec::new();
        for add in adds {
            answers.push(outcome(&add.await.unwrap()));
        }
        answers.sort();
        assert_eq!(answers.iter().filter(|answer| *answer == "ok").count(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| answer == "ok" || answer == "name.taken"));
    });
}
