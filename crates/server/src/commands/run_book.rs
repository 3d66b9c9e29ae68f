//! `timeproof run-book`: for a few hours, commands reach workspaces, with a name, a reason and a ticket.

use anyhow::bail;
use app::{
    App, Error, Refusal,
    operator::{OpenRunBook, RUN_BOOK_HOURS, close_run_book, find_run_book, open_run_book},
};
use clap::Subcommand;

use super::{
    operator::{AsOperator, name_of, with_app},
    say,
};
use crate::config::Config;

/// What can be typed behind `timeproof run-book`.
#[derive(Debug, Subcommand)]
pub enum RunBookCommand {
    /// Open one, in the place of any that is open. It closes by itself after four hours; each command that
    /// reaches a workspace meanwhile stands in its record, with your name, the reason and the ticket.
    Open {
        #[command(flatten)]
        who: AsOperator,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Where that is written down.
        #[arg(long)]
        ticket: String,
    },
    /// Close it.
    Close,
    /// Say whether one is open.
    Show,
}

/// Opens, closes or shows the run-book, whether a server runs on this data or not.
///
/// Errors: a name and a secret that do not belong together; a database that cannot be opened.
pub fn run(config: &Config, command: &RunBookCommand) -> anyhow::Result<()> {
    with_app(config, async |app| match command {
        RunBookCommand::Open { who, reason, ticket } => open(&app, who, reason, ticket).await,
        RunBookCommand::Close => close(&app).await,
        RunBookCommand::Show => show(&app).await,
    })
}

async fn open(app: &App, who: &AsOperator, reason: &str, ticket: &str) -> anyhow::Result<()> {
    let operator = who.show(app).await?;
    let (reason, ticket) = (name_of("reason", reason)?, name_of("ticket", ticket)?);
    let open = OpenRunBook { operator, reason, ticket };
    let open = app.write_directory(app.new_request(), move |op| open_run_book(op, &open));
    let until = open.await?.closes_at.strftime("%Y-%m-%d %H:%M UTC");
    say(&format!(
        "Open until {until} ({RUN_BOOK_HOURS} hours). Close it when you are done: timeproof run-book \
         close"
    ));
    Ok(())
}

async fn close(app: &App) -> anyhow::Result<()> {
    let was_open = app.write_directory(app.new_request(), close_run_book).await?;
    say(if was_open { "Closed." } else { "None was open." });
    Ok(())
}

async fn show(app: &App) -> anyhow::Result<()> {
    let found = app.read_directory(app.new_request(), find_run_book).await?;
    say(&match found {
        Some(book) => format!(
            "Open until {}, by {}: {} ({})",
            book.closes_at.strftime("%Y-%m-%d %H:%M UTC"),
            book.operator.name,
            book.reason,
            book.ticket
        ),
        None => "None is open.".to_owned(),
    });
    Ok(())
}

/// What is said of a command that reaches a workspace without a run-book.
///
/// Errors: a sentence that says what to do; any other error as it is.
pub(super) fn reached(outcome: Result<(), Error>, or_grant: &str) -> anyhow::Result<()> {
    match outcome {
        Err(Error::Refused(Refusal::NoRunBook)) => bail!(
            "This reaches a workspace, and no run-book is open. Open one: timeproof run-book open --as \
             NAME --reason TEXT --ticket TEXT{or_grant}"
        ),
        outcome => Ok(outcome?),
    }
}
