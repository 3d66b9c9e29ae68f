//! The second step of signing in: authenticator apps, recovery codes, and a code by mail.

use app::{
    DirectoryOp, Error, Op,
    identity::{
        Authenticator, Enrolled, NewAuthenticator, allow_app_again, confirm_authenticator,
        find_open_reset, get_pending, is_app_off_elsewhere, list_authenticators,
        make_recovery_codes, password::Secret, policy::MOST_AUTHENTICATORS, remove_authenticator,
        set_mail_second, stop_my_reset,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::ids::{AuthenticatorId, UserId};
use jiff::Timestamp;

use super::{
    qr::Qr,
    view::{AppPage, CodesPage, SecurityPage},
    web::{done, gone_is_done},
};
use crate::{
    page::{Field, Place},
    state::Server,
    wall,
    web::{Flash, Frame, PageError, PageResult, Refused, SignedIn, Typed, page, page_with},
};

/// The second step.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says whether one thing is shown")]
pub struct SecondSection {
    /// Authenticator apps, oldest first.
    pub apps: Vec<AppRow>,
    /// `7 of 10 are left`.
    pub codes: String,
    /// Whether there is nothing stronger than a code by mail, so that one can be asked for.
    pub offers_mail: bool,
    /// Whether a code by mail is asked for after a password.
    pub has_mail: bool,
    /// Whether there is room for one more app.
    pub can_add: bool,
    /// Field `name` of a new app.
    pub name: Field,
    /// When the operator removes the second step; empty when they do not.
    pub reset: String,
    /// Whether codes of the app work only in known browsers.
    pub is_off_elsewhere: bool,
}

/// An authenticator app.
#[derive(Debug, Clone, Default)]
pub struct AppRow {
    /// Its id.
    pub id: String,
    /// As its person calls it.
    pub name: String,
    /// `since 20 November, last used today at 13:05`.
    pub remark: String,
}

/// Routes of the section.
pub(super) fn routes() -> Router<Server> {
    Router::new()
        .route("/w/{workspace}/security/apps", post(start))
        .route("/w/{workspace}/security/apps/{id}", get(show).post(confirm))
        .route("/w/{workspace}/security/apps/{id}/remove", post(remove))
        .route("/w/{workspace}/security/recovery-codes", post(renew_codes))
        .route("/w/{workspace}/security/mail-step", post(set_mail))
        .route("/w/{workspace}/security/allow-app", post(allow))
        .route("/w/{workspace}/security/stop-reset", post(stop_reset))
}

/// What the directory knows of one's second step.
pub(super) struct Found {
    apps: Vec<Authenticator>,
    enrolled: Enrolled,
    reset_due: Option<Timestamp>,
    is_off_elsewhere: bool,
}

/// One's second step.
pub(super) fn find(op: &mut DirectoryOp, user: UserId, enrolled: Enrolled) -> Result<Found, Error> {
    Ok(Found {
        apps: list_authenticators(op, user)?,
        enrolled,
        reset_due: find_open_reset(op, user)?.map(|reset| reset.due_at),
        is_off_elsewhere: is_app_off_elsewhere(op, user)?,
    })
}

/// The section, in the words of the person's own days and clock.
pub(super) fn section(op: &Op, found: &Found) -> SecondSection {
    let me = op.me();
    let row = |app: &Authenticator| {
        let since = wall::day(me, app.created_at);
        let used = app.used_at.map(|at| wall::moment(me, op.now(), at));
        let used = used.map_or_else(String::new, |at| format!(", last used {at}"));
        AppRow {
            id: app.id.to_string(),
            name: app.name.as_str().to_owned(),
            remark: format!("since {since}{used}"),
        }
    };
    let reset = found.reset_due.map(|due| wall::moment(me, op.now(), due));
    SecondSection {
        apps: found.apps.iter().map(row).collect(),
        codes: format!("{} of 10 are left", found.enrolled.recovery_codes),
        offers_mail: !found.enrolled.has_strong(),
        has_mail: found.enrolled.has_mail,
        can_add: found.enrolled.apps < MOST_AUTHENTICATORS,
        name: Field::new(if found.apps.is_empty() { "My phone" } else { "" }),
        reset: reset.unwrap_or_default(),
        is_off_elsewhere: found.is_off_elsewhere,
    }
}

/// Begins with a new app: the next page shows what it is to be told.
async fn start(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let name = match app::input::name("name", form.get("name")) {
        Ok(name) => name,
        Err(error) => return refuse(&server, &member, form, error).await,
    };
    let request = member.actor.request;
    match server.app.start_authenticator(request, member.session, name).await {
        Ok(id) => Ok(member.back(&format!("security/apps/{id}"), None)),
        Err(error) => refuse(&server, &member, form, error).await,
    }
}

/// The page of one's security again, with what was typed and why it was refused.
async fn refuse(server: &Server, member: &SignedIn, form: Typed, error: Error) -> PageResult {
    let refused = Refused::new(member, form, error)?;
    let page = super::web::read_page(server, member).await?;
    let name = refused.only_field("name", "");
    let second = super::view::SecondSection { name, ..page.second };
    Ok(page_with(refused.status, &SecurityPage { second, ..page }))
}

async fn show(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
) -> PageResult {
    let id: AuthenticatorId = member.id(&id)?;
    match app_page(&server, &member, id, Field::default()).await? {
        Some(shown) => Ok(page(&shown)),
        None => Ok(member.back("security", None)),
    }
}

/// The page of an app that waits; none when it does not wait any more, or the session is not a fresh
/// one: then one begins anew.
async fn app_page(
    server: &Server,
    member: &SignedIn,
    id: AuthenticatorId,
    code: Field,
) -> Result<Option<AppPage>, PageError> {
    let session = member.session;
    let pending = server
        .app
        .read_directory(member.actor.request, move |op| get_pending(op, &session, id))
        .await;
    let pending = match pending {
        Ok(pending) => pending,
        Err(Error::NotFound | Error::NeedsProof) => return Ok(None),
        Err(error) => return Err(member.fail(error)),
    };
    let address = otpauth(&pending);
    let frame = member.read(server, Frame::read).await?;
    let layout = frame.layout(server, member, Place::Security, "security", "Set up an app").await?;
    Ok(Some(AppPage {
        layout,
        id: id.to_string(),
        name: pending.name.as_str().to_owned(),
        qr: Qr::of(&address).unwrap_or_default(),
        secret: in_fours(&pending.secret()),
        address,
        code,
    }))
}

/// What an app is told, as apps know it.
fn otpauth(pending: &NewAuthenticator) -> String {
    let secret = pending.secret();
    let account = percent_encoded(pending.address.as_str());
    format!(
        "otpauth://totp/Timeproof:{account}?secret={secret}&issuer=Timeproof&algorithm=SHA1&digits=6\
         &period=30"
    )
}

/// RFC 3986, section 2.1: everything but unreserved characters.
fn percent_encoded(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

fn in_fours(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

/// Turns an app on by its first code. The first app brings recovery codes, shown this once.
async fn confirm(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
    form: Typed,
) -> PageResult {
    let id: AuthenticatorId = member.id(&id)?;
    let (session, typed) = (member.session, form.get("code").to_owned());
    let origin = member.visit.origin().clone();
    let confirmed = server
        .app
        .write_directory(member.actor.request, move |op| {
            confirm_authenticator(op, &session, id, &typed, &origin)
        })
        .await;
    match confirmed {
        Ok(codes) if codes.is_empty() => Ok(member.back("security", Some(Flash::Added))),
        Ok(codes) => codes_page(&server, &member, &codes, false).await,
        // Turned on in another tab, or waited too long.
        Err(Error::NotFound) => Ok(member.back("security", None)),
        Err(error) => {
            let refused = Refused::new(&member, form, error)?;
            let code = refused.only_field("code", "");
            match app_page(&server, &member, id, code).await? {
                Some(again) => Ok(page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)),
                None => Ok(member.back("security", None)),
            }
        }
    }
}

/// Recovery codes, around which the frame stands as it does from now on: who was at the door may be in.
pub(super) async fn codes_page(
    server: &Server,
    member: &SignedIn,
    codes: &[Secret<String>],
    is_renewed: bool,
) -> PageResult {
    let member = &member.look_again(server).await?;
    let frame = member.read(server, Frame::read).await?;
    let title = "Your recovery codes";
    let layout = frame.layout(server, member, Place::Security, "security", title).await?;
    let codes = codes.iter().map(|code| code.expose().clone()).collect();
    Ok(page(&CodesPage { layout, codes, is_renewed }))
}

async fn remove(
    State(server): State<Server>,
    member: SignedIn,
    Path((_, id)): Path<(String, String)>,
    form: Typed,
) -> PageResult {
    let id: AuthenticatorId = member.id(&id)?;
    let (session, origin) = (member.session, member.visit.origin().clone());
    let removed = server.app.write_directory(member.actor.request, move |op| {
        gone_is_done(remove_authenticator(op, &session, id, &origin))
    });
    done(&member, &form, removed.await, Flash::Saved)
}

async fn renew_codes(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let (session, origin) = (member.session, member.visit.origin().clone());
    let made = server
        .app
        .write_directory(member.actor.request, move |op| make_recovery_codes(op, &session, &origin))
        .await;
    match made {
        Ok(codes) => codes_page(&server, &member, &codes, true).await,
        Err(error) => refuse(&server, &member, form, error).await,
    }
}

async fn set_mail(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let (session, is_wanted) = (member.session, form.is_ticked("on"));
    let origin = member.visit.origin().clone();
    let set = server.app.write_directory(member.actor.request, move |op| {
        set_mail_second(op, &session, is_wanted, &origin)
    });
    done(&member, &form, set.await, Flash::Saved)
}

/// Lets codes of the app work again where strangers guessed too often.
async fn allow(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let session = member.session;
    let allowed =
        server.app.write_directory(member.actor.request, move |op| allow_app_again(op, &session));
    done(&member, &form, allowed.await, Flash::Saved)
}

async fn stop_reset(State(server): State<Server>, member: SignedIn, form: Typed) -> PageResult {
    let (session, origin) = (member.session, member.visit.origin().clone());
    let stopped = server
        .app
        .write_directory(member.actor.request, move |op| stop_my_reset(op, &session, &origin));
    done(&member, &form, stopped.await, Flash::Saved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_shown_in_fours_and_addresses_are_encoded() {
        assert_eq!(in_fours("ABCDEFGH23"), "ABCD EFGH 23");
        assert_eq!(percent_encoded("a+b@example.org"), "a%2Bb%40example.org");
    }
}
