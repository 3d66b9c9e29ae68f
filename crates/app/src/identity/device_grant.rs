//! `tp login`: a program asks, a person confirms in the browser.
//!
//! | step | program | browser |
//! |---|---|---|
//! | t0 | starts a grant, shows its user code | |
//! | t1 | asks every few seconds with its device code | signed in, types the user code, sees the program's name |
//! | t2 | | chooses a workspace and approves, or denies |
//! | t3 | collects, once | |
//!
//! Source: RFC 8628. The token that the program gets is made by another operation, in the
//! workspace ([`crate::App::collect_token`]); a grant is only the permission to make it.

use domain::{
    ids::{GrantId, UserId, WorkspaceId},
    text::Name,
};
use jiff::Timestamp;
use store::{Row, Statement};
use vault::{Secret, canonical_code, draw_code};

use super::{
    act::Act,
    hash_secret,
    letters::shown_code,
    policy::{CLOCK_SKEW_US, GRANT_LIFE_US, GRANT_POLL_S},
    secret::{Drawn, codes_mac},
};
use crate::{DirectoryOp, Error, Refusal, field, op::instant, token::check_days};

/// A grant that waits for a person. Its secrets are shown this once.
pub struct StartedGrant {
    /// For the program: 43 characters of base64url.
    pub device_code: Secret<String>,
    /// For the person: `XXXX-XXXX`.
    pub user_code: Secret<String>,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How often the program may ask, in seconds.
    pub interval_s: i64,
}

/// A grant as the person sees it.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Which.
    pub id: GrantId,
    /// How the program calls itself.
    pub name: Name,
    /// When it asked.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What a program is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Collected {
    /// Nobody has decided yet.
    Pending,
    /// A person said no.
    Denied,
    /// A person said yes, and no token was made so far.
    Approved(Approved),
    /// Too old, collected before, or never made.
    NotValid,
}

/// What a person has allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// By which grant.
    pub grant: GrantId,
    /// Who.
    pub user: UserId,
    /// For which workspace.
    pub workspace: WorkspaceId,
    /// How the program called itself: the name of its token.
    pub name: Name,
    /// When the person has allowed it.
    pub at: Timestamp,
    /// How long they have said that its token works.
    pub days: i64,
}

/// Starts a grant for a program that calls itself `name`.
///
/// Errors: [`Error::Store`]. Audit: none, nobody has decided anything yet.
pub fn start_grant(op: &mut DirectoryOp, name: &Name) -> Result<StartedGrant, Error> {
    let device = Drawn::new(op);
    let code = draw_code(op.random());
    let expires_at = op.now_us() + GRANT_LIFE_US;
    insert(op, device.hash, code.expose(), name, expires_at)?;
    Ok(StartedGrant {
        device_code: device.text,
        user_code: Secret::new(shown_code(code.expose())),
        expires_at: Timestamp::from_microsecond(expires_at)
            .map_err(|_| Error::bug("instant out of range"))?,
        interval_s: GRANT_POLL_S,
    })
}

/// Keeps a grant whose device code is known and that nobody can decide, for another `life_us`: what
/// the demo shows programs that ask. Its user code is drawn and told to nobody.
///
/// Errors: [`Error::Store`]; [`Error::Bug`] when `device_code` cannot be one. Audit: none, nobody
/// can decide anything.
pub fn keep_undecided_grant(
    op: &mut DirectoryOp,
    device_code: &str,
    name: &Name,
    life_us: i64,
) -> Result<(), Error> {
    let hash = hash_secret(device_code).ok_or_else(|| Error::bug("no device code"))?;
    let now = op.now_us();
    if op.execute(&RENEW, &[hash.into(), now.into(), (now + life_us).into()])? > 0 {
        return Ok(());
    }
    let code = draw_code(op.random());
    insert(op, hash, code.expose(), name, now + life_us)
}

