//! Teams, and what who manages one sees and changes.

use app::{
    ChangeNamed,
    member::change_role,
    report::{GroupBy, SummaryQuery, summary_report},
    role::{AddRole, add_role},
    team::{
        add_team, change_team, delete_team, get_team, list_team_members, list_teams,
        put_team_member, remove_team_member,
    },
    time_entry::{
        ChangeTimeEntry, Filter, change_time_entry, get_time_entry, list_time_entries,
        time_entry_history,
    },
    timer::{StartTimer, start_timer},
};
use domain::{
    ids::TeamId,
    period::Period,
    permission::{Assignment, Grant, Grants, Role},
    text::Note,
};
use testkit::{World, both};

use crate::{
    assert_roles,
    steps::{add_closed_project, add_project, book, name, on, outcome, put_on, read, write},
};

async fn team(world: &World, text: &str) -> TeamId {
    let name = name(text);
    let added = write(world, "admin", move |op| add_team(op, None, &name, None)).await;
    added.unwrap().into_inner().id
}

async fn put(world: &World, by: &str, team: TeamId, who: &str, is_manager: bool) -> String {
    let member = world.member(who);
    outcome(&write(world, by, move |op| put_team_member(op, team, member, is_manager)).await)
}

fn month() -> SummaryQuery {
    SummaryQuery {
        period: Period::new("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap()).unwrap(),
        group_by: GroupBy::MemberProject,
        member: None,
        project: None,
    }
}

async fn seconds(world: &World, who: &str, query: SummaryQuery) -> String {
    let report = read(world, who, move |op| summary_report(op, query)).await;
    report.map_or_else(|error| outcome::<()>(&Err(error)), |report| report.total_s.to_string())
}

#[test]
fn who_makes_teams_and_who_sees_them() {
    both(async |world: World| {
        let make = async |who: &'static str| {
            write(&world, who, move |op| add_team(op, None, &name(who), None)).await
        };
        assert_roles!(
            "owner: ok, admin: ok, manager: forbidden, member: forbidden, stranger: not found",
            make
        );
        let list = async |who| read(&world, who, list_teams).await;
        assert_roles!(
            "owner: ok, admin: ok, manager: ok, member: forbidden, stranger: not found",
            list
        );
        let again = name("OWNER");
        let again = write(&world, "admin", move |op| add_team(op, None, &again, None)).await;
        assert_eq!(outcome(&again), "name.taken");

        let design = team(&world, "Design").await;
        assert_eq!(put(&world, "manager", design, "manager", true).await, "forbidden");
        assert_eq!(put(&world, "admin", design, "stranger", false).await, "not found");
        assert_eq!(put(&world, "admin", design, "member", true).await, "invalid manager");
        assert_eq!(put(&world, "admin", design, "member", false).await, "ok");
        assert_eq!(put(&world, "admin", design, "manager", true).await, "ok");
        let listed =
            read(&world, "manager", move |op| list_team_members(op, design)).await.unwrap();
        let listed: Vec<_> = listed.iter().map(|it| (it.member, it.is_manager)).collect();
        assert_eq!(listed, [(world.member("manager"), true), (world.member("member"), false)]);

        let rename = ChangeNamed { name: Some(name("Brand")), ..ChangeNamed::default() };
        let changed =
            write(&world, "admin", move |op| change_team(op, design, rename.clone())).await;
        assert_eq!(changed.unwrap().name, "Brand");
        let member = world.member("member");
        for expected in ["ok", "not found"] {
            let removed =
                write(&world, "admin", move |op| remove_team_member(op, design, member)).await;
            assert_eq!(outcome(&removed), expected);
        }
        for expected in ["ok", "not found"] {
            let deleted = write(&world, "admin", move |op| delete_team(op, design, None)).await;
            assert_eq!(outcome(&deleted), expected);
        }
        let gone = read(&world, "admin", move |op| get_team(op, design)).await;
        assert_eq!(outcome(&gone), "not found");
    });
}

