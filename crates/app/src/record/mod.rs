//! The record: everything that was done in a workspace, and by whom, in words.

mod list;
mod thing;
mod words;

pub use list::{RecordFilter, RecordedEvent, list_record, part_of};
pub use thing::{
    ThingHistory, client_history, member_history, project_history, role_history, settings_history,
    tag_history, task_history, team_history,
};
pub use words::{HistoryChange, HistoryEvent, HistoryValue};

pub(crate) use words::in_words;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    list::STATEMENTS.to_vec()
}
