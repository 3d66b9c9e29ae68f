//! Sends what waits, in order, and keeps what cannot be sent.
//!
//! A start is sent late only when nothing else runs that was not known when it was typed; a stop
//! ends the entry that it was meant for, and no other. Both are looked up first, because the server
//! cannot know what somebody meant an hour ago.

use uuid::Uuid;
use wire::problem::Problem;
use wire::time_entry::TimeEntry;

use super::request::Obstacle;
use super::{Account, Act, Frozen, Question, Spool, Spooled, Waiting};
use crate::api::{Api, CallError, signed_out};
use crate::cache::Cache;
use crate::failure::{Failure, sentence};
use crate::machine::Machine;

/// What is needed to send.
pub(crate) struct Sender<'a> {
    pub(crate) api: &'a Api<'a>,
    pub(crate) spool: &'a Spool,
    pub(crate) account: &'a Account,
    pub(crate) cache: &'a mut Cache,
    pub(crate) machine: &'a dyn Machine,
    /// Whether the names were asked for in this run.
    pub(crate) refreshed: Refresh,
}

/// Whether names that are not found may be new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refresh {
    /// Ask before saying that a name is unknown.
    Possible,
    /// They have just been asked for.
    Done,
}

/// What became of what waited.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// The acts that are done, with the entry each left; none when it was deleted since.
    pub(crate) done: Vec<(Uuid, Option<TimeEntry>)>,
    /// How many need a decision since now.
    pub(crate) asked: usize,
    /// The server's no to the act that was just typed.
    pub(crate) refused: Option<Failure>,
    /// Why the rest still waits.
    pub(crate) postponed: Option<String>,
    /// Whether that is because another process sends: there is contact all the same.
    pub(crate) is_busy: bool,
    /// What the server stumbled over; the rest went on.
    pub(crate) stuck: Option<String>,
    /// Whether that is because the token is not accepted.
    pub(crate) is_signed_out: bool,
}

impl Report {
    /// Why something still waits that needs no decision.
    pub(crate) fn why_waiting(&self) -> String {
        let why = self.postponed.as_ref().or(self.stuck.as_ref());
        why.cloned().unwrap_or_else(|| "it waits for another entry".to_owned())
    }
}

/// What became of one act.
pub(super) enum Delivery {
    Done(Option<TimeEntry>),
    Refused(Question),
    Postponed(String),
    /// The server stumbles over it: it waits, and those behind it need not.
    Stuck(String),
    SignedOut,
    /// Another process has dealt with it.
    Gone,
}

/// What there is before sending.
enum Prepared {
    Ready(Frozen),
    Ended(Delivery),
    /// It was stopped or decided about in this moment: read it again.
    Changed,
}

