//! A support session in a browser: known by a cookie of its own, in the pages of its one workspace.
//!
//! It goes before the session of whoever sits there, in that workspace alone; everywhere else they are who
//! they are. It is looked up in the workspace at every request, so its end is in force on the next one.

use std::sync::Arc;

use app::{
    Actor, Credential, Error, Op, Refusal,
    actor::{Came, Via},
    identity::{Factors, Method as Way, Session, Strong, csrf_token, hash_secret},
    support::{OwnSupport, Seen},
};
use axum::{
    extract::{FromRequestParts, MatchedPath, RawPathParams},
    http::{Method, StatusCode, request::Parts},
};
use domain::{
    ids::{SessionId, UserId, WorkspaceId},
    support::Area,
};
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    pages::{self, first_page},
    present::{given, own_bar},
    view::SupportBar,
};
use crate::{
    error::Failure,
    page::ErrorPage,
    state::Server,
    web::{PageError, PageRefused, SignedIn, Visit},
};

/// A support session, on a page of its workspace.
#[derive(Debug, Clone)]
pub(crate) struct SupportVisit {
    pub(crate) workspace: WorkspaceId,
    hash: [u8; 32],
    /// What was given to it.
    own: Arc<OwnSupport>,
}

impl SupportVisit {
    fn actor(&self, visit: &Visit) -> Actor {
        let came = Came { from: visit.info().peer, ..Came::default() };
        Actor { came, ..Actor::new(Credential::Support(self.hash), visit.info().id) }
    }

    /// What stands above each of its pages, those of what went wrong among them.
    pub(crate) fn bar(&self) -> SupportBar {
        own_bar(self.workspace, &self.own)
    }

    /// What a page of an error says to support, which is signed in as nobody.
    pub(crate) fn tell(&self, failure: &Failure, page: &mut ErrorPage) {
        page.back = format!("/w/{}/{}", self.workspace, first_page(self.own.areas));
        if failure.status != StatusCode::FORBIDDEN {
            return;
        }
        page.text = given(&self.own);
        if failure.code == Refusal::SupportSeesNot.code() {
            "This was not given to you".clone_into(&mut page.heading);
            page.text.push_str(
                " Ask for more with “timeproof support ask”. How people sign in, their tokens and their \
                 profiles are never given.",
            );
        } else if !self.own.live.may_write {
            page.text.push_str(
                " Ask for more with “timeproof support ask”; to change anything, with “--write”.",
            );
        }
    }
}

/// What a request of a support session is let do.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    /// Look at a page of the table, and change it where that was given.
    Page(Arc<Seen>, Option<Area>),
    /// End itself.
    End,
    /// Hear that something has changed, and not what.
    Listen,
}

/// Whether a request is one of a support session.
pub(crate) enum Found {
    /// It is not.
    None,
    /// It would be, but that is over.
    Over,
    /// It is; with the token that its forms carry.
    Open(SupportVisit, String),
}

/// The support session of a cookie, on a page of its workspace.
///
/// Errors: trouble of the database.
pub(crate) async fn find(server: &Server, parts: &Parts, cookie: &str) -> Result<Found, Error> {
    let Some((workspace, secret)) = read_cookie(cookie) else { return Ok(Found::None) };
    let Some(hash) = hash_secret(&secret) else { return Ok(Found::None) };
    if !is_below(parts.uri.path(), workspace) {
        return Ok(Found::None);
    }
    let request = crate::extract::request_info(parts).id;
    let actor = Actor::new(Credential::Support(hash), request);
    match server.app.check_support(actor, workspace).await {
        Ok(own) => {
            let visit = SupportVisit { workspace, hash, own: Arc::new(own) };
            Ok(Found::Open(visit, csrf_token(&secret)))
        }
        Err(Error::NotFound) => Ok(Found::Over),
        Err(Error::Refused(Refusal::SupportNotOpen)) => {
            // Nothing else looks here before the next sweep.
            if let Err(error) = server.app.expire_support(workspace).await {
                tracing::warn!(%workspace, %error, "the end of support access is not written down");
            }
            Ok(Found::Over)
        }
        Err(error) => Err(error),
    }
}

