//! Names that are known of somebody who is not signed in yet: at the door, a new password is held against
//! the same names as in a session.

use domain::{
    ids::{RequestId, UserId},
    password::Expected,
};
use vault::Secret;

use super::{guess::Checked, rules};
use crate::{
    Actor, App, Credential, Error,
    identity::{Membership, list_memberships},
    member::get_me,
};

impl App {
    /// Why somebody whose password was right may not replace it by this one: it is little more than a name
    /// of theirs, or of where they belong. That is asked after the check alone: to nobody else a name may
    /// be told.
    ///
    /// Errors: [`Error::Store`].
    pub(super) async fn find_name_in(
        &self,
        request: RequestId,
        user: UserId,
        checked: &Checked,
        new: Option<&Secret<String>>,
    ) -> Result<Option<Error>, Error> {
        let Some(new) = new.filter(|_| checked.is_right) else { return Ok(None) };
        let memberships =
            self.read_directory(request, move |op| list_memberships(op, user)).await?;
        let mut expected = Expected::default();
        for membership in memberships {
            expected = self.with_names_of(request, membership, expected).await;
        }
        let least = domain::password::LEAST_ALONE;
        Ok(rules::read_new("new", new.expose(), least, &expected).err())
    }

    /// With somebody's name in a workspace and its own. One that cannot be opened now keeps nobody out.
    async fn with_names_of(
        &self,
        request: RequestId,
        membership: Membership,
        expected: Expected,
    ) -> Expected {
        let Membership { workspace, member } = membership;
        let actor = Actor::new(Credential::System(member), request);
        let names =
            self.read(actor, workspace, |op| Ok((get_me(op)?.name, op.names()?.workspace.clone())));
        match names.await {
            Ok((mine, workspace)) => expected.with_name(&mine).with_name(&workspace),
            Err(error) => {
                tracing::warn!(request_id = %request, %workspace, %error, "names cannot be read");
                expected
            }
        }
    }
}
