//! How the server is started: flags, environment, and the rules between them.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use app::identity::Challenges;
use axum::http::Uri;
use clap::Args;
use ipnet::IpNet;

use crate::{boot::KEYRINGS, data_folder, ledger::witnesses::WitnessAt};

/// In the help these settings stand below a command's own.
const DATA: &str = "Data";
const SERVING: &str = "Serving";
const MAIL: &str = "Mail";
const LEDGER: &str = "Ledger";

/// Letters of a prefix, so that the names it begins fit PostgreSQL's.
const LONGEST_PREFIX: usize = 24;

/// Where it listens, and where commands believe that it does, when nobody says anything.
const DEFAULT_PORT: u16 = 8420;

/// How the server is started.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Folder of the databases, keys and keyring [default: data; demo-data for the demo].
    #[arg(long, global = true, help_heading = DATA, env = "TIMEPROOF_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Port to listen on.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_PORT",
        default_value_t = DEFAULT_PORT
    )]
    pub port: u16,

    /// Address to listen on; loopback (127.0.0.1 and ::1) when left out.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_LISTEN",
        value_name = "ADDRESS"
    )]
    pub listen: Option<IpAddr>,

    /// Address people type, such as https://time.example.com; decides links and cookies.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_PUBLIC_URL",
        value_name = "URL"
    )]
    pub public_url: Option<String>,

    /// Certificate chain in PEM, to serve TLS.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_TLS_CERT",
        requires = "tls_key",
        value_name = "FILE"
    )]
    pub tls_cert: Option<PathBuf>,

    /// Private key in PEM.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_TLS_KEY",
        requires = "tls_cert",
        value_name = "FILE"
    )]
    pub tls_key: Option<PathBuf>,

    /// Networks of the reverse proxies that serve TLS before us: only they are answered, and their
    /// X-Forwarded-For is believed. Needs an https --public-url.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_BEHIND_PROXY",
        value_name = "CIDR",
        value_delimiter = ','
    )]
    pub behind_proxy: Vec<IpNet>,

    /// PostgreSQL instead of SQLite: postgres://user:password@host:port/database. A host on another
    /// machine is reached by TLS alone.
    #[arg(
        long,
        global = true,
        help_heading = DATA,
        env = "TIMEPROOF_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    pub database_url: Option<Hidden>,

    /// Certificates in PEM to trust for PostgreSQL, instead of the public authorities.
    #[arg(
        long,
        global = true,
        help_heading = DATA,
        env = "TIMEPROOF_DATABASE_CA",
        value_name = "FILE"
    )]
    pub database_ca: Option<PathBuf>,

    /// Begins the names of schemas and roles in PostgreSQL.
    #[arg(
        long,
        global = true,
        help_heading = DATA,
        env = "TIMEPROOF_DATABASE_PREFIX",
        default_value = "timeproof"
    )]
    pub database_prefix: String,

    /// Second folder of the keyring; beside the first one when left out.
    #[arg(
        long,
        global = true,
        help_heading = DATA,
        env = "TIMEPROOF_KEYRING_COPY",
        value_name = "DIR"
    )]
    pub keyring_copy: Option<PathBuf>,

    /// Mail server: smtp://user:password@host:587 (STARTTLS), smtps://… or, on loopback only,
    /// smtp-plain://127.0.0.1:25. Without one, mail goes to the terminal and the folder `mail`.
    #[arg(
        long,
        global = true,
        help_heading = MAIL,
        env = "TIMEPROOF_SMTP",
        value_name = "URL",
        hide_env_values = true
    )]
    pub smtp: Option<Hidden>,

    /// Certificates in PEM to trust for the mail server, instead of the public authorities.
    #[arg(long, global = true, help_heading = MAIL, env = "TIMEPROOF_SMTP_CA", value_name = "FILE")]
    pub smtp_ca: Option<PathBuf>,

    /// Sender of mail.
    #[arg(
        long,
        global = true,
        help_heading = MAIL,
        env = "TIMEPROOF_MAIL_FROM",
        default_value = "Timeproof <timeproof@localhost>"
    )]
    pub mail_from: String,

    /// File with providers of sign-ins for all workspaces (docs/providers.md).
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_PROVIDERS",
        value_name = "FILE"
    )]
    pub providers: Option<PathBuf>,

    /// A witness that cosigns the heads of the instance's log: its key and its address, such as
    /// "witness.example+0123abcd+B… https://witness.example". More than one can be given.
    #[arg(
        long,
        global = true,
        help_heading = LEDGER,
        env = "TIMEPROOF_WITNESS",
        value_name = "KEY URL",
        value_delimiter = ',',
        value_parser = witness
    )]
    pub witness: Vec<WitnessAt>,

    /// Certificates in PEM to trust for witnesses, instead of the public authorities.
    #[arg(
        long,
        global = true,
        help_heading = LEDGER,
        env = "TIMEPROOF_WITNESS_CA",
        value_name = "FILE"
    )]
    pub witness_ca: Option<PathBuf>,

    /// A folder where heads of the instance's log are kept, each hour at most: best on another disk, or
    /// beside the backups. More than one can be given.
    #[arg(
        long,
        global = true,
        help_heading = LEDGER,
        env = "TIMEPROOF_ANCHOR",
        value_name = "DIR",
        value_delimiter = ','
    )]
    pub anchor: Vec<PathBuf>,

    /// Passwords checked at once, each for some 200 ms and in up to 64 MiB [default: one a processor,
    /// two at most].
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_PASSWORD_CHECKS",
        value_name = "N",
        value_parser = checks
    )]
    pub password_checks: Option<usize>,

    /// When a password from a browser that is not known is looked at only after that browser has done a
    /// second of work: auto (while many accounts are guessed at), always or never.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_PASSWORD_WORK",
        value_name = "WHEN",
        default_value = "auto",
        value_parser = challenges
    )]
    pub password_work: Challenges,

    /// What is logged: error, warn, info, debug or trace.
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_LOG",
        default_value = "info"
    )]
    pub log: String,

    /// Folder of the log files, or `off` for none [default: logs, in the data folder].
    #[arg(
        long,
        global = true,
        help_heading = SERVING,
        env = "TIMEPROOF_LOG_FILES",
        value_name = "DIR"
    )]
    pub log_files: Option<PathBuf>,

    /// Requests may ask for a panic: for tests, and not in a release.
    #[cfg(debug_assertions)]
    #[arg(long, global = true, hide = true, env = "TIMEPROOF_TEST_PANICS")]
    pub test_panics: bool,

    /// The word of the command, for the log.
    #[arg(skip)]
    pub command: &'static str,
}

