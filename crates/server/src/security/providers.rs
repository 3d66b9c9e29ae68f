//! Accounts at providers that sign one in: connected and disconnected here, by one's own factor.

use app::{
    Error, Op,
    identity::provider::{Link, Which, disconnect, list_links},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};
use domain::ids::{ProviderId, ProviderLinkId};

use super::{view::ConnectPage, web::done};
use crate::{
    identity::provider::{read_owner, start_path},
    state::Server,
    wall,
    web::{Flash, Frame, PageError, PageResult, SignedIn, Typed, page},
};

/// One's accounts at providers.
#[derive(Debug, Clone, Default)]
pub struct ProvidersSection {
    /// Those that are connected.
    pub links: Vec<LinkRow>,
    /// Those that can be: place, id and label.
    pub offers: Vec<OfferRow>,
}

/// An account that is connected.
#[derive(Debug, Clone, Default)]
pub struct LinkRow {
    /// Its id.
    pub id: String,
    /// What the provider is called.
    pub name: String,
    /// `Since 20 November · last used yesterday`.
    pub remark: String,
}

/// A provider whose account can be connected.
#[derive(Debug, Clone, Default)]
pub struct OfferRow {
    /// Whose it is, as addresses say it.
    pub place: String,
    /// Its id.
    pub id: String,
    /// What it is called.
    pub label: String,
}

/// Routes of the section.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/security/providers", post(begin))
        .route("/w/{workspace}/security/providers/{id}/disconnect", post(take_away))
}

/// What is known of one's accounts: links, and the providers of here with their labels.
pub(super) struct Found {
    links: Vec<Link>,
    known: Vec<(Which, String)>,
}

/// One's accounts, and the providers that there are here.
pub(super) async fn find(server: &Server, member: &SignedIn) -> Result<Found, PageError> {
    let user = member.session.user;
    let links =
        server.app.read_directory(member.actor.request, move |op| list_links(op, user)).await;
    let own = server.app.look_at_providers(member.workspace).await;
    let own = own.map_err(|error| member.fail(error))?;
    let workspace = Some(member.workspace);
    let own = own.into_iter().map(|it| (Which { id: it.id, workspace }, it.label));
    let of_operator = server.providers.of_operator();
    let of_operator =
        of_operator.map(|it| (Which { id: it.id, workspace: None }, it.label.clone()));
    Ok(Found {
        links: links.map_err(|error| member.fail(error))?,
        known: own.chain(of_operator).collect(),
    })
}

/// The section, in the words of the person's own days.
pub(super) fn section(op: &Op, found: &Found) -> ProvidersSection {
    let label = |which: Which| found.known.iter().find(|(known, _)| *known == which);
    let links = found.links.iter().map(|link| {
        let since = wall::moment(op.me(), op.now(), link.created_at);
        let used = link.used_at.map(|at| wall::moment(op.me(), op.now(), at));
        let used = used.map_or_else(|| "not used yet".to_owned(), |at| format!("last used {at}"));
        LinkRow {
            id: link.id.to_string(),
            name: label(link.provider)
                .map_or_else(|| "A provider of elsewhere".to_owned(), |(_, label)| label.clone()),
            remark: format!("Since {since} · {used}"),
        }
    });
    let offers = found.known.iter().map(|(which, label)| OfferRow {
        place: which.workspace.map_or_else(|| "instance".to_owned(), |id| id.to_string()),
        id: which.id.to_string(),
        label: label.clone(),
    });
    ProvidersSection { links: links.collect(), offers: offers.collect() }
}

/// Shows first that it is its person; then a link leads to the provider, since forms lead nowhere else.
async fn begin(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let not_there = || member.fail(Error::NotFound);
    let id: ProviderId = member.id(form.get("id"))?;
    let workspace = read_owner(form.get("place")).ok_or_else(not_there)?.workspace();
    member.require_proof(&form)?;
    let which = Which { id, workspace };
    let found = find(&server, &member).await?;
    let known = found.known.into_iter().find(|(known, _)| *known == which);
    let (_, label) = known.ok_or_else(not_there)?;
    let next = format!("{}/security", member.root());
    let query = [("connect", member.visit.csrf()), ("next", &next)];
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    let href = format!("{}?{query}", start_path(which));
    let frame = member.read(&server, Frame::read).await?;
    let title = "Connect an account";
    let layout =
        frame.layout(&server, &member, crate::page::Place::Security, "connect", title).await?;
    Ok(page(&ConnectPage { layout, label, href }))
}

async fn take_away(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
    form: Typed,
) -> PageResult {
    let id: ProviderLinkId = member.id(&id)?;
    member.require_proof(&form)?;
    let (session, origin) = (member.session, member.visit.origin().clone());
    let disconnected = server
        .app
        .write_directory(member.actor.request, move |op| disconnect(op, &session, id, &origin));
    done(&member, &form, disconnected.await, Flash::Saved)
}
