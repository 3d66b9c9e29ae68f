//! Deliver letters: claim a few, send each, and say what became of it.
//!
//! A letter is claimed for two minutes before it is sent and marked after it, so a crash between the
//! two sends it again, with the same Message-ID, and none is ever lost.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use app::{
    App,
    identity::{
        Claimed, ClaimedLetter, Failure, claim_due_letters, has_due_letters, mark_failed, mark_sent,
    },
};
use futures_util::{StreamExt, stream::FuturesUnordered};
use jiff::Timestamp;
use tokio::time::timeout;

use crate::mail::{MailFolder, Mailer, NotSent};

/// Letters sent side by side.
const AT_ONCE: usize = 8;

/// How often it is looked whether a letter has come, while others are being sent.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The longest that a letter may take: less than its claim lasts.
const LONGEST: Duration = Duration::from_secs(90);

/// Sends all letters that are due; how many arrived at the mail server. One that takes long keeps no
/// other waiting, also none that comes meanwhile. For a pretended one the same is done without sending,
/// so that nobody feels of which of the two kinds it was.
pub(super) async fn deliver(app: &App, mailer: &Arc<Mailer>) -> anyhow::Result<usize> {
    let (mut sending, mut sent) = (FuturesUnordered::new(), 0);
    let mut outcome = Ok(());
    loop {
        let free = AT_ONCE.saturating_sub(sending.len());
        // What is being sent is finished, whatever went wrong elsewhere.
        let claimed = if outcome.is_ok() { claim(app, free).await } else { Ok(Claimed::default()) };
        match claimed {
            Ok(Claimed { letters, pretended }) => {
                let letters = letters.into_iter().map(Task::Send);
                let tasks = letters.chain(pretended.into_iter().map(Task::Pretend));
                sending.extend(tasks.map(|task| carry_out(app, mailer, task)));
            }
            Err(error) => outcome = Err(error),
        }
        if sending.is_empty() {
            return outcome.map(|()| sent);
        }
        match timeout(LOOK_EVERY, sending.next()).await {
            Ok(Some(Ok(is_sent))) => sent += usize::from(is_sent),
            Ok(Some(Err(error))) => outcome = outcome.and(Err(error)),
            Ok(None) | Err(_) => {}
        }
    }
}

/// Claims so many letters that are due, if any are: looking costs no flush of the disk.
async fn claim(app: &App, most: usize) -> anyhow::Result<Claimed> {
    let request = app.new_request();
    if most == 0 || !app.read_directory(request, has_due_letters).await? {
        return Ok(Claimed::default());
    }
    let most = i64::try_from(most)?;
    Ok(app.write_directory(request, move |op| claim_due_letters(op, most)).await?)
}

/// Removes old letters from the mail folder.
pub(super) async fn empty(folder: Arc<MailFolder>, now: Timestamp) -> anyhow::Result<usize> {
    let emptied = tokio::task::spawn_blocking(move || folder.empty(now)).await?;
    emptied.context("the mail folder")
}

/// What is done for a row of the outbox.
enum Task {
    Send(ClaimedLetter),
    Pretend(ClaimedLetter),
}

/// Whether a letter arrived at the mail server.
async fn carry_out(app: &App, mailer: &Arc<Mailer>, task: Task) -> anyhow::Result<bool> {
    match task {
        Task::Send(letter) => send(app, mailer, letter).await,
        Task::Pretend(letter) => pretend(app, mailer, letter).await.map(|()| false),
    }
}

/// Does the work of sending, and sends nothing. Whether it went well is all the same.
async fn pretend(app: &App, mailer: &Arc<Mailer>, letter: ClaimedLetter) -> anyhow::Result<()> {
    let (id, now) = (letter.id, app.clock().now());
    let mailer = Arc::clone(mailer);
    let pretending = tokio::task::spawn_blocking(move || mailer.pretend(&letter, now));
    if let Ok(ended) = timeout(LONGEST, pretending).await {
        ended.context("pretending a letter")?;
    }
    app.write_directory(app.new_request(), move |op| mark_sent(op, id)).await?;
    // A line as for a letter: writing it takes time too.
    tracing::info!(letter = %id, kind = "none", "nothing to send");
    Ok(())
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
