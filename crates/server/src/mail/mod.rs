//! Sending mail: by SMTP, or, where no mail server is configured, to the terminal and a folder.
//!
//! Letters come out of the outbox (see `jobs/mail.rs`). Nothing here logs an address, a subject or
//! a text, and no answer of a mail server, since those repeat addresses.

mod folder;
mod relay;
mod smtp;

use std::sync::Arc;

use anyhow::Context;
use app::identity::{ClaimedLetter, Failure};
use jiff::Timestamp;

use crate::config::Config;
pub use folder::MailFolder;
pub use relay::{Relay, Security};
pub use smtp::Smtp;

/// Where letters go.
pub enum Mailer {
    /// To a mail server.
    Smtp(Box<Smtp>),
    /// To the terminal and the folder: for trying Timeproof out.
    Folder(Arc<MailFolder>),
}

/// Why a letter did not go out.
#[derive(Debug)]
pub struct NotSent {
    /// Whether it may work later.
    pub failure: Failure,
    /// For the log: holds no address and nothing of the letter.
    pub why: String,
}

impl Mailer {
    /// Makes ready what the configuration asks for. Reads the certificates of `--smtp-ca`.
    ///
    /// Errors: a sentence that says what to do.
    pub fn open(config: &Config, folder: &Arc<MailFolder>) -> anyhow::Result<Self> {
        let Some(url) = &config.smtp else {
            return Ok(Self::Folder(Arc::clone(folder)));
        };
        let relay = Relay::parse(url.expose()).map_err(anyhow::Error::msg)?;
        let ca = config.smtp_ca.as_ref().map(|file| {
            std::fs::read(file).with_context(|| format!("--smtp-ca {}", file.display()))
        });
        let smtp = Smtp::open(&relay, &config.mail_from, ca.transpose()?.as_deref())?;
        Ok(Self::Smtp(Box::new(smtp)))
    }

    /// Sends a letter. Blocks, for up to a minute or so when the mail server is slow.
    ///
    /// Errors: a [`NotSent`]; the letter may have arrived all the same, when the line broke at the
    /// wrong moment.
    pub fn send(&self, letter: &ClaimedLetter, at: Timestamp) -> Result<(), NotSent> {
        match self {
            Self::Smtp(smtp) => smtp.send(letter, at),
            Self::Folder(folder) => folder.put(letter, at).map_err(|error| NotSent {
                failure: Failure::Temporary,
                why: format!("the mail folder: {error}"),
            }),
        }
    }

    /// Does what [`Mailer::send`] does, for a letter to nobody, as far as that is possible without sending.
    /// Blocks as long. What goes wrong is nobody's loss.
    pub fn pretend(&self, letter: &ClaimedLetter, at: Timestamp) {
        let done = match self {
            Self::Smtp(smtp) => smtp.pretend().map_err(|_| "the mail server"),
            Self::Folder(folder) => folder.pretend(letter, at).map_err(|_| "the mail folder"),
        };
        if let Err(what) = done {
            tracing::debug!(what, "pretending a letter failed");
        }
    }
}

/// Refuses settings of mail whose files cannot be read.
///
/// Errors: as [`Mailer::open`].
pub fn require_files(config: &Config) -> anyhow::Result<()> {
    let folder = Arc::new(MailFolder::below(config.data()));
    Mailer::open(config, &folder).map(drop)
}

/// Refuses settings of mail that cannot work.
///
/// Errors: a sentence that says what to do.
pub fn check(config: &Config) -> Result<(), String> {
    smtp::sender(&config.mail_from)?;
    match &config.smtp {
        Some(url) => Relay::parse(url.expose()).map(drop),
        None if config.smtp_ca.is_some() => {
            Err("--smtp-ca is for the mail server that --smtp names; give --smtp too.".to_owned())
        }
        None => Ok(()),
    }
}
