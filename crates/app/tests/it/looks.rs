//! Who looks at somebody else's time is in the record.

use app::{
    Actor,
    paging::Asked,
    record::{RecordFilter, list_record},
    report::{GroupBy, SummaryQuery, summary_file, summary_report},
    time_entry::{Booking, Filter, get_time_entry, list_time_entries, time_entry_history},
};
use domain::period::Period;
use testkit::{World, both};

use crate::steps::{book, outcome, program_of, read};

const KINDS: [&str; 2] = ["time.seen", "report.exported"];

/// Who looked, at what, and at whose.
async fn looks(world: &World) -> Vec<String> {
    let asked = Asked::new("record", None, 200);
    let none = RecordFilter::default();
    let page = read(world, "owner", move |op| list_record(op, &asked, none)).await.unwrap();
    let mut looks: Vec<String> = page
        .items
        .iter()
        .filter(|event| KINDS.contains(&event.event.kind.as_str()))
        .map(|event| {
            let thing = event.thing.clone().unwrap_or_default();
            format!("{} {} {thing}", event.event.actor, event.event.kind.as_str())
        })
        .collect();
    looks.reverse();
    looks
}

fn all() -> Filter {
    Filter { limit: 50, ..Filter::default() }
}

#[test]
fn looking_at_somebody_s_time_is_recorded_once_an_hour() {
    both(async |world| {
        let entry = book(&world, "member", Booking::default(), 3_600).await.id;
        read(&world, "member", |op| list_time_entries(op, all())).await.unwrap();
        assert!(looks(&world).await.is_empty(), "one's own");
        let refused = read(&world, "other", move |op| get_time_entry(op, entry)).await;
        assert_eq!(outcome(&refused), "not found");
        assert!(looks(&world).await.is_empty(), "whoever is refused has seen nothing");
        read(&world, "admin", |op| list_time_entries(op, all())).await.unwrap();
        read(&world, "admin", move |op| get_time_entry(op, entry)).await.unwrap();
        read(&world, "admin", move |op| time_entry_history(op, entry)).await.unwrap();
        let once = ["The admin time.seen The member"];
        assert_eq!(looks(&world).await, once);
        // Ids rise with the millisecond.
        world.set_clock("2026-11-20T12:01:00Z");
        read(&world, "owner", move |op| get_time_entry(op, entry)).await.unwrap();
        let both = [once[0], "The owner time.seen The member"];
        assert_eq!(looks(&world).await, both);
        world.set_clock("2026-11-20T13:00:00Z");
        read(&world, "admin", move |op| get_time_entry(op, entry)).await.unwrap();
        assert_eq!(looks(&world).await, [both[0], both[1], both[0]]);
    });
}

#[test]
fn what_programs_look_at_is_recorded_too() {
    both(async |world| {
        let entry = book(&world, "member", Booking::default(), 3_600).await.id;
        let program = program_of(&world, "owner").await;
        let actor = Actor::new(program, world.app.new_request());
        let look = world.app.read(actor, world.workspace, move |op| get_time_entry(op, entry));
        look.await.unwrap();
        assert_eq!(looks(&world).await, ["The owner (by a program) time.seen The member"]);
    });
}

#[test]
fn a_report_that_is_taken_away_is_recorded_each_time() {
    both(async |world| {
        book(&world, "member", Booking::default(), 3_600).await;
        let day = jiff::civil::date(2026, 11, 20);
        let query = SummaryQuery {
            period: Period::new(day, day).unwrap(),
            group_by: GroupBy::MemberProject,
            member: None,
            project: None,
        };
        read(&world, "owner", move |op| summary_report(op, query)).await.unwrap();
        assert!(looks(&world).await.is_empty(), "totals are no entries");
        for times in 1..3 {
            read(&world, "owner", move |op| summary_file(op, query)).await.unwrap();
            assert_eq!(looks(&world).await, vec!["The owner report.exported "; times]);
        }
    });
}
