//! The texts of all mails, and the addresses of the pages they point to.
//!
//! A link's beginning comes from the configuration, never from a request. Subjects hold no code, no
//! link and no name, since they are shown on locked screens.

use domain::text::{EmailAddress, Name};

use super::outbox::Letter;
use crate::Error;

/// The page of a mailed sign-in link.
pub fn sign_in_link(base_url: &str, token: &str) -> String {
    address(base_url, "sign-in/link", token)
}

/// The page of a link printed by the server: set-up, demo, a fresh link of the operator.
pub fn enter_link(base_url: &str, token: &str) -> String {
    address(base_url, "enter", token)
}

/// The page of an invitation.
pub fn invitation_link(base_url: &str, token: &str) -> String {
    address(base_url, "join", token)
}

fn address(base_url: &str, page: &str, token: &str) -> String {
    format!("{}/{page}/{token}", base_url.trim_end_matches('/'))
}

/// A code of eight characters as it is shown: `ABCD-EFGH`.
pub fn shown_code(code: &str) -> String {
    match code.split_at_checked(4) {
        Some((first, second)) if !second.is_empty() => format!("{first}-{second}"),
        _ => code.to_owned(),
    }
}

/// The code and the link to sign in with.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub fn sign_in_code(
    to: &EmailAddress,
    code: &str,
    base_url: &str,
    token: &str,
) -> Result<Letter, Error> {
    let code = shown_code(code);
    let link = sign_in_link(base_url, token);
    let body = format!(
        "Hello,\n\
         \n\
         your code to sign in to Timeproof is\n\
         \n\
         \x20   {code}\n\
         \n\
         Type it into the page where you asked for it, or open this link in the same browser:\n\
         \n\
         {link}\n\
         \n\
         Either of them works once, within ten minutes.\n\
         \n\
         Did you not ask for this? Then you need not do anything: nobody can sign in without\n\
         this mail. Please do not pass it on.\n"
    );
    Letter::new(to.clone(), "Your code to sign in to Timeproof", &body)
}

/// The code with which somebody who is signed in shows anew who they are.
///
/// Errors: none in practice.
pub fn proof_code(to: &EmailAddress, code: &str) -> Result<Letter, Error> {
    let code = shown_code(code);
    let body = format!(
        "Hello,\n\
         \n\
         to go on with what you were about to do in Timeproof, type this code into the page\n\
         that asked for it:\n\
         \n\
         \x20   {code}\n\
         \n\
         It works once, within ten minutes, and only in that browser.\n\
         \n\
         Was it not you? Then somebody uses a browser in which you are signed in: sign out\n\
         everywhere else on the page “My security”. Please do not pass this mail on.\n"
    );
    Letter::new(to.clone(), "Your code to go on in Timeproof", &body)
}

/// An invitation to a workspace; `token` is that of the invitation.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub fn invitation(
    to: &EmailAddress,
    inviter: &Name,
    workspace: &Name,
    base_url: &str,
    token: &str,
) -> Result<Letter, Error> {
    let link = invitation_link(base_url, token);
    let (inviter, workspace) = (inviter.as_str(), workspace.as_str());
    let body = format!(
        "Hello,\n\
         \n\
         {inviter} would like to track time together with you, in the workspace\n\
         \n\
         \x20   {workspace}\n\
         \n\
         on Timeproof. To join, open this link:\n\
         \n\
         {link}\n\
         \n\
         It works once. If you do not know what this is about, you can ignore this mail.\n"
    );
    Letter::new(to.clone(), "You are invited to a workspace on Timeproof", &body)
}

/// A remember-me cookie was copied.
///
/// Errors: none in practice.
pub fn remember_theft(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         one of your browsers stays signed in to Timeproof. Its sign-in was just used from two\n\
         places, so somebody may have copied it. To be safe, we have signed that browser out and\n\
         ended all that it had open.\n\
         \n\
         What to do now: sign in again, and on the page “My security” end any that you do not\n\
         recognise. If this happens again, look for unwanted programs or extensions in your\n\
         browser.\n";
    Letter::new(to.clone(), "Please sign in to Timeproof again: a sign-in was copied", body)
}
