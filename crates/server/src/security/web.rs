//! The page of one's security. Its sections have their forms in files of their own.
//!
//! It stands in a workspace. Who is let in nowhere, since they were removed or are kept out, has the part
//! of it that is about the account alone at `/security`, without a workspace around it.

use app::{Error, identity::list_memberships};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use domain::ids::WorkspaceId;

use super::{
    address::{self, AddressSection},
    passkey, password, providers, second, sessions,
    view::{AccountPage, SecurityPage},
};
use crate::{
    identity::web::mail_note,
    page::Place,
    state::Server,
    wall::Anywhere,
    web::{Flash, Frame, PageError, PageResult, SignedIn, Typed, page, page_with, redirect},
};

/// Routes of the page and of its sections.
pub fn routes() -> Router<Server> {
    Router::new()
        .route("/security", get(anywhere))
        .route("/w/{workspace}/security", get(show))
        .merge(address::routes())
        .merge(passkey::routes())
        .merge(password::routes())
        .merge(providers::routes())
        .merge(second::routes())
        .merge(sessions::routes())
}

/// Where letters lead, which know of no workspace: the page in the first one that lets the person in, else
/// in the first one at whose door they may put right what keeps them out, else by itself.
async fn anywhere(State(server): State<Server>, member: SignedIn) -> PageResult {
    match find_place(&server, &member).await? {
        Some(workspace) => Ok(redirect(&format!("/w/{workspace}/security"), None)),
        None => Ok(page(&read_account(&server, &member).await?)),
    }
}

async fn find_place(server: &Server, member: &SignedIn) -> Result<Option<WorkspaceId>, PageError> {
    let user = member.session.user;
    let memberships = server
        .app
        .read_directory(member.actor.request, move |op| list_memberships(op, user))
        .await
        .map_err(|error| member.fail(error))?;
    for stays_at_door in [false, true] {
        let mut actor = member.actor;
        actor.came.stays_at_door = stays_at_door;
        for membership in &memberships {
            // One that cannot be opened now is passed over: its own page says why.
            if server.app.read(actor, membership.workspace, |_| Ok(())).await.is_ok() {
                return Ok(Some(membership.workspace));
            }
        }
    }
    Ok(None)
}

async fn show(State(server): State<Server>, member: SignedIn) -> PageResult {
    Ok(read(&server, &member).await?.respond(StatusCode::OK))
}

/// Whether the page is asked for outside of any workspace.
fn is_anywhere(member: &SignedIn) -> bool {
    member.workspace.uuid().is_nil()
}

/// Below which its forms are: the workspace, or nothing.
fn root(member: &SignedIn) -> String {
    if is_anywhere(member) { String::new() } else { member.root() }
}

/// Back to the page after a form was carried out.
pub(super) fn back(member: &SignedIn, flash: Option<Flash>) -> Response {
    redirect(&format!("{}/security", root(member)), flash)
}

/// The page as it is now, in a workspace or by itself.
pub(super) enum Shown {
    InWorkspace(Box<SecurityPage>),
    Anywhere(Box<AccountPage>),
}

impl Shown {
    pub(super) fn address_mut(&mut self) -> &mut AddressSection {
        match self {
            Self::InWorkspace(page) => &mut page.address,
            Self::Anywhere(page) => &mut page.address,
        }
    }

    pub(super) fn respond(&self, status: StatusCode) -> Response {
        match self {
            Self::InWorkspace(page) => page_with(status, &**page),
            Self::Anywhere(page) => page_with(status, &**page),
        }
    }
}

/// The page as it is now. A section that refuses a form puts what was typed into its own view, and
/// shows the page with the status of the refusal.
pub(super) async fn read(server: &Server, member: &SignedIn) -> Result<Shown, PageError> {
    if is_anywhere(member) {
        return Ok(Shown::Anywhere(Box::new(read_account(server, member).await?)));
    }
    Ok(Shown::InWorkspace(Box::new(read_page(server, member).await?)))
}

pub(super) async fn read_page(
    server: &Server,
    member: &SignedIn,
) -> Result<SecurityPage, PageError> {
    let found = sessions::find(server, member).await?;
    let passkeys = passkey::find(server, member).await?;
    let own_address = address::find(server, member).await?;
    let own_password = password::find(server, member).await?;
    let factors = second::find(server, member).await?;
    let accounts = providers::find(server, member).await?;
    let (current, root) = (member.session.id, root(member));
    let (frame, mut page) = member
        .read(server, move |op| {
            let page = SecurityPage {
                address: address::section(op.me(), op.now(), &own_address, &root),
                passkey: passkey::section(op, &passkeys),
                password: password::section(op, &own_password),
                second: second::section(op, &factors),
                providers: providers::section(op, &accounts),
                sessions: sessions::section(op.me(), op.now(), &found, current, &root),
                ..SecurityPage::default()
            };
            Ok((Frame::read(op)?, page))
        })
        .await?;
    let layout = frame.layout(server, member, Place::Security, "security", "My security").await?;
    page.address.mail_note = mail_note(server);
    Ok(SecurityPage { layout, ..page })
}

async fn read_account(server: &Server, member: &SignedIn) -> Result<AccountPage, PageError> {
    let found = sessions::find(server, member).await?;
    let own_address = address::find(server, member).await?;
    let (reader, now) = (Anywhere::new(own_address.zone.clone()), member.visit.now());
    let section = address::section(&reader, now, &own_address, "");
    Ok(AccountPage {
        layout: member.visit.plain("security", "My security"),
        why: WHY_ANYWHERE,
        address: AddressSection { mail_note: mail_note(server), ..section },
        sessions: sessions::section(&reader, now, &found, member.session.id, ""),
    })
}

/// Why less is shown than in a workspace.
const WHY_ANYWHERE: &str = "No workspace lets you in from here right now, so this is what belongs to your \
                            account alone.";

/// Where a form of a section ends: back on the page, or at the proof that it asks for.
pub(super) fn done(
    member: &SignedIn,
    form: &Typed,
    outcome: Result<(), Error>,
    flash: Flash,
) -> PageResult {
    match outcome {
        Ok(()) => Ok(back(member, Some(flash))),
        Err(Error::NeedsProof) => Err(member.ask_for_proof(form)),
        Err(error) => Err(member.fail(error)),
    }
}

/// What was taken away by another tab in between is gone: the same end.
pub(super) fn gone_is_done(removed: Result<(), Error>) -> Result<(), Error> {
    match removed {
        Err(Error::NotFound) => Ok(()),
        removed => removed,
    }
}
