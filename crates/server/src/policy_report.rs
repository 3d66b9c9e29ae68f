//! What browsers report of the policy of our pages: that something was stopped that did not belong
//! there, such as an injected script, or something of ours that should have been allowed.
//!
//! Anybody can send reports, so they are few, small, and believed in nothing: of each the log gets
//! words that we know and the host of what was stopped. Addresses of pages hold ids and secrets
//! (links that sign in), and samples hold what was typed: neither is ever read.

use std::sync::atomic::{AtomicU64, Ordering};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode, Uri, header},
    routing::post,
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    extract::RequestInfo,
    limit::Limit,
    net::{Network, network},
    state::Server,
};

/// Where browsers send reports.
pub(crate) const PATH: &str = "/policy-reports";

/// A browser sends several at once, each of about a kilobyte.
const BODY_LIMIT_BYTES: usize = 16 * 1024;

/// Reports that are read of one message.
const MOST_AT_ONCE: usize = 10;

/// Messages in an hour: of one network, and of all, so that the log stays readable.
const MOST_OF_A_NETWORK: usize = 20;
const MOST_OF_ALL: usize = 200;

/// Longest host that is logged (RFC 1035).
const HOST_LIMIT: usize = 253;

/// What has come, since the start of this process.
pub struct Reports {
    count: AtomicU64,
    networks: Limit<Network>,
    all: Limit<()>,
}

impl Default for Reports {
    fn default() -> Self {
        Self {
            count: AtomicU64::new(0),
            networks: Limit::new(MOST_OF_A_NETWORK, 3_600),
            all: Limit::new(MOST_OF_ALL, 3_600),
        }
    }
}

/// Routes of reports.
pub(crate) fn routes() -> Router<Server> {
    Router::new().route(PATH, post(take).layer(DefaultBodyLimit::max(BODY_LIMIT_BYTES)))
}

/// Takes reports. Needs no session: the page that was attacked may be one before sign-in.
async fn take(
    State(server): State<Server>,
    info: RequestInfo,
    headers: HeaderMap,
    body: Result<Bytes, axum::extract::rejection::BytesRejection>,
) -> StatusCode {
    let reports = &server.memory.policy_reports;
    let now = server.app.clock().now();
    let of_network = reports.networks.take(network(info.peer), now);
    if of_network.and_then(|()| reports.all.take((), now)).is_err() {
        return StatusCode::TOO_MANY_REQUESTS;
    }
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return rejection.status(),
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    let Some(stopped) = read(kind, &body) else {
        return StatusCode::BAD_REQUEST;
    };
    for Stopped { directive, what } in stopped {
        let count = reports.count.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        tracing::warn!(
            request_id = %info.id, directive, what, count, "a browser stopped something on a page"
        );
    }
    StatusCode::NO_CONTENT
}

/// What was stopped, in words that are safe to log.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stopped {
    directive: &'static str,
    /// `inline`, `eval`, `data`, a host, or `other`.
    what: String,
}

/// A report as `report-uri` sends it.
#[derive(Deserialize)]
struct Old {
    #[serde(rename = "csp-report")]
    report: Value,
}

/// One of those that `report-to` sends.
#[derive(Deserialize)]
struct New {
    #[serde(rename = "type")]
    kind: String,
    body: Value,
}

/// What a message tells; nothing when it is not one.
fn read(kind: &str, body: &[u8]) -> Option<Vec<Stopped>> {
    match kind {
        "application/csp-report" => {
            let Old { report } = serde_json::from_slice(body).ok()?;
            let directive = text(&report, &["effective-directive", "violated-directive"]);
            Some(vec![stopped(directive, text(&report, &["blocked-uri"]))])
        }
        "application/reports+json" => {
            let all: Vec<New> = serde_json::from_slice(body).ok()?;
            let ours = all.into_iter().filter(|report| report.kind == "csp-violation");
            let read = |New { body, .. }: New| {
                stopped(text(&body, &["effectiveDirective"]), text(&body, &["blockedURL"]))
            };
            Some(ours.take(MOST_AT_ONCE).map(read).collect())
        }
        _ => None,
    }
}

