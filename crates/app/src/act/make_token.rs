//! Make a token for somebody who is signed in.
//!
//! Whether they may come in is the directory's to say, the token is the workspace's, and an operator
//! may disable them meanwhile. That goes from the directory to the workspaces; this goes the other way
//! round: the token is committed, then the directory is asked once more, and only then is the secret
//! given out. Whatever comes first, either the disabling finds the token there and revokes it, or it
//! was in the directory before, and is seen here.
//!
//! It has no intention: a token whose secret nobody got opens nothing. Where the directory cannot be
//! asked, the token is taken back, so that "nothing was saved" is true; where that fails too, nobody
//! knows, and it is told so.

use domain::ids::{RequestId, TokenId, UserId, WorkspaceId};
use store::StoreError;

use crate::{
    Actor, App, Credential, Error, Op,
    app::to_the_end,
    identity::is_disabled,
    token::{CreateToken, CreatedToken, create_token, revoke_token},
};

impl App {
    /// Makes a token as `read` says, and gives it out unless its person was disabled by then.
    ///
    /// Errors: those of [`create_token`] and of `read`; [`Error::SignedOut`] for somebody who was
    /// disabled; [`Error::Store`]. Audit: `token.created`; `token.revoked` where it is not given
    /// out.
    pub async fn make_token<F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        read: F,
    ) -> Result<CreatedToken, Error>
    where
        F: FnMut(&mut Op) -> Result<CreateToken, Error> + Send + 'static,
    {
        let app = self.clone();
        to_the_end(async move { app.make_token_now(actor, workspace, read).await }).await
    }

    async fn make_token_now<F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        mut read: F,
    ) -> Result<CreatedToken, Error>
    where
        F: FnMut(&mut Op) -> Result<CreateToken, Error> + Send + 'static,
    {
        let made = self.write(actor, workspace, move |op| {
            let command = read(op)?;
            Ok((create_token(op, command)?, op.me().user))
        });
        let (created, user) = made.await?;
        self.passed("token.made").await;
        let request = actor.request;
        let why = match self.is_disabled_now(request, user).await {
            Ok(false) => return Ok(created),
            Ok(true) => Error::SignedOut,
            Err(error) => error,
        };
        match self.take_token_back(request, workspace, &created).await {
            Ok(()) => Err(why),
            Err(error) => Err(StoreError::OutcomeUnknown(format!("{why}; then: {error}")).into()),
        }
    }

    async fn is_disabled_now(&self, request: RequestId, user: UserId) -> Result<bool, Error> {
        self.read_directory(request, move |op| is_disabled(op, user)).await
    }

    /// Revokes a token that is not given out; does nothing when the disabling has.
    pub(super) async fn take_token_back(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
        created: &CreatedToken,
    ) -> Result<(), Error> {
        let (id, member): (TokenId, _) = (created.token.id, created.token.member);
        let actor = Actor::new(Credential::System(member), request);
        match self.write(actor, workspace, move |op| revoke_token(op, id)).await {
            Err(Error::NotFound) => Ok(()),
            revoked => revoked,
        }
    }
}
