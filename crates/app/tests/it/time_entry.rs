//! Entries: what each operation leaves behind, over daylight-saving changes and midnight, with the
//! rule about overlaps, and for two at once.

mod overlaps;

use app::{
    Refusal,
    time_entry::{
        AddTimeEntry, Added, Booking, ChangeTimeEntry, NewSpan, Span, SplitPoint, TimeEntry,
        add_time_entry, change_time_entry, delete_time_entry, duplicate_time_entry, get_time_entry,
        list_day_parts, restore_time_entry, split_time_entry, time_entry_history,
    },
    timer::{StartTimer, continue_time_entry, start_timer, stop_timer},
};
use domain::{
    ids::{ProjectId, TimeEntryId},
    period::Period,
    text::Note,
};
use jiff::{Timestamp, civil::Date};
use store::Statement;
use testkit::{World, both};

use crate::steps::{
    add_closed_project, add_project, add_project_with, add_task, new_project, on, outcome, put_on,
    read, write,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn range(start: &str, stop: &str) -> NewSpan {
    NewSpan::Range { start: at(start), stop: at(stop) }
}

fn new(booking: Booking, span: NewSpan) -> AddTimeEntry {
    let note = Note::parse("work").unwrap();
    AddTimeEntry { id: None, member: None, booking, note, billable: None, span, body: None }
}

async fn try_add(world: &World, span: NewSpan) -> Result<TimeEntry, app::Error> {
    let command = new(Booking::default(), span);
    let added = write(world, "member", move |op| add_time_entry(op, command.clone())).await;
    added.map(Added::into_inner)
}

async fn add(world: &World, span: NewSpan) -> TimeEntry {
    try_add(world, span).await.unwrap()
}

async fn change(world: &World, id: TimeEntryId, change: ChangeTimeEntry) -> TimeEntry {
    let changed = write(world, "member", move |op| change_time_entry(op, id, change.clone()));
    changed.await.unwrap()
}

/// What each day of a period gets: `2026-10-25 5:00`.
async fn days(world: &World, first: &str, last: &str) -> Vec<String> {
    let period = Period::new(date(first), date(last)).unwrap();
    let parts = read(world, "member", move |op| list_day_parts(op, period)).await.unwrap();
    let mut days: Vec<_> = parts
        .iter()
        .map(|part| format!("{} {}", part.day, domain::duration::format_hm(part.seconds)))
        .collect();
    days.sort();
    days
}

/// A millisecond later: events of one instant have no order.
fn tick(world: &World) {
    world.clock.set(world.now() + jiff::SignedDuration::from_millis(1));
}

async fn kinds(world: &World, id: TimeEntryId) -> Vec<&'static str> {
    let history = read(world, "member", move |op| time_entry_history(op, id)).await.unwrap();
    history.iter().map(|event| event.kind.as_str()).collect()
}

fn start_at(start: &str) -> StartTimer {
    StartTimer {
        id: None,
        booking: Booking::default(),
        note: Note::default(),
        billable: None,
        started_at: Some(at(start)),
        body: None,
    }
}

#[test]
fn days_are_civil_days_also_when_the_clock_is_changed() {
    both(async |world: World| {
        // Berlin, 2026-10-25: the hour from two to three comes twice.
        add(&world, range("2026-10-24T22:00:00Z", "2026-10-25T03:00:00Z")).await;
        assert_eq!(days(&world, "2026-10-24", "2026-10-26").await, ["2026-10-25 5:00"]);
        // 2026-03-29: it does not come at all.
        add(&world, range("2026-03-28T23:00:00Z", "2026-03-29T02:00:00Z")).await;
        assert_eq!(days(&world, "2026-03-28", "2026-03-30").await, ["2026-03-29 3:00"]);
        // Over midnight, and over one whole day of 25 hours.
        add(&world, range("2026-10-31T22:30:00Z", "2026-11-01T00:15:00Z")).await;
        assert_eq!(
            days(&world, "2026-10-31", "2026-11-02").await,
            ["2026-10-31 0:30", "2026-11-01 1:15"]
        );
        let long = add(&world, range("2025-10-25T21:00:00Z", "2025-10-27T00:00:00Z")).await;
        assert_eq!(
            days(&world, "2025-10-25", "2025-10-27").await,
            ["2025-10-25 1:00", "2025-10-26 25:00", "2025-10-27 1:00"]
        );
        assert_eq!(long.first_day, date("2025-10-25"));
    });
}