impl Sender<'_> {
    /// Sends all that waits for this account. `direct` was typed just now: the server's no to it is
    /// told and not kept, since whoever typed it is looking.
    ///
    /// Errors: this machine's trouble only.
    pub(crate) fn send_waiting(&mut self, direct: Option<Uuid>) -> Result<Report, Failure> {
        let mut report = Report::default();
        if !self.has_some()? {
            return Ok(report);
        }
        let Some(_lock) = self.spool.lock_sending(self.machine)? else {
            report.postponed = Some("another tp is sending".to_owned());
            report.is_busy = true;
            return Ok(report);
        };
        let undecided_before = self.undecided()?;
        self.absorb_stops()?;
        loop {
            self.send_each(direct, &mut report)?;
            // A start that was just refused may have its stop behind it: together they can go.
            if report.postponed.is_some() || !self.absorb_stops()? {
                break;
            }
        }
        report.asked = self.undecided()?.saturating_sub(undecided_before);
        Ok(report)
    }

    /// Whether anything waits for this account.
    fn has_some(&self) -> Result<bool, Failure> {
        Ok(self.spool.list()?.iter().any(|spooled| spooled.waiting.account == *self.account))
    }

    fn undecided(&self) -> Result<usize, Failure> {
        let all = self.spool.list()?;
        Ok(all.iter().filter(|s| s.waiting.question.is_some()).count())
    }

    fn send_each(&mut self, direct: Option<Uuid>, report: &mut Report) -> Result<(), Failure> {
        for Spooled { name, waiting } in self.spool.list()? {
            if waiting.account != *self.account
                || waiting.question.is_some()
                || self.must_wait_for_another(&waiting)?
            {
                continue;
            }
            let is_direct = direct == Some(waiting.id);
            match self.deliver(&name, is_direct)? {
                Delivery::Done(entry) => {
                    self.spool.remove(&name)?;
                    if let Some(entry) = &entry {
                        self.cache.remember(entry);
                    }
                    report.done.push((waiting.id, entry));
                }
                Delivery::Refused(question) if is_direct => {
                    self.spool.remove(&name)?;
                    report.refused = Some(Failure::refused(&question.code, question.message));
                }
                Delivery::Refused(question) => {
                    self.ask(&name, question)?;
                }
                Delivery::Gone => {}
                Delivery::Stuck(why) => report.stuck = Some(why),
                Delivery::Postponed(why) => {
                    report.postponed = Some(why);
                    break;
                }
                Delivery::SignedOut => {
                    report.postponed = Some(signed_out().to_string());
                    report.is_signed_out = true;
                    break;
                }
            }
        }
        Ok(())
    }

    /// Keeps an act with the question it raises. The request is forgotten: the server refused it, so
    /// it made nothing, and another one may follow.
    fn ask(&self, name: &str, question: Question) -> Result<(), Failure> {
        self.spool.change(name, |waiting| {
            waiting.question = Some(question);
            waiting.request = None;
            waiting.is_decided = false;
            true
        })?;
        Ok(())
    }

    /// Makes one finished entry of a start that was never sent and its stop. Killed in between, the
    /// stop finds an entry that ends when it says, and is done. Says whether there was one.
    fn absorb_stops(&self) -> Result<bool, Failure> {
        let mut has_absorbed = false;
        let all = self.spool.list()?;
        for stop in &all {
            let Act::Stop { entry_id: Some(id), stopped_at, .. } = stop.waiting.act else {
                continue;
            };
            let Some(start) = all.iter().find(|other| other.waiting.id == id) else {
                continue;
            };
            let mut is_finished = false;
            self.spool.change(&start.name, |waiting| {
                is_finished = waiting.finish(stopped_at);
                is_finished
            })?;
            if is_finished {
                self.spool.remove(&stop.name)?;
                has_absorbed = true;
            }
        }
        Ok(has_absorbed)
    }

    /// A stop waits while its start needs a decision.
    fn must_wait_for_another(&self, waiting: &Waiting) -> Result<bool, Failure> {
        let Act::Stop { entry_id: Some(id), .. } = waiting.act else {
            return Ok(false);
        };
        let all = self.spool.list()?;
        Ok(all.iter().any(|other| other.waiting.id == id))
    }

    fn deliver(&mut self, name: &str, is_direct: bool) -> Result<Delivery, Failure> {
        let Some(waiting) = self.spool.get(name)? else {
            return Ok(Delivery::Gone);
        };
        match &waiting.act {
            Act::Entry(_) => self.deliver_entry(name, waiting, is_direct),
            Act::Stop { .. } => self.deliver_stop(name, &waiting),
        }
    }

    fn deliver_entry(
        &mut self,
        name: &str,
        waiting: Waiting,
        is_direct: bool,
    ) -> Result<Delivery, Failure> {
        let was_sent = waiting.request.is_some();
        let request = match self.prepare(name, &waiting, is_direct)? {
            Prepared::Ready(request) => request,
            Prepared::Ended(delivery) => return Ok(delivery),
            Prepared::Changed => return self.deliver(name, is_direct),
        };
        match self.api.post_text(&request.path, &request.body) {
            Ok(entry) if entry.id == waiting.id => {
                self.learn_names(&entry);
                Ok(Delivery::Done(Some(entry)))
            }
            Ok(_) => Ok(Delivery::Postponed("the server answered with another entry".to_owned())),
            Err(CallError::Refused(problem)) if problem.code == "id.taken" && was_sent => {
                Ok(self.what_became_of(waiting.id))
            }
            Err(CallError::Refused(problem)) => Ok(Delivery::Refused(question(&problem))),
            Err(error) => {
                let is_surely_unsent = match &error {
                    CallError::Later { is_maybe_done, .. } => !is_maybe_done,
                    CallError::Broken(_) => false,
                    CallError::SignedOut | CallError::Refused(_) => true,
                };
                if is_surely_unsent && !was_sent {
                    self.spool.change(name, |waiting| {
                        waiting.request = None;
                        true
                    })?;
                }
                Ok(failed(error))
            }
        }
    }

    /// The request to send. A new one is on the disk when this returns, since from then on it may be
    /// the one that the server knows.
    fn prepare(
        &mut self,
        name: &str,
        waiting: &Waiting,
        is_direct: bool,
    ) -> Result<Prepared, Failure> {
        if let Some(request) = &waiting.request {
            return Ok(match self.look_before_sending_again(waiting) {
                Some(delivery) => Prepared::Ended(delivery),
                None => Prepared::Ready(request.clone()),
            });
        }
        let made = match self.request(waiting, is_direct) {
            Ok(made) => made,
            Err(Obstacle::Question(question)) => {
                return Ok(Prepared::Ended(Delivery::Refused(question)));
            }
            Err(Obstacle::Call(error)) => return Ok(Prepared::Ended(failed(error))),
        };
        let kept = self.spool.change(name, |now| {
            let is_same = now.act == waiting.act && now.request.is_none();
            if is_same {
                now.request = Some(made.clone());
            }
            is_same
        })?;
        Ok(match kept {
            Some(now) if now.request.as_ref() == Some(&made) => Prepared::Ready(made),
            Some(_) => Prepared::Changed,
            None => Prepared::Ended(Delivery::Gone),
        })
    }

    /// An entry that was sent before and whose id is now taken by something else than that request:
    /// it arrived, and was deleted since.
    fn what_became_of(&self, id: Uuid) -> Delivery {
        match self.api.time_entry(self.account.workspace_id, id) {
            Ok(entry) => Delivery::Done(Some(entry)),
            Err(CallError::Refused(problem)) if is_missing(&problem) => Delivery::Done(None),
            Err(error) => failed(error),
        }
    }
}

fn question(problem: &Problem) -> Question {
    Question::new(code(problem), sentence(problem))
}

/// The server says of names that cannot be looked up or made what this program says of them.
fn code(problem: &Problem) -> &str {
    let mut wrong = problem.errors.iter().filter(|wrong| wrong.field == "project_path");
    match wrong.next().map(|wrong| wrong.code.as_str()) {
        Some("unknown_project" | "unknown_task") => "unknown_project",
        Some("ambiguous") => "ambiguous_project",
        _ => &problem.code,
    }
}

/// The entry is not there, or no longer; an unknown path says something else.
pub(super) fn is_missing(problem: &Problem) -> bool {
    problem.status == 404 && problem.code == "not_found"
}

pub(super) fn failed(error: CallError) -> Delivery {
    match error {
        CallError::Later { why, .. } => Delivery::Postponed(why),
        CallError::Broken(why) => Delivery::Stuck(why),
        CallError::SignedOut => Delivery::SignedOut,
        CallError::Refused(problem) => Delivery::Refused(question(&problem)),
    }
}
