//! What goes with a change of address that is taken back: all that whoever carried it out can have set up to
//! come in by, each with its event, as when its person removes it. API tokens are the workspaces', and go
//! there ([`crate::App::stop_address_change`]).

use domain::ids::{AuthenticatorId, PasskeyId, ProviderId, UserId};
use store::Statement;

use crate::{
    DirectoryOp, Error,
    audit::Fact,
    identity::{act::Act, session::Second},
};

/// Takes away what was set up at or after an instant: password, second factors, recovery codes, accounts at
/// providers, and programs that were let in and have no token yet.
///
/// Errors: [`Error::Store`]. Audit: `password.removed`, `factor.removed`, `factor.changed`,
/// `recovery_codes.removed`, `provider.unlinked`, `grant.denied`.
pub(super) fn forget_since(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    forget_password(op, user, since)?;
    forget_apps(op, user, since)?;
    forget_passkeys(op, user, since)?;
    forget_codes(op, user, since)?;
    forget_mail_step(op, user, since)?;
    forget_providers(op, user, since)?;
    deny_grants(op, user, since)
}

fn forget_password(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    match op.execute(&FORGET_PASSWORD, &[user.into(), since.into()])? {
        0 => Ok(()),
        _ => op.record_act(Act::PasswordRemoved, Some(user), &[]),
    }
}

fn forget_apps(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    for row in op.query(&FORGET_APPS, &[user.into(), since.into()])? {
        let id: AuthenticatorId = row.get(0)?;
        // One that waited for its first code was no factor yet.
        if row.get::<Option<i64>>(1)?.is_some() {
            removed(op, user, Second::Totp, ("authenticator", id.uuid().into()))?;
        }
    }
    Ok(())
}

fn forget_passkeys(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    for row in op.query(&FORGET_PASSKEYS, &[user.into(), since.into()])? {
        let id: PasskeyId = row.get(0)?;
        removed(op, user, Second::Passkey, ("passkey", id.uuid().into()))?;
    }
    if op.execute(&FORGET_PASSKEY_STEP, &[user.into(), since.into()])? == 0 {
        return Ok(());
    }
    let facts = [("factor", Second::Passkey.as_str().into()), ("asked_always", false.into())];
    op.record_act(Act::FactorChanged, Some(user), &facts)
}

fn forget_codes(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    match op.execute(&FORGET_CODES, &[user.into(), since.into()])? {
        0 => Ok(()),
        _ => op.record_act(Act::RecoveryCodesRemoved, Some(user), &[]),
    }
}

fn forget_mail_step(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    if op.execute(&FORGET_MAIL_STEP, &[user.into(), since.into()])? == 0 {
        return Ok(());
    }
    let facts = [("factor", Second::MailCode.as_str().into())];
    op.record_act(Act::FactorRemoved, Some(user), &facts)
}

fn forget_providers(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    for row in op.query(&FORGET_PROVIDERS, &[user.into(), since.into()])? {
        let id: ProviderId = row.get(0)?;
        op.record_act(Act::ProviderUnlinked, Some(user), &[("provider", id.uuid().into())])?;
    }
    Ok(())
}

fn deny_grants(op: &mut DirectoryOp, user: UserId, since: i64) -> Result<(), Error> {
    let values = [user.into(), since.into(), op.now_us().into()];
    for row in op.query(&DENY_GRANTS, &values)? {
        let id: domain::ids::GrantId = row.get(0)?;
        op.record_act(Act::GrantDenied, Some(user), &[("grant", id.uuid().into())])?;
    }
    Ok(())
}

fn removed(
    op: &mut DirectoryOp,
    user: UserId,
    factor: Second,
    which: (&'static str, Fact),
) -> Result<(), Error> {
    op.record_act(Act::FactorRemoved, Some(user), &[("factor", factor.as_str().into()), which])
}

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
       AND (created_at >= $2 OR confirmed_at IS NULL OR confirmed_at >= $2)
     RETURNING id, confirmed_at",
);

/// The unique index over `user_id` and `slot`.
const FORGET_PASSKEYS: Statement = Statement::new(
    "address.forget_passkeys",
    "DELETE FROM passkeys WHERE user_id = $1 AND created_at >= $2 RETURNING id",
);

const FORGET_PASSKEY_STEP: Statement = Statement::new(
    "address.forget_passkey_step",
    "UPDATE people SET passkey_always_at = NULL
     WHERE id = $1 AND passkey_always_at IS NOT NULL
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
    "DELETE FROM provider_links WHERE user_id = $1 AND created_at >= $2 RETURNING provider_id",
);

/// What is collected already is a token, and goes with those.
const DENY_GRANTS: Statement = Statement::new(
    "address.deny_grants",
    "UPDATE device_grants SET denied_at = $3
     WHERE user_id = $1 AND approved_at >= $2 AND collected_at IS NULL AND denied_at IS NULL
     RETURNING id",
);

pub(super) const STATEMENTS: &[Statement] = &[
    FORGET_PASSWORD,
    FORGET_APPS,
    FORGET_PASSKEYS,
    FORGET_PASSKEY_STEP,
    FORGET_CODES,
    FORGET_MAIL_STEP,
    FORGET_PROVIDERS,
    DENY_GRANTS,
];
