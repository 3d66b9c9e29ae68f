//! `tp login [URL]`: a code that a person confirms in the browser, as in RFC 8628.

use std::time::Duration;

use serde_json::json;

use crate::api::{Api, CallError, Collected};
use crate::arguments::Login;
use crate::cache::Cache;
use crate::config::{Config, Credentials, header_safe, normal_url};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::http::{Http, Transport};
use crate::machine::Machine;
use crate::print::{Output, Paint, clean};

pub(crate) fn run(
    wanted: &Login,
    environment: &Environment,
    machine: &dyn Machine,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let before = Config::load(&environment.config_folder).ok().flatten();
    let typed = wanted.url.as_deref().or(environment.url.as_deref());
    let url = match (typed, &before) {
        (Some(typed), _) => normal_url(typed)?,
        (None, Some(before)) => before.url.clone(),
        (None, None) => {
            return Err(Failure::usage("Say which server: `tp login https://time.example.org`."));
        }
    };
    let known_ca = before.filter(|before| before.url == url).and_then(|b| b.ca_file);
    let ca_file = match wanted.ca_file.clone().or(environment.ca_file.clone()) {
        Some(path) => Some(std::path::absolute(path).map_err(anyhow::Error::from)?),
        None => known_ca,
    };
    let mut credentials = Credentials { url, token: String::new(), workspace_id: None, ca_file };
    let mut expires_at = None;
    if wanted.token {
        credentials.token = header_safe(&read_token()?)?;
    } else {
        let http = Http::new(&credentials)?;
        let collected = confirm(&http, environment, machine, output)?;
        credentials.token = header_safe(&collected.token)?;
        credentials.workspace_id = Some(collected.workspace_id);
        expires_at = Some(collected.expires_at.to_string());
    }
    let http = Http::new(&credentials)?;
    finish(&credentials, expires_at, &http, environment, machine, output)
}

/// Sees that the token works, keeps it, and what the server tells with it.
pub(super) fn finish(
    credentials: &Credentials,
    expires_at: Option<String>,
    transport: &dyn Transport,
    environment: &Environment,
    machine: &dyn Machine,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let api = Api::new(transport);
    let asked = Cache::ask(&api, credentials.workspace_id, None, machine.now());
    let cache = asked.map_err(|error| match error {
        CallError::SignedOut => {
            Failure::SignedOut("The server does not accept this token.".to_owned())
        }
        CallError::Refused(problem) if problem.code == "forbidden" => Failure::refused(
            "forbidden",
            format!(
                "Your role in this workspace tracks no time and sees none, which is what tp is for. \
                 What you see is in the browser: {}.",
                credentials.url
            ),
        ),
        error => error.into_failure(),
    })?;
    let config = Config {
        url: credentials.url.clone(),
        token: credentials.token.clone(),
        workspace_id: cache.workspace.id,
        workspace_name: cache.workspace.name.clone(),
        member_name: cache.me.name.clone(),
        expires_at,
        ca_file: credentials.ca_file.clone(),
    };
    config.save(&environment.config_folder)?;
    cache.save(&environment.state_folder, credentials)?;
    if output.is_json {
        output.json(&json!({
            "url": config.url,
            "workspace_id": config.workspace_id,
            "workspace_name": config.workspace_name,
            "member_name": config.member_name,
            "expires_at": config.expires_at,
        }))?;
    } else {
        let name = clean(&config.member_name);
        let workspace = clean(&config.workspace_name);
        output.line(&format!("Signed in to {workspace} as {name}."))?;
        if let Some(at) = config.expires_at() {
            let day = crate::print::day(cache.today(at));
            output.line(&format!("The token on this machine ends on {day}."))?;
        }
    }
    let credentials = Credentials { workspace_id: Some(cache.workspace.id), ..credentials.clone() };
    // What was kept for this account while nobody was signed in.
    crate::session::Session::open(machine, environment, credentials, transport, output)?;
    Ok(())
}

/// Shows the code and waits until it is confirmed.
pub(super) fn confirm(
    transport: &dyn Transport,
    environment: &Environment,
    machine: &dyn Machine,
    output: &mut Output<'_>,
) -> Result<wire::device::CollectedDeviceGrant, Failure> {
    let api = Api::new(transport);
    let name = format!("tp on {}", environment.machine_name);
    let grant = api.new_device_grant(&name).map_err(CallError::into_failure)?;
    let url = clean(&grant.verification_url);
    let code = clean(&grant.user_code);
    if output.is_json {
        output.json(&json!({ "verification_url": url, "user_code": code }))?;
    } else {
        output.line(&format!("Open  {url}"))?;
        let shown = output.paint(Paint::Bold, &code);
        output.line(&format!("and confirm the code  {shown}"))?;
    }
    let mut interval_s = waiting(grant.interval_s);
    while machine.now() < grant.expires_at {
        machine.sleep(Duration::from_secs(interval_s));
        match api.collect_device_grant(&grant.device_code) {
            Ok(Collected::Token(collected)) => return Ok(collected),
            Ok(Collected::Pending(pending)) => {
                interval_s = interval_s.max(waiting(pending.interval_s));
            }
            // Asked too often, or no answer: a little slower.
            Err(CallError::Later { .. }) => interval_s = (interval_s + 5).min(60),
            Err(error) => return Err(error.into_failure()),
        }
    }
    Err(Failure::refused(
        "grant.not_valid",
        "Nobody confirmed the code in time. Run `tp login` again.",
    ))
}

/// How long to wait between two questions: as the server says, within reason.
fn waiting(interval_s: i64) -> u64 {
    u64::try_from(interval_s).unwrap_or(5).clamp(1, 60)
}

fn read_token() -> Result<String, Failure> {
    let mut text = String::new();
    std::io::stdin()
        .read_line(&mut text)
        .map_err(|error| Failure::usage(format!("The standard input cannot be read: {error}.")))?;
    Ok(text)
}
