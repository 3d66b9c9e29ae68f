//! The demo: a small studio with twelve weeks of work, the same for the same seed, ending today.

mod cast;
pub mod crowd;
mod days;
pub(crate) mod spare;

use app::{
    Actor, App, Credential, Error, Op,
    actor::Scope,
    client::add_client,
    identity::{
        WorkspaceState, add_membership, find_person, insert_workspace, list_people_beside,
        list_workspaces, mark_workspace_ready, set_zone,
    },
    names::Task,
    project::{AddProject, add_project, put_project_member},
    role::{AddRole, add_role},
    tag::add_tag,
    task::add_task,
    team::{add_team, put_team_member},
    time_entry::{AddTimeEntry, Booking, NewSpan, add_time_entry},
    timer::{StartTimer, running_entry, start_timer, stop_timer},
    token::{CreateToken, create_token, list_tokens, revoke_token},
    workspace::{FoundWorkspace, Newcomer},
};
use domain::{
    day::Zone,
    ids::{
        ClientId, MemberId, ProjectId, RoleId, TagId, TaskId, TeamId, TimeEntryId, UserId,
        WorkspaceId,
    },
    period::WeekStart,
    permission::{Assignment, Grant, Grants, Role},
    preference::{ClockFormat, Currency, Hue},
    text::{Name, Note},
};
use jiff::{SignedDuration, Timestamp};
use wire::demo::{Kind, id};

use cast::{BESIDE, CLIENTS, FIRST_BESIDE, PEOPLE, PROJECTS, Person, TAGS, WORKSPACE};
use days::{Planned, plan};

/// Entries written in one transaction.
const BATCH: usize = 200;

/// How long the owner's clock has been running when the demo starts.
const STARTED_BEFORE: SignedDuration = SignedDuration::from_mins(47);

/// A timer that runs for longer was forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The demo's workspace.
pub fn workspace(seed: u16) -> WorkspaceId {
    WorkspaceId::from_uuid(id(Kind::Workspace, seed, 1))
}

fn member(seed: u16, number: u32) -> MemberId {
    MemberId::from_uuid(id(Kind::Member, seed, number))
}

/// Whether everything here is the demo's: nothing yet, or its workspace. Who plays in it may set
/// others up with `timeproof link --new-workspace`, in the name of somebody of the cast: those are the
/// demo's as long as nobody else belongs to them. In one of anybody else, real work may lie.
///
/// What is asked is the directory, not a mark in the folder: it is the same on both engines and in a
/// copy, and sees what moved in later.
///
/// Errors: [`Error::Store`].
pub async fn is_alone(app: &App, seed: u16) -> Result<bool, Error> {
    let addresses: Vec<_> = PEOPLE
        .iter()
        .chain(BESIDE)
        .map(|person| app::input::address("email", person.address))
        .collect::<Result<_, _>>()?;
    let here = workspace(seed);
    app.read_directory(app.new_request(), move |op| {
        let known = list_workspaces(op)?;
        if known.iter().all(|(known, _)| *known != here) {
            return Ok(known.is_empty());
        }
        let mut cast = Vec::new();
        for address in &addresses {
            cast.extend(find_person(op, address)?.map(|person| person.user));
        }
        let beside = list_people_beside(op, here)?;
        Ok(beside.iter().all(|user| user.is_some_and(|user| cast.contains(&user))))
    })
    .await
}

/// Makes the demo's people, workspace and work, unless they are there. What was cut short is made
/// anew; what time has taken from a demo that is started again is put back. Gives the owner in whose
/// name that is done: the first of the cast, or who has become one since the first left.
///
/// Errors: [`Error::Store`]; [`Error::Bug`] when the cast breaks a rule.
pub async fn prepare(app: &App, seed: u16) -> Result<Owner, Error> {
    let workspace = workspace(seed);
    let request = app.new_request();
    let mut users = Vec::new();
    for person in PEOPLE.iter().chain(BESIDE) {
        let address = app::input::address("email", person.address)?;
        users.push(app.find_or_create_person(request, address).await?);
    }
    let known = app.read_directory(request, list_workspaces).await?;
    if !known.contains(&(workspace, WorkspaceState::Ready)) {
        app.store().drop_workspace(workspace).await?;
        app.write_directory(request, move |op| insert_workspace(op, workspace)).await?;
        fill(app, seed, &users).await?;
        let members = users.clone();
        app.write_directory(request, move |op| {
            mark_workspace_ready(op, workspace)?;
            for (number, user) in numbers().zip(&members) {
                add_membership(op, *user, workspace, member(seed, number))?;
            }
            // Letters tell the time of who reads them.
            for (person, user) in PEOPLE.iter().chain(BESIDE).zip(&members) {
                set_zone(op, *user, &zone(person)?)?;
            }
            Ok(())
        })
        .await?;
    }
    let owner = app.find_first_owner(workspace).await?;
    let owner = owner.ok_or_else(|| Error::bug("a demo without an owner"))?;
    let actor = Actor::new(Credential::System(owner), app.new_request());
    app.write(actor, workspace, move |op| end_forgotten_timer(op, seed)).await?;
    spare::renew(app, actor, seed).await?;
    let user = app.read(actor, workspace, |op| Ok(op.me().user)).await?;
    Ok(Owner { user, actor })
}

