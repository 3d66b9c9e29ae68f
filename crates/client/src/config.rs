//! `config.toml`: where one is signed in. The token in it opens one member's time in one workspace,
//! so the file is for its user only.

use std::path::{Path, PathBuf};

use anyhow::Context;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::files::{self, Disk};

const NAME: &str = "config.toml";

/// What `tp login` leaves behind.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Config {
    /// Without a slash at the end.
    pub(crate) url: String,
    pub(crate) token: String,
    pub(crate) workspace_id: Uuid,
    #[serde(default)]
    pub(crate) workspace_name: String,
    #[serde(default)]
    pub(crate) member_name: String,
    /// RFC 3339; none when it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires_at: Option<String>,
    /// Certificates to trust instead of the web's, for a server with a certificate of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<PathBuf>,
}

impl Config {
    /// Errors: it is there and cannot be read.
    pub(crate) fn load(folder: &Path) -> Result<Option<Self>, Failure> {
        let path = folder.join(NAME);
        let Some(text) = files::read(&path)? else {
            return Ok(None);
        };
        let config = toml::from_str(&text)
            .with_context(|| format!("{} is not readable; `tp login` again", path.display()))?;
        Ok(Some(config))
    }

    /// Writes it, whole and private.
    pub(crate) fn save(&self, folder: &Path) -> Result<(), Failure> {
        let text = toml::to_string(self).context("config.toml")?;
        Ok(files::write_shared(folder, NAME, text.as_bytes())?)
    }

    /// Removes it.
    pub(crate) fn remove(folder: &Path) -> Result<(), Failure> {
        Ok(Disk::default().remove(folder, NAME)?)
    }

    /// The path, when others on this machine can read the token.
    pub(crate) fn exposed(folder: &Path) -> Option<PathBuf> {
        let path = folder.join(NAME);
        files::is_readable_by_others(&path).then_some(path)
    }

    /// When the token ends.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at.as_ref()?.parse().ok()
    }
}

/// Where to ask, and as whom.
#[derive(Clone)]
pub(crate) struct Credentials {
    pub(crate) url: String,
    pub(crate) token: String,
    /// The workspace signed in to; the token's own when none.
    pub(crate) workspace_id: Option<Uuid>,
    pub(crate) ca_file: Option<PathBuf>,
}

impl Credentials {
    /// What the environment says, else what `config.toml` says. The token of `config.toml` is never
    /// sent to another server than the one that gave it.
    ///
    /// Errors: nobody is signed in there.
    pub(crate) fn find(
        environment: &Environment,
        config: Option<&Config>,
    ) -> Result<Self, Failure> {
        let url = environment.url.as_deref().map(normal_url).transpose()?;
        let known = config.filter(|config| url.as_ref().is_none_or(|url| *url == config.url));
        let ca_file =
            environment.ca_file.clone().or_else(|| known.and_then(|config| config.ca_file.clone()));
        let found_url = url.or_else(|| config.map(|config| config.url.clone()));
        match (found_url, &environment.token, known) {
            (Some(url), Some(token), _) => {
                Ok(Self { url, token: header_safe(token)?, workspace_id: None, ca_file })
            }
            (Some(url), None, Some(config)) => Ok(Self {
                url,
                token: header_safe(&config.token)?,
                workspace_id: Some(config.workspace_id),
                ca_file,
            }),
            (Some(url), None, None) => Err(Failure::SignedOut(format!(
                "You are not signed in to {url}. Run `tp login {url}`."
            ))),
            (None, ..) => Err(Failure::SignedOut(
                "You are not signed in. Run `tp login URL` with the address of your server."
                    .to_owned(),
            )),
        }
    }
}

/// A token without what cannot stand in a header.
pub(crate) fn header_safe(token: &str) -> Result<String, Failure> {
    let token = token.trim();
    if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Failure::usage("This is not a token."));
    }
    Ok(token.to_owned())
}

