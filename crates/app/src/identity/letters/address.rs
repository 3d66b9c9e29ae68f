//! What is told of a change of address.

use crate::identity::notice::AddressStep;

/// The subject, and what happened.
pub(super) fn told(step: &AddressStep) -> (&'static str, String) {
    match step {
        AddressStep::Asked { .. } => (
            "Your Timeproof account is about to get another address",
            "somebody who is signed in to Timeproof as you asked to sign in with another address from\n\
             now on, instead of this one. That address is not named here; nothing has changed yet."
                .into(),
        ),
        AddressStep::GivenUp { .. } => (
            "Your Timeproof account has another address",
            "your account on Timeproof has another address now, which is not named here. This one no\n\
             longer signs you in."
                .into(),
        ),
        AddressStep::Changed => (
            "You sign in to Timeproof with this address now",
            "your account on Timeproof has this address now: codes and letters go here, and the one\n\
             before no longer signs you in. Whoever reads the mailbox before can take that back for\n\
             three days."
                .into(),
        ),
        AddressStep::Stopped { was_changed } => {
            let what = if *was_changed {
                "your account on Timeproof has this address again: the link was used that takes a change\n\
                 back. All browsers were signed out. What was set up since somebody asked for the change is\n\
                 gone: a password, an authenticator app, a passkey, recovery codes, an account at a\n\
                 provider, and API tokens."
            } else {
                "your account on Timeproof keeps this address: the link was used that stops a change. The\n\
                 address had not changed, and nothing else has."
            };
            ("Your Timeproof account keeps its address", what.into())
        }
        AddressStep::TakenBack => (
            "This address no longer signs in to Timeproof",
            "the change to this address was taken back from the mailbox before. This one no longer\n\
             signs in to Timeproof, and all browsers were signed out."
                .into(),
        ),
    }
}

/// What to do.
pub(super) fn advice(step: &AddressStep) -> &'static str {
    match step {
        AddressStep::Asked { .. } => {
            "Was it you? Then you need not do anything here. If it was not, stop it with this link. It\n\
             works for three days: once the address has changed, it puts it back and signs all browsers\n\
             out."
        }
        AddressStep::GivenUp { .. } => {
            "Was it you? Then you need not do anything. If it was not, this link puts the address back\n\
             and signs all browsers out. It works for three days from when the change was asked for,\n\
             and so long nobody else gets this address. What was set up since then to sign in by, and\n\
             API tokens, go with it."
        }
        AddressStep::Stopped { was_changed: true } => {
            "What to do now: sign in with this address, and look through how you sign in and through\n\
             your API tokens. Start here:"
        }
        AddressStep::Stopped { was_changed: false } => {
            "Was it not you who asked for the change? Then somebody else can act as you: sign in, sign\n\
             out everywhere else, and look through how you sign in and through your API tokens, here:"
        }
        AddressStep::TakenBack => {
            "Was it not you who took it back? Then talk to who runs your Timeproof: somebody reads the\n\
             mailbox of your former address. The page is here:"
        }
        AddressStep::Changed => {
            "Was it you? Then you need not do anything. If it was not, somebody else can act as you:\n\
             sign in, sign out everywhere else, and change how you sign in, here:"
        }
    }
}
