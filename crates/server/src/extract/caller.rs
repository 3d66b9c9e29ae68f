//! Who calls the API: a token, for the workspace it was made in.

use app::{Actor, Credential, Error, Op, actor::Came, token::parse_token};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, header, request::Parts},
};
use domain::ids::{RequestId, WorkspaceId};

use super::request_id;
use crate::{
    error::{ApiError, Failure},
    state::Server,
};

/// A program with a token. Cookies are not looked at: a page of another site cannot call the API in
/// a person's name.
#[derive(Debug, Clone, Copy)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// Where: the workspace in the path, which is the token's own.
    pub workspace: WorkspaceId,
    /// The request.
    pub request: RequestId,
}

impl Caller {
    /// Runs an operation that only reads, in the caller's name.
    ///
    /// Errors: as [`app::App::read`].
    pub async fn read<T, F>(&self, server: &Server, operation: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let outcome = server.app.read(self.actor, self.workspace, operation).await;
        outcome.map_err(|error| ApiError::new(error, self.request))
    }

    /// Runs an operation that changes something, in the caller's name.
    ///
    /// Errors: as [`app::App::write`].
    pub async fn write<T, F>(&self, server: &Server, operation: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnMut(&mut Op) -> Result<T, Error> + Send + 'static,
    {
        let outcome = server.app.write(self.actor, self.workspace, operation).await;
        outcome.map_err(|error| ApiError::new(error, self.request))
    }
}

impl FromRequestParts<Server> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &Server) -> Result<Self, ApiError> {
        let request = request_id::of(parts).id;
        let fail = |failure| ApiError::new(failure, request);
        let token = bearer(&parts.headers).ok_or_else(|| fail(Failure::signed_out()))?;
        let (workspace, hash) = parse_token(token).ok_or_else(|| fail(Failure::signed_out()))?;
        let asked = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| fail(Failure::not_found()))?;
        if let Some((_, text)) = asked.iter().find(|(name, _)| *name == "workspace") {
            // Somebody else's workspace and none at all are the same answer.
            if text.parse::<WorkspaceId>().ok() != Some(workspace) {
                return Err(fail(Failure::not_found()));
            }
        }
        let came = Came { from: request_id::of(parts).peer, ..Came::default() };
        let actor = Actor { came, ..Actor::new(Credential::Token(hash), request) };
        Ok(Self { actor, workspace, request })
    }
}

/// The token that a request carries.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}
