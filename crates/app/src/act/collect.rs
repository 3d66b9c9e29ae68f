//! Collect a token for a program that a person has let in: made in the workspace, then the grant is
//! used up in the directory.
//!
//! The token's id is that of its grant, so that two who collect at once make one token. When the
//! token cannot be made, the grant stays, and the program asks again.

use domain::{
    ids::{RequestId, TokenId},
    text::Name,
};

use super::make_token::TokenNotice;
use crate::{
    Actor, App, Credential, Error, Op, Refusal,
    actor::Scope,
    app::to_the_end,
    identity::{Approved, Collected, Origin, is_disabled, look_at_grant, use_up_grant},
    sign_in_policy::changed_at,
    token::{CreateToken, CreatedToken, create_program_token},
};

/// The token of a program that was let in.
pub struct CollectedToken {
    /// In which workspace.
    pub workspace: domain::ids::WorkspaceId,
    /// Its name.
    pub workspace_name: String,
    /// The member in whose name the program acts.
    pub member_name: String,
    /// The token, with its secret.
    pub created: CreatedToken,
}

impl App {
    /// Makes the token of a program that was let in, in the name of the person who let it in, once;
    /// nothing while nobody has decided.
    ///
    /// Errors: [`Refusal::GrantNotValid`], also when the person was removed or disabled, or the
    /// sign-in policy was changed, since then; [`Error::Store`]. Audit: `token.created`, `grant.collected`.
    pub async fn collect_token(
        &self,
        request: RequestId,
        device_code: String,
        origin: &Origin,
    ) -> Result<Option<CollectedToken>, Error> {
        // Most ask in vain, again and again: that costs a look, and no flush of the disk.
        let looked = self.read_directory(request, move |op| look_at_grant(op, &device_code));
        let approved = match looked.await? {
            Collected::Approved(approved) => approved,
            Collected::Pending => return Ok(None),
            Collected::Denied | Collected::NotValid => return Err(Refusal::GrantNotValid.into()),
        };
        let (app, origin) = (self.clone(), origin.clone());
        to_the_end(async move { app.collect_now(request, approved, origin).await.map(Some) }).await
    }

    async fn collect_now(
        &self,
        request: RequestId,
        approved: Approved,
        origin: Origin,
    ) -> Result<CollectedToken, Error> {
        let Approved { grant, user, workspace, name, at, days } = approved;
        let id = TokenId::from_uuid(grant.uuid());
        let actor = Actor::new(Credential::Approval(user), request);
        let made = self.write(actor, workspace, move |op| {
            // What they showed met the policy when they allowed it, and nobody knows whether it meets
            // the one that came after.
            if changed_at(op)? >= at {
                return Err(Refusal::GrantNotValid.into());
            }
            let collected = make(op, id, name.clone(), days)?;
            let notice = TokenNotice::of(op, &collected.created)?;
            Ok((collected, notice))
        });
        let made = made.await;
        self.passed("collect.made").await;
        let (collected, notice) = match made {
            Err(Error::NotFound | Error::IdTaken) => return Err(Refusal::GrantNotValid.into()),
            made => made?,
        };
        // As in `make_token`: after the token's commit, so that a disabling is either seen here, or
        // finds the token.
        let is_out = self
            .write_directory(request, move |op| {
                let is_out = is_disabled(op, user)?;
                if !is_out {
                    use_up_grant(op, grant, user)?;
                    notice.write(op, &origin)?;
                }
                Ok(is_out)
            })
            .await?;
        self.passed("collect.finished").await;
        if is_out {
            self.take_token_back(request, workspace, &collected.created).await?;
            return Err(Refusal::GrantNotValid.into());
        }
        Ok(collected)
    }
}

fn make(op: &mut Op, id: TokenId, name: Name, days: i64) -> Result<CollectedToken, Error> {
    let command = CreateToken {
        id: Some(id),
        name,
        scope: Scope::Full,
        expires_in_days: days,
        networks: Vec::new(),
        body: None,
    };
    let created = create_program_token(op, command)?;
    let names = op.names()?;
    let me = names.members.get(&op.me().member).ok_or(Error::NotFound)?;
    Ok(CollectedToken {
        workspace: op.workspace(),
        workspace_name: names.workspace.clone(),
        member_name: me.name.clone(),
        created,
    })
}
