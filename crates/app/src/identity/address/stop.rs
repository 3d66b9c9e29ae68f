//! Stop a change of address, or take it back, by the link that the mailbox before got.
//!
//! One that was not carried out is only withdrawn. One that was is taken back with all that whoever carried
//! it out can have set up meanwhile ([`take_back`](super::take_back)).

use domain::{ids::UserId, text::EmailAddress};
use jiff::Timestamp;
use store::Statement;

use super::{
    carry_out::{Moved, TAKE_BACK, kill_attempts, put, settle_address, tell_workspaces},
    row::{Change, get_own, select_change},
    take_back::forget_since,
};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        act::Act,
        end_all_sessions, hash_secret,
        known_device::end_marks,
        notice::{AddressStep, Happening, tell_at},
        policy::ADDRESS_STOP_US,
        second::reset::kill_steps,
        session::Origin,
    },
};

/// What a link that stops a change shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StopFound {
    /// The address that stays, or comes back.
    pub address: EmailAddress,
    /// Whether it was carried out, or another one after it: then it is taken back, else only withdrawn.
    pub is_changed: bool,
    /// Until when the link works.
    pub until: Timestamp,
}

/// Looks at such a link without using it, as a GET does: mail scanners open links too.
///
/// Errors: [`Error::Store`].
pub fn look_at_stop(op: &mut DirectoryOp, token: &str) -> Result<Option<StopFound>, Error> {
    let Some(change) = find(op, token)? else { return Ok(None) };
    Ok(Some(StopFound {
        is_changed: was_carried_out(op, &change)?,
        address: change.old,
        until: change.stop_until,
    }))
}

fn find(op: &mut DirectoryOp, token: &str) -> Result<Option<Change>, Error> {
    let Some(hash) = hash_secret(token) else { return Ok(None) };
    let now = op.now_us();
    let values = [hash.into(), now.into(), (now + ADDRESS_STOP_US).into()];
    let row = op.optional(&FIND, &values)?;
    row.map(|row| Change::read(op, &row)).transpose()
}

/// Whether it, or one that was asked for after it, made another address the person's: also where that is
/// theirs no longer.
fn was_carried_out(op: &mut DirectoryOp, change: &Change) -> Result<bool, Error> {
    let since = [change.user.into(), change.created_at.into()];
    Ok(op.optional(&FIND_DONE_SINCE, &since)?.is_some())
}

/// Stops the change and all that came after it. Where none was carried out, that is all. Else it puts the
/// address before back, ends all that the person has open and the marks of known browsers, and takes
/// away what was set up since.
///
/// Errors: [`Refusal::LinkNotValid`]; [`Refusal::AddressHeld`] where the address is somebody else's.
/// Audit: `address.stopped`; where one was carried out `session.ended`, and those of [`forget_since`].
pub(crate) fn stop(op: &mut DirectoryOp, token: &str, origin: &Origin) -> Result<Moved, Error> {
    let change = find(op, token)?.ok_or(Refusal::LinkNotValid)?;
    let was_changed = was_carried_out(op, &change)?;
    let later = [change.user.into(), change.created_at.into(), op.now_us().into()];
    op.execute(&STOP, &later)?;
    let moved = if was_changed {
        take_back(op, &change, origin)?
    } else {
        Moved { user: change.user, intentions: Vec::new(), tokens_since: None }
    };
    // Where the new address was theirs, they went with it already.
    kill_attempts(op, change.user, change.new_index)?;
    let happening = Happening::Address(AddressStep::Stopped { was_changed });
    tell_at(op, change.user, &change.old, &happening, origin)?;
    let facts = [("change", change.id.uuid().into()), ("was_changed", was_changed.into())];
    op.record_act(Act::AddressStopped, Some(change.user), &facts)?;
    Ok(moved)
}

fn take_back(op: &mut DirectoryOp, change: &Change, origin: &Origin) -> Result<Moved, Error> {
    let (user, since) = (change.user, change.created_at);
    put_back(op, change, origin)?;
    forget_since(op, user, since)?;
    kill_steps(op, user)?;
    end_all_sessions(op, user)?;
    end_marks(op, user)?;
    let intentions = tell_workspaces(op, user, TAKE_BACK, &since.to_string())?;
    Ok(Moved { user, intentions, tokens_since: Some(since) })
}

/// Does nothing where the address before is the person's again already.
fn put_back(op: &mut DirectoryOp, change: &Change, origin: &Origin) -> Result<(), Error> {
    let (user, own): (UserId, _) = (change.user, get_own(op, change.user)?);
    if own.index == change.old_index {
        return Ok(());
    }
    if !put(op, user, change.old_index, &change.old)? {
        return Err(Refusal::AddressHeld.into());
    }
    settle_address(op, user, own.index, change.old_index)?;
    tell_at(op, user, &own.address, &Happening::Address(AddressStep::TakenBack), origin)
}

/// The unique index of `stop_hash`. What would last longer than any was made by a clock that was ahead.
const FIND: Statement = Statement::new(
    "address.find_by_stop",
    select_change!(
        "WHERE stop_hash = $1 AND stopped_at IS NULL AND stop_until > $2 AND stop_until <= $3"
    ),
);

/// Index `address_changes_user`. The links of later changes went to mailboxes that are not to be trusted.
const STOP: Statement = Statement::new(
    "address.stop",
    "UPDATE address_changes SET stopped_at = $3
     WHERE user_id = $1 AND created_at >= $2 AND stopped_at IS NULL",
);

/// Index `address_changes_user`.
const FIND_DONE_SINCE: Statement = Statement::new(
    "address.find_done_since",
    "SELECT id FROM address_changes
     WHERE user_id = $1 AND created_at >= $2 AND done_at IS NOT NULL AND stopped_at IS NULL LIMIT 1",
);

pub(super) const STATEMENTS: &[Statement] = &[FIND, STOP, FIND_DONE_SINCE];
