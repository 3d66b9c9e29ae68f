//! Try a code in the browser that asked for it.

use store::Statement;
use vault::canonical_code;

use super::{
    SignIn, Tried,
    attempt::{Attempt, select_attempt},
    request::code_mac,
};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        policy::{MOST_WRONG_CODES, MOST_WRONG_CODES_OF_ACCOUNT, QUOTA_SPAN_US},
        session::{Method, Origin},
    },
};

/// Tries a code and goes on when it is right ([`enter`](super::enter)), all in one transaction.
///
/// `cookie_hash` is that of the browser's login cookie, `typed` what the person typed.
///
/// Errors: [`Error::Store`]; a wrong code is an answer, so that its count is kept.
/// Audit: `session.opened`; `login.failed` when the attempt died of it.
pub fn sign_in_with_code(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    typed: &str,
    origin: &Origin,
) -> Result<SignIn, Error> {
    let tried = try_code(op, cookie_hash, typed)?;
    super::open(op, tried, Method::MailCode, cookie_hash, origin)
}

/// Tries a code; a right one is used up.
///
/// What cannot be a code (a letter missing) costs no try.
///
/// Errors: [`Error::Store`]. Audit: `login.failed` when the attempt died of it.
pub fn try_code(op: &mut DirectoryOp, cookie_hash: &[u8; 32], typed: &str) -> Result<Tried, Error> {
    let Some(row) = op.optional(&FIND_OF_BROWSER, &[(*cookie_hash).into()])? else {
        return Ok(Tried::NotValid);
    };
    let attempt = Attempt::read(&row)?;
    if !attempt.is_open(op.now_us()) {
        attempt.bury_if_past(op)?;
        return Ok(Tried::NotValid);
    }
    let Some(code) = canonical_code(typed) else {
        let left = MOST_WRONG_CODES - attempt.wrong_codes;
        return Ok(Tried::Wrong { left });
    };
    let mac = code_mac(op, attempt.id, code.expose())?;
    // The hashes are keyed, so how far they agree tells nothing.
    match attempt.user {
        Some(user) if mac == attempt.code_mac => {
            if attempt.use_up(op, user)? {
                let Attempt { remember, address_index, .. } = attempt;
                Ok(Tried::Passed { user, remember, address_index })
            } else {
                Ok(Tried::NotValid)
            }
        }
        _ => count_wrong(op, &attempt),
    }
}

fn count_wrong(op: &mut DirectoryOp, attempt: &Attempt) -> Result<Tried, Error> {
    let wrong = attempt.wrong_codes + 1;
    let now = op.now_us();
    let dead_at = (wrong >= MOST_WRONG_CODES).then_some(now);
    op.execute(&COUNT_WRONG, &[attempt.id.into(), wrong.into(), dead_at.into()])?;
    let account = [
        attempt.address_index.into(),
        attempt.is_known_device.into(),
        (now - QUOTA_SPAN_US).into(),
    ];
    let of_account: i64 = op.one(&SUM_WRONG, &account)?.get(0)?;
    if of_account >= MOST_WRONG_CODES_OF_ACCOUNT {
        let values = [attempt.address_index.into(), attempt.is_known_device.into(), now.into()];
        op.execute(&KILL_OF_ACCOUNT, &values)?;
    }
    let left = (MOST_WRONG_CODES - wrong).min(MOST_WRONG_CODES_OF_ACCOUNT - of_account);
    if left > 0 {
        return Ok(Tried::Wrong { left });
    }
    let facts = [("wrong_codes", wrong.into()), ("wrong_codes_of_account", of_account.into())];
    op.record_act(Act::LoginFailed, attempt.user, &facts)?;
    Ok(Tried::NotValid)
}

/// The unique index `login_attempts_one_open`: one row at most.
const FIND_OF_BROWSER: Statement = Statement::new(
    "sign_in.find_of_browser",
    select_attempt!("WHERE cookie_hash = $1 AND used_at IS NULL AND dead_at IS NULL"),
);

const COUNT_WRONG: Statement = Statement::new(
    "sign_in.count_wrong",
    "UPDATE login_attempts SET wrong_codes = $2, dead_at = $3
     WHERE id = $1 AND used_at IS NULL AND dead_at IS NULL",
);

/// Index `login_attempts_address`.
const SUM_WRONG: Statement = Statement::new(
    "sign_in.sum_wrong",
    "SELECT CAST(COALESCE(SUM(wrong_codes), 0) AS BIGINT) FROM login_attempts
     WHERE address_index = $1 AND is_known_device = $2 AND created_at > $3",
);

/// Index `login_attempts_address`.
const KILL_OF_ACCOUNT: Statement = Statement::new(
    "sign_in.kill_of_account",
    "UPDATE login_attempts SET dead_at = $3
     WHERE address_index = $1 AND is_known_device = $2 AND used_at IS NULL AND dead_at IS NULL",
);

pub(super) const STATEMENTS: &[Statement] =
    &[FIND_OF_BROWSER, COUNT_WRONG, SUM_WRONG, KILL_OF_ACCOUNT];
