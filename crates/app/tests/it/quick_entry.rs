//! The one-line entry: what a line finds here, what it refuses, and what it makes when that was
//! agreed to.

use app::{
    ChangeNamed, Error,
    project::{ChangeProject, change_project},
    tag::{self, change_tag},
    time_entry::{
        MayMake, QuickReading, TimeEntry, add_quick_entry, list_day_parts, read_quick_entry,
    },
    workspace::{ChangeWorkspace, change_workspace},
};
use domain::{duration::BareNumber, ids::TimeEntryId, period::Period};
use testkit::{World, both};

use crate::steps::{
    add_client, add_closed_project, add_project, add_task, name, outcome, put_on, read, write,
};

const NOTHING: MayMake = MayMake { tags: false, project: false };
const TAGS: MayMake = MayMake { tags: true, project: false };
const PROJECT: MayMake = MayMake { tags: false, project: true };
const ALL: MayMake = MayMake { tags: true, project: true };

async fn add(world: &World, who: &str, text: &str, make: MayMake) -> Result<TimeEntry, Error> {
    let line = text.to_owned();
    let added = write(world, who, move |op| add_quick_entry(op, None, &line, make, None)).await;
    added.map(app::time_entry::Added::into_inner)
}

async fn look(world: &World, who: &str, text: &str) -> QuickReading {
    let line = text.to_owned();
    read(world, who, move |op| read_quick_entry(op, &line, None)).await.unwrap()
}

/// `unknown_tag`, or as [`outcome`].
fn code<T>(result: &Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid(fields)) => fields.0[0].code.to_owned(),
        result => outcome(result),
    }
}

fn sentence<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    match result {
        Err(Error::Invalid(fields)) => fields.0[0].message.clone(),
        other => panic!("{other:?}"),
    }
}

/// What an entry is booked on: `Northwind · Planning · Review #meeting`.
async fn booked(world: &World, entry: &TimeEntry) -> String {
    let entry = entry.clone();
    let booked = read(world, "admin", move |op| {
        let names = op.names()?;
        let project = entry.project.and_then(|id| names.projects.get(&id));
        let mut words = vec![project.map(|one| names.project_label(one)).unwrap_or_default()];
        words.extend(entry.task.map(|id| format!("· {}", names.tasks[&id].name)));
        words.extend(entry.tags.iter().map(|id| format!("#{}", names.tags[id].name)));
        Ok(words.join(" "))
    });
    booked.await.unwrap()
}

/// How many clients, projects, tasks and tags there are.
async fn counts(world: &World) -> [usize; 4] {
    let counts = read(world, "admin", |op| {
        let names = op.names()?;
        let (clients, projects) = (names.clients.len(), names.projects.len());
        Ok([clients, projects, names.tasks.len(), names.tags.len()])
    });
    counts.await.unwrap()
}

async fn furnish(world: &World) {
    let northwind = add_client(world, "Northwind").await;
    let harbour = add_client(world, "Harbour Foods").await;
    let planning = add_project(world, "Planning", Some(northwind.id)).await;
    add_project(world, "Planning", Some(harbour.id)).await;
    let office = add_project(world, "Office", None).await;
    add_task(world, planning.id, "Review").await;
    add_task(world, office.id, "Moving").await;
}

#[test]
fn a_line_finds_projects_and_tasks_also_by_how_they_begin() {
    both(async |world: World| {
        furnish(&world).await;
        for (line, expected) in [
            ("1h @northwind/planning", "Northwind · Planning"),
            ("1h @\"harbour foods\"/planning", "Harbour Foods · Planning"),
            ("1h @north/plan", "Northwind · Planning"),
            ("1h @off", "Office"),
            ("1h @office/moving", "Office · Moving"),
            ("1h @off/mov", "Office · Moving"),
            ("1h @planning/review", "Northwind · Planning · Review"),
            ("1h @north/plan/rev", "Northwind · Planning · Review"),
            ("1h", ""),
        ] {
            let entry = add(&world, "member", line, NOTHING).await.unwrap();
            assert_eq!(booked(&world, &entry).await, expected, "{line}");
        }
        let refused = sentence(add(&world, "member", "1h @plan", ALL).await);
        assert_eq!(refused, "Which one? Harbour Foods · Planning, Northwind · Planning");
        let reading = look(&world, "member", "1h @plan").await;
        assert_eq!((reading.problem.as_deref(), reading.offer), (Some(refused.as_str()), None));
        assert_eq!(counts(&world).await, [2, 3, 2, 0]);
    });
}

