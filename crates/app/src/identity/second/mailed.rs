//! A code by mail as the second step: weak, since whoever reads the mailbox has it, and only after a
//! first factor that was not a mail itself.

use domain::ids::SecondStepId;
use store::Statement;
use vault::draw_code;

use super::{
    get_enrolled, notice,
    step::{Step, find_open},
};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        end_other_sessions, get_address, letters,
        lockout::{self, Guessed},
        notice::FactorChange,
        outbox::{self, LetterKind},
        person::index_of,
        policy::{MOST_MAILS_OF_ACCOUNT, QUOTA_SPAN_US},
        secret::codes_mac,
        session::{Origin, Second, Session, require_proven},
    },
};

/// Switches the second step by mail on or off; does nothing when it is so.
///
/// Errors: [`Error::NeedsProof`]. Audit: `factor.added` or `factor.removed`, `session.ended`.
pub fn set_mail_second(
    op: &mut DirectoryOp,
    session: &Session,
    is_wanted: bool,
    origin: &Origin,
) -> Result<(), Error> {
    require_proven(op, session)?;
    let user = session.user;
    if get_enrolled(op, user)?.has_mail == is_wanted {
        return Ok(());
    }
    let since = is_wanted.then_some(op.now_us());
    op.execute(&SET, &[user.into(), since.into()])?;
    end_other_sessions(op, user, session.id)?;
    let act = if is_wanted { Act::FactorAdded } else { Act::FactorRemoved };
    op.record_act(act, Some(user), &[("factor", Second::MailCode.as_str().into())])?;
    notice::changed(op, user, FactorChange::MailStep { is_on: is_wanted }, origin)
}

/// Mails another code to a browser that is asked for one; whether it was sent. The one before works no
/// longer.
///
/// Errors: [`Error::Store`]. Audit: none, nothing has happened yet.
pub fn mail_second_code(op: &mut DirectoryOp, cookie_hash: &[u8; 32]) -> Result<bool, Error> {
    let Some(step) = find_open(op, cookie_hash)? else { return Ok(false) };
    let enrolled = get_enrolled(op, step.user)?;
    if enrolled.has_strong() || !enrolled.has_mail {
        return Ok(false);
    }
    send(op, &step)
}

pub(super) fn send(op: &mut DirectoryOp, step: &Step) -> Result<bool, Error> {
    let account = index_of(op, step.user)?;
    // What no code is taken for gets none.
    if !step.is_known_device && lockout::is_off(op, account, Guessed::MailedCode)? {
        return Ok(false);
    }
    let since = op.now_us() - QUOTA_SPAN_US;
    // Known devices have mails of their own, so that strangers cannot use them up.
    let values = [step.user.into(), since.into(), step.is_known_device.into()];
    let mails: i64 = op.one(&SUM_MAILS, &values)?.get(0)?;
    if mails >= MOST_MAILS_OF_ACCOUNT {
        return Ok(false);
    }
    let code = draw_code(op.random());
    let mac = code_mac(op, step.id, code.expose())?;
    op.execute(&SET_CODE, &[step.id.into(), mac.into()])?;
    let letter = letters::second_code(&get_address(op, step.user)?, code.expose())?;
    outbox::enqueue(op, LetterKind::SignInCode, &letter)?;
    Ok(true)
}

/// Whether it is the code that was mailed for this step.
pub(super) fn is_code(op: &mut DirectoryOp, step: &Step, code: &str) -> Result<bool, Error> {
    // The hashes are keyed, so how far they agree tells nothing.
    Ok(Some(code_mac(op, step.id, code)?) == step.code_mac)
}

/// The keyed hash of a code, good for one step only.
fn code_mac(op: &mut DirectoryOp, step: SecondStepId, code: &str) -> Result<[u8; 32], Error> {
    codes_mac(op, "second-code", &[step.as_bytes().as_slice(), code.as_bytes()].concat())
}

const SET: Statement =
    Statement::new("second.set_mail", "UPDATE people SET second_mail_at = $2 WHERE id = $1");

const SET_CODE: Statement = Statement::new(
    "second.set_code",
    "UPDATE second_steps SET code_mac = $2, mails = mails + 1 WHERE id = $1",
);

/// Index `second_steps_user`.
const SUM_MAILS: Statement = Statement::new(
    "second.sum_mails",
    "SELECT CAST(COALESCE(SUM(mails), 0) AS BIGINT) FROM second_steps
     WHERE user_id = $1 AND created_at > $2 AND is_known_device = $3",
);

pub(super) const STATEMENTS: &[Statement] = &[SET, SET_CODE, SUM_MAILS];
