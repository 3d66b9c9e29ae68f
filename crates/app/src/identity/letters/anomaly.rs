//! What the owners of a workspace are told of what is unusual there.

use domain::text::{EmailAddress, Name};

use crate::{Error, identity::outbox::Letter};

/// The letter to an owner: who did what how often, a line each, and where the record is.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub(crate) fn anomalies(
    to: &EmailAddress,
    workspace: &Name,
    lines: &[String],
    page: &str,
) -> Result<Letter, Error> {
    let workspace = workspace.as_str();
    let lines = lines.join("\n    ");
    let body = format!(
        "Hello,\n\
         \n\
         today something was done much more often than is usual in the workspace\n\
         \n\
         \x20   {workspace}\n\
         \n\
         \x20   {lines}\n\
         \n\
         If you know why, there is nothing to do: you are told of each of it once a day.\n\
         \n\
         If not, look into the record, which tells all of it one by one:\n\
         \n\
         {page}\n\
         \n\
         An owner can take away somebody's role, end a membership and revoke tokens at once.\n"
    );
    Letter::new(to.clone(), "Something unusual happens in a workspace of yours", &body)
}
