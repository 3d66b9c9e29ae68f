//! Carry a change of address out, by the code or the link that the new mailbox got.

use domain::{
    ids::{IntentionId, UserId, WorkspaceId},
    text::EmailAddress,
};
use store::Statement;
use vault::KeyId;

use super::{
    ask::is_free,
    binding,
    row::{Change, find_open, get_own, stop_token},
};
use crate::{
    DirectoryOp, Error, field,
    identity::{
        NewIntention,
        act::Act,
        insert_intention, letters, list_memberships,
        notice::{AddressStep, Happening, tell_at},
        second::reset::kill_steps,
        session::{Origin, Session},
        sign_in::{LinkFound, Tried, address_of_link, look_at_link, try_code, try_link},
    },
};

/// What an intention to readdress a member is called.
pub(crate) const READDRESS: &str = "member.readdress";

/// The same, with revoking the API tokens made since the instant of its payload, in microseconds.
pub(crate) const TAKE_BACK: &str = "member.take_back";

/// By what somebody shows that the new mailbox is theirs.
pub enum Confirm {
    /// The code, as it was typed.
    Code(String),
    /// The token of the link.
    Link(String),
}

/// What became of it in the directory.
pub(crate) enum CarriedOut {
    /// The new address is theirs.
    Done(Moved),
    /// The code is wrong; tries left, at least one.
    Wrong(i64),
    /// The link belongs to another session.
    OtherBrowser,
    /// Too old, used, replaced, stopped, tried too often, or never made.
    NotValid,
    /// Somebody else has the address by now.
    Taken,
}

/// What members have to follow in: an intention for each workspace.
pub(crate) struct Moved {
    pub(crate) user: UserId,
    pub(crate) intentions: Vec<(IntentionId, WorkspaceId)>,
    /// Since when API tokens are to be revoked, where a change was taken back; in microseconds.
    pub(crate) tokens_since: Option<i64>,
}

/// What a link of the new mailbox is, when it is only looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LookedAddress {
    /// It can be used here, and changes the address to this one.
    Here(EmailAddress),
    /// Another session asked for it.
    OtherBrowser,
    /// Too old, used, replaced, stopped, or never made.
    NotValid,
}

/// Looks at a link of the new mailbox without using it, as a GET does.
///
/// Errors: [`Error::Store`].
pub fn look_at_address_link(
    op: &mut DirectoryOp,
    session: &Session,
    token: &str,
) -> Result<LookedAddress, Error> {
    let hash = binding(op, session)?;
    Ok(match look_at_link(op, Some(&hash), token)? {
        LinkFound::Here => match find_of_link(op, session, token, hash)? {
            Some(change) => LookedAddress::Here(change.new),
            None => LookedAddress::NotValid,
        },
        LinkFound::OtherBrowser => LookedAddress::OtherBrowser,
        LinkFound::NotValid => LookedAddress::NotValid,
    })
}

fn find_fresh(op: &mut DirectoryOp, session: &Session) -> Result<Option<Change>, Error> {
    let now = op.now_us();
    Ok(find_open(op, session.user)?.filter(|change| change.is_fresh(now)))
}

/// The open change that a link of this session carries out.
fn find_of_link(
    op: &mut DirectoryOp,
    session: &Session,
    token: &str,
    binding: [u8; 32],
) -> Result<Option<Change>, Error> {
    let Some(mailed_to) = address_of_link(op, token)? else { return Ok(None) };
    let change = find_fresh(op, session)?;
    Ok(change.filter(|change| change.waits_for(mailed_to, binding)))
}

/// Tries code or link, and makes the new address the person's when it is right.
///
/// Errors: [`Error::Store`]; a wrong code is an answer, so that its count is kept. Audit:
/// `address.changed`.
pub(crate) fn carry_out(
    op: &mut DirectoryOp,
    session: &Session,
    by: &Confirm,
    origin: &Origin,
) -> Result<CarriedOut, Error> {
    let hash = binding(op, session)?;
    let Some(change) = find_fresh(op, session)? else {
        return Ok(CarriedOut::NotValid);
    };
    let tried = match by {
        Confirm::Code(typed) => try_code(op, &hash, typed, origin)?,
        Confirm::Link(token) => try_link(op, Some(&hash), token)?,
    };
    match tried {
        Tried::Passed { user, address_index, .. }
            if user == session.user && change.waits_for(address_index, hash) =>
        {
            move_to_new(op, &change, origin)
        }
        Tried::Wrong { left } => Ok(CarriedOut::Wrong(left)),
        Tried::OtherBrowser => Ok(CarriedOut::OtherBrowser),
        Tried::Passed { .. } | Tried::CodesOff | Tried::NotValid => Ok(CarriedOut::NotValid),
    }
}

