//! The address of a mail server: `smtps://user:password@host:port` and its kin.

use std::net::IpAddr;

/// How the way to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (`smtps://`, port 465).
    Wrapped,
    /// STARTTLS, and nothing is sent without it (`smtp://`, port 587).
    StartTls,
    /// In the clear, on this machine only (`smtp-plain://`, port 25).
    Plain,
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct Relay {
    /// How the way there is kept private.
    pub security: Security,
    /// A name or an address, without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// User and password.
    pub credentials: Option<(String, String)>,
}

impl Relay {
    /// Reads an address. User and password are percent-encoded where they hold `%`, `/`, `:` or `@`.
    ///
    /// Errors: a sentence that says what to do; it never repeats the password.
    pub fn parse(url: &str) -> Result<Self, String> {
        let (security, default_port, rest) = scheme(url)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((pair, place)) => (Some(credentials(pair)?), place),
            None => (None, rest),
        };
        let (host, port) = host_and_port(place, default_port)?;
        if security == Security::Plain && !is_loopback(&host) {
            return Err(format!(
                "--smtp smtp-plain:// would send mail and password in the clear to {host}. Use \
                 smtp:// (STARTTLS) or smtps:// (TLS); smtp-plain:// is for a mail server on this \
                 machine."
            ));
        }
        Ok(Self { security, host, port, credentials })
    }
}

/// Holds a password.
impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Relay({:?}, {}:{})", self.security, self.host, self.port)
    }
}

fn scheme(url: &str) -> Result<(Security, u16, &str), String> {
    let known = [
        ("smtps://", Security::Wrapped, 465),
        ("smtp://", Security::StartTls, 587),
        ("smtp-plain://", Security::Plain, 25),
    ];
    known
        .into_iter()
        .find_map(|(scheme, security, port)| Some((security, port, url.strip_prefix(scheme)?)))
        .ok_or_else(|| {
            "--smtp must begin with smtps:// (TLS), smtp:// (STARTTLS) or, for a mail server on \
             this machine, smtp-plain://."
                .to_owned()
        })
}

fn credentials(pair: &str) -> Result<(String, String), String> {
    let (user, password) = pair.split_once(':').ok_or_else(|| {
        "--smtp names a user without a password: write user:password@ before the host.".to_owned()
    })?;
    Ok((percent_decoded(user)?, percent_decoded(password)?))
}

fn host_and_port(place: &str, default_port: u16) -> Result<(String, u16), String> {
    // What stands behind a colon may be a password whose host was forgotten.
    let shown =
        if place.starts_with('[') { "[…]" } else { place.split(':').next().unwrap_or("") };
    let no_host = || {
        format!(
            "--smtp names no mail server that could be reached: {shown:?}. Write user:password@ \
             before the host, and its port behind it."
        )
    };
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or_else(no_host)?;
            (host, rest.strip_prefix(':'))
        }
        None => match place.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
    if host.is_empty() || !host.chars().all(is_word) {
        return Err(no_host());
    }
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or_else(no_host)?,
        None => default_port,
    };
    Ok((host.to_owned(), port))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn percent_decoded(text: &str) -> Result<String, String> {
    let wrong = || "--smtp holds a % that is not followed by two hex digits; write %25.".to_owned();
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        if *byte == b'%' {
            let (pair, after) = after.split_at_checked(2).ok_or_else(wrong)?;
            let hex = |byte: u8| char::from(byte).to_digit(16).ok_or_else(wrong);
            let value = pair.iter().try_fold(0, |sum, b| hex(*b).map(|digit| sum * 16 + digit))?;
            bytes.push(u8::try_from(value).map_err(|_| wrong())?);
            rest = after;
        } else {
            bytes.push(*byte);
        }
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_mail_servers() {
        let relay = Relay::parse("smtps://mail.example.com").unwrap();
        assert_eq!((relay.security, relay.port), (Security::Wrapped, 465));
        assert_eq!((relay.host.as_str(), relay.credentials), ("mail.example.com", None));

        let relay =
            Relay::parse("smtp://ann%40example.com:a%3Ab%25@mail.example.com:2587/").unwrap();
        assert_eq!((relay.security, relay.port), (Security::StartTls, 2587));
        let pair = ("ann@example.com".to_owned(), "a:b%".to_owned());
        assert_eq!(relay.credentials, Some(pair));

        for loopback in ["localhost", "127.0.0.1", "[::1]"] {
            let relay = Relay::parse(&format!("smtp-plain://{loopback}:1025")).unwrap();
            assert_eq!((relay.security, relay.port), (Security::Plain, 1025));
        }
    }

    #[test]
    fn what_would_go_in_the_clear_is_refused() {
        for host in ["mail.example.com", "10.0.0.1", "[2001:db8::1]", "localhost.example.com"] {
            let refused = Relay::parse(&format!("smtp-plain://{host}")).unwrap_err();
            assert!(refused.contains("in the clear"), "{refused}");
        }
    }

    #[test]
    fn wrong_addresses_are_told_without_the_password() {
        for wrong in [
            "mail.example.com",
            "http://ann:secret@mail.example.com",
            "smtp://ann:secret@",
            "smtp://ann:secret@mail.example.com:99999",
            "smtp://ann:secret@mail.example.com:0",
            "smtp://ann:secret@[::1",
            "smtp://ann:secret%2@mail.example.com",
            "smtp://secret@mail.example.com",
            "smtp://ann:secret@mail example.com",
            // The host was forgotten.
            "smtp://ann:secret",
            "smtp://ann:secret/",
            "smtp://[ann:secret",
            "smtp://ann:%+fsecret@mail.example.com",
        ] {
            let refused = Relay::parse(wrong).unwrap_err();
            assert!(!refused.contains("secret"), "{refused}");
        }
        let relay = Relay::parse("smtp://ann:secret@mail.example.com").unwrap();
        assert!(!format!("{relay:?}").contains("secret"));
    }
}
