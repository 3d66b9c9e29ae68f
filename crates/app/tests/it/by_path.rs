//! Entries whose project is said by its names: found, made with the entry by who may, or refused.

use app::{
    Error,
    project::{ChangeProject, change_project},
    time_entry::{
        AddTimeEntry, Added, Booking, NewSpan, TimeEntry, add_time_entry, booking_by_path,
    },
    timer::{StartTimer, start_timer},
};
use domain::{ids::TimeEntryId, text::Note};
use testkit::{World, both};

use crate::steps::{add_client, add_project, add_task, on, outcome, read, write};

/// A request for half an hour on a path.
#[derive(Clone, Default)]
struct Half {
    path: &'static str,
    id: Option<TimeEntryId>,
    body: Option<[u8; 32]>,
    booking: Booking,
    seconds: Option<i64>,
}

fn half(path: &'static str) -> Half {
    Half { path, ..Half::default() }
}

fn names(path: &str) -> Vec<String> {
    path.split('/').map(str::to_owned).collect()
}

async fn add(world: &World, who: &str, half: Half) -> Result<TimeEntry, Error> {
    let added = write(world, who, move |op| {
        let Half { path, id, body, booking, seconds } = half.clone();
        let booking = booking_by_path(op, id, body, &names(path), booking)?;
        let span = NewSpan::Duration { day: op.today(), seconds: seconds.unwrap_or(1800) };
        let note = Note::parse("work").unwrap();
        let billable = None;
        add_time_entry(op, AddTimeEntry { id, member: None, booking, note, billable, span, body })
    });
    added.await.map(Added::into_inner)
}

/// `Northwind · Planning · Review`, of an entry that was added.
async fn booked(world: &World, added: Result<TimeEntry, Error>) -> String {
    let entry = added.unwrap();
    let label = read(world, "admin", move |op| {
        let names = op.names()?;
        let project = entry.project.map(|id| names.project_label(&names.projects[&id]));
        let task = entry.task.map(|id| format!(" · {}", names.tasks[&id].name));
        Ok(format!("{}{}", project.unwrap_or_default(), task.unwrap_or_default()))
    });
    label.await.unwrap()
}

/// How many clients, projects and tasks there are.
async fn counts(world: &World) -> [usize; 3] {
    let counts = read(world, "admin", |op| {
        let names = op.names()?;
        Ok([names.clients.len(), names.projects.len(), names.tasks.len()])
    });
    counts.await.unwrap()
}

