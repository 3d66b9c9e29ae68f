//! The operator's file of providers (`--providers FILE`).
//!
//! ```toml
//! # Hosts that are asked though they are not public, such as a provider of your own network: at the port
//! # of https, or at the one that is named.
//! reach = ["id.intern.example", "127.0.0.1:4000"]
//! timeout_s = 10
//!
//! [[provider]]
//! preset = "google"            # fills label and issuer
//! label = "Example Ltd"
//! issuer = "https://id.example.com"
//! client_id = "timeproof"
//! secret_file = "/etc/timeproof/provider-secret"
//! ask_second_factor = false
//! classes = ""
//! ```

use std::{fs, path::PathBuf, time::Duration};

use app::{
    Error,
    identity::password::Secret,
    provider::{
        NewSettings, Provider, Typed, id_of_issuer, read_issuer, read_secret, read_settings,
    },
};
use axum::http::uri::Authority;
use serde::Deserialize;

use crate::config::Config;

/// What fills label and issuer: name, label, issuer.
pub(crate) const PRESETS: [(&str, &str, &str); 1] =
    [("google", "Google", "https://accounts.google.com")];

/// The file, read.
#[derive(Default)]
pub(crate) struct Configured {
    /// Providers with their secrets.
    pub(super) providers: Vec<(Provider, Secret<String>)>,
    /// Hosts, with or without a port, that are asked wherever they are.
    pub(super) reach: Vec<Authority>,
    /// How long a provider has to answer; none for the usual.
    pub(super) timeout: Option<Duration>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    reach: Vec<String>,
    timeout_s: Option<u64>,
    #[serde(default)]
    provider: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    preset: Option<String>,
    label: Option<String>,
    issuer: Option<String>,
    client_id: String,
    secret_file: PathBuf,
    #[serde(default)]
    ask_second_factor: bool,
    #[serde(default)]
    classes: String,
}

impl Configured {
    /// Reads the file, if there is one.
    ///
    /// Errors: a sentence that says what to do.
    pub(crate) fn read(config: &Config) -> Result<Self, String> {
        let Some(path) = &config.providers else { return Ok(Self::default()) };
        let place = format!("--providers {}", path.display());
        let text = fs::read_to_string(path).map_err(|error| format!("{place}: {error}"))?;
        let file: File = toml::from_str(&text).map_err(|error| format!("{place}: {error}"))?;
        let timeout = file.timeout_s.map(|seconds| Duration::from_secs(seconds.clamp(1, 30)));
        let told = |wrong| format!("{place}: {wrong}");
        let reach: Result<_, _> = file.reach.iter().map(|text| read_host(text)).collect();
        let reach = reach.map_err(told)?;
        let providers = file.provider.into_iter().map(read_provider);
        let providers: Vec<_> = providers.collect::<Result<_, String>>().map_err(told)?;
        let mut ids: Vec<_> = providers.iter().map(|(provider, _)| provider.id).collect();
        ids.sort();
        ids.dedup();
        if ids.len() < providers.len() {
            return Err(format!("{place}: an issuer stands there twice."));
        }
        Ok(Self { providers, reach, timeout })
    }
}

/// A host, perhaps with a port.
fn read_host(text: &str) -> Result<Authority, String> {
    let wrong =
        || format!("reach: {text:?} is no host such as id.intern.example or 127.0.0.1:4000.");
    let host: Authority = text.parse().map_err(|_| wrong())?;
    let port = host.as_str().strip_prefix(host.host());
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_one =
        port.is_some_and(|port| port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    if is_one && !host.host().is_empty() { Ok(host) } else { Err(wrong()) }
}

/// What is wrong, as the rules say it of what somebody types on a page.
fn words(error: Error) -> String {
    match error {
        Error::Invalid(fields) => {
            let told = fields.0.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message));
            told.collect::<Vec<_>>().join(" ")
        }
        error => error.to_string(),
    }
}

