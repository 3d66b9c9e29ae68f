//! Sign in by a provider: set out, come back, and hear that somebody has signed out there.

use app::{
    Error,
    identity::{
        SignIn, hash_secret, is_known_browser,
        provider::{
            Account, Arrival, Arrived, Logout, NewJourney, Taken, Which, arrive, begin_journey,
            connect, log_out, take_journey,
        },
    },
    provider::{Equipped, Provider},
};
use axum::{
    Form,
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::ids::{ProviderId, SessionId};
use serde::Deserialize;

use super::{
    enter, failed, next_path,
    second::ask_for_second,
    sign_in::{Next, confirm_page, login_or_new, network_of},
};
use crate::{
    error::Failure,
    extract::RequestInfo,
    identity::{
        provider::{
            Brought, Untrusted, callback_path, check_logout, come_back, read_owner, set_out,
            start_path,
        },
        view::{OnwardPage, ProviderPage},
    },
    log::SECURITY,
    state::Server,
    web::{Cookie, PageError, PageResult, Typed, Visit, Visitor, page, redirect},
};

/// The provider of an address, with its secret.
async fn equip(server: &Server, which: Which) -> Result<Equipped, Error> {
    match which.workspace {
        Some(workspace) => server.app.equip_provider(workspace, which.id).await,
        None => server.providers.of_instance(which.id).ok_or(Error::NotFound),
    }
}

fn read_which(place: &str, id: &str) -> Option<Which> {
    let id: ProviderId = id.parse().ok()?;
    Some(Which { id, workspace: read_owner(place)?.workspace() })
}

/// A button that sets out to a provider. A link alone does not: whoever sends one would decide when
/// somebody signs in.
pub(super) async fn offer(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path((place, id)): Path<(String, String)>,
    Query(query): Query<Next>,
) -> PageResult {
    let not_there = || PageError::new(&visit, Failure::not_found());
    let which = read_which(&place, &id).ok_or_else(not_there)?;
    if visit.session().is_some() {
        return Ok(redirect(next_path(&query.next), None));
    }
    let equipped = equip(&server, which).await.map_err(|error| failed(&visit, error))?;
    let Provider { label, issuer, .. } = equipped.provider;
    Ok(page(&ProviderPage {
        layout: visit.plain("provider", &format!("Sign in with {label}")),
        label,
        host: issuer.authority().to_owned(),
        action: start_path(which),
        next: next_path(&query.next).to_owned(),
    }))
}

/// Sets out to a provider to sign in by it.
pub(super) async fn leave(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path((place, id)): Path<(String, String)>,
    form: Typed,
) -> PageResult {
    let not_there = || PageError::new(&visit, Failure::not_found());
    let which = read_which(&place, &id).ok_or_else(not_there)?;
    let next = next_path(form.get("next"));
    if visit.session().is_some() {
        return Ok(redirect(next, None));
    }
    lead_away(&server, &visit, which, Leaving { connects: None, next: next.to_owned() }).await
}

/// What a browser sets out for.
pub(crate) struct Leaving {
    /// The session of who joins the account there to their own; none for who signs in.
    pub(crate) connects: Option<SessionId>,
    /// Where they go on afterwards: a path of ours.
    pub(crate) next: String,
}

/// Begins a journey, and answers the page that leads to the provider. A page and no redirect: the policy
/// of our pages lets forms lead nowhere but to us, and browsers hold redirects to that too.
pub(crate) async fn lead_away(
    server: &Server,
    visit: &Visit,
    which: Which,
    leaving: Leaving,
) -> PageResult {
    take_turn(server, visit)?;
    let equipped = equip(server, which).await.map_err(|error| failed(visit, error))?;
    let away = set_out(server, &equipped.provider).await;
    let away = away.map_err(|error| untrusted(visit, &error))?;
    let (cookie_hash, secret) = login_or_new(server, visit)?;
    let Leaving { connects, next } = leaving;
    let new = NewJourney { provider: which, cookie_hash, connects, next };
    let begun = server.app.write_directory(visit.info().id, move |op| begin_journey(op, &new));
    let journey = begun.await.map_err(|error| failed(visit, error))?;
    let callback = format!("{}{}", server.config.base_url(), callback_path(which));
    let url = away(&journey, &callback).url;
    let mut response = onward(visit, equipped.provider, url, connects.is_some());
    if let Some(secret) = secret {
        visit.set_cookie(response.headers_mut(), Cookie::Login, &secret, Some(86_400));
    }
    Ok(response)
}

/// The page that leads to a provider: at once, by the header that is read without scripts too.
fn onward(visit: &Visit, provider: Provider, url: String, connects: bool) -> Response {
    let Provider { label, issuer, .. } = provider;
    let at_once = HeaderValue::from_str(&format!("0;url={url}"));
    let host = issuer.authority().to_owned();
    let layout = visit.plain("onward", &format!("On to {label}"));
    let mut response = page(&OnwardPage { layout, label, host, href: url, connects });
    if let Ok(at_once) = at_once {
        response.headers_mut().insert(header::REFRESH, at_once);
    }
    response
}

/// One network does not send us to providers without end.
fn take_turn(server: &Server, visit: &Visit) -> Result<(), PageError> {
    let network = crate::net::network(visit.info().peer);
    let taken = server.memory.journeys.take(network, server.app.clock().now());
    taken.map_err(|_| {
        let title = "Too many sign-ins were begun from here. Try again later.";
        PageError::new(
            visit,
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "provider.too_often", title),
        )
    })
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Back {
    code: String,
    state: String,
    iss: Option<String>,
    error: String,
}

/// The browser comes back. State and cookie say that it is the one that set out; then the answer itself
/// opens the session.
pub(super) async fn come(
    State(server): State<Server>,
    Visitor(visit): Visitor,
    Path(place): Path<String>,
    Query(back): Query<Back>,
) -> PageResult {
    let owner = read_owner(&place).ok_or_else(|| PageError::new(&visit, Failure::not_found()))?;
    let workspace = owner.workspace();
    let taken = match visit.cookie(Cookie::Login).and_then(hash_secret) {
        None => None,
        Some(cookie_hash) => {
            let state = back.state.clone();
            let taken = server.app.write_directory(visit.info().id, move |op| {
                let taken = take_journey(op, (&state, &cookie_hash, workspace))?;
                Ok(taken.map(|taken| (taken, cookie_hash)))
            });
            taken.await.map_err(|error| failed(&visit, error))?
        }
    };
    let (taken, cookie_hash) = taken.ok_or_else(|| not_begun_here(&visit))?;
    if !back.error.is_empty() || back.code.is_empty() {
        return Err(refused_there(&visit));
    }
    let equipped = equip(&server, taken.provider).await.map_err(|error| failed(&visit, error))?;
    let callback = format!("{}{}", server.config.base_url(), callback_path(taken.provider));
    let brought = Brought { code: &back.code, issuer: back.iss.as_deref(), callback: &callback };
    let came = come_back(&server, &equipped, &taken, brought).await;
    let came = came.map_err(|error| untrusted(&visit, &error))?;
    let account = Account { provider: taken.provider, subject: came.subject };
    if taken.connects.is_some() {
        return join(&server, &visit, &taken, account).await;
    }
    let arrival = Arrival {
        account,
        address: came.address,
        has_second: came.has_second,
        host: equipped.provider.issuer.authority().to_owned(),
        cookie_hash,
        origin: visit.origin().clone(),
        network: network_of(&visit),
        is_known_device: false,
    };
    let device = visit.cookie(Cookie::Device).unwrap_or_default().to_owned();
    let arrived = server.app.write_directory(visit.info().id, move |op| {
        let is_known_device = match &arrival.address {
            Some(address) => is_known_browser(op, address, &device)?,
            None => false,
        };
        arrive(op, &Arrival { is_known_device, ..arrival.clone() })
    });
    let arrived = arrived.await.map_err(|error| failed(&visit, error))?;
    go_on(&server, &visit, arrived, &taken.next).await
}

async fn go_on(server: &Server, visit: &Visit, arrived: Arrived, next: &str) -> PageResult {
    let next = next_path(next);
    match arrived {
        Arrived::In(SignIn::Opened(session)) => {
            let mut response = enter(server, visit, &session, next).await;
            visit.remove_cookie(response.headers_mut(), Cookie::Login);
            Ok(response)
        }
        Arrived::In(SignIn::SecondAsked) => Ok(ask_for_second(visit, None, next)),
        Arrived::Confirm(address) => Ok(confirm_page(server, visit, address.as_str(), next)),
        Arrived::In(_) => Err(not_let_in(visit)),
        Arrived::Unknown => Err(unknown(visit)),
    }
}

/// Joins the account to the person who set out for that.
async fn join(server: &Server, visit: &Visit, taken: &Taken, account: Account) -> PageResult {
    let session = visit.session().filter(|session| Some(session.id) == taken.connects);
    let session = session.ok_or_else(|| not_begun_here(visit))?;
    let origin = visit.origin().clone();
    let joined = server
        .app
        .write_directory(visit.info().id, move |op| connect(op, &session, &account, &origin));
    joined.await.map_err(|error| failed(visit, error))?;
    Ok(redirect(next_path(&taken.next), Some(crate::web::Flash::Saved)))
}

fn not_begun_here(visit: &Visit) -> PageError {
    let title = "This sign-in was begun in another browser, or it is over. Begin again.";
    PageError::new(visit, Failure::new(StatusCode::FORBIDDEN, "provider.not_begun_here", title))
}

fn refused_there(visit: &Visit) -> PageError {
    let title = "The provider did not sign you in. Begin again, or sign in another way.";
    PageError::new(visit, Failure::new(StatusCode::FORBIDDEN, "provider.refused", title))
}

/// The account is somebody's, and they are let in here no more.
fn not_let_in(visit: &Visit) -> PageError {
    let title = "The account at the provider is connected with somebody who is not let in here any more: \
                 they were removed, or may not sign in now. Ask an owner of the workspace, or who runs \
                 your Timeproof.";
    PageError::new(visit, Failure::new(StatusCode::FORBIDDEN, "provider.not_let_in", title))
}

fn unknown(visit: &Visit) -> PageError {
    let title = "The account at the provider is not connected with anybody here, and the provider does \
                 not say that its address is yours. Sign in another way, and connect it under “My \
                 security”.";
    PageError::new(visit, Failure::new(StatusCode::FORBIDDEN, "provider.unknown", title))
}

/// What went wrong with a provider is for the log: to whoever asks, it would tell of our network.
fn untrusted(visit: &Visit, error: &Untrusted) -> PageError {
    let request_id = visit.info().id;
    tracing::warn!(target: SECURITY, %request_id, %error, "a sign-in by a provider did not come about");
    let failure = match error {
        Untrusted::NotReached(_) => Failure::new(
            StatusCode::BAD_GATEWAY,
            "provider.not_reached",
            "The provider does not answer as it should. Try again later, or sign in another way.",
        ),
        Untrusted::Unbelieved(_) => Failure::new(
            StatusCode::FORBIDDEN,
            "provider.not_believed",
            "What the provider answered cannot be believed. Begin again, or sign in another way.",
        ),
    };
    PageError::new(visit, failure)
}

#[derive(Debug, Deserialize)]
pub(crate) struct LogoutForm {
    logout_token: String,
}

/// A provider says that somebody has signed out there. It comes from a server, without cookies: only what
/// is signed counts.
pub(crate) async fn hear_logout(
    State(server): State<Server>,
    info: RequestInfo,
    Path((place, id)): Path<(String, String)>,
    form: Result<Form<LogoutForm>, axum::extract::rejection::FormRejection>,
) -> Response {
    let heard = match (read_which(&place, &id), form) {
        (Some(which), Ok(Form(form))) => {
            log_them_out(&server, info, which, &form.logout_token).await
        }
        _ => Heard::No,
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let invalid = || axum::Json(serde_json::json!({ "error": "invalid_request" }));
    match heard {
        Heard::Yes => (StatusCode::OK, headers).into_response(),
        Heard::No => (StatusCode::BAD_REQUEST, headers, invalid()).into_response(),
        Heard::TooOften(wait_s) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_s));
            (StatusCode::TOO_MANY_REQUESTS, headers, invalid()).into_response()
        }
    }
}

