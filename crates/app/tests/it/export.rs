//! Export of a whole workspace.

use std::collections::HashMap;

use app::{
    audit::RecordedValue,
    export::{
        ExportCursor, ExportPage, PAGE_ROWS, Plain, begin_export, export_page, export_tables,
        export_workspace,
    },
    role::{AddRole, add_role},
    tag::add_tag,
    team::{add_team, put_team_member},
    time_entry::{AddTimeEntry, Booking, NewSpan, add_time_entry, delete_time_entry},
};
use domain::{
    permission::{Grant, Grants},
    text::Note,
};
use testkit::{World, both};

use crate::{
    assert_roles,
    invitation::invite,
    steps::{add_client, add_project, add_task, book, name, on, program_of, put_on, read, write},
};

type Tables = HashMap<&'static str, Vec<Vec<Plain>>>;

async fn everything(world: &World) -> (Tables, usize) {
    read(world, "owner", |op| {
        let (mut tables, mut pages) = (Tables::new(), 0);
        export_workspace(op, &mut |_, page: ExportPage| {
            assert!(page.rows.len() <= PAGE_ROWS);
            assert!(page.rows.iter().all(|row| row.len() == page.table.columns().count()));
            pages += 1;
            tables.entry(page.table.name).or_default().extend(page.rows);
            Ok(())
        })?;
        Ok((tables, pages))
    })
    .await
    .unwrap()
}

#[test]
fn an_export_holds_everything_in_words() {
    both(async |world: World| {
        let client = add_client(&world, "Northwind").await.id;
        let project = add_project(&world, "Planning", Some(client)).await.id;
        put_on(&world, project, "manager", true).await;
        let task = add_task(&world, project, "Review").await.id;
        let tag = write(&world, "member", |op| add_tag(op, None, &name("meeting"), None)).await;
        let tag = tag.unwrap().into_inner().id;
        let booking = Booking { project: Some(project), task: Some(task), tags: vec![tag] };
        let kept = book(&world, "member", booking, 60).await;
        let deleted = book(&world, "other", on(project), 90).await.id;
        write(&world, "other", move |op| delete_time_entry(op, deleted, None)).await.unwrap();
        program_of(&world, "member").await;
        let invited = invite(&world).await.address;
        let member = world.member("member");
        write(&world, "admin", move |op| {
            let team = add_team(op, None, &name("Design"), None)?.into_inner().id;
            put_team_member(op, team, member, false)?;
            let grants = Grants::of([Grant::ReadProjects]);
            add_role(op, AddRole { id: None, name: name("Reader"), grants, body: None })
        })
        .await
        .unwrap();
        write(&world, "owner", begin_export).await.unwrap();
        let (tables, _) = everything(&world).await;
        let names: Vec<_> = export_tables().iter().map(|table| table.name).collect();
        assert_eq!(
            names,
            [
                "workspace",
                "clients",
                "roles",
                "members",
                "invitations",
                "api_tokens",
                "teams",
                "team_members",
                "projects",
                "project_members",
                "tasks",
                "tags",
                "time_entries",
                "entry_tags",
                "support_requests",
                "events",
            ]
        );
        let count: Vec<_> = names.iter().map(|name| tables[name].len()).collect();
        assert_eq!(count[..15], [1, 1, 1, 5, 1, 1, 1, 1, 1, 1, 1, 1, 2, 1, 0]);
        let column = |table: &str, column: &str| -> Vec<Plain> {
            let shape = export_tables().iter().find(|shape| shape.name == table).unwrap();
            let at = shape.columns().position(|name| name == column).unwrap();
            tables[table].iter().map(|row| row[at].clone()).collect()
        };
        let text = |text: &str| Plain::Text(text.to_owned());
        assert_eq!(column("workspace", "name"), [text("Workspace of owner")]);
        assert_eq!(column("invitations", "email"), [text(&invited)]);
        assert_eq!(column("api_tokens", "name"), [text("A program")]);
        assert_eq!(column("clients", "name"), [text("Northwind")]);
        assert_eq!(column("projects", "client_id"), [Plain::Id(client.uuid())]);
        assert_eq!(column("roles", "name"), [text("Reader")]);
        assert_eq!(column("teams", "name"), [text("Design")]);
        assert_eq!(column("tasks", "name"), [text("Review")]);
        assert_eq!(column("tags", "name"), [text("meeting")]);
        assert!(column("members", "email").contains(&text("other@example.com")));
        assert_eq!(column("time_entries", "note"), [text("work"), text("work")]);
        assert_eq!(column("time_entries", "started_at"), [Plain::None, Plain::None]);
        assert_eq!(column("entry_tags", "entry_id"), [Plain::Id(kept.id.uuid())]);
        let trash = column("time_entries", "deleted_at");
        assert_eq!(trash.iter().filter(|at| **at != Plain::None).count(), 1);
        let kinds = column("events", "kind");
        assert!(kinds.contains(&text("workspace.exported")));
        let place = kinds.iter().position(|kind| *kind == text("client.added")).unwrap();
        let Plain::Changes(changes) = &column("events", "changes")[place] else { panic!() };
        assert_eq!(changes[0].after, RecordedValue::Text("Northwind".to_owned()));
    });
}

#[test]
fn a_large_table_comes_in_pages() {
    both(async |world: World| {
        let more = i64::try_from(PAGE_ROWS).unwrap() + 1;
        write(&world, "admin", move |op| {
            let day = op.today();
            (0..more).try_for_each(|seconds| {
                let command = AddTimeEntry {
                    id: None,
                    member: None,
                    booking: Booking::default(),
                    note: Note::default(),
                    billable: None,
                    span: NewSpan::Duration { day, seconds },
                    body: None,
                };
                add_time_entry(op, command).map(drop)
            })
        })
        .await
        .unwrap();
        let (tables, pages) = everything(&world).await;
        assert_eq!(tables["time_entries"].len(), PAGE_ROWS + 1);
        let mut ids: Vec<_> =
            tables["time_entries"].iter().map(|row| format!("{:?}", row[0])).collect();
        ids.dedup();
        assert_eq!(ids.len(), PAGE_ROWS + 1);
        // Each entry has an event, too.
        assert_eq!(pages, export_tables().len() + 2);
    });
}

#[test]
fn who_may_export() {
    both(async |world: World| {
        let expected = "owner: ok, admin: forbidden, manager: forbidden, member: forbidden, stranger: not found";
        assert_roles!(expected, async |who| write(&world, who, begin_export).await);
        assert_roles!(expected, async |who| read(&world, who, |op| {
            export_page(op, &ExportCursor::START)
        })
        .await);
    });
}
