//! What managers of teams and projects get by a change of their role.

use app::{
    member::{change_role, remove_member_here},
    project::list_project_members,
    team::{add_team, list_team_members, put_team_member},
};
use domain::{
    ids::{ProjectId, TeamId},
    permission::{Assignment, Grant, Role},
};
use testkit::{World, both};

use super::{build, give, invite, join, own_role};
use crate::steps::{add_project, name, outcome, put_on, read, write};

async fn team(world: &World) -> TeamId {
    let design = name("Design");
    let made = write(world, "admin", move |op| add_team(op, None, &design, None)).await;
    let team = made.unwrap().into_inner().id;
    put(world, team, "member", false).await;
    team
}

async fn put(world: &World, team: TeamId, who: &str, is_manager: bool) {
    let member = world.member(who);
    let put = write(world, "admin", move |op| put_team_member(op, team, member, is_manager));
    put.await.unwrap();
}

/// What somebody manages of a team and a project.
async fn manages(world: &World, who: &str, team: TeamId, project: ProjectId) -> [bool; 2] {
    let member = world.member(who);
    let [of_team, of_project] = [
        read(world, "owner", move |op| {
            Ok(list_team_members(op, team)?.iter().any(|it| it.member == member && it.is_manager))
        })
        .await,
        read(world, "owner", move |op| {
            let listed = list_project_members(op, project)?;
            Ok(listed.iter().any(|it| it.member == member && it.is_manager))
        })
        .await,
    ];
    [of_team.unwrap(), of_project.unwrap()]
}

const SEES: [Grant; 2] = [Grant::ReadManagedTime, Grant::ReadManagedReports];
const CHANGES: [Grant; 3] =
    [Grant::ReadManagedTime, Grant::ReadManagedReports, Grant::EditManagedTime];

/// Who has a right over what they manage themselves does not give it over what others manage.
#[test]
fn a_wider_role_gives_its_managers_nothing_that_who_changes_it_lacks() {
    both(async |world: World| {
        let (team, project) = (team(&world).await, add_project(&world, "Planning", None).await.id);
        let sees = own_role(&world, "Sees", &SEES).await;
        let changes = own_role(&world, "Changes", &CHANGES).await;
        let editor: Vec<Grant> = CHANGES
            .into_iter()
            .chain([Grant::ManageRoles, Grant::ChangeRoles, Grant::ReadMembers])
            .collect();
        let editor = own_role(&world, "Editor", &editor).await;
        give(&world, "other", Assignment::own(sees)).await;
        give(&world, "manager", Assignment::own(editor)).await;
        let other = world.member("other");
        let change = async |who: &str, role| {
            let changed =
                write(&world, who, move |op| change_role(op, other, Assignment::own(role), None));
            outcome(&changed.await)
        };
        // Who manages nothing is of no concern.
        assert_eq!(build(&world, "manager", sees, &CHANGES).await, "ok");
        assert_eq!(build(&world, "manager", sees, &SEES).await, "ok");
        for is_team in [true, false] {
            if is_team {
                put(&world, team, "other", true).await;
            } else {
                put_on(&world, project, "other", true).await;
            }
            assert_eq!(build(&world, "manager", sees, &CHANGES).await, "forbidden", "{is_team}");
            assert_eq!(change("manager", changes).await, "forbidden", "{is_team}");
            // Less, or nothing but another name, they may.
            assert_eq!(build(&world, "manager", sees, &SEES).await, "ok", "{is_team}");
            assert_eq!(build(&world, "manager", sees, &SEES[..1]).await, "ok", "{is_team}");
            assert_eq!(build(&world, "admin", sees, &SEES).await, "ok", "{is_team}");
            assert_eq!(change("admin", changes).await, "ok", "{is_team}");
            assert_eq!(change("manager", sees).await, "ok", "{is_team}");
            put(&world, team, "other", false).await;
        }
    });
}

#[test]
fn what_somebody_managed_does_not_come_back_with_the_role() {
    both(async |world: World| {
        let (team, project) = (team(&world).await, add_project(&world, "Planning", None).await.id);
        let manage = async || {
            put(&world, team, "manager", true).await;
            put_on(&world, project, "manager", true).await;
            assert_eq!(manages(&world, "manager", team, project).await, [true, true]);
        };
        manage().await;
        // From one role that manages to another one, it stays.
        let changes = own_role(&world, "Changes", &CHANGES).await;
        give(&world, "manager", Assignment::own(changes)).await;
        assert_eq!(manages(&world, "manager", team, project).await, [true, true]);
        give(&world, "manager", Role::Member).await;
        assert_eq!(manages(&world, "manager", team, project).await, [false, false]);
        give(&world, "manager", Role::Manager).await;
        assert_eq!(manages(&world, "manager", team, project).await, [false, false]);
        let count =
            |events: Vec<String>, kind: &str| events.iter().filter(|it| *it == kind).count();
        // Two were put in it, and one of them lost what they managed.
        assert_eq!(count(world.events_of(team).await, "team.member_put"), 3);
        assert_eq!(count(world.events_of(project).await, "project.member_put"), 2);

        // Nor with what the role is built of.
        give(&world, "manager", Assignment::own(changes)).await;
        manage().await;
        assert_eq!(build(&world, "admin", changes, &[]).await, "ok");
        assert_eq!(build(&world, "admin", changes, &CHANGES).await, "ok");
        assert_eq!(manages(&world, "manager", team, project).await, [false, false]);
    });
}

#[test]
fn who_comes_back_manages_nothing() {
    both(async |world: World| {
        let (team, project) = (team(&world).await, add_project(&world, "Planning", None).await.id);
        // Somebody whom the directory knows.
        let known = world.app.write_directory(world.app.new_request(), {
            let workspace = world.workspace;
            move |op| {
                app::identity::insert_workspace(op, workspace)?;
                app::identity::mark_workspace_ready(op, workspace)
            }
        });
        known.await.unwrap();
        let (_, token) = invite(&world, "admin", Role::Manager.into()).await;
        assert_eq!(join(&world, &token).await, "ok");
        let guest = read(&world, "owner", |op| {
            let names = op.names()?;
            let found = names.members.values().find(|it| it.address == "new@example.org");
            Ok(found.map(|member| member.id))
        });
        let guest = guest.await.unwrap().unwrap();
        let put = write(&world, "admin", move |op| {
            put_team_member(op, team, guest, true)?;
            app::project::put_project_member(op, project, guest, true)
        });
        put.await.unwrap();
        write(&world, "admin", move |op| remove_member_here(op, guest)).await.unwrap();
        let (_, token) = invite(&world, "admin", Role::Manager.into()).await;
        assert_eq!(join(&world, &token).await, "ok");
        let places = read(&world, "owner", move |op| {
            let of_team = list_team_members(op, team)?;
            let of_project = list_project_members(op, project)?;
            let in_team = of_team.iter().find(|it| it.member == guest).map(|it| it.is_manager);
            let on_project =
                of_project.iter().find(|it| it.member == guest).map(|it| it.is_manager);
            Ok([in_team, on_project])
        });
        assert_eq!(places.await.unwrap(), [Some(false), Some(false)], "they are in them still");
    });
}