/// A setting that may hold a password: never shown.
#[derive(Clone)]
pub struct Hidden(String);

impl Hidden {
    /// The setting itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Hidden {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(…)")
    }
}

impl Config {
    /// The folder of the databases, keys and keyring.
    pub fn data(&self) -> &Path {
        self.data.as_deref().unwrap_or(Path::new("data"))
    }

    /// Refuses settings that would serve pages or cookies in the clear beyond this machine, and those
    /// that nothing can be named by.
    ///
    /// Errors: a sentence that says what to do.
    pub fn check(&self) -> Result<(), String> {
        if let Some(address) = self.listen {
            let is_safe =
                address.is_loopback() || self.tls_cert.is_some() || !self.behind_proxy.is_empty();
            if !is_safe {
                return Err(format!(
                    "{address} can be reached from other machines, and nothing encrypts the way there. \
                     Give --tls-cert and --tls-key to serve TLS, or --behind-proxy CIDR when a reverse \
                     proxy does, or leave --listen out to serve this machine only."
                ));
            }
        }
        let is_for_others = self.listen.is_some_and(|address| !address.is_loopback());
        let is_https = self.public_address().is_some_and(|url| url.starts_with("https://"));
        if let Some(all) = self.behind_proxy.iter().find(|network| network.prefix_len() == 0) {
            return Err(format!(
                "--behind-proxy {all} is everybody: whoever comes would be answered in the clear, and \
                 believed about where they come from. Give the network of your reverse proxy, such as \
                 127.0.0.1/32."
            ));
        }
        if !self.behind_proxy.is_empty() && !is_https {
            return Err(
                "--behind-proxy needs the address that people type, so that links and cookies \
                        are made for it. Give --public-url https://…"
                    .to_owned(),
            );
        }
        if is_for_others && self.public_url.is_none() {
            return Err(
                "--listen lets other machines in, and links would lead each of them to itself. \
                        Give the address that people type: --public-url https://…"
                    .to_owned(),
            );
        }
        self.public_url.as_deref().map_or(Ok(()), check_public_url)?;
        if let Some(url) = &self.database_url {
            check_database_url(url.expose())?;
            check_prefix(&self.database_prefix)?;
        }
        self.check_keyring_copy()?;
        crate::ledger::witnesses::check(&self.witness)?;
        check_log(&self.log)?;
        crate::mail::check(self)
    }

