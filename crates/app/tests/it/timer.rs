//! The timer.

use app::{
    Error, Refusal,
    time_entry::{Added, Booking, get_time_entry, list_day_parts, time_entry_history},
    timer::{StartTimer, discard_timer, running_entry, start_timer, stop_this_timer, stop_timer},
};
use domain::{ids::TimeEntryId, period::Period, text::Note};
use testkit::{World, both};

fn start(note: &str) -> StartTimer {
    StartTimer {
        id: None,
        booking: Booking::default(),
        note: Note::parse(note).unwrap(),
        billable: None,
        started_at: None,
        body: None,
    }
}

#[test]
fn a_timer_runs_and_stops_and_is_counted() {
    both(async |world: World| {
        let me = world.actor("member");
        let place = world.workspace;
        let begun = world.app.write(me, place, |op| start_timer(op, start("plan the week")));
        let Added::New(entry) = begun.await.unwrap() else { panic!("not new") };
        assert!(entry.is_running());
        world.set_clock("2026-11-20T13:30:00Z");
        let stopped = world.app.write(me, place, |op| stop_timer(op, None)).await.unwrap();
        assert_eq!(stopped.seconds(world.now()), 5_400);
        let again = world.app.write(me, place, |op| stop_timer(op, None)).await;
        assert!(matches!(again, Err(Error::Refused(Refusal::TimerNotRunning))));
        let day = stopped.first_day;
        let parts = world
            .app
            .read(me, place, move |op| list_day_parts(op, Period::new(day, day).unwrap()))
            .await
            .unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].seconds, 5_400);
        assert_eq!(parts[0].entry.note, "plan the week");
        let history =
            world.app.read(me, place, move |op| time_entry_history(op, entry.id)).await.unwrap();
        let kinds: Vec<_> = history.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(kinds, ["timer.started", "timer.stopped"]);
        let note = history[0].changes.iter().find(|change| change.field == "note").unwrap();
        assert_eq!(note.after.as_ref().unwrap().to_string(), "plan the week");
    });
}

#[test]
fn a_timer_is_stopped_by_its_id_and_no_other_is() {
    both(async |world: World| {
        let (me, place) = (world.actor("member"), world.workspace);
        let begin = async |note: &str| {
            let command = start(note);
            let begun =
                world.app.write(me, place, move |op| start_timer(op, command.clone())).await;
            begun.unwrap().into_inner()
        };
        let stop = async |who: &str, id: TimeEntryId, at: Option<&str>| {
            let at = at.map(|at| at.parse().unwrap());
            let who = world.actor(who);
            world.app.write(who, place, move |op| stop_this_timer(op, id, at)).await
        };
        let first = begin("first").await;
        world.set_clock("2026-11-20T12:30:00Z");
        let second = begin("second").await;
        world.set_clock("2026-11-20T13:00:00Z");
        // It ended when the second began, not at one.
        let at = Some("2026-11-20T13:00:00Z");
        let refused = stop("member", first.id, at).await;
        let runs = Error::Refused(Refusal::AnotherTimerRuns(second.id));
        assert_eq!(refused.unwrap_err().to_string(), runs.to_string());
        let same = stop("member", first.id, Some("2026-11-20T12:30:00.9Z")).await.unwrap();
        assert_eq!((same.version, same.seconds(world.now())), (2, 1_800));
        // Somebody else cannot, whatever they may see.
        assert!(matches!(stop("owner", second.id, at).await, Err(Error::NotFound)));
        let future = stop("member", second.id, Some("2026-11-20T13:00:01Z")).await;
        assert!(matches!(future, Err(Error::Invalid(_))));
        let stopped = stop("member", second.id, at).await.unwrap();
        let again = stop("member", second.id, at).await.unwrap();
        assert_eq!((stopped.version, again.version), (2, 2));
        for late in [None, Some("2026-11-20T12:45:00Z")] {
            let late = stop("member", second.id, late).await;
            assert!(matches!(late, Err(Error::Refused(Refusal::TimerNotRunning))));
        }
        let history =
            world.app.read(me, place, move |op| time_entry_history(op, second.id)).await.unwrap();
        assert_eq!(history.len(), 2, "one stop");
    });
}

