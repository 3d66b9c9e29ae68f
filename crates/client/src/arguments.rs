//! What can be typed behind `tp`.

use clap::{Args, Parser, Subcommand};

/// Track time from the command line, also without a connection.
#[derive(Debug, Parser)]
#[command(
    name = "tp",
    version,
    about,
    after_help = "A line says note, @client/project/task, #tag, $ and time in any order, in quotes \
                  for the shell:\n  tp add '1:30 standup @northwind/planning #meeting $'\n\n\
                  Exit codes: 0 done, or kept to be sent later; 1 refused; 2 not understood; \
                  3 no connection; 4 not signed in; 5 trouble on this machine."
)]
pub(crate) struct Arguments {
    /// Write JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in to a server: confirm a code in the browser
    Login(Login),
    /// Forget the token on this machine; what waits to be sent stays
    Logout,
    /// Start the timer
    Start(Start),
    /// Stop the timer
    Stop(Stop),
    /// Show the timer, today's total and what waits
    Status,
    /// List entries by day
    Log(Log),
    /// Add an entry from one line
    Add(Add),
    /// Change an entry
    Edit(Edit),
    /// Start the timer with what an entry says; the last one when none is named
    Continue(Continue),
    /// Send what waits
    Sync,
    /// Show what waits, and decide about it
    Spool(SpoolArguments),
    /// Check an export, or a receipt, without a server
    Verify(Verify),
    /// Print completions for a shell
    Completions(Completions),
}

#[derive(Debug, Args)]
pub(crate) struct Login {
    /// The address of the server, such as https://time.example.org
    pub(crate) url: Option<String>,
    /// Read a personal access token from the standard input instead of asking for one
    #[arg(long)]
    pub(crate) token: bool,
    /// Certificates (PEM) to trust instead of the web's
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<std::path::PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Start {
    /// What is being done: note @client/project/task #tag $
    pub(crate) line: Vec<String>,
    /// When it began: 9:00, -15m, "yesterday 22:00"
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
    #[command(flatten)]
    pub(crate) may_make: MayMake,
}

// What a line may make besides its entry. No doc comment: it would be the help of the commands.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(crate) struct MayMake {
    /// Make tags that do not exist yet
    #[arg(short = 'c', long = "create-tags")]
    pub(crate) tags: bool,
    /// Make the project that does not exist yet, with its client and task, if you may
    #[arg(long = "create-project")]
    pub(crate) project: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// When it ended: 17:00, -15m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// One day: today, yesterday, mon, 2026-11-20
    #[arg(long, value_name = "DAY", num_args = 0..=1, default_missing_value = "today",
          conflicts_with_all = ["week", "first", "last"])]
    pub(crate) day: Option<String>,
    /// The week of a day
    #[arg(long, value_name = "DAY", num_args = 0..=1, default_missing_value = "today",
          conflicts_with_all = ["first", "last"])]
    pub(crate) week: Option<String>,
    /// From this day on
    #[arg(long, value_name = "DAY")]
    pub(crate) first: Option<String>,
    /// Up to and with this day; today when left out
    #[arg(long, value_name = "DAY", requires = "first")]
    pub(crate) last: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// 1:30 standup @northwind/planning #meeting $; read from the standard input when left out
    pub(crate) line: Vec<String>,
    #[command(flatten)]
    pub(crate) may_make: MayMake,
}

