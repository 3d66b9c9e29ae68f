//! Make a token for somebody who is signed in.
//!
//! Whether they may come in is the directory's to say, the token is the workspace's, and an operator
//! may disable them meanwhile. That goes from the directory to the workspaces; this goes the other way
//! round: the token is committed, then the directory is asked once more, and only then is the secret
//! given out. Whatever comes first, either the disabling finds the token there and revokes it, or it
//! was in the directory before, and is seen here. The letter that tells its person of the token is
//! written in that same look.
//!
//! It has no intention: a token whose secret nobody got opens nothing. Where the directory cannot be
//! asked, the token is taken back, so that "nothing was saved" is true; where that fails too, nobody
//! knows, and it is told so.

use domain::{
    day::Zone,
    ids::{RequestId, TokenId, UserId, WorkspaceId},
};
use store::StoreError;

use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op,
    app::to_the_end,
    identity::{Happening, Origin, is_disabled, notify},
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
        origin: &Origin,
        read: F,
    ) -> Result<CreatedToken, Error>
    where
        F: FnMut(&mut Op) -> Result<CreateToken, Error> + Send + 'static,
    {
        let (app, origin) = (self.clone(), origin.clone());
        to_the_end(async move { app.make_token_now(actor, workspace, origin, read).await }).await
    }

    async fn make_token_now<F>(
        &self,
        actor: Actor,
        workspace: WorkspaceId,
        origin: Origin,
        mut read: F,
    ) -> Result<CreatedToken, Error>
    where
        F: FnMut(&mut Op) -> Result<CreateToken, Error> + Send + 'static,
    {
        let made = self.write(actor, workspace, move |op| {
            let command = read(op)?;
            let created = create_token(op, command)?;
            let notice = TokenNotice::of(op, &created)?;
            Ok((created, notice))
        });
        let (created, notice) = made.await?;
        self.passed("token.made").await;
        let request = actor.request;
        let told = self.write_directory(request, move |op| {
            let is_out = is_disabled(op, notice.user)?;
            if !is_out {
                notice.write(op, &origin)?;
            }
            Ok(is_out)
        });
        let why = match told.await {
            Ok(false) => return Ok(created),
            Ok(true) => Error::SignedOut,
            Err(error) => error,
        };
        match self.take_token_back(request, workspace, &created).await {
            Ok(()) => Err(why),
            Err(error) => Err(StoreError::OutcomeUnknown(format!("{why}; then: {error}")).into()),
        }
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

/// What the letter about a token says, read where the token was made.
pub(super) struct TokenNotice {
    user: UserId,
    zone: Zone,
    happening: Happening,
}

impl TokenNotice {
    pub(super) fn of(op: &mut Op, created: &CreatedToken) -> Result<Self, Error> {
        let happening = Happening::TokenMade {
            name: created.token.name.clone(),
            workspace: op.names()?.workspace.clone(),
            scope: created.token.scope,
            expires_at: created.token.expires_at,
        };
        Ok(Self { user: op.me().user, zone: op.me().zone.clone(), happening })
    }

    pub(super) fn write(&self, op: &mut DirectoryOp, origin: &Origin) -> Result<(), Error> {
        match notify(op, self.user, &self.happening, origin, &self.zone) {
            // There is nobody to write to.
            Err(Error::NotFound) => Ok(()),
            told => told,
        }
    }
}