#[test]
fn a_moved_entry_keeps_its_wall_time_and_its_length() {
    both(async |world: World| {
        // 01:00 to 05:00 in Berlin on an ordinary Saturday.
        let entry = add(&world, range("2026-10-23T23:00:00Z", "2026-10-24T03:00:00Z")).await;
        let to = |day: &str| ChangeTimeEntry { day: Some(date(day)), ..ChangeTimeEntry::default() };
        let moved = change(&world, entry.id, to("2026-10-25")).await;
        assert_eq!(moved.start(), Some(at("2026-10-24T23:00:00Z")), "01:00, summer time");
        assert_eq!(moved.stop(), Some(at("2026-10-25T03:00:00Z")), "four hours later");
        let moved = change(&world, entry.id, to("2026-11-03")).await;
        assert_eq!(moved.start(), Some(at("2026-11-03T00:00:00Z")), "01:00, winter time");
        assert_eq!(moved.stop(), Some(at("2026-11-03T04:00:00Z")));
        assert_eq!(days(&world, "2026-10-20", "2026-11-05").await, ["2026-11-03 4:00"]);
        // A day and an end: the end is meant as it is.
        let both =
            ChangeTimeEntry { stopped_at: Some(at("2026-11-04T02:00:00Z")), ..to("2026-11-04") };
        let moved = change(&world, entry.id, both).await;
        assert_eq!(moved.start(), Some(at("2026-11-04T00:00:00Z")));
        assert_eq!(moved.stop(), Some(at("2026-11-04T02:00:00Z")));
        assert_eq!(moved.version, 4);
        assert_eq!(kinds(&world, entry.id).await.len(), 4);
    });
}

#[test]
fn a_length_moves_the_end_and_the_two_shapes_become_each_other() {
    both(async |world: World| {
        let entry = add(&world, range("2026-11-18T08:00:00Z", "2026-11-18T09:00:00Z")).await;
        let longer = ChangeTimeEntry { duration_s: Some(5_400), ..ChangeTimeEntry::default() };
        let changed = change(&world, entry.id, longer).await;
        assert_eq!(changed.start(), entry.start());
        assert_eq!(changed.stop(), Some(at("2026-11-18T09:30:00Z")));

        let day = date("2026-11-19");
        let duration = add(&world, NewSpan::Duration { day, seconds: 1_845 }).await;
        assert_eq!(duration.span, Span::Duration { seconds: 1_845 });
        let both = ChangeTimeEntry {
            started_at: Some(at("2026-11-19T10:00:00Z")),
            stopped_at: Some(at("2026-11-19T10:45:30Z")),
            ..ChangeTimeEntry::default()
        };
        let changed = change(&world, duration.id, both).await;
        assert_eq!(changed.seconds(world.now()), 2_730);
        let only_start = ChangeTimeEntry {
            started_at: Some(at("2026-11-19T10:00:00Z")),
            ..ChangeTimeEntry::default()
        };
        let other = add(&world, NewSpan::Duration { day, seconds: 60 }).await.id;
        let refused =
            write(&world, "member", move |op| change_time_entry(op, other, only_start.clone()));
        assert_eq!(outcome(&refused.await), "invalid started_at");
        // One of the two would be ignored.
        let start = Some(at("2026-11-19T10:00:00Z"));
        let stop = Some(at("2026-11-19T11:00:00Z"));
        let none = ChangeTimeEntry::default();
        for (change, expected) in [
            (ChangeTimeEntry { started_at: start, day: Some(day), ..none.clone() }, "invalid day"),
            (
                ChangeTimeEntry { stopped_at: stop, duration_s: Some(60), ..none },
                "invalid duration_s",
            ),
        ] {
            let refused =
                write(&world, "member", move |op| change_time_entry(op, entry.id, change.clone()));
            assert_eq!(outcome(&refused.await), expected);
        }
        // Saved as it is, nothing changes and nothing is noted.
        let same = ChangeTimeEntry { duration_s: Some(60), ..ChangeTimeEntry::default() };
        assert_eq!(change(&world, other, same).await.version, 1);
        assert_eq!(kinds(&world, other).await, ["time_entry.added"]);
    });
}

