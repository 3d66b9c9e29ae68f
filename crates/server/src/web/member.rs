//! Who asks for a page.

use app::{
    Actor, Credential, Error, Op, Refusal,
    actor::{Came, CameBy, Since},
    identity::{Method, Session, hash_secret, provider::Which},
    support::{LiveSupport, live_support},
};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    ids::WorkspaceId,
    sign_in_policy::{FirstFactor, SecondFactor, Unmet},
};

use super::{Cookie, Flash, PageError, Typed, Visit, redirect};
use crate::{
    error::Failure,
    state::Server,
    support::{self, Access},
};

/// Somebody who may or may not be signed in.
pub struct Visitor(pub Visit);

/// Somebody who is signed in, in the workspace of the path (the nil one where the path has none).
pub struct SignedIn {
    /// The visit.
    pub visit: Visit,
    /// The session.
    pub session: Session,
    /// Who asks.
    pub actor: Actor,
    /// Where.
    pub workspace: WorkspaceId,
    /// What a support session is let do; none for a member.
    pub(crate) support: Option<Access>,
}

/// Why a page is not shown.
pub enum PageRefused {
    /// The request did not come through the gate.
    Lost,
    /// Sign in first.
    SignIn(Response),
    /// An error with a page.
    Page(PageError),
}

