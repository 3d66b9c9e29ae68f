//! One file a command. Each gets a session that has made contact if it can, and writes its answer.

mod add;
mod continue_entry;
mod edit;
mod find;
mod log;
mod login;
mod logout;
mod spool;
mod start;
mod status;
mod stop;
mod sync;
mod unsigned;
mod verify;

#[cfg(test)]
mod tests;

use clap::CommandFactory;
use wire::time_entry::TimeEntry;

use crate::arguments::{Arguments, Command, MayMake};
use crate::cache::Names;
use crate::config::{Config, Credentials};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::http::{Http, Transport};
use crate::line::Line;
use crate::machine::Machine;
use crate::names::Found;
use crate::print::{self, Output, Paint};
use crate::session::{Session, Submitted};
use crate::spool::{Draft, Span, TagRef, Target};

/// Carries a command out.
pub(crate) fn run(
    command: Command,
    environment: &Environment,
    machine: &dyn Machine,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match command {
        Command::Completions(wanted) => {
            // Into memory first: it panics when it cannot write.
            let mut script = Vec::new();
            let mut command = Arguments::command();
            clap_complete::generate(wanted.shell, &mut command, "tp", &mut script);
            return output.line(String::from_utf8_lossy(&script).trim_end());
        }
        Command::Login(wanted) => return login::run(&wanted, environment, machine, output),
        Command::Logout => return logout::run(environment, output),
        Command::Verify(wanted) => return verify::run(&wanted, machine.now(), output),
        _ => {}
    }
    if let Some(path) = Config::exposed(&environment.config_folder) {
        let path = path.display();
        output
            .note(&format!("others on this machine can read your token in {path}: chmod 600 it."));
    }
    let config = Config::load(&environment.config_folder)?;
    let credentials = match Credentials::find(environment, config.as_ref()) {
        Err(why @ Failure::SignedOut(_)) => {
            return unsigned::run(&command, environment, machine, why, output);
        }
        found => found?,
    };
    let http = Http::new(&credentials)?;
    run_with(command, environment, machine, credentials, &http, output)
}

/// Carries a command out that talks to the server, over any transport.
fn run_with(
    command: Command,
    environment: &Environment,
    machine: &dyn Machine,
    credentials: Credentials,
    transport: &dyn Transport,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let opened = Session::open(machine, environment, credentials, transport, output);
    let session = &mut match opened {
        Err(why @ (Failure::SignedOut(_) | Failure::Offline(_))) => {
            return unsigned::run(&command, environment, machine, why, output);
        }
        opened => opened?,
    };
    match command {
        Command::Start(wanted) => start::run(session, &wanted, output),
        Command::Stop(wanted) => stop::run(session, &wanted, output),
        Command::Status => status::run(session, output),
        Command::Log(wanted) => log::run(session, &wanted, output),
        Command::Add(wanted) => add::run(session, &wanted, output),
        Command::Edit(wanted) => edit::run(session, &wanted, output),
        Command::Continue(wanted) => continue_entry::run(session, &wanted, output),
        Command::Sync => sync::run(session, output),
        Command::Spool(wanted) => spool::run(session, &wanted, output),
        Command::Completions(_) | Command::Login(_) | Command::Logout | Command::Verify(_) => {
            Ok(())
        }
    }
}

/// The entry a line describes. With contact, names that are not known and not to be made are refused
/// at once; otherwise they are kept and looked up when the entry is sent.
fn draft(
    session: &mut Session<'_>,
    line: &Line,
    span: Span,
    may_make: MayMake,
) -> Result<Draft, Failure> {
    look_again(session, |names| {
        let target = line.target.as_ref();
        target.is_some_and(|path| names.find_target(path) == Found::Nothing)
            || line.tags.iter().any(|tag| names.find_tag(tag).is_none())
    });
    let target = match &line.target {
        None => Target::Nothing,
        Some(path) => {
            let is_refused = session.is_online() && !may_make.project;
            target(session, path, is_refused.then(|| session.cache.why_unknown(path)))?
        }
    };
    let names = &session.cache.names;
    let mut tags = Vec::new();
    for name in &line.tags {
        tags.push(match names.find_tag(name) {
            Some(id) => TagRef::Known { id },
            None if session.is_online() && !may_make.tags => {
                return Err(Failure::refused(
                    "unknown_tag",
                    format!("There is no tag #{name} yet. --create-tags makes it."),
                ));
            }
            None => TagRef::Named { name: name.clone() },
        });
    }
    Ok(Draft {
        note: line.note.clone(),
        target,
        tags,
        create_tags: may_make.tags,
        create_project: may_make.project,
        billable: line.billable,
        span,
    })
}

