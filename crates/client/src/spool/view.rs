//! What runs, by what the server last told and by what waits here.

use jiff::Timestamp;
use uuid::Uuid;
use wire::time_entry::TimeEntry;

use super::{Act, Draft, Span, Spooled};

/// The timer as it is known here.
#[derive(Debug, Clone)]
pub(crate) enum LocalTimer {
    /// The server's.
    Known(Box<TimeEntry>),
    /// Started here; the server may not know.
    Waiting {
        /// The name of its file.
        name: String,
        id: Uuid,
        started_at: Timestamp,
        draft: Draft,
    },
}

impl LocalTimer {
    pub(crate) fn id(&self) -> Uuid {
        match self {
            Self::Known(entry) => entry.id,
            Self::Waiting { id, .. } => *id,
        }
    }

    pub(crate) fn started_at(&self) -> Option<Timestamp> {
        match self {
            Self::Known(entry) => entry.started_at,
            Self::Waiting { started_at, .. } => Some(*started_at),
        }
    }
}

/// Goes through what waits, in order. What needs a decision has not happened.
pub(crate) fn local_timer(known: Option<&TimeEntry>, waiting: &[Spooled]) -> Option<LocalTimer> {
    let mut timer = known.cloned().map(|entry| LocalTimer::Known(Box::new(entry)));
    let undecided = |spooled: &&Spooled| spooled.waiting.question.is_none();
    for spooled in waiting.iter().filter(undecided) {
        match &spooled.waiting.act {
            Act::Entry(draft) => {
                if let Span::Running { started_at, .. } = draft.span {
                    timer = Some(LocalTimer::Waiting {
                        name: spooled.name.clone(),
                        id: spooled.waiting.id,
                        started_at,
                        draft: draft.clone(),
                    });
                }
            }
            Act::Stop { entry_id, .. } => {
                let is_it =
                    timer.as_ref().is_some_and(|timer| entry_id.is_none_or(|id| id == timer.id()));
                if is_it {
                    timer = None;
                }
            }
        }
    }
    timer
}
