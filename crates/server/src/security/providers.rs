//! Accounts at providers that sign one in: connected and disconnected here, by one's own factor.

use app::{
    Error, Op,
    identity::provider::{Link, Which, disconnect},
};
use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};
use domain::ids::{ProviderId, ProviderLinkId};

use super::{provider_names::ProviderNames, web::done};
use crate::{
    identity::{
        provider::read_owner,
        web::provider::{Leaving, lead_away},
    },
    state::Server,
    wall,
    web::{Flash, PageResult, SignedIn, Typed},
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

/// One that was removed, or that a session by the provider of a workspace is not told of.
const ELSEWHERE: &str = "A provider of elsewhere, or one that was removed";

/// The section, in the words of the person's own days.
pub(super) fn section(op: &Op, links: &[Link], names: &ProviderNames) -> ProvidersSection {
    let links = links.iter().map(|link| {
        let since = wall::moment(op.me(), op.now(), link.created_at);
        let used = link.used_at.map(|at| wall::moment(op.me(), op.now(), at));
        let used = used.map_or_else(|| "not used yet".to_owned(), |at| format!("last used {at}"));
        LinkRow {
            id: link.id.to_string(),
            name: names.get(link.provider).unwrap_or_else(|| ELSEWHERE.to_owned()),
            remark: format!("Since {since} · {used}"),
        }
    });
    let offers = names.offered(op.workspace()).into_iter().map(|(which, label)| OfferRow {
        place: which.workspace.map_or_else(|| "instance".to_owned(), |id| id.to_string()),
        id: which.id.to_string(),
        label,
    });
    ProvidersSection { links: links.collect(), offers: offers.collect() }
}

/// Shows first that it is its person; then leads to the provider.
async fn begin(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let not_there = || member.fail(Error::NotFound);
    let id: ProviderId = member.id(form.get("id"))?;
    let workspace = read_owner(form.get("place")).ok_or_else(not_there)?.workspace();
    // Those of other workspaces are connected there.
    if workspace.is_some_and(|workspace| workspace != member.workspace) {
        return Err(not_there());
    }
    member.require_proof(&form)?;
    let next = format!("{}/security", member.root());
    let leaving = Leaving { connects: Some(member.session.id), next };
    lead_away(&server, &member.visit, Which { id, workspace }, leaving).await
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