#[test]
fn many_stops_at_once_end_one_entry_once() {
    both(async |world: World| {
        let (me, place) = (world.actor("member"), world.workspace);
        let begun = world.app.write(me, place, |op| start_timer(op, start("x"))).await.unwrap();
        let id = begun.into_inner().id;
        world.set_clock("2026-11-20T13:00:00Z");
        let mut stops = Vec::new();
        for minute in [30, 30, 30, 40, 40, 40] {
            let at = format!("2026-11-20T12:{minute}:00Z").parse().unwrap();
            let app = world.app.clone();
            stops.push(tokio::spawn(async move {
                app.write(me, place, move |op| stop_this_timer(op, id, Some(at))).await
            }));
        }
        let mut ended = 0;
        for stop in stops {
            ended += usize::from(stop.await.unwrap().is_ok());
        }
        assert_eq!(ended, 3, "those that say the same moment as the first");
        let history =
            world.app.read(me, place, move |op| time_entry_history(op, id)).await.unwrap();
        assert_eq!(history.len(), 2, "one start, one stop");
    });
}

#[test]
fn two_starts_at_once_leave_one_running() {
    both(async |world: World| {
        let mut starts = Vec::new();
        for n in 0..8 {
            let (app, me, place) = (world.app.clone(), world.actor("member"), world.workspace);
            let note = format!("start {n}");
            starts.push(tokio::spawn(async move {
                app.write(me, place, move |op| start_timer(op, start(&note))).await
            }));
        }
        let mut begun = 0;
        for start in starts {
            begun += usize::from(start.await.unwrap().is_ok());
        }
        assert!(begun >= 1, "none could start");
        let me = world.actor("member");
        let running = world.app.read(me, world.workspace, running_entry).await.unwrap();
        assert!(running.is_some());
        world.app.write(me, world.workspace, discard_timer).await.unwrap();
        let running = world.app.read(me, world.workspace, running_entry).await.unwrap();
        assert!(running.is_none());
    });
}

#[test]
fn another_workspace_is_not_found() {
    both(async |world: World| {
        let me = world.actor("member");
        let there = world.app.write(me, world.elsewhere, |op| start_timer(op, start("x"))).await;
        assert!(matches!(there, Err(Error::NotFound)));
    });
}

/// A timer that another request has started a moment later, or before the clock was set back, is
/// stopped all the same.
#[test]
fn a_timer_is_stopped_by_a_clock_that_is_behind() {
    both(async |world: World| {
        let (me, place) = (world.actor("member"), world.workspace);
        let begin = async |note: &str| {
            let command = start(note);
            let begun =
                world.app.write(me, place, move |op| start_timer(op, command.clone())).await;
            begun.unwrap().into_inner()
        };
        let read = async |id: TimeEntryId| {
            world.app.read(me, place, move |op| get_time_entry(op, id)).await.unwrap()
        };
        world.set_clock("2026-11-20T12:00:10Z");
        let first = begin("first").await;
        world.set_clock("2026-11-20T12:00:09.9Z");
        let stopped = world.app.write(me, place, |op| stop_timer(op, None)).await.unwrap();
        assert_eq!((stopped.id, stopped.seconds(world.now())), (first.id, 0));
        world.set_clock("2026-11-20T12:00:10Z");
        let second = begin("second").await;
        world.set_clock("2026-11-20T12:00:09.9Z");
        let third = begin("third").await;
        let second = read(second.id).await;
        assert!(!second.is_running());
        assert_eq!(second.seconds(world.now()), 0);
        assert!(read(third.id).await.is_running());
        // An end that somebody names is still looked at.
        let early = Some("2026-11-20T12:00:08Z".parse().unwrap());
        let refused = world.app.write(me, place, move |op| stop_timer(op, early)).await;
        assert!(matches!(refused, Err(Error::Invalid(_))));
    });
}
