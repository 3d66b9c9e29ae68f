//! One run of the program: who asks, what is known, whether the server answers, and what waits.

use std::path::PathBuf;

use domain::interval::truncate_to_second;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use wire::time_entry::TimeEntry;

use crate::api::{Api, CallError, bare, signed_out};
use crate::cache::Cache;
use crate::config::Credentials;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::http::Transport;
use crate::machine::Machine;
use crate::moment::Wall;
use crate::print::Output;
use crate::spool::{
    Account, Act, FORMAT, LocalTimer, Refresh, Report, Sender, Spool, Spooled, Waiting, local_timer,
};

/// Whether the server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Contact {
    Online,
    /// It does not, and why.
    Offline(String),
    /// It does, and does not accept the token.
    SignedOut,
}

/// One run.
pub(crate) struct Session<'a> {
    pub(crate) machine: &'a dyn Machine,
    pub(crate) api: Api<'a>,
    pub(crate) cache: Cache,
    pub(crate) spool: Spool,
    pub(crate) account: Account,
    pub(crate) contact: Contact,
    credentials: Credentials,
    state_folder: PathBuf,
}

/// What became of an act just typed.
#[derive(Debug)]
pub(crate) enum Submitted {
    /// The server has it; none when it was deleted already.
    Done(Option<Box<TimeEntry>>),
    /// It waits here.
    Kept { id: Uuid, why: String },
}

impl<'a> Session<'a> {
    /// Makes contact, and sends what waits.
    ///
    /// Errors: there is no contact and never was one, so not even the day is known.
    pub(crate) fn open(
        machine: &'a dyn Machine,
        environment: &Environment,
        credentials: Credentials,
        transport: &'a dyn Transport,
        output: &mut Output<'_>,
    ) -> Result<Self, Failure> {
        let state_folder = environment.state_folder.clone();
        let api = Api::new(transport);
        let known = Cache::load(&state_folder, &credentials)?;
        let asked = Cache::ask(&api, credentials.workspace_id, known.clone(), machine.now());
        let (cache, contact) = match (asked, known) {
            (Ok(cache), _) => (cache, Contact::Online),
            (Err(CallError::Later { why, .. } | CallError::Broken(why)), Some(known)) => {
                (known, Contact::Offline(why))
            }
            (Err(CallError::SignedOut), Some(known)) => (known, Contact::SignedOut),
            (Err(CallError::Later { why, .. }), None) => {
                return Err(Failure::Offline(format!(
                    "{} cannot be used now: {}. tp needs one contact with the server before it can \
                     keep entries offline; nothing was kept.",
                    credentials.url,
                    bare(&why)
                )));
            }
            (Err(error), _) => return Err(error.into_failure()),
        };
        let account = Account {
            url: credentials.url.clone(),
            workspace_id: cache.workspace.id,
            member_id: cache.me.id,
        };
        let spool = Spool::open(state_folder.join("spool"))?;
        let mut session =
            Self { machine, api, cache, spool, account, contact, credentials, state_folder };
        if session.contact == Contact::Online {
            if let Some(date) = session.api.date() {
                // Later than that date was, by the way of the answer: rather behind than ahead of the
                // server, which refuses its future.
                let now = machine.now();
                session.cache.ahead_ms = date.as_millisecond().saturating_sub(now.as_millisecond());
            }
            session.save();
            let report = session.send(None)?;
            session.tell(&report, output)?;
        }
        Ok(session)
    }

    /// Where the words of a line are fixed to days and instants.
    pub(crate) fn wall(&self) -> Wall {
        Wall { now: self.now(), zone: self.cache.zone() }
    }

    /// Now by the server's clock, as far as it is known, because clocks differ: it refuses what lies
    /// in its future, and a timer that begins by the one clock and ends by the other is measured
    /// wrong. Without contact it is what it was at the last.
    pub(crate) fn now(&self) -> Timestamp {
        let now = self.machine.now();
        now.checked_add(SignedDuration::from_millis(self.cache.ahead_ms)).unwrap_or(now)
    }

    /// [`Session::now`] in whole seconds, for a start or a stop.
    pub(crate) fn now_s(&self) -> Timestamp {
        truncate_to_second(self.now())
    }

    pub(crate) fn workspace(&self) -> Uuid {
        self.account.workspace_id
    }

    pub(crate) fn is_online(&self) -> bool {
        self.contact == Contact::Online
    }

    /// Errors: there is no contact.
    pub(crate) fn require_online(&self) -> Result<(), Failure> {
        match &self.contact {
            Contact::Online => Ok(()),
            Contact::Offline(why) => {
                Err(Failure::Offline(format!("This cannot be done now: {}.", bare(why))))
            }
            Contact::SignedOut => Err(signed_out()),
        }
    }

    /// Keeps what is known for the next time. That it cannot be written is no reason to say that an
    /// entry was not made: it would be typed again.
    pub(crate) fn save(&self) {
        let _ = self.cache.save(&self.state_folder, &self.credentials);
    }