/// Berlin's clock went from 02:00 to 03:00 that night.
#[test]
fn a_range_in_an_hour_that_is_left_out_is_told_why() {
    both(async |world: World| {
        let sentence_of = async |line: &'static str| {
            let reading = look(&world, "member", line).await;
            let refused = sentence(add(&world, "member", line, NOTHING).await);
            assert_eq!(reading.problem.as_deref(), Some(refused.as_str()));
            refused
        };
        let told =
            "There is no 02:30 on 2026-03-29 in Europe/Berlin: the clock goes forward over it.";
        assert_eq!(sentence_of("2:30-3:00 2026-03-29").await, told);
        assert_eq!(sentence_of("2:30-3:30 2026-03-29").await, told);
        // Nothing is moved without a word: no start, no end, no start of the timer.
        assert_eq!(sentence_of("2:30-4:00 2026-03-29").await, told);
        assert_eq!(sentence_of("1:00-2:30 2026-03-29").await, told);
        assert_eq!(sentence_of("2:30- 2026-03-29").await, told);
        // Up to the jump everything is there.
        let entry = add(&world, "member", "1:30-2:00 2026-03-29", NOTHING).await.unwrap();
        assert_eq!(entry.seconds(entry.created_at), 1800);
        let entry = add(&world, "member", "1:30-3:30 2026-03-29", NOTHING).await.unwrap();
        assert_eq!(entry.seconds(entry.created_at), 3600);
    });
}

/// In Berlin 25 October has 25 hours, 29 March 23: what is said is what will be saved.
#[test]
fn the_echo_of_a_line_is_what_will_be_saved() {
    both(async |world: World| {
        for (line, echo, seconds) in [
            ("1:30-3:30 2026-10-25", "= 3 h", Some(10_800)),
            ("0:00-24:00 2026-10-25", "= 25 h", Some(90_000)),
            ("1:30-3:30 2026-03-29", "= 1 h", Some(3_600)),
            ("23:00-4:00 2026-03-28", "= 4 h", Some(14_400)),
            ("2:30-4:00 2026-03-29", "", None),
            ("1:30-3:30", "= 2 h", Some(7_200)),
            ("2h 2026-10-25", "= 2 h", Some(7_200)),
            ("9-", "from 09:00", None),
        ] {
            let reading = look(&world, "member", line).await;
            assert_eq!((reading.echo.as_str(), reading.duration_s), (echo, seconds), "{line}");
        }
    });
}

/// A client takes no time; who names one meant one of its projects.
#[test]
fn a_client_alone_is_asked_for_its_project() {
    both(async |world: World| {
        furnish(&world).await;
        let question = "@north is a client: which project? @north/Planning";
        assert_eq!(sentence(add(&world, "member", "1h @north", NOTHING).await), question);
        let reading = look(&world, "member", "1h @north").await;
        assert_eq!(reading.problem.as_deref(), Some(question));
        assert_eq!(reading.unknown, ["@north"]);
    });
}

#[test]
fn unknown_tags_are_made_only_when_that_was_agreed_to() {
    both(async |world: World| {
        let line = "1h Look back #retro #big-one #retro";
        let refused = add(&world, "member", line, PROJECT).await;
        assert_eq!(sentence(refused), "There is no tag #retro yet.");
        assert_eq!(counts(&world).await, [0, 0, 0, 0]);
        let reading = look(&world, "member", line).await;
        assert_eq!(reading.unknown, ["#retro", "#big-one"]);
        assert_eq!(reading.offer.as_deref(), Some("the tags “retro”, “big-one”"));
        assert_eq!(reading.problem, None);
        let entry = add(&world, "member", line, TAGS).await.unwrap();
        assert_eq!(entry.tags.len(), 2);
        assert_eq!(counts(&world).await, [0, 0, 0, 2]);
        // What is known now is not made again.
        let again = add(&world, "other", "1h #RETRO", TAGS).await.unwrap();
        assert_eq!(booked(&world, &again).await, " #retro");
        assert_eq!(look(&world, "member", line).await.offer, None);
        // One that is archived is not offered.
        let (tag, archived) = (again.tags[0], Some(true));
        let change = ChangeNamed { archived, ..ChangeNamed::default() };
        write(&world, "admin", move |op| change_tag(op, tag, change.clone())).await.unwrap();
        assert_eq!(code(&add(&world, "member", "1h #retro", ALL).await), "archived_tag");
        assert_eq!(look(&world, "member", "1h #retro").await.offer, None);
    });
}

