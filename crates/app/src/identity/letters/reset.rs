//! What is told of a reset of second factors.

use domain::text::EmailAddress;
use jiff::Timestamp;

use super::page_of;
use crate::{
    Error,
    identity::{notice::ResetStep, outbox::Letter},
};

/// The page that stops a reset of second factors.
pub(in crate::identity) fn reset_link(base_url: &str, token: &str) -> String {
    page_of(base_url, "stop-reset", token)
}

/// Somebody's second factors will be taken away: by the operator, or for an owner who asked for it. Goes to
/// others than its person too.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub(in crate::identity) fn reset_announced(
    to: &EmailAddress,
    whose: &EmailAddress,
    asked_by: Option<&EmailAddress>,
    due_at: Timestamp,
    link: &str,
) -> Result<Letter, Error> {
    let whose = whose.as_str();
    let due_at = due_at.strftime("%Y-%m-%d %H:%M UTC");
    let who = asked_by.map_or("Who runs the server", EmailAddress::as_str);
    let body = format!(
        "Hello,\n\
         \n\
         somebody has lost the second step of their sign-in to Timeproof, and it will be taken away\n\
         for them. {who} asked for it. The person is:\n\
         \n\
         \x20   {whose}\n\
         \n\
         This takes force at {due_at}. From then on a code by mail signs them in.\n\
         \n\
         You get this mail because it is you, or because you own a workspace that they belong\n\
         to. If it is as it should be, you need not do anything. If it is not, stop it with this\n\
         link:\n\
         \n\
         {link}\n"
    );
    Letter::new(to.clone(), "A second step of sign-in will be removed tomorrow", &body)
}

/// The subject, and what happened.
pub(super) fn told(step: ResetStep) -> (&'static str, String) {
    match step {
        ResetStep::Stopped => (
            "The second step of your sign-in stays",
            "the second step of your sign-in to Timeproof stays as it is: its removal was stopped, by\n\
             you or by an owner of a workspace of yours."
                .into(),
        ),
        ResetStep::Dropped => (
            "The second step of your sign-in stays",
            "the second step of your sign-in to Timeproof stays as it is: whoever asked for its removal\n\
             does not own all your workspaces any more, so it was not removed."
                .into(),
        ),
        ResetStep::Done => (
            "The second step of your sign-in was removed",
            "the second step of your sign-in to Timeproof was removed, as was announced a day ago, and\n\
             all your browsers were signed out. A code by mail signs you in now."
                .into(),
        ),
    }
}

/// What to do.
pub(super) fn advice(step: ResetStep) -> &'static str {
    match step {
        ResetStep::Stopped => {
            "If you have lost it, talk to an owner of your workspaces: they can ask for its removal\n\
             again after seven days, and who runs your Timeproof at any time. If not, you need not do\n\
             anything. Your second step is here:"
        }
        ResetStep::Dropped => {
            "If you have lost it, ask another owner of your workspaces, or who runs your Timeproof. If\n\
             not, you need not do anything. Your second step is here:"
        }
        ResetStep::Done => {
            "What to do now: sign in, and set a second step up anew. If nobody of yours asked for this,\n\
             tell who runs your Timeproof. The page is here:"
        }
    }
}