/// What became of a logout token.
enum Heard {
    /// It was carried out.
    Yes,
    /// It is none that is believed, or was taken before.
    No,
    /// Too many came: how many seconds to wait.
    TooOften(i64),
}

/// Tokens count for the provider whose signature they bear; what is none, for the network that sent it.
/// So nobody else's noise keeps a provider from being heard.
async fn log_them_out(server: &Server, info: RequestInfo, which: Which, token: &str) -> Heard {
    let request_id = info.id;
    let (network, now) = (crate::net::network(info.peer), server.app.clock().now());
    if let Some(wait_s) = server.memory.no_logouts.wait(&network, now) {
        return Heard::TooOften(wait_s);
    }
    let Some(logout) = believed_logout(server, info, which, token).await else {
        return match server.memory.no_logouts.take(network, now) {
            Ok(()) => Heard::No,
            Err(wait_s) => Heard::TooOften(wait_s),
        };
    };
    if let Err(wait_s) = server.memory.logouts.take(which, now) {
        return Heard::TooOften(wait_s);
    }
    let ended = server.app.write_directory(request_id, move |op| log_out(op, &logout)).await;
    match ended {
        Ok(Some(_)) => Heard::Yes,
        Ok(None) => Heard::No,
        Err(error) => {
            tracing::error!(%request_id, %error, "a logout was not carried out");
            Heard::No
        }
    }
}

/// What a logout token says, where its provider has signed it.
async fn believed_logout(
    server: &Server,
    info: RequestInfo,
    which: Which,
    token: &str,
) -> Option<Logout> {
    let equipped = equip(server, which).await.ok()?;
    match check_logout(server, &equipped.provider, token).await {
        Ok((subject, token, expires_at)) => Some(Logout {
            account: Account { provider: which, subject },
            token,
            expires_at_us: expires_at.saturating_mul(1_000_000),
        }),
        Err(error) => {
            tracing::warn!(target: SECURITY, request_id = %info.id, %error, "a logout token is not believed");
            None
        }
    }
}
