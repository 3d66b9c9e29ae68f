//! Letters about joining by mail domain.

use domain::{joining::MailDomain, text::EmailAddress};

use super::invitation_link;
use crate::{Error, identity::outbox::Letter};

/// Somebody whom nobody here knows may join by the domain of their address; `token` is that of the offer.
///
/// It names no workspace: whose people they are is shown to who opens the link.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub fn join_offer(to: &EmailAddress, base_url: &str, token: &str) -> Result<Letter, Error> {
    let link = invitation_link(base_url, token);
    let domain = MailDomain::of(to).shown();
    let body = format!(
        "Hello,\n\
         \n\
         somebody asked to sign in to Timeproof with this address. Nobody has it there yet, but who\n\
         has an address at {domain} may join without an invitation. To see where, and to join,\n\
         open this link:\n\
         \n\
         {link}\n\
         \n\
         It works once, within a day. There is no code for you: you can close the page that asks for\n\
         one.\n\
         \n\
         Did you not ask for this? Then you need not do anything: nobody can join with your address\n\
         without this mail. Please do not pass it on.\n"
    );
    Letter::new(to.clone(), "You can join a workspace on Timeproof", &body)
}

/// Somebody has joined by the domain of their address: for who may invite people. Their name is what they
/// wrote themselves: it stands on a line of its own, beside the address they have shown.
///
/// Errors: none in practice.
pub(crate) fn member_joined(
    to: &EmailAddress,
    (name, address): (&str, &str),
    workspace: &str,
    is_last: bool,
) -> Result<Letter, Error> {
    let more = if is_last {
        "\nMany have joined today. No more letters come about those who follow: look at the page\n\
         \u{201c}People\u{201d}.\n"
    } else {
        ""
    };
    let body = format!(
        "Hello,\n\
         \n\
         somebody has joined the workspace\n\
         \n\
         \x20   {workspace}\n\
         \n\
         on Timeproof without an invitation: their address is at one of the mail domains whose people\n\
         may join it by themselves. It is theirs; the name is what they say they are called.\n\
         \n\
         \x20   {address}\n\
         \x20   {name}\n\
         {more}\
         \n\
         Is it as it should be? Then you need not do anything. If it is not, remove them on the page\n\
         \u{201c}People\u{201d}; an owner says on the page \u{201c}Sign-in\u{201d} who may join by themselves.\n"
    );
    Letter::new(to.clone(), "Somebody has joined a workspace of yours on Timeproof", &body)
}
