//! What can be done without being signed in, or before the first contact: see what waits, and give
//! it up.

use domain::day::{Zone, local_day};

use super::find::shown;
use super::spool::{find, other_account, sending_alone, show_each, tell_given_up};
use crate::arguments::{Command, SpoolCommand};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::machine::Machine;
use crate::print::{self, Output, Paint};
use crate::session::counted;
use crate::spool::{Spool, Spooled, Waiting};

/// Errors: `why` there is no account, for what needs one.
pub(super) fn run(
    command: &Command,
    environment: &Environment,
    machine: &dyn Machine,
    why: Failure,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match command {
        Command::Spool(wanted) => {
            let spool = Spool::open(environment.state_folder.join("spool"))?;
            match &wanted.command {
                None => show(&spool, &why, output),
                Some(SpoolCommand::Resolve(wanted)) => {
                    let spooled = find(&spool, &wanted.id)?;
                    if !wanted.discard {
                        return Err(other_account(&spooled.waiting));
                    }
                    discard(&spool, machine, &spooled, output)
                }
            }
        }
        Command::Status => {
            let spool = Spool::open(environment.state_folder.join("spool"))?;
            let waiting = spool.list()?.len();
            if waiting > 0 {
                let count = counted(waiting, "action is waiting", "actions are waiting");
                output.note(&format!("{count} to be sent: see `tp spool`."));
            }
            Err(why)
        }
        _ => Err(why),
    }
}

fn show(spool: &Spool, why: &Failure, output: &mut Output<'_>) -> Result<(), Failure> {
    show_each(spool, output, lines)?;
    output.note(&why.to_string());
    Ok(())
}

/// An act as it was typed: what its names and times are is known with its account only.
fn lines(waiting: &Waiting, all: &[Spooled], output: &Output<'_>) -> Vec<String> {
    let id = output.paint(Paint::Dim, &shown(waiting.id, all));
    let day = print::day(local_day(waiting.made_at, &Zone::UTC));
    let clock = print::clock(waiting.made_at, &Zone::UTC);
    let typed = print::clean(&waiting.typed);
    let url = &waiting.account.url;
    vec![
        format!("{id}  {typed}  (typed {day} {clock} UTC)"),
        format!("          for the account at {url}: waits until you sign in there"),
    ]
}

/// Gives up what was never sent. What may have arrived is asked for first, by its own account.
fn discard(
    spool: &Spool,
    machine: &dyn Machine,
    spooled: &Spooled,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let _lock = sending_alone(spool, machine)?;
    let Some(waiting) = spool.get(&spooled.name)? else {
        return Err(Failure::refused("not_found", "It has been sent in this moment."));
    };
    if waiting.request.is_some() {
        return Err(other_account(&waiting));
    }
    spool.give_up(&spooled.name, waiting.id)?;
    tell_given_up(waiting.id, &print::clean(&waiting.typed), output)
}
