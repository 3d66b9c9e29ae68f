//! The page of one's security. Its sections have their forms in files of their own.
//!
//! It stands in a workspace. Who is let in nowhere, since they were removed or are kept out, has the part
//! of it that is about the account alone at `/security`, without a workspace around it.

use app::{
    DirectoryOp, Error,
    identity::{
        AddressState, Session, find_address_state, get_enrolled, list_memberships,
        provider::{Link, list_links},
    },
};
use axum::{Router, extract::State, http::StatusCode, response::Response, routing::get};
use domain::ids::WorkspaceId;

use super::{
    address::{self, AddressSection},
    passkey, password,
    provider_names::ProviderNames,
    providers, second, sessions,
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

/// Who looks at their account, and how.
#[derive(Clone, Copy)]
pub(super) struct Asking {
    pub(super) session: Session,
    /// Whether they have just shown who they are.
    pub(super) is_proven: bool,
    /// Whether browsers know passkeys at our address.
    pub(super) has_passkeys: bool,
}

impl Asking {
    fn new(server: &Server, member: &SignedIn) -> Self {
        let has_passkeys = server.app.has_passkeys();
        Self { session: member.session, is_proven: member.is_proven(), has_passkeys }
    }
}

/// What the directory knows of one's account: read at once, so that no section tells of another moment
/// than the others.
struct Account {
    sessions: sessions::Found,
    passkeys: passkey::Found,
    address: AddressState,
    password: password::Found,
    second: second::Found,
    links: Vec<Link>,
}

impl Account {
    fn read(op: &mut DirectoryOp, asking: Asking) -> Result<Self, Error> {
        let user = asking.session.user;
        let enrolled = get_enrolled(op, user)?;
        Ok(Self {
            sessions: sessions::find(op, user)?,
            passkeys: passkey::find(op, asking, enrolled)?,
            address: find_address_state(op, user)?,
            password: password::find(op, asking, enrolled)?,
            second: second::find(op, user, enrolled)?,
            links: list_links(op, user)?,
        })
    }
}

pub(super) async fn read_page(
    server: &Server,
    member: &SignedIn,
) -> Result<SecurityPage, PageError> {
    let asking = Asking::new(server, member);
    let read = move |op: &mut DirectoryOp| Account::read(op, asking);
    let account = server.app.read_directory(member.actor.request, read).await;
    let account = account.map_err(|error| member.fail(error))?;
    let linked = account.links.iter().map(|link| link.provider);
    let named = linked.chain(account.sessions.providers()).filter_map(|which| which.workspace);
    let names = ProviderNames::read(server, member, named.chain([member.workspace])).await?;
    let (current, root) = (member.session.id, root(member));
    let (frame, mut page) = member
        .read(server, move |op| {
            let page = SecurityPage {
                address: address::section(op.me(), op.now(), &account.address, &root),
                passkey: passkey::section(op, &account.passkeys),
                password: password::section(op, &account.password),
                second: second::section(op, &account.second),
                providers: providers::section(op, &account.links, &names),
                sessions: sessions::section(
                    op.me(),
                    op.now(),
                    (&account.sessions, &names),
                    current,
                    &root,
                ),
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
    let user = member.session.user;
    let read =
        move |op: &mut DirectoryOp| Ok((sessions::find(op, user)?, find_address_state(op, user)?));
    let found = server.app.read_directory(member.actor.request, read).await;
    let (found, own_address) = found.map_err(|error| member.fail(error))?;
    let named = found.providers().filter_map(|which| which.workspace);
    let names = ProviderNames::read(server, member, named).await?;
    let (reader, now) = (Anywhere::new(own_address.zone.clone()), member.visit.now());
    let section = address::section(&reader, now, &own_address, "");
    Ok(AccountPage {
        layout: member.visit.plain("security", "My security"),
        why: WHY_ANYWHERE,
        address: AddressSection { mail_note: mail_note(server), ..section },
        sessions: sessions::section(&reader, now, (&found, &names), member.session.id, ""),
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