#[test]
fn another_project_brings_its_own_billable_and_takes_the_task_away() {
    both(async |world: World| {
        let paid = add_project(&world, "Paid", None).await.id;
        let unpaid = add_project_with(
            &world,
            app::project::AddProject { billable: Some(false), ..new_project("Unpaid") },
        );
        let unpaid = unpaid.await.id;
        let task = add_task(&world, paid, "Review").await.id;
        let booking = Booking { project: Some(paid), task: Some(task), tags: Vec::new() };
        let command = new(booking, range("2026-11-18T08:00:00Z", "2026-11-18T09:00:00Z"));
        let added = write(&world, "member", move |op| add_time_entry(op, command.clone())).await;
        let entry = added.unwrap().into_inner();
        assert!(entry.is_billable);
        let to = |project: Option<ProjectId>| ChangeTimeEntry {
            project: Some(project),
            ..ChangeTimeEntry::default()
        };
        let moved = change(&world, entry.id, to(Some(unpaid))).await;
        assert_eq!((moved.task, moved.is_billable), (None, false));
        let none = change(&world, entry.id, to(None)).await;
        assert_eq!((none.project, none.is_billable), (None, false));
    });
}

#[test]
fn a_split_at_midnight_leaves_two_entries_with_the_same_sum() {
    both(async |world: World| {
        let project = add_project(&world, "Night shift", None).await.id;
        let command = new(on(project), range("2026-11-17T21:00:00Z", "2026-11-18T01:00:00Z"));
        let added = write(&world, "member", move |op| add_time_entry(op, command.clone())).await;
        let entry = added.unwrap().into_inner();
        tick(&world);
        let middle = at("2026-11-17T23:00:00Z");
        let split = write(&world, "member", move |op| {
            split_time_entry(op, entry.id, SplitPoint::At(middle), None, None)
        });
        let Added::New((first, second)) = split.await.unwrap() else { panic!("not new") };
        assert_eq!((first.id, first.stop()), (entry.id, Some(middle)));
        assert_eq!((second.start(), second.stop()), (Some(middle), entry.stop()));
        assert_eq!(second.first_day, date("2026-11-18"));
        assert_eq!((second.project, &second.note), (Some(project), &entry.note));
        assert_eq!(
            days(&world, "2026-11-17", "2026-11-18").await,
            ["2026-11-17 2:00", "2026-11-18 2:00"]
        );
        assert_eq!(kinds(&world, first.id).await, ["time_entry.added", "time_entry.split"]);
        for outside in [entry.start().unwrap(), middle] {
            let again = write(&world, "member", move |op| {
                split_time_entry(op, first.id, SplitPoint::At(outside), None, None)
            });
            assert_eq!(outcome(&again.await), Refusal::SplitOutsideEntry.code());
        }
        for seconds in [i64::MIN, -1, 0, 7200, i64::MAX] {
            let again = write(&world, "member", move |op| {
                split_time_entry(op, first.id, SplitPoint::AfterStart(seconds), None, None)
            });
            assert_eq!(outcome(&again.await), Refusal::SplitOutsideEntry.code(), "{seconds}");
        }
    });
}

