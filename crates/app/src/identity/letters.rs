//! The texts of all mails, and the addresses of the pages they point to.
//!
//! A link's beginning comes from the configuration, never from a request. Subjects hold no code, no
//! link and no name, since they are shown on locked screens.

mod address;
mod anomaly;
mod changed;
mod joining;
mod locked;
mod owners;
mod reset;
mod support;

use domain::{
    day::Zone,
    text::{EmailAddress, Name},
};
use jiff::Timestamp;

pub(super) use reset::{reset_announced, reset_link};

use super::{
    notice::{AddressStep, Happening, PasskeyNews},
    outbox::Letter,
    session::Origin,
};
use crate::{Error, actor::Scope};

pub(crate) use anomaly::anomalies;
pub use joining::join_offer;
pub(crate) use joining::member_joined;
pub(crate) use owners::{ledger_heads, policy_opened, workspace_exported};
pub(crate) use support::SupportNews;

/// The page of a mailed sign-in link.
pub fn sign_in_link(base_url: &str, token: &str) -> String {
    page_of(base_url, "sign-in/link", token)
}

/// The page of a link printed by the server: set-up, demo, a fresh link of the operator.
pub fn enter_link(base_url: &str, token: &str) -> String {
    page_of(base_url, "enter", token)
}

/// The page of an invitation.
pub fn invitation_link(base_url: &str, token: &str) -> String {
    page_of(base_url, "join", token)
}

/// The page that makes a new address one's own.
pub fn address_link(base_url: &str, token: &str) -> String {
    page_of(base_url, "confirm-address", token)
}

/// The page that stops a change of address, or takes it back.
pub fn stop_address_link(base_url: &str, token: &str) -> String {
    page_of(base_url, "stop-address", token)
}

