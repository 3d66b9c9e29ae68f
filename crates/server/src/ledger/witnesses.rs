//! The witnesses of the instance's log: each has a task of its own that asks it whenever there is a head it
//! has not cosigned. One that is slow or down holds up no other, and no head.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use anyhow::Context;
use app::{
    App,
    ledger::{Answer, Failure, Heard, Question},
};
use axum::http::Uri;
use ledger::{Verifier, key::Kind};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::{sync::watch, time::sleep};
use ureq::{
    Agent,
    config::Config as Way,
    http::Response,
    tls::{Certificate, RootCerts, TlsConfig},
};

use crate::{config::is_loopback, jobs::TICK, witness::log_word};

/// How long a connection takes at most.
const CONNECT: Duration = Duration::from_secs(5);
/// How long all of a request takes at most.
const WHOLE: Duration = Duration::from_secs(10);
/// A note, or some lines.
const MOST_BYTES: u64 = 64 * 1024;
/// The longest wait after failures, in seconds.
const LONGEST_WAIT_S: u64 = 60;
/// How often it is asked at once when it has another size than we thought.
const AT_ONCE: usize = 3;

/// A witness, as the operator names it: by its key, and where it is.
#[derive(Clone, PartialEq, Eq)]
pub struct WitnessAt {
    key: Verifier,
    url: String,
}

impl fmt::Debug for WitnessAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key, self.url)
    }
}

impl WitnessAt {
    /// Reads `KEY URL`.
    ///
    /// Errors: a sentence that says what to do.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let advice = "Write the witness's key, a space, and its address: \
                      \"witness.example+0123abcd+B… https://witness.example\".";
        let (key, url) = text.split_once(' ').ok_or(advice)?;
        let key = Verifier::parse(key).map_err(|error| format!("{error}. {advice}"))?;
        if key.kind() != Kind::Witness {
            return Err(format!("{key} is the key of a log, not of a witness. {advice}"));
        }
        let url = url.trim().trim_end_matches('/').to_owned();
        let uri: Uri = url.parse().map_err(|_| format!("{url} is no address. {advice}"))?;
        let host = uri.host().unwrap_or_default();
        let is_bare = uri.query().is_none() && !url.contains(['@', '#']);
        let is_fine = match uri.scheme_str() {
            Some("https") => !host.is_empty(),
            // What a witness refuses is not signed: who can answer in its place could stop the log.
            Some("http") => is_loopback(host),
            _ => false,
        };
        if is_fine && is_bare {
            return Ok(Self { key, url });
        }
        Err(format!("{url} is not asked: only https://…, or http:// on this machine. {advice}"))
    }
}

/// Refuses a witness that stands twice: two names of one key, or two keys of one name, are one witness.
pub(crate) fn check(witnesses: &[WitnessAt]) -> Result<(), String> {
    for (at, one) in witnesses.iter().enumerate() {
        let mut before = witnesses.iter().take(at);
        if before.any(|other| other.key.is_same_signer(&one.key)) {
            return Err(format!("--witness {} is given twice.", one.key.name()));
        }
    }
    Ok(())
}

/// The way to the witnesses.
#[derive(Clone)]
pub(crate) struct Witnesses {
    all: Arc<[WitnessAt]>,
    agent: Agent,
}

impl Witnesses {
    /// Those of the configuration.
    ///
    /// Errors: certificates that cannot be read.
    pub(crate) fn open(all: &[WitnessAt], authority: Option<&Path>) -> anyhow::Result<Self> {
        let roots = authority.map_or(Ok(RootCerts::WebPki), read_roots)?;
        let way = Way::builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(32 * 1024)
            .max_idle_connections(0)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .user_agent("Timeproof")
            .build();
        Ok(Self { all: all.into(), agent: way.new_agent() })
    }

    /// Tells the log who they are, where that has changed.
    ///
    /// Errors: what the directory says.
    pub(crate) async fn announce(&self, app: &App) -> anyhow::Result<()> {
        let keys = self.all.iter().map(|one| one.key.to_string()).collect();
        Ok(app.set_witnesses(keys).await?)
    }

    /// A task for each, to be run until the server stops.
    pub(crate) fn tasks(
        &self,
        app: &App,
        stop: &watch::Receiver<bool>,
    ) -> Vec<impl Future<Output = ()> + Send + 'static> {
        let attend =
            |one: &WitnessAt| attend(app.clone(), self.agent.clone(), one.clone(), stop.clone());
        self.all.iter().map(attend).collect()
    }
}

fn read_roots(path: &Path) -> anyhow::Result<RootCerts> {
    let named = || format!("--witness-ca {}", path.display());
    let found = CertificateDer::pem_file_iter(path).with_context(named)?;
    let found = found.collect::<Result<Vec<_>, _>>().with_context(named)?;
    anyhow::ensure!(!found.is_empty(), "{} holds no certificate", path.display());
    let owned = found.iter().map(|one| Certificate::from_der(one).to_owned());
    Ok(RootCerts::Specific(Arc::new(owned.collect())))
}

