//! The record: everything that was done, for who may check it.

use app::{
    member::change_role,
    paging::Asked,
    record::{RecordFilter, RecordedEvent, list_record},
    role::{AddRole, add_role},
    time_entry::{Booking, delete_time_entry},
};
use domain::{
    ids::MemberId,
    permission::{Assignment, Grant, Grants, Role},
    record::Part,
};
use testkit::{World, both};

use crate::steps::{add_client, add_project, book, name, on, outcome, read, write};

async fn list(world: &World, who: &str, filter: RecordFilter) -> Vec<RecordedEvent> {
    let asked = Asked::new("record", None, 200);
    let page = read(world, who, move |op| list_record(op, &asked, filter)).await.unwrap();
    assert_eq!(page.next, None);
    page.items
}

fn said(events: &[RecordedEvent]) -> Vec<String> {
    let words = |event: &RecordedEvent| {
        let thing = event.thing.clone().unwrap_or_default();
        format!("{} {} {thing}", event.event.actor, event.event.kind.as_str())
    };
    events.iter().map(words).collect()
}

async fn give(world: &World, who: &str, role: impl Into<Assignment>) {
    let (member, role) = (world.member(who), role.into());
    write(world, "owner", move |op| change_role(op, member, role, None)).await.unwrap();
}

#[test]
fn whoever_checks_sees_everything_that_was_done_the_latest_first() {
    both(async |world| {
        give(&world, "other", Role::Auditor).await;
        let client = add_client(&world, "Northwind").await;
        let project = add_project(&world, "Planning", Some(client.id)).await;
        let entry = book(&world, "member", on(project.id), 3600).await.id;
        // Ids rise with the millisecond.
        world.set_clock("2026-11-20T12:05:00Z");
        write(&world, "member", move |op| delete_time_entry(op, entry, None)).await.unwrap();
        let events = list(&world, "other", RecordFilter::default()).await;
        let ids: Vec<_> = events.iter().map(|event| event.event.id).collect();
        assert!(ids.is_sorted_by(|one, next| one > next), "the latest first, each once");
        let words = said(&events);
        assert!(words[0].starts_with("The member time_entry.deleted"), "{words:?}");
        for expected in [
            "The admin project.added Northwind · Planning",
            "The admin client.added Northwind",
            "The owner member.role_changed The other",
        ] {
            assert!(words.iter().any(|one| one == expected), "{expected}: {words:?}");
        }
        assert_eq!(events[0].about.as_deref(), Some("The member"));
    });
}

#[test]
fn pages_hold_everything_once_and_parts_people_and_days_choose_from_it() {
    both(async |world| {
        for number in 0..7 {
            add_client(&world, &format!("Client {number}")).await;
            book(&world, "member", Booking::default(), 60 + number).await;
        }
        let whole = list(&world, "owner", RecordFilter::default()).await;
        let (mut walked, mut cursor) = (Vec::new(), None);
        loop {
            let asked = Asked::new("record", cursor, 3);
            let none = RecordFilter::default();
            let page =
                read(&world, "owner", move |op| list_record(op, &asked, none)).await.unwrap();
            walked.extend(page.items.iter().map(|event| event.event.id));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(walked, whole.iter().map(|event| event.event.id).collect::<Vec<_>>());
        let mut count = 0;
        for part in Part::ALL.iter().copied() {
            let of_part = RecordFilter { part: Some(part), ..RecordFilter::default() };
            let events = list(&world, "owner", of_part).await;
            assert!(events.iter().all(|event| app::record::part_of(event.event.kind) == part));
            count += events.len();
        }
        assert_eq!(count, whole.len(), "each event is of one part");
        let member = Some(world.member("member"));
        let theirs = RecordFilter { member, part: Some(Part::Time), ..RecordFilter::default() };
        assert_eq!(list(&world, "owner", theirs).await.len(), 7);
        let nobody =
            RecordFilter { member: Some(MemberId::from_uuid(uuid::Uuid::max())), ..theirs };
        assert!(list(&world, "owner", nobody).await.is_empty());
        let day = |text: &str| Some(text.parse().unwrap());
        let (first, last) = (day("2026-11-20"), day("2026-11-20"));
        let today = RecordFilter { first, last, ..RecordFilter::default() };
        assert_eq!(list(&world, "owner", today).await.len(), whole.len());
        let before = RecordFilter { last: day("2026-11-19"), ..RecordFilter::default() };
        let after = RecordFilter { first: day("2026-11-21"), ..RecordFilter::default() };
        for filter in [before, after] {
            assert!(list(&world, "owner", filter).await.is_empty());
        }
    });
}

#[test]
fn nobody_else_sees_it_and_addresses_stay_with_who_may_see_them() {
    both(async |world| {
        give(&world, "other", Role::Auditor).await;
        let refused = async |who: &str| {
            let asked = Asked::new("record", None, 9);
            let none = RecordFilter::default();
            outcome(&read(&world, who, move |op| list_record(op, &asked, none)).await)
        };
        for who in ["member", "manager"] {
            assert_eq!(refused(who).await, "forbidden", "{who}");
        }
        give(&world, "member", Role::Accountant).await;
        assert_eq!(refused("member").await, "forbidden");
        let grants = Grants::of([Grant::ReadRecord]);
        let new = AddRole { id: None, name: name("Checker"), grants, body: None };
        let role = write(&world, "owner", move |op| add_role(op, new.clone())).await.unwrap();
        give(&world, "member", Assignment::own(role.into_inner().id)).await;
        assert_eq!(refused("member").await, "ok");

        let all = RecordFilter::default();
        let addresses = async |who: &str| {
            let events = list(&world, who, all).await;
            let changes = events.into_iter().flat_map(|event| event.event.changes);
            let texts = changes.filter(|change| change.field == "address");
            texts
                .filter_map(|change| change.after)
                .map(|after| after.to_string())
                .collect::<Vec<_>>()
        };
        let (seen, hidden) = (addresses("owner").await, addresses("other").await);
        assert!(!seen.is_empty() && seen.iter().all(|text| text.contains('@')), "{seen:?}");
        assert!(hidden.len() == seen.len() && !hidden.iter().any(|text| text.contains('@')));
    });
}