fn text<'a>(report: &'a Value, names: &[&str]) -> &'a str {
    names.iter().find_map(|name| report.get(name)?.as_str()).unwrap_or_default()
}

fn stopped(directive: &str, blocked: &str) -> Stopped {
    const DIRECTIVES: [&str; 18] = [
        "base-uri",
        "child-src",
        "connect-src",
        "default-src",
        "font-src",
        "form-action",
        "frame-ancestors",
        "frame-src",
        "img-src",
        "manifest-src",
        "media-src",
        "object-src",
        "script-src",
        "script-src-attr",
        "script-src-elem",
        "style-src",
        "style-src-attr",
        "style-src-elem",
    ];
    // Older browsers write the directive with what it allows.
    let word = directive.split(' ').next().unwrap_or_default();
    let directive = DIRECTIVES.into_iter().find(|known| *known == word).unwrap_or("other");
    Stopped { directive, what: what(blocked) }
}

fn what(blocked: &str) -> String {
    const WORDS: [&str; 8] =
        ["inline", "eval", "wasm-eval", "self", "data", "blob", "about", "trusted-types-policy"];
    if let Some(word) = WORDS.into_iter().find(|word| *word == blocked) {
        return word.to_owned();
    }
    let host = blocked.parse::<Uri>().ok().and_then(|uri| {
        uri.scheme_str().filter(|scheme| ["http", "https", "ws", "wss"].contains(scheme))?;
        Some(uri.host()?.to_lowercase())
    });
    let is_plain =
        |host: &String| host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b));
    let host = host.filter(|host| host.len() <= HOST_LIMIT && is_plain(host));
    host.unwrap_or_else(|| "other".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_for_its_words_alone() {
        let old = |directive: &str, blocked: &str| {
            serde_json::json!({ "csp-report": {
                "document-uri": "https://time.example/sign-in/link/SECRET",
                "violated-directive": directive, "blocked-uri": blocked,
                "script-sample": "alert(1) SECRET",
            }})
        };
        for (directive, blocked, expected) in [
            (
                "script-src-elem",
                "https://evil.example/x?SECRET",
                ("script-src-elem", "evil.example"),
            ),
            ("script-src 'nonce-SECRET'", "inline", ("script-src", "inline")),
            ("img-src", "http://SECRET@Evil.Example:81/", ("img-src", "evil.example")),
            ("SECRET", "SECRET", ("other", "other")),
            ("img-src", "data", ("img-src", "data")),
            ("img-src", "SECRET://SECRET", ("img-src", "other")),
            ("img-src", "https://a\nb/", ("img-src", "other")),
        ] {
            let body = old(directive, blocked).to_string();
            let read = read("application/csp-report", body.as_bytes()).unwrap();
            let (directive, what) = expected;
            assert_eq!(read, [Stopped { directive, what: what.to_owned() }], "{blocked}");
        }
        let one = serde_json::json!({ "type": "csp-violation", "age": 1, "url": "https://x/SECRET",
            "body": { "effectiveDirective": "font-src", "blockedURL": "https://fonts.example/a" } });
        let other = serde_json::json!({ "type": "deprecation", "body": {} });
        let many = vec![one; 50];
        let body = serde_json::json!([[other].as_slice(), &many].concat()).to_string();
        let found = read("application/reports+json", body.as_bytes()).unwrap();
        let expected = Stopped { directive: "font-src", what: "fonts.example".to_owned() };
        assert_eq!(found, vec![expected; MOST_AT_ONCE]);
        for (kind, body) in [
            ("application/csp-report", "{}"),
            ("application/csp-report", "SECRET"),
            ("application/reports+json", "{}"),
            ("application/json", "[]"),
            ("", ""),
        ] {
            assert_eq!(read(kind, body.as_bytes()), None, "{kind} {body}");
        }
    }
}
