//! Joining by mail domain, as the directory knows it: at which domains people may join which workspace,
//! and what was mailed to them.
//!
//! What holds is each workspace's own rule ([`crate::joining`]); this is how the sign-in page finds it in
//! one look, whether anybody may join or not. Domains are known here by a keyed hash alone.

mod offer;
mod place;

use domain::{ids::UserId, joining::MailDomain};
use store::{Row, Statement};

pub(super) use offer::write_offer;
pub(crate) use offer::{find_offer, use_up_offer};
pub(crate) use place::{JoinPlace, JoinPlaces, find_places, get_join_domains, put_join_domains};

use super::{
    person::get_address,
    policy::{CLOCK_SKEW_US, OFFER_LIFE_US},
    session::Session,
};
use crate::{DirectoryOp, Error};

/// Those of these people who may sign in and have shown that their mailbox is theirs, with its domain.
///
/// Errors: [`Error::Store`].
pub(crate) fn list_shown_domains(
    op: &mut DirectoryOp,
    people: &[UserId],
) -> Result<Vec<(UserId, MailDomain)>, Error> {
    let mut shown = Vec::new();
    for user in people {
        if has_shown_address(op, *user)? {
            shown.push((*user, MailDomain::of(&get_address(op, *user)?)));
        }
    }
    Ok(shown)
}

/// Where somebody who is signed in may join: by the address they sign in with, as long after they have shown
/// that it is theirs as the link in a letter works. Whoever was sent away from where the mailbox is has a
/// session, a password and a passkey still, and reads no letter there.
///
/// Errors: [`Error::Store`].
pub(crate) fn find_own_places(
    op: &mut DirectoryOp,
    session: &Session,
) -> Result<Vec<JoinPlace>, Error> {
    let lately =
        op.now_us().saturating_sub(OFFER_LIFE_US)..=op.now_us().saturating_add(CLOCK_SKEW_US);
    let is_by_mail = session.shown.first.is_by_mail();
    if !is_by_mail || !lately.contains(&session.shown_at.as_microsecond()) {
        return Ok(Vec::new());
    }
    // A fresh proof by something else makes the session one of now, and not the mailbox.
    let shown_at = find_shown_at(op, session.user)?;
    if !shown_at.is_some_and(|shown_at| lately.contains(&shown_at)) {
        return Ok(Vec::new());
    }
    let address = get_address(op, session.user)?;
    find_places(op, &address)
}

/// Whether somebody who is signed in may join anywhere, as far as the directory knows.
///
/// Errors: [`Error::Store`].
pub fn may_join_somewhere(op: &mut DirectoryOp, session: &Session) -> Result<bool, Error> {
    Ok(!find_own_places(op, session)?.is_empty())
}

/// Notes that a person reads the mailbox of their address now.
///
/// Errors: [`Error::Store`]. Audit: none; what showed it has its own event.
pub(super) fn mark_address_shown(op: &mut DirectoryOp, user: UserId) -> Result<(), Error> {
    op.execute(&MARK_SHOWN, &[user.into(), op.now_us().into()])?;
    Ok(())
}

fn has_shown_address(op: &mut DirectoryOp, user: UserId) -> Result<bool, Error> {
    Ok(find_shown_at(op, user)?.is_some())
}

/// When a person who is not disabled has shown last that they read the mailbox.
fn find_shown_at(op: &mut DirectoryOp, user: UserId) -> Result<Option<i64>, Error> {
    let read = |row: Row| row.get::<Option<i64>>(0);
    let found = op.optional(&FIND_SHOWN, &[user.into()])?.map(read).transpose()?;
    Ok(found.flatten())
}

const MARK_SHOWN: Statement =
    Statement::new("joining.mark_shown", "UPDATE people SET address_shown_at = $2 WHERE id = $1");

const FIND_SHOWN: Statement = Statement::new(
    "joining.find_shown",
    "SELECT address_shown_at FROM people WHERE id = $1 AND disabled_at IS NULL",
);

pub(super) fn statements() -> Vec<Statement> {
    [&[MARK_SHOWN, FIND_SHOWN], offer::STATEMENTS, place::STATEMENTS].concat()
}
