//! Where one is signed in: sessions, and browsers that would sign in by themselves; and their end.

use std::collections::HashMap;

use app::{
    DirectoryOp, Error,
    identity::{
        Browser, Method, Origin, Second, Session, end_all_sessions, end_other_sessions,
        end_session, forget_browser, list_browsers, list_origins, list_sessions, provider::Which,
    },
};
use axum::{
    Router,
    extract::{Path, State},
    routing::post,
};
use domain::ids::{FamilyId, SessionId, UserId};
use jiff::Timestamp;
use uuid::Uuid;

use super::{provider_names::ProviderNames, web::back};
use crate::{
    identity::web::clear_site_data,
    state::Server,
    wall::{self, Reader},
    web::{Cookie, Flash, PageError, PageResult, SignedIn, Typed, redirect},
};

/// Where one is signed in.
#[derive(Debug, Clone, Default)]
pub struct SessionsSection {
    /// Below which the forms are.
    pub root: String,
    /// Sessions, newest first, then remembered browsers without one.
    pub logins: Vec<LoginRow>,
}

/// A browser that is signed in, or would sign in by itself.
#[derive(Debug, Clone, Default)]
pub struct LoginRow {
    /// Its id on the page.
    pub dom: String,
    /// Where its end is asked for, below the workspace.
    pub end: String,
    /// `Firefox on Linux`.
    pub name: String,
    /// `from 203.0.113.7, with a code from a mail, since 20 November, last used today at 13:05`.
    pub remark: String,
    /// Whether it is this one.
    pub is_current: bool,
}

/// Routes of the section, in a workspace and outside of one.
pub(super) fn routes() -> Router<Server> {
    ["/w/{workspace}/security", "/security"].into_iter().fold(Router::new(), |routes, root| {
        routes
            .route(&format!("{root}/sessions/end-others"), post(end_others))
            .route(&format!("{root}/sessions/end-all"), post(end_all))
            .route(&format!("{root}/sessions/{{id}}/end"), post(end))
            .route(&format!("{root}/browsers/{{id}}/forget"), post(forget))
    })
}

/// What the directory knows of one's sign-ins.
pub(super) struct Found {
    sessions: Vec<Session>,
    browsers: Vec<Browser>,
    origins: HashMap<Uuid, Origin>,
}

impl Found {
    /// The providers that have opened one of the sessions.
    pub(super) fn providers(&self) -> impl Iterator<Item = Which> {
        self.sessions.iter().filter_map(|session| session.provider)
    }
}

/// Where a person is signed in, and which browsers would sign in by themselves.
pub(super) fn find(op: &mut DirectoryOp, user: UserId) -> Result<Found, Error> {
    Ok(Found {
        sessions: list_sessions(op, user)?,
        browsers: list_browsers(op, user)?,
        origins: list_origins(op, user)?,
    })
}

/// The section, in the words of the person's own days and clock.
pub(super) fn section(
    reader: &impl Reader,
    now: Timestamp,
    (found, names): (&Found, &ProviderNames),
    current: SessionId,
    root: &str,
) -> SessionsSection {
    let nowhere = Origin::default();
    let origin = |id: Uuid| found.origins.get(&id).unwrap_or(&nowhere);
    let sessions = found.sessions.iter().map(|session| {
        let row = session_row(reader, now, session, (origin(session.id.uuid()), names));
        LoginRow { is_current: session.id == current, ..row }
    });
    let browsers = found
        .browsers
        .iter()
        .map(|browser| browser_row(reader, now, browser, origin(browser.family.uuid())));
    SessionsSection { root: root.to_owned(), logins: sessions.chain(browsers).collect() }
}

fn session_row(
    reader: &impl Reader,
    now: Timestamp,
    session: &Session,
    (origin, names): (&Origin, &ProviderNames),
) -> LoginRow {
    let since = wall::moment(reader, now, session.created_at);
    let seen = wall::moment(reader, now, session.seen_at);
    let stays = if session.family.is_some() { ", stays signed in" } else { "" };
    let from = from(origin);
    let by = session.provider.filter(|_| session.method == Method::Provider);
    let first = by.and_then(|provider| names.get(provider)).map(|name| format!("with {name}"));
    let first = first.unwrap_or_else(|| method_words(session.method).to_owned());
    let with = first + second_words(session.shown.second);
    LoginRow {
        dom: format!("session-{}", session.id),
        end: format!("security/sessions/{}/end", session.id),
        name: origin.device_words().to_owned(),
        remark: format!("{from}{with}, since {since}, last used {seen}{stays}"),
        is_current: false,
    }
}

