//! `timeproof`: the server and the operator's commands.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::{commands, config::Config};

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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.command {
        None | Some(Command::Serve) => commands::serve::run(arguments.config),
        Some(Command::Demo) => commands::demo::run(arguments.config),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            commands::complain(&error);
            ExitCode::FAILURE
        }
    }
}