/// Who runs the demo's workspace.
#[derive(Debug, Clone, Copy)]
pub struct Owner {
    /// The person.
    pub user: UserId,
    /// The program in their name.
    pub actor: Actor,
}

async fn fill(app: &App, seed: u16, users: &[UserId]) -> Result<(), Error> {
    let workspace = workspace(seed);
    found(app, seed, users).await?;
    let owner = system(app, seed, 1);
    app.write(owner, workspace, move |op| add_cast(op, seed)).await?;
    for ((number, person), user) in beside().zip(users.iter().skip(PEOPLE.len())) {
        let role = match person.role {
            Role::Client => Assignment::guest(ClientId::from_uuid(id(Kind::Client, seed, 1))),
            role => role.into(),
        };
        let newcomer = newcomer(seed, number, *user, person)?;
        app.admit(app.new_request(), workspace, newcomer, role).await?;
    }
    let now = app.clock().now();
    let mut next_entry = 1;
    for (number, person) in numbered(PEOPLE) {
        let planned = plan(person, seed, number, now)?;
        let actor = system(app, seed, number);
        for batch in planned.chunks(BATCH) {
            let batch = batch.to_vec();
            let first = next_entry;
            next_entry += u32::try_from(batch.len()).map_err(|_| Error::bug("a large batch"))?;
            app.write(actor, workspace, move |op| add_entries(op, seed, first, &batch)).await?;
        }
    }
    app.write(owner, workspace, move |op| spare::add(op, seed)).await?;
    let running = TimeEntryId::from_uuid(id(Kind::TimeEntry, seed, next_entry));
    app.write(owner, workspace, move |op| start_running(op, seed, Some(running))).await
}

/// A fresh token of the owner with full scope; older ones of the demo are revoked.
///
/// Errors: [`Error::Store`].
pub async fn fresh_token(app: &App, owner: Owner, seed: u16) -> Result<String, Error> {
    let created = app
        .write(owner.actor, workspace(seed), |op| {
            for token in list_tokens(op)? {
                if token.name == TOKEN_NAME {
                    revoke_token(op, token.id)?;
                }
            }
            let name = name(TOKEN_NAME)?;
            create_token(
                op,
                CreateToken {
                    id: None,
                    name,
                    scope: Scope::Full,
                    expires_in_days: 366,
                    networks: Vec::new(),
                    body: None,
                },
            )
        })
        .await?;
    Ok(created.secret.expose().clone())
}

const TOKEN_NAME: &str = "Demo";

/// The members of the demo who come last, with their numbers.
fn beside() -> impl Iterator<Item = (u32, &'static Person)> {
    (FIRST_BESIDE..).zip(BESIDE)
}

/// The numbers of all members of the demo.
fn numbers() -> impl Iterator<Item = u32> {
    numbered(PEOPLE).chain(beside()).map(|(number, _)| number)
}

fn numbered<T>(things: &'static [T]) -> impl Iterator<Item = (u32, &'static T)> {
    (1..).zip(things)
}

fn system(app: &App, seed: u16, number: u32) -> Actor {
    let credential = Credential::System(member(seed, number));
    Actor::new(credential, app.new_request())
}

async fn found(app: &App, seed: u16, users: &[UserId]) -> Result<(), Error> {
    let mut newcomers = numbered(PEOPLE).zip(users).map(|((number, person), user)| {
        newcomer(seed, number, *user, person).map(|newcomer| (newcomer, person.role))
    });
    let (owner, _) = newcomers.next().ok_or_else(|| Error::bug("an empty cast"))??;
    let found = FoundWorkspace {
        id: workspace(seed),
        name: app::input::name("name", WORKSPACE)?,
        zone: owner.zone.clone(),
        week_start: WeekStart::Monday,
        currency: Currency::EUR,
        owner,
    };
    app.found_workspace(app.new_request(), found).await?;
    for newcomer in newcomers {
        let (newcomer, role) = newcomer?;
        app.admit(app.new_request(), workspace(seed), newcomer, role).await?;
    }
    Ok(())
}

fn newcomer(seed: u16, number: u32, user: UserId, person: &Person) -> Result<Newcomer, Error> {
    Ok(Newcomer {
        user,
        member: member(seed, number),
        name: app::input::name("name", person.name)?,
        address: app::input::address("email", person.address)?,
        zone: app::input::zone("zone", person.zone)?,
        week_start: WeekStart::Monday,
        locale: app::input::choice("locale", person.locale)?,
        clock_format: ClockFormat::H24,
    })
}

fn name(text: &str) -> Result<Name, Error> {
    app::input::name("name", text)
}

fn project_id(seed: u16, number: u32) -> ProjectId {
    ProjectId::from_uuid(id(Kind::Project, seed, number))
}