/// The address of a server in one form: with its scheme, without a slash at the end.
///
/// Errors: not an address; or plain HTTP over a network, which would show the token to everybody on
/// the way.
pub(crate) fn normal_url(typed: &str) -> Result<String, Failure> {
    let typed = typed.trim().trim_end_matches('/');
    let with_scheme = if typed.contains("://") {
        typed.to_owned()
    } else if is_this_machine(host_of(typed)) {
        format!("http://{typed}")
    } else {
        format!("https://{typed}")
    };
    let wrong = || Failure::usage(format!("\"{typed}\" is not the address of a server."));
    let uri: ureq::http::Uri = with_scheme.parse().map_err(|_| wrong())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    let authority = uri.authority().ok_or_else(wrong)?.as_str();
    if uri.query().is_some() || authority.contains('@') {
        return Err(wrong());
    }
    match uri.scheme_str() {
        Some("https") => {}
        Some("http") if is_this_machine(host) => {}
        Some("http") => {
            return Err(Failure::usage(format!(
                "tp sends your token over https only, except on this machine. Use https://{authority}."
            )));
        }
        _ => return Err(wrong()),
    }
    let scheme = uri.scheme_str().unwrap_or("https");
    let path = uri.path().trim_end_matches('/');
    Ok(format!("{scheme}://{}{path}", authority.to_lowercase()))
}

/// The host of `host:port/path`.
fn host_of(typed: &str) -> &str {
    let authority = typed.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// Whether a host of an address is this machine.
pub(crate) fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config {
            url: "https://time.example.org".to_owned(),
            token: "tp1_secret".to_owned(),
            workspace_id: Uuid::from_u128(7),
            workspace_name: "Studio \"North\"".to_owned(),
            member_name: "Ann".to_owned(),
            expires_at: Some("2027-01-01T00:00:00Z".to_owned()),
            ca_file: None,
        }
    }

    #[test]
    fn it_is_read_as_it_was_written_and_is_private() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("timeproof");
        assert!(Config::load(&inner).unwrap().is_none());
        config().save(&inner).unwrap();
        assert!(Config::load(&inner).unwrap() == Some(config()));
        assert!(config().expires_at().is_some());
        assert_eq!(Config::exposed(&inner), None);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&inner), 0o700);
            assert_eq!(mode(&inner.join(NAME)), 0o600);
            let open = std::fs::Permissions::from_mode(0o640);
            std::fs::set_permissions(inner.join(NAME), open).unwrap();
            assert_eq!(Config::exposed(&inner), Some(inner.join(NAME)));
        }
        Config::remove(&inner).unwrap();
        Config::remove(&inner).unwrap();
        assert!(Config::load(&inner).unwrap().is_none());
        std::fs::write(inner.join(NAME), "url = ").unwrap();
        assert!(matches!(Config::load(&inner), Err(Failure::Local(_))));
    }

    #[test]
    fn addresses() {
        for (typed, expected) in [
            ("time.example.org", "https://time.example.org"),
            ("https://Time.example.org/", "https://time.example.org"),
            ("https://example.org/time/", "https://example.org/time"),
            ("localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(normal_url(typed).unwrap(), expected);
        }
        for typed in [
            "",
            "http://time.example.org",
            "http://localhost.example.org",
            "https://ann:secret@example.org",
            "ftp://example.org",
            "https://example.org/?a=b",
            "two words",
        ] {
            assert!(matches!(normal_url(typed), Err(Failure::Usage(_))), "{typed}");
        }
    }

    #[test]
    fn a_token_goes_only_where_it_came_from() {
        let environment = |url: Option<&str>, token: Option<&str>| Environment {
            url: url.map(str::to_owned),
            token: token.map(str::to_owned),
            ..Environment::default()
        };
        let config = config();
        let find = |url, token| Credentials::find(&environment(url, token), Some(&config));
        assert_eq!(find(None, None).unwrap_or_else(|e| panic!("{e}")).token, "tp1_secret");
        let same = find(Some("time.example.org/"), None).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(same.workspace_id, Some(Uuid::from_u128(7)));
        assert!(matches!(find(Some("other.example.org"), None), Err(Failure::SignedOut(_))));
        let other =
            find(Some("other.example.org"), Some("tp1_b")).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(
            (other.url.as_str(), other.token.as_str()),
            ("https://other.example.org", "tp1_b")
        );
        assert_eq!(other.workspace_id, None);
        assert!(find(None, Some("a\nb")).is_err());
    }
}
