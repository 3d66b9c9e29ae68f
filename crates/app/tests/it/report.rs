//! Reports: who sees what, and that it always adds up.

use std::collections::BTreeMap;

use app::{
    Error,
    member::{ChangeMe, change_me, change_role},
    project::{ChangeProject, change_project},
    report::{
        GroupBy, StackPart, Summary, SummaryQuery, recent, stacked_days, summary_report,
        week_totals,
    },
    time_entry::{
        AddTimeEntry, Booking, Filter, NewSpan, Span, TimeEntry, add_time_entry, delete_time_entry,
        list_time_entries,
    },
    timer::{StartTimer, start_timer, stop_timer},
};
use domain::{
    day::{Zone, days_of, local_day},
    ids::{MemberId, ProjectId},
    interval::Interval,
    period::Period,
    permission::Role,
    text::Note,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{add_client, add_closed_project, add_project, book, on, outcome, put_on, read, write},
};

fn period(first: &str, last: &str) -> Period {
    Period::new(first.parse().unwrap(), last.parse().unwrap()).unwrap()
}

fn whole_month() -> SummaryQuery {
    SummaryQuery {
        period: period("2026-11-01", "2026-11-30"),
        group_by: GroupBy::ClientProject,
        member: None,
        project: None,
    }
}

/// The report, whose chart says the same.
async fn report(world: &World, who: &str, query: SummaryQuery) -> Result<Summary, Error> {
    let both =
        read(world, who, move |op| Ok((summary_report(op, query)?, stacked_days(op, query)?)));
    let (summary, stacks) = both.await?;
    let days = summary.days.iter().map(|day| (day.day, day.seconds));
    assert!(days.eq(sums(&stacks, |part| part.day)));
    let groups = summary.groups.iter().map(|group| (group.id, group.seconds));
    let groups: BTreeMap<_, _> = groups.collect();
    assert!(groups.into_iter().eq(sums(&stacks, |part| part.group)));
    Ok(summary)
}

fn sums<K: Ord>(parts: &[StackPart], by: impl Fn(&StackPart) -> K) -> BTreeMap<K, i64> {
    let mut sums = BTreeMap::new();
    for part in parts {
        *sums.entry(by(part)).or_default() += part.seconds;
    }
    sums
}

fn start(note: &str, project: Option<ProjectId>, at: Option<Timestamp>) -> StartTimer {
    StartTimer {
        id: None,
        booking: Booking { project, ..Booking::default() },
        note: Note::parse(note).unwrap(),
        billable: None,
        started_at: at,
        body: None,
    }
}

fn lines(summary: &Summary) -> Vec<String> {
    let line = |row: app::report::SummaryRow<'_>| {
        format!("{} ▸ {}: {} ({})", row.group, row.subgroup, row.seconds, row.billable_s)
    };
    summary.rows().map(line).collect()
}

#[test]
fn groups_are_named_and_ordered() {
    both(async |world: World| {
        let north = add_client(&world, "Northwind").await.id;
        let plan = add_project(&world, "Planning", Some(north)).await.id;
        let build = add_project(&world, "Building", Some(north)).await.id;
        let own = add_project(&world, "House", None).await.id;
        let unpaid = ChangeProject { billable: Some(false), ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, own, unpaid.clone())).await.unwrap();
        book(&world, "member", on(plan), 100).await;
        book(&world, "member", on(build), 300).await;
        book(&world, "other", on(plan), 200).await;
        book(&world, "member", on(own), 5_000).await;
        book(&world, "other", Booking::default(), 7_000).await;
        book(&world, "other", on(build), 0).await;
        let summary = report(&world, "admin", whole_month()).await.unwrap();
        assert_eq!(
            lines(&summary),
            [
                "Northwind ▸ Building: 300 (300)",
                "Northwind ▸ Planning: 300 (300)",
                "No client ▸ House: 5000 (0)",
                "No client ▸ No project: 7000 (0)",
            ]
        );
        assert_eq!((summary.total_s, summary.billable_s), (12_600, 600));
        assert_eq!(summary.groups[1].id, None);
        let by_member = SummaryQuery { group_by: GroupBy::MemberProject, ..whole_month() };
        assert_eq!(
            lines(&report(&world, "admin", by_member).await.unwrap()),
            [
                "The other ▸ Northwind · Planning: 200 (200)",
                "The other ▸ No project: 7000 (0)",
                "The member ▸ House: 5000 (0)",
                "The member ▸ Northwind · Building: 300 (300)",
                "The member ▸ Northwind · Planning: 100 (100)",
            ]
        );
        let nothing = SummaryQuery { period: period("2026-01-01", "2026-01-31"), ..whole_month() };
        let nothing = report(&world, "admin", nothing).await.unwrap();
        assert!(nothing.groups.is_empty() && nothing.days.is_empty() && nothing.total_s == 0);
    });
}

