//! The jobs: how they are called, how often they run, and what they do.

use app::{
    App, Error,
    identity::{has_due_intentions, has_due_letters, sweep},
};
use jiff::SignedDuration;

/// A job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Job {
    /// Sends letters that are due.
    Mail,
    /// Ends what is past in the directory, and deletes what nobody needs any more.
    Directory,
    /// Finishes or undoes acts over two databases that were cut short.
    Acts,
    /// Relays events of the directory into workspaces.
    Relay,
    /// Removes what has been in the trash for 30 days.
    Trash,
    /// Removes letters from the mail folder that are older than a day.
    MailFolder,
    /// Removes log files that are kept no longer.
    Logs,
    /// Tallies wrong passwords, and looks whether many accounts are guessed at.
    Guesses,
    /// Gives events their places in the ledgers, and signs the heads.
    Ledger,
    /// The same for the instance's own log.
    InstanceLog,
    /// Keeps heads elsewhere, and compares them.
    Anchors,
    /// Mails heads to owners, each week.
    HeadLetters,
    /// Counts what is done, and tells owners what is unusual.
    Anomalies,
}

impl Job {
    pub(super) const ALL: [Self; 13] = [
        Self::Mail,
        Self::Directory,
        Self::Acts,
        Self::Relay,
        Self::Trash,
        Self::MailFolder,
        Self::Logs,
        Self::Guesses,
        Self::Ledger,
        Self::InstanceLog,
        Self::Anchors,
        Self::HeadLetters,
        Self::Anomalies,
    ];

    /// The stable word: of its lease, and on the board.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Directory => "directory",
            Self::Acts => "acts",
            Self::Relay => "relay",
            Self::Trash => "trash",
            Self::MailFolder => "mail_folder",
            Self::Logs => "logs",
            Self::Guesses => "guesses",
            Self::Ledger => "ledger",
            Self::InstanceLog => "instance_log",
            Self::Anchors => "anchors",
            Self::HeadLetters => "head_letters",
            Self::Anomalies => "anomalies",
        }
    }

    /// The time between two runs.
    pub(super) const fn every(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Mail | Self::Ledger => 1,
            Self::Relay | Self::InstanceLog => 2,
            Self::Guesses | Self::Anomalies => 10,
            Self::Acts => 30,
            Self::Directory | Self::Logs | Self::Anchors => 60,
            Self::MailFolder => 600,
            Self::Trash | Self::HeadLetters => 3600,
        })
    }

    /// The wait before the first run, so that a start is not slowed down.
    pub(super) const fn first_after(self) -> SignedDuration {
        SignedDuration::from_secs(match self {
            Self::Mail | Self::Guesses | Self::Logs | Self::Anchors => 0,
            Self::Relay | Self::Ledger | Self::InstanceLog => 1,
            Self::MailFolder | Self::Acts => 5,
            Self::Directory | Self::Anomalies => 10,
            Self::Trash | Self::HeadLetters => 300,
        })
    }

    /// How long a node that runs it has it for itself. None: it is each node's own affair. Heads that are
    /// to be logged are known to the node alone that signed them.
    pub(super) const fn lease_s(self) -> Option<u32> {
        match self {
            Self::Mail | Self::Relay | Self::Ledger => Some(5),
            Self::Acts | Self::Anomalies => Some(30),
            Self::Directory => Some(60),
            Self::Trash => Some(3600),
            Self::HeadLetters => Some(300),
            Self::MailFolder | Self::Logs | Self::Guesses | Self::InstanceLog | Self::Anchors => {
                None
            }
        }
    }

    /// Whether a commit that wrote a letter runs it at once.
    pub(super) const fn is_woken(self) -> bool {
        matches!(self, Self::Mail)
    }

    /// Whether there is anything to do: asked by reading, since a lease costs a flush of the disk.
    pub(super) async fn has_work(self, app: &App) -> Result<bool, Error> {
        let request = app.new_request();
        match self {
            Self::Mail => app.read_directory(request, has_due_letters).await,
            Self::Acts => app.read_directory(request, has_due_intentions).await,
            Self::Relay => app.has_unrelayed_events().await,
            Self::Directory
            | Self::Trash
            | Self::MailFolder
            | Self::Logs
            | Self::Guesses
            | Self::Anchors
            | Self::HeadLetters => Ok(true),
            Self::Ledger => app.has_unsequenced_events().await,
            Self::InstanceLog => app.has_unlogged().await,
            Self::Anomalies => Ok(app.has_uncounted_activity()),
        }
    }

    /// Runs the jobs that are the application's alone; how many things were done.
    pub(super) async fn run(self, app: &App) -> Result<usize, Error> {
        match self {
            Self::Directory => app.write_directory(app.new_request(), sweep).await.map(|()| 0),
            Self::Acts => app.sweep_intentions().await,
            Self::Relay => app.relay_directory_events().await,
            Self::Trash => app.purge_all_trash().await,
            Self::Guesses => app.watch_guesses().await.map(|()| 0),
            Self::HeadLetters => app.mail_heads().await,
            Self::Mail
            | Self::MailFolder
            | Self::Logs
            | Self::Ledger
            | Self::InstanceLog
            | Self::Anomalies
            | Self::Anchors => Ok(0),
        }
    }
}