#[test]
fn unknown_projects_are_made_by_who_may_when_that_was_agreed_to() {
    both(async |world: World| {
        furnish(&world).await;
        for (line, offer, expected) in [
            ("1h @Hiring", "the project “Hiring”", "Hiring"),
            (
                "1h @north/Dashboards",
                "the project “Dashboards” (client “Northwind”)",
                "Northwind · Dashboards",
            ),
            (
                "1h @Acme/\"Big move\"",
                "the project “Big move” (new client “Acme”)",
                "Acme · Big move",
            ),
            ("1h @acme/big/Packing", "the task “Packing” (Acme · Big move)", ""),
            ("1h @office/Cleaning", "the task “Cleaning” (Office)", "Office · Cleaning"),
            (
                "1h @Beta/Start/\"First steps\" #new",
                "the project “Start” (new client “Beta”) with the task “First steps” and the tag \
                 “new”",
                "Beta · Start · First steps #new",
            ),
        ] {
            let before = counts(&world).await;
            let refused = add(&world, "admin", line, TAGS).await;
            assert!(code(&refused).starts_with("unknown_"), "{line}: {refused:?}");
            assert_eq!(counts(&world).await, before, "{line}");
            assert_eq!(look(&world, "admin", line).await.offer.as_deref(), Some(offer));
            let entry = add(&world, "admin", line, ALL).await.unwrap();
            if !expected.is_empty() {
                assert_eq!(booked(&world, &entry).await, expected);
            }
            assert_eq!(look(&world, "admin", line).await.offer, None, "{line}: known now");
        }
        assert_eq!(counts(&world).await, [4, 7, 5, 1]);
        // Every member can book on what was made.
        assert_eq!(code(&add(&world, "member", "1h @hiring", NOTHING).await), "ok");
        // Made, and then the line is refused for another reason: nothing stays.
        let before = counts(&world).await;
        assert_eq!(code(&add(&world, "admin", "yesterday @Newer", ALL).await), "needs_duration");
        assert_eq!(counts(&world).await, before);
        // Two clients begin so.
        add_client(&world, "Northern Lights").await;
        assert_eq!(code(&add(&world, "admin", "1h @north/Newer", ALL).await), "unknown_project");
        assert_eq!(look(&world, "admin", "1h @north/Newer").await.offer, None);
        let long = format!("1h @{}", "x".repeat(121));
        assert_eq!(look(&world, "admin", &long).await.offer, None);
        assert_eq!(code(&add(&world, "admin", &long, ALL).await), "too_long");
    });
}

#[test]
fn who_may_not_make_projects_is_told_who_can() {
    both(async |world: World| {
        furnish(&world).await;
        let before = counts(&world).await;
        for who in ["member", "manager"] {
            for line in ["1h @Hiring", "1h @Northwind/Hiring", "1h @Acme/Hiring/First #new"] {
                let refused = sentence(add(&world, who, line, NOTHING).await);
                assert!(refused.ends_with("that you can book on. An admin can make it."));
                assert_eq!(look(&world, who, line).await.offer, None, "{who}: {line}");
                assert_eq!(outcome(&add(&world, who, line, ALL).await), "forbidden");
            }
        }
        let refused = sentence(add(&world, "member", "1h @office/Cleaning", NOTHING).await);
        let expected =
            "There is no task “Cleaning” in Office. Who manages the project can make it.";
        assert_eq!(refused, expected);
        // A project that is closed to them is as one that is not there.
        add_closed_project(&world, "Hidden", None).await;
        let hidden = sentence(add(&world, "member", "1h @hidden", NOTHING).await);
        assert_eq!(
            hidden,
            "There is no project @hidden that you can book on. An admin can make it."
        );
        assert_eq!(outcome(&add(&world, "member", "1h @hidden", ALL).await), "forbidden");
        // Who manages a project makes its tasks.
        let mine = add_project(&world, "Mine", None).await;
        put_on(&world, mine.id, "manager", true).await;
        let offer = look(&world, "manager", "1h @mine/Cleaning").await.offer;
        assert_eq!(offer.as_deref(), Some("the task “Cleaning” (Mine)"));
        assert_eq!(code(&add(&world, "member", "1h @mine/Cleaning", ALL).await), "forbidden");
        let entry = add(&world, "manager", "1h @mine/Cleaning", PROJECT).await.unwrap();
        assert_eq!(booked(&world, &entry).await, "Mine · Cleaning");
        let [clients, projects, tasks, tags] = before;
        assert_eq!(counts(&world).await, [clients, projects + 2, tasks + 1, tags]);
    });
}

