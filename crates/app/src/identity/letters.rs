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

/// How a person signs in has changed: their password, or their second factors.
///
/// Errors: none in practice.
pub(super) fn sign_in_changed(
    to: &EmailAddress,
    subject: &str,
    text: &str,
) -> Result<Letter, Error> {
    let body = format!(
        "Hello,\n\
         \n\
         {text}\n\
         \n\
         Was it you? Then you need not do anything. Was it not? Sign in now, sign out everywhere\n\
         else on the page “My security”, change there how you sign in, and tell who runs your\n\
         Timeproof.\n"
    );
    Letter::new(to.clone(), subject, &body)
}

/// A password was set where there was none.
///
/// Errors: none in practice.
pub fn password_set(to: &EmailAddress) -> Result<Letter, Error> {
    sign_in_changed(
        to,
        "A password was set for Timeproof",
        "from now on you can sign in to Timeproof with a password as well.",
    )
}

/// A password was changed.
///
/// Errors: none in practice.
pub fn password_changed(to: &EmailAddress) -> Result<Letter, Error> {
    sign_in_changed(
        to,
        "Your password for Timeproof was changed",
        "your password for Timeproof was changed. The old one no longer works.",
    )
}

/// A password was taken away.
///
/// Errors: none in practice.
pub fn password_removed(to: &EmailAddress) -> Result<Letter, Error> {
    sign_in_changed(
        to,
        "Your password for Timeproof was removed",
        "your password for Timeproof was removed. You sign in with a code by mail.",
    )
}

/// The page that stops a reset of second factors.
pub fn reset_link(base_url: &str, token: &str) -> String {
    address(base_url, "stop-reset", token)
}

/// The operator will take somebody's second factors away.
///
/// Errors: [`Error::Invalid`] when the configured address holds control characters.
pub(super) fn reset_announced(
    to: &EmailAddress,
    whose: &EmailAddress,
    due_at: Timestamp,
    link: &str,
) -> Result<Letter, Error> {
    let whose = whose.as_str();
    let due_at = due_at.strftime("%Y-%m-%d %H:%M UTC");
    let body = format!(
        "Hello,\n\
         \n\
         somebody has lost the second step of their sign-in to Timeproof, and who runs the\n\
         server takes it away for them:\n\
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

/// A reset of second factors was stopped.
///
/// Errors: none in practice.
pub(super) fn reset_stopped(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         the second step of your sign-in to Timeproof stays as it is: its removal was stopped, by\n\
         you or by an owner of a workspace of yours.\n\
         \n\
         If you have lost it, talk to them first; then the one who runs the server can begin\n\
         anew.\n";
    Letter::new(to.clone(), "The second step of your sign-in stays", body)
}

/// A reset of second factors was done.
///
/// Errors: none in practice.
pub(super) fn reset_done(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         the second step of your sign-in to Timeproof was removed, as was announced a day ago, and\n\
         all your browsers were signed out. A code by mail signs you in now.\n\
         \n\
         What to do now: sign in, and set a second step up anew on the page “My security”.\n";
    Letter::new(to.clone(), "The second step of your sign-in was removed", body)
}

/// Wrong passwords came from browsers that are not known: the first wait has begun.
///
/// Errors: none in practice.
pub fn password_guessed(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         somebody tried several wrong passwords for your address in a browser in which you have not\n\
         signed in before. From now on they have to wait between two tries, longer each time.\n\
         \n\
         Was it you? Then wait a minute, or sign in with a code by mail. Where you have signed in\n\
         before, your password works as always.\n\
         \n\
         Was it not you? Then you need not do anything. A second factor keeps out even those who\n\
         find your password.\n";
    Letter::new(to.clone(), "Wrong passwords were tried for your Timeproof account", body)
}

/// Too many wrong passwords came from browsers that are not known.
///
/// Errors: none in practice.
pub fn password_off(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         a hundred wrong passwords were tried for your address in browsers in which you have not\n\
         signed in before. To be safe, your password now works only where you have signed in\n\
         before.\n\
         \n\
         Elsewhere, sign in with a code by mail. To let the password work everywhere again, choose\n\
         another one, or say so, in the section “Password” of the page “My security”.\n";
    Letter::new(to.clone(), "Your Timeproof password no longer works in new browsers", body)
}

/// Too many wrong passwords came from one browser that is known.
///
/// Errors: none in practice.
pub fn password_device_worn(to: &EmailAddress) -> Result<Letter, Error> {
    let body = "Hello,\n\
         \n\
         ten wrong passwords in a row were tried for your address in a browser in which you have\n\
         signed in before. That browser is treated like a new one until you sign in there again.\n\
         \n\
         Was it not you? Then somebody sits before that browser: sign out everywhere else on the\n\
         page “My security”.\n";
    Letter::new(to.clone(), "Wrong passwords were tried in one of your browsers", body)
}