/// The undecided grant with this user code, as a person typed it.
///
/// Errors: [`Error::Store`].
pub fn find_grant(op: &mut DirectoryOp, user_code: &str) -> Result<Option<Grant>, Error> {
    let Some(code) = canonical_code(user_code) else {
        return Ok(None);
    };
    let mac = user_code_mac(op, code.expose())?;
    let values = [mac.into(), op.now_us().into(), (op.now_us() + CLOCK_SKEW_US).into()];
    let Some(row) = op.optional(&FIND_OPEN, &values)? else {
        return Ok(None);
    };
    let id: GrantId = row.get(0)?;
    Ok(Some(Grant {
        id,
        name: open_name(op, id, &row, 1)?,
        created_at: instant(&row, 3)?,
        expires_at: instant(&row, 4)?,
    }))
}

/// Approves a grant for a workspace the person belongs to, with a token of so many days.
///
/// Errors: [`Refusal::GrantNotValid`]; [`Error::NotFound`] for a workspace that is not theirs;
/// [`Error::Invalid`] for `expires_in_days`.
/// Audit: `grant.approved`.
pub fn approve_grant(
    op: &mut DirectoryOp,
    user_code: &str,
    user: UserId,
    workspace: WorkspaceId,
    days: i64,
) -> Result<(), Error> {
    check_days(days)?;
    let grant = find_grant(op, user_code)?.ok_or(Refusal::GrantNotValid)?;
    let membership = [user.into(), workspace.into()];
    if op.optional(&FIND_MEMBERSHIP, &membership)?.is_none() {
        return Err(Error::NotFound);
    }
    let values = [grant.id.into(), op.now_us().into(), user.into(), workspace.into(), days.into()];
    if op.execute(&APPROVE, &values)? == 0 {
        return Err(Refusal::GrantNotValid.into());
    }
    let facts = [("grant", grant.id.uuid().into()), ("workspace", workspace.uuid().into())];
    op.record_act(Act::GrantApproved, Some(user), &facts)
}

/// Denies a grant.
///
/// Errors: [`Refusal::GrantNotValid`]. Audit: `grant.denied`.
pub fn deny_grant(op: &mut DirectoryOp, user_code: &str, user: UserId) -> Result<(), Error> {
    let grant = find_grant(op, user_code)?.ok_or(Refusal::GrantNotValid)?;
    if op.execute(&DENY, &[grant.id.into(), op.now_us().into()])? == 0 {
        return Err(Refusal::GrantNotValid.into());
    }
    let facts = [("grant", grant.id.uuid().into())];
    op.record_act(Act::GrantDenied, Some(user), &facts)
}

/// What became of a grant. Only reads.
///
/// Errors: [`Error::Store`].
pub fn look_at_grant(op: &mut DirectoryOp, device_code: &str) -> Result<Collected, Error> {
    let Some(hash) = hash_secret(device_code) else {
        return Ok(Collected::NotValid);
    };
    let values = [hash.into(), op.now_us().into(), (op.now_us() + CLOCK_SKEW_US).into()];
    let Some(row) = op.optional(&FIND_BY_DEVICE, &values)? else {
        return Ok(Collected::NotValid);
    };
    let id: GrantId = row.get(0)?;
    if row.get::<Option<i64>>(3)?.is_some() {
        return Ok(Collected::Denied);
    }
    let (user, workspace): (Option<UserId>, Option<WorkspaceId>) = (row.get(4)?, row.get(5)?);
    let (Some(user), Some(workspace)) = (user, workspace) else {
        return Ok(Collected::Pending);
    };
    let (name, at) = (open_name(op, id, &row, 1)?, instant(&row, 6)?);
    let days = row.get(7)?;
    Ok(Collected::Approved(Approved { grant: id, user, workspace, name, at, days }))
}

/// Uses an approved grant up: its token has been made.
///
/// Errors: [`Refusal::GrantNotValid`] when it was used up before. Audit: `grant.collected`.
pub fn use_up_grant(op: &mut DirectoryOp, id: GrantId, user: UserId) -> Result<(), Error> {
    if op.execute(&COLLECT, &[id.into(), op.now_us().into()])? == 0 {
        return Err(Refusal::GrantNotValid.into());
    }
    let facts = [("grant", id.uuid().into())];
    op.record_act(Act::GrantCollected, Some(user), &facts)
}

