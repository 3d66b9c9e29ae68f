//! What is told of a change in how a person signs in: their password, their second step, or an account at a
//! provider.

use crate::identity::notice::FactorChange;

/// The subject, and what happened.
pub(super) fn told(change: &FactorChange) -> (&'static str, String) {
    match change {
        FactorChange::PasswordSet => (
            "A password was set for Timeproof",
            "from now on you can sign in to Timeproof with a password as well.".into(),
        ),
        FactorChange::PasswordChanged => (
            "Your password for Timeproof was changed",
            "your password for Timeproof was changed. The old one no longer works.".into(),
        ),
        FactorChange::PasswordRemoved => (
            "Your password for Timeproof was removed",
            "your password for Timeproof was removed. You sign in with a code by mail.".into(),
        ),
        FactorChange::AppAdded { name } => (
            "An authenticator app was added to your sign-in",
            format!(
                "an authenticator app was set up for your sign-in to Timeproof: {name}. From now on a code of\n\
                 it is asked for. All your other browsers were signed out."
            ),
        ),
        FactorChange::AppRemoved { name, is_app_left, is_passkey_left } => (
            "An authenticator app was removed from your sign-in",
            format!(
                "the authenticator app {name} was removed from your sign-in to Timeproof.\n{}",
                if *is_app_left {
                    "A code of your other app is asked for as before."
                } else if *is_passkey_left {
                    "It was the last one: no code of an app is asked for any more. You still have a\n\
                     passkey."
                } else {
                    "It was the last one: no code of an app is asked for any more, and your\n\
                     recovery codes no longer work."
                }
            ),
        ),
        FactorChange::CodesMade => (
            "New recovery codes for your sign-in",
            "new recovery codes were made for your sign-in to Timeproof. Those before no longer work."
                .into(),
        ),
        FactorChange::CodeUsed { left } => (
            "A recovery code of yours was used",
            format!("one of your recovery codes for Timeproof was just used.\n{}", codes(*left)),
        ),
        FactorChange::MailStep { is_on } => (
            "The second step of your sign-in was changed",
            if *is_on {
                "a code by mail is asked for from now on when you sign in to Timeproof with your\n\
                 password."
            } else {
                "no code by mail is asked for any more when you sign in to Timeproof with your\n\
                 password."
            }
            .into(),
        ),
        FactorChange::Provider { is_on: true } => (
            "An account was connected with your sign-in to Timeproof",
            "an account at a provider of sign-ins was connected with you. Whoever has that account\n\
             can sign in to Timeproof as you, where that provider is trusted."
                .into(),
        ),
        FactorChange::Provider { is_on: false } => (
            "An account was disconnected from your sign-in to Timeproof",
            "an account at a provider of sign-ins was disconnected from you. It opens nothing here\n\
             any more."
                .into(),
        ),
    }
}

fn codes(left: i64) -> String {
    match left {
        0 => "None is left: make new ones on the page “My security”.".to_owned(),
        1 => "One is left: make new ones on the page “My security”.".to_owned(),
        left => format!("{left} are left."),
    }
}

/// What to do.
pub(super) const ADVICE: &str = "Was it you? Then you need not do anything. If it was not, sign in now, sign out everywhere\n\
     else, change how you sign in, and tell who runs your Timeproof:";