/// Asks for the names again when one is missing: perhaps it is new. Should the connection end now,
/// it is looked up when the entry is sent.
fn look_again(session: &mut Session<'_>, is_missing: impl Fn(&Names) -> bool) {
    if session.is_online() && is_missing(&session.cache.names) {
        let now = session.machine.now();
        if session.cache.ask_names(&session.api, now).is_ok() {
            session.save();
        }
    }
}

/// What a path of names is. One that is not known is refused with these words, or kept as it is.
fn target(
    session: &Session<'_>,
    path: &[String],
    why_unknown: Option<String>,
) -> Result<Target, Failure> {
    match session.cache.names.find_target(path) {
        Found::One { project_id, task_id } => Ok(Target::Known { project_id, task_id }),
        Found::Several(labels) => Err(Failure::refused(
            "ambiguous_project",
            format!("@{} can be {}.", path.join("/"), labels.join(", ")),
        )),
        Found::Nothing => match why_unknown {
            Some(why) => Err(Failure::refused("unknown_project", why)),
            None => Ok(Target::Named { path: path.to_vec() }),
        },
    }
}

/// `client/project/task`, or `none`.
fn typed_target(session: &mut Session<'_>, typed: &str) -> Result<Target, Failure> {
    if typed.eq_ignore_ascii_case("none") {
        return Ok(Target::Nothing);
    }
    let typed = typed.trim_start_matches('@');
    let line = crate::line::read_line(
        &format!("@{}", quoted(typed)),
        &session.wall(),
        session.cache.bare_number(),
    )?;
    match line.target {
        Some(path) => {
            look_again(session, |names| names.find_target(&path) == Found::Nothing);
            let names = &session.cache.names;
            let why_unknown = session.is_online().then(|| names.why_unknown(&path, None));
            target(session, &path, why_unknown)
        }
        None => Err(Failure::usage("Name a project, or \"none\".")),
    }
}

/// With each name in quotes, so that names with spaces can be typed as an option's value.
fn quoted(path: &str) -> String {
    if path.contains(['"', '\\']) {
        return path.to_owned();
    }
    let names: Vec<String> = path.split('/').map(|name| format!("\"{}\"", name.trim())).collect();
    names.join("/")
}

/// Says what became of an entry that was typed.
fn tell(
    session: &Session<'_>,
    did: &str,
    submitted: &Submitted,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    match submitted {
        Submitted::Done(Some(entry)) => tell_entry(session, did, entry, output),
        Submitted::Done(None) if output.is_json => {
            output.json(&serde_json::json!({ "deleted": true }))
        }
        Submitted::Done(None) => output.line("Done, and deleted elsewhere since."),
        Submitted::Kept { id, why } => {
            let waiting = session.waiting()?;
            if output.is_json {
                return output.json(&serde_json::json!({
                    "kept": { "id": id, "why": why, "waiting": waiting.len() }
                }));
            }
            let kept = output.paint(Paint::Yellow, "Kept here");
            let act = waiting.iter().find(|spooled| spooled.waiting.id == *id);
            let what = match act {
                Some(spooled) => spool::what(session, &spooled.waiting, &waiting),
                None => did.to_owned(),
            };
            let short = find::shown(*id, &session.spool.list()?);
            output.line(&format!("{kept}  {what}  [{short}]"))?;
            output.note(&format!(
                "{why}. {count} for the next command that has a connection, or `tp sync`.",
                why = why.trim_end_matches('.'),
                count = crate::session::counted(
                    waiting.len(),
                    "action is waiting",
                    "actions are waiting"
                )
            ));
            Ok(())
        }
    }
}

/// An entry, with what was done to it.
fn tell_entry(
    session: &Session<'_>,
    did: &str,
    entry: &TimeEntry,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if output.is_json {
        return output.json(entry);
    }
    let now = session.now();
    let did = output.paint(Paint::Bold, &capital(did));
    let today = session.cache.today(now);
    let day =
        if entry.day == today { String::new() } else { format!("{}  ", print::day(entry.day)) };
    let line = print::entry_line(entry, &session.cache, now);
    output.line(&format!("{did}  {day}{line}"))
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
