//! From where a request comes, as its person would say it: `Firefox on Linux`, and the network.
//!
//! What browsers say of themselves is long, changes with every release and tells more than anybody
//! needs; two words of it are kept. Programs can say what they like here, so nothing but these words
//! of ours is ever shown.

use std::{convert::Infallible, net::IpAddr};

use app::identity::Origin;
use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};

use super::request_id;
use crate::{config::Config, net::network, state::Server};

/// Browsers by what they say; what stands above hides what stands below, since most of them claim to
/// be Chrome and Safari too.
const BROWSERS: [(&str, &str); 17] = [
    ("tp/", "tp"),
    ("curl/", "curl"),
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Safari/", "Safari"),
];

/// Systems by what browsers say; Android says Linux too, and an iPhone Mac OS X.
const SYSTEMS: [(&str, &str); 9] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("FreeBSD", "FreeBSD"),
    ("OpenBSD", "OpenBSD"),
    ("Linux", "Linux"),
];

/// The device and the network of a request.
pub(crate) fn origin(parts: &Parts, config: &Config) -> Origin {
    let said = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let network = network_words(request_id::of(parts).peer);
    let device = said.and_then(device);
    Origin { device, network, base_url: config.base_url(), ..Origin::default() }
}

/// The network of an address, as people read it.
pub(crate) fn network_words(address: Option<IpAddr>) -> Option<String> {
    if let Some(here) = address.filter(|address| address.to_canonical().is_loopback()) {
        return Some(here.to_string());
    }
    network(address).map(|network| match network {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(prefix) => format!("{prefix}/64"),
    })
}

/// The origin of a program's request.
pub(crate) struct RequestOrigin(pub Origin);

impl FromRequestParts<Server> for RequestOrigin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Infallible> {
        Ok(Self(origin(parts, &server.config)))
    }
}

/// The device in words; none where neither browser nor system is known.
fn device(said: &str) -> Option<String> {
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(part, _)| said.contains(part)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(browser), None) => Some(browser.to_owned()),
        (None, Some(system)) => Some(format!("A browser on {system}")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::device;

    #[test]
    fn devices_are_told_in_words() {
        let apple = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko)";
        let chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";
        for (said, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0".to_owned(),
                Some("Firefox on Linux"),
            ),
            (
                format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {chrome} Edg/131.0.0.0"),
                Some("Edge on Windows"),
            ),
            (
                format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {chrome}"),
                Some("Chrome on Mac"),
            ),
            (
                format!("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {chrome}"),
                Some("Chrome on ChromeOS"),
            ),
            (format!("Mozilla/5.0 (Linux; Android 10; K) {chrome}"), Some("Chrome on Android")),
            (format!("{apple} Version/18.1 Mobile/15E148 Safari/604.1"), Some("Safari on iPhone")),
            (format!("{apple} FxiOS/133.0 Mobile/15E148"), Some("Firefox on iPhone")),
            ("curl/8.5.0".to_owned(), Some("curl")),
            ("Something/1.0 (Linux)".to_owned(), Some("A browser on Linux")),
            ("<script>alert(1)</script>".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(device(&said).as_deref(), expected, "{said}");
        }
    }
}
