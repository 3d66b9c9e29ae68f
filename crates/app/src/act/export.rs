//! Take a whole workspace away: its owners are told by mail, and it stands in the record.
//!
//! They are told first: a letter about an export that then failed is better than one that nobody heard
//! of. The letter is in the outbox, and goes out when the server next runs.

use domain::{
    ids::{RequestId, UserId, WorkspaceId},
    text::Name,
};

use crate::{
    Actor, App, Credential, DirectoryOp, Error, Op,
    export::begin_export,
    identity::{Act, LetterKind, enqueue, get_address, letters},
    member::list_owners,
};

impl App {
    /// Begins an export of a workspace in the name of its first owner, who is given back.
    ///
    /// Errors: [`Error::NotFound`] for a workspace without an owner; [`Error::Store`]. Audit:
    /// `workspace.exported`, in the directory for each owner who was told, and in the workspace.
    pub async fn begin_export(
        &self,
        request: RequestId,
        workspace: WorkspaceId,
    ) -> Result<Actor, Error> {
        let owner = self.find_first_owner(workspace).await?.ok_or(Error::NotFound)?;
        let actor = Actor::new(Credential::System(owner), request);
        let look = |op: &mut Op| {
            let name = crate::input::name("name", &op.names()?.workspace)?;
            Ok((name, list_owners(op)?))
        };
        let (name, owners) = self.read(actor, workspace, look).await?;
        self.write_directory(request, move |op| tell(op, workspace, &name, &owners)).await?;
        self.write(actor, workspace, begin_export).await?;
        Ok(actor)
    }
}

fn tell(
    op: &mut DirectoryOp,
    workspace: WorkspaceId,
    name: &Name,
    owners: &[UserId],
) -> Result<(), Error> {
    for owner in owners {
        let to = match get_address(op, *owner) {
            // Whom the directory does not know cannot be told.
            Err(Error::NotFound) => continue,
            to => to?,
        };
        let letter = letters::workspace_exported(&to, name)?;
        enqueue(op, LetterKind::SecurityNotice, &letter)?;
        let facts = [("workspace", workspace.uuid().into())];
        op.record_act(Act::WorkspaceExported, Some(*owner), &facts)?;
    }
    Ok(())
}
