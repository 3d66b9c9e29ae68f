//! Tags: labels that members put on their time.

mod add;
mod delete;
mod edit;
mod list;

pub use add::add_tag;
pub use delete::{delete_tag, restore_tag};
pub use edit::change_tag;
pub use list::{get_tag, list_tags};

pub(crate) use delete::{has_expired_tags, purge_tags};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [add::STATEMENTS, delete::STATEMENTS, edit::STATEMENTS].concat()
}
