//! What the owners of a workspace are told of it: what the operator does, and the heads of its record.

use domain::text::{EmailAddress, Name};

use crate::{Error, identity::outbox::Letter};

/// The operator takes everything of a workspace away as files.
///
/// Errors: none in practice.
pub(crate) fn workspace_exported(to: &EmailAddress, workspace: &Name) -> Result<Letter, Error> {
    let workspace = workspace.as_str();
    let body = format!(
        "Hello,\n\
         \n\
         who runs the server of your Timeproof takes everything of a workspace away as files that\n\
         anybody can read who has them:\n\
         \n\
         \x20   {workspace}\n\
         \n\
         What to do now: nothing, if you have asked for it. Do you not know why it was done? Ask who\n\
         runs the server.\n"
    );
    Letter::new(to.clone(), "A workspace of yours was exported", &body)
}

/// The operator has opened the sign-in policy of a workspace.
///
/// Errors: none in practice.
pub(crate) fn policy_opened(to: &EmailAddress, workspace: &Name) -> Result<Letter, Error> {
    let workspace = workspace.as_str();
    let body = format!(
        "Hello,\n\
         \n\
         who runs the server of your Timeproof has taken back all limits on signing in to a\n\
         workspace that you own:\n\
         \n\
         \x20   {workspace}\n\
         \n\
         Every way of signing in lets in there now, from everywhere, without a second factor. This\n\
         is the way back for owners who were kept out.\n\
         \n\
         What to do now: sign in, look at the page \u{201c}Sign-in\u{201d} of the workspace, and set the\n\
         limits anew. Do you not know why it was done? Ask who runs the server.\n"
    );
    Letter::new(
        to.clone(),
        "The limits on signing in to a workspace of yours were taken back",
        &body,
    )
}

/// The newest heads of a workspace's ledger and of the instance's, to be kept where the server is not.
///
/// Errors: none in practice.
pub(crate) fn ledger_heads(
    to: &EmailAddress,
    workspace: &Name,
    head: &str,
    instance: &str,
) -> Result<Letter, Error> {
    let workspace = workspace.as_str();
    let body = format!(
        "Hello,\n\
         \n\
         you need not do anything: please keep this mail. With it you can show later that nothing was\n\
         changed that was recorded until today, in your workspace\n\
         \n\
         \x20   {workspace}\n\
         \n\
         To check an export of it, save the lines between the first two rules as a file and run\n\
         `tp verify FOLDER --checkpoint FILE`: it says whether the export goes on from them.\n\
         \n\
         ----- the head of the workspace -----\n\
         {head}\
         ----- the head of the server's own log -----\n\
         {instance}\
         ----- end -----\n"
    );
    Letter::new(to.clone(), "The head of your workspace's record, to be kept", &body)
}
