//! Deliver letters: claim a few, send each, and say what became of it.
//!
//! A letter is claimed for two minutes before it is sent and marked after it, so a crash between the
//! two sends it again, with the same Message-ID, and none is ever lost.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use app::{
    App,
    identity::{ClaimedLetter, Failure, claim_due_letters, mark_failed, mark_sent},
};
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::timeout;

use crate::mail::{MailFolder, Mailer, NotSent};

/// Letters sent side by side.
const AT_ONCE: i64 = 4;

/// The longest that a letter may take: less than its claim lasts.
const LONGEST: Duration = Duration::from_secs(90);

/// Sends all letters that are due; how many arrived at the mail server.
pub(super) async fn deliver(app: &App, mailer: &Arc<Mailer>) -> anyhow::Result<usize> {
    let mut sent = 0;
    loop {
        let request = app.new_request();
        let claimed = app.write_directory(request, |op| claim_due_letters(op, AT_ONCE)).await?;
        if claimed.is_empty() {
            return Ok(sent);
        }
        for outcome in join_all(claimed.into_iter().map(|letter| send(app, mailer, letter))).await {
            sent += usize::from(outcome?);
        }
    }
}

/// Removes old letters from the mail folder.
pub(super) async fn empty(folder: Arc<MailFolder>, now: Timestamp) -> anyhow::Result<usize> {
    let emptied = tokio::task::spawn_blocking(move || folder.empty(now)).await?;
    emptied.context("the mail folder")
}

/// Sends a letter; whether it arrived at the mail server.
async fn send(app: &App, mailer: &Arc<Mailer>, letter: ClaimedLetter) -> anyhow::Result<bool> {
    let (id, kind, now) = (letter.id, letter.kind.as_str(), app.clock().now());
    let mailer = Arc::clone(mailer);
    let sending = tokio::task::spawn_blocking(move || mailer.send(&letter, now));
    let outcome = match timeout(LONGEST, sending).await {
        Ok(outcome) => outcome.context("sending a letter")?,
        Err(_) => Err(NotSent {
            failure: Failure::Temporary,
            why: "the mail server takes too long".to_owned(),
        }),
    };
    let request = app.new_request();
    match outcome {
        Ok(()) => {
            app.write_directory(request, move |op| mark_sent(op, id)).await?;
            tracing::info!(letter = %id, kind, "letter sent");
            Ok(true)
        }
        Err(NotSent { failure, why }) => {
            app.write_directory(request, move |op| mark_failed(op, id, failure)).await?;
            tracing::warn!(letter = %id, kind, ?failure, why, "letter not sent");
            Ok(false)
        }
    }
}
