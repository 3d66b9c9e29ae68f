//! Passkeys: a way in without anything to type, a second step, and a fresh proof.
//!
//! | step | browser | directory |
//! |---|---|---|
//! | t0 | asks for a question, with its login cookie or its session | a [challenge](challenge), open for ten minutes |
//! | t1 | the device asks its person, and signs | |
//! | t2 | sends the answer, with the same cookie | the challenge is used up, whatever the answer is worth |
//!
//! A challenge is good for one purpose, in one browser, once; a newer one of that browser replaces it.
//! What is checked of an answer stands in [`vault::passkey`].
//!
//! **What it is worth.** The device verifies its person, so a passkey is two factors in one: nothing
//! more is asked for after it, and no guesses are counted, since nobody guesses a signature. As a second
//! step, and as a fresh proof, it stands beside an authenticator app. Who has either does not prove who
//! they are by a mail alone. Whether a passkey is asked for after *another* way in is the person's to
//! say, if they have no app: see [`second::Enrolled`](crate::identity::Enrolled::is_asked_after).
//!
//! **A copy** shows itself by a signature counter that does not go forward: nothing is opened, and the
//! person is told.
//!
//! **A change** asks for a fresh proof and is told by mail. Removing one signs its person out everywhere
//! else: perhaps the device is in other hands.

mod add;
mod always;
mod answer;
mod challenge;
mod list;
mod remove;
mod rename;
mod sign_in;
mod step;

use store::Statement;
use vault::RelyingParty;

pub use add::{PasskeyMade, add_passkey};
pub use always::set_passkey_always;
pub use list::{Passkey, list_passkeys};
pub(super) use remove::delete_all;
pub use remove::remove_passkey;
pub use rename::rename_passkey;
pub use sign_in::{
    PasskeyTried, SignInWithPasskey, begin_passkey_sign_in, is_over_passkey_quota,
    sign_in_with_passkey,
};
pub use step::{
    begin_passkey_proof, begin_passkey_step, prove_with_passkey, sign_in_with_passkey_second,
};

use crate::{App, DirectoryOp, Error, Refusal};

impl App {
    /// Says at which address people reach the server, such as `https://time.example.com`: passkeys are
    /// made for it. Where browsers know none at such an address, none are offered. The first call
    /// counts.
    pub fn set_passkey_origin(&self, origin: &str) {
        if let Ok(party) = RelyingParty::new(origin) {
            // A second call changes nothing.
            let _ = self.passkeys().set(party);
        }
    }

    /// Whether browsers know passkeys at this address.
    pub fn has_passkeys(&self) -> bool {
        self.passkeys().get().is_some()
    }
}

/// For whom passkeys are made.
///
/// Errors: [`Refusal::NoPasskeysHere`].
fn party<'a>(op: &DirectoryOp<'a, '_>) -> Result<&'a RelyingParty, Error> {
    op.relying_party().ok_or_else(|| Refusal::NoPasskeysHere.into())
}

/// The host that passkeys are made for; empty where there are none, which is that of no passkey.
pub(crate) fn domain(op: &DirectoryOp) -> String {
    op.relying_party().map_or_else(String::new, |party| party.domain().to_owned())
}

pub(super) fn statements() -> Vec<Statement> {
    [
        add::STATEMENTS,
        always::STATEMENTS,
        answer::STATEMENTS,
        challenge::STATEMENTS,
        list::STATEMENTS,
        remove::STATEMENTS,
        rename::STATEMENTS,
    ]
    .concat()
}
