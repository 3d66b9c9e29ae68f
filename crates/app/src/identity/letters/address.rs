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
                 back."
            } else {
                "your account on Timeproof keeps this address: the link was used that stops a change."
            };
            let also = "All browsers were signed out. A password, an authenticator app and the\n\
                 like that were set up since somebody asked for the change are gone.";
            ("Your Timeproof account keeps its address", format!("{what}\n{also}"))
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
            "Was it you? Then you need not do anything here. If it was not, stop it with this link: it\n\
             signs all browsers out, and works for three days, also once the address has changed."
        }
        AddressStep::GivenUp { .. } => {
            "Was it you? Then you need not do anything. If it was not, this link puts the address back\n\
             and signs all browsers out. It works for three days from when the change was asked for,\n\
             and so long nobody else gets this address."
        }
        AddressStep::Stopped { .. } => {
            "What to do now: sign in with this address, and look through how you sign in and through\n\
             your API tokens. Start here:"
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
