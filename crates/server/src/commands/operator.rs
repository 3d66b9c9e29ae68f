//! `timeproof operator`: who runs the instance, by name, each with a secret of their own.

use std::io::{self, BufRead};

use anyhow::{Context, bail};
use app::{
    App, Error, Refusal,
    operator::{Operator, add_operator, authenticate_operator, list_operators, remove_operator},
};
use clap::{Args, Subcommand};
use domain::text::Name;

use super::{require_data, say, serve};
use crate::config::{Config, Hidden};

/// What can be typed behind `timeproof operator`.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Add somebody, and print their secret. It is shown this once.
    Add {
        /// What they are called in the records of workspaces.
        name: String,
    },
    /// Take somebody's secret away. What they have open ends by itself; end it first where it must end now.
    Remove {
        /// Who.
        name: String,
    },
    /// List who is there.
    List,
}

/// Which operator gives a command, with their secret.
#[derive(Debug, Args)]
pub struct AsOperator {
    /// Your name as an operator; your secret is read from TIMEPROOF_OPERATOR_SECRET, else from a line of
    /// the standard input.
    #[arg(long = "as", value_name = "NAME")]
    name: String,
    #[command(flatten)]
    secret: FromEnvironment,
}

/// The operator who gives a command that goes without one, too.
#[derive(Debug, Args)]
pub struct MaybeOperator {
    /// Your name as an operator, where an owner has let you: your secret is read from
    /// TIMEPROOF_OPERATOR_SECRET, else from a line of the standard input.
    #[arg(long = "as", value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    secret: FromEnvironment,
}

#[derive(Debug, Args)]
struct FromEnvironment {
    /// For the environment: the command line is seen by others.
    #[arg(long, env = "TIMEPROOF_OPERATOR_SECRET", hide = true, hide_env_values = true)]
    operator_secret: Option<Hidden>,
}

/// Adds, removes or lists operators, whether a server runs on this data or not.
///
/// Errors: a name that is taken, or that nobody has; a database that cannot be opened.
pub fn run(config: &Config, command: &OperatorCommand) -> anyhow::Result<()> {
    with_app(config, async |app| match command {
        OperatorCommand::Add { name } => add(&app, name).await,
        OperatorCommand::Remove { name } => remove(&app, name).await,
        OperatorCommand::List => list(&app).await,
    })
}

async fn add(app: &App, text: &str) -> anyhow::Result<()> {
    let name = name_of("name", text)?;
    let added = app.write_directory(app.new_request(), move |op| add_operator(op, &name)).await;
    match added {
        Ok(secret) => {
            say(&format!("Secret of {}: {}", text.trim(), secret.expose()));
            say("It is shown this once. Keep it where only they read it.");
            Ok(())
        }
        Err(Error::Refused(Refusal::NameTaken)) => bail!("There is an operator of this name."),
        Err(error) => Err(error.into()),
    }
}

async fn remove(app: &App, text: &str) -> anyhow::Result<()> {
    let name = name_of("name", text)?;
    let gone = app.write_directory(app.new_request(), move |op| remove_operator(op, &name)).await;
    match gone {
        Ok(()) => {
            say(&format!("Removed: {}. Their secret works no more.", text.trim()));
            Ok(())
        }
        Err(Error::NotFound) => bail!("There is no operator of this name."),
        Err(error) => Err(error.into()),
    }
}

async fn list(app: &App) -> anyhow::Result<()> {
    let operators = app.read_directory(app.new_request(), list_operators).await?;
    if operators.is_empty() {
        say("There is no operator yet. Add one: timeproof operator add NAME");
    }
    for operator in operators {
        say(&operator.name);
    }
    Ok(())
}

impl AsOperator {
    /// The operator, once they have shown their secret.
    ///
    /// Errors: a name and a secret that do not belong together.
    pub(super) async fn show(&self, app: &App) -> anyhow::Result<Operator> {
        show(app, &self.name, &self.secret).await
    }
}

impl MaybeOperator {
    /// The operator, where one is named.
    ///
    /// Errors: a name and a secret that do not belong together.
    pub(super) async fn show(&self, app: &App) -> anyhow::Result<Option<Operator>> {
        let Some(name) = &self.name else { return Ok(None) };
        show(app, name, &self.secret).await.map(Some)
    }
}

async fn show(app: &App, name: &str, secret: &FromEnvironment) -> anyhow::Result<Operator> {
    let secret = match &secret.operator_secret {
        Some(secret) => secret.expose().to_owned(),
        None => read_secret()?,
    };
    let name = name_of("as", name)?;
    let known = app
        .read_directory(app.new_request(), move |op| authenticate_operator(op, &name, &secret))
        .await;
    match known {
        Ok(operator) => Ok(operator),
        Err(Error::Refused(refusal)) => {
            bail!("{} For a new one: timeproof operator add NAME", refusal.sentence())
        }
        Err(error) => Err(error.into()),
    }
}

fn read_secret() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("the standard input")?;
    if line.trim().is_empty() {
        bail!(
            "Give your secret in TIMEPROOF_OPERATOR_SECRET, or as a line of the standard input. It was \
             printed by: timeproof operator add NAME"
        );
    }
    Ok(line)
}

/// A text of the command line that is sealed and shown as it is.
///
/// Errors: a sentence for an empty text, or one that is too long.
pub(super) fn name_of(option: &'static str, text: &str) -> anyhow::Result<Name> {
    match app::input::name(option, text) {
        Ok(name) => Ok(name),
        Err(Error::Invalid(fields)) => {
            let why: Vec<_> = fields.0.into_iter().map(|field| field.message).collect();
            bail!("--{option}: {}", why.join(" "))
        }
        Err(error) => Err(error.into()),
    }
}

/// Opens the data, whether a server runs on it or not.
pub(super) fn with_app(
    config: &Config,
    work: impl AsyncFnOnce(App) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    serve::prepare(config)?;
    require_data(config)?;
    serve::block_on(async { work(serve::open(config).await?).await })
}