fn wrong<T: std::fmt::Debug>(refused: Result<T, Error>) -> (&'static str, &'static str, String) {
    match refused {
        Err(Error::Invalid(fields)) => {
            let wrong = fields.0.into_iter().next().unwrap();
            (wrong.field, wrong.code, wrong.message)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_missing_is_made_with_the_entry_by_who_may() {
    both(async |world: World| {
        let northwind = add_client(&world, "Northwind").await;
        let planning = add_project(&world, "Planning", Some(northwind.id)).await;
        add_task(&world, planning.id, "Review").await;
        for (path, expected) in [
            ("north/plan", "Northwind · Planning"),
            ("planning/review", "Northwind · Planning · Review"),
        ] {
            assert_eq!(booked(&world, add(&world, "member", half(path)).await).await, expected);
        }
        assert_eq!(counts(&world).await, [1, 1, 1]);
        for (path, expected) in [
            ("Hiring", "Hiring"),
            ("north/Dashboards", "Northwind · Dashboards"),
            ("Acme/Big move/Packing", "Acme · Big move · Packing"),
        ] {
            assert_eq!(booked(&world, add(&world, "admin", half(path)).await).await, expected);
        }
        assert_eq!(counts(&world).await, [2, 4, 2]);
        // Every member finds it now.
        assert_eq!(booked(&world, add(&world, "member", half("hiring")).await).await, "Hiring");
        // The entry is refused: nothing is made.
        let too_long = Half { seconds: Some(i64::MAX), ..half("Newer") };
        assert_eq!(wrong(add(&world, "admin", too_long).await).0, "duration_s");
        assert_eq!(counts(&world).await, [2, 4, 2]);
    });
}

#[test]
fn who_may_not_make_it_is_told_who_can() {
    both(async |world: World| {
        let northwind = add_client(&world, "Northwind").await;
        let office = add_project(&world, "Office", None).await;
        for name in ["Planning", "Plans"] {
            add_project(&world, name, Some(northwind.id)).await;
        }
        let before = counts(&world).await;
        let told = |code, message: &str| ("project_path", code, message.to_owned());
        let hiring = "There is no project @Hiring that you can book on. An admin can make it.";
        let cleaning =
            "There is no task “Cleaning” in Office. Who manages the project can make it.";
        for who in ["member", "manager"] {
            let refused = wrong(add(&world, who, half("Hiring")).await);
            assert_eq!(refused, told("unknown_project", hiring));
            let refused = wrong(add(&world, who, half("office/Cleaning")).await);
            assert_eq!(refused, told("unknown_task", cleaning));
        }
        for (path, code) in [
            ("north/pl", "ambiguous"),
            ("a/b/c/d", "unknown_project"),
            ("", "empty"),
            ("northwind/", "empty"),
            ("bell\u{7}ringer", "control_character"),
        ] {
            let (field, found, _) = wrong(add(&world, "admin", half(path)).await);
            assert_eq!((field, found), ("project_path", code), "{path}");
        }
        let both_ways = Half { booking: on(office.id), ..half("Hiring") };
        assert_eq!(wrong(add(&world, "admin", both_ways).await).1, "invalid");
        let archived = Some(true);
        let change = ChangeProject { archived, ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, office.id, change.clone()))
            .await
            .unwrap();
        let refused = add(&world, "admin", half("office")).await;
        assert_eq!(outcome(&refused), "project.archived");
        assert_eq!(counts(&world).await, before);
    });
}

#[test]
fn sent_again_it_makes_nothing_anew() {
    both(async |world: World| {
        let id = Some("01936f00-0000-7000-8000-00000000aaaa".parse().unwrap());
        let sent = Half { id, body: Some([1; 32]), ..half("Acme/Move") };
        let first = add(&world, "admin", sent.clone()).await.unwrap();
        // Archived since: the request had made its entry all the same.
        let (project, archived) = (first.project.unwrap(), Some(true));
        let change = ChangeProject { archived, ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, project, change.clone()))
            .await
            .unwrap();
        let again = add(&world, "admin", sent.clone()).await.unwrap();
        assert_eq!((again.id, again.version), (first.id, first.version));
        let other = Half { body: Some([2; 32]), path: "Acme/Other", ..sent };
        assert_eq!(outcome(&add(&world, "admin", other).await), "id taken");
        assert_eq!(counts(&world).await, [1, 1, 0]);
    });
}

#[test]
fn two_starts_at_once_make_one_project() {
    both(async |world: World| {
        let mut sent = Vec::new();
        for _ in 0..4 {
            let (app, actor, place) = (world.app.clone(), world.actor("admin"), world.workspace);
            sent.push(tokio::spawn(async move {
                app.write(actor, place, |op| {
                    let path = names("Acme/Move");
                    let booking = booking_by_path(op, None, None, &path, Booking::default())?;
                    let note = Note::parse("work").unwrap();
                    let (id, billable, started_at, body) = (None, None, None, None);
                    let start = StartTimer { id, booking, note, billable, started_at, body };
                    start_timer(op, start)
                })
                .await
            }));
        }
        let mut made = 0;
        for one in sent {
            let one = one.await.unwrap();
            let told = outcome(&one);
            assert!(["ok", "name.taken", "timer.already_running"].contains(&told.as_str()));
            made += usize::from(one.is_ok());
        }
        assert!(made > 0);
        assert_eq!(counts(&world).await, [1, 1, 0]);
    });
}

#[test]
fn what_belongs_to_another_workspace_is_not_there() {
    both(async |world: World| {
        add_project(&world, "Planning", None).await;
        let added = world.app.write(world.actor("stranger"), world.workspace, |op| {
            booking_by_path(op, None, None, &names("Planning"), Booking::default())
        });
        assert_eq!(outcome(&added.await), "not found");
        let made = world.app.write(world.actor("stranger"), world.elsewhere, |op| {
            booking_by_path(op, None, None, &names("Planning"), Booking::default())
        });
        assert!(made.await.unwrap().project.is_some());
        assert_eq!(counts(&world).await, [0, 1, 0]);
    });
}
