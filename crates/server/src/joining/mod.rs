//! Joining by mail domain: the rule on the page of the sign-in policy and in the API, and joining by it
//! for who is signed in. The link that is mailed to others opens the page of invitations (`identity`).

pub mod api;
pub mod view;
pub mod web;

mod rule;

pub(crate) use rule::part;

use domain::permission::Role;

/// `a member`, or the name of a role of the workspace's own.
pub(crate) fn role_words(role: Role, name: &str) -> String {
    match role {
        Role::Own => format!("“{name}”"),
        Role::Client => "a guest, to see a client’s reports".to_owned(),
        Role::Accountant | Role::Admin | Role::Auditor | Role::Owner => format!("an {name}"),
        Role::Manager | Role::Member => format!("a {name}"),
    }
}
