//! Personal access tokens: one member in one workspace, scoped, expiring, stored as a hash.
//!
//! The text of a token is `tp1_<workspace>_<secret>`: the workspace's id in 32 hexadecimal digits,
//! so that a server knows where to look, and 32 random bytes in base64url. It is shown once.

mod create;
mod elsewhere;
mod list;
mod networks;
mod revoke;
mod text;
mod touch;
mod within;

pub use create::{CreateToken, CreatedToken, MOST_DAYS, create_token};
pub(crate) use create::{check_days, create_program_token};
pub use list::{Token, get_token, list_tokens, list_tokens_of, may_list_tokens_of};
pub use revoke::{revoke_token, was_revoked};
pub use text::parse_token;
pub use touch::{is_touch_due, touch_token};

pub(crate) use elsewhere::count_elsewhere;
pub(crate) use list::{may_manage_of, owner_of};
pub(crate) use networks::let_in;
pub(crate) use revoke::{revoke_all_of, revoke_made_since};

/// All statements of this feature.
pub fn statements() -> Vec<store::Statement> {
    [
        create::STATEMENTS,
        elsewhere::STATEMENTS,
        list::STATEMENTS,
        revoke::STATEMENTS,
        touch::STATEMENTS,
    ]
    .concat()
}