#[test]
fn who_sees_whose_time() {
    both(async |world: World| {
        let managed = add_closed_project(&world, "Managed", None).await.id;
        let open = add_project(&world, "Open", None).await.id;
        put_on(&world, managed, "manager", true).await;
        for role in [Role::Manager, Role::Member] {
            let member = world.member("member");
            let changed = write(&world, "owner", move |op| change_role(op, member, role, None));
            changed.await.unwrap();
            // Who is a plain member again stays on the project, and manages it no more.
            if role == Role::Manager {
                put_on(&world, managed, "member", true).await;
            }
        }
        for who in ["manager", "member", "other", "admin"] {
            book(&world, who, on(open), 1).await;
        }
        book(&world, "manager", on(managed), 10).await;
        book(&world, "member", on(managed), 100).await;
        book(&world, "admin", on(managed), 1_000).await;
        let total = async |who, member: Option<&str>, project: Option<ProjectId>| {
            let member = member.map(|name| world.member(name));
            let query = SummaryQuery { member, project, ..whole_month() };
            match report(&world, who, query).await {
                Ok(summary) => summary.total_s.to_string(),
                error => outcome(&error),
            }
        };
        for (who, member, project, expected) in [
            ("owner", None, None, "1114"),
            ("admin", None, None, "1114"),
            ("admin", Some("member"), None, "101"),
            ("admin", Some("member"), Some(open), "1"),
            ("manager", None, None, "1111"),
            ("manager", Some("manager"), None, "11"),
            ("manager", Some("member"), None, "100"),
            ("manager", Some("other"), None, "0"),
            ("manager", None, Some(managed), "1110"),
            ("manager", None, Some(open), "1"),
            ("manager", Some("member"), Some(open), "forbidden"),
            ("manager", Some("stranger"), None, "not found"),
            // To have managed a project gives a plain member nothing.
            ("member", None, None, "101"),
            ("member", None, Some(managed), "100"),
            ("member", Some("manager"), None, "forbidden"),
            ("member", Some("manager"), Some(managed), "forbidden"),
            ("other", None, Some(managed), "not found"),
            ("admin", Some("stranger"), None, "not found"),
            ("admin", None, Some(ProjectId::from_bytes([3; 16])), "not found"),
            ("stranger", None, None, "not found"),
        ] {
            let found = total(who, member, project).await;
            assert_eq!(found, expected, "{who} asks for {member:?} on {project:?}");
        }
        assert_roles!(
            "owner: ok, admin: ok, manager: ok, member: ok, stranger: not found",
            async |who| report(&world, who, whole_month()).await
        );
    });
}

#[test]
fn a_running_timer_counts_on_each_day_it_touches() {
    both(async |world: World| {
        // 21:00 of the 18th in Berlin, until 13:00 of the 20th.
        let at = "2026-11-18T20:00:00Z".parse().unwrap();
        write(&world, "member", move |op| start_timer(op, start("on call", None, Some(at))))
            .await
            .unwrap();
        let summary = report(&world, "member", whole_month()).await.unwrap();
        let days = |summary: &Summary| -> Vec<_> {
            summary.days.iter().map(|d| (d.day.to_string(), d.seconds / 3_600)).collect()
        };
        let day = |text: &str, hours| (text.to_owned(), hours);
        let expected = [day("2026-11-18", 3), day("2026-11-19", 24), day("2026-11-20", 13)];
        assert_eq!(days(&summary), expected);
        assert_eq!(summary.total_s, 40 * 3_600);
        let one = SummaryQuery { period: period("2026-11-19", "2026-11-19"), ..whole_month() };
        assert_eq!(report(&world, "admin", one).await.unwrap().total_s, 24 * 3_600);
        let week = period("2026-11-16", "2026-11-22");
        let totals = read(&world, "member", move |op| week_totals(op, week)).await.unwrap();
        let hours: Vec<_> = totals.iter().map(|total| total.seconds / 3_600).collect();
        assert_eq!(hours, [0, 0, 3, 24, 13, 0, 0]);
        // Stopped, it counts the same.
        write(&world, "member", |op| stop_timer(op, None)).await.unwrap();
        assert_eq!(report(&world, "member", whole_month()).await.unwrap(), summary);
        let again = read(&world, "member", move |op| week_totals(op, week)).await.unwrap();
        assert_eq!(again, totals);
        let others = read(&world, "other", move |op| week_totals(op, week)).await.unwrap();
        assert!(others.iter().all(|total| total.seconds == 0));
    });
}