fn move_to_new(
    op: &mut DirectoryOp,
    change: &Change,
    origin: &Origin,
) -> Result<CarriedOut, Error> {
    let (user, now) = (change.user, op.now_us());
    let is_free = is_free(op, user, &change.new)?;
    if !is_free || !put(op, user, change.new_index, &change.new)? {
        op.execute(&BURY, &[change.id.into(), now.into()])?;
        return Ok(CarriedOut::Taken);
    }
    op.execute(&FINISH, &[change.id.into(), now.into()])?;
    settle_address(op, user, change.old_index, change.new_index)?;
    let intentions = tell_workspaces(op, user, READDRESS, "")?;
    kill_steps(op, user)?;
    let link = letters::stop_address_link(&origin.base_url, &stop_token(op, change.id)?);
    tell_at(op, user, &change.old, &Happening::Address(AddressStep::GivenUp { link }), origin)?;
    tell_at(op, user, &change.new, &Happening::Address(AddressStep::Changed), origin)?;
    op.record_act(Act::AddressChanged, Some(user), &[("change", change.id.uuid().into())])?;
    Ok(CarriedOut::Done(Moved { user, intentions, tokens_since: None }))
}

/// Makes an address the person's, who has shown that its mailbox is theirs; whether nobody else had it.
pub(super) fn put(
    op: &mut DirectoryOp,
    user: UserId,
    index: [u8; 32],
    address: &EmailAddress,
) -> Result<bool, Error> {
    let own = get_own(op, user)?;
    let (key, sealed_rev): (KeyId, i64) = (own.key, own.sealed_rev + 1);
    let sealed = op.seal(key, field::PERSON_ADDRESS, user, sealed_rev, address.as_str())?;
    let now = op.now_us();
    let values = [user.into(), index.into(), sealed.into(), sealed_rev.into(), now.into()];
    Ok(op.execute(&PUT, &values)? > 0)
}

/// What was mailed to the address before works no longer, and guesses at the account move along, so that they
/// do not begin anew. Those at codes that sign in stay: they are counted alike for an address that nobody has.
pub(super) fn settle_address(
    op: &mut DirectoryOp,
    user: UserId,
    before: [u8; 32],
    after: [u8; 32],
) -> Result<(), Error> {
    kill_attempts(op, user, before)?;
    op.execute(&FORGET_GUESSES, &[after.into()])?;
    op.execute(&MOVE_GUESSES, &[before.into(), after.into()]).map(drop)
}

/// Each workspace of the person is to follow.
pub(super) fn tell_workspaces(
    op: &mut DirectoryOp,
    user: UserId,
    kind: &'static str,
    payload: &str,
) -> Result<Vec<(IntentionId, WorkspaceId)>, Error> {
    let mut intentions = Vec::new();
    for membership in list_memberships(op, user)? {
        let workspace = membership.workspace;
        let new = NewIntention { kind, workspace, user: Some(user), payload };
        intentions.push((insert_intention(op, &new)?, workspace));
    }
    Ok(intentions)
}

/// Codes and links that were mailed to an address for this person work no longer.
pub(super) fn kill_attempts(
    op: &mut DirectoryOp,
    user: UserId,
    index: [u8; 32],
) -> Result<(), Error> {
    op.execute(&KILL_ATTEMPTS, &[index.into(), user.into(), op.now_us().into()])?;
    Ok(())
}

/// The unique index of `address_index` holds that an address is one person's.
const PUT: Statement = Statement::new(
    "address.put",
    "UPDATE people SET address_index = $2, address_sealed = $3, sealed_rev = $4,
                       address_shown_at = $5
     WHERE id = $1
       AND NOT EXISTS (SELECT 1 FROM people o WHERE o.address_index = $2 AND o.id <> $1)",
);

const FINISH: Statement = Statement::new(
    "address.finish",
    "UPDATE address_changes SET done_at = $2
     WHERE id = $1 AND done_at IS NULL AND dead_at IS NULL AND stopped_at IS NULL",
);

const BURY: Statement = Statement::new(
    "address.bury",
    "UPDATE address_changes SET dead_at = $2 WHERE id = $1 AND done_at IS NULL",
);

/// Index `login_attempts_address`. What others have asked for at the same address is left alone.
const KILL_ATTEMPTS: Statement = Statement::new(
    "address.kill_attempts",
    "UPDATE login_attempts SET dead_at = $3
     WHERE address_index = $1 AND user_id = $2 AND used_at IS NULL AND dead_at IS NULL",
);

/// Those at the new address were at nobody's account.
const FORGET_GUESSES: Statement = Statement::new(
    "address.forget_guesses",
    "DELETE FROM lockouts WHERE account_index = $1 AND substr(kind, 1, 12) <> 'sign-in-code'",
);

const MOVE_GUESSES: Statement = Statement::new(
    "address.move_guesses",
    "UPDATE lockouts SET account_index = $2
     WHERE account_index = $1 AND substr(kind, 1, 12) <> 'sign-in-code'",
);

pub(super) const STATEMENTS: &[Statement] =
    &[PUT, FINISH, BURY, KILL_ATTEMPTS, FORGET_GUESSES, MOVE_GUESSES];
