//! Try a code in the browser that asked for it.

use domain::{ids::UserId, text::EmailAddress};
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
        get_address,
        lockout::{self, Aim, Booked, Crossed, From, Guessed},
        notice::{Happening, LockedOut, tell_or_pretend},
        outbox,
        person::find_by_index,
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
    let tried = try_code(op, cookie_hash, typed, origin)?;
    super::open(op, tried, Method::MailCode, cookie_hash, origin)
}

/// Tries a code; a right one is used up.
///
/// What cannot be a code (a letter missing) costs no try. Where strangers have typed a hundred wrong ones,
/// none is looked at in browsers that are not known; the link that was mailed goes on working there.
///
/// Errors: [`Error::Store`]. Audit: `login.failed` when the attempt died of it.
pub fn try_code(
    op: &mut DirectoryOp,
    cookie_hash: &[u8; 32],
    typed: &str,
    origin: &Origin,
) -> Result<Tried, Error> {
    let Some(row) = op.optional(&FIND_OF_BROWSER, &[(*cookie_hash).into()])? else {
        return Ok(Tried::NotValid);
    };
    let attempt = Attempt::read(&row)?;
    if !attempt.is_open(op.now_us()) {
        attempt.bury_if_past(op)?;
        return Ok(Tried::NotValid);
    }
    if is_off(op, &attempt)? {
        return Ok(Tried::CodesOff);
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
        _ => count_wrong(op, &attempt, origin),
    }
}

/// Whether codes of this sort of browser are looked at no longer: the same for every address.
fn is_off(op: &mut DirectoryOp, attempt: &Attempt) -> Result<bool, Error> {
    let account = attempt.address_index;
    Ok(!attempt.is_known_device && lockout::is_off(op, account, Guessed::SignInCode)?)
}

/// Counts one of the hundred; whether it was the last.
fn count_stranger(op: &mut DirectoryOp, attempt: &Attempt) -> Result<bool, Error> {
    if attempt.is_known_device {
        return Ok(false);
    }
    let (account, from) = (attempt.address_index, From::Unknown(attempt.cookie_hash));
    let booked = lockout::book(op, Aim { account, guessed: Guessed::SignInCode, from })?;
    Ok(matches!(booked, Booked::Taken { crossed: Some(Crossed::Off), .. }))
}

fn count_wrong(op: &mut DirectoryOp, attempt: &Attempt, origin: &Origin) -> Result<Tried, Error> {
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
    op.note_refusal("code.wrong", None);
    let is_last = count_stranger(op, attempt)?;
    if is_last || of_account >= MOST_WRONG_CODES_OF_ACCOUNT {
        tell_lockout(op, attempt, is_last, origin)?;
    }
    let left = (MOST_WRONG_CODES - wrong).min(MOST_WRONG_CODES_OF_ACCOUNT - of_account);
    if left > 0 {
        return Ok(if is_last { Tried::CodesOff } else { Tried::Wrong { left } });
    }
    let facts = [("wrong_codes", wrong.into()), ("wrong_codes_of_account", of_account.into())];
    let owner = find_owner(op, attempt)?;
    op.record_act(Act::LoginFailed, owner, &facts)?;
    Ok(Tried::NotValid)
}

/// Who has the address now. Whom a right code stands for may be another: who asked for the address, or
/// nobody.
fn find_owner(op: &mut DirectoryOp, attempt: &Attempt) -> Result<Option<UserId>, Error> {
    let found = find_by_index(op, attempt.address_index)?;
    Ok(found.filter(|person| person.disabled_at.is_none()).map(|person| person.user))
}

/// Tells whoever has the address that guesses were stopped, once an hour at most; does the same work where
/// nobody has it.
fn tell_lockout(
    op: &mut DirectoryOp,
    attempt: &Attempt,
    is_last: bool,
    origin: &Origin,
) -> Result<(), Error> {
    let (kind, crossed) = match (is_last, attempt.is_known_device) {
        (true, _) => ("sign-in-code-off", Crossed::Off),
        (false, true) => ("sign-in-code-told-known", Crossed::Device),
        (false, false) => ("sign-in-code-told", Crossed::Waits),
    };
    if lockout::book_hour(op, attempt.address_index, kind, 1)?.is_some() {
        return Ok(());
    }
    let owner = find_owner(op, attempt)?;
    let to = match owner {
        Some(user) => get_address(op, user)?,
        None => EmailAddress::parse(outbox::NOBODY).map_err(|_| Error::bug("nobody's address"))?,
    };
    let happening = Happening::LockedOut(LockedOut::Codes(crossed));
    tell_or_pretend(op, owner, &to, &happening, origin)
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
