//! Sign in with a passkey, without a name being typed.

use super::{
    answer::{self, Expected},
    challenge::{self, Asked, Purpose},
    party,
};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        Method, NewSession, OpenSession, Origin, open_session,
        policy::{MOST_CHALLENGES_OF_NETWORK, QUOTA_SPAN_US},
        secret::codes_mac,
    },
};

/// An answer of a device, in a browser where nobody is signed in.
#[derive(Clone)]
pub struct SignInWithPasskey {
    /// As the browser has sent it.
    pub answer: String,
    /// The hash of the secret in the browser's login cookie
    /// ([`hash_secret`](crate::identity::hash_secret)).
    pub cookie_hash: [u8; 32],
    /// Whether the browser is to be remembered.
    pub remember: bool,
    /// Where it is.
    pub origin: Origin,
}

/// What became of an answer.
pub enum PasskeyTried {
    /// It was right: signed in, or shown anew who they are.
    Opened(NewSession),
    /// It was not taken.
    Refused(Refusal),
}

/// Whether a network has had so many questions within the hour that it gets none now. Only reads.
///
/// Errors: [`Error::Store`].
pub fn is_over_passkey_quota(op: &mut DirectoryOp, network: &str) -> Result<bool, Error> {
    let network = network_mac(op, network)?;
    let since = op.now_us() - QUOTA_SPAN_US;
    Ok(challenge::count_of_network(op, network, since)? >= MOST_CHALLENGES_OF_NETWORK)
}

/// Asks whichever passkey somebody chooses: the options for the browser, as JSON. `network` is where it
/// is, as text; of it only a keyed hash is kept.
///
/// Errors: [`Refusal::NoPasskeysHere`]; [`Refusal::TooManyQuestions`]. Audit: none, nobody is in yet.
pub fn begin_passkey_sign_in(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    network: &str,
) -> Result<String, Error> {
    let party = party(op)?;
    if is_over_passkey_quota(op, network)? {
        return Err(Refusal::TooManyQuestions.into());
    }
    let begun = party.begin_sign_in(&[]).map_err(answer::refusal)?;
    let asked = Asked { purpose: Purpose::SignIn, browser: *cookie_hash, user: None };
    let network = network_mac(op, network)?;
    challenge::keep(op, asked, Some(network), begun)
}

/// Opens a session for whose passkey has answered; nothing more is asked for. Whoever shows that an
/// account is theirs lets its password work again in browsers that are not known.
///
/// Errors: [`Error::Store`]; what is wrong with an answer is told by [`PasskeyTried`], so that it stays
/// used up. Audit: `session.opened`; `password.unlocked`; `passkey.copied`.
pub fn sign_in_with_passkey(
    op: &mut DirectoryOp,
    command: &SignInWithPasskey,
) -> Result<PasskeyTried, Error> {
    let SignInWithPasskey { answer, cookie_hash, remember, origin } = command;
    let asked = Asked { purpose: Purpose::SignIn, browser: *cookie_hash, user: None };
    let Some(state) = challenge::take(op, asked)? else {
        return Ok(PasskeyTried::Refused(Refusal::PasskeyNotValid));
    };
    let expected = Expected { state: &state, user: None, origin };
    let user = match answer::check(op, &expected, answer)? {
        Ok(user) => user,
        Err(refusal) => return Ok(PasskeyTried::Refused(refusal)),
    };
    let command = OpenSession { user, method: Method::Passkey, second: None, remember: *remember };
    open_session(op, command, origin).map(PasskeyTried::Opened)
}

fn network_mac(op: &mut DirectoryOp, network: &str) -> Result<[u8; 32], Error> {
    codes_mac(op, "passkey-network", network.as_bytes())
}
