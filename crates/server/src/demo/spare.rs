//! What the examples of the API delete, take back, restore and ask about: things that nothing else
//! needs.
//!
//! Each is put there when the demo is made, and again when the demo is started anew and it went for
//! good, or is about to: the trash keeps things for 30 days. Each is a transaction of its own, so that
//! one that cannot come back (its name was taken meanwhile) keeps the others from nothing.

use app::{
    Actor, App, Error, Op,
    actor::Scope,
    client::{add_client, delete_client, restore_client},
    identity::keep_undecided_grant,
    invitation::{NewInvitation, insert_invitation},
    project::{
        AddProject, ChangeProject, add_project, change_project, delete_project, restore_project,
    },
    provider::{
        AddProvider, Typed, add_provider, list_providers, read_issuer, read_secret, read_settings,
    },
    role::{AddRole, add_role},
    tag::{add_tag, delete_tag, restore_tag},
    task::{add_task, delete_task, restore_task},
    team::add_team,
    time_entry::{
        AddTimeEntry, Booking, NewSpan, add_time_entry, delete_time_entry, get_time_entry,
        restore_time_entry, time_entry_history,
    },
    token::{CreateToken, create_token},
};
use domain::{
    ids::{
        ClientId, InvitationId, ProviderId, RoleId, TagId, TaskId, TeamId, TimeEntryId, TokenId,
    },
    permission::{Grant, Grants, Role},
    text::Note,
};
use jiff::{SignedDuration, Timestamp, ToSpan};
use wire::demo::{Kind, id};

use super::{cast::MEETINGS, name, project_id, workspace};

/// A client without projects (`cast::CLIENTS`).
pub(crate) const UNUSED_CLIENT: u32 = 4;
pub(crate) const DELETED_CLIENT: u32 = 6;
pub(crate) const UNUSED_PROJECT: u32 = 13;
pub(crate) const DELETED_PROJECT: u32 = 14;
pub(crate) const UNUSED_TASK: u32 = 101;
pub(crate) const DELETED_TASK: u32 = 102;
pub(crate) const UNUSED_TAG: u32 = 9;
pub(crate) const DELETED_TAG: u32 = 10;
pub(crate) const UNUSED_TEAM: u32 = 2;
pub(crate) const UNUSED_ROLE: u32 = 2;
pub(crate) const UNUSED_PROVIDER: u32 = 2;
pub(crate) const DELETED_ENTRY: u32 = 1_000_001;

/// A program asks with this code whether it was let in. Nobody has decided, and nobody can.
pub(crate) const DEVICE_CODE: &str = "DemoDemoDemoDemoDemoDemoDemoDemoDemoDemo000";

/// How long the program of [`DEVICE_CODE`] waits, from a start of the demo.
const DEVICE_LIFE_US: i64 = 3_650 * 86_400 * 1_000_000;

/// What waits in the trash for longer than this is put there anew.
const FRESH_FOR: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Puts what the examples use there, as `owner`; what is there and fresh stays as it is.
///
/// Errors: [`Error::Store`].
pub(super) async fn renew(app: &App, owner: Actor, seed: u16) -> Result<(), Error> {
    app.prepare_provider_secrets(owner, workspace(seed)).await?;
    for thing in [
        providers,
        unused_project,
        unused_task,
        unused_tag,
        unused_team,
        unused_role,
        deleted_client,
        deleted_project,
        deleted_task,
        deleted_tag,
        deleted_entry,
    ] {
        match app.write(owner, workspace(seed), move |op| thing(op, seed)).await {
            Err(Error::Refused(_) | Error::NotFound) => {}
            outcome => outcome?,
        }
    }
    let waiting = |op: &mut app::DirectoryOp| {
        keep_undecided_grant(op, DEVICE_CODE, &name("tp on kitchen-laptop")?, DEVICE_LIFE_US)
    };
    app.write_directory(owner.request, waiting).await
}

/// Adds what is made once: invitations and tokens.
pub(super) fn add(op: &mut Op, seed: u16) -> Result<(), Error> {
    add_invitations(op, seed)?;
    add_tokens(op, seed)
}

/// Where a thing is.
enum Found {
    Nowhere,
    Live,
    InTrash(Timestamp),
}

