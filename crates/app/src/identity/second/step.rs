//! The step between the first factor and the session.

use domain::ids::SecondStepId;
use store::Statement;

use crate::{
    DirectoryOp, Error,
    identity::{policy::CODE_LIFE_US, sign_in::Passed},
};

/// Writes that a browser has shown the first factor. The newest step of a browser replaces the older
/// ones.
///
/// Errors: [`Error::Store`]. Audit: none, nobody is in yet.
pub(in crate::identity) fn begin_step(op: &mut DirectoryOp, passed: &Passed) -> Result<(), Error> {
    let now = op.now_us();
    op.execute(&REPLACE_OLDER, &[passed.cookie_hash.into(), now.into()])?;
    let id: SecondStepId = op.new_id();
    let values = [
        id.into(),
        passed.cookie_hash.into(),
        passed.user.into(),
        passed.method.as_str().into(),
        passed.remember.into(),
        now.into(),
        (now + CODE_LIFE_US).into(),
    ];
    op.execute(&INSERT, &values)?;
    Ok(())
}

/// The index `second_steps_one_open` allows one open step for each browser.
const REPLACE_OLDER: Statement = Statement::new(
    "second.replace_older",
    "UPDATE second_steps SET dead_at = $2
     WHERE cookie_hash = $1 AND used_at IS NULL AND dead_at IS NULL",
);

const INSERT: Statement = Statement::new(
    "second.insert_step",
    "INSERT INTO second_steps
         (id, cookie_hash, user_id, first_factor, remember, created_at, expires_at,
          mails, is_known_device, wrong_codes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, 0)",
);

pub(super) const STATEMENTS: &[Statement] = &[REPLACE_OLDER, INSERT];