#[test]
fn duplicate_and_continue_take_booking_and_note() {
    both(async |world: World| {
        let project = add_project(&world, "Paid", None).await.id;
        let mut command = new(on(project), range("2026-11-18T08:00:00Z", "2026-11-18T09:00:30Z"));
        command.billable = Some(false);
        let added = write(&world, "member", move |op| add_time_entry(op, command.clone())).await;
        let entry = added.unwrap().into_inner();
        let copy =
            write(&world, "member", move |op| duplicate_time_entry(op, entry.id, None, None));
        let copy = copy.await.unwrap().into_inner();
        assert_ne!(copy.id, entry.id);
        assert_eq!((copy.span, copy.project, &copy.note), (entry.span, entry.project, &entry.note));
        assert!(!copy.is_billable, "as it was, not as the project says");
        let begun =
            write(&world, "member", move |op| continue_time_entry(op, entry.id, None, None));
        let begun = begun.await.unwrap().into_inner();
        assert_eq!(begun.span, Span::Interval { start: world.now(), stop: None });
        assert_eq!((begun.project, &begun.note), (Some(project), &entry.note));
        assert!(!begun.is_billable);
    });
}

#[test]
fn a_second_start_ends_the_first_where_it_begins() {
    both(async |world: World| {
        let begin = |start: &'static str| {
            write(&world, "member", move |op| start_timer(op, start_at(start)))
        };
        let first = begin("2026-11-20T09:00:00Z").await.unwrap().into_inner();
        tick(&world);
        let second = begin("2026-11-20T10:30:00Z").await.unwrap().into_inner();
        let ended = read(&world, "member", move |op| get_time_entry(op, first.id)).await.unwrap();
        assert_eq!(ended.stop(), Some(at("2026-11-20T10:30:00Z")));
        // One that begins before the running one cannot end it there: it ends now.
        tick(&world);
        let third = begin("2026-11-20T08:00:00Z").await.unwrap().into_inner();
        let ended = read(&world, "member", move |op| get_time_entry(op, second.id)).await.unwrap();
        assert_eq!(ended.stop(), Some(at("2026-11-20T12:00:00Z")));
        assert_eq!(kinds(&world, second.id).await, ["timer.started", "timer.stopped"]);
        let stopped = write(&world, "member", |op| stop_timer(op, None)).await.unwrap();
        assert_eq!((stopped.id, stopped.seconds(world.now())), (third.id, 4 * 3_600));
    });
}

#[test]
fn what_was_deleted_counts_again_once_restored() {
    both(async |world: World| {
        let entry = add(&world, range("2026-11-18T08:00:00Z", "2026-11-18T09:00:00Z")).await;
        let id = entry.id;
        tick(&world);
        write(&world, "member", move |op| delete_time_entry(op, id, None)).await.unwrap();
        tick(&world);
        assert!(days(&world, "2026-11-18", "2026-11-18").await.is_empty());
        let gone = read(&world, "member", move |op| get_time_entry(op, id)).await;
        assert_eq!(outcome(&gone), "not found");
        write(&world, "member", move |op| restore_time_entry(op, id)).await.unwrap();
        assert_eq!(days(&world, "2026-11-18", "2026-11-18").await, ["2026-11-18 1:00"]);
        let twice = write(&world, "member", move |op| restore_time_entry(op, id)).await;
        assert_eq!(outcome(&twice), "not found");
        assert_eq!(
            kinds(&world, id).await,
            ["time_entry.added", "time_entry.deleted", "time_entry.restored"]
        );
    });
}

/// Ids are chosen by whoever makes a thing, so an entry can have the id of anything else: it still
/// has its own history alone.
#[test]
fn an_entry_with_the_id_of_something_else_shows_nothing_of_it() {
    both(async |world: World| {
        let secret = add_closed_project(&world, "Secret", None).await.id;
        let other = world.member("admin");
        let foreign = [secret.uuid(), other.uuid(), world.workspace.uuid()];
        for (id, n) in foreign.into_iter().zip(1..) {
            let id = TimeEntryId::from_uuid(id);
            let day = date("2026-11-18");
            let command = AddTimeEntry {
                id: Some(id),
                body: Some([n; 32]),
                ..new(Booking::default(), NewSpan::Duration { day, seconds: 60 })
            };
            let added =
                write(&world, "member", move |op| add_time_entry(op, command.clone())).await;
            assert!(matches!(added.unwrap(), Added::New(_)));
            assert_eq!(kinds(&world, id).await, ["time_entry.added"]);
        }
    });
}

