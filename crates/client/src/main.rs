//! `tp`: Timeproof on the command line, also without a connection.
//!
//! A command is a file in `commands`. What is typed is on the disk (`spool`) before it goes to the
//! server, so that nothing is lost and nothing is done twice. `line` reads the one-line entry by the
//! grammar of `domain`, `names` finds what its names mean, `cache` holds what was last known. The
//! rules of time tracking are the server's; `docs/tp.md` is the manual. `verify` checks exports, and
//! believes no server.

mod api;
mod arguments;
mod cache;
mod commands;
mod config;
mod environment;
mod failure;
mod files;
mod http;
mod line;
mod machine;
mod moment;
mod names;
mod print;
mod session;
mod spool;
mod tls;
mod verify;

#[cfg(test)]
mod fake_server;
#[cfg(test)]
mod testing;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::print::Output;

fn main() -> ExitCode {
    // Unknown options, --help and --version end here.
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let is_json = arguments.json;
    let mut notes = io::stderr().lock();
    match run(arguments, &mut notes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = tell(&failure, is_json, &mut notes);
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(arguments: Arguments, notes: &mut dyn Write) -> Result<(), Failure> {
    // Fails only when there is one already.
    let _ = tls::provider().install_default();
    let environment = environment::Environment::read()?;
    let machine = machine::ThisMachine::new()?;
    let mut stdout = io::stdout().lock();
    let mut output = Output {
        is_json: arguments.json,
        has_colours: environment.has_colours && !arguments.json,
        out: &mut stdout,
        notes,
    };
    commands::run(arguments.command, &environment, &machine, &mut output)
}

/// Says why it failed: a sentence, or JSON with the stable code.
fn tell(failure: &Failure, is_json: bool, notes: &mut dyn Write) -> io::Result<()> {
    if matches!(failure, Failure::Closed | Failure::Found) {
        return Ok(());
    }
    if is_json {
        let error = serde_json::json!({
            "error": { "code": failure.code(), "message": failure.to_string() }
        });
        return writeln!(notes, "{error}");
    }
    writeln!(notes, "tp: {failure}")
}
