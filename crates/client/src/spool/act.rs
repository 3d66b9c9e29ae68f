//! An act that waits: what is in its file.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The version of the files. A program meets files of a newer one only to leave them alone.
pub(crate) const FORMAT: u32 = 1;

/// For whom an act was done. It is sent to nobody else's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) url: String,
    pub(crate) workspace_id: Uuid,
    pub(crate) member_id: Uuid,
}

/// An act and what became of it so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Waiting {
    pub(crate) format: u32,
    /// Made here; of an entry it is the entry's id.
    pub(crate) id: Uuid,
    pub(crate) account: Account,
    pub(crate) made_at: Timestamp,
    /// The line or command as typed, to show.
    pub(crate) typed: String,
    pub(crate) act: Act,
    /// The request, once it may have been sent. It never changes while it is here, because the
    /// server knows a request that is sent again by its body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Frozen>,
    /// What a person must decide before it is sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) question: Option<Question>,
    /// The person decided: do it although something else runs, or was stopped.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) is_decided: bool,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Act {
    /// An entry, or a start of the timer.
    Entry(Draft),
    /// The timer was stopped.
    Stop {
        /// Which; the one that runs at the server, when nothing was known here.
        entry_id: Option<Uuid>,
        stopped_at: Timestamp,
        /// A start ended it, nobody stopped it: one that had ended by then stays as it is.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        by_start: bool,
    },
}

/// An entry to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Draft {
    #[serde(default)]
    pub(crate) note: String,
    pub(crate) target: Target,
    #[serde(default)]
    pub(crate) tags: Vec<TagRef>,
    /// Whether tags that do not exist are made.
    #[serde(default)]
    pub(crate) create_tags: bool,
    /// Whether a project that does not exist is made, with its client and its task.
    #[serde(default)]
    pub(crate) create_project: bool,
    #[serde(default)]
    pub(crate) billable: Option<bool>,
    pub(crate) span: Span,
}

/// What it is booked on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Target {
    Nothing,
    Known {
        project_id: Uuid,
        task_id: Option<Uuid>,
    },
    /// Names that were not known here; looked up when it is sent.
    Named {
        path: Vec<String>,
    },
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum TagRef {
    Known { id: Uuid },
    Named { name: String },
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Span {
    /// The timer.
    Running {
        started_at: Timestamp,
        /// The timer that ran then, as far as was known here: this start was meant to end it.
        replaces: Option<Uuid>,
    },
    Range {
        started_at: Timestamp,
        stopped_at: Timestamp,
    },
    Duration {
        day: Date,
        duration_s: i64,
    },
}

/// A request, word by word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Frozen {
    pub(crate) path: String,
    pub(crate) body: String,
}

/// Why an act cannot be sent as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Question {
    /// The server's stable code, or one of this program's: `timer.running_elsewhere`,
    /// `timer.stopped_elsewhere`, `timer.not_running`, `unknown_project`, `ambiguous_project`,
    /// `unknown_tag`.
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Question {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

impl Span {
    /// When it begins; none of a duration on a day.
    fn begin(self) -> Option<Timestamp> {
        match self {
            Self::Running { started_at, .. } | Self::Range { started_at, .. } => Some(started_at),
            Self::Duration { .. } => None,
        }
    }
}

impl Draft {
    /// Books it on something else. That the names before may be made says nothing of other ones.
    pub(crate) fn retarget(&mut self, target: Target) {
        self.target = target;
        self.create_project = false;
    }
}

impl Waiting {
    /// The entry it makes or ends, where that is known.
    pub(crate) fn entry_id(&self) -> Option<Uuid> {
        match self.act {
            Act::Entry(_) => Some(self.id),
            Act::Stop { entry_id, .. } => entry_id,
        }
    }

    /// When a start begins; none for anything else.
    pub(super) fn start(&self) -> Option<Timestamp> {
        match &self.act {
            Act::Entry(Draft { span: Span::Running { started_at, .. }, .. }) => Some(*started_at),
            _ => None,
        }
    }

    /// A start that has not been sent, as far as is known here.
    pub(crate) fn unsent_start(&self) -> Option<Timestamp> {
        self.start().filter(|_| self.request.is_none())
    }

    /// When an entry begins that has not been sent, as far as is known here; none of a duration on a
    /// day.
    pub(crate) fn unsent_begin(&self) -> Option<Timestamp> {
        let Act::Entry(draft) = &self.act else { return None };
        draft.span.begin().filter(|_| self.request.is_none())
    }

    /// Gives an entry that was never sent its end, also one that was decided on before. Says whether
    /// it did.
    pub(crate) fn end_at(&mut self, at: Timestamp) -> bool {
        let is_unsent = self.request.is_none();
        if let Act::Entry(draft) = &mut self.act
            && let Span::Range { started_at, stopped_at } = &mut draft.span
            && is_unsent
            && *started_at <= at
        {
            *stopped_at = at;
            return true;
        }
        self.finish(at)
    }

    /// Makes a finished entry of a start that was never sent. Says whether it did.
    pub(crate) fn finish(&mut self, stopped_at: Timestamp) -> bool {
        let is_unsent = self.request.is_none();
        if let Act::Entry(draft) = &mut self.act
            && let Span::Running { started_at, .. } = draft.span
            && is_unsent
            && started_at <= stopped_at
        {
            draft.span = Span::Range { started_at, stopped_at };
            // A finished entry is in no timer's way. Other questions come back by themselves.
            self.question = None;
            return true;
        }
        false
    }
}