/// The cookie of a session: the workspace, then the secret.
pub(super) fn cookie_text(workspace: WorkspaceId, secret: &str) -> String {
    format!("{workspace}.{secret}")
}

/// What stands in a cookie, and in a link.
pub(super) fn read_cookie(text: &str) -> Option<(WorkspaceId, String)> {
    let (workspace, secret) = text.split_once('.')?;
    Some((workspace.parse().ok()?, secret.to_owned()))
}

fn is_below(path: &str, workspace: WorkspaceId) -> bool {
    let mut steps = path.split('/');
    let begins = steps.next() == Some("") && steps.next() == Some("w");
    begins && steps.next().and_then(|id| id.parse().ok()) == Some(workspace)
}

/// Who asks, where a support session does.
///
/// Errors: the page of what support does not open.
pub(crate) async fn signed_in(
    parts: &mut Parts,
    server: &Server,
    visit: Visit,
    support: SupportVisit,
) -> Result<SignedIn, PageRefused> {
    let fail = |failure: Failure| PageRefused::Page(PageError::new(&visit, failure));
    let path = RawPathParams::from_request_parts(parts, server).await;
    let path = path.map_err(|_| fail(Failure::not_found()))?;
    let id = path.iter().find(|(name, _)| *name == "id").map(|(_, text)| text.parse::<Uuid>());
    let id = id.transpose().map_err(|_| fail(Failure::not_found()))?;
    let pattern = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let access = match (&parts.method, pattern) {
        (&Method::POST, "/w/{workspace}/support/{id}/end") => Access::End,
        (&Method::GET, "/w/{workspace}/live") => Access::Listen,
        (method, pattern) => {
            let page = pages::find(method, pattern);
            let page = page.ok_or_else(|| fail(Error::from(Refusal::SupportSeesNot).into()))?;
            Access::Page(Arc::new(page.seen(id, &parts.uri)), page.area())
        }
    };
    let (actor, now) = (support.actor(&visit), visit.now());
    Ok(SignedIn {
        session: nobodys(now),
        actor,
        workspace: support.workspace,
        support: Some(access),
        visit,
    })
}

/// Support is no person of the directory: nothing there is theirs.
fn nobodys(now: Timestamp) -> Session {
    Session {
        id: SessionId::from_bytes([0; 16]),
        user: UserId::from_bytes([0; 16]),
        method: Way::PrintedLink,
        shown: Factors { first: Way::PrintedLink, second: None },
        provider: None,
        created_at: Timestamp::UNIX_EPOCH,
        shown_at: Timestamp::UNIX_EPOCH,
        seen_at: now,
        expires_at: now,
        family: None,
        strong: Strong::default(),
    }
}

impl Access {
    /// Reads a page, in the transaction that records it.
    ///
    /// Errors: as [`app::App::read_as_support`].
    pub(crate) async fn read<T, F>(
        &self,
        server: &Server,
        member: &SignedIn,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let Self::Page(seen, area) = self else { return Err(Error::Forbidden) };
        let (seen, area) = (Arc::clone(seen), *area);
        let look = move |op: &mut Op| {
            require_area(op, area)?;
            operation(op)
        };
        server.app.read_as_support(member.actor, member.workspace, seen, look).await
    }

    /// Changes something, where that was given, or ends itself.
    ///
    /// Errors: as [`app::App::write_as_support`].
    pub(crate) async fn write<T, F>(
        &self,
        server: &Server,
        member: &SignedIn,
        mut operation: F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let (seen, area) = match self {
            Self::Page(seen, area) => (Some(Arc::clone(seen)), *area),
            Self::End => (None, None),
            Self::Listen => return Err(Error::Forbidden),
        };
        let change = move |op: &mut Op| {
            require_area(op, area)?;
            operation(op)
        };
        server.app.write_as_support(member.actor, member.workspace, seen, change).await
    }
}

/// Refuses a page of an area that was not given; then nothing was seen.
fn require_area(op: &Op, area: Option<Area>) -> Result<(), Error> {
    match op.me().via {
        Via::Support(_, areas, _) if area.is_none_or(|area| areas.has(area)) => Ok(()),
        _ => Err(Refusal::SupportSeesNot.into()),
    }
}