fn page_of(base_url: &str, page: &str, token: &str) -> String {
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

/// The link to sign in with, where too many codes were wrong for one to be typed.
///
/// Errors: none in practice.
pub fn sign_in_by_link(to: &EmailAddress, base_url: &str, token: &str) -> Result<Letter, Error> {
    let link = sign_in_link(base_url, token);
    let body = format!(
        "Hello,\n\
         \n\
         a hundred wrong codes were typed for your address, so no code is taken where you have\n\
         not signed in before. To sign in, open this link in the browser where you asked for it:\n\
         \n\
         {link}\n\
         \n\
         It works once, within ten minutes. Codes work again by themselves, a month after the last\n\
         wrong one.\n\
         \n\
         Did you not ask for this? Then you need not do anything: nobody can sign in without\n\
         this mail. Please do not pass it on.\n"
    );
    Letter::new(to.clone(), "Your link to sign in to Timeproof", &body)
}

/// The code with which somebody who comes from a provider confirms that the account there is theirs.
///
/// Errors: none in practice.
pub fn provider_code(to: &EmailAddress, code: &str, host: &str) -> Result<Letter, Error> {
    let code = shown_code(code);
    let body = format!(
        "Hello,\n\
         \n\
         somebody has signed in at {host} with this address, and wants to use\n\
         that account to sign in to Timeproof as you. If that is you, type this code into the\n\
         page that asked for it:\n\
         \n\
         \x20   {code}\n\
         \n\
         It works once, within ten minutes, and only in that browser. From then on, whoever has\n\
         that account can sign in as you where {host} is trusted.\n\
         \n\
         Was it not you? Then you need not do anything. Please do not pass this mail on.\n"
    );
    Letter::new(to.clone(), "Your code to connect an account with Timeproof", &body)
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

/// The code and the link that make a new address one's own.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub fn address_code(
    to: &EmailAddress,
    code: &str,
    base_url: &str,
    token: &str,
) -> Result<Letter, Error> {
    let code = shown_code(code);
    let link = address_link(base_url, token);
    let body = format!(
        "Hello,\n\
         \n\
         somebody who is signed in to Timeproof would like to sign in with this address from now on.\n\
         If that is you, type this code into the page that asks for it:\n\
         \n\
         \x20   {code}\n\
         \n\
         or open this link in the same browser:\n\
         \n\
         {link}\n\
         \n\
         Either of them works once, within ten minutes.\n\
         \n\
         Was it not you? Then you need not do anything: without this mail nothing happens. Please\n\
         do not pass it on.\n"
    );
    Letter::new(to.clone(), "Your code for a new address on Timeproof", &body)
}

/// Somebody would have liked to sign in with an address that somebody has, or that is held for them.
///
/// Errors: none in practice.
pub fn address_taken(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         somebody who is signed in to Timeproof asked to sign in with this address from now on. That\n\
         cannot be done: an account has it, or had it within the last three days. They were not\n\
         told so.\n\
         \n\
         Was it you? Then you have another account with this address: sign in with it, or ask who\n\
         runs your Timeproof.\n\
         \n\
         Was it not you? Then you need not do anything: nothing has changed.\n";
    Letter::new(to.clone(), "Somebody asked for your address on Timeproof", body)
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
    let (page, advice) = (leads_to(happening, origin), advice(happening));
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

/// Where something can be done about it.
fn leads_to(happening: &Happening, origin: &Origin) -> String {
    match happening {
        Happening::Address(AddressStep::Asked { link } | AddressStep::GivenUp { link }) => {
            link.clone()
        }
        _ => security_page(&origin.base_url),
    }
}

/// `22 November 2026, 18:13 (Europe/Berlin)`.
pub(super) fn moment(at: Timestamp, zone: &Zone) -> String {
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
        Happening::SuspiciousSignIn { wrong_tries } => (
            "Please look: an unusual sign-in to Timeproof",
            format!(
                "somebody has just signed in to Timeproof as you, in a browser and from a network that\n\
                 are new to us. Shortly before, {wrong_tries} wrong codes or passwords were tried for your\n\
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
        Happening::Passkey(news) => told_of_passkey(news),
        Happening::Changed(change) => changed::told(change),
        Happening::LockedOut(locked) => {
            let (subject, what) = locked::told(*locked);
            (subject, what.to_owned())
        }
        Happening::Address(step) => address::told(step),
        Happening::Reset(step) => reset::told(*step),
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
    }
}

fn told_of_passkey(news: &PasskeyNews) -> (&'static str, String) {
    let called = |what: &str, name: &str| format!("{what}\n\n    {name}");
    match news {
        PasskeyNews::Added(name) => (
            "A passkey was added to your sign-in",
            called(
                "a passkey was added to your sign-in to Timeproof. Whoever holds its device, and can\n\
                 unlock it, signs in as you. It is called",
                name,
            ),
        ),
        PasskeyNews::Removed(name) => (
            "A passkey was removed from your sign-in",
            called(
                "a passkey was removed from your sign-in to Timeproof, and all your other browsers were\n\
                 signed out. It was called",
                name,
            ),
        ),
        PasskeyNews::Copied(name) => (
            "Please look: a passkey of yours seems to be copied",
            called(
                "a passkey of yours was just used for Timeproof, and its counter had gone back: there\n\
                 seem to be two of it. So it was not let in. It is called",
                name,
            ),
        ),
        PasskeyNews::Always(is_on) => {
            let text = if *is_on {
                "from now on one of your passkeys is asked for whenever you sign in to Timeproof in\n\
                 another way. All your other browsers were signed out."
            } else {
                "your passkeys are asked for no more when you sign in to Timeproof in another way."
            };
            ("The second step of your sign-in was changed", text.to_owned())
        }
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
        Happening::Changed(_) => changed::ADVICE,
        Happening::LockedOut(locked) => locked::advice(*locked),
        Happening::Address(step) => address::advice(step),
        Happening::Reset(step) => reset::advice(*step),
        Happening::TokenMade { .. } => {
            "Was it you? Then you need not do anything. If it was not, sign in, revoke the token on\n\
             the page “API tokens”, and sign out everywhere else here:"
        }
        Happening::Passkey(PasskeyNews::Copied(_)) => {
            "What to do now: sign in in another way, remove this passkey, and add a new one in its\n\
             place, here:"
        }
        Happening::Passkey(_) => {
            "Was it you? Then you need not do anything. If it was not, sign in now, sign out\n\
             everywhere else, remove what is not yours, and tell who runs your Timeproof:"
        }
        Happening::NewDevice | Happening::SuspiciousSignIn { .. } => {
            "Was it you? Then you need not do anything. If it was not, somebody else can act as you:\n\
             sign in, sign out everywhere else, and change how you sign in, here:"
        }
    }
}

/// The code that is asked for after a password.
///
/// Errors: none in practice.
pub fn second_code(to: &EmailAddress, code: &str) -> Result<Letter, Error> {
    let code = shown_code(code);
    let body = format!(
        "Hello,\n\
         \n\
         to finish signing in to Timeproof, type this code into the page that asked for it:\n\
         \n\
         \x20   {code}\n\
         \n\
         It works once, within ten minutes, and only in that browser.\n\
         \n\
         Was it not you? Then somebody knows the other half of your sign-in: change it now.\n\
         Please do not pass this mail on.\n"
    );
    Letter::new(to.clone(), "Your code to finish signing in to Timeproof", &body)
}