    /// What waits for this account.
    pub(crate) fn waiting(&self) -> Result<Vec<Spooled>, Failure> {
        let mut all = self.spool.list()?;
        all.retain(|spooled| spooled.waiting.account == self.account);
        Ok(all)
    }

    /// The timer, by what the server told and what waits.
    pub(crate) fn timer(&self) -> Result<Option<LocalTimer>, Failure> {
        Ok(local_timer(self.cache.timer.as_ref(), &self.waiting()?))
    }

    /// Puts an act on the disk, then sends it when there is contact. When this returns without an
    /// error, the act is the server's or waits; neither is lost.
    ///
    /// Errors: the server's no; then the act is nowhere.
    pub(crate) fn submit(&mut self, id: Uuid, act: Act, typed: &str) -> Result<Submitted, Failure> {
        let waiting = Waiting {
            format: FORMAT,
            id,
            account: self.account.clone(),
            made_at: self.now(),
            typed: typed.to_owned(),
            act,
            request: None,
            question: None,
            is_decided: false,
        };
        let Err(trouble) = self.spool.push(&waiting) else {
            return self.settle(&waiting, Some(id));
        };
        // Where it can be read it will be sent, even if the disk could not say that it is safe.
        if self.waiting()?.iter().all(|spooled| spooled.waiting.id != id) {
            return Err(trouble.into());
        }
        Ok(match self.settle(&waiting, Some(id))? {
            Submitted::Kept { id, .. } => Submitted::Kept { id, why: on_this_machine(&trouble) },
            done @ Submitted::Done(_) => done,
        })
    }

    /// Sends what waits, and says what became of an act that is on the disk; `direct` as for
    /// [`Session::send`]. This machine's trouble from here on takes nothing back: who is told "it
    /// failed" types again what is made already.
    ///
    /// Errors: the server's no, and trouble that left the act nowhere.
    pub(crate) fn settle(
        &mut self,
        act: &Waiting,
        direct: Option<Uuid>,
    ) -> Result<Submitted, Failure> {
        let id = act.id;
        match &self.contact {
            Contact::Online => {}
            Contact::Offline(why) => return Ok(Submitted::Kept { id, why: why.clone() }),
            Contact::SignedOut => {
                return Ok(Submitted::Kept { id, why: signed_out().to_string() });
            }
        }
        let (report, trouble) = match self.send(direct) {
            Ok(report) => (report, None),
            Err(Failure::Local(trouble)) => (Report::default(), Some(trouble)),
            Err(failure) => return Err(failure),
        };
        let why_waiting = report.why_waiting();
        if let Some(refused) = report.refused {
            return Err(refused);
        }
        if let Some((_, entry)) = report.done.into_iter().find(|(done, _)| *done == id) {
            return Ok(Submitted::Done(entry.map(Box::new)));
        }
        if let Some(left) = self.waiting()?.into_iter().find(|s| s.waiting.id == id) {
            let why = trouble
                .map(|trouble| on_this_machine(&trouble))
                .or_else(|| left.waiting.question.map(|question| question.message))
                .unwrap_or(why_waiting);
            return Ok(Submitted::Kept { id, why });
        }
        // Another tp has sent it in this moment; or the trouble came after the answer.
        let entry = self.api.time_entry(self.workspace(), act.entry_id().unwrap_or(id));
        match (entry, trouble) {
            (Ok(entry), _) => Ok(Submitted::Done(Some(Box::new(entry)))),
            (Err(_), None) => Ok(Submitted::Done(None)),
            (Err(_), Some(trouble)) => Err(trouble.into()),
        }
    }

    /// Sends what waits.
    pub(crate) fn send(&mut self, direct: Option<Uuid>) -> Result<Report, Failure> {
        let report = Sender {
            api: &self.api,
            spool: &self.spool,
            account: &self.account,
            cache: &mut self.cache,
            machine: self.machine,
            refreshed: Refresh::Possible,
        }
        .send_waiting(direct)?;
        if !report.done.is_empty() {
            self.save();
        }
        if report.is_signed_out {
            self.contact = Contact::SignedOut;
        } else if let Some(why) = report.postponed.as_ref().filter(|_| !report.is_busy) {
            self.contact = Contact::Offline(why.clone());
        }
        Ok(report)
    }

    /// Says beside the answer what was sent and what needs a decision.
    pub(crate) fn tell(&self, report: &Report, output: &mut Output<'_>) -> Result<(), Failure> {
        if !report.done.is_empty() {
            let count = report.done.len();
            output.note(&format!("sent {}.", counted(count, "waiting entry", "waiting entries")));
        }
        let all = self.spool.list()?;
        let mine = all.iter().filter(|s| s.waiting.account == self.account);
        let undecided = mine.filter(|s| s.waiting.question.is_some()).count();
        if undecided > 0 {
            let what = counted(undecided, "waiting entry needs", "waiting entries need");
            output.note(&format!("{what} your decision: see `tp spool`."));
        }
        Ok(())
    }
}

fn on_this_machine(trouble: &anyhow::Error) -> String {
    format!("trouble on this machine, {trouble:#}")
}

/// `1 entry`, `2 entries`
pub(crate) fn counted(count: usize, one: &str, several: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {several}") }
}