fn insert(
    op: &mut DirectoryOp,
    device_hash: [u8; 32],
    user_code: &str,
    name: &Name,
    expires_at: i64,
) -> Result<(), Error> {
    let id: GrantId = op.new_id();
    let mac = user_code_mac(op, user_code)?;
    let key = op.instance()?.text;
    let sealed = op.seal(key, field::DEVICE_NAME, id, 1, name.as_str())?;
    let now = op.now_us();
    op.execute(
        &INSERT,
        &[id.into(), device_hash.into(), mac.into(), sealed.into(), now.into(), expires_at.into()],
    )?;
    Ok(())
}

/// Opens the name in column `at`, whose revision stands in the next one.
fn open_name(op: &DirectoryOp, id: GrantId, row: &Row, at: usize) -> Result<Name, Error> {
    let sealed: Vec<u8> = row.get(at)?;
    let text = op.open(field::DEVICE_NAME, id, row.get(at + 1)?, &sealed)?;
    Name::parse(&text).map_err(|_| Error::bug("a stored name is not one"))
}

fn user_code_mac(op: &mut DirectoryOp, code: &str) -> Result<[u8; 32], Error> {
    codes_mac(op, "user-code", code.as_bytes())
}

const INSERT: Statement = Statement::new(
    "device_grant.insert",
    "INSERT INTO device_grants
         (id, device_hash, user_code_mac, name_sealed, sealed_rev, created_at, expires_at)
     VALUES ($1, $2, $3, $4, 1, $5, $6)",
);

/// The unique index of `device_hash`.
const RENEW: Statement = Statement::new(
    "device_grant.renew",
    "UPDATE device_grants SET created_at = $2, expires_at = $3
     WHERE device_hash = $1 AND approved_at IS NULL AND denied_at IS NULL",
);

/// The unique index of `user_code_mac`.
const FIND_OPEN: Statement = Statement::new(
    "device_grant.find_open",
    "SELECT id, name_sealed, sealed_rev, created_at, expires_at FROM device_grants
     WHERE user_code_mac = $1 AND expires_at > $2 AND created_at <= $3
       AND approved_at IS NULL AND denied_at IS NULL",
);

/// The unique index of `device_hash`. A grant of somebody who was disabled since is none.
const FIND_BY_DEVICE: Statement = Statement::new(
    "device_grant.find_by_device",
    "SELECT g.id, g.name_sealed, g.sealed_rev, g.denied_at, g.user_id, g.workspace_id, g.approved_at,
            COALESCE(g.token_days, 90)
     FROM device_grants g LEFT JOIN people p ON p.id = g.user_id
     WHERE g.device_hash = $1 AND g.expires_at > $2 AND g.created_at <= $3
       AND g.collected_at IS NULL AND p.disabled_at IS NULL",
);

const FIND_MEMBERSHIP: Statement = Statement::new(
    "device_grant.find_membership",
    "SELECT member_id FROM memberships
     WHERE user_id = $1 AND workspace_id = $2 AND removed_at IS NULL",
);

const APPROVE: Statement = Statement::new(
    "device_grant.approve",
    "UPDATE device_grants SET approved_at = $2, user_id = $3, workspace_id = $4, token_days = $5
     WHERE id = $1 AND approved_at IS NULL AND denied_at IS NULL",
);

const DENY: Statement = Statement::new(
    "device_grant.deny",
    "UPDATE device_grants SET denied_at = $2
     WHERE id = $1 AND approved_at IS NULL AND denied_at IS NULL",
);

const COLLECT: Statement = Statement::new(
    "device_grant.collect",
    "UPDATE device_grants SET collected_at = $2
     WHERE id = $1 AND approved_at IS NOT NULL AND collected_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] =
    &[INSERT, RENEW, FIND_OPEN, FIND_BY_DEVICE, FIND_MEMBERSHIP, APPROVE, DENY, COLLECT];