#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The entry: its id, or the last digits of it as `tp log` shows them
    pub(crate) id: String,
    #[arg(long)]
    pub(crate) note: Option<String>,
    /// client/project/task, or "none"
    #[arg(long, value_name = "PATH")]
    pub(crate) project: Option<String>,
    /// The tags it shall have; "none" for none
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// When it began; a time of day is of the entry's day
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) start: Option<String>,
    /// When it ended
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) stop: Option<String>,
    /// How long it took: 1:30, 90m
    #[arg(long, conflicts_with = "stop")]
    pub(crate) duration: Option<String>,
    /// The day it belongs to
    #[arg(long, conflicts_with_all = ["start", "stop"])]
    pub(crate) day: Option<String>,
    #[arg(long, conflicts_with = "not_billable")]
    pub(crate) billable: bool,
    #[arg(long)]
    pub(crate) not_billable: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Continue {
    /// The entry: its id, or the last digits of it
    pub(crate) id: Option<String>,
    /// When it went on: 9:00, -15m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SpoolArguments {
    #[command(subcommand)]
    pub(crate) command: Option<SpoolCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SpoolCommand {
    /// Decide about an entry that cannot be sent as it is
    Resolve(Resolve),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("decision").required(true).multiple(false))]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of the command line, and one of them is given"
)]
pub(crate) struct Resolve {
    /// The entry: its id, or the last digits of it as `tp spool` shows them
    pub(crate) id: String,
    /// Do it all the same: start although another timer runs, stop although it was stopped, or just try again
    #[arg(long, group = "decision")]
    pub(crate) keep: bool,
    /// Give it up
    #[arg(long, group = "decision")]
    pub(crate) discard: bool,
    /// Book it on client/project/task, or on "none"
    #[arg(long, value_name = "PATH", group = "decision")]
    pub(crate) project: Option<String>,
    /// Say when it ended: a start becomes a finished entry
    #[arg(long, value_name = "TIME", group = "decision", allow_hyphen_values = true)]
    pub(crate) until: Option<String>,
    /// Make its project, with its client and task, if you may
    #[arg(long, group = "decision")]
    pub(crate) create_project: bool,
    /// Make its tags
    #[arg(long, group = "decision")]
    pub(crate) create_tags: bool,
    /// Leave out its tags that are not known
    #[arg(long, group = "decision")]
    pub(crate) without_tags: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The folder of an export, or a receipt
    pub(crate) path: std::path::PathBuf,
    /// A head of the log that you have kept; more than one can be given
    #[arg(long = "checkpoint", value_name = "FILE")]
    pub(crate) checkpoints: Vec<std::path::PathBuf>,
    /// The key of the log as you were given it; the one in the export when left out
    #[arg(long = "key", value_name = "LINE-OR-FILE")]
    pub(crate) keys: Vec<String>,
    /// The key of a witness that must have cosigned
    #[arg(long = "witness", value_name = "LINE-OR-FILE")]
    pub(crate) witnesses: Vec<String>,
    /// How old a cosignature may be, such as 1h or 2d
    #[arg(long, value_name = "DURATION", value_parser = age)]
    pub(crate) fresh: Option<jiff::SignedDuration>,
    /// What the receipt is of; what it brings along when left out
    #[arg(long, value_name = "FILE")]
    pub(crate) leaf: Option<std::path::PathBuf>,
}

/// A number and a unit: seconds, minutes, hours or days.
fn age(text: &str) -> Result<jiff::SignedDuration, String> {
    let unit = match text.chars().last() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3_600,
        Some('d') => 86_400,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    let is_plain =
        !number.is_empty() && number.len() < 7 && number.bytes().all(|b| b.is_ascii_digit());
    match number.parse::<i64>() {
        Ok(number) if is_plain && unit > 0 => Ok(jiff::SignedDuration::from_secs(number * unit)),
        _ => Err("a number and s, m, h or d, such as 1h".to_owned()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Completions {
    pub(crate) shell: clap_complete::Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn lines_and_options_mix() {
        let read = Arguments::try_parse_from([
            "tp",
            "start",
            "standup",
            "@northwind",
            "--at",
            "-15m",
            "#a",
            "$",
            "--json",
        ]);
        let Command::Start(start) = read.unwrap().command else { panic!("not a start") };
        assert_eq!(start.line, ["standup", "@northwind", "#a", "$"]);
        assert_eq!(start.at.as_deref(), Some("-15m"));
    }

    #[test]
    fn one_decision_at_a_time() {
        for words in
            [&["--keep"][..], &["--project", "x"], &["--create-project"], &["--until", "9:00"]]
        {
            let all = ["tp", "spool", "resolve", "1234"].iter().chain(words);
            assert!(Arguments::try_parse_from(all).is_ok());
        }
        for words in [&[][..], &["--keep", "--discard"]] {
            let all = ["tp", "spool", "resolve", "1234"].iter().chain(words);
            assert!(Arguments::try_parse_from(all).is_err());
        }
    }
}
