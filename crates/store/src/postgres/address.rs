//! Where PostgreSQL is, and how the way there is protected.
//!
//! On this machine, by a socket or a loopback address, a line is as the address asks for. To any other
//! machine it is encrypted, and the server's certificate is checked with its name; an address that
//! asks for less is refused. The reasons are in `docs/adr/0009-line-to-postgresql.md`.

use std::{path::Path, time::Duration};

use postgres::{
    Client, Config, NoTls,
    config::{Host, SslMode},
};

use super::tls::Tls;
use crate::StoreError;

pub(crate) struct Address {
    config: Config,
    tls: Option<Tls>,
}

impl Address {
    /// Reads an address; `authority` are certificates in PEM to trust instead of the public ones.
    ///
    /// Errors: [`StoreError::Refused`].
    pub(crate) fn new(url: &str, authority: Option<&Path>) -> Result<Self, StoreError> {
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
            // The driver names the part that is wrong, never its value.
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let why = source.unwrap_or_else(|| error.to_string());
            StoreError::Refused(format!("The address of PostgreSQL cannot be read: {why}."))
        })?;
        if let Some(host) = remote(&config) {
            if config.get_ssl_mode() == SslMode::Disable {
                return Err(StoreError::Refused(format!(
                    "PostgreSQL on {host} would be asked for everything in the clear. Leave \
                     sslmode=disable out, so that the line is encrypted; or bring PostgreSQL to this \
                     machine by an encrypted tunnel, and name that."
                )));
            }
            config.ssl_mode(SslMode::Require);
        }
        config
            .connect_timeout(Duration::from_secs(5))
            // A machine that went away without a word is noticed in half a minute, not in two hours.
            .keepalives_idle(Duration::from_secs(15))
            .keepalives_interval(Duration::from_secs(5))
            .keepalives_retries(3)
            .tcp_user_timeout(Duration::from_secs(30))
            .application_name("timeproof")
            .notice_callback(|notice| tracing::debug!(code = notice.code().code(), "notice"))
            .options("-c statement_timeout=20000 -c idle_in_transaction_session_timeout=30000 -c lock_timeout=10000");
        let tls = match config.get_ssl_mode() {
            SslMode::Require => Some(Tls::new(authority)?),
            // What a socket or a loopback address is not asked for, it is not offered either.
            _ => None,
        };
        Ok(Self { config, tls })
    }

    pub(super) fn connect(&self) -> Result<Client, postgres::Error> {
        match &self.tls {
            Some(tls) => self.config.connect(tls.clone()),
            None => self.config.connect(NoTls),
        }
    }
}

/// The first host on another machine.
fn remote(config: &Config) -> Option<String> {
    // The driver connects to these where they are given, and to the hosts otherwise.
    let addresses = config.get_hostaddrs();
    if !addresses.is_empty() {
        let found = addresses.iter().find(|address| !address.to_canonical().is_loopback());
        return found.map(ToString::to_string);
    }
    config.get_hosts().iter().find_map(|host| match host {
        Host::Unix(_) => None,
        Host::Tcp(name) => {
            let address = name.parse::<std::net::IpAddr>();
            let is_here = address.map_or_else(
                |_| name.eq_ignore_ascii_case("localhost"),
                |address| address.to_canonical().is_loopback(),
            );
            (!is_here).then(|| name.clone())
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_to_another_machine_is_encrypted_or_refused() {
        for (url, is_encrypted) in [
            ("postgres://u:p@localhost/d", Some(false)),
            ("postgres://u:p@LocalHost:5433/d", Some(false)),
            ("postgres://u:p@127.0.0.2/d?sslmode=disable", Some(false)),
            ("postgres://u:p@[::1]/d", Some(false)),
            ("postgres://u@%2Fvar%2Frun%2Fpostgresql/d", Some(false)),
            ("host=/var/run/postgresql user=u", Some(false)),
            ("postgres://u@localhost/d?sslmode=require", Some(true)),
            ("postgres://u:p@db.example.com/d", Some(true)),
            ("postgres://u:p@db.example.com/d?sslmode=prefer", Some(true)),
            ("postgres://u:p@192.0.2.1/d?sslmode=require", Some(true)),
            ("postgres://u:p@localhost,db.example.com/d", Some(true)),
            ("host=localhost hostaddr=192.0.2.1 user=u", Some(true)),
            ("host=db.example.com hostaddr=127.0.0.1 user=u", Some(false)),
            ("postgres://u:p@localhost.example.com/d", Some(true)),
            ("postgres://u:secret@db.example.com/d?sslmode=disable", None),
            ("postgres://u:secret@localhost,192.0.2.1/d?sslmode=disable", None),
            ("postgres://u:secret@localhost:secret/d", None),
            ("mysql://u:secret@localhost/d", None),
        ] {
            match (Address::new(url, None), is_encrypted) {
                (Ok(address), Some(is_encrypted)) => {
                    let is_required = address.config.get_ssl_mode() == SslMode::Require;
                    assert_eq!(
                        (address.tls.is_some(), is_required),
                        (is_encrypted, is_encrypted),
                        "{url}"
                    );
                }
                (Err(StoreError::Refused(sentence)), None) => {
                    assert!(!sentence.contains("secret"), "{sentence}");
                }
                (Ok(_), None) => panic!("{url} is not refused"),
                (Err(error), _) => panic!("{url}: {error}"),
            }
        }
        let patience = Address::new("postgres://localhost/d", None).unwrap().config;
        let unheard = patience.get_tcp_user_timeout().copied();
        assert_eq!(unheard, Some(Duration::from_secs(30)), "what was said and not heard");
        let asked = (patience.get_keepalives_idle(), patience.get_keepalives_retries());
        assert_eq!(asked, (Duration::from_secs(15), Some(3)));
        let nowhere = Address::new("postgres://db.example.com/", Some(Path::new("/nowhere")));
        assert!(matches!(nowhere, Err(StoreError::Refused(_))));
    }
}