fn browser_row(
    reader: &impl Reader,
    now: Timestamp,
    browser: &Browser,
    origin: &Origin,
) -> LoginRow {
    let used = wall::moment(reader, now, browser.used_at);
    let until = wall::day(reader, browser.expires_at);
    LoginRow {
        dom: format!("browser-{}", browser.family),
        end: format!("security/browsers/{}/forget", browser.family),
        name: format!("{}, remembered", origin.device_words()),
        remark: format!("{}signs in by itself until {until}, last did so {used}", from(origin)),
        is_current: false,
    }
}

fn from(origin: &Origin) -> String {
    origin.network.as_ref().map_or_else(String::new, |network| format!("from {network}, "))
}

/// How a sign-in was opened, in words.
pub(crate) fn method_words(method: Method) -> &'static str {
    match method {
        Method::MailCode => "with a code from a mail",
        Method::MailLink => "with a link from a mail",
        Method::Remembered => "by itself, as a remembered browser",
        Method::PrintedLink => "with a link from the server",
        Method::Invitation => "with an invitation",
        Method::Password => "with a password",
        Method::Passkey => "with a passkey",
        Method::Provider => "with a provider",
    }
}

fn second_words(second: Option<Second>) -> &'static str {
    match second {
        Some(Second::Totp) => " and a code of an app",
        Some(Second::RecoveryCode) => " and a recovery code",
        Some(Second::MailCode) => " and a code from a mail",
        Some(Second::Passkey) => " and a passkey",
        Some(Second::Provider) => " and what the provider asked for",
        None => "",
    }
}

/// The id in a path that may name a workspace besides.
fn id_of<I: std::str::FromStr>(
    member: &SignedIn,
    path: &HashMap<String, String>,
) -> Result<I, PageError> {
    member.id(path.get("id").map(String::as_str).unwrap_or_default())
}

/// Signs another browser of mine out.
async fn end(
    State(server): State<Server>,
    member: SignedIn,
    Path(path): Path<HashMap<String, String>>,
    _form: Typed,
) -> PageResult {
    let (id, user): (SessionId, _) = (id_of(&member, &path)?, member.session.user);
    let ended = server.app.write_directory(member.actor.request, move |op| {
        // Only my own; one that has ended meanwhile is as wanted.
        if list_sessions(op, user)?.iter().any(|session| session.id == id) {
            end_session(op, id)?;
        }
        Ok(())
    });
    ended.await.map_err(|error| member.fail(error))?;
    let mut response = back(&member, Some(Flash::SignedOut));
    if id == member.session.id {
        clear_site_data(response.headers_mut());
    }
    Ok(response)
}

/// Forgets a browser of mine: it signs in by itself no more.
async fn forget(
    State(server): State<Server>,
    member: SignedIn,
    Path(path): Path<HashMap<String, String>>,
    _form: Typed,
) -> PageResult {
    let (id, user): (FamilyId, _) = (id_of(&member, &path)?, member.session.user);
    server
        .app
        .write_directory(member.actor.request, move |op| forget_browser(op, user, id))
        .await
        .map_err(|error| member.fail(error))?;
    Ok(back(&member, Some(Flash::SignedOut)))
}

/// Signs all other browsers of mine out.
async fn end_others(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let (user, keep) = (member.session.user, member.session.id);
    server
        .app
        .write_directory(member.actor.request, move |op| end_other_sessions(op, user, keep))
        .await
        .map_err(|error| member.fail(error))?;
    Ok(back(&member, Some(Flash::SignedOut)))
}

/// Signs all browsers of mine out, this one too.
async fn end_all(State(server): State<Server>, member: SignedIn, _form: Typed) -> PageResult {
    let user = member.session.user;
    server
        .app
        .write_directory(member.actor.request, move |op| end_all_sessions(op, user))
        .await
        .map_err(|error| member.fail(error))?;
    let mut response = redirect("/signed-out", None);
    member.visit.remove_cookie(response.headers_mut(), Cookie::Session);
    member.visit.remove_cookie(response.headers_mut(), Cookie::Remember);
    clear_site_data(response.headers_mut());
    Ok(response)
}