#[test]
fn what_is_archived_is_told_and_not_made_again() {
    both(async |world: World| {
        let client = add_client(&world, "Northwind").await;
        let old = add_project(&world, "Old work", Some(client.id)).await;
        let change = ChangeProject { archived: Some(true), ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, old.id, change.clone())).await.unwrap();
        for who in ["admin", "member"] {
            let line = "1h @northwind/\"old work\"";
            let refused = add(&world, who, line, ALL).await;
            assert_eq!(outcome(&refused), "project.archived", "{who}");
            let reading = look(&world, who, line).await;
            assert_eq!(reading.offer, None);
            assert!(reading.problem.unwrap().contains("archived"), "{who}");
        }
    });
}

#[test]
fn the_time_of_a_line_is_wall_time_of_the_member() {
    both(async |world: World| {
        for (line, expected) in [
            // It is 13:00 in Berlin, Friday the 20th.
            ("22:00-1:30 thu release", "2026-11-19T21:00:00Z 2026-11-20T00:30:00Z"),
            ("9-10:30 x", "2026-11-20T08:00:00Z 2026-11-20T09:30:00Z"),
            ("9am-5pm 2026-07-01", "2026-07-01T07:00:00Z 2026-07-01T15:00:00Z"),
        ] {
            let entry = add(&world, "member", line, NOTHING).await.unwrap();
            let ends = format!("{} {}", entry.start().unwrap(), entry.stop().unwrap());
            assert_eq!(ends, expected, "{line}");
        }
        let period = Period::new("2026-11-19".parse().unwrap(), "2026-11-20".parse().unwrap());
        let period = period.unwrap();
        let parts = read(&world, "member", move |op| list_day_parts(op, period)).await.unwrap();
        let mut days: Vec<_> =
            parts.iter().map(|part| (part.day.to_string(), part.seconds)).collect();
        days.sort();
        let day = |day: &str, seconds| (day.to_owned(), seconds);
        let expected = [day("2026-11-19", 7200), day("2026-11-20", 5400), day("2026-11-20", 5400)];
        assert_eq!(days, expected, "split at midnight");

        // Bare numbers as the workspace says.
        let entry = add(&world, "member", "x 2", NOTHING).await.unwrap();
        assert_eq!(entry.seconds(world.now()), 120);
        let change =
            ChangeWorkspace { bare_number: Some(BareNumber::Hours), ..ChangeWorkspace::default() };
        write(&world, "owner", move |op| change_workspace(op, change.clone())).await.unwrap();
        let entry = add(&world, "member", "x 2", NOTHING).await.unwrap();
        assert_eq!(entry.seconds(world.now()), 7200);
    });
}

#[test]
fn a_line_without_a_length_starts_the_timer_and_only_today() {
    both(async |world: World| {
        let first = add(&world, "member", "Planning", NOTHING).await.unwrap();
        assert!(first.is_running());
        assert_eq!(first.start(), Some(world.now()));
        world.set_clock("2026-11-20T14:00:00Z");
        let second = add(&world, "member", "14:30- Reading $", NOTHING).await.unwrap();
        assert!(second.is_running() && second.is_billable);
        assert_eq!(second.start(), Some("2026-11-20T13:30:00Z".parse().unwrap()));
        let id = first.id;
        let first = read(&world, "member", move |op| app::time_entry::get_time_entry(op, id))
            .await
            .unwrap();
        assert_eq!(first.stop(), second.start(), "one at a time");
        for (line, expected) in [
            ("yesterday Planning", "needs_duration"),
            ("16:00- Planning", "in_future"),
            ("1:30 a 2h", "not_readable"),
            ("-15m a", "not_readable"),
            ("745h", "not_readable"),
        ] {
            let refused = add(&world, "member", line, ALL).await;
            assert_eq!(code(&refused), expected, "{line}");
        }
    });
}

