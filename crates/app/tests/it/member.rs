//! Members, roles, profiles, removal.

use app::{
    Actor, Credential,
    actor::Scope,
    member::{
        ChangeMe, change_me, change_role, get_me, get_member, leave_here, list_members,
        remove_member_here,
    },
    time_entry::{
        AddTimeEntry, Booking, Filter, NewSpan, TimeEntry, add_time_entry, list_time_entries,
    },
    timer::{StartTimer, start_timer, stop_timer},
    token::{CreateToken, create_token, parse_token},
    workspace::{ChangeWorkspace, change_workspace},
};
use domain::{
    day::Zone,
    ids::MemberId,
    period::WeekStart,
    permission::Role,
    preference::{ClockFormat, Locale, Overlaps},
    text::Note,
};
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{name, outcome, read, write},
};

#[test]
fn who_sees_whom_and_their_addresses() {
    both(async |world: World| {
        let list = async |who| read(&world, who, list_members).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: ok, member: forbidden, stranger: not found",
            list
        );
        let names = list("manager").await.unwrap();
        let names: Vec<_> = names.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["The admin", "The manager", "The member", "The other", "The owner"]);
        let other = world.member("other");
        let address = async |who, of: MemberId| {
            let member = read(&world, who, move |op| get_member(op, of)).await;
            member.map(|member| member.address)
        };
        assert_eq!(address("admin", other).await.unwrap().as_deref(), Some("other@example.com"));
        assert_eq!(address("manager", other).await.unwrap(), None);
        assert_eq!(outcome(&address("member", other).await), "not found");
        assert_eq!(address("other", other).await.unwrap().as_deref(), Some("other@example.com"));
        let stranger = world.member("stranger");
        assert_eq!(outcome(&address("owner", stranger).await), "not found");
    });
}

#[test]
fn who_changes_whose_role() {
    use Role::{Admin, Manager, Member, Owner};
    both(async |world: World| {
        let change = async |who: &str, of: &str, role: Role| {
            let member = world.member(of);
            let changed = write(&world, who, move |op| change_role(op, member, role, None)).await;
            outcome(&changed)
        };
        for (who, of, role, expected) in [
            ("member", "member", Admin, "forbidden"),
            ("member", "other", Admin, "not found"),
            ("manager", "manager", Admin, "forbidden"),
            ("manager", "other", Manager, "forbidden"),
            ("admin", "other", Owner, "forbidden"),
            ("admin", "owner", Member, "forbidden"),
            ("admin", "other", Admin, "ok"),
            ("admin", "other", Admin, "ok"),
            ("admin", "other", Member, "ok"),
            ("admin", "stranger", Member, "not found"),
            ("owner", "owner", Admin, "member.last_owner"),
            ("owner", "admin", Owner, "ok"),
            ("owner", "owner", Member, "ok"),
            ("owner", "admin", Member, "not found"),
            ("admin", "admin", Manager, "member.last_owner"),
            ("stranger", "other", Admin, "not found"),
        ] {
            assert_eq!(change(who, of, role).await, expected, "{who} makes {of} {role}");
        }
        let other = world.member("other");
        let stale = write(&world, "admin", move |op| change_role(op, other, Admin, Some(1))).await;
        assert_eq!(outcome(&stale), "stale");
    });
}

#[test]
fn of_two_owners_who_step_down_at_once_one_stays() {
    both(async |world: World| {
        let admin = world.member("admin");
        for _ in 0..5 {
            let raise = async |who: &str, of: MemberId| {
                write(&world, who, move |op| change_role(op, of, Role::Owner, None)).await
            };
            // Whoever is owner makes both owners.
            let owner = world.member("owner");
            drop(raise("owner", admin).await);
            drop(raise("admin", owner).await);
            let mut acts = Vec::new();
            for (who, member) in [("owner", owner), ("admin", admin)] {
                let (app, me, place) = (world.app.clone(), world.actor(who), world.workspace);
                acts.push(tokio::spawn(async move {
                    app.write(me, place, move |op| {
                        change_role(op, member, Role::Admin, None).map(drop)
                    })
                    .await
                }));
            }
            let mut answers = Vec::new();
            for act in acts {
                answers.push(outcome(&act.await.unwrap()));
            }
            answers.sort();
            assert_eq!(answers, ["member.last_owner", "ok"]);
        }
        // The same for one who leaves while the other steps down.
        let owner = world.member("owner");
        let raise = async |who: &str, of: MemberId| {
            drop(write(&world, who, move |op| change_role(op, of, Role::Owner, None)).await);
        };
        raise("owner", admin).await;
        raise("admin", owner).await;
        let (app, me, place) = (world.app.clone(), world.actor("owner"), world.workspace);
        let leaving = tokio::spawn(async move { app.write(me, place, leave_here).await });
        let stepping =
            write(&world, "admin", move |op| change_role(op, admin, Role::Admin, None)).await;
        let mut answers = [outcome(&leaving.await.unwrap()), outcome(&stepping)];
        answers.sort();
        assert_eq!(answers, ["member.last_owner", "ok"]);
    });
}