    /// Two copies in one folder are one.
    fn check_keyring_copy(&self) -> Result<(), String> {
        let Some(copy) = &self.keyring_copy else { return Ok(()) };
        let first = self.data().join(KEYRINGS[0]);
        let place = |path: &Path| {
            data_folder::resolve(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        if place(copy)? == place(&first)? {
            return Err(format!(
                "--keyring-copy {} is the folder of the first copy. Name another one, best on another \
                 disk, so that there are two.",
                copy.display()
            ));
        }
        Ok(())
    }

    /// Whether mail is sent. Otherwise it goes to the terminal and the folder `mail`, and pages
    /// that promise a mail have to say so.
    pub fn has_smtp(&self) -> bool {
        self.smtp.is_some()
    }

    /// The public URL in one form: schemes and hosts are the same in capitals.
    fn public_address(&self) -> Option<String> {
        let url = self.public_url.as_deref()?;
        Some(url.trim_end_matches('/').to_ascii_lowercase())
    }

    /// The address people type, without a slash at its end.
    pub fn base_url(&self) -> String {
        match self.public_address() {
            Some(url) => url,
            None if self.tls_cert.is_some() => format!("https://localhost:{}", self.port),
            None => format!("http://localhost:{}", self.port),
        }
    }

    /// Whether anything was said about the address people type: else it is a mere guess.
    pub(crate) fn names_address(&self) -> bool {
        self.public_url.is_some() || self.tls_cert.is_some() || self.port != DEFAULT_PORT
    }

    /// The host of the address people type; an address of IPv6 in brackets.
    pub(crate) fn public_host(&self) -> String {
        let uri: Option<Uri> = self.base_url().parse().ok();
        uri.as_ref().and_then(Uri::host).unwrap_or("localhost").to_owned()
    }

    /// Host and port of the address people type, as it stands there.
    pub(crate) fn authority(&self) -> String {
        let url = self.base_url();
        let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
        rest.split_once('/').map_or(rest, |(authority, _)| authority).to_owned()
    }

    /// Whether browsers come by HTTPS, so that cookies can be `Secure` and `__Host-`.
    pub fn is_https(&self) -> bool {
        self.base_url().starts_with("https://")
    }
}

/// A key and an address.
fn witness(text: &str) -> Result<WitnessAt, String> {
    WitnessAt::parse(text.trim())
}

/// So many passwords at once: one at least, and no more than a large machine has room for.
fn checks(text: &str) -> Result<usize, String> {
    let count = text.parse().ok().filter(|count| (1..=64).contains(count));
    count.ok_or_else(|| "a number from 1 to 64".to_owned())
}

/// When passwords ask for work.
fn challenges(text: &str) -> Result<Challenges, String> {
    match text {
        "auto" => Ok(Challenges::Auto),
        "always" => Ok(Challenges::Always),
        "never" => Ok(Challenges::Never),
        _ => Err("auto, always or never".to_owned()),
    }
}

/// The driver would say what is wrong in its own words, which nobody could use.
fn check_database_url(url: &str) -> Result<(), String> {
    let advice = "Write postgres://user:password@host:port/database.";
    if url.trim().is_empty() {
        return Err(format!(
            "--database-url (TIMEPROOF_DATABASE_URL) is empty. {advice} For SQLite leave it out, and \
             unset the variable."
        ));
    }
    let known = ["postgres", "postgresql"];
    match url.split_once("://") {
        Some((scheme, _)) if !known.contains(&scheme) => Err(format!(
            "--database-url begins with {scheme:?}, and Timeproof speaks to PostgreSQL only. {advice}"
        )),
        _ => Ok(()),
    }
}

/// A level, or levels by module (`info,server=debug`); a word that is neither would be taken for a
/// module, of which everything is logged.
fn check_log(log: &str) -> Result<(), String> {
    let levels = ["off", "error", "warn", "info", "debug", "trace"];
    let is_level = |word: &str| levels.iter().any(|level| word.eq_ignore_ascii_case(level));
    let is_known = |part: &str| match part.trim().split_once('=') {
        Some((module, level)) => !module.is_empty() && is_level(level),
        None => is_level(part.trim()),
    };
    if log.split(',').all(is_known) {
        return Ok(());
    }
    Err(format!(
        "--log {log} is not a level. Give error, warn, info, debug or trace, or levels by module such as \
         info,server=debug."
    ))
}

/// A prefix stands in the names of schemas and roles; those that begin with `pg_` are PostgreSQL's own.
fn check_prefix(prefix: &str) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let fits = (1..=LONGEST_PREFIX).contains(&prefix.len()) && prefix.chars().all(is_plain);
    if fits && prefix != "pg" && !prefix.starts_with("pg_") {
        return Ok(());
    }
    Err(format!(
        "--database-prefix {prefix:?} cannot begin the names of schemas. Give 1 to {LONGEST_PREFIX} small \
         letters, digits and _, not beginning with pg_."
    ))
}

/// An address has a scheme and a host, perhaps a port, and nothing else; it is in the clear only for
/// this machine.
fn check_public_url(url: &str) -> Result<(), String> {
    let wrong =
        || format!("--public-url {url} is not an address such as https://time.example.com.");
    let uri: Uri = url.parse().map_err(|_| wrong())?;
    let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
    // What stands behind the host is a port that there can be, or nothing.
    let authority = uri.authority().ok_or_else(wrong)?.as_str();
    let behind = authority.rsplit('@').next().and_then(|place| place.strip_prefix(host));
    let has_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    if !behind.is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':').is_some_and(has_port)) {
        return Err(wrong());
    }
    let is_bare = ["", "/"].contains(&uri.path())
        && uri.query().is_none()
        && uri.authority().is_some_and(|authority| !authority.as_str().contains('@'))
        && !url.contains('#');
    match uri.scheme_str() {
        Some("https") if is_bare => Ok(()),
        Some("http") if is_bare && is_loopback(host) => Ok(()),
        Some("http") if is_bare => Err(format!(
            "--public-url {url} would send pages and cookies to other machines in the clear. Give \
             https://…, with --tls-cert and --tls-key or behind a reverse proxy."
        )),
        _ => Err(wrong()),
    }
}

/// Whether a host of an address is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<IpAddr>();
    address.map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |address| address.is_loopback())
}