#[test]
fn a_line_that_is_sent_again_makes_nothing_twice() {
    both(async |world: World| {
        let id: TimeEntryId = "01936f00-0000-7000-8000-00000000aaaa".parse().unwrap();
        let send = async |body: u8| {
            write(&world, "admin", move |op| {
                add_quick_entry(op, Some(id), "1h @Acme/Move #new", ALL, Some([body; 32]))
            })
            .await
        };
        let first = send(1).await.unwrap().into_inner();
        let again = send(1).await.unwrap().into_inner();
        assert_eq!(first.version, again.version);
        assert_eq!(outcome(&send(2).await), "id taken");
        assert_eq!(counts(&world).await, [1, 1, 0, 1]);
    });
}

#[test]
fn two_lines_at_once_make_one_project() {
    both(async |world: World| {
        let mut sent = Vec::new();
        for _ in 0..4 {
            let (app, actor, place) = (world.app.clone(), world.actor("admin"), world.workspace);
            sent.push(tokio::spawn(async move {
                app.write(actor, place, |op| add_quick_entry(op, None, "1h @Acme/Move", ALL, None))
                    .await
            }));
        }
        let mut made = 0;
        for one in sent {
            let one = one.await.unwrap();
            assert!(["ok", "name.taken"].contains(&outcome(&one).as_str()), "{one:?}");
            made += usize::from(one.is_ok());
        }
        assert!(made > 0);
        assert_eq!(counts(&world).await, [1, 1, 0, 0]);
    });
}

/// A completion is read back as the name it completes, whatever stands in it.
#[test]
fn a_completion_means_what_it_completes() {
    both(async |world: World| {
        for text in [r"R\", r"a\b", r#"say "when""#, "R&D (new)", "a/b", "it's"] {
            let tag = name(text);
            let made = write(&world, "member", move |op| tag::add_tag(op, None, &tag, None));
            made.await.unwrap();
            let project = add_project(&world, text, None).await;
            add_task(&world, project.id, text).await;
        }
        let complete = async |line: &str| {
            let (line, at) = (line.to_owned(), line.chars().count());
            let read = read(&world, "member", move |op| read_quick_entry(op, &line, Some(at)));
            read.await.unwrap().completions
        };
        let tags = complete("1h #").await;
        assert_eq!(tags.len(), 6);
        for (n, offered) in tags.iter().enumerate() {
            let entry = add(&world, "member", &offered.text, NOTHING).await;
            let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", offered.text));
            assert_eq!(booked(&world, &entry).await, format!(" #{}", offered.label), "{n}");
        }
        let projects = complete("1h @").await;
        assert_eq!(projects.len(), 6);
        for offered in projects {
            let entry = add(&world, "member", &offered.text, NOTHING).await;
            let entry = entry.unwrap_or_else(|error| panic!("{}: {error}", offered.text));
            assert_eq!(booked(&world, &entry).await, offered.label);
        }
        // What is typed is compared with the name, not with how it is written.
        let tasks = complete(r"1h @a\\b/").await;
        let labels: Vec<_> = tasks.iter().map(|offered| offered.label.as_str()).collect();
        assert_eq!(labels, [r"a\b · a\b"]);
    });
}

/// `@Office/new` is about the project, though the path could also begin with a client.
#[test]
fn an_archived_project_is_told_also_in_front_of_a_task() {
    both(async |world: World| {
        let office = add_project(&world, "Office", None).await;
        let change = ChangeProject { archived: Some(true), ..ChangeProject::default() };
        let id = office.id;
        write(&world, "admin", move |op| change_project(op, id, change.clone())).await.unwrap();
        let before = counts(&world).await;
        let seen = look(&world, "admin", "1h @office/new").await;
        assert_eq!(seen.offer, None);
        let sentence = seen.problem.unwrap();
        assert!(sentence.contains("archived"), "{sentence}");
        let made = add(&world, "admin", "1h @office/new", ALL).await;
        assert_eq!(outcome(&made), "project.archived");
        assert_eq!(counts(&world).await, before, "no second Office");
        // As the client of a project with a task, it is none that is there.
        let seen = look(&world, "admin", "1h @office/new/task").await;
        assert!(seen.offer.is_some());
    });
}
