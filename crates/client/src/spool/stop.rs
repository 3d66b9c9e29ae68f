//! Sends a stop: to the entry that it was meant for, and no other.

use uuid::Uuid;
use wire::problem::Problem;
use wire::time_entry::{ChangeTimeEntry, TimeEntry};

use super::request::Obstacle;
use super::send::{Delivery, Sender, failed, is_missing, question};
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
        let Act::Stop { entry_id, stopped_at } = waiting.act else {
            return Ok(Delivery::Gone);
        };
        let workspace = self.account.workspace_id;
        let id = match entry_id {
            Some(id) => id,
            None => match self.find_running(stopped_at) {
                Ok(id) => {
                    // From now on it is this one, whatever runs next.
                    self.spool.change(name, |waiting| {
                        waiting.act = Act::Stop { entry_id: Some(id), stopped_at };
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
                return Ok(Delivery::Refused(self.was_stopped_elsewhere(&entry, stopped_at)));
            }
            let change =
                ChangeTimeEntry { stopped_at: Some(stopped_at), ..ChangeTimeEntry::default() };
            match self.api.change_time_entry(workspace, id, &change, entry.version) {
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

/// RFC 9110: the version in `If-Match` is not the entry's.
fn is_stale(problem: &Problem) -> bool {
    problem.status == 412 || problem.code.ends_with("stale")
}
