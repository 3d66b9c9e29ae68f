//! `timeproof`: the server and the operator's commands.

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use server::{
    commands::{
        self,
        ledger::NewEpoch,
        operator::{MaybeOperator, OperatorCommand},
        run_book::RunBookCommand,
        support::SupportCommand,
    },
    config::Config,
};

/// A sixth of an entry's time went to the allocator of the C library.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A self-hosted time tracker for teams, with proof.
#[derive(Debug, Parser)]
#[command(name = "timeproof", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    config: Config,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve (what happens without a command).
    Serve,
    /// Serve a demo: a small studio with twelve weeks of work, in a folder of its own.
    Demo,
    /// Print a fresh link: to sign in as EMAIL (valid for 30 minutes), or to set a workspace up (the
    /// first one, or a further one). Works while the server runs, and needs no mail.
    Link {
        /// Who wants to sign in.
        email: Option<String>,
        /// A link to set a further workspace up with, by somebody new or by a member of another one.
        #[arg(long, conflicts_with = "email")]
        new_workspace: bool,
    },
    /// Keep somebody from signing in: ends their sessions, API tokens and open pages at once, also
    /// while the server runs. Their memberships and their time stay.
    Disable {
        /// Who.
        email: String,
    },
    /// Let somebody sign in again who was disabled.
    Enable {
        /// Who.
        email: String,
    },
    /// Let somebody back in who has lost every second factor: they are removed after a day, in which
    /// the person and the owners of their workspaces, who are all told by mail, can stop it.
    Recover {
        /// Who.
        email: String,
    },
    /// Let everybody into a workspace again, however they sign in and from wherever: for owners whom its
    /// sign-in policy keeps out. All owners are told by mail.
    OpenPolicy {
        /// The workspace's id or name.
        workspace: String,
    },
    /// Have somebody choose another password when they next sign in with theirs: it may be known to
    /// somebody.
    RenewPassword {
        /// Who.
        email: String,
    },
    /// Export everything of a workspace in open formats: JSON lines, CSV, and a manifest.
    Export {
        /// The workspace's id or name.
        workspace: String,
        /// An empty folder, or one that does not exist yet [default: timeproof-export-ID].
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
        #[command(flatten)]
        who: MaybeOperator,
    },
    /// Copy everything into a new folder, also while the server runs: databases, keyring, root key.
    /// `timeproof --data DIR` starts on the copy.
    Copy {
        /// An empty folder, or one that does not exist yet.
        dir: PathBuf,
    },
    /// Restore a copy into an empty PostgreSQL (--database-url), its keys into a new folder (--data).
    Restore {
        /// The folder that `timeproof copy` made.
        dir: PathBuf,
    },
    /// Serve as a witness of other servers' logs: it cosigns their heads, and only those that go on from
    /// the ones it has seen. Best on another host, run by somebody else.
    Witness {
        /// The keys of the logs, as the address /ledger/keys of their servers says them.
        #[arg(value_name = "LOG")]
        logs: Vec<String>,
        /// What the witness is called, such as the name of its host; at the first start.
        #[arg(long)]
        name: Option<String>,
    },
    /// What is done to the ledger by hand.
    #[command(subcommand)]
    Ledger(Ledger),
    /// Say who runs the instance, by name: each gets a secret of their own, which the commands below ask
    /// for.
    Operator {
        #[command(subcommand)]
        what: OperatorCommand,
    },
    /// Look into a workspace, once an owner lets you: ask for it, open it, end it.
    Support {
        #[command(subcommand)]
        what: SupportCommand,
    },
    /// Open a run-book: for four hours, commands that reach a workspace work, and each stands in its record.
    RunBook {
        #[command(subcommand)]
        what: RunBookCommand,
    },
    /// Fill an empty folder for `cargo xtask bench`.
    #[command(hide = true)]
    Seed {
        /// So many entries in the demo's workspace.
        #[arg(long, default_value_t = 0)]
        entries: u32,
        /// So many empty workspaces.
        #[arg(long, default_value_t = 0)]
        workspaces: u32,
    },
}

#[derive(Debug, Subcommand)]
enum Ledger {
    /// Have the ledger go on from an older state that was put back: under another name, with a first leaf
    /// that tells it. Works while the server runs.
    NewEpoch(NewEpoch),
}

impl Command {
    /// Its name, for the log.
    const fn word(&self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Demo => "demo",
            Self::Link { .. } => "link",
            Self::Disable { .. } => "disable",
            Self::Enable { .. } => "enable",
            Self::Recover { .. } => "recover",
            Self::OpenPolicy { .. } => "open-policy",
            Self::RenewPassword { .. } => "renew-password",
            Self::Export { .. } => "export",
            Self::Copy { .. } => "copy",
            Self::Restore { .. } => "restore",
            Self::Witness { .. } => "witness",
            Self::Ledger(_) => "ledger",
            Self::Operator { .. } => "operator",
            Self::Support { .. } => "support",
            Self::RunBook { .. } => "run-book",
            Self::Seed { .. } => "seed",
        }
    }
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    arguments.config.command = arguments.command.as_ref().map_or("serve", Command::word);
    let outcome = match arguments.command {
        None | Some(Command::Serve) => commands::serve::run(arguments.config),
        Some(Command::Demo) => commands::demo::run(arguments.config),
        Some(Command::Copy { dir }) => commands::copy::run(&arguments.config, &dir),
        Some(Command::Restore { dir }) => commands::restore::run(&arguments.config, &dir),
        Some(Command::Export { workspace, to, who }) => {
            commands::export::run(&arguments.config, &workspace, to, &who)
        }
        Some(Command::Disable { email }) => commands::person::disable(&arguments.config, &email),
        Some(Command::Enable { email }) => commands::person::enable(&arguments.config, &email),
        Some(Command::Recover { email }) => commands::recover::run(&arguments.config, &email),
        Some(Command::OpenPolicy { workspace }) => {
            commands::open_policy::run(&arguments.config, &workspace)
        }
        Some(Command::RenewPassword { email }) => {
            commands::person::renew_password(&arguments.config, &email)
        }
        Some(Command::Link { email, new_workspace }) => {
            commands::link::run(&arguments.config, email.as_deref(), new_workspace)
        }
        Some(Command::Ledger(Ledger::NewEpoch(wanted))) => {
            commands::ledger::run(&arguments.config, &wanted)
        }
        Some(Command::Witness { logs, name }) => {
            commands::witness::run(arguments.config, name.as_deref(), &logs)
        }
        Some(Command::Operator { what }) => commands::operator::run(&arguments.config, &what),
        Some(Command::Support { what }) => commands::support::run(&arguments.config, what),
        Some(Command::RunBook { what }) => commands::run_book::run(&arguments.config, &what),
        Some(Command::Seed { entries, workspaces }) => {
            commands::seed::run(&arguments.config, entries, workspaces)
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}