#[test]
fn who_manages_a_team_answers_for_the_time_of_its_members_on_every_project() {
    both(async |world: World| {
        let open = add_project(&world, "Open", None).await.id;
        let closed = add_closed_project(&world, "Closed", None).await.id;
        put_on(&world, closed, "member", false).await;
        let seen = book(&world, "member", on(open), 1).await.id;
        let hidden = book(&world, "member", on(closed), 10).await.id;
        book(&world, "manager", on(open), 100).await;
        let foreign = book(&world, "other", on(open), 1000).await.id;
        let design = team(&world, "Design").await;
        for (who, is_manager) in [("member", false), ("manager", true)] {
            assert_eq!(put(&world, "admin", design, who, is_manager).await, "ok");
        }
        let get = async |entry| {
            outcome(&read(&world, "manager", move |op| get_time_entry(op, entry)).await)
        };
        assert_eq!([get(seen).await, get(hidden).await], ["ok", "ok"]);
        assert_eq!(get(foreign).await, "not found");
        let history = read(&world, "manager", move |op| time_entry_history(op, hidden)).await;
        assert_eq!(outcome(&history), "ok");
        let change = async |who: &str, entry| {
            let note = Some(Note::parse("Looked at").unwrap());
            let change = ChangeTimeEntry { note, ..ChangeTimeEntry::default() };
            outcome(
                &write(&world, who, move |op| change_time_entry(op, entry, change.clone())).await,
            )
        };
        assert_eq!(change("manager", hidden).await, "ok");
        assert_eq!(change("manager", foreign).await, "not found");
        assert_eq!(change("other", hidden).await, "not found", "only managers");

        let (member, other) = (world.member("member"), world.member("other"));
        let list = async |member| {
            let filter = Filter { member: Some(member), limit: 50, ..Filter::default() };
            let listed =
                read(&world, "manager", move |op| list_time_entries(op, filter.clone())).await;
            listed.map(|listed| listed.entries.len()).unwrap()
        };
        assert_eq!([list(member).await, list(other).await], [2, 0]);
        assert_eq!(seconds(&world, "manager", month()).await, "111");
        let of = |member| SummaryQuery { member: Some(member), ..month() };
        assert_eq!(seconds(&world, "manager", of(member)).await, "11");
        assert_eq!(seconds(&world, "manager", of(other)).await, "0");
        let on_open = SummaryQuery { project: Some(open), ..month() };
        assert_eq!(seconds(&world, "manager", on_open).await, "101");
        let both = SummaryQuery { project: Some(open), ..of(member) };
        assert_eq!(seconds(&world, "manager", both).await, "1");
        let both = SummaryQuery { project: Some(open), ..of(other) };
        assert_eq!(seconds(&world, "manager", both).await, "forbidden");
        // What runs counts too.
        write(&world, "member", move |op| {
            start_timer(
                op,
                StartTimer {
                    id: None,
                    booking: on(open),
                    note: Note::parse("").unwrap(),
                    billable: None,
                    started_at: Some("2026-11-20T11:59:00Z".parse().unwrap()),
                    body: None,
                },
            )
        })
        .await
        .unwrap();
        assert_eq!(seconds(&world, "manager", month()).await, "171");
        assert_eq!(seconds(&world, "manager", on_open).await, "161");

        // An archived team gives nothing, and a role that manages none ends it.
        let archive = |archived| ChangeNamed { archived: Some(archived), ..ChangeNamed::default() };
        for (archived, expected) in [(true, "not found"), (false, "ok")] {
            let change = archive(archived);
            write(&world, "admin", move |op| change_team(op, design, change.clone()))
                .await
                .unwrap();
            assert_eq!(get(hidden).await, expected);
        }
        assert_eq!(seconds(&world, "manager", month()).await, "171");
        let manager = world.member("manager");
        for role in [Role::Member, Role::Manager] {
            write(&world, "admin", move |op| change_role(op, manager, role, None)).await.unwrap();
            assert_eq!(get(hidden).await, "not found", "they manage it no more");
        }
    });
}