#[test]
fn recent_things_are_distinct_and_can_be_booked_again() {
    both(async |world: World| {
        let project = add_project(&world, "Planning", None).await.id;
        let gone = add_project(&world, "Gone", None).await.id;
        let notes = [
            ("old", None),
            ("again", Some(project)),
            ("gone", Some(gone)),
            ("again", None),
            ("", None),
            ("again", Some(project)),
            ("running", None),
        ];
        for (minute, (note, project)) in notes.into_iter().enumerate() {
            world.set_clock(&format!("2026-11-20T12:{minute:02}:00Z"));
            write(&world, "member", move |op| start_timer(op, start(note, project, None)))
                .await
                .unwrap();
        }
        let archive = ChangeProject { archived: Some(true), ..ChangeProject::default() };
        write(&world, "admin", move |op| change_project(op, gone, archive.clone())).await.unwrap();
        let list = async |who, count| {
            let found = read(&world, who, move |op| recent(op, count)).await.unwrap();
            found.into_iter().map(|r| (r.note, r.project)).collect::<Vec<_>>()
        };
        let all = [
            ("again".to_owned(), Some(project)),
            ("again".to_owned(), None),
            ("old".to_owned(), None),
        ];
        assert_eq!(list("member", 10).await, all);
        assert_eq!(list("member", 1).await, all[..1]);
        assert!(list("other", 10).await.is_empty());
    });
}

/// SplitMix64: enough for making test data.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let sides = u64::try_from(from.len()).unwrap();
        from[usize::try_from(self.roll(sides)).unwrap()]
    }

    fn seconds(&mut self, below: u64) -> SignedDuration {
        SignedDuration::from_secs(i64::try_from(self.roll(below)).unwrap())
    }
}

const PEOPLE: [&str; 5] = ["owner", "admin", "manager", "member", "other"];

/// A workspace full of random time; the projects, the first of them managed by the manager.
async fn fill(world: &World, dice: &mut Dice) -> Vec<ProjectId> {
    let (north, south) = (add_client(world, "North").await.id, add_client(world, "South").await.id);
    let mut projects = vec![
        add_closed_project(world, "Managed", Some(north)).await.id,
        add_project(world, "One", Some(north)).await.id,
        add_project(world, "One", Some(south)).await.id,
    ];
    projects.push(add_project(world, "Free", None).await.id);
    for who in PEOPLE {
        put_on(world, projects[0], who, who == "manager").await;
    }
    for (who, zone) in [("member", "Asia/Kathmandu"), ("other", "America/New_York")] {
        let zone = Some(Zone::parse(zone).unwrap());
        let change = ChangeMe { zone, ..ChangeMe::default() };
        write(world, who, move |op| change_me(op, change.clone())).await.unwrap();
    }
    for _ in 0..80 {
        let who = dice.pick(&PEOPLE);
        let project = Some(dice.pick(&projects)).filter(|_| dice.roll(5) > 0);
        let start = world.now() - dice.seconds(30 * 86_400);
        let span = if dice.roll(3) == 0 {
            let seconds = dice.seconds(86_400).as_secs();
            NewSpan::Duration { day: local_day(start, &Zone::UTC), seconds }
        } else {
            NewSpan::Range { start, stop: start + dice.seconds(40 * 3_600) }
        };
        let billable = dice.pick(&[None, Some(true), Some(false)]);
        let added = write(world, who, move |op| {
            let command = AddTimeEntry {
                id: None,
                member: None,
                booking: Booking { project, ..Booking::default() },
                note: Note::default(),
                billable,
                span,
                body: None,
            };
            add_time_entry(op, command)
        });
        let id = added.await.unwrap().into_inner().id;
        if dice.roll(10) == 0 {
            write(world, who, move |op| delete_time_entry(op, id, None)).await.unwrap();
        }
    }
    for who in ["manager", "member", "other"] {
        let project = Some(dice.pick(&projects));
        let at = Some(world.now() - dice.seconds(3 * 86_400));
        write(world, who, move |op| start_timer(op, start("", project, at))).await.unwrap();
    }
    projects
}