#[test]
fn a_project_one_is_not_on_is_not_named_in_the_history() {
    both(async |world: World| {
        let secret = add_closed_project(&world, "Secret", None).await.id;
        let open = add_project(&world, "Open", None).await.id;
        put_on(&world, secret, "manager", true).await;
        put_on(&world, open, "manager", true).await;
        put_on(&world, secret, "member", false).await;
        let day = date("2026-11-18");
        let command = new(on(secret), NewSpan::Duration { day, seconds: 60 });
        let added = write(&world, "member", move |op| add_time_entry(op, command.clone())).await;
        let id = added.unwrap().into_inner().id;
        let to = ChangeTimeEntry { project: Some(Some(open)), ..ChangeTimeEntry::default() };
        change(&world, id, to).await;
        let member = world.member("member");
        write(&world, "admin", move |op| app::project::remove_project_member(op, secret, member))
            .await
            .unwrap();
        let history = read(&world, "member", move |op| time_entry_history(op, id)).await.unwrap();
        let words: Vec<_> = history
            .iter()
            .flat_map(|event| &event.changes)
            .flat_map(|change| [&change.before, &change.after])
            .flatten()
            .map(ToString::to_string)
            .collect();
        assert!(words.iter().any(|word| word.contains("Open")), "{words:?}");
        assert!(!words.iter().any(|word| word.contains("Secret")), "{words:?}");
    });
}

/// The answer was lost, and the original is deleted before the request comes again: what it made is there
/// all the same.
#[test]
fn a_copy_is_known_again_when_its_original_is_gone() {
    both(async |world: World| {
        let original = add(&world, range("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z")).await.id;
        let id = |n: u128| Some(TimeEntryId::from_uuid(uuid::Uuid::from_u128(n)));
        let body = Some([7; 32]);
        let middle = at("2026-11-20T08:30:00Z");
        let make = async |who: &str, body| {
            [
                write(&world, who, move |op| duplicate_time_entry(op, original, id(1), body)).await,
                write(&world, who, move |op| continue_time_entry(op, original, id(2), body)).await,
                write(&world, who, move |op| {
                    let point = SplitPoint::At(middle);
                    let split = split_time_entry(op, original, point, id(3), body)?;
                    Ok(match split {
                        Added::New((_, second)) => Added::New(second),
                        Added::Before((_, second)) => Added::Before(second),
                    })
                })
                .await,
            ]
        };
        for made in make("member", body).await {
            assert!(matches!(made, Ok(Added::New(_))), "{made:?}");
        }
        write(&world, "member", move |op| delete_time_entry(op, original, None)).await.unwrap();
        for again in make("member", body).await {
            assert!(matches!(again, Ok(Added::Before(_))), "{again:?}");
        }
        for other in make("member", Some([8; 32])).await {
            assert_eq!(outcome(&other), "id taken");
        }
        for foreign in make("other", body).await {
            assert_eq!(outcome(&foreign), "id taken", "nothing of it is shown");
        }
    });
}

