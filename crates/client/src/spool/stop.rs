//! Sends a stop: to the entry that it was meant for, and no other.

use domain::interval::truncate_to_second;
use jiff::Timestamp;
use uuid::Uuid;
use wire::problem::Problem;
use wire::time_entry::{ChangeTimeEntry, TimeEntry};
use wire::timer::StopTimer;

use super::request::Obstacle;
use super::send::{Delivery, Sender, failed, is_missing};
use super::{Act, Question, Waiting};
use crate::api::CallError;
use crate::failure::Failure;

/// How often a change is tried again that came too late for the entry's version.
const TRIES: usize = 3;

impl Sender<'_> {
    /// Ends the entry that the stop was meant for, and no other.
    pub(super) fn deliver_stop(
        &mut self,
        name: &str,
        waiting: &Waiting,
    ) -> Result<Delivery, Failure> {
        let Act::Stop { entry_id, stopped_at, by_start } = waiting.act else {
            return Ok(Delivery::Gone);
        };
        let id = match entry_id {
            Some(id) => id,
            None => match self.find_running(stopped_at) {
                Ok(id) => {
                    // From now on it is this one, whatever runs next.
                    self.spool.change(name, |waiting| {
                        waiting.act = Act::Stop { entry_id: Some(id), stopped_at, by_start };
                        true
                    })?;
                    id
                }
                Err(Obstacle::Question(question)) => return Ok(Delivery::Refused(question)),
                Err(Obstacle::Call(error)) => return Ok(failed(error)),
            },
        };
        Ok(if by_start {
            self.end_by_start(id, stopped_at, waiting)
        } else {
            self.stop(id, stopped_at, waiting.is_decided)
        })
    }

    /// Ends an entry by the start that followed it, as the server would have: not what had ended or
    /// was deleted by then, and what began later ends when the start was typed.
    fn end_by_start(&self, id: Uuid, at: Timestamp, waiting: &Waiting) -> Delivery {
        let entry = match self.api.time_entry(self.account.workspace_id, id) {
            Ok(entry) => entry,
            Err(CallError::Refused(problem)) if is_missing(&problem) => {
                return Delivery::Done(None);
            }
            Err(error) => return failed(error),
        };
        if entry.stopped_at.is_some_and(|stopped_at| stopped_at <= at) {
            return Delivery::Done(Some(entry));
        }
        let is_later = entry.started_at.is_some_and(|started_at| started_at > at);
        let at = if is_later { truncate_to_second(waiting.made_at) } else { at };
        self.stop(id, at, waiting.is_decided)
    }

    /// Stops the timer if it is this entry; the server sees to that, also when another one is being
    /// started in this moment.
    fn stop(&self, id: Uuid, stopped_at: Timestamp, is_decided: bool) -> Delivery {
        let workspace = self.account.workspace_id;
        let stop = StopTimer { id: Some(id), stopped_at: Some(stopped_at) };
        for _ in 0..TRIES {
            match self.api.stop_timer(workspace, &stop) {
                Ok(entry) => return Delivery::Done(Some(entry)),
                Err(CallError::Refused(problem)) if runs_no_more(&problem) => {}
                Err(error) => return not_stopped(error),
            }
            let entry = match self.api.time_entry(workspace, id) {
                Ok(entry) if entry.running => continue, // Elsewhere it was just made to run again.
                Ok(entry) => entry,
                Err(error) => return not_stopped(error),
            };
            if !is_decided {
                return Delivery::Refused(self.was_stopped_elsewhere(&entry, stopped_at));
            }
            let change =
                ChangeTimeEntry { stopped_at: Some(stopped_at), ..ChangeTimeEntry::default() };
            match self.api.change_time_entry(workspace, id, &change, entry.version) {
                Ok(entry) => return Delivery::Done(Some(entry)),
                Err(CallError::Refused(problem)) if is_stale(&problem) => {}
                Err(error) => return not_stopped(error),
            }
        }
        Delivery::Postponed("the entry keeps changing".to_owned())
    }

    /// The timer that a stop without a name was meant for: it must have run then.
    fn find_running(&self, stopped_at: Timestamp) -> Result<Uuid, Obstacle> {
        let running = self.api.timer(self.account.workspace_id)?;
        let running = running.filter(|entry| entry.started_at.is_some_and(|at| at <= stopped_at));
        running.map(|entry| entry.id).ok_or_else(|| {
            Obstacle::Question(Question::new(
                "timer.not_running",
                "No timer is running that ran at that moment.",
            ))
        })
    }

    fn was_stopped_elsewhere(&self, entry: &TimeEntry, wanted: Timestamp) -> Question {
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

/// Why a stop did not come about.
fn not_stopped(error: CallError) -> Delivery {
    match error {
        CallError::Refused(problem) if is_missing(&problem) => Delivery::Refused(Question::new(
            "not_found",
            "The entry that was to be stopped has been deleted.",
        )),
        error => failed(error),
    }
}

/// The server's answers when the entry had ended by then.
fn runs_no_more(problem: &Problem) -> bool {
    matches!(problem.code.as_str(), "timer.not_running" | "timer.another_runs")
}

/// RFC 9110: the version in `If-Match` is not the entry's.
fn is_stale(problem: &Problem) -> bool {
    problem.status == 412 || problem.code.ends_with("stale")
}
