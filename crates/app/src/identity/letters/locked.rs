//! What is told of guesses that were stopped.

use crate::identity::{lockout::Crossed, notice::LockedOut};

/// The subject, and what happened.
pub(super) fn told(locked: LockedOut) -> (&'static str, &'static str) {
    match locked {
        LockedOut::Password(Crossed::Waits) => (
            "Wrong passwords were tried for your Timeproof account",
            "somebody tried several wrong passwords for your address in a browser in which you have not\n\
             signed in before. From now on they have to wait between two tries, longer each time. The\n\
             last one came from here:",
        ),
        LockedOut::Password(Crossed::Off) => (
            "Your Timeproof password no longer works in new browsers",
            "a hundred wrong passwords were tried for your address in browsers in which you have not\n\
             signed in before. To be safe, your password now works only where you have signed in\n\
             before. The last one came from here:",
        ),
        LockedOut::Password(Crossed::Device) => (
            "Wrong passwords were tried in one of your browsers",
            "ten wrong passwords in a row were tried for your address in a browser in which you have\n\
             signed in before. That browser is treated like a new one until you sign in there again.",
        ),
        LockedOut::Second(Crossed::Waits) => (
            "Wrong codes were tried for your sign-in",
            "somebody got through the first step of your sign-in to Timeproof and typed several wrong\n\
             codes at the second one, in a browser in which you were not signed in before. From now on\n\
             they have to wait between two tries, longer each time.",
        ),
        LockedOut::Second(Crossed::Off) => (
            "Too many wrong codes for your sign-in",
            "somebody typed a hundred wrong codes of your authenticator app, after the first step of\n\
             your sign-in to Timeproof. So codes of the app work in no browser any more in which you\n\
             were not signed in before.",
        ),
        LockedOut::Second(Crossed::Device) => (
            "Wrong codes were tried in one of your browsers",
            "ten wrong codes in a row were typed in a browser in which you were signed in before. That\n\
             browser is treated like a new one until you sign in there again. A recovery code works\n\
             there all the same.",
        ),
    }
}

/// What to do.
pub(super) fn advice(locked: LockedOut) -> &'static str {
    match locked {
        LockedOut::Password(Crossed::Waits) => {
            "Was it you? Then wait a minute, or sign in with a code by mail. Where you have signed in\n\
             before, your password works as always. Was it not you? Then you need not do anything. A\n\
             second factor keeps out even those who find your password; it is set up here:"
        }
        LockedOut::Password(Crossed::Off) => {
            "Elsewhere, sign in with a code by mail. To let the password work everywhere again, choose\n\
             another one, or say so, in the section “Password” here:"
        }
        LockedOut::Password(Crossed::Device) | LockedOut::Second(Crossed::Device) => {
            "Was it not you? Then somebody sits before that browser: sign out everywhere else here:"
        }
        LockedOut::Second(Crossed::Waits) => {
            "Was it you? Wait a minute, or use a recovery code. Where you were signed in before, your\n\
             codes work as always. Was it not you? Then somebody knows your first step: if that is a\n\
             password, change it here:"
        }
        LockedOut::Second(Crossed::Off) => {
            "There, sign in with a recovery code: that lets the app work again. You can also say so in\n\
             the section “Second step”, or set the app up anew. Whoever did this knows your first step:\n\
             if that is a password, change it. All of it is here:"
        }
    }
}
