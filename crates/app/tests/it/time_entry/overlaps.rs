//! Entries of one member that overlap, where their workspace forbids it.

use app::{
    time_entry::{
        Booking, ChangeTimeEntry, MayMake, NewSpan, add_quick_entry, add_time_entry,
        change_time_entry, delete_time_entry, duplicate_time_entry, restore_time_entry,
    },
    timer::{start_timer, stop_timer},
    workspace::{ChangeWorkspace, change_workspace},
};
use domain::preference::Overlaps;
use testkit::{World, both};

use super::{add, at, date, new, range, start_at, try_add};
use crate::steps::{outcome, write};

async fn forbid_overlaps(world: &World) {
    let change =
        ChangeWorkspace { overlaps: Some(Overlaps::Forbidden), ..ChangeWorkspace::default() };
    write(world, "owner", move |op| change_workspace(op, change.clone())).await.unwrap();
}

#[test]
fn overlaps_are_refused_by_every_way_where_the_workspace_forbids_them() {
    both(async |world: World| {
        forbid_overlaps(&world).await;
        let code = "time_entry.overlap";
        let entry = add(&world, range("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z")).await;
        let late = range("2026-11-20T08:59:59Z", "2026-11-20T10:00:00Z");
        assert_eq!(outcome(&try_add(&world, late).await), code);
        // What only touches is fine, and so is a duration, which has no place in the day.
        let next = add(&world, range("2026-11-20T09:00:00Z", "2026-11-20T10:00:00Z")).await;
        let day = date("2026-11-20");
        add(&world, NewSpan::Duration { day, seconds: 3_600 }).await;

        let earlier = ChangeTimeEntry {
            started_at: Some(at("2026-11-20T08:30:00Z")),
            ..ChangeTimeEntry::default()
        };
        let edited =
            write(&world, "member", move |op| change_time_entry(op, next.id, earlier.clone()));
        assert_eq!(outcome(&edited.await), code);
        let copied =
            write(&world, "member", move |op| duplicate_time_entry(op, entry.id, None, None));
        assert_eq!(outcome(&copied.await), code);
        let line = write(&world, "member", |op| {
            add_quick_entry(op, None, "9:30-9:40", MayMake::default(), None)
        });
        assert_eq!(outcome(&line.await), code, "10:30 in Berlin is not; 9:30 is 8:30 UTC");
        let begun = write(&world, "member", |op| start_timer(op, start_at("2026-11-20T09:30:00Z")));
        assert_eq!(outcome(&begun.await), code);

        // A timer that grows into something planned.
        add(&world, range("2026-11-20T12:30:00Z", "2026-11-20T13:00:00Z")).await;
        let begun = write(&world, "member", |op| start_timer(op, start_at("2026-11-20T11:00:00Z")));
        begun.await.unwrap();
        world.set_clock("2026-11-20T12:45:00Z");
        let stopped = write(&world, "member", |op| stop_timer(op, None)).await;
        assert_eq!(outcome(&stopped), code);
        let Err(app::Error::Refused(refusal)) = stopped else { panic!("{stopped:?}") };
        let sentence = refusal.sentence();
        assert!(sentence.contains("the entry of 20 Nov 2026, 13:30 – 14:00,"), "{sentence}");
        assert!(sentence.contains("Change the times of one of the two."), "{sentence}");
        let second =
            write(&world, "member", |op| start_timer(op, start_at("2026-11-20T12:40:00Z")));
        assert_eq!(outcome(&second.await), code);
        let said = Some(at("2026-11-20T12:30:00Z"));
        write(&world, "member", move |op| stop_timer(op, said)).await.unwrap();

        // Out of the trash, into what was booked meanwhile.
        let id = entry.id;
        write(&world, "member", move |op| delete_time_entry(op, id, None)).await.unwrap();
        add(&world, range("2026-11-20T08:15:00Z", "2026-11-20T08:20:00Z")).await;
        let restored = write(&world, "member", move |op| restore_time_entry(op, id)).await;
        assert_eq!(outcome(&restored), code);
        // Another person's time is their own.
        let command =
            new(Booking::default(), range("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z"));
        let added = write(&world, "other", move |op| add_time_entry(op, command.clone())).await;
        added.unwrap();
    });
}

#[test]
fn of_overlapping_entries_at_once_one_gets_through() {
    both(async |world: World| {
        forbid_overlaps(&world).await;
        let mut adding = Vec::new();
        for minute in 0..8 {
            let (app, me, place) = (world.app.clone(), world.actor("member"), world.workspace);
            let start = at("2026-11-18T08:00:00Z") + jiff::SignedDuration::from_mins(minute);
            let stop = start + jiff::SignedDuration::from_hours(1);
            adding.push(tokio::spawn(async move {
                let command = new(Booking::default(), NewSpan::Range { start, stop });
                app.write(me, place, move |op| add_time_entry(op, command.clone())).await
            }));
        }
        let mut outcomes = Vec::new();
        for added in adding {
            outcomes.push(outcome(&added.await.unwrap()));
        }
        outcomes.sort();
        let mut expected = vec!["time_entry.overlap"; 7];
        expected.insert(0, "ok");
        assert_eq!(outcomes, expected);
    });
}

/// A running entry lasts until now, and not for ever.
#[test]
fn what_is_planned_does_not_overlap_a_running_timer() {
    both(async |world: World| {
        forbid_overlaps(&world).await;
        let code = "time_entry.overlap";
        let begun = write(&world, "member", |op| start_timer(op, start_at("2026-11-20T11:00:00Z")));
        begun.await.unwrap();
        add(&world, range("2026-11-21T09:00:00Z", "2026-11-21T10:00:00Z")).await;
        // It touches what runs, and is reached by it.
        add(&world, range("2026-11-20T12:00:00Z", "2026-11-20T12:30:00Z")).await;
        let past = range("2026-11-20T11:59:59Z", "2026-11-20T12:00:00Z");
        assert_eq!(outcome(&try_add(&world, past).await), code);
        let over = range("2026-11-20T10:00:00Z", "2026-11-20T13:00:00Z");
        assert_eq!(outcome(&try_add(&world, over).await), code);
        world.set_clock("2026-11-20T12:10:00Z");
        assert_eq!(outcome(&write(&world, "member", |op| stop_timer(op, None)).await), code);
        let said = Some(at("2026-11-20T12:00:00Z"));
        write(&world, "member", move |op| stop_timer(op, said)).await.unwrap();
    });
}
