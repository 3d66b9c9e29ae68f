//! A browser's visit: its session if it has one, its cookies, and what its page needs.

use std::sync::{Arc, OnceLock};

use app::identity::{NewSession, Origin, Session};
use axum::http::HeaderMap;
use jiff::Timestamp;

use super::{
    cookies::{self, Cookie, Jar},
    flash::Flash,
    form::Typed,
};
use crate::{config::Config, extract::RequestInfo, page::Plain, support::SupportVisit};

/// A browser's visit, put there by the gate.
#[derive(Clone)]
pub struct Visit {
    pub(super) inner: Arc<Inner>,
}

#[expect(clippy::struct_excessive_bools, reason = "what a request and its cookies say")]
pub(super) struct Inner {
    pub(super) session: Option<Session>,
    pub(super) is_remembered: bool,
    pub(super) support: Option<SupportVisit>,
    pub(super) is_support_over: bool,
    pub(super) jar: Jar,
    pub(super) config: Arc<Config>,
    pub(super) info: RequestInfo,
    pub(super) origin: Origin,
    pub(super) csrf: String,
    pub(super) nonce: String,
    /// Whether browsers know passkeys at our address.
    pub(super) has_passkeys: bool,
    pub(super) now: Timestamp,
    pub(super) wants_part: bool,
    pub(super) flash: Option<Flash>,
    pub(super) address: String,
    /// What was sent, once it was read.
    pub(super) form: OnceLock<Typed>,
}

impl Visit {
    /// The session, if the browser has one.
    pub fn session(&self) -> Option<Session> {
        self.inner.session
    }

    /// The support session, if this request is one of it.
    pub(crate) fn support(&self) -> Option<&SupportVisit> {
        self.inner.support.as_ref()
    }

    /// Whether it would be one of a support session that is over.
    pub(crate) fn is_support_over(&self) -> bool {
        self.inner.is_support_over
    }

    /// Whether the browser is remembered though it has no session: only for who signs out.
    pub(crate) fn is_remembered(&self) -> bool {
        self.inner.is_remembered
    }

    /// The request.
    pub fn info(&self) -> RequestInfo {
        self.inner.info
    }

    /// From where it comes: its device and network.
    pub fn origin(&self) -> &Origin {
        &self.inner.origin
    }

    /// How the server was started.
    pub fn config(&self) -> &Config {
        &self.inner.config
    }

    /// The token that forms of this visit carry.
    pub fn csrf(&self) -> &str {
        &self.inner.csrf
    }

    /// Of this response's content security policy.
    pub fn nonce(&self) -> &str {
        &self.inner.nonce
    }

    /// Whether browsers know passkeys at our address.
    pub fn has_passkeys(&self) -> bool {
        self.inner.has_passkeys
    }

    /// When the request came.
    pub fn now(&self) -> Timestamp {
        self.inner.now
    }

    /// Whether a script asks, which wants 401 where a person wants the sign-in page.
    pub fn wants_part(&self) -> bool {
        self.inner.wants_part
    }

    /// What was just done, as the address says.
    pub fn flash(&self) -> Option<Flash> {
        self.inner.flash
    }

    /// Where the request went, with its query.
    pub(crate) fn address(&self) -> &str {
        &self.inner.address
    }

    /// The form that was sent, once it was read.
    pub(crate) fn form(&self) -> Option<&Typed> {
        self.inner.form.get()
    }

    /// Keeps the form that was sent, for pages that say why it could not be carried out.
    pub(super) fn keep_form(&self, form: &Typed) {
        // Read twice, it is the same.
        let _ = self.inner.form.set(form.clone());
    }

    /// The frame of a page without the workspace.
    pub fn plain(&self, page: &'static str, title: &str) -> Plain {
        Plain {
            title: title.to_owned(),
            page,
            assets: crate::assets::folder(),
            nonce: self.inner.nonce.clone(),
            csrf: self.inner.csrf.clone(),
            notices: Vec::new(),
            support: self.support().map(SupportVisit::bar),
        }
    }

    pub(crate) fn cookie(&self, cookie: Cookie) -> Option<&str> {
        self.inner.jar.get(cookie, &self.inner.config).filter(|value| !value.is_empty())
    }

    pub(crate) fn set_cookie(
        &self,
        headers: &mut HeaderMap,
        cookie: Cookie,
        value: &str,
        life_s: Option<i64>,
    ) {
        cookies::set(headers, &self.inner.config, cookie, value, life_s);
    }

    pub(crate) fn remove_cookie(&self, headers: &mut HeaderMap, cookie: Cookie) {
        cookies::remove(headers, &self.inner.config, cookie);
    }

    /// Remembers where to go after signing in.
    pub(crate) fn set_next(&self, headers: &mut HeaderMap, path: &str) {
        if let Ok(text) = serde_urlencoded::to_string([("path", path)]) {
            self.set_cookie(headers, Cookie::Next, &text, Some(600));
        }
    }

    /// Sets the cookies of a session just opened.
    pub(crate) fn set_session(&self, headers: &mut HeaderMap, session: &NewSession) {
        set_session(headers, &self.inner.config, session, self.inner.now);
    }
}

/// Sets the cookies of a session just opened.
pub(super) fn set_session(
    headers: &mut HeaderMap,
    config: &Config,
    session: &NewSession,
    now: Timestamp,
) {
    cookies::set(headers, config, Cookie::Session, session.secret.expose(), None);
    if let (Some(remember), Some(until)) = (&session.remember, session.remembered_until) {
        let life_s = (until.as_second() - now.as_second()).max(0);
        cookies::set(headers, config, Cookie::Remember, remember.expose(), Some(life_s));
    }
}
