//! The gate before every page: where the browser may go, whose session it has, and that forms come
//! from our own pages.

use std::sync::{Arc, OnceLock};

use super::{
    cookies::{self, Cookie, Jar},
    flash::Flash,
    form::{forged, keep_unread},
    policy,
    respond::PageError,
    visit::{Inner, Visit, set_session},
};
use crate::{
    error::Failure,
    state::Server,
    support::{self, Found as Support, SupportVisit},
};
use app::identity::{
    CheckedSession, Origin, Remembered, Session, csrf_token, find_remembered, form_token,
    hash_secret, hear_session, touch_session, use_remember,
};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::ids::RequestId;

/// Lets a request through to the pages, with its visit.
pub async fn gate(State(server): State<Server>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    if let Some(elsewhere) = canonical(&parts, &server) {
        return elsewhere;
    }
    let jar = Jar::read(&parts.headers);
    let info = crate::extract::request_info(&parts);
    let mut cookies = HeaderMap::new();
    let mark = jar.get(Cookie::Device, &server.config).map(str::to_owned);
    let origin = Origin { mark, ..crate::extract::origin(&parts, &server.config) };
    let asking = Asking { request: info.id, origin: &origin, presence: Presence::of(&parts) };
    let support = find_support(&server, &parts, &jar, &mut cookies).await;
    let is_support_over = matches!(support, Ok(Support::Over));
    let found = match support {
        Ok(Support::Open(visit, form_token)) => {
            Ok(Found { support: Some(visit), form_token: Some(form_token), ..Found::default() })
        }
        Ok(Support::None | Support::Over) => find(&server, &jar, asking, &mut cookies).await,
        Err(error) => Err(error),
    };
    let (found, error) = match found {
        Ok(found) => (found, None),
        Err(error) => (Found::default(), Some(error)),
    };
    let login = login_secret(&server, &jar, found.session.is_some(), &mut cookies);
    let visit = Visit {
        inner: Arc::new(Inner {
            session: found.session,
            is_remembered: found.is_remembered,
            support: found.support,
            is_support_over,
            csrf: found.form_token.unwrap_or_else(|| csrf_token(&login)),
            jar,
            config: Arc::clone(&server.config),
            info,
            origin,
            nonce: policy::nonce(&server),
            has_passkeys: server.app.has_passkeys(),
            now: server.app.clock().now(),
            wants_part: parts.headers.contains_key("x-timeproof-part"),
            flash: done(&parts.uri),
            address: parts.uri.path_and_query().map_or("/", |address| address.as_str()).to_owned(),
            form: OnceLock::new(),
        }),
    };
    let mut response = match error {
        Some(error) => {
            if is_ours(&parts, &server) {
                keep_unread(&visit, Request::from_parts(parts, body)).await;
            }
            PageError::new(&visit, error).into_response()
        }
        None if !is_ours(&parts, &server) => PageError::new(&visit, forged()).into_response(),
        None => {
            let mut request = Request::from_parts(parts, body);
            request.extensions_mut().insert(visit.clone());
            in_our_words(&visit, next.run(request).await)
        }
    };
    finish(&mut response, &visit, cookies);
    response
}

/// Pages are served under one name, since cookies and passkeys belong to a name: 127.0.0.1 and
/// [::1] lead to localhost.
fn canonical(parts: &Parts, server: &Server) -> Option<Response> {
    let host = parts.headers.get(header::HOST)?.to_str().ok()?;
    let is_number = host.starts_with("127.0.0.1") || host.starts_with("[::1]");
    if !is_number || server.config.public_url.is_some() || parts.method != Method::GET {
        return None;
    }
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let place = HeaderValue::from_str(&format!("{}{path}", server.config.base_url())).ok()?;
    Some((StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place)]).into_response())
}

/// What a request says of the person before the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// They do something.
    Acts,
    /// Nobody does anything: an open page keeps itself up to date. That neither keeps a session alive
    /// nor opens one.
    OnlyLooks,
    /// They sign out, which opens no session.
    Leaves,
}