/// Who says who is in teams gives their managers power over time; so they have it themselves.
#[test]
fn nobody_gives_managers_of_teams_more_than_they_have() {
    both(async |world: World| {
        let grants = Grants::of([Grant::ManageTeams, Grant::EditManagedTime]);
        let new = AddRole { id: None, name: name("Teams"), grants, body: None };
        let role = write(&world, "owner", move |op| add_role(op, new.clone())).await.unwrap();
        let (role, other) = (Assignment::own(role.into_inner().id), world.member("other"));
        write(&world, "owner", move |op| change_role(op, other, role, None)).await.unwrap();
        let mine = name("Mine");
        let made = write(&world, "other", move |op| add_team(op, None, &mine, None)).await;
        let mine = made.unwrap().into_inner().id;
        assert_eq!(put(&world, "other", mine, "member", false).await, "ok");
        assert_eq!(put(&world, "other", mine, "other", true).await, "forbidden");
        assert_eq!(put(&world, "other", mine, "manager", true).await, "forbidden");
        assert_eq!(put(&world, "admin", mine, "other", true).await, "ok");
        // Now that it has a manager, its members are chosen by who may all that.
        assert_eq!(put(&world, "other", mine, "owner", false).await, "forbidden");
    });
}

/// Nor does anybody take from them what they lack: by the flag, the place, the archive or the end of a team.
#[test]
fn nobody_takes_from_managers_of_teams_what_they_lack() {
    both(async |world: World| {
        let grants = Grants::of([Grant::ManageTeams]);
        let new = AddRole { id: None, name: name("Teams"), grants, body: None };
        let role = write(&world, "owner", move |op| add_role(op, new.clone())).await.unwrap();
        let (role, other) = (Assignment::own(role.into_inner().id), world.member("other"));
        write(&world, "owner", move |op| change_role(op, other, role, None)).await.unwrap();
        let mine = name("Mine");
        let made = write(&world, "other", move |op| add_team(op, None, &mine, None)).await;
        let mine = made.unwrap().into_inner().id;
        let manager = world.member("manager");
        let remove = async |who: &str| {
            outcome(&write(&world, who, move |op| remove_team_member(op, mine, manager)).await)
        };
        let archive = async |who: &str, archived| {
            let change = ChangeNamed { archived: Some(archived), ..ChangeNamed::default() };
            outcome(&write(&world, who, move |op| change_team(op, mine, change.clone())).await)
        };
        let rename = async |who: &str, text: &str| {
            let change = ChangeNamed { name: Some(name(text)), ..ChangeNamed::default() };
            outcome(&write(&world, who, move |op| change_team(op, mine, change.clone())).await)
        };
        let delete = async |who: &str| {
            outcome(&write(&world, who, move |op| delete_team(op, mine, None)).await)
        };
        // Without a manager it is a list of people.
        assert_eq!(put(&world, "other", mine, "manager", false).await, "ok");
        assert_eq!([archive("other", true).await, archive("other", false).await], ["ok", "ok"]);
        assert_eq!(put(&world, "admin", mine, "manager", true).await, "ok");
        assert_eq!(put(&world, "other", mine, "manager", false).await, "forbidden");
        assert_eq!(remove("other").await, "forbidden");
        assert_eq!(archive("other", true).await, "forbidden");
        assert_eq!(delete("other").await, "forbidden");
        // Its name, and leaving it as it is, are theirs.
        assert_eq!(rename("other", "Ours").await, "ok");
        assert_eq!(archive("other", false).await, "ok");
        assert_eq!([archive("admin", true).await, archive("admin", false).await], ["ok", "ok"]);
        assert_eq!(put(&world, "admin", mine, "manager", false).await, "ok");
        assert_eq!([remove("other").await, delete("other").await], ["ok", "ok"]);
    });
}
