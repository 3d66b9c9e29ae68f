//! Stop a change of address, or take it back, by the link that the mailbox before got.

use domain::text::EmailAddress;
use jiff::Timestamp;
use store::Statement;

use super::{
    carry_out::{Moved, kill_attempts, put, settle_address},
    row::{Change, get_own, select_change},
};
use crate::{
    DirectoryOp, Error, Refusal,
    identity::{
        act::Act,
        end_all_sessions, hash_secret,
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
    /// Whether another one is the person's by now.
    pub is_changed: bool,
    /// Until when the link works.
    pub until: Timestamp,
}

/// Looks at such a link without using it, as a GET does: mail scanners open links too.
///
/// Errors: [`Error::Store`].
pub fn look_at_stop(op: &mut DirectoryOp, token: &str) -> Result<Option<StopFound>, Error> {
    let Some(change) = find(op, token)? else { return Ok(None) };
    let own = get_own(op, change.user)?;
    Ok(Some(StopFound {
        is_changed: own.index != change.old_index,
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

/// Stops the change and all that came after it, puts the address before back where another one is the
/// person's by now, and ends all that they have open: whoever asked was signed in as them. Passwords,
/// second factors and accounts at providers that are newer than the asking go too.
///
/// Errors: [`Refusal::LinkNotValid`]; [`Refusal::AddressHeld`] where the address is somebody else's.
/// Audit: `address.stopped`, `session.ended`.
pub(crate) fn stop(op: &mut DirectoryOp, token: &str, origin: &Origin) -> Result<Moved, Error> {
    let change = find(op, token)?.ok_or(Refusal::LinkNotValid)?;
    let (user, now) = (change.user, op.now_us());
    let later = [user.into(), change.created_at.into(), now.into()];
    op.execute(&STOP, &later)?;
    let own = get_own(op, user)?;
    let is_changed = own.index != change.old_index;
    let mut intentions = Vec::new();
    if is_changed {
        if !put(op, user, change.old_index, &change.old)? {
            return Err(Refusal::AddressHeld.into());
        }
        intentions = settle_address(op, user, own.index, change.old_index)?;
    }
    let since = [user.into(), change.created_at.into()];
    for statement in FORGET {
        op.execute(&statement, &since)?;
    }
    if own.index != change.new_index {
        // Else they went with the address that was theirs.
        kill_attempts(op, user, change.new_index)?;
    }
    // Also where the address never changed: who is one step from being in is not to get there.
    kill_steps(op, user)?;
    end_all_sessions(op, user)?;
    tell_at(
        op,
        user,
        &change.old,
        &Happening::Address(AddressStep::Stopped { was_changed: is_changed }),
        origin,
    )?;
    if is_changed {
        tell_at(op, user, &own.address, &Happening::Address(AddressStep::TakenBack), origin)?;
    }
    let facts = [("change", change.id.uuid().into()), ("was_changed", is_changed.into())];
    op.record_act(Act::AddressStopped, Some(user), &facts)?;
    Ok(Moved { user, intentions })
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

/// What somebody can have set up who was signed in as them.
const FORGET: [Statement; 7] = [
    FORGET_PASSWORD,
    FORGET_APPS,
    FORGET_PASSKEYS,
    FORGET_PASSKEY_STEP,
    FORGET_CODES,
    FORGET_MAIL_STEP,
    FORGET_PROVIDERS,
];

const FORGET_PASSWORD: Statement = Statement::new(
    "address.forget_password",
    "DELETE FROM passwords WHERE user_id = $1 AND changed_at >= $2",
);

/// Index `authenticators_user`. A set-up may be begun long before its first right code, and one without a
/// code yet could be finished by whoever saw its seed.
const FORGET_APPS: Statement = Statement::new(
    "address.forget_apps",
    "DELETE FROM authenticators
     WHERE user_id = $1
       AND (created_at >= $2 OR confirmed_at IS NULL OR confirmed_at >= $2)",
);

/// The unique index over `user_id` and `slot`.
const FORGET_PASSKEYS: Statement = Statement::new(
    "address.forget_passkeys",
    "DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2",
);

const FORGET_PASSKEY_STEP: Statement = Statement::new(
    "address.forget_passkey_step",
    "UPDATE people SET passkey_always_at = NULL
     WHERE id = $1
       AND (passkey_always_at >= $2
            OR NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = $1))",
);

/// Codes that stand in for an app or a passkey are nothing without one, and new ones may be known to somebody.
const FORGET_CODES: Statement = Statement::new(
    "address.forget_codes",
    "DELETE FROM recovery_codes
     WHERE user_id = $1
       AND (created_at >= $2
            OR NOT EXISTS (SELECT 1 FROM authenticators a
                           WHERE a.user_id = $1 AND a.confirmed_at IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM passkeys k WHERE k.user_id = $1))",
);

const FORGET_MAIL_STEP: Statement = Statement::new(
    "address.forget_mail_step",
    "UPDATE people SET second_mail_at = NULL WHERE id = $1 AND second_mail_at >= $2",
);

/// Index `provider_links_user`. Whoever has such an account would walk in without the mailbox.
const FORGET_PROVIDERS: Statement = Statement::new(
    "address.forget_providers",
    "DELETE FROM provider_links WHERE user_id = $1 AND created_at >= $2",
);

pub(super) const STATEMENTS: &[Statement] = &[
    FIND,
    STOP,
    FORGET_PASSWORD,
    FORGET_APPS,
    FORGET_PASSKEYS,
    FORGET_PASSKEY_STEP,
    FORGET_CODES,
    FORGET_MAIL_STEP,
    FORGET_PROVIDERS,
];