impl Presence {
    fn of(parts: &Parts) -> Self {
        let path = parts.uri.path();
        if parts.method == Method::POST && path == "/sign-out" {
            Self::Leaves
        } else if parts.headers.contains_key("x-timeproof-live") || path.ends_with("/live") {
            Self::OnlyLooks
        } else {
            Self::Acts
        }
    }
}

/// What a request says, but for its cookies.
#[derive(Clone, Copy)]
struct Asking<'a> {
    request: RequestId,
    origin: &'a Origin,
    presence: Presence,
}

/// Who has this browser.
#[derive(Default)]
struct Found {
    session: Option<Session>,
    /// Whether the browser is remembered, though it has no session now.
    is_remembered: bool,
    /// The support session, which goes before any other on the pages of its workspace.
    support: Option<SupportVisit>,
    /// What forms carry; none where nobody is signed in.
    form_token: Option<String>,
}

impl From<CheckedSession> for Found {
    fn from(found: CheckedSession) -> Self {
        let CheckedSession { session, form_token } = found;
        Self { session: Some(session), form_token: Some(form_token), ..Self::default() }
    }
}

/// The support session of its cookie. One that is over is taken away.
async fn find_support(
    server: &Server,
    parts: &Parts,
    jar: &Jar,
    cookies: &mut HeaderMap,
) -> Result<Support, app::Error> {
    let Some(cookie) = jar.get(Cookie::Support, &server.config).filter(|value| !value.is_empty())
    else {
        return Ok(Support::None);
    };
    let found = support::find(server, parts, cookie).await?;
    if matches!(found, Support::Over) {
        cookies::remove(cookies, &server.config, Cookie::Support);
    }
    Ok(found)
}

/// The session of the cookie, or a new one for a remembered browser.
async fn find(
    server: &Server,
    jar: &Jar,
    asking: Asking<'_>,
    cookies: &mut HeaderMap,
) -> Result<Found, app::Error> {
    let (request, presence) = (asking.request, asking.presence);
    let secret = jar.get(Cookie::Session, &server.config).and_then(hash_secret);
    if let Some(hash) = secret
        && let Some(found) = server.app.check_session(request, hash).await?
    {
        note_use(server, request, hash, found.session, presence).await;
        return Ok(found.into());
    }
    let Some(remember) = jar.get(Cookie::Remember, &server.config).filter(|v| !v.is_empty()) else {
        return Ok(Found::default());
    };
    let remember = remember.to_owned();
    // What is not ours must not cost a flush of the disk.
    let looked = remember.clone();
    let browser = server.app.read_directory(request, move |op| {
        let browser = find_remembered(op, &looked)?;
        browser.map(|family| form_token(op, family.uuid())).transpose()
    });
    let Some(form_token) = browser.await? else {
        cookies::remove(cookies, &server.config, Cookie::Remember);
        return Ok(Found::default());
    };
    match presence {
        Presence::Acts => sign_in_again(server, asking, remember, cookies).await,
        Presence::OnlyLooks => Ok(Found::default()),
        Presence::Leaves => {
            Ok(Found { is_remembered: true, form_token: Some(form_token), ..Found::default() })
        }
    }
}

/// Notes that a session was used. The page does not need it: where nothing can be written now, such
/// as on a full disk, it can still be read. A page that only looks keeps no session alive, but it tells
/// as any other that its cookie has arrived.
async fn note_use(
    server: &Server,
    request: RequestId,
    hash: [u8; 32],
    session: Session,
    presence: Presence,
) {
    let now = server.app.clock().now();
    let is_due = presence != Presence::OnlyLooks && session.wants_touch(now);
    if !is_due && !session.is_unheard() {
        return;
    }
    let noted = server.app.write_directory(request, move |op| {
        if is_due { touch_session(op, session.id) } else { hear_session(op, session.id) }
    });
    match noted.await {
        Ok(()) => server.app.forget_check(&hash),
        Err(error) => {
            tracing::warn!(request_id = %request, %error, "the use of a session is not noted");
        }
    }
}

