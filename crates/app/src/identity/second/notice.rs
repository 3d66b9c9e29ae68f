//! What a person is told by mail when their second factors change.

use domain::{ids::UserId, text::Name};

use crate::{
    DirectoryOp, Error,
    identity::{
        get_address,
        letters::sign_in_changed,
        outbox::{self, LetterKind},
    },
};

pub(super) fn added(op: &mut DirectoryOp, user: UserId, name: &Name) -> Result<(), Error> {
    let text = format!(
        "an authenticator app was set up for your sign-in to Timeproof: {}. From now on a code of\n\
         it is asked for. All your other browsers were signed out.",
        name.as_str()
    );
    send(op, user, "An authenticator app was added to your sign-in", &text)
}

pub(super) fn removed(
    op: &mut DirectoryOp,
    user: UserId,
    name: &Name,
    is_one_left: bool,
) -> Result<(), Error> {
    let rest = if is_one_left {
        "A code of your other app is asked for as before."
    } else {
        "It was the last one: no code of an app is asked for any more, and your\n\
         recovery codes no longer work."
    };
    let text = format!(
        "the authenticator app {} was removed from your sign-in to Timeproof.\n{rest}",
        name.as_str()
    );
    send(op, user, "An authenticator app was removed from your sign-in", &text)
}

pub(super) fn codes_made(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    let text =
        "new recovery codes were made for your sign-in to Timeproof. Those before no longer work.";
    send(op, user, "New recovery codes for your sign-in", text)
}

pub(super) fn code_used(op: &mut DirectoryOp, user: UserId, left: i64) -> Result<(), Error> {
    let left = match left {
        0 => "None is left: make new ones on the page “My security”.".to_owned(),
        1 => "One is left: make new ones on the page “My security”.".to_owned(),
        left => format!("{left} are left."),
    };
    let text = format!("one of your recovery codes for Timeproof was just used. {left}");
    send(op, user, "A recovery code of yours was used", &text)
}

pub(super) fn is_off(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    let text = "somebody typed a hundred wrong codes of your authenticator app, after the first step of\n\
                your sign-in to Timeproof. So codes of the app work in no browser any more in which you\n\
                were not signed in before. A recovery code does, and lets the app in again.";
    send(op, user, "Too many wrong codes for your sign-in", text)
}

pub(super) fn mail_set(op: &mut DirectoryOp, user: UserId, is_on: bool) -> Result<(), Error> {
    let text = if is_on {
        "a code by mail is asked for from now on when you sign in to Timeproof with your\npassword."
    } else {
        "no code by mail is asked for any more when you sign in to Timeproof with your\npassword."
    };
    send(op, user, "The second step of your sign-in was changed", text)
}

fn send(op: &mut DirectoryOp, user: UserId, subject: &str, text: &str) -> Result<(), Error> {
    let letter = sign_in_changed(&get_address(op, user)?, subject, text)?;
    outbox::enqueue(op, LetterKind::FactorChanged, &letter)
}