fn add_cast(op: &mut Op, seed: u16) -> Result<(), Error> {
    for (number, client) in numbered(CLIENTS) {
        let id = ClientId::from_uuid(id(Kind::Client, seed, number));
        add_client(op, Some(id), &name(client)?, None)?;
    }
    for (number, tag) in numbered(TAGS) {
        let id = TagId::from_uuid(id(Kind::Tag, seed, number));
        add_tag(op, Some(id), &name(tag)?, None)?;
    }
    let mut next_task = 1;
    for (number, project) in numbered(PROJECTS) {
        let client = project.client.map(|client| id(Kind::Client, seed, client));
        let command = AddProject {
            id: Some(project_id(seed, number)),
            client: client.map(ClientId::from_uuid),
            name: name(project.name)?,
            hue: Hue::new(project.hue).ok(),
            billable: Some(project.is_billable),
            open: Some(true),
            body: None,
        };
        add_project(op, command)?;
        for task in project.tasks {
            let id = TaskId::from_uuid(id(Kind::Task, seed, next_task));
            add_task(op, Some(id), project_id(seed, number), &name(task)?, None)?;
            next_task += 1;
        }
    }
    for (number, person) in numbered(PEOPLE) {
        if person.role == Role::Manager {
            for project in person.projects {
                let member = member(seed, number);
                put_project_member(op, project_id(seed, *project), member, true)?;
            }
        }
    }
    add_team_and_role(op, seed)
}

/// A team that the first of the managers answers for, and a role of the workspace's own.
fn add_team_and_role(op: &mut Op, seed: u16) -> Result<(), Error> {
    let team = TeamId::from_uuid(id(Kind::Team, seed, 1));
    add_team(op, Some(team), &name("Design")?, None)?;
    for (number, is_manager) in [(3, true), (5, false), (6, false)] {
        put_team_member(op, team, member(seed, number), is_manager)?;
    }
    let grants = [Grant::TrackTime, Grant::ReadProjects, Grant::ReadAllReports];
    let role = AddRole {
        id: Some(RoleId::from_uuid(id(Kind::Role, seed, 1))),
        name: name("Bookkeeper")?,
        grants: Grants::of(grants),
        body: None,
    };
    add_role(op, role).map(drop)
}

fn add_entries(op: &mut Op, seed: u16, first: u32, batch: &[Planned]) -> Result<(), Error> {
    for (number, planned) in (first..).zip(batch) {
        let command = AddTimeEntry {
            id: Some(TimeEntryId::from_uuid(id(Kind::TimeEntry, seed, number))),
            member: None,
            booking: booking(op, seed, planned)?,
            note: Note::parse(planned.note).map_err(|_| Error::bug("a note of the cast"))?,
            billable: None,
            span: NewSpan::Range { start: planned.start, stop: planned.stop },
            body: None,
        };
        add_time_entry(op, command)?;
    }
    Ok(())
}

fn booking(op: &mut Op, seed: u16, planned: &Planned) -> Result<Booking, Error> {
    let project = project_id(seed, planned.project);
    let names = op.names()?;
    let is_bookable = |task: &&Task| {
        task.project == project && task.deleted_at.is_none() && task.archived_at.is_none()
    };
    let mut tasks: Vec<_> = names.tasks.values().filter(is_bookable).collect();
    tasks.sort_by_key(|task| task.id);
    let task = planned.task.and_then(|nth| tasks.get(nth)).map(|task| task.id);
    let tags = planned.tag.map(|tag| TagId::from_uuid(id(Kind::Tag, seed, tag)));
    Ok(Booking { project: Some(project), task, tags: tags.into_iter().collect() })
}

/// The owner's clock has been running for a little while.
fn start_running(op: &mut Op, seed: u16, entry: Option<TimeEntryId>) -> Result<(), Error> {
    let command = StartTimer {
        id: entry,
        booking: Booking {
            project: Some(project_id(seed, 1)),
            task: None,
            tags: vec![TagId::from_uuid(id(Kind::Tag, seed, 2))],
        },
        note: Note::parse("Review the quarterly forecast").map_err(|_| Error::bug("a note"))?,
        billable: None,
        started_at: Some(earlier(op.now_s(), STARTED_BEFORE.as_secs())?),
        body: None,
    };
    start_timer(op, command).map(drop)
}

/// A timer that the demo, last started long ago, left running is ended as it was then, and another
/// one runs: one of more than 31 days can only be stopped by saying when it really ended.
fn end_forgotten_timer(op: &mut Op, seed: u16) -> Result<(), Error> {
    let Some(start) = running_entry(op)?.and_then(|running| running.start()) else {
        return Ok(());
    };
    if op.now().duration_since(start) < FORGOTTEN_AFTER {
        return Ok(());
    }
    let stop = start.checked_add(STARTED_BEFORE).map_err(|_| Error::bug("a late clock"))?;
    stop_timer(op, Some(stop))?;
    start_running(op, seed, None)
}

fn earlier(at: Timestamp, seconds: i64) -> Result<Timestamp, Error> {
    at.checked_sub(SignedDuration::from_secs(seconds)).map_err(|_| Error::bug("an early clock"))
}

/// A zone of the cast.
fn zone(person: &Person) -> Result<Zone, Error> {
    app::input::zone("zone", person.zone)
}
