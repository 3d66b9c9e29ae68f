//! Changing the address one signs in with.
//!
//! | step | browser | new mailbox | mailbox before | directory |
//! |---|---|---|---|---|
//! | t0 | asks, with a fresh proof | code and link | letter with a link that stops it | a change is open |
//! | t1 | sends the code, or the link's token, in the same session | | | the new address is the person's |
//! | t2 | | letter | letter with the same link | |
//! | t3, up to 72 hours after t0 | | | may use the link | before t1 the change is withdrawn; after it the address before is the person's again, what was set up since goes, all sessions and marks of known browsers end |
//!
//! Code and link are an attempt of [`sign_in`](super::sign_in), with its life, its tries and its quotas. It
//! is found by a hash of the session instead of a login cookie, so it signs nobody in.
//!
//! **The new address is somebody's already.** Then the answers are the same, and the letter that goes
//! there carries no code: it says that somebody has tried.
//!
//! **The address before** stays the person's for as long as its link works: nobody else gets it, and what
//! changes about their sign-in meanwhile is told there too. Its letters do not name the new address: a
//! mailbox is also given up because somebody else reads it. Using the link takes away what could let in
//! whoever changed the address: a password, second factors, accounts at providers and API tokens that are
//! newer than the asking. Where the address was never changed, the link withdraws the asking and no more:
//! nobody signs somebody out by a letter that was left for three days.
//!
//! **What else hangs on an address.** Codes that were mailed to the one before, and second steps that
//! wait, work no longer. Sessions, remembered browsers and marks of known browsers are the person's and go
//! on, until a change is taken back. An invitation is for whoever reads the mailbox it was sent to: one to the address before cannot be
//! accepted while that is held, and makes an account of its own afterwards.
//!
//! Members of workspaces are readdressed after the directory's transaction, by [`App`](crate::App).

mod ask;
mod carry_out;
mod held;
mod row;
mod stop;
mod take_back;

use store::Statement;

pub use ask::{AskAddress, AskedAddress, ask_address_change, leave_address_change};
pub(crate) use carry_out::{CarriedOut, Moved, READDRESS, TAKE_BACK, carry_out};
pub use carry_out::{Confirm, LookedAddress, look_at_address_link};
pub(crate) use held::{held_addresses, is_held_from};
pub use row::{AddressState, find_address_state};
pub(crate) use stop::stop;
pub use stop::{StopFound, look_at_stop};

use super::{secret::codes_mac, session::Session};
use crate::{DirectoryOp, Error};

/// What binds code and link to a session: no cookie has this hash.
fn binding(op: &mut DirectoryOp, session: &Session) -> Result<[u8; 32], Error> {
    codes_mac(op, "address-change", &session.id.as_bytes())
}

pub(super) fn statements() -> Vec<Statement> {
    [
        ask::STATEMENTS,
        carry_out::STATEMENTS,
        held::STATEMENTS,
        row::STATEMENTS,
        stop::STATEMENTS,
        take_back::STATEMENTS,
    ]
    .concat()
}
