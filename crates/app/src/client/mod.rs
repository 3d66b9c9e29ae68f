//! Clients: who pays for projects.
//!
//! A member sees the clients of the projects they may see. Archiving a client is a label: lists
//! show it apart, its projects stay bookable and can be archived on their own.

mod add;
mod delete;
mod edit;
mod list;

pub use add::add_client;
pub use delete::{delete_client, restore_client};
pub use edit::change_client;
pub use list::{get_client, list_clients};

pub(crate) use delete::{has_expired_clients, has_guests, purge_clients};
pub(crate) use list::relation_of_client;

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [add::STATEMENTS, &delete::statements(), edit::STATEMENTS].concat()
}
