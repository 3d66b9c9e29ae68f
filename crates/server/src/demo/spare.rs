//! What the examples of the API delete, take back and restore: things that nothing else needs.

use app::{
    Error, Op,
    actor::Scope,
    client::{add_client, delete_client},
    invitation::{NewInvitation, insert_invitation},
    project::{AddProject, ChangeProject, add_project, change_project, delete_project},
    tag::{add_tag, delete_tag},
    task::{add_task, delete_task},
    time_entry::{AddTimeEntry, Booking, NewSpan, add_time_entry, delete_time_entry},
    token::{CreateToken, create_token},
};
use domain::{
    ids::{ClientId, InvitationId, TagId, TaskId, TimeEntryId, TokenId},
    permission::Role,
    text::Note,
};
use jiff::ToSpan;
use wire::demo::{Kind, id};

use super::{cast::MEETINGS, name, project_id};

/// A client without projects (`cast::CLIENTS`).
pub(crate) const UNUSED_CLIENT: u32 = 4;
pub(crate) const DELETED_CLIENT: u32 = 6;
pub(crate) const UNUSED_PROJECT: u32 = 13;
pub(crate) const DELETED_PROJECT: u32 = 14;
pub(crate) const UNUSED_TASK: u32 = 101;
pub(crate) const DELETED_TASK: u32 = 102;
pub(crate) const UNUSED_TAG: u32 = 9;
pub(crate) const DELETED_TAG: u32 = 10;
pub(crate) const DELETED_ENTRY: u32 = 1_000_001;

/// Adds them, as the owner.
pub(super) fn add(op: &mut Op, seed: u16) -> Result<(), Error> {
    add_client_and_projects(op, seed)?;
    add_tasks_and_tags(op, seed)?;
    add_deleted_entry(op, seed)?;
    add_invitations(op, seed)?;
    add_tokens(op, seed)
}

fn add_client_and_projects(op: &mut Op, seed: u16) -> Result<(), Error> {
    let client = ClientId::from_uuid(id(Kind::Client, seed, DELETED_CLIENT));
    add_client(op, Some(client), &name("Old Mill Bakery")?, None)?;
    delete_client(op, client, None)?;
    for (number, text) in [(UNUSED_PROJECT, "Brand refresh"), (DELETED_PROJECT, "Trade fair")] {
        let command = AddProject {
            id: Some(project_id(seed, number)),
            client: None,
            name: name(text)?,
            hue: None,
            billable: None,
            open: None,
            body: None,
        };
        add_project(op, command)?;
    }
    let archived = ChangeProject { archived: Some(true), ..ChangeProject::default() };
    change_project(op, project_id(seed, UNUSED_PROJECT), archived)?;
    delete_project(op, project_id(seed, DELETED_PROJECT), None)
}

fn add_tasks_and_tags(op: &mut Op, seed: u16) -> Result<(), Error> {
    let task = |number| TaskId::from_uuid(id(Kind::Task, seed, number));
    let meetings = project_id(seed, MEETINGS);
    add_task(op, Some(task(UNUSED_TASK)), meetings, &name("All hands")?, None)?;
    add_task(op, Some(task(DELETED_TASK)), meetings, &name("Board")?, None)?;
    delete_task(op, task(DELETED_TASK), None)?;
    let tag = |number| TagId::from_uuid(id(Kind::Tag, seed, number));
    add_tag(op, Some(tag(UNUSED_TAG)), &name("travel")?, None)?;
    add_tag(op, Some(tag(DELETED_TAG)), &name("misc")?, None)?;
    delete_tag(op, tag(DELETED_TAG), None)
}

/// Booked twice by mistake, and in the trash since.
fn add_deleted_entry(op: &mut Op, seed: u16) -> Result<(), Error> {
    let entry = TimeEntryId::from_uuid(id(Kind::TimeEntry, seed, DELETED_ENTRY));
    let command = AddTimeEntry {
        id: Some(entry),
        member: None,
        booking: Booking { project: Some(project_id(seed, 1)), ..Booking::default() },
        note: Note::parse("Align assumptions with sales").map_err(|_| Error::bug("a note"))?,
        billable: None,
        span: NewSpan::Duration { day: op.today().saturating_sub(1.day()), seconds: 1_800 },
        body: None,
    };
    add_time_entry(op, command)?;
    delete_time_entry(op, entry, None).map(drop)
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
            role,
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
            body: None,
        };
        create_token(op, command)?;
    }
    Ok(())
}
