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
        LockedOut::Codes(Crossed::Waits) => (
            "Wrong codes were tried for your Timeproof account",
            "somebody typed fifteen wrong codes for your address within an hour, in browsers in which you\n\
             have not signed in before. The codes and links that were sent to such browsers open nothing\n\
             any more, and they get new ones only when the hour is over. The last one came from here:",
        ),
        LockedOut::Codes(Crossed::Off) => (
            "Codes by mail no longer sign you in to Timeproof in new browsers",
            "somebody typed a hundred wrong codes for your address, in browsers in which you have not\n\
             signed in before. To be safe, typed codes sign you in only where you have signed in before,\n\
             until a month after the last wrong one. That one came from here:",
        ),
        LockedOut::Codes(Crossed::Device) => (
            "Wrong codes were tried in one of your browsers",
            "somebody typed fifteen wrong codes for your address within an hour, in a browser in which\n\
             you have signed in before. The codes and links that were sent to such browsers open nothing\n\
             any more, and they get new ones only when the hour is over.",
        ),
        LockedOut::MailedSecond(Crossed::Off) => (
            "Too many wrong codes for your sign-in",
            "somebody typed a hundred wrong codes from mails, after the first step of your sign-in to\n\
             Timeproof. So such codes are no second step any more in browsers in which you have not\n\
             signed in before, until you have signed in once more.",
        ),
        LockedOut::Second(Crossed::Waits) | LockedOut::MailedSecond(Crossed::Waits) => (
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
        LockedOut::Second(Crossed::Device) | LockedOut::MailedSecond(Crossed::Device) => (
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
        LockedOut::Codes(Crossed::Waits) => {
            "Was it you? Then wait an hour, or sign in another way. Where you have signed in before, codes\n\
             by mail work as always. Was it not you? Then you need not do anything. A second factor keeps\n\
             out even those who guess a code; it is set up here:"
        }
        LockedOut::Codes(Crossed::Off) => {
            "Elsewhere, ask for a mail and open its link in the browser that asked: links go on working,\n\
             and so do a password and a passkey. Codes work again everywhere by themselves, a month after\n\
             the last wrong one. A second factor keeps out even those who guess a code; it is set up here:"
        }
        LockedOut::MailedSecond(Crossed::Off) => {
            "There, sign in with a code or a link by mail instead of the password, or with a passkey: that\n\
             lets such codes work again. Whoever did this knows your first step: if that is a password,\n\
             change it. An authenticator app is the better second step. All of it is here:"
        }
        LockedOut::Password(Crossed::Device)
        | LockedOut::Codes(Crossed::Device)
        | LockedOut::Second(Crossed::Device)
        | LockedOut::MailedSecond(Crossed::Device) => {
            "Was it not you? Then somebody sits before that browser: sign out everywhere else here:"
        }
        LockedOut::MailedSecond(Crossed::Waits) => {
            "Was it you? Wait a minute, or sign in with a code by mail instead. Where you were signed in\n\
             before, your codes work as always. Was it not you? Then somebody knows your first step: if\n\
             that is a password, change it here:"
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