/// What each day got of an entry, worked out from the entry alone.
fn shares(entry: &TimeEntry, now: Timestamp) -> Vec<(Date, i64)> {
    match entry.span {
        Span::Duration { seconds } => vec![(entry.first_day, seconds)],
        Span::Interval { start, stop } => {
            days_of(&Interval::new(start, stop.unwrap_or(now)).unwrap(), &entry.zone)
        }
    }
}

#[test]
fn random_time_always_adds_up() {
    both(async |world: World| {
        let mut dice = Dice(testkit::seed().0);
        let projects = fill(&world, &mut dice).await;
        let filter = Filter { limit: 200, ..Filter::default() };
        let listed = read(&world, "owner", move |op| list_time_entries(op, filter.clone())).await;
        let entries = listed.unwrap().entries;
        assert!(entries.len() > 60);
        let mut asked = 0;
        for who in PEOPLE {
            let me = world.member(who);
            for member in [None, Some(me), Some(world.member("member"))] {
                for project in [None, Some(projects[0]), Some(dice.pick(&projects))] {
                    let first = local_day(world.now() - dice.seconds(35 * 86_400), &Zone::UTC);
                    let last = first + dice.seconds(35 * 86_400);
                    let query = SummaryQuery {
                        period: Period::new(first, last).unwrap(),
                        group_by: dice.pick(GroupBy::ALL),
                        member,
                        project,
                    };
                    match report(&world, who, query).await {
                        Ok(summary) => {
                            let is_managed = |p: Option<ProjectId>| p == Some(projects[0]);
                            let sees = |m: MemberId, p: Option<ProjectId>| match who {
                                "owner" | "admin" => true,
                                "manager" => m == me || is_managed(p),
                                _ => m == me,
                            };
                            check(&summary, query, &entries, sees, world.now());
                            asked += 1;
                        }
                        Err(Error::Forbidden) => assert_ne!(member, None),
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }
        assert!(asked > 30, "{asked}");
    });
}

fn check(
    summary: &Summary,
    query: SummaryQuery,
    entries: &[TimeEntry],
    sees: impl Fn(MemberId, Option<ProjectId>) -> bool,
    now: Timestamp,
) {
    let (mut days, mut billable_s) = (BTreeMap::<Date, i64>::new(), 0);
    for entry in entries {
        let is_asked = query.member.is_none_or(|member| entry.member == member)
            && query.project.is_none_or(|project| entry.project == Some(project));
        if !is_asked || !sees(entry.member, entry.project) {
            continue;
        }
        for (day, seconds) in shares(entry, now) {
            if query.period.contains(day) && seconds > 0 {
                *days.entry(day).or_default() += seconds;
                billable_s += if entry.is_billable { seconds } else { 0 };
            }
        }
    }
    let found: BTreeMap<_, _> = summary.days.iter().map(|day| (day.day, day.seconds)).collect();
    assert_eq!(found, days, "{query:?}");
    let total_s = days.values().sum::<i64>();
    assert_eq!((summary.total_s, summary.billable_s), (total_s, billable_s));
    let outer = |read: fn(&app::report::Group) -> i64| summary.groups.iter().map(read).sum::<i64>();
    assert_eq!((outer(|g| g.seconds), outer(|g| g.billable_s)), (total_s, billable_s));
    let rows = summary.rows().fold((0, 0), |(seconds, billable), row| {
        (seconds + row.seconds, billable + row.billable_s)
    });
    assert_eq!(rows, (total_s, billable_s));
}