impl Found {
    fn new(deleted_at: Option<Timestamp>) -> Self {
        deleted_at.map_or(Self::Live, Self::InTrash)
    }

    /// Whether the trash will keep it no longer than a visit to the demo.
    fn is_old(&self, op: &Op) -> bool {
        matches!(self, Self::InTrash(at) if op.now().duration_since(*at) > FRESH_FOR)
    }
}

type Act<'a> = &'a dyn Fn(&mut Op) -> Result<(), Error>;

/// Sees that a thing is there to be deleted.
fn live(op: &mut Op, found: &Found, add: Act, restore: Act) -> Result<(), Error> {
    match found {
        Found::Nowhere => add(op),
        found if found.is_old(op) => restore(op),
        _ => Ok(()),
    }
}

/// Sees that a thing is in the trash, unless somebody took it out.
fn deleted(op: &mut Op, found: &Found, add: Act, restore: Act, delete: Act) -> Result<(), Error> {
    match found {
        Found::Nowhere => add(op)?,
        found if found.is_old(op) => restore(op)?,
        _ => return Ok(()),
    }
    delete(op)
}

fn deleted_client(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = ClientId::from_uuid(id(Kind::Client, seed, DELETED_CLIENT));
    let names = op.names()?;
    let found = names.clients.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    deleted(
        op,
        &found,
        &|op| add_client(op, Some(id), &name("Old Mill Bakery")?, None).map(drop),
        &|op| restore_client(op, id).map(drop),
        &|op| delete_client(op, id, None),
    )
}

/// Archived, so that it stands in nobody's way.
fn unused_project(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = project_id(seed, UNUSED_PROJECT);
    let names = op.names()?;
    let found = names.projects.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    let add = |op: &mut Op| {
        make_project(op, seed, UNUSED_PROJECT, "Brand refresh")?;
        let archived = ChangeProject { archived: Some(true), ..ChangeProject::default() };
        change_project(op, id, archived).map(drop)
    };
    live(op, &found, &add, &|op| restore_project(op, id).map(drop))
}

fn deleted_project(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = project_id(seed, DELETED_PROJECT);
    let names = op.names()?;
    let found = names.projects.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    deleted(
        op,
        &found,
        &|op| make_project(op, seed, DELETED_PROJECT, "Trade fair"),
        &|op| restore_project(op, id).map(drop),
        &|op| delete_project(op, id, None),
    )
}

fn make_project(op: &mut Op, seed: u16, number: u32, text: &str) -> Result<(), Error> {
    let command = AddProject {
        id: Some(project_id(seed, number)),
        client: None,
        name: name(text)?,
        hue: None,
        billable: None,
        open: None,
        body: None,
    };
    add_project(op, command).map(drop)
}

fn unused_task(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = TaskId::from_uuid(id(Kind::Task, seed, UNUSED_TASK));
    let names = op.names()?;
    let found = names.tasks.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    let add = |op: &mut Op| {
        add_task(op, Some(id), project_id(seed, MEETINGS), &name("All hands")?, None).map(drop)
    };
    live(op, &found, &add, &|op| restore_task(op, id).map(drop))
}

fn deleted_task(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = TaskId::from_uuid(id(Kind::Task, seed, DELETED_TASK));
    let names = op.names()?;
    let found = names.tasks.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    deleted(
        op,
        &found,
        &|op| add_task(op, Some(id), project_id(seed, MEETINGS), &name("Board")?, None).map(drop),
        &|op| restore_task(op, id).map(drop),
        &|op| delete_task(op, id, None),
    )
}

fn unused_tag(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = TagId::from_uuid(id(Kind::Tag, seed, UNUSED_TAG));
    let names = op.names()?;
    let found = names.tags.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    let add = |op: &mut Op| add_tag(op, Some(id), &name("travel")?, None).map(drop);
    live(op, &found, &add, &|op| restore_tag(op, id).map(drop))
}

fn unused_team(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = TeamId::from_uuid(id(Kind::Team, seed, UNUSED_TEAM));
    if op.names()?.teams.contains_key(&id) {
        return Ok(());
    }
    add_team(op, Some(id), &name("Trade fair crew")?, None).map(drop)
}