/// Asks a witness whenever there is something to ask. After failures the wait doubles, up to a minute.
async fn attend(app: App, agent: Agent, witness: WitnessAt, mut stop: watch::Receiver<bool>) {
    let (mut failures, mut is_first) = (0_u32, true);
    while !*stop.borrow_and_update() {
        failures = match turn(&app, &agent, &witness, is_first).await {
            Ok(true) => {
                is_first = false;
                0
            }
            Ok(false) => failures.saturating_add(1),
            Err(error) => {
                let (name, error) = (witness.key.name(), format!("{error:#}"));
                tracing::error!(witness = name, error, "a witness cannot be asked");
                failures.saturating_add(1)
            }
        };
        // By looks of a second each, so that a clock that was set changes nothing.
        for _ in 0..(1_u64 << failures.min(10)).min(LONGEST_WAIT_S) {
            tokio::select! {
                _ = stop.changed() => return,
                () = sleep(TICK) => {}
            }
        }
    }
}

/// Asks what there is to ask; whether it went well.
async fn turn(
    app: &App,
    agent: &Agent,
    witness: &WitnessAt,
    is_first: bool,
) -> anyhow::Result<bool> {
    for _ in 0..AT_ONCE {
        let Some(question) = app.question(&witness.key, is_first).await? else { return Ok(true) };
        let (agent, url) = (agent.clone(), witness.url.clone());
        let (body, log) = (question.body(), log_word(&question.origin()?));
        let asked = tokio::task::spawn_blocking(move || ask(&agent, &url, body, &log));
        match hear(app, question, asked.await?).await? {
            Heard::Cosigned | Heard::Halted => return Ok(true),
            Heard::AskAgain => {}
            Heard::Failed(failure) => {
                let name = witness.key.name();
                tracing::warn!(witness = name, why = failure.as_str(), "a head is not cosigned");
                return Ok(false);
            }
        }
    }
    Ok(false)
}

async fn hear(app: &App, question: Question, answer: Answer) -> anyhow::Result<Heard> {
    Ok(app.hear_witness(question, answer).await?)
}

fn ask(agent: &Agent, url: &str, body: String, log: &str) -> Answer {
    let asked = agent.post(format!("{url}/add-checkpoint")).send(body);
    let mut answer = match asked {
        Ok(answer) => answer,
        Err(error) => {
            tracing::debug!(%error, "a witness is not reached");
            return Answer::Failed(Failure::NotReached);
        }
    };
    let status = answer.status().as_u16();
    let Some(body) = text(&mut answer) else { return Answer::Failed(Failure::Unreadable) };
    match status {
        200 => Answer::Cosigned(body),
        403 => Answer::Failed(Failure::NotBelieved),
        404 => Answer::Failed(Failure::UnknownLog),
        409 => Answer::Conflict(size(&answer, &body), shown(agent, url, log)),
        422 => Answer::Inconsistent(shown(agent, url, log)),
        _ => Answer::Failed(Failure::Unreadable),
    }
}

/// The size in an answer 409, by the letter of `tlog-witness`.
fn size(answer: &Response<ureq::Body>, body: &str) -> Option<u64> {
    let kind = answer.headers().get("content-type")?.to_str().ok()?;
    let number = body.strip_suffix('\n').filter(|_| kind == "text/x.tlog.size")?;
    let is_plain = number == "0" || !number.starts_with(['0', '+']);
    number.parse().ok().filter(|_| is_plain)
}

/// The head that the witness has, where it shows it: ours do.
fn shown(agent: &Agent, url: &str, log: &str) -> Option<String> {
    let mut answer = agent.get(format!("{url}/checkpoint/{log}")).call().ok()?;
    if answer.status() == 200 { text(&mut answer) } else { None }
}

fn text(answer: &mut Response<ureq::Body>) -> Option<String> {
    let body = answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().ok()?;
    String::from_utf8(body).ok()
}

#[cfg(test)]
mod tests {
    use ledger::Signer;

    use super::*;

    fn key(seed: u8, name: &str, kind: Kind) -> Verifier {
        Signer::new(name, kind, &[seed; 32]).unwrap().verifier().clone()
    }

    #[test]
    fn a_witness_is_a_key_and_an_address() {
        let (witness, log) = (key(1, "w.example", Kind::Witness), key(1, "w.example", Kind::Log));
        for (text, is_fine) in [
            (format!("{witness} https://w.example"), true),
            (format!("{witness} https://w.example:8443/some/place/"), true),
            (format!("{witness} http://localhost:8421"), true),
            (format!("{witness} http://[::1]:8421"), true),
            (format!("{witness} http://w.example"), false),
            (format!("{witness} https://user@w.example"), false),
            (format!("{witness} https://w.example/?x"), false),
            (format!("{witness} ftp://w.example"), false),
            (format!("{witness} w.example"), false),
            (format!("{log} https://w.example"), false),
            (witness.to_string(), false),
            ("https://w.example".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(WitnessAt::parse(&text).is_ok(), is_fine, "{text}");
        }
    }

    #[test]
    fn one_witness_under_two_names_is_one() {
        let at = |seed, name: &str| {
            WitnessAt::parse(&format!("{} https://w.example", key(seed, name, Kind::Witness)))
                .unwrap()
        };
        assert!(check(&[at(1, "a.example"), at(2, "b.example")]).is_ok());
        assert!(check(&[at(1, "a.example"), at(1, "b.example")]).is_err());
        assert!(check(&[at(1, "a.example"), at(2, "a.example")]).is_err());
    }
}
