//! The texts of all mails, and the addresses of the pages they point to.
//!
//! A link's beginning comes from the configuration, never from a request. Subjects hold no code, no
//! link and no name, since they are shown on locked screens.

use domain::{
    day::Zone,
    text::{EmailAddress, Name},
};
use jiff::Timestamp;

use super::{notice::Happening, outbox::Letter, session::Origin};
use crate::{Error, actor::Scope};

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

/// The page of one's security; nothing where nobody knows where the server is reached.
fn security_page(base_url: &str) -> String {
    match base_url.trim_end_matches('/') {
        "" => "the page “My security” of Timeproof".to_owned(),
        base_url => format!("{base_url}/security"),
    }
}

/// Something happened to the account of a person: what, when, from where, and what to do if it was not
/// they. Holds no secret, and nothing that somebody else typed stands in its subject.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub fn security_notice(
    to: &EmailAddress,
    happening: &Happening,
    at: Timestamp,
    zone: &Zone,
    origin: &Origin,
) -> Result<Letter, Error> {
    let (subject, what) = told(happening, zone);
    let (when, device) = (moment(at, zone), origin.device_words());
    let network = origin.network.as_deref().unwrap_or("not known");
    let (page, advice) = (security_page(&origin.base_url), advice(happening));
    let body = format!(
        "Hello,\n\
         \n\
         {what}\n\
         \n\
         \x20   When:     {when}\n\
         \x20   Device:   {device}\n\
         \x20   Network:  {network}\n\
         \n\
         {advice}\n\
         \n\
         \x20   {page}\n\
         \n\
         Timeproof never asks by mail for a code or a password.\n"
    );
    Letter::new(to.clone(), subject, &body)
}

/// `22 November 2026, 18:13 (Europe/Berlin)`.
fn moment(at: Timestamp, zone: &Zone) -> String {
    let local = at.to_zoned(zone.time_zone()).strftime("%-d %B %Y, %H:%M");
    format!("{local} ({})", zone.as_str())
}

/// The subject, and what happened.
fn told(happening: &Happening, zone: &Zone) -> (&'static str, String) {
    match happening {
        Happening::NewDevice => (
            "New sign-in to Timeproof",
            "somebody has just signed in to Timeproof as you, in a browser that is new to us.".into(),
        ),
        Happening::SuspiciousSignIn { wrong_codes } => (
            "Please look: an unusual sign-in to Timeproof",
            format!(
                "somebody has just signed in to Timeproof as you, in a browser and from a network that\n\
                 are new to us. In the hour before, {wrong_codes} wrong codes were tried for your\n\
                 account."
            ),
        ),
        Happening::SignInCopied => (
            "Please sign in to Timeproof again: a sign-in was copied",
            "one of your browsers stays signed in to Timeproof. Its sign-in was just used from two\n\
             places, so somebody may have copied it. To be safe, we have signed that browser out and\n\
             ended all that it had open. The second of the two places was this:"
                .into(),
        ),
        Happening::TokenMade { name, workspace, scope, expires_at } => (
            "A new API token on Timeproof",
            format!(
                "an API token was made in your name. It works until\n\
                 {}. A program that has it\n\
                 may {}, in the workspace\n\
                 \n\
                 \x20   {workspace}\n\
                 \n\
                 It is called\n\
                 \n\
                 \x20   {name}",
                moment(*expires_at, zone),
                scope_words(*scope)
            ),
        ),
        Happening::AddressChanged { from, to } => (
            "Your e-mail address on Timeproof has changed",
            format!(
                "you sign in to Timeproof with another e-mail address from now on:\n\
                 \n\
                 \x20   before:   {}\n\
                 \x20   now:      {}",
                from.as_str(),
                to.as_str()
            ),
        ),
        Happening::FactorAdded(factor) => (
            "A new way to sign in to Timeproof",
            format!("{factor} was added to the ways in which you show who you are to Timeproof."),
        ),
        Happening::FactorChanged(factor) => (
            "A way to sign in to Timeproof has changed",
            format!("{factor} with which you show who you are to Timeproof was changed."),
        ),
        Happening::FactorRemoved(factor) => (
            "A way to sign in to Timeproof was removed",
            format!("{factor} was removed from the ways in which you show who you are to Timeproof."),
        ),
        Happening::LockedOut(way) => (
            "Signing in to Timeproof is closed for a while",
            format!("{way} was tried in vain too often, and is closed for a while."),
        ),
    }
}

fn scope_words(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read what you may read",
        Scope::Track => "read what you may read, and change your time",
        Scope::Full => "do all that you may do",
    }
}

/// What to do.
fn advice(happening: &Happening) -> &'static str {
    match happening {
        Happening::SignInCopied => {
            "What to do now: sign in again, and look through the list of your sign-ins; end any that\n\
             you do not recognise. If this happens again, look for unwanted programs or extensions\n\
             in your browser. The list is here:"
        }
        Happening::TokenMade { .. } => {
            "Was it you? Then you need not do anything. If it was not, sign in, revoke the token on\n\
             the page “API tokens”, and sign out everywhere else here:"
        }
        Happening::AddressChanged { .. } => {
            "Was it you? Then you need not do anything. If it was not, write to an owner of your\n\
             workspace at once: they can remove your account's access. Where you can still sign in,\n\
             sign out everywhere else here:"
        }
        Happening::LockedOut(_) => {
            "Was it you? Then wait, or sign in another way. If it was not, your account is safe: the\n\
             tries were in vain. Where you are signed in stands here:"
        }
        _ => {
            "Was it you? Then you need not do anything. If it was not, somebody else can act as you:\n\
             sign in, sign out everywhere else, and change how you sign in, here:"
        }
    }
}
