//! Steps that many tests begin with.

use app::{
    Credential, Error, Op,
    actor::Scope,
    client,
    identity::{insert_workspace, mark_workspace_ready},
    names::{Client, Project, Task},
    project::{self, AddProject},
    task,
    time_entry::{AddTimeEntry, Booking, NewSpan, TimeEntry, add_time_entry},
    token::{CreateToken, create_token, parse_token},
};
use domain::{
    ids::{ClientId, ProjectId},
    text::{Name, Note},
};
use store::{Database, Statement, StoreError};
use testkit::World;

/// Takes away the rules that keep rows as they are, as somebody with the database's password would.
pub(crate) async fn take_rules_away(world: &World, database: &Database, tables: &[&str]) {
    let drops = tables.iter().flat_map(|table| match world.engine {
        "sqlite" => ["told", "stay"].map(|rule| format!("DROP TRIGGER IF EXISTS {table}_{rule}")),
        _ => ["told", "stay"]
            .map(|rule| format!("ALTER TABLE {table} DISABLE TRIGGER {table}_{rule}")),
    });
    for text in drops {
        let drop = Statement::new("test.take_away", text.leak());
        let taken: Result<u64, StoreError> = database.write(move |tx| tx.execute(&drop, &[])).await;
        taken.unwrap();
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// A project for `AddProject`, billable and open unless changed.
pub(crate) fn new_project(text: &str) -> AddProject {
    AddProject {
        id: None,
        client: None,
        name: name(text),
        hue: None,
        billable: None,
        open: None,
        body: None,
    }
}

/// Writes as somebody in the world's workspace.
pub(crate) async fn write<T: Send + 'static>(
    world: &World,
    who: &str,
    act: impl FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    world.app.write(world.actor(who), world.workspace, act).await
}

/// Reads as somebody in the world's workspace.
pub(crate) async fn read<T: Send + 'static>(
    world: &World,
    who: &str,
    act: impl FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    world.app.read(world.actor(who), world.workspace, act).await
}

pub(crate) async fn add_client(world: &World, text: &str) -> Client {
    let name = name(text);
    let added = write(world, "admin", move |op| client::add_client(op, None, &name, None)).await;
    added.unwrap().into_inner()
}

pub(crate) async fn add_project(world: &World, text: &str, client: Option<ClientId>) -> Project {
    add_project_with(world, AddProject { client, ..new_project(text) }).await
}

/// A project that only its members may see.
pub(crate) async fn add_closed_project(
    world: &World,
    text: &str,
    client: Option<ClientId>,
) -> Project {
    add_project_with(world, AddProject { client, open: Some(false), ..new_project(text) }).await
}

pub(crate) async fn add_project_with(world: &World, command: AddProject) -> Project {
    let added = write(world, "admin", move |op| project::add_project(op, command.clone())).await;
    added.unwrap().into_inner()
}

pub(crate) async fn put_on(world: &World, project: ProjectId, who: &str, is_manager: bool) {
    let member = world.member(who);
    let put = write(world, "admin", move |op| {
        project::put_project_member(op, project, member, is_manager)
    });
    put.await.unwrap();
}

pub(crate) async fn add_task(world: &World, project: ProjectId, text: &str) -> Task {
    let name = name(text);
    let added =
        write(world, "admin", move |op| task::add_task(op, None, project, &name, None)).await;
    added.unwrap().into_inner()
}

/// An entry of so many seconds on the day of the test.
pub(crate) async fn book(world: &World, who: &str, booking: Booking, seconds: i64) -> TimeEntry {
    let added = write(world, who, move |op| {
        let day = op.today();
        let command = AddTimeEntry {
            id: None,
            member: None,
            booking: booking.clone(),
            note: Note::parse("work").unwrap(),
            billable: None,
            span: NewSpan::Duration { day, seconds },
            body: None,
        };
        add_time_entry(op, command)
    });
    added.await.unwrap().into_inner()
}

pub(crate) fn on(project: ProjectId) -> Booking {
    Booking { project: Some(project), ..Booking::default() }
}

/// `ok`, or the word of the error: what tables of roles compare.
pub(crate) fn outcome<T>(result: &Result<T, Error>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(Error::Refused(refusal)) => refusal.code().to_owned(),
        Err(Error::NotFound) => "not found".to_owned(),
        Err(Error::Forbidden) => "forbidden".to_owned(),
        Err(Error::SignedOut) => "signed out".to_owned(),
        Err(Error::NeedsProof) => "needs proof".to_owned(),
        Err(Error::Stale(_)) => "stale".to_owned(),
        Err(Error::IdTaken) => "id taken".to_owned(),
        Err(Error::Invalid(fields)) => format!("invalid {}", fields.0[0].field),
        Err(error) => format!("{error:?}"),
    }
}

/// Asserts what an act answers to each role, in the order of [`EVERYBODY`].
#[macro_export]
macro_rules! assert_roles {
    ($expected:expr, $ask:expr) => {{
        let mut answers = Vec::new();
        for who in $crate::steps::EVERYBODY {
            answers.push(format!("{who}: {}", $crate::steps::outcome(&$ask(who).await)));
        }
        assert_eq!(answers.join(", "), $expected);
    }};
}

pub(crate) const EVERYBODY: [&str; 5] = ["owner", "admin", "manager", "member", "stranger"];

/// Has the directory know the workspaces of a world, as jobs go by it.
pub(crate) async fn make_known(world: &World) {
    for workspace in [world.workspace, world.elsewhere] {
        let known = world.app.write_directory(world.app.new_request(), move |op| {
            insert_workspace(op, workspace)?;
            mark_workspace_ready(op, workspace)
        });
        known.await.unwrap();
    }
}

/// A token for `CreateToken`, from everywhere.
pub(crate) fn new_token(scope: Scope) -> CreateToken {
    CreateToken {
        id: None,
        name: name("A program"),
        scope,
        expires_in_days: 30,
        networks: Vec::new(),
        body: None,
    }
}

/// A program of somebody's, that reads.
pub(crate) async fn program_of(world: &World, who: &str) -> Credential {
    let created = write(world, who, |op| create_token(op, new_token(Scope::Read)));
    let (_, hash) = parse_token(created.await.unwrap().secret.expose()).unwrap();
    Credential::Token(hash)
}
