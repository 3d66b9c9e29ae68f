//! Cookies: their names, how they are read, how they are set.
//!
//! Cookies are shared between the ports of a host, so their names carry the port people type. Over
//! HTTPS they are `__Host-` and `Secure`; on a plain loopback address browsers refuse that prefix.

use axum::http::{HeaderMap, HeaderValue, header};

use crate::config::Config;

/// Which cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cookie {
    /// The session's secret.
    Session,
    /// Remember-me: selector and validator.
    Remember,
    /// Binds a sign-in to the browser that asked for it.
    Login,
    /// Marks a browser in which somebody has signed in before.
    Device,
    /// Where to go after signing in.
    Next,
    /// The secret of a support session, with its workspace.
    Support,
}

impl Cookie {
    fn word(self) -> &'static str {
        match self {
            Self::Session => "sid",
            Self::Remember => "rm",
            Self::Login => "login",
            Self::Device => "dev",
            Self::Next => "next",
            Self::Support => "support",
        }
    }

    fn name(self, config: &Config) -> String {
        let prefix = if config.is_https() { "__Host-" } else { "" };
        format!("{prefix}{}-{}", self.word(), config.port)
    }
}

/// The cookies a browser sent.
#[derive(Clone, Default)]
pub(crate) struct Jar(Vec<(String, String)>);

impl Jar {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
        let pairs = values.flat_map(|value| value.split(|byte| *byte == b';')).filter_map(|pair| {
            // Cookies of other programs on this host come along, and can hold any byte.
            let pair = str::from_utf8(pair).ok().filter(|pair| pair.is_ascii())?;
            let (name, value) = pair.trim().split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        });
        Self(pairs.collect())
    }

    pub(crate) fn get(&self, cookie: Cookie, config: &Config) -> Option<&str> {
        let name = cookie.name(config);
        self.0.iter().find(|(found, _)| *found == name).map(|(_, value)| value.as_str())
    }
}

/// Sets a cookie for so many seconds; none lives as long as the browser is open.
pub(crate) fn set(
    headers: &mut HeaderMap,
    config: &Config,
    cookie: Cookie,
    value: &str,
    life_s: Option<i64>,
) {
    let secure = if config.is_https() { "; Secure" } else { "" };
    let life = life_s.map(|life| format!("; Max-Age={life}")).unwrap_or_default();
    let name = cookie.name(config);
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{life}");
    // Values are base64url, digits and words of our own.
    if let Ok(value) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Takes a cookie away.
pub(crate) fn remove(headers: &mut HeaderMap, config: &Config, cookie: Cookie) {
    set(headers, config, cookie, "", Some(0));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &[u8]) -> Vec<(String, String)> {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, HeaderValue::from_bytes(value).unwrap());
        Jar::read(&headers).0
    }

    #[test]
    fn a_cookie_of_another_program_on_this_host_hides_none_of_ours() {
        let ours = [("sid-8420", "abc"), ("rm-8420", "d=e")];
        let ours = ours.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for foreign in ["name=José".as_bytes(), b"name=\xff", "é=1".as_bytes()] {
            let value = [&b"sid-8420=abc; "[..], foreign, b"; rm-8420=d=e"].concat();
            assert_eq!(read(&value), ours, "{foreign:?}");
        }
        assert_eq!(
            read(b";; =;sid-8420=abc;nothing"),
            [(String::new(), String::new()), ours[0].clone()]
        );
    }
}
