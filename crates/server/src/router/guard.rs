//! The outermost middleware: the request's id, hygiene, and security headers on every answer.

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    time::Duration,
};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, Version, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures_util::FutureExt;
use http_body_util::BodyExt;

use crate::{
    error::{ApiError, Failure},
    extract::RequestInfo,
    net::Peer,
    panics, policy_report,
    router::{BODY_LIMIT_BYTES, HEALTH},
    state::Server,
    web::page_to_nobody,
};

/// A body has this long to arrive: a byte a second is not enough.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Longest path and query.
const URI_LIMIT_BYTES: usize = 8 * 1024;

/// Gives the request its id, refuses what no client of ours sends, and sets the headers that every
/// answer carries, errors included.
pub(super) async fn guard(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let info = RequestInfo { id: server.app.new_request(), peer: peer(&parts, &server) };
    let is_https = server.config.is_https();
    let asker = Asker::of(parts.uri.path());
    let refusal =
        if is_stranger(&parts, &server) { Some(past_the_proxy()) } else { hygiene(&parts) };
    request = Request::from_parts(parts, timed(body));
    request.extensions_mut().insert(info);
    let outcome = match refusal {
        Some(failure) => Err(failure),
        None => {
            let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
            answered.map_err(|panic| panicked(panic.as_ref()))
        }
    };
    let mut response = outcome.unwrap_or_else(|failure| match asker {
        Asker::Person => page_to_nobody(&server, &failure, info),
        Asker::Program | Asker::Page => ApiError::new(failure, info.id).into_response(),
    });
    set_headers(&mut response, info, is_https, asker == Asker::Page);
    // Never the path: it can hold a secret, and ids are told by the request's own id elsewhere.
    tracing::debug!(request_id = %info.id, status = response.status().as_u16(), "answered");
    response
}

/// Whom an error is told to, by where it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// Reads problems: the API, and what watches the server.
    Program,
    /// Loads a file for a page, and shows nobody what it is answered.
    Page,
    /// Reads pages.
    Person,
}

impl Asker {
    fn of(path: &str) -> Self {
        if path.starts_with("/assets/") {
            Self::Page
        } else if ["/api/", "/ledger/"].iter().any(|of| path.starts_with(of))
            || [HEALTH, policy_report::PATH].contains(&path)
        {
            Self::Program
        } else {
            Self::Person
        }
    }
}

/// A handler's panic is a bug: told to the log once, and to the client as 500.
fn panicked(panic: &(dyn Any + Send)) -> Failure {
    app::Error::Bug(format!("a handler panicked: {}", panics::words(panic))).into()
}

/// Cuts a body that does not arrive in time.
fn timed(body: Body) -> Body {
    let deadline = tokio::time::Instant::now() + BODY_TIMEOUT;
    let frames = futures_util::stream::unfold(body, move |mut body| async move {
        let frame = match tokio::time::timeout_at(deadline, body.frame()).await {
            Ok(frame) => frame?.map_err(std::io::Error::other),
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut)),
        };
        let data = frame.map(|frame| frame.into_data().unwrap_or_default());
        Some((data, body))
    });
    Body::from_stream(frames)
}

fn past_the_proxy() -> Failure {
    let title = "This server answers its proxy only. Use the address that people type.";
    Failure::new(StatusCode::MISDIRECTED_REQUEST, "peer.not_the_proxy", title)
}