#[test]
fn a_profile_changes_and_the_address_stays_readable() {
    both(async |world: World| {
        let before = read(&world, "member", get_me).await.unwrap();
        assert_eq!((before.name.as_str(), before.version), ("The member", 1));
        let change = ChangeMe {
            name: Some(name("Ada")),
            zone: Some(Zone::parse("America/New_York").unwrap()),
            week_start: Some(WeekStart::Sunday),
            locale: Some(Locale::De),
            clock_format: Some(ClockFormat::H12),
            expected_version: Some(1),
        };
        let again = change.clone();
        let changed = write(&world, "member", move |op| change_me(op, change.clone())).await;
        let after = read(&world, "member", get_me).await.unwrap();
        assert_eq!(changed.unwrap(), after);
        assert_eq!(
            (after.name.as_str(), after.address.as_str(), after.version),
            ("Ada", "member@example.com", 2)
        );
        assert_eq!((after.zone.as_str(), after.locale), ("America/New_York", Locale::De));
        let stale = write(&world, "member", move |op| change_me(op, again.clone())).await;
        assert_eq!(outcome(&stale), "stale");
        let same = ChangeMe { name: Some(name("Ada")), ..ChangeMe::default() };
        let same = write(&world, "member", move |op| change_me(op, same.clone())).await;
        assert_eq!(same.unwrap().version, 2);
    });
}

#[test]
fn a_removed_member_is_out_at_once() {
    both(async |world: World| {
        let member = world.member("member");
        let token = write(&world, "member", |op| {
            let command = CreateToken {
                id: None,
                name: name("tp"),
                scope: Scope::Full,
                expires_in_days: 30,
                networks: Vec::new(),
                body: None,
            };
            create_token(op, command).map(|created| parse_token(created.secret.expose()))
        });
        let (_, hash) = token.await.unwrap().unwrap();
        write(&world, "member", |op| {
            let command = StartTimer {
                id: None,
                booking: app::time_entry::Booking::default(),
                note: Note::parse("work").unwrap(),
                billable: None,
                started_at: None,
                body: None,
            };
            start_timer(op, command)
        })
        .await
        .unwrap();
        world.set_clock("2026-11-20T13:00:00Z");
        let remove = async |who: &str, of: MemberId| {
            write(&world, who, move |op| remove_member_here(op, of)).await
        };
        let owner = world.member("owner");
        assert_eq!(outcome(&remove("other", member).await), "not found");
        assert_eq!(outcome(&remove("manager", member).await), "forbidden");
        assert_eq!(outcome(&remove("admin", owner).await), "forbidden");
        assert_eq!(outcome(&remove("owner", owner).await), "forbidden");
        assert_eq!(outcome(&remove("admin", world.member("stranger")).await), "not found");
        let removal = remove("admin", member).await.unwrap();
        assert_eq!((removal.user, removal.is_new), (world.people["member"].user, true));
        assert!(!remove("admin", member).await.unwrap().is_new);
        assert_eq!(outcome(&read(&world, "member", get_me).await), "not found");
        let by_token = Actor::new(Credential::Token(hash), world.app.new_request());
        let by_token = world.app.read(by_token, world.workspace, get_me).await;
        assert_eq!(outcome(&by_token), "signed out");
        let filter = Filter { member: Some(member), limit: 10, ..Filter::default() };
        let listed = read(&world, "admin", move |op| list_time_entries(op, filter.clone())).await;
        let entries = listed.unwrap().entries;
        assert_eq!(entries.len(), 1);
        assert!(!entries[0].is_running());
        assert_eq!(entries[0].seconds(world.now()), 3_600);
        assert_eq!(read(&world, "admin", list_members).await.unwrap().len(), 4);
    });
}