impl IntoResponse for PageRefused {
    fn into_response(self) -> Response {
        match self {
            Self::Lost => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Self::SignIn(response) => response,
            Self::Page(error) => error.into_response(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visitor {
    type Rejection = PageRefused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, PageRefused> {
        parts.extensions.get::<Visit>().cloned().map(Self).ok_or(PageRefused::Lost)
    }
}

impl FromRequestParts<Server> for SignedIn {
    type Rejection = PageRefused;

    async fn from_request_parts(parts: &mut Parts, state: &Server) -> Result<Self, PageRefused> {
        let visit = parts.extensions.get::<Visit>().cloned().ok_or(PageRefused::Lost)?;
        if let Some(support) = visit.support().cloned() {
            return support::signed_in(parts, state, visit, support).await;
        }
        let Some(session) = visit.session() else {
            return Err(if visit.is_support_over() {
                let over = Error::from(Refusal::SupportNotOpen);
                PageRefused::Page(PageError::new(&visit, over))
            } else {
                PageRefused::SignIn(sign_in_first(&visit, parts))
            });
        };
        let path = RawPathParams::from_request_parts(parts, state).await;
        let path =
            path.map_err(|_| PageRefused::Page(PageError::new(&visit, Failure::not_found())))?;
        let workspace = match path.iter().find(|(name, _)| *name == "workspace") {
            None => WorkspaceId::from_bytes([0; 16]),
            Some((_, text)) => text
                .parse()
                .map_err(|_| PageRefused::Page(PageError::new(&visit, Failure::not_found())))?,
        };
        let path = parts.uri.path();
        let stays_at_door = is_own_account(path);
        if (stays_at_door || is_about_oneself(path)) && !may_see_account(&session) {
            let failure = Failure::from(Error::KeptOut(Unmet::OtherProvider));
            return Err(PageRefused::Page(PageError::new(&visit, failure)));
        }
        let actor = actor(state, &visit, session, stays_at_door);
        Ok(Self { visit, session, actor, workspace, support: None })
    }
}

/// Who asks, as their session has them.
fn actor(server: &Server, visit: &Visit, session: Session, stays_at_door: bool) -> Actor {
    let credential = if session.is_proven(visit.now()) {
        Credential::Session(session.user)
    } else {
        Credential::UnprovenSession(session.user)
    };
    let came = Came {
        factors: factors(&session),
        since: Some(since(&session)),
        provider: came_by(&session, server),
        from: visit.info().peer,
        stays_at_door,
    };
    Actor { credential, request: visit.info().id, came }
}

/// Whether a page is about one's own account alone, such as how one signs in: it does nothing in the
/// workspace that it stands in.
fn is_own_account(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("") && parts.next() == Some("w") && parts.nth(1) == Some("security")
}

/// Whether a page is about one's account without standing in a workspace.
fn is_about_oneself(path: &str) -> bool {
    path == "/security" || path.starts_with("/security/")
}

/// Whether a session may see and change the account: one by the provider of a workspace must have shown
/// something of the person's own besides, or whoever owns that workspace could.
fn may_see_account(session: &Session) -> bool {
    session.shows_own() || session.provider.is_some_and(|provider| provider.workspace.is_none())
}

/// Which provider has opened a session; one of the operator's only as long as it is configured.
fn came_by(session: &Session, server: &Server) -> Option<CameBy> {
    let Which { id, workspace } = session.provider?;
    match workspace {
        Some(workspace) => Some(CameBy::Workspace(workspace, id)),
        None => server.providers.has_of_instance(id).then_some(CameBy::Instance),
    }
}

/// Since when, for sign-in policies.
fn since(session: &Session) -> Since {
    Since { at: session.shown_at, is_remembered: session.method == Method::Remembered }
}

/// What a session has shown, for sign-in policies.
fn factors(session: &Session) -> Option<(FirstFactor, Option<SecondFactor>)> {
    let first = session.shown.first.first_factor()?;
    Some((first, session.shown.second))
}

/// A script is told by status; a person goes to the sign-in page and comes back.
fn sign_in_first(visit: &Visit, parts: &Parts) -> Response {
    if parts.uri.path().ends_with("/live") {
        // No page reads more of it than the status.
        let kind = [(header::CONTENT_TYPE, "text/event-stream")];
        return (StatusCode::UNAUTHORIZED, kind, ": signed out\n\n").into_response();
    }
    if visit.wants_part() {
        return PageError::new(visit, Failure::signed_out()).into_response();
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if parts.method == axum::http::Method::GET {
        let next = serde_urlencoded::to_string([("next", path)]).unwrap_or_default();
        return redirect(&format!("/sign-in?{next}"), None);
    }
    // The browser sends the form there once more, so that the page can keep it.
    let action = serde_urlencoded::to_string([("action", path)]).unwrap_or_default();
    let place = HeaderValue::from_str(&format!("/sign-in/first?{action}"));
    let place = place.unwrap_or(HeaderValue::from_static("/sign-in"));
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, place)]).into_response()
}

impl SignedIn {
    /// `/w/` and the workspace.
    pub fn root(&self) -> String {
        format!("/w/{}", self.workspace)
    }

    /// Whether they have shown just now who they are, such as by the code whose answer is loaded again.
    pub(crate) fn is_proven(&self) -> bool {
        matches!(self.actor.credential, Credential::Session(_))
    }

    /// What binds a code or a question to the browser: the hash of its session's secret.
    ///
    /// Errors: the page of who is signed out.
    pub(crate) fn session_hash(&self) -> Result<[u8; 32], PageError> {
        let secret = self.visit.cookie(Cookie::Session).and_then(hash_secret);
        secret.ok_or_else(|| self.fail(Failure::signed_out()))
    }

    /// The same person once a form has changed what their session has shown, such as a second factor
    /// that they have just set up: the page that answers it looks at them anew.
    ///
    /// Errors: the page of who is signed out; as [`app::App::check_session`].
    pub(crate) async fn look_again(&self, server: &Server) -> Result<Self, PageError> {
        let found = server.app.check_session(self.actor.request, self.session_hash()?).await;
        let found = found.map_err(|error| self.fail(error))?;
        let session = found.ok_or_else(|| self.fail(Failure::signed_out()))?.session;
        let visit = self.visit.clone();
        let actor = actor(server, &visit, session, self.actor.came.stays_at_door);
        Ok(Self { visit, session, actor, workspace: self.workspace, support: None })
    }

    /// An id of the path; a text that is none names nothing.
    ///
    /// Errors: the page of what is not there.
    pub fn id<I: std::str::FromStr>(&self, text: &str) -> Result<I, PageError> {
        text.parse().map_err(|_| self.fail(Failure::not_found()))
    }

    /// Back to a page of the workspace after a form was carried out.
    pub fn back(&self, path: &str, flash: Option<Flash>) -> Response {
        redirect(&format!("{}/{path}", self.root()), flash)
    }

    /// Asks for a fresh proof before a form is carried out; see [`app::proof`].
    ///
    /// Errors: the page that asks, with what was typed.
    pub(crate) fn require_proof(&self, form: &Typed) -> Result<(), PageError> {
        match self.actor.credential {
            Credential::UnprovenSession(_) => Err(self.ask_for_proof(form)),
            _ => Ok(()),
        }
    }

    /// The page that asks for a fresh proof, and keeps what was typed.
    pub(crate) fn ask_for_proof(&self, form: &Typed) -> PageError {
        PageError::proof(&self.visit, form)
    }

    /// Runs an operation that only reads, in the member's name; what goes wrong is a page.
    ///
    /// Errors: as [`app::App::read`].
    pub async fn read<T, F>(&self, server: &Server, operation: F) -> Result<T, PageError>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        self.try_read(server, operation).await.map_err(|error| self.fail(error))
    }

    /// Runs an operation that only reads, in the member's name, and that a form answers when it is
    /// refused.
    ///
    /// Errors: as [`app::App::read`].
    pub async fn try_read<T, F>(&self, server: &Server, operation: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        match &self.support {
            None => server.app.read(self.actor, self.workspace, operation).await,
            Some(access) => access.read(server, self, operation).await,
        }
    }

    /// Runs an operation that changes something, in the member's name; what goes wrong is a page.
    ///
    /// Errors: as [`app::App::write`].
    pub async fn write<T, F>(&self, server: &Server, operation: F) -> Result<T, PageError>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        self.try_write(server, operation).await.map_err(|error| self.fail(error))
    }

    /// Runs an operation that changes something, in the member's name, and that a form answers when it
    /// is refused.
    ///
    /// Errors: as [`app::App::write`].
    pub async fn try_write<T, F>(&self, server: &Server, operation: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        match &self.support {
            None => server.app.write(self.actor, self.workspace, operation).await,
            Some(access) => access.write(server, self, operation).await,
        }
    }

    /// Whether they may still come in; what a member is told of support then. Nothing else is read.
    ///
    /// Errors: as [`app::App::read`].
    pub(crate) async fn check(&self, server: &Server) -> Result<Vec<LiveSupport>, Error> {
        match &self.support {
            None => server.app.read(self.actor, self.workspace, live_support).await,
            Some(_) => {
                let own = server.app.check_support(self.actor, self.workspace).await?;
                Ok(vec![own.live])
            }
        }
    }

    /// An error on a page.
    pub fn fail(&self, failure: impl Into<Failure>) -> PageError {
        PageError::new(&self.visit, failure)
    }
}
