//! Resets of second factors whose day is over: carried out, or dropped where the owner who asked for one
//! could ask for it no longer. Which of the two is the act's ([`crate::App::run_due_resets`]), since the
//! workspaces say who owns them.

use domain::ids::{FactorResetId, UserId};
use store::{Row, Statement};

use super::{
    authenticator, guess, recovery,
    reset::{delete_links, kill_steps},
};
use crate::{
    DirectoryOp, Error,
    identity::{
        act::Act,
        end_all_sessions,
        known_device::end_marks,
        notice::{Happening, ResetStep, tell},
        passkey,
        session::Origin,
    },
};

/// A reset whose day is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DueReset {
    id: FactorResetId,
    /// Whose.
    pub(crate) user: UserId,
    /// The owner who asked for it; nobody where it is the operator's.
    pub(crate) asked_by: Option<UserId>,
}

/// Resets whose day is over.
///
/// Errors: [`Error::Store`].
pub(crate) fn list_due_resets(op: &mut DirectoryOp) -> Result<Vec<DueReset>, Error> {
    let read =
        |row: &Row| Ok(DueReset { id: row.get(0)?, user: row.get(1)?, asked_by: row.get(2)? });
    let now = op.now_us();
    op.query(&LIST_DUE, &[now.into()])?.iter().map(read).collect()
}

/// Takes the factors away, and ends all sessions and the marks of known browsers; does nothing where it was stopped or done meanwhile.
///
/// Errors: [`Error::Store`]. Audit: `factor_reset.done`, `session.ended`.
pub(crate) fn carry_out(op: &mut DirectoryOp, due: DueReset, origin: &Origin) -> Result<(), Error> {
    let DueReset { id, user, .. } = due;
    if op.execute(&FINISH, &[id.into(), op.now_us().into()])? == 0 {
        return Ok(());
    }
    delete_links(op, id)?;
    authenticator::delete_all(op, user)?;
    passkey::delete_all(op, user)?;
    recovery::delete(op, user)?;
    guess::forget(op, user)?;
    op.execute(&FORGET_MAIL, &[user.into()])?;
    kill_steps(op, user)?;
    end_all_sessions(op, user)?;
    end_marks(op, user)?;
    tell(op, user, &Happening::Reset(ResetStep::Done), origin)?;
    op.record_act(Act::ResetDone, Some(user), &[("reset", id.uuid().into())])
}

/// Drops one that this owner could ask for no longer; does nothing where it was stopped meanwhile, or is the
/// operator's by now.
///
/// Errors: [`Error::Store`]. Audit: `factor_reset.dropped`.
pub(crate) fn drop_due(
    op: &mut DirectoryOp,
    due: DueReset,
    asked_by: UserId,
    origin: &Origin,
) -> Result<(), Error> {
    let DueReset { id, user, .. } = due;
    if op.execute(&DROP, &[id.into(), op.now_us().into(), asked_by.into()])? == 0 {
        return Ok(());
    }
    delete_links(op, id)?;
    tell(op, user, &Happening::Reset(ResetStep::Dropped), origin)?;
    let facts = [("reset", id.uuid().into()), ("asked_by", asked_by.uuid().into())];
    op.record_act(Act::ResetDropped, Some(user), &facts)
}

/// Index `factor_resets_one_open`.
const LIST_DUE: Statement = Statement::new(
    "reset.list_due",
    "SELECT id, user_id, asked_by FROM factor_resets
     WHERE due_at <= $1 AND stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL
     ORDER BY due_at, id",
);

const FINISH: Statement = Statement::new(
    "reset.finish",
    "UPDATE factor_resets SET done_at = $2
     WHERE id = $1 AND due_at <= $2
       AND stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL",
);

const DROP: Statement = Statement::new(
    "reset.drop",
    "UPDATE factor_resets SET dropped_at = $2
     WHERE id = $1 AND asked_by = $3
       AND stopped_at IS NULL AND done_at IS NULL AND dropped_at IS NULL",
);

const FORGET_MAIL: Statement =
    Statement::new("reset.forget_mail", "UPDATE people SET second_mail_at = NULL WHERE id = $1");

pub(super) const STATEMENTS: &[Statement] = &[LIST_DUE, FINISH, DROP, FORGET_MAIL];