fn hygiene(parts: &Parts) -> Option<Failure> {
    // RFC 9112, 3.2: who does not say for whom it is, or says it twice, is answered with 400.
    let hosts = parts.headers.get_all(header::HOST).iter().count();
    if parts.version == Version::HTTP_11 && hosts != 1 {
        let title = "A request says once for which host it is.";
        return Some(Failure::new(StatusCode::BAD_REQUEST, "host.invalid", title));
    }
    let uri = parts.uri.path_and_query().map_or("", |path| path.as_str());
    if uri.len() > URI_LIMIT_BYTES {
        let title = "The address is longer than 8 KiB.";
        return Some(Failure::new(StatusCode::URI_TOO_LONG, "uri.too_long", title));
    }
    // What no handler would read is refused before it is sent. Pages do so by themselves, with a
    // page.
    let is_api = parts.uri.path().starts_with("/api/");
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if is_api && length.and_then(|length| length.parse().ok()) > Some(BODY_LIMIT_BYTES) {
        return Some(crate::extract::too_large());
    }
    None
}

/// The client's address: the connection's, or what a proxy that we believe says.
fn peer(parts: &Parts, server: &Server) -> Option<IpAddr> {
    let ConnectInfo(Peer(direct)) = parts.extensions.get::<ConnectInfo<Peer>>()?;
    let direct = direct.ip().to_canonical();
    let is_proxy = |address: &IpAddr| {
        server.config.behind_proxy.iter().any(|network| network.contains(address))
    };
    let forwarded: Vec<_> = parts.headers.get_all("x-forwarded-for").iter().collect();
    let forwarded = forwarded.iter().map(|value| value.to_str().unwrap_or_default());
    Some(client(direct, forwarded, is_proxy))
}

/// Who asks, when `direct` is the other end of the connection.
fn client<'a>(
    direct: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    is_proxy: impl Fn(&IpAddr) -> bool,
) -> IpAddr {
    if !is_proxy(&direct) {
        return direct;
    }
    // From the right: the last address that is not a proxy of ours. What one of them wrote that is no
    // address says nothing, and neither does what stands before it: a client can have sent that.
    let mut nearest = direct;
    for text in forwarded.rev().flat_map(|value| value.rsplit(',')) {
        match address(text.trim()) {
            Some(address) if is_proxy(&address) => nearest = address,
            Some(address) => return address,
            None => return nearest,
        }
    }
    nearest
}

/// `203.0.113.9`, `203.0.113.9:51234`, `2001:db8::1` or `[2001:db8::1]:51234`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse::<IpAddr>().ok();
    let address = address.or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()));
    address.map(|address| address.to_canonical())
}

/// Behind a proxy nothing encrypts the way here, so only the proxy is answered; and this machine, which
/// looks whether the server is well.
fn is_stranger(parts: &Parts, server: &Server) -> bool {
    let networks = &server.config.behind_proxy;
    let direct = parts.extensions.get::<ConnectInfo<Peer>>().map(|info| info.0.0.ip());
    direct.map(|address| address.to_canonical()).is_some_and(|address| {
        !networks.is_empty()
            && !address.is_loopback()
            && !networks.iter().any(|network| network.contains(&address))
    })
}

const FIXED: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), \
         publickey-credentials-create=(self), publickey-credentials-get=(self)",
    ),
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Pages set their own policy, with a nonce; everything else may load nothing.
const BARE_POLICY: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; \
                           frame-ancestors 'none'";