/// One that an example has deleted is gone: its id is taken for good.
fn unused_role(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = RoleId::from_uuid(id(Kind::Role, seed, UNUSED_ROLE));
    if op.names()?.roles.contains_key(&id) {
        return Ok(());
    }
    let grants = Grants::of([Grant::ReadProjects, Grant::ReadAllReports]);
    let role = AddRole { id: Some(id), name: name("Adviser")?, grants, body: None };
    add_role(op, role).map(drop)
}

/// Providers that nobody can sign in by: there is nothing at their address (RFC 6761).
fn providers(op: &mut Op, seed: u16) -> Result<(), Error> {
    for (number, label) in [(1, "Example ID"), (UNUSED_PROVIDER, "Another ID")] {
        let id = ProviderId::from_uuid(id(Kind::Provider, seed, number));
        if list_providers(op)?.iter().any(|provider| provider.id == id) {
            continue;
        }
        let settings = read_settings(Typed {
            label,
            client_id: "timeproof",
            asks_second: false,
            classes: "",
        })?;
        let new = AddProvider {
            id: Some(id),
            issuer: read_issuer("https://id.example.invalid")?,
            settings,
            secret: read_secret("not a secret")?,
            body: None,
        };
        add_provider(op, &new)?;
    }
    Ok(())
}

fn deleted_tag(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = TagId::from_uuid(id(Kind::Tag, seed, DELETED_TAG));
    let names = op.names()?;
    let found = names.tags.get(&id).map_or(Found::Nowhere, |it| Found::new(it.deleted_at));
    deleted(
        op,
        &found,
        &|op| add_tag(op, Some(id), &name("misc")?, None).map(drop),
        &|op| restore_tag(op, id).map(drop),
        &|op| delete_tag(op, id, None),
    )
}

/// Booked twice by mistake, and in the trash since.
fn deleted_entry(op: &mut Op, seed: u16) -> Result<(), Error> {
    let id = TimeEntryId::from_uuid(id(Kind::TimeEntry, seed, DELETED_ENTRY));
    let found = match get_time_entry(op, id) {
        Ok(_) => Found::Live,
        Err(Error::NotFound) => last_changed(op, id)?.map_or(Found::Nowhere, Found::InTrash),
        Err(error) => return Err(error),
    };
    let add = |op: &mut Op| {
        let command = AddTimeEntry {
            id: Some(id),
            member: None,
            booking: Booking { project: Some(project_id(seed, 1)), ..Booking::default() },
            note: Note::parse("Align assumptions with sales").map_err(|_| Error::bug("a note"))?,
            billable: None,
            span: NewSpan::Duration { day: op.today().saturating_sub(1.day()), seconds: 1_800 },
            body: None,
        };
        add_time_entry(op, command).map(drop)
    };
    deleted(op, &found, &add, &|op| restore_time_entry(op, id).map(drop), &|op| {
        delete_time_entry(op, id, None).map(drop)
    })
}

/// When something happened to an entry last; nothing when it was never there, or is gone.
fn last_changed(op: &mut Op, id: TimeEntryId) -> Result<Option<Timestamp>, Error> {
    match time_entry_history(op, id) {
        Ok(events) => Ok(events.last().map(|event| event.at)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Without letters: nobody reads mail at these addresses, and the links open nothing.
fn add_invitations(op: &mut Op, seed: u16) -> Result<(), Error> {
    let invited =
        [(1, "ines@lantern.example", Role::Member), (2, "kofi@lantern.example", Role::Manager)];
    for (number, address, role) in invited {
        let mut token_hash = [0; 32];
        op.random().fill(&mut token_hash);
        let new = NewInvitation {
            id: InvitationId::from_uuid(id(Kind::Invitation, seed, number)),
            address: app::input::address("email", address)?,
            role: role.into(),
            token_hash,
            body: None,
        };
        insert_invitation(op, &new)?;
    }
    Ok(())
}

/// Tokens whose secrets nobody has seen.
fn add_tokens(op: &mut Op, seed: u16) -> Result<(), Error> {
    for (number, text, scope) in
        [(1, "tp on kitchen-laptop", Scope::Track), (2, "Old spreadsheet", Scope::Read)]
    {
        let command = CreateToken {
            id: Some(TokenId::from_uuid(id(Kind::Token, seed, number))),
            name: name(text)?,
            scope,
            expires_in_days: 366,
            networks: Vec::new(),
            body: None,
        };
        create_token(op, command)?;
    }
    Ok(())
}
