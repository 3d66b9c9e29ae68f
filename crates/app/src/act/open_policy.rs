//! Let everybody into a workspace again, however they come: the operator's act for owners who are kept
//! out by its sign-in policy.
//!
//! All owners are told by mail, before it is done: a letter about what then failed is better than a door
//! that was opened in silence. Cut short, the operator gives the command again.

use domain::{
    ids::{RequestId, UserId, WorkspaceId},
    text::Name,
};

use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op,
    identity::{Act, LetterKind, enqueue, get_address, letters},
    member::list_owners,
    sign_in_policy::{is_policy_open, open_policy},
};

impl App {
    /// Opens the sign-in policy of a workspace, and tells its owners; how many were told, none when it
    /// was open already.
    ///
    /// Errors: [`Error::NotFound`] for a workspace without an owner; [`Error::Store`]. Audit:
    /// `sign_in_policy.opened` in the directory, `sign_in_policy.changed` in the workspace.
    pub async fn open_policy(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
    ) -> Result<Option<usize>, Error> {
        let owner = self.find_first_owner(workspace).await?.ok_or(Error::NotFound)?;
        let actor = Actor::new(Credential::System(owner), request);
        let look = |op: &mut Op| {
            let name = crate::input::name("name", &op.names()?.workspace)?;
            Ok((is_policy_open(op), name, list_owners(op)?))
        };
        let (is_open, name, owners) = self.read(actor, workspace, look).await?;
        if is_open {
            return Ok(None);
        }
        let told =
            self.write_directory(request, move |op| tell(op, workspace, &name, &owners)).await?;
        self.write(actor, workspace, open_policy).await?;
        Ok(Some(told))
    }
}

fn tell(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    name: &Name,
    owners: &[UserId],
) -> Result<usize, Error> {
    let mut told = 0;
    for owner in owners {
        let to = match get_address(op, *owner) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let letter = letters::policy_opened(&to, name)?;
        enqueue(op, LetterKind::SecurityNotice, &letter)?;
        let facts = [("workspace", workspace.uuid().into())];
        op.record_act(Act::PolicyOpened, Some(*owner), &facts)?;
        told += 1;
    }
    Ok(told)
}