#[test]
fn leaving() {
    both(async |world: World| {
        let last = write(&world, "owner", leave_here).await;
        assert_eq!(outcome(&last), "member.last_owner");
        assert!(write(&world, "other", leave_here).await.unwrap().is_new);
        assert_eq!(outcome(&write(&world, "other", leave_here).await), "not found");
    });
}

#[test]
fn a_timer_forgotten_for_months_does_not_hold_up_a_removal() {
    both(async |world: World| {
        write(&world, "other", |op| {
            let command = StartTimer {
                id: None,
                booking: app::time_entry::Booking::default(),
                note: Note::default(),
                billable: None,
                started_at: None,
                body: None,
            };
            start_timer(op, command)
        })
        .await
        .unwrap();
        world.set_clock("2027-03-01T00:00:00Z");
        let other = world.member("other");
        write(&world, "owner", move |op| remove_member_here(op, other)).await.unwrap();
        let filter = Filter { member: Some(other), limit: 10, ..Filter::default() };
        let listed = read(&world, "admin", move |op| list_time_entries(op, filter.clone())).await;
        assert_eq!(listed.unwrap().entries[0].seconds(world.now()), 31 * 86_400);
    });
}

/// What somebody has planned must not keep them in the workspace: their timer ends as they go, though it
/// then overlaps, and whoever looks sees that it does.
#[test]
fn a_timer_that_has_grown_into_another_entry_does_not_hold_up_a_removal() {
    both(async |world: World| {
        let forbid = async || {
            let overlaps = Some(Overlaps::Forbidden);
            let change = ChangeWorkspace { overlaps, ..ChangeWorkspace::default() };
            write(&world, "owner", move |op| change_workspace(op, change.clone())).await.unwrap();
        };
        let plan = async |who: &str, start: &str, stop: &str| {
            let span =
                NewSpan::Range { start: start.parse().unwrap(), stop: stop.parse().unwrap() };
            let command = AddTimeEntry {
                id: None,
                member: None,
                booking: Booking::default(),
                note: Note::default(),
                billable: None,
                span,
                body: None,
            };
            write(&world, who, move |op| add_time_entry(op, command.clone())).await.unwrap();
        };
        let begin = async |who: &str| {
            let command = StartTimer {
                id: None,
                booking: Booking::default(),
                note: Note::default(),
                billable: None,
                started_at: None,
                body: None,
            };
            write(&world, who, move |op| start_timer(op, command.clone())).await.unwrap();
        };
        // Begun inside an entry while that was allowed: there is no instant at which it could end.
        plan("manager", "2026-11-20T11:00:00Z", "2026-11-20T14:00:00Z").await;
        begin("manager").await;
        forbid().await;
        for who in ["member", "other"] {
            plan(who, "2026-11-20T12:30:00Z", "2026-12-20T12:30:00Z").await;
            begin(who).await;
        }
        world.set_clock("2026-11-20T13:00:00Z");
        let stopped = write(&world, "member", |op| stop_timer(op, None)).await;
        assert_eq!(outcome(&stopped), "time_entry.overlap", "whoever stays can mend it first");
        for who in ["member", "manager"] {
            let of = world.member(who);
            let removed = write(&world, "owner", move |op| remove_member_here(op, of)).await;
            assert_eq!(outcome(&removed), "ok", "{who}");
        }
        assert_eq!(outcome(&write(&world, "other", leave_here).await), "ok");
        for who in ["member", "manager", "other"] {
            let filter = Filter { member: Some(world.member(who)), limit: 10, ..Filter::default() };
            let listed = read(&world, "owner", move |op| list_time_entries(op, filter.clone()));
            let entries = listed.await.unwrap().entries;
            let ended: Vec<_> = entries.iter().filter_map(TimeEntry::stop).collect();
            assert_eq!(ended.len(), 2, "{who}");
            assert!(ended.contains(&world.now()), "{who}: {ended:?}");
        }
    });
}
