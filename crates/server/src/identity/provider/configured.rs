//! The operator's file of providers (`--providers FILE`).
//!
//! ```toml
//! # Hosts that are asked though they are not public, such as a provider of your own network.
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
    identity::password::Secret,
    provider::{Provider, id_of_issuer},
};
use domain::provider::Issuer;
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
    pub(super) reach: Vec<String>,
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
        let providers = file.provider.into_iter().map(|entry| {
            let secret_file = entry.secret_file.display().to_string();
            let secret = fs::read_to_string(&entry.secret_file)
                .map_err(|error| format!("{place}: {secret_file}: {error}"))?;
            let provider = provider(entry).map_err(|wrong| format!("{place}: {wrong}"))?;
            Ok((provider, Secret::new(secret.trim().to_owned())))
        });
        let providers: Vec<_> = providers.collect::<Result<_, String>>()?;
        let mut ids: Vec<_> = providers.iter().map(|(provider, _)| provider.id).collect();
        ids.sort();
        ids.dedup();
        if ids.len() < providers.len() {
            return Err(format!("{place}: an issuer stands there twice."));
        }
        Ok(Self { providers, reach: file.reach, timeout })
    }
}

fn provider(entry: Entry) -> Result<Provider, String> {
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
    let issuer = Issuer::parse(&issuer).map_err(|error| format!("issuer {issuer}: {error}."))?;
    Ok(Provider {
        id: id_of_issuer(&issuer),
        label,
        issuer,
        client_id: entry.client_id,
        asks_second: entry.ask_second_factor,
        classes: entry.classes,
        version: 1,
    })
}
