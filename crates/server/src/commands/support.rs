//! `timeproof support`: ask an owner to look into a workspace, and do so once they let one.

use anyhow::{Context, bail};
use app::{
    App, Error,
    support::{AskSupport, MOST_MINUTES},
};
use clap::Subcommand;
use domain::{
    ids::{SupportId, WorkspaceId},
    support::Areas,
};

use super::{
    operator::{AsOperator, name_of, with_app},
    say,
};
use crate::{config::Config, data_folder};

/// What can be typed behind `timeproof support`.
#[derive(Debug, Subcommand)]
pub enum SupportCommand {
    /// Ask the owners of a workspace to let you look into it. They are told by mail.
    Ask {
        /// The workspace's id.
        #[arg(long)]
        workspace: String,
        #[command(flatten)]
        who: AsOperator,
        /// Why; the owners read it.
        #[arg(long)]
        reason: String,
        /// Where that is written down.
        #[arg(long)]
        ticket: String,
        /// What to reach: `all`, or some of time, reports, projects, people, settings, record, export,
        /// with commas between them.
        #[arg(long)]
        scope: String,
        /// For how long, at most.
        #[arg(long, default_value_t = MOST_MINUTES)]
        minutes: i64,
        /// To change what is reached too, and not only read it.
        #[arg(long)]
        write: bool,
        /// No owner can be reached: a second operator confirms it, and a day later it can be opened.
        #[arg(long, conflicts_with = "write")]
        no_owner: bool,
    },
    /// Confirm, as a second operator, what another one has asked with --no-owner.
    Confirm {
        /// What `ask` has printed.
        id: String,
        #[command(flatten)]
        who: AsOperator,
    },
    /// Print a link that opens what an owner has given. It works once, for ten minutes.
    Open {
        /// What `ask` has printed.
        id: String,
        #[command(flatten)]
        who: AsOperator,
    },
    /// End it.
    End {
        /// What `ask` has printed.
        id: String,
        #[command(flatten)]
        who: AsOperator,
    },
}

/// Asks for support access, opens or ends it, whether a server runs on this data or not.
///
/// Errors: a name and a secret that do not belong together; what the rules refuse; a database that
/// cannot be opened.
pub fn run(config: &Config, command: SupportCommand) -> anyhow::Result<()> {
    let base_url = data_folder::address(config)?;
    with_app(config, async |app| match command {
        ask @ SupportCommand::Ask { .. } => self::ask(&app, ask, &base_url).await,
        SupportCommand::Confirm { id, who } => confirm(&app, &id, &who, &base_url).await,
        SupportCommand::Open { id, who } => open(&app, &id, &who, &base_url).await,
        SupportCommand::End { id, who } => end(&app, &id, &who).await,
    })
}

async fn ask(app: &App, command: SupportCommand, base_url: &str) -> anyhow::Result<()> {
    let SupportCommand::Ask { workspace, who, reason, ticket, scope, minutes, write, no_owner } =
        command
    else {
        return Ok(());
    };
    let operator = who.show(app).await?;
    // By its id alone: an operator without a grant reads no names.
    let workspace: WorkspaceId = workspace.trim().parse().context(
        "--workspace is the workspace's id: it stands in the address of each of its pages, behind /w/",
    )?;
    let areas = Areas::parse(&scope).context(
        "--scope is `all`, or some of time, reports, projects, people, settings, record and export, with \
         commas between them",
    )?;
    let ask = AskSupport {
        operator,
        reason: name_of("reason", &reason)?,
        ticket: name_of("ticket", &ticket)?,
        areas,
        minutes,
        may_write: write,
        without_owner: no_owner,
    };
    let asked = app.ask_support(app.new_request(), workspace, ask, base_url).await;
    let asked = in_words(asked, "There is no workspace with this id.")?;
    let id = format!("{workspace}.{}", asked.id);
    say(&format!("Asked: {id}"));
    say(&if no_owner {
        format!(
            "All owners are told by mail. A second operator confirms it: timeproof support confirm {id} \
             --as NAME. A day after that: timeproof support open {id} --as NAME"
        )
    } else {
        format!(
            "All owners are told by mail, and decide on the page “Support access”. Then: timeproof \
             support open {id} --as NAME"
        )
    });
    Ok(())
}

async fn confirm(app: &App, id: &str, who: &AsOperator, base_url: &str) -> anyhow::Result<()> {
    let (operator, (workspace, id)) = (who.show(app).await?, read_id(id)?);
    let request = app.new_request();
    let confirmed = app.confirm_support(request, workspace, id, operator, base_url).await;
    let support = in_words(confirmed, NOT_THERE)?;
    let opens_at = support.confirmed.context("it is not confirmed")?.opens_at;
    say(&format!(
        "Confirmed. All owners are told by mail; unless one refuses, it can be opened from {} on.",
        opens_at.strftime("%Y-%m-%d %H:%M UTC")
    ));
    Ok(())
}

async fn open(app: &App, id: &str, who: &AsOperator, base_url: &str) -> anyhow::Result<()> {
    let (operator, (workspace, id)) = (who.show(app).await?, read_id(id)?);
    let request = app.new_request();
    let made = app.make_support_link(request, workspace, id, operator, base_url).await;
    let made = in_words(made, NOT_THERE)?;
    let base = base_url.trim_end_matches('/');
    say(&format!("Look: {base}/support/{workspace}.{}", made.secret.expose()));
    let until = made.support.granted.context("it is not given")?.ends_at;
    say(&format!(
        "The link works once, for ten minutes. What it opens ends at {}.",
        until.strftime("%H:%M UTC")
    ));
    Ok(())
}

async fn end(app: &App, id: &str, who: &AsOperator) -> anyhow::Result<()> {
    let (operator, (workspace, id)) = (who.show(app).await?, read_id(id)?);
    let ended = app.end_support(app.new_request(), workspace, id, operator).await;
    let was_open = in_words(ended, NOT_THERE)?;
    say(if was_open { "Ended." } else { "It was not open." });
    Ok(())
}

const NOT_THERE: &str =
    "There is no such request of yours. Give what `timeproof support ask` has printed.";

/// The workspace and the request, as `ask` prints them.
fn read_id(text: &str) -> anyhow::Result<(WorkspaceId, SupportId)> {
    let parts = text.trim().split_once('.');
    let ids = parts.and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    ids.context(NOT_THERE)
}

/// What the rules refuse, as a sentence.
fn in_words<T>(outcome: Result<T, Error>, not_there: &'static str) -> anyhow::Result<T> {
    match outcome {
        Ok(done) => Ok(done),
        Err(Error::NotFound) => bail!(not_there),
        Err(Error::Refused(refusal)) => bail!(refusal.sentence()),
        Err(Error::Invalid(fields)) => {
            let why: Vec<_> = fields.0.into_iter().map(|field| field.message).collect();
            bail!(why.join(" "))
        }
        Err(error) => Err(error.into()),
    }
}