/// A new session for a remembered browser.
async fn sign_in_again(
    server: &Server,
    asking: Asking<'_>,
    remember: String,
    cookies: &mut HeaderMap,
) -> Result<Found, app::Error> {
    let (request, origin) = (asking.request, asking.origin.clone());
    let used = server.app.write_directory(request, move |op| use_remember(op, &remember, &origin));
    match used.await? {
        Remembered::Opened(new) => {
            set_session(cookies, &server.config, &new, server.app.clock().now());
            match hash_secret(new.secret.expose()) {
                Some(hash) => {
                    let found = server.app.check_session(request, hash).await?;
                    Ok(found.map(Found::from).unwrap_or_default())
                }
                None => Ok(Found::default()),
            }
        }
        Remembered::Theft | Remembered::NotValid => {
            cookies::remove(cookies, &server.config, Cookie::Remember);
            Ok(Found::default())
        }
    }
}

/// The secret that binds a sign-in to this browser; drawn at the first page it sees.
fn login_secret(server: &Server, jar: &Jar, is_signed_in: bool, cookies: &mut HeaderMap) -> String {
    match jar.get(Cookie::Login, &server.config) {
        Some(secret) if hash_secret(secret).is_some() => secret.to_owned(),
        _ => {
            let secret = server.app.draw_secret();
            if !is_signed_in {
                cookies::set(cookies, &server.config, Cookie::Login, secret.expose(), Some(86_400));
            }
            secret.expose().clone()
        }
    }
}

/// Whether an unsafe request comes from our own pages: the browser says so, or its Origin does.
fn is_ours(parts: &Parts, server: &Server) -> bool {
    if parts.method.is_safe() {
        return true;
    }
    let text = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => text("origin").is_some_and(|origin| is_our_origin(origin, server)),
    }
}

fn is_our_origin(origin: &str, server: &Server) -> bool {
    let base = server.config.base_url();
    let parse = |text: &str| {
        text.parse::<Uri>().ok().and_then(|uri| {
            Some((uri.scheme_str()?.to_owned(), uri.authority()?.as_str().to_lowercase()))
        })
    };
    parse(origin).is_some() && parse(origin) == parse(&base)
}

/// What the framework refuses by itself, such as an address that is not UTF-8, is a line of text: a
/// browser gets a page.
fn in_our_words(visit: &Visit, response: Response) -> Response {
    let status = response.status();
    let is_refusal = status.is_client_error() || status.is_server_error();
    let kind = response.headers().get(header::CONTENT_TYPE);
    let is_bare = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if is_refusal && is_bare {
        // The page has words of its own for the status.
        let failure = Failure { status, ..Failure::not_found() };
        return PageError::new(visit, failure).into_response();
    }
    response
}

/// Cookies, and the policy that lets this page run its own scripts only.
fn finish(response: &mut Response, visit: &Visit, cookies: HeaderMap) {
    let headers = response.headers_mut();
    // What the page has set is newer: somebody who signs in is not overruled by who was here before.
    let name = |value: &HeaderValue| {
        value.as_bytes().split(|byte| *byte == b'=').next().map(<[u8]>::to_vec)
    };
    let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().map(name).collect();
    for value in cookies.get_all(header::SET_COOKIE) {
        if !set.contains(&name(value)) {
            headers.append(header::SET_COOKIE, value.clone());
        }
    }
    policy::set(headers, visit.nonce());
}

/// What was just done, from the address of the page.
fn done(uri: &Uri) -> Option<Flash> {
    let pairs = uri.query()?.split('&');
    pairs.filter_map(|pair| pair.strip_prefix("done=")).find_map(Flash::read)
}