fn set_headers(response: &mut Response, info: RequestInfo, is_https: bool, is_asset: bool) {
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_https {
        let two_years = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, two_years);
    }
    if !is_asset && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(BARE_POLICY));
    if let Ok(id) = HeaderValue::from_str(&info.id.to_string()) {
        headers.insert("x-request-id", id);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::{Router, middleware, routing::get};
    use clap::Parser;
    use testkit::World;
    use tower::ServiceExt;

    use super::*;
    use crate::state::Providers;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: crate::config::Config,
    }

    /// A server whose every handler panics, asked behind the guard.
    async fn ask_one_that_panics(path: &str) -> (Response, String) {
        async fn lost() -> Response {
            panic!("the word nobody may read")
        }
        let world = World::open("sqlite").await;
        let config = Arguments::parse_from(["timeproof"]).config;
        let server = Server::new(world.app.clone(), Arc::new(config), Providers::default());
        let router = Router::new()
            .route("/{*path}", get(lost))
            .layer(middleware::from_fn_with_state(server, guard));
        let request = Request::builder().uri(path).header(header::HOST, "localhost");
        let request = request.body(Body::empty()).unwrap();
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        (Response::from_parts(parts, Body::empty()), text)
    }

    #[tokio::test]
    async fn a_panic_is_a_page_for_a_browser_and_a_problem_for_a_program() {
        let long = "/".to_owned() + &"a".repeat(URI_LIMIT_BYTES);
        for (path, status, kind, words) in [
            ("/w/x/today", 500, "text/html", "Something went wrong here"),
            ("/api/v1/workspaces", 500, "application/problem+json", "\"internal\""),
            ("/healthz", 500, "application/problem+json", "\"internal\""),
            (&long, 414, "text/html", "longer than 8 KiB"),
            (&format!("/api{long}"), 414, "application/problem+json", "\"uri.too_long\""),
        ] {
            let name = path.get(..20.min(path.len())).unwrap();
            let (response, text) = ask_one_that_panics(path).await;
            assert_eq!(response.status(), status, "{name}: {text}");
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            assert!(header("content-type").starts_with(kind), "{name}: {text}");
            assert!(
                text.contains(words) && text.contains(&header("x-request-id")),
                "{name}: {text}"
            );
            assert!(!text.contains("nobody may read"), "{name}: {text}");
            assert_eq!(header("cache-control"), "no-store", "{name}");
            let policy = header("content-security-policy");
            let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next());
            // A page has the same frame as any other, and may run its own script.
            assert_eq!(nonce.is_some(), kind == "text/html", "{name}: {policy}");
            assert!(nonce.is_none_or(|nonce| text.contains(nonce)), "{name}: {text}");
            assert_eq!(text.contains("app.css"), kind == "text/html", "{name}: {text}");
        }
    }

    #[test]
    fn the_client_is_who_our_own_proxies_say() {
        let proxies: Vec<ipnet::IpNet> =
            ["10.0.0.0/8", "fd00::/8"].map(|network| network.parse().unwrap()).into();
        let is_proxy = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
        for (direct, forwarded, expected) in [
            // Nobody else is believed.
            ("198.51.100.1", vec!["203.0.113.9"], "198.51.100.1"),
            ("10.0.0.1", vec![], "10.0.0.1"),
            ("10.0.0.1", vec!["203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["203.0.113.9:51234"], "203.0.113.9"),
            ("fd00::1", vec!["2001:db8::7"], "2001:db8::7"),
            ("fd00::1", vec!["[2001:db8::7]:443"], "2001:db8::7"),
            ("fd00::1", vec!["[2001:db8::7]"], "2001:db8::7"),
            // What the client itself has sent stands to the left.
            ("10.0.0.1", vec!["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["1.2.3.4", "203.0.113.9"], "203.0.113.9"),
            ("10.0.0.1", vec!["1.2.3.4, 203.0.113.9:51234"], "203.0.113.9"),
            // Through several of ours, also written as IPv6.
            ("10.0.0.1", vec!["203.0.113.9, 10.0.0.3,10.0.0.2"], "203.0.113.9"),
            ("10.0.0.1", vec!["203.0.113.9, ::ffff:10.0.0.2"], "203.0.113.9"),
            // What is no address ends the search: never what stands before it.
            ("10.0.0.1", vec!["1.2.3.4, unknown"], "10.0.0.1"),
            ("10.0.0.1", vec!["1.2.3.4, _hidden, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", vec!["1.2.3.4, "], "10.0.0.1"),
            ("10.0.0.1", vec!["10.0.0.9"], "10.0.0.9"),
        ] {
            let found = client(direct.parse().unwrap(), forwarded.iter().copied(), is_proxy);
            assert_eq!(found.to_string(), expected, "{direct} {forwarded:?}");
        }
    }
}
