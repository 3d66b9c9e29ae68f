//! Sends what waits, in order, and keeps what cannot be sent.
//!
//! A start is sent late only when nothing else runs that was not known when it was typed; a stop
//! ends the entry that it was meant for, and no other. Both are looked up first, because the server
//! cannot know what somebody meant an hour ago.

use uuid::Uuid;
use wire::problem::Problem;
use wire::time_entry::{ChangeTimeEntry, NewTimeEntry, TimeEntry};
use wire::timer::StartTimer;

use super::{Account, Act, Draft, Frozen, Question, Span, Spool, Spooled, TagRef, Target, Waiting};
use crate::api::{Api, CallError, at, signed_out};
use crate::cache::Cache;
use crate::failure::{Failure, sentence};
use crate::machine::Machine;
use crate::names::Found;

/// How often a change is tried again that came too late for the entry's version.
const TRIES: usize = 3;

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
    /// What the server stumbled over; the rest went on.
    pub(crate) stuck: Option<String>,
    /// Whether that is because the token is not accepted.
    pub(crate) is_signed_out: bool,
}

/// What became of one act.
enum Delivery {
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

/// What stands in the way of a request.
enum Obstacle {
    Question(Question),
    Call(CallError),
}

impl From<CallError> for Obstacle {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Sender<'_> {
    /// Sends all that waits for this account. `direct` was typed just now: the server's no to it is
    /// told and not kept, since whoever typed it is looking.
    ///
    /// Errors: this machine's trouble only.
    pub(crate) fn send_waiting(&mut self, direct: Option<Uuid>) -> Result<Report, Failure> {
        let mut report = Report::default();
        let Some(_lock) = self.spool.lock_sending(self.machine)? else {
            report.postponed = Some("another tp is sending".to_owned());
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
            let Act::Stop {
                entry_id: Some(id),
                stopped_at,
            } = stop.waiting.act
            else {
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
        let Act::Stop {
            entry_id: Some(id), ..
        } = waiting.act
        else {
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
            Ok(entry) if entry.id == waiting.id => Ok(Delivery::Done(Some(entry))),
            Ok(_) => Ok(Delivery::Postponed(
                "the server answered with another entry".to_owned(),
            )),
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

    /// A start that may have arrived before: whether it did, and if not, whether it still may.
    fn look_before_sending_again(&self, waiting: &Waiting) -> Option<Delivery> {
        let Act::Entry(draft) = &waiting.act else {
            return None;
        };
        if !matches!(draft.span, Span::Running { .. }) || waiting.is_decided {
            return None;
        }
        match self.api.time_entry(self.account.workspace_id, waiting.id) {
            Ok(entry) => Some(Delivery::Done(Some(entry))),
            Err(CallError::Refused(problem)) if is_missing(&problem) => {
                match self.forbid_another_timer(waiting, draft) {
                    Ok(()) => None,
                    Err(Obstacle::Question(question)) => Some(Delivery::Refused(question)),
                    Err(Obstacle::Call(error)) => Some(failed(error)),
                }
            }
            Err(error) => Some(failed(error)),
        }
    }

    /// Raises a question when a timer runs that was not known when the start was typed.
    fn forbid_another_timer(&self, waiting: &Waiting, draft: &Draft) -> Result<(), Obstacle> {
        let Span::Running { replaces, .. } = draft.span else {
            return Ok(());
        };
        let running = self.api.timer(self.account.workspace_id)?;
        let unexpected =
            running.filter(|entry| entry.id != waiting.id && Some(entry.id) != replaces);
        match unexpected {
            Some(running) => Err(Obstacle::Question(self.runs_elsewhere(&running))),
            None => Ok(()),
        }
    }

    /// The request of an entry, with its names looked up.
    fn request(&mut self, waiting: &Waiting, is_direct: bool) -> Result<Frozen, Obstacle> {
        let Act::Entry(draft) = &waiting.act else {
            return Err(Obstacle::Question(Question::new("bug", "Not an entry.")));
        };
        let workspace = self.account.workspace_id;
        if !is_direct && !waiting.is_decided {
            self.forbid_another_timer(waiting, draft)?;
        }
        let (project_id, task_id) = self.find_target(&draft.target)?;
        let tag_ids = self.find_tags(draft)?;
        let (place, body) = match draft.span {
            Span::Running { started_at, .. } => {
                let start = StartTimer {
                    id: Some(waiting.id),
                    project_id,
                    task_id,
                    tag_ids,
                    note: draft.note.clone(),
                    billable: draft.billable,
                    started_at: Some(started_at),
                };
                ("timer", serde_json::to_string(&start))
            }
            Span::Range { .. } | Span::Duration { .. } => {
                let mut entry = NewTimeEntry {
                    id: Some(waiting.id),
                    project_id,
                    task_id,
                    tag_ids,
                    note: draft.note.clone(),
                    billable: draft.billable,
                    ..NewTimeEntry::default()
                };
                match draft.span {
                    Span::Duration { day, duration_s } => {
                        entry.day = Some(day);
                        entry.duration_s = Some(duration_s);
                    }
                    Span::Range {
                        started_at,
                        stopped_at,
                    } => {
                        entry.started_at = Some(started_at);
                        entry.stopped_at = Some(stopped_at);
                    }
                    Span::Running { .. } => {}
                }
                ("time-entries", serde_json::to_string(&entry))
            }
        };
        let body = body.map_err(|error| {
            Obstacle::Question(Question::new("not_writable", error.to_string()))
        })?;
        Ok(Frozen {
            path: at(workspace, place),
            body,
        })
    }

    fn runs_elsewhere(&self, running: &TimeEntry) -> Question {
        let zone = self.cache.zone();
        let since = running
            .started_at
            .map(|at| crate::print::clock(at, &zone))
            .unwrap_or_default();
        let what = crate::print::words(running, &self.cache.names);
        Question::new(
            "timer.running_elsewhere",
            format!("Another timer has been running since {since}: {what}."),
        )
    }

    /// Asks for the names, once in a run.
    fn refresh(&mut self) -> Result<bool, CallError> {
        if self.refreshed == Refresh::Done {
            return Ok(false);
        }
        self.cache.ask_names(self.api, self.machine.now())?;
        self.refreshed = Refresh::Done;
        Ok(true)
    }

    fn find_target(&mut self, target: &Target) -> Result<(Option<Uuid>, Option<Uuid>), Obstacle> {
        let path = match target {
            Target::Nothing => return Ok((None, None)),
            Target::Known {
                project_id,
                task_id,
            } => return Ok((Some(*project_id), *task_id)),
            Target::Named { path } => path,
        };
        let mut found = self.cache.names.find_target(path);
        if found == Found::Nothing && self.refresh()? {
            found = self.cache.names.find_target(path);
        }
        match found {
            Found::One {
                project_id,
                task_id,
            } => Ok((Some(project_id), task_id)),
            Found::Nothing => Err(Obstacle::Question(unknown_project(path))),
            Found::Several(labels) => Err(Obstacle::Question(Question::new(
                "ambiguous_project",
                format!("@{} can be {}.", path.join("/"), labels.join(", ")),
            ))),
        }
    }

    /// Looks tags up, and makes those that are to be made. A name is a tag's only once, so making
    /// one again after a lost answer finds it there.
    fn find_tags(&mut self, draft: &Draft) -> Result<Vec<Uuid>, Obstacle> {
        let mut ids = Vec::new();
        for tag in &draft.tags {
            let name = match tag {
                TagRef::Known { id } => {
                    ids.push(*id);
                    continue;
                }
                TagRef::Named { name } => name,
            };
            let mut found = self.cache.names.find_tag(name);
            if found.is_none() && self.refresh()? {
                found = self.cache.names.find_tag(name);
            }
            match found {
                Some(id) => ids.push(id),
                None if draft.create_tags => {
                    let tag = self.api.add_tag(self.account.workspace_id, name)?;
                    ids.push(tag.id);
                    self.cache.names.tags.push(tag);
                }
                None => {
                    return Err(Obstacle::Question(Question::new(
                        "unknown_tag",
                        format!("There is no tag #{name} yet. --create-tags makes it."),
                    )));
                }
            }
        }
        Ok(ids)
    }

    /// Ends the entry that the stop was meant for, and no other.
    fn deliver_stop(&mut self, name: &str, waiting: &Waiting) -> Result<Delivery, Failure> {
        let Act::Stop {
            entry_id,
            stopped_at,
        } = waiting.act
        else {
            return Ok(Delivery::Gone);
        };
        let workspace = self.account.workspace_id;
        let id = match entry_id {
            Some(id) => id,
            None => match self.find_running(stopped_at) {
                Ok(id) => {
                    // From now on it is this one, whatever runs next.
                    self.spool.change(name, |waiting| {
                        waiting.act = Act::Stop {
                            entry_id: Some(id),
                            stopped_at,
                        };
                        true
                    })?;
                    id
                }
                Err(Obstacle::Question(question)) => return Ok(Delivery::Refused(question)),
                Err(Obstacle::Call(error)) => return Ok(failed(error)),
            },
        };
        for _ in 0..TRIES {
            let entry = match self.api.time_entry(workspace, id) {
                Ok(entry) => entry,
                Err(CallError::Refused(problem)) if is_missing(&problem) => {
                    return Ok(Delivery::Refused(Question::new(
                        "not_found",
                        "The entry that was to be stopped has been deleted.",
                    )));
                }
                Err(error) => return Ok(failed(error)),
            };
            if entry.stopped_at == Some(stopped_at) {
                return Ok(Delivery::Done(Some(entry)));
            }
            if !entry.running && !waiting.is_decided {
                return Ok(Delivery::Refused(
                    self.was_stopped_elsewhere(&entry, stopped_at),
                ));
            }
            let change = ChangeTimeEntry {
                stopped_at: Some(stopped_at),
                ..ChangeTimeEntry::default()
            };
            match self
                .api
                .change_time_entry(workspace, id, &change, entry.version)
            {
                Ok(entry) => return Ok(Delivery::Done(Some(entry))),
                Err(CallError::Refused(problem)) if is_stale(&problem) => {}
                Err(CallError::Refused(problem)) => {
                    return Ok(Delivery::Refused(question(&problem)));
                }
                Err(error) => return Ok(failed(error)),
            }
        }
        Ok(Delivery::Postponed("the entry keeps changing".to_owned()))
    }

    /// The timer that a stop without a name was meant for: it must have run then.
    fn find_running(&self, stopped_at: jiff::Timestamp) -> Result<Uuid, Obstacle> {
        let running = self.api.timer(self.account.workspace_id)?;
        let running = running.filter(|entry| entry.started_at.is_some_and(|at| at <= stopped_at));
        running.map(|entry| entry.id).ok_or_else(|| {
            Obstacle::Question(Question::new(
                "timer.not_running",
                "No timer is running that ran at that moment.",
            ))
        })
    }

    fn was_stopped_elsewhere(&self, entry: &TimeEntry, wanted: jiff::Timestamp) -> Question {
        let zone = self.cache.zone();
        let at = |at| crate::print::clock(at, &zone);
        let when = entry.stopped_at.map(at).unwrap_or_default();
        Question::new(
            "timer.stopped_elsewhere",
            format!(
                "The timer was stopped elsewhere at {when}; here at {}. --keep takes the time from here.",
                at(wanted)
            ),
        )
    }
}

/// What to say about a project that is not there.
pub(super) fn unknown_project(path: &[String]) -> Question {
    Question::new(
        "unknown_project",
        format!(
            "There is no project @{} that you can book on.",
            path.join("/")
        ),
    )
}

fn question(problem: &Problem) -> Question {
    Question::new(&problem.code, sentence(problem))
}

/// The entry is not there, or no longer; an unknown path says something else.
fn is_missing(problem: &Problem) -> bool {
    problem.status == 404 && problem.code == "not_found"
}

/// RFC 9110: the version in `If-Match` is not the entry's.
fn is_stale(problem: &Problem) -> bool {
    problem.status == 412 || problem.code.ends_with("stale")
}

fn failed(error: CallError) -> Delivery {
    match error {
        CallError::Later { why, .. } => Delivery::Postponed(why),
        CallError::Broken(why) => Delivery::Stuck(why),
        CallError::SignedOut => Delivery::SignedOut,
        CallError::Refused(problem) => Delivery::Refused(question(&problem)),
    }
}