/// Who managed the project when they copied an entry on it, and does not any more, is told nothing of it:
/// neither by the same request again, nor by where it could be split.
#[test]
fn what_may_not_be_seen_any_more_is_not_there_for_the_same_request_either() {
    both(async |world: World| {
        let project = add_project(&world, "Paid", None).await.id;
        put_on(&world, project, "manager", true).await;
        let spans = [
            range("2026-11-20T08:00:00Z", "2026-11-20T09:00:00Z"),
            NewSpan::Duration { day: date("2026-11-20"), seconds: 60 },
        ];
        let [timed, length] = spans.map(|span| new(on(project), span));
        let add = async |command: AddTimeEntry| {
            let added = write(&world, "member", move |op| add_time_entry(op, command.clone()));
            added.await.unwrap().into_inner().id
        };
        let (timed, length) = (add(timed).await, add(length).await);
        let id = |n: u128| Some(TimeEntryId::from_uuid(uuid::Uuid::from_u128(n)));
        let body = Some([7; 32]);
        let make = async |of: TimeEntryId| {
            let split = |point| {
                write(&world, "manager", move |op| {
                    let split = split_time_entry(op, of, point, id(3), body)?;
                    Ok(matches!(split, Added::New(_)))
                })
            };
            let copied = write(&world, "manager", move |op| {
                let copied = duplicate_time_entry(op, of, id(1), body)?;
                Ok(matches!(copied, Added::New(_)))
            });
            let begun = write(&world, "manager", move |op| {
                let begun = continue_time_entry(op, of, id(2), body)?;
                Ok(matches!(begun, Added::New(_)))
            });
            [
                copied.await,
                begun.await,
                split(SplitPoint::AfterStart(1800)).await,
                split(SplitPoint::AfterStart(i64::MAX)).await,
            ]
        };
        let made = make(timed).await.map(|made| made.unwrap());
        assert_eq!(made, [true, true, true, false]);
        let gone = write(&world, "member", move |op| delete_time_entry(op, length, None));
        gone.await.unwrap();
        let split = write(&world, "manager", move |op| {
            split_time_entry(op, length, SplitPoint::AfterStart(30), None, None)
        });
        assert_eq!(outcome(&split.await), "not found", "the trash is its owner's");
        put_on(&world, project, "manager", false).await;
        // The timer is the manager's own; what it was continued from is not there.
        let again = make(timed).await.map(|again| outcome(&again));
        assert_eq!(again, ["id taken", "not found", "id taken", "id taken"]);
    });
}

/// A flipped byte, and a note that lies where another one belongs: neither is shown as something else,
/// and the log's words say which row it is. All else goes on.
#[test]
fn a_damaged_note_is_named_and_never_shown() {
    const FLIP: Statement =
        Statement::new("test.flip", "UPDATE time_entries SET note_sealed = $1 WHERE id = $2");
    const READ: Statement =
        Statement::new("test.read", "SELECT note_sealed FROM time_entries WHERE id = $1");
    both(async |world: World| {
        let range = |hour: &str| {
            range(&format!("2026-11-20T{hour}:00:00Z"), &format!("2026-11-20T{hour}:30:00Z"))
        };
        let first = try_add(&world, range("08")).await.unwrap();
        let second = try_add(&world, range("09")).await.unwrap();
        let database = world.app.store().workspace(world.workspace).await.unwrap();
        let ids = (first.id, second.id);
        let whole = database.read(move |tx| tx.one(&READ, &[ids.1.into()])?.get::<Vec<u8>>(0));
        let moved = whole.await.unwrap();
        let mut flipped = moved.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for (id, other, bytes) in [(ids.0, ids.1, moved.clone()), (ids.1, ids.0, flipped)] {
            let kept = database.read(move |tx| tx.one(&READ, &[id.into()])?.get::<Vec<u8>>(0));
            let kept = kept.await.unwrap();
            let put = |bytes: Vec<u8>| {
                database.write(move |tx| {
                    tx.execute(&FLIP, &[bytes.clone().into(), id.into()]).map(drop)
                })
            };
            put(bytes).await.unwrap();
            let damaged = read(&world, "member", move |op| get_time_entry(op, id)).await;
            let Err(app::Error::Damaged(what)) = damaged else { panic!("{damaged:?}") };
            let row = format!("row {id} in workspace {}", world.workspace);
            assert!(what.contains(&row), "{what}");
            assert_eq!(
                outcome(&read(&world, "member", move |op| get_time_entry(op, other)).await),
                "ok"
            );
            put(kept).await.unwrap();
        }
    });
}