/// A provider with its secret, by the rules that those of workspaces have.
fn read_provider(entry: Entry) -> Result<(Provider, Secret<String>), String> {
    let file = entry.secret_file.display();
    let secret =
        fs::read_to_string(&entry.secret_file).map_err(|error| format!("{file}: {error}"))?;
    let secret = read_secret(&secret).map_err(|error| format!("{file}: {}", words(error)))?;
    let preset = match &entry.preset {
        None => None,
        Some(name) => {
            let found = PRESETS.iter().find(|(known, ..)| known == name);
            Some(
                found
                    .ok_or_else(|| format!("there is no preset {name:?}; there is \"google\"."))?,
            )
        }
    };
    let text = |given: Option<String>, preset: Option<&str>, name: &str| {
        let text = given.or(preset.map(str::to_owned));
        text.ok_or_else(|| format!("a provider has no {name}."))
    };
    let label = text(entry.label, preset.map(|(_, label, _)| *label), "label")?;
    let issuer = text(entry.issuer, preset.map(|(_, _, issuer)| *issuer), "issuer")?;
    let issuer = read_issuer(&issuer).map_err(|error| format!("{issuer}: {}", words(error)))?;
    let typed = Typed {
        label: &label,
        client_id: &entry.client_id,
        asks_second: entry.ask_second_factor,
        classes: &entry.classes,
    };
    let settings = read_settings(typed).map_err(|error| format!("{label}: {}", words(error)))?;
    let NewSettings { label, client_id, asks_second, classes } = settings;
    let id = id_of_issuer(&issuer);
    Ok((Provider { id, label, issuer, client_id, asks_second, classes, version: 1 }, secret))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Arguments {
        #[command(flatten)]
        config: Config,
    }

    /// What a file with these lines is read as; `SECRET` stands for a file with a secret.
    fn read(text: &str) -> Result<Configured, String> {
        let folder = tempfile::tempdir().unwrap();
        let (file, secret) = (folder.path().join("providers.toml"), folder.path().join("secret"));
        fs::write(&secret, " a secret\n").unwrap();
        fs::write(&file, text.replace("SECRET", &format!("{secret:?}"))).unwrap();
        let file = file.to_str().unwrap();
        let config = Arguments::parse_from(["timeproof", "--providers", file]).config;
        Configured::read(&config)
    }

    const GOOGLE: &str =
        "[[provider]]\npreset = \"google\"\nclient_id = \"1234\"\nsecret_file = SECRET\n";

    #[test]
    fn a_preset_fills_label_and_issuer_and_both_can_be_written_instead() {
        let read_one = |text: &str| read(text).unwrap().providers.remove(0);
        let (provider, secret) = read_one(GOOGLE);
        assert_eq!(provider.label, "Google");
        assert_eq!(provider.issuer.as_str(), "https://accounts.google.com");
        assert_eq!((provider.client_id.as_str(), secret.expose().as_str()), ("1234", "a secret"));
        let (provider, _) = read_one(&format!("{GOOGLE}label = \"Larch & Sons\""));
        assert_eq!(provider.label, "Larch & Sons");
        let wrong = read(&GOOGLE.replace("google", "nobody")).err().unwrap();
        assert!(wrong.contains("there is no preset"), "{wrong}");
    }

    /// As on the page where a workspace sets one up.
    #[test]
    fn what_a_workspace_could_not_set_up_the_operator_cannot_either() {
        let long = "x".repeat(41);
        let cases = [
            (format!("{GOOGLE}label = {long:?}"), "label: "),
            (GOOGLE.replace("\"1234\"", "\"with spaces\""), "client_id: "),
            (GOOGLE.replace("\"1234\"", "\"\""), "client_id: "),
            (format!("{GOOGLE}classes = \"1 2 3 4 5 6 7 8 9 10 11\""), "classes: "),
            (format!("{GOOGLE}issuer = \"http://id.example\""), "issuer: "),
            (format!("{GOOGLE}issuer = \"id.example\""), "issuer: "),
            (GOOGLE.replace("SECRET", "\"/dev/null\""), "client_secret: "),
            (GOOGLE.replace("SECRET", "\"/nowhere\""), "/nowhere: "),
            (format!("{GOOGLE}{GOOGLE}"), "an issuer stands there twice"),
        ];
        for (text, told) in cases {
            let wrong = read(&text).err().unwrap();
            assert!(wrong.starts_with("--providers ") && wrong.contains(told), "{told}: {wrong}");
        }
    }

    #[test]
    fn what_is_reached_is_a_host_and_perhaps_a_port() {
        let good =
            read("reach = [\"id.intern\", \"127.0.0.1:4000\", \"[::1]:4000\", \"[::1]\"]").unwrap();
        assert_eq!(good.reach.len(), 4);
        for wrong in
            ["", "https://id.intern", "id.intern/x", "me@id.intern", "id.intern:", "a:99999", "a:0"]
        {
            let told = read(&format!("reach = [{wrong:?}]")).err();
            assert!(told.is_some_and(|told| told.contains("is no host")), "{wrong}");
        }
    }

    /// The secrets in it are nothing to a command that serves nobody.
    #[test]
    fn the_file_is_read_by_what_serves_alone() {
        let arguments = ["timeproof", "--providers", "/nowhere/providers.toml"];
        let config = Arguments::parse_from(arguments).config;
        assert_eq!(config.check(), Ok(()));
        assert!(crate::state::Providers::read(&config).is_err());
    }
}
