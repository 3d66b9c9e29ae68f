//! The request of an entry that waits: its names looked up, its timer not in another one's way.

use uuid::Uuid;
use wire::time_entry::{NewTimeEntry, TimeEntry};
use wire::timer::StartTimer;

use super::send::{Delivery, Sender, failed, is_missing};
use super::{Act, Draft, Frozen, Question, Refresh, Span, TagRef, Target, Waiting};
use crate::api::{CallError, at};
use crate::names::Found;

/// What stands in the way of a request.
pub(super) enum Obstacle {
    Question(Question),
    Call(CallError),
}

/// What an entry is booked on, as it is sent.
#[derive(Default)]
struct Booked {
    project_id: Option<Uuid>,
    task_id: Option<Uuid>,
    /// Names of what is to be made.
    project_path: Vec<String>,
}

impl Booked {
    fn on(project_id: Uuid, task_id: Option<Uuid>) -> Self {
        Self { project_id: Some(project_id), task_id, project_path: Vec::new() }
    }
}

impl From<CallError> for Obstacle {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl Sender<'_> {
    /// A start that may have arrived before: whether it did, and if not, whether it still may.
    pub(super) fn look_before_sending_again(&self, waiting: &Waiting) -> Option<Delivery> {
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
    pub(super) fn request(
        &mut self,
        waiting: &Waiting,
        is_direct: bool,
    ) -> Result<Frozen, Obstacle> {
        let Act::Entry(draft) = &waiting.act else {
            return Err(Obstacle::Question(Question::new("bug", "Not an entry.")));
        };
        let workspace = self.account.workspace_id;
        if !is_direct && !waiting.is_decided {
            self.forbid_another_timer(waiting, draft)?;
        }
        let Booked { project_id, task_id, project_path } = self.find_target(draft)?;
        let tag_ids = self.find_tags(draft)?;
        let (place, body) = match draft.span {
            Span::Running { started_at, .. } => {
                let start = StartTimer {
                    id: Some(waiting.id),
                    project_id,
                    task_id,
                    project_path,
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
                    project_path,
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
                    Span::Range { started_at, stopped_at } => {
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
        Ok(Frozen { path: at(workspace, place), body })
    }

    fn runs_elsewhere(&self, running: &TimeEntry) -> Question {
        let zone = self.cache.zone();
        let since = running.started_at.map(|at| crate::print::clock(at, &zone)).unwrap_or_default();
        let what = crate::print::words(running, &self.cache.names);
        Question::new(
            "timer.running_elsewhere",
            format!("Another timer has been running since {since}: {what}."),
        )
    }

    /// Asks for the names again where an entry is booked on something that has none here: it was made
    /// with the entry. Without an answer they are asked for another time.
    pub(super) fn learn_names(&mut self, entry: &TimeEntry) {
        let names = &self.cache.names;
        let is_project = |id| names.projects.iter().any(|project| project.id == id);
        let is_task = |id| names.tasks.iter().any(|task| task.id == id);
        if entry.project_id.is_none_or(is_project) && entry.task_id.is_none_or(is_task) {
            return;
        }
        let now = self.machine.now();
        if self.cache.ask_names(self.api, now).is_ok() {
            self.refreshed = Refresh::Done;
        }
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

    /// What an entry is booked on. Names that nothing has go to the server as they are, where they may
    /// be made: it does that with the entry, or not at all.
    fn find_target(&mut self, draft: &Draft) -> Result<Booked, Obstacle> {
        let path = match &draft.target {
            Target::Nothing => return Ok(Booked::default()),
            Target::Known { project_id, task_id } => return Ok(Booked::on(*project_id, *task_id)),
            Target::Named { path } => path,
        };
        let mut found = self.cache.names.find_target(path);
        if found == Found::Nothing && self.refresh()? {
            found = self.cache.names.find_target(path);
        }
        match found {
            Found::One { project_id, task_id } => Ok(Booked::on(project_id, task_id)),
            Found::Nothing if draft.create_project => {
                Ok(Booked { project_path: path.clone(), ..Booked::default() })
            }
            Found::Nothing => Err(Obstacle::Question(Question::new(
                "unknown_project",
                self.cache.why_unknown(path),
            ))),
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
}
